// Package wporg answers as api.wordpress.org does, for the plugins and themes
// of the registry: update checks (PHP-serialised and JSON), information,
// queries, tags and checksums. A site, or a hosting company, may point at it in
// WordPress.org's place.
//
//	/plugins/update-check/1.0/, 1.1/    POST plugins=…
//	/themes/update-check/1.0/, 1.1/     POST themes=…
//	/plugins/info/1.0/{slug}[.json]     one plugin; also 1.1/ and 1.2/ with action=
//	/themes/info/1.0/, 1.1/, 1.2/       with action=
//	/plugin-checksums/{slug}/{version}.json
//
// It works on [MaxTurns] requests at once, and bounds what each may cost.
//
// It knows requests and answers as values; routes, sizes of bodies and headers
// are httpapi's.
//
// Shapes and statuses are those of the code that WordPress.org publishes
// (github.com/WordPress/wordpress.org: plugin-directory/standalone,
// theme-directory, api.wordpress.org). That of the update checks is not
// published: theirs are what WordPress sends and reads, see wp_update_plugins.
package wporg

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/pluginyard/pluginyard/registry"
)

// Catalogue is what is answered from; *[registry.Service] implements it. Its
// methods may be called from many goroutines.
type Catalogue interface {
	// Listing is one plugin or theme, built first if it has never been.
	// ErrNotFound if none has that slug, ErrForbidden if it is withheld.
	Listing(ctx context.Context, slug string, q registry.Query) (*registry.Listing, error)
	// Built is the same from what is at hand: without the document, and an
	// error if it is not built. It is asked for every plugin of a site.
	Built(ctx context.Context, slug string, q registry.Query) (*registry.Listing, error)
	// Listings are all that are built and may be served, as configured, without
	// their documents. It waits for no build.
	Listings(ctx context.Context, q registry.Query) ([]*registry.Listing, error)
	// Checksums are those of the files of one version's installer.
	// ErrNotFound if there is no such version.
	Checksums(ctx context.Context, slug, version string) (*registry.Checksums, error)
}

// Request is one request to the API.
type Request struct {
	Method    string
	Path      string // below the prefix: "/plugins/info/1.2/"
	Query     string // as in the address, still escaped
	Form      string // the form of a POST's body, still escaped
	UserAgent string
	// Asked is what the request says beside the API's own parameters: which
	// environment and channel, and which part of a rollout.
	Asked registry.Query

	turn  *turn           // set by [API.Answer], as what follows
	stale *registry.Stale // of what the answer holds
}

// Answer is what is written back. Errors of this API are answers too, in
// WordPress.org's shapes: core takes any JSON object without "error" for a
// plugin.
type Answer struct {
	Status int
	Type   string // MIME type
	Body   []byte
	MaxAge int    // seconds that a cache may keep it; 0 is not at all
	Allow  string // of a 405
	// Stale is that of what the answer holds, the longest; zero if all of it
	// could be brought up to date in time.
	Stale registry.Stale
	// Err is why there is no other answer, for the operator; nil if the
	// request was answered, or was the client's fault.
	Err error
}

// API answers requests. Its method may be called from many goroutines.
type API struct {
	catalogue Catalogue
	base      string // where the registry's pages are, without a slash at its end
	host      string // of base, without port
	documents documents
	turns     chan struct{} // one place a request that is worked on
}

// New makes an API of the registry whose base address is given.
func New(catalogue Catalogue, base *url.URL) *API {
	return &API{catalogue: catalogue, base: strings.TrimRight(base.String(), "/"), host: base.Hostname(), turns: make(chan struct{}, MaxTurns)}
}

// infoAge is how long a cache may keep information, in seconds: as our own
// documents.
const infoAge = 300

// version is one of the API, times ten.
type version int

const (
	v10 version = 10
	v11 version = 11
	v12 version = 12
)

func parseVersion(s string) version {
	switch s {
	case "1.0":
		return v10
	case "1.1":
		return v11
	case "1.2":
		return v12
	}
	return 0
}

// Answer answers a request. It never fails: see [Answer.Err].
func (a *API) Answer(ctx context.Context, r *Request) *Answer {
	own := *r
	own.turn = &turn{slots: a.turns}
	if err := own.turn.take(ctx); err != nil {
		return output{format: formatJSON}.answer(unavailable(err))
	}
	defer own.turn.end()
	own.stale = &registry.Stale{}
	answer := a.route(ctx, &own)
	if answer.Status == http.StatusOK {
		answer.Stale = *own.stale
	}
	return answer
}

// holds notes what the answer holds.
func (r *Request) holds(l *registry.Listing) { *r.stale = r.stale.Or(l.Stale) }

func (a *API) route(ctx context.Context, r *Request) *Answer {
	parts := strings.Split(strings.Trim(r.Path, "/"), "/")
	if len(parts) == 3 && parts[0] == "plugin-checksums" {
		return a.checksums(ctx, r, parts[1], parts[2])
	}
	if len(parts) < 3 || parts[0] != "plugins" && parts[0] != "themes" {
		return noRoute()
	}
	v, plugins := parseVersion(parts[2]), parts[0] == "plugins"
	switch {
	case parts[1] == "update-check" && len(parts) == 3 && (v == v10 || v == v11):
		return a.updateCheck(ctx, r, plugins, v)
	case parts[1] != "info" || v == 0 || len(parts) > 3 && (!plugins || v != v10 || len(parts) > 4):
		return noRoute()
	case v == v12 && r.Method == http.MethodPost:
		return &Answer{Status: http.StatusMethodNotAllowed, Type: "text/plain; charset=utf-8", Body: []byte("This API only serves GET requests."), Allow: "GET, HEAD, OPTIONS"}
	}
	name := ""
	if len(parts) == 4 {
		name = parts[3]
	}
	if plugins {
		return a.pluginInfo(ctx, r, v, name)
	}
	return a.themeInfo(ctx, r, v)
}

func noRoute() *Answer {
	return output{format: formatJSON}.answer(reply{status: http.StatusNotFound, value: failure("Nothing is served at this address.")})
}

// reply is an answer before it is encoded.
type reply struct {
	status int // 0 is 200
	value  any
	err    error // see [Answer.Err]
}

func failure(message string) class { return class{{"error", message}} }

// withheld reports whether there is a plugin that may not be given out.
func withheld(err error) bool { return errors.Is(err, registry.ErrForbidden) }

// absent reports whether there is nothing to be given: no such plugin, or one
// that cannot be made.
func absent(err error) bool {
	return errors.Is(err, registry.ErrNotFound) || errors.Is(err, registry.ErrInvalid) || errors.Is(err, registry.ErrTooLarge)
}

// unavailable is the reply where the registry cannot answer now.
func unavailable(err error) reply {
	return reply{status: http.StatusServiceUnavailable, value: failure("The registry cannot answer now; try again later."), err: err}
}
