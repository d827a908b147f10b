package github

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/pluginyard/pluginyard/registry"
)

// App is a GitHub App. It needs the repository permissions metadata and
// contents, both for reading.
type App struct {
	ID           string // the app's id or client id
	Installation int64  // default 0: found for each owner
	PrivateKey   Secret // PEM, PKCS #1 as GitHub gives it or PKCS #8
}

// Times of GitHub's app authentication.
const (
	// jwtBackdate makes up for a clock that is ahead, as GitHub advises.
	jwtBackdate = 60 * time.Second
	// jwtLife is counted from now; with the backdate it stays below the ten
	// minutes that GitHub allows.
	jwtLife = 8 * time.Minute
	// renewBefore is how long before its end a token, which lives an hour, is
	// replaced: longer than any request that begins with it.
	renewBefore = 5 * time.Minute
)

// app gives out the installations of one GitHub App.
type app struct {
	id     string
	key    *rsa.PrivateKey
	fixed  int64 // the only installation; 0 if they are looked up
	now    func() time.Time
	client *Client // set once by New, before any use

	lookup chan struct{} // holds one token while an owner is looked up

	mu            sync.Mutex // guards both maps, never held over a request
	owners        map[string]int64
	installations map[int64]*installation
}

func newApp(cfg App, now func() time.Time) (*app, error) {
	if strings.TrimSpace(cfg.ID) == "" {
		return nil, invalid("github: the app has no id; copy it from the app's settings page", nil)
	}
	if cfg.Installation < 0 {
		return nil, invalid("github: the app's installation must be a positive number, or left out", nil)
	}
	key, err := jwt.ParseRSAPrivateKeyFromPEM([]byte(cfg.PrivateKey))
	if err != nil {
		// The cause is not told: it may quote the key.
		return nil, invalid("github: the app's private_key is no RSA key in PEM form; download it from the app's settings page", nil)
	}
	return &app{
		id: strings.TrimSpace(cfg.ID), key: key, fixed: cfg.Installation, now: now,
		lookup:        make(chan struct{}, 1),
		owners:        make(map[string]int64),
		installations: make(map[int64]*installation),
	}, nil
}

// The app itself is the credential of requests about its installations.

func (a *app) identity() string { return "app " + a.id }
func (a *app) name() string     { return "app " + a.id }
func (a *app) refused(Secret)   {}

func (a *app) secret(context.Context) (Secret, error) {
	now := a.now()
	signed, err := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.RegisteredClaims{
		Issuer:    a.id,
		IssuedAt:  jwt.NewNumericDate(now.Add(-jwtBackdate)),
		ExpiresAt: jwt.NewNumericDate(now.Add(jwtLife)),
	}).SignedString(a.key)
	if err != nil {
		return "", invalid("github: signing with the app's private_key failed", err)
	}
	return Secret(signed), nil
}

// installation is the app's installation that may read a repository; without a
// name, that of the owner.
func (a *app) installation(ctx context.Context, repo registry.Repo) (*installation, error) {
	if a.fixed != 0 {
		return a.byID(a.fixed), nil
	}
	owner := strings.ToLower(repo.Owner)
	if id, ok := a.known(owner); ok {
		return a.byID(id), nil
	}
	// One at a time: at start a hundred repositories of one owner ask at once.
	select {
	case a.lookup <- struct{}{}:
		defer func() { <-a.lookup }()
	case <-ctx.Done():
		return nil, fail(installationOf(repo), ctx.Err())
	}
	if id, ok := a.known(owner); ok {
		return a.byID(id), nil
	}
	id, err := a.find(ctx, repo)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	a.owners[owner] = id
	a.mu.Unlock()
	return a.byID(id), nil
}

func (a *app) known(owner string) (int64, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	id, ok := a.owners[owner]
	return id, ok
}

func (a *app) byID(id int64) *installation {
	a.mu.Lock()
	defer a.mu.Unlock()
	in := a.installations[id]
	if in == nil {
		in = &installation{app: a, id: id, renewal: make(chan struct{}, 1)}
		a.installations[id] = in
	}
	return in
}

