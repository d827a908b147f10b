package githubtest_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pluginyard/pluginyard/github/githubtest"
)

// jwt makes a JSON web token; without a key its signature is a guess.
func jwt(t *testing.T, key *rsa.PrivateKey, header, claims string) string {
	t.Helper()
	encode := base64.RawURLEncoding.EncodeToString
	text := encode([]byte(header)) + "." + encode([]byte(claims))
	signature := []byte("guess")
	if key != nil {
		digest := sha256.Sum256([]byte(text))
		var err error
		if signature, err = rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:]); err != nil {
			t.Fatal(err)
		}
	}
	return "Authorization: Bearer " + text + "." + encode(signature)
}

func TestAppTokens(t *testing.T) {
	w := newWorld(t)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	w.App(7, &key.PublicKey)
	now := time.Unix(1_700_000_000, 0)
	w.Clock(func() time.Time { return now })
	const rs256 = `{"alg":"RS256","typ":"JWT"}`
	claims := func(iat, exp int, iss string) string {
		return fmt.Sprintf(`{"iat":%d,"exp":%d,"iss":%s}`, now.Unix()+int64(iat), now.Unix()+int64(exp), iss)
	}
	good := jwt(t, key, rs256, claims(-60, 540, `"7"`))
	tests := []struct {
		name, auth string
		want       int
		holds      string
	}{
		{"a good one", good, 200, `"app_id":7`},
		{"an issuer as a number", jwt(t, key, rs256, claims(-60, 540, "7")), 200, ""},
		{"another App", jwt(t, key, rs256, claims(-60, 540, `"8"`)), 404, "Integration not found"},
		{"a wrong signature", jwt(t, nil, rs256, claims(-60, 540, `"7"`)), 401, "could not be decoded"},
		{"another algorithm", jwt(t, key, `{"alg":"HS256"}`, claims(-60, 540, `"7"`)), 401, "could not be decoded"},
		{"expired", jwt(t, key, rs256, claims(-600, -1, `"7"`)), 401, "('exp') must be"},
		{"too long", jwt(t, key, rs256, claims(-60, 3600, `"7"`)), 401, "too far in the future"},
		{"from the future", jwt(t, key, rs256, claims(300, 540, `"7"`)), 401, "('iat')"},
		{"no token at all", "X: y", 401, "could not be decoded"},
		{"a plain token", auth, 401, "could not be decoded"},
	}
	for _, test := range tests {
		res := w.get(t, "/repos/acme/secret/installation", test.auth)
		if strings.HasPrefix(test.name, "no token") {
			res = w.get(t, "/repos/acme/hello-yard/installation", test.auth)
		}
		if res.StatusCode != test.want || !strings.Contains(res.body, test.holds) {
			t.Errorf("%s: %d, want %d\n%s", test.name, res.StatusCode, test.want, res.body)
		}
	}
	if got := w.get(t, "/repos/acme/hello-yard", good).StatusCode; got != 401 {
		t.Errorf("an App reading without an installation's token: %d, want 401", got)
	}

	install := decode[struct {
		Tokens string `json:"access_tokens_url"`
	}](t, w.get(t, "/repos/acme/secret/installation", good))
	issue := func(body string) (response, string) {
		res := w.do(t, http.MethodPost, install.Tokens, body, good)
		return res, "Authorization: Bearer " + decode[struct{ Token string }](t, res).Token
	}
	res, all := issue("")
	if res.StatusCode != 201 || !strings.Contains(all, "ghs_") || !strings.Contains(res.body, `"expires_at":"2023-11-14T23:13:20Z"`) {
		t.Fatalf("token: %d\n%s", res.StatusCode, res.body)
	}
	_, one := issue(`{"repositories":["hello-yard"]}`)
	if all == one {
		t.Error("two tokens are the same")
	}
	if got := w.get(t, "/repos/acme/secret", all).StatusCode; got != 200 {
		t.Errorf("a private repository with the installation's token: %d", got)
	}
	if got := w.get(t, "/repos/acme/secret", one).StatusCode; got != 404 {
		t.Errorf("a private repository with another's token: %d", got)
	}
	if got := len(decode[[]release](t, w.get(t, "/repos/acme/hello-yard/releases", all))); got != 3 {
		t.Errorf("%d releases with a token that may only read, want 3 without the draft", got)
	}
	for body, want := range map[string]int{
		`{"repositories":["nothing"]}`: 422, `{"repository_ids":[1]}`: 422, `{`: 400,
		`{"repositories":["a"` + strings.Repeat(`,"a"`, 500) + `]}`: 422,
	} {
		if res, _ := issue(body); res.StatusCode != want {
			t.Errorf("token for %.40s: %d, want %d", body, res.StatusCode, want)
		}
	}
	now = now.Add(time.Hour)
	if got := w.get(t, "/repos/acme/hello-yard", all).StatusCode; got != 401 {
		t.Errorf("an expired token: %d, want 401", got)
	}
}

func TestWithoutRequireTokenAnyTokenIsAStrangers(t *testing.T) {
	g := githubtest.New()
	g.AddRepo(githubtest.Repo{Owner: "acme", Name: "open"})
	g.AddRepo(githubtest.Repo{Owner: "acme", Name: "closed", Private: true})
	w := serve(t, g)
	for path, want := range map[string]int{"/repos/acme/open": 200, "/repos/acme/closed": 404} {
		if got := w.get(t, path, auth).StatusCode; got != want {
			t.Errorf("GET %s: %d, want %d", path, got, want)
		}
	}
}
