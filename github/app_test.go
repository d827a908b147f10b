package github

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"

	"github.com/pluginyard/pluginyard/registry"
)

var appKey = sync.OnceValues(func() (*rsa.PrivateKey, Secret) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key, Secret(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
})

// host is GitHub as an app sees it: acme has installed it as 5.
type host struct {
	t *testing.T

	mu        sync.Mutex
	asked     []string
	tokens    int
	unchanged int
	refuse    int           // status of requests for a token; 0 gives one
	repo      int           // status of requests for the repository; 0 is 200
	takes     time.Duration // to give a token
	found     string        // the path that knows the installation
	lastAuth  string
}

func (h *host) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method == http.MethodPost {
		time.Sleep(h.takes)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked = append(h.asked, req.Method+" "+req.URL.Path)
	auth := strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer ")
	switch path := req.URL.Path; {
	case strings.HasSuffix(path, "/installation"):
		h.checkJWT(auth)
		if path == h.found {
			return reply(req, 200, `{"id":5,"app_id":1}`), nil
		}
		return reply(req, 404, `{}`), nil
	case path == "/app/installations/5/access_tokens":
		h.checkJWT(auth)
		if h.refuse != 0 {
			return reply(req, h.refuse, `{}`), nil
		}
		var ask struct{ Permissions map[string]string }
		if err := json.NewDecoder(req.Body).Decode(&ask); err != nil || ask.Permissions["contents"] != "read" {
			h.t.Errorf("asked for %v, error %v", ask, err)
		}
		h.tokens++
		return reply(req, 201, fmt.Sprintf(`{"token":"ghs_%d","expires_at":%q}`, h.tokens, time.Now().Add(time.Hour).UTC().Format(time.RFC3339))), nil
	case path == "/repos/acme/hello-yard" || path == "/repos/acme/other":
		h.lastAuth = auth
		if h.repo != 0 {
			return reply(req, h.repo, `{}`), nil
		}
		if req.Header.Get("If-None-Match") != "" {
			h.unchanged++
			return reply(req, 304, ``), nil
		}
		return reply(req, 200, repositoryJSON, "ETag", `"x"`), nil
	}
	return reply(req, 404, `{}`), nil
}

func (h *host) checkJWT(signed string) {
	key, _ := appKey()
	claims := &jwt.RegisteredClaims{}
	_, err := jwt.ParseWithClaims(signed, claims, func(*jwt.Token) (any, error) { return &key.PublicKey, nil },
		jwt.WithValidMethods([]string{"RS256"}), jwt.WithIssuer("Iv1.1"), jwt.WithIssuedAt(), jwt.WithExpirationRequired())
	if err != nil {
		h.t.Errorf("the app's JWT: %v", err)
		return
	}
	if ahead := time.Since(claims.IssuedAt.Time); ahead < jwtBackdate {
		h.t.Errorf("the app's JWT was issued %s ago", ahead)
	}
	if life := claims.ExpiresAt.Sub(claims.IssuedAt.Time); life > 10*time.Minute {
		h.t.Errorf("the app's JWT lives %s", life)
	}
}

// take returns what was asked since the last time.
func (h *host) take() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	asked := h.asked
	h.asked = nil
	return asked
}

func newAppClient(t *testing.T, h *host, installation int64) *Client {
	_, key := appKey()
	h.t = t
	return newClient(t, Config{App: &App{ID: "Iv1.1", Installation: installation, PrivateKey: key}, Transport: h})
}

func TestAppFindsItsInstallationOnce(t *testing.T) {
	const post, repo = "POST /app/installations/5/access_tokens", "GET /repos/acme/hello-yard"
	tests := []struct {
		name  string
		fixed int64
		found string
		asked []string
	}{
		{"configured", 5, "", []string{post, repo}},
		{"of the repository", 0, "/repos/acme/hello-yard/installation",
			[]string{"GET /repos/acme/hello-yard/installation", post, repo}},
		{"of the organization", 0, "/orgs/acme/installation",
			[]string{"GET /repos/acme/hello-yard/installation", "GET /orgs/acme/installation", post, repo}},
		{"of the person", 0, "/users/acme/installation",
			[]string{"GET /repos/acme/hello-yard/installation", "GET /orgs/acme/installation", "GET /users/acme/installation", post, repo}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h := &host{found: test.found}
			c := newAppClient(t, h, test.fixed)
			description(t, c)
			if diff := cmp.Diff(test.asked, h.take()); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
			description(t, c)
			if _, err := c.Repository(t.Context(), registry.Repo{Owner: "acme", Name: "other"}); err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff([]string{repo, "GET /repos/acme/other"}, h.take()); diff != "" {
				t.Errorf("asked afterwards (-want +got):\n%s", diff)
			}
			if h.lastAuth != "ghs_1" {
				t.Errorf("asked with %q", h.lastAuth)
			}
		})
	}
}

