package github

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// When an owner grants the App more, a token of an hour ago does not know it.
func TestAForgottenOwnerIsAskedForAnew(t *testing.T) {
	const find, post, repo = "GET /repos/acme/hello-yard/installation", "POST /app/installations/5/access_tokens", "GET /repos/acme/hello-yard"
	for _, test := range []struct {
		name   string
		fixed  int64
		forget string
		asked  []string
	}{
		{"an owner", 0, "Acme", []string{find, post, repo}},
		{"with a configured installation", 5, "acme", []string{post, repo}},
		{"another owner", 0, "other", []string{repo}},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := &host{found: "/repos/acme/hello-yard/installation"}
			c := newAppClient(t, h, test.fixed)
			description(t, c)
			h.take()
			c.Forget(test.forget)
			description(t, c)
			if diff := cmp.Diff(test.asked, h.take()); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
		})
	}
	newClient(t, Config{Token: "x"}).Forget("acme") // a token is nothing to forget
}