// forget drops an installation that no longer exists.
func (a *app) forget(id int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.installations, id)
	for owner, other := range a.owners {
		if other == id {
			delete(a.owners, owner)
		}
	}
}

// find asks GitHub which installation to use. The repository's own comes
// first; the owner's still reads the public repositories that were not chosen
// when the app was installed.
func (a *app) find(ctx context.Context, repo registry.Repo) (int64, error) {
	paths := []string{
		"repos/" + repo.String() + "/installation",
		"orgs/" + repo.Owner + "/installation",
		"users/" + repo.Owner + "/installation",
	}
	if repo.Name == "" {
		paths = paths[1:]
	}
	for _, path := range paths {
		var got struct {
			ID int64 `json:"id"`
		}
		_, err := a.client.send(ctx, a, installationOf(repo), http.MethodGet, path, nil, &got)
		if err == nil && got.ID > 0 {
			return got.ID, nil
		}
		if err != nil && !errors.Is(err, registry.ErrNotFound) {
			return 0, err
		}
	}
	return 0, &registry.Error{Kind: registry.ErrCredentials,
		Message: fmt.Sprintf("the GitHub App is not installed for %s; install it on the owner's settings page", repo.Owner)}
}

func installationOf(repo registry.Repo) string {
	return "app installation for " + strings.TrimSuffix(repo.String(), "/")
}

// installation is the credential of requests about repositories.
type installation struct {
	app *app
	id  int64

	renewal chan struct{} // holds one token while the secret is renewed

	mu      sync.Mutex // guards the two below, never held over a request
	current Secret
	expires time.Time
}

func (in *installation) identity() string { return fmt.Sprintf("app %s %d", in.app.id, in.id) }
func (in *installation) name() string     { return fmt.Sprintf("installation %d", in.id) }

func (in *installation) refused(s Secret) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.current == s {
		in.current = ""
	}
}

// left is the current secret and how long it lives yet.
func (in *installation) left() (Secret, time.Duration) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.current == "" {
		return "", 0
	}
	return in.current, in.expires.Sub(in.app.now())
}

func (in *installation) secret(ctx context.Context) (Secret, error) {
	if s, left := in.left(); left > renewBefore {
		return s, nil
	}
	select {
	case in.renewal <- struct{}{}:
		defer func() { <-in.renewal }()
	case <-ctx.Done():
		return "", fail("app installation", ctx.Err())
	}
	old, left := in.left()
	if left > renewBefore {
		return old, nil // renewed while we waited
	}
	err := in.renew(ctx)
	if err != nil && left > 0 && !errors.Is(err, registry.ErrCredentials) {
		return old, nil // it works for some minutes yet
	}
	if err != nil {
		return "", err
	}
	s, _ := in.left()
	return s, nil
}

func (in *installation) renew(ctx context.Context) error {
	what := fmt.Sprintf("app installation %d", in.id)
	// No more than is needed, whatever the app itself was granted.
	ask := map[string]any{"permissions": map[string]string{"contents": "read", "metadata": "read"}}
	var got struct {
		Token   Secret    `json:"token"`
		Expires time.Time `json:"expires_at"`
	}
	path := fmt.Sprintf("app/installations/%d/access_tokens", in.id)
	_, err := in.app.client.send(ctx, in.app, what, http.MethodPost, path, ask, &got)
	if errors.Is(err, registry.ErrNotFound) || errors.Is(err, registry.ErrInvalid) {
		in.app.forget(in.id)
		return &registry.Error{Kind: registry.ErrCredentials,
			Err:     errors.New(err.Error()), // its text alone, not its kind
			Message: what + " is gone or may not read contents; check the app's permissions"}
	}
	if err != nil {
		return err
	}
	checked, err := newToken(got.Token)
	if err != nil || checked() == "" || got.Expires.IsZero() {
		return &registry.Error{Kind: registry.ErrUnavailable, Message: "GitHub gave no usable token for " + what}
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	in.current, in.expires = checked(), got.Expires
	return nil
}