func TestAppThatIsNotInstalled(t *testing.T) {
	h := &host{}
	_, err := newAppClient(t, h, 0).Repository(t.Context(), yard)
	checkKind(t, err)
	if !errors.Is(err, registry.ErrCredentials) || !strings.Contains(err.Error(), "acme") {
		t.Errorf("error is %v, want %v", err, registry.ErrCredentials)
	}
}

func TestInstallationThatIsGoneIsLookedUpAgain(t *testing.T) {
	for _, status := range []int{403, 404, 422} {
		h := &host{found: "/orgs/acme/installation", refuse: status}
		c := newAppClient(t, h, 0)
		_, err := c.Repository(t.Context(), yard)
		checkKind(t, err)
		if !errors.Is(err, registry.ErrCredentials) {
			t.Errorf("%d: error is %v, want %v", status, err, registry.ErrCredentials)
		}
		h.refuse = 0
		description(t, c)
	}
}

func TestRefusedTokenIsReplaced(t *testing.T) {
	h := &host{}
	c := newAppClient(t, h, 5)
	description(t, c)
	h.repo = 401
	if _, err := c.Repository(t.Context(), yard); !errors.Is(err, registry.ErrCredentials) {
		t.Errorf("error is %v, want %v", err, registry.ErrCredentials)
	}
	h.repo = 0
	description(t, c)
	if h.lastAuth != "ghs_2" {
		t.Errorf("asked with %q", h.lastAuth)
	}
}

func TestTokenIsRenewedOnceBeforeItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &host{takes: time.Second}
		c := newAppClient(t, h, 5)
		askMany := func() {
			var wg sync.WaitGroup
			for range 3 * MaxRequests {
				wg.Go(func() {
					if _, err := c.Repository(t.Context(), yard); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
		}
		for _, step := range []struct {
			wait   time.Duration
			tokens int
		}{{0, 1}, {54 * time.Minute, 1}, {2 * time.Minute, 2}, {time.Minute, 2}, {2 * time.Hour, 3}} {
			time.Sleep(step.wait)
			askMany()
			if h.tokens != step.tokens {
				t.Errorf("after %s more: %d tokens, want %d", step.wait, h.tokens, step.tokens)
			}
		}
	})
}

func TestTokenServesToItsEndWhenItCannotBeRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &host{}
		c := newAppClient(t, h, 5)
		description(t, c)
		h.refuse = 500
		time.Sleep(57 * time.Minute)
		description(t, c)
		time.Sleep(4 * time.Minute)
		if _, err := c.Repository(t.Context(), yard); !errors.Is(err, registry.ErrUnavailable) {
			t.Errorf("error is %v, want %v", err, registry.ErrUnavailable)
		}
	})
}

func TestWhoeverWaitsForATokenCanGiveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &host{takes: time.Minute}
		c := newAppClient(t, h, 5)
		go c.Repository(t.Context(), yard)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, err := c.Repository(ctx, yard)
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, registry.ErrUnavailable) || time.Since(start) != time.Second {
			t.Errorf("%v after %s", err, time.Since(start))
		}
		time.Sleep(time.Hour)
	})
}

func TestAnswersOutliveAToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &host{}
		c := newAppClient(t, h, 5)
		description(t, c)
		time.Sleep(2 * time.Hour)
		description(t, c)
		if h.tokens != 2 || h.unchanged != 1 {
			t.Errorf("%d tokens, %d answers 304; want 2 and 1", h.tokens, h.unchanged)
		}
	})
}
