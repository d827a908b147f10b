// Package github is GitHub as the forge that package registry asks for: on
// github.com, on a GitHub Enterprise server, or at an emulator's address.
//
// It reads and never writes. A request passes through a stack of round
// trippers, each in a file of its own and put together in [New]: answers that
// did not change cost a conditional request (conditional.go), what failed is
// tried again (attempts.go), credentials go to the API's own host alone
// (credentials.go), and a used-up rate limit ends calls before they are sent
// (limits.go). Archives and release files are streamed (download.go). Redirects
// lead to no address nearer than the API's own (dial.go).
//
// The behaviour followed is that of GitHub's REST API, version 2022-11-28:
// https://docs.github.com/en/rest. No type of the client library underneath
// shows in what this package exports.
package github

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	gogithub "github.com/google/go-github/v60/github"

	"github.com/pluginyard/pluginyard/registry"
)

// DefaultAPIURL is the API of github.com.
const DefaultAPIURL = "https://api.github.com/"

// Bounds on what one client asks at once. GitHub refuses more than 100
// requests at a time; both together stay far below.
const (
	MaxRequests  = 16 // API requests in flight
	MaxDownloads = 8  // archives and files in flight
)

// Config is what a [Client] is made from. Its zero value reads public
// repositories of github.com, 60 requests an hour.
type Config struct {
	APIURL    string            // default DefaultAPIURL; on Enterprise https://HOST/api/v3/
	Token     Secret            // a personal or fine-grained token; excludes App
	App       *App              // a GitHub App; excludes Token
	Owners    []OwnerCredential // who we are to some owners; to all others Token or App
	Reserve   *Reserve          // of each credential's allowance, kept for what is urgent; default DefaultReserve percent
	Cache     Cache             // keeps entity tags over a restart; default: memory alone
	Transport http.RoundTripper // the network; default: HTTP/2, $HTTPS_PROXY, and see dialer
	UserAgent string            // default "pluginyard"
	Log       *slog.Logger      // one debug line a request; default: none
	Observe   registry.Observer // told of each request on the wire; default: nobody

	Now   func() time.Time                                 // default time.Now
	Sleep func(ctx context.Context, d time.Duration) error // waits between tries; default: a timer
	// Random spreads what would come back together: of [0, 1); default
	// math/rand.
	Random func() float64
}

// Client reads repositories of GitHub. Its methods may be called from many
// goroutines.
type Client struct {
	api       *gogithub.Client  // answers in JSON, kept whole in memory
	downloads http.RoundTripper // answers that are streamed
	base      *url.URL          // of the API, with a trailing slash
	userAgent string
	all       grant            // for whoever is not in owners
	owners    map[string]grant // by lower-case owner
	followed  *followed
	accounts  *accounts
	now       func() time.Time
	log       *slog.Logger
}

var _ registry.Forge = (*Client)(nil)

// New makes a client. It sends nothing. The error is of kind ErrInvalid, names
// the setting and holds no secret.
func New(cfg Config) (*Client, error) {
	base, err := parseAPIURL(cmp.Or(cfg.APIURL, DefaultAPIURL))
	if err != nil {
		return nil, err
	}
	cfg = withDefaults(cfg, base)
	c := &Client{base: base, userAgent: cfg.UserAgent, followed: &followed{}, now: cfg.Now, log: cfg.Log}
	c.accounts = newAccounts(&cfg)
	c.accounts.paced = strings.EqualFold(base.Host, "api.github.com")
	if err := c.grants(&cfg); err != nil {
		return nil, err
	}

	// The same order for both, from the caller to the network: credentials
	// before the limits and the gate, since getting them may itself need a
	// request; limits before the gate, so that who has to wait for his own
	// credential's answers holds no other's slot.
	wire := &logged{base: base, log: cfg.Log, observe: cfg.Observe, now: cfg.Now, next: cfg.Transport}
	stack := func(slots int, body http.RoundTripper) http.RoundTripper {
		return &attempts{sleep: cfg.Sleep, next: &authorized{base: base,
			next: &limited{base: base, accounts: c.accounts,
				next: &gate{base: base, accounts: c.accounts, slots: make(chan struct{}, slots), next: body}}}}
	}
	c.downloads = stack(MaxDownloads, &watched{next: wire})
	requests := &conditional{log: cfg.Log, cache: cfg.Cache, next: stack(MaxRequests, &whole{next: wire})}

	c.api = gogithub.NewClient(&http.Client{Transport: requests, CheckRedirect: c.checkRedirect})
	c.api.BaseURL, c.api.UserAgent = base, cfg.UserAgent
	for _, app := range c.apps() {
		app.client = c
	}
	return c, nil
}

func withDefaults(cfg Config, base *url.URL) Config {
	if cfg.Transport == nil {
		d := newDialer(base)
		cfg.Transport = &marked{dialer: d, next: &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			DialContext:            d.DialContext,
			ForceAttemptHTTP2:      true,
			MaxIdleConnsPerHost:    MaxRequests,
			IdleConnTimeout:        90 * time.Second,
			TLSHandshakeTimeout:    10 * time.Second,
			ExpectContinueTimeout:  time.Second,
			MaxResponseHeaderBytes: maxErrorBytes,
		}}
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Sleep == nil {
		cfg.Sleep = sleep
	}
	cfg.UserAgent = cmp.Or(cfg.UserAgent, "pluginyard")
	return cfg
}

// parseAPIURL checks an API's address and ends its path with a slash.
func parseAPIURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		// The parser's error would repeat a password in the address.
		return nil, invalid("github: api_url is not an address; write https://HOST/api/v3/", nil)
	case u.User != nil:
		return nil, invalid("github: api_url must not hold credentials; configure a token", nil)
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "", u.RawQuery != "", u.Fragment != "", u.Opaque != "":
		return nil, invalid(fmt.Sprintf("github: api_url %q must be http or https, a host and a path alone", u.Scheme+"://"+u.Host+u.Path), nil)
	}
	u.Path = strings.TrimRight(u.Path, "/") + "/"
	u.RawPath = ""
	return u, nil
}

// checkRedirect follows a JSON answer's redirect on the API's own host alone.
// GitHub redirects a renamed repository to /repositories/ID there.
func (c *Client) checkRedirect(req *http.Request, via []*http.Request) error {
	switch {
	case len(via) > MaxRedirects:
		return fmt.Errorf("redirected more than %d times", MaxRedirects)
	case !sameOrigin(req.URL, c.base):
		return fmt.Errorf("redirected from the API to %s", req.URL.Host)
	case req.Method != http.MethodGet || via[0].Method != http.MethodGet:
		return fmt.Errorf("redirected a %s", via[0].Method)
	}
	return nil
}

// sameOrigin reports whether two addresses have the same scheme and host, and
// so may see the same credentials.
func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Host, b.Host)
}

// sleep waits unless the context ends first.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
