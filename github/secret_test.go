package github

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/pluginyard/pluginyard/registry"
)

func TestSecretsDoNotShow(t *testing.T) {
	log := &logBuffer{}
	s := Secret(planted)
	encoded, err := json.Marshal(map[string]any{"s": s, "p": &s, "app": App{PrivateKey: s}})
	if err != nil {
		t.Fatal(err)
	}
	log.logger().Info("x", "secret", s, "config", Config{Token: s, App: &App{PrivateKey: s}})
	c := newClient(t, Config{Token: s})
	texts := []string{string(encoded), log.String(), s.GoString()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%20.3s"} {
		texts = append(texts, fmt.Sprintf(verb, s), fmt.Sprintf(verb, &s), fmt.Sprintf(verb, Config{Token: s}),
			fmt.Sprintf(verb, &App{PrivateKey: s}), fmt.Sprintf(verb, c), fmt.Sprintf(verb, *c))
	}
	for _, text := range texts {
		if strings.Contains(text, planted) || strings.Contains(text, fmt.Sprintf("%x", planted)) {
			t.Errorf("the secret shows: %s", text)
		}
	}
	if fmt.Sprint(Secret("")) != "" || fmt.Sprint(s) != mask {
		t.Errorf("prints as %q and %q", fmt.Sprint(Secret("")), fmt.Sprint(s))
	}
}

// An upstream that repeats the credentials it got, in every way it can.
func TestSecretsThatComeBackDoNotShow(t *testing.T) {
	for _, status := range []int{200, 202, 301, 400, 401, 403, 404, 422, 429, 500} {
		f := newFake(t)
		f.handle("/", func(w http.ResponseWriter, r *http.Request) {
			auth := r.Header.Get("Authorization")
			if !strings.Contains(auth, planted) {
				t.Errorf("asked with %q", auth)
			}
			w.Header().Set("X-Echo", auth)
			w.Header().Set("Location", "gopher://example.com/?"+auth)
			w.WriteHeader(status)
			fmt.Fprintf(w, `{"message":"you sent %s","documentation_url":%q`, auth, auth)
			if status != 200 {
				fmt.Fprint(w, "}")
			}
		})
		log := &logBuffer{}
		c := newClient(t, Config{APIURL: f.URL, Token: planted + "\n", Log: log.logger()})
		_, err := c.Repository(t.Context(), yard)
		err = errors.Join(err, c.Archive(t.Context(), yard, "main", &strings.Builder{}))
		if err == nil || log.String() == "" {
			t.Errorf("%d: error is %v, log is %q", status, err, log)
		}
		if text := fmt.Sprintf("%v %+v %#v %s", err, err, err, log); strings.Contains(text, planted) {
			t.Errorf("%d: the secret shows: %s", status, text)
		}
	}
}

func TestNew(t *testing.T) {
	_, key := appKey()
	tests := []struct {
		name string
		cfg  Config
		base string // "" is an error
	}{
		{"nothing is github.com", Config{}, "https://api.github.com/"},
		{"Enterprise", Config{APIURL: "https://ghe.example.com/api/v3"}, "https://ghe.example.com/api/v3/"},
		{"Enterprise with a slash", Config{APIURL: "https://ghe.example.com/api/v3/"}, "https://ghe.example.com/api/v3/"},
		{"an emulator", Config{APIURL: "http://127.0.0.1:1234"}, "http://127.0.0.1:1234/"},
		{"an app", Config{App: &App{ID: "1", PrivateKey: key}}, "https://api.github.com/"},
		{"a token that ends with a line feed", Config{Token: "x\n"}, "https://api.github.com/"},
		{"no address", Config{APIURL: "api.github.com"}, ""},
		{"not http", Config{APIURL: "ftp://example.com/"}, ""},
		{"a query", Config{APIURL: "https://example.com/?x=" + planted}, ""},
		{"credentials in the address", Config{APIURL: "https://me:" + planted + "@example.com/"}, ""},
		{"nonsense with credentials in the address", Config{APIURL: "https://me:" + planted + "@exa mple.com:x/"}, ""},
		{"a token of two lines", Config{Token: planted + "\nX-Evil: 1"}, ""},
		{"a token beside an app", Config{Token: planted, App: &App{ID: "1", PrivateKey: key}}, ""},
		{"an app without an id", Config{App: &App{PrivateKey: key}}, ""},
		{"an app with a negative installation", Config{App: &App{ID: "1", Installation: -1, PrivateKey: key}}, ""},
		{"an app with a key that is none", Config{App: &App{ID: "1", PrivateKey: planted}}, ""},
		{"an app with a key whose content is none", Config{App: &App{ID: "1", PrivateKey: Secret("-----BEGIN RSA PRIVATE KEY-----\n" + planted[:40] + "\n-----END RSA PRIVATE KEY-----\n")}}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, err := New(test.cfg)
			if test.base == "" {
				checkKind(t, err)
				if !errors.Is(err, registry.ErrInvalid) || c != nil {
					t.Errorf("error is %v, want %v", err, registry.ErrInvalid)
				}
				if strings.Contains(fmt.Sprint(err), planted[:30]) {
					t.Errorf("the secret shows: %v", err)
				}
				return
			}
			if err != nil || c.base.String() != test.base {
				t.Errorf("%v, error %v; want %s", c, err, test.base)
			}
		})
	}
}
