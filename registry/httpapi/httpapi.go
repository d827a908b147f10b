// Package httpapi serves the registry over HTTP: routes, content negotiation,
// caching headers, and errors as statuses.
//
// A handler reads the request, asks [Registry] for one thing and writes what
// it gets: bytes that were encoded when the package was built. No rule about
// versions, channels or freshness lives here.
//
//	GET  /{slug}.json                                    documents
//	GET  /plugin_info.json, /theme_info.json             collections
//	GET  /{slug}.zip                                     302 to the package
//	GET  /release/{slug}.json, .zip, .proxy, /branch/…   the same for one channel
//	GET  /{slug}/updater.php                             the class that asks for them
//	GET, POST /{slug}.upgrademe                          the four members that upgrademe reads
//	GET  /packages/{slug}/{digest}/{name}, /assets/…     immutable files
//	GET  /packages/{slug}.{version}.zip                  where wp-cli looks for a version
//	GET  /….zip.sig beside each zip                      its signatures
//	POST /webhooks/github                                refresh
//	GET  /plugins/info/…, POST /plugins/update-check/…   WordPress.org's API, and /themes/…
//	GET  /plugin/{slug}.{version}.zip, /theme/…          its downloads
//	GET  /, /{slug}/                                     pages
//	GET  /healthz, /readyz                               liveness, readiness
//
// All of it lies under the path of the base address, and again under [Legacy].
// A dot, a hyphen or a plus is accepted before json, zip, proxy and upgrademe.
// Answers that hold a package have a header X-Content-Signature for each
// signature. Those that could not be brought up to date in time have Age and
// Pluginyard-Stale.
package httpapi

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"
	gocache "github.com/patrickmn/go-cache"

	"github.com/pluginyard/pluginyard/registry"
	"github.com/pluginyard/pluginyard/registry/wporg"
	"github.com/pluginyard/pluginyard/templates"
)

// Legacy is the path under which the reference registry answers. It is served
// beside the prefix, so that plugins in the field keep updating when their
// host moves here.
const Legacy = "/wp-json/softwareregistry/v1/swupdate"

// Registry is what is served; *[registry.Service] implements it. Every method
// may be called from many goroutines and returns an error of one of
// [registry.Kinds], or an internal one.
type Registry interface {
	// Information is the plugins_api document of one plugin, or the themes_api
	// document of one theme.
	Information(ctx context.Context, slug string, q registry.Query) (*registry.Document, error)
	// Upgrademe is what upgrademe asks of one plugin. ErrNotFound for a theme.
	Upgrademe(ctx context.Context, slug string, q registry.Query) (*registry.Document, error)
	// Collection holds the update objects of the selected plugins and themes,
	// by slug.
	Collection(ctx context.Context, selection registry.Selection, q registry.Query) (*registry.Document, error)
	// PerSite reports whether what is answered for a plugin depends, now, on
	// which site asks; without a slug, whether it does for any.
	PerSite(slug string) bool
	// Package is what a request for this plugin resolves to.
	Package(ctx context.Context, slug string, q registry.Query) (*registry.Package, error)
	// TypeOf says whether a slug is a plugin or a theme, also where no package
	// is served yet.
	TypeOf(ctx context.Context, slug string) (registry.Type, error)
	// Stale reports whether what is served for a plugin could not be brought up
	// to date in time. It is asked for every answer.
	Stale(slug string) (registry.Stale, bool)
	// StaleAmong is that of what a collection holds: the longest.
	StaleAmong(selection registry.Selection) (registry.Stale, bool)
	// PackageURL is where the package's installer lies for ever.
	PackageURL(p *registry.Package) string
	// ImageURL is where an image of the plugin lies for ever.
	ImageURL(slug registry.Slug, image registry.Image) string
	// OpenFile opens an installer or an image by its digest. The caller
	// closes it.
	OpenFile(ctx context.Context, slug string, digest registry.Digest) (*registry.File, error)
	// Entries lists the plugins in the order of the configuration.
	Entries(ctx context.Context) ([]registry.Entry, error)
	// Looking reports whether there may be more plugins than Entries lists,
	// since nobody has looked for some yet.
	Looking() bool
	// Entry is one plugin, built first if it has never been; a build that
	// fails is the entry's Err. ErrNotFound if none has that slug.
	Entry(ctx context.Context, slug string) (*registry.Entry, error)
	// PackageOf is the package of one version. ErrNotFound if there is none.
	PackageOf(ctx context.Context, slug, version string) (*registry.Package, error)
	// Tell takes what the forge says that has changed, has it asked for in the
	// background, and waits for nothing.
	Tell(news registry.News) registry.Heard
	// Ready reports whether requests can be answered. The error is of kind
	// ErrUnavailable and says what is missing.
	Ready(ctx context.Context) error
}

// Config is what a handler is made from. Registry and Base must be given.
type Config struct {
	Registry Registry
	// Base is what links are built from, "https://example.com/updates"; its
	// path is the prefix of all routes.
	Base *url.URL
	// Catalogue is what WordPress.org's API is answered from. Nil means that
	// there is none of its routes.
	Catalogue wporg.Catalogue
	// WebhookSecret is what GitHub signs its webhooks with. Without any there
	// is no webhook: the route answers 404.
	WebhookSecret string
	// WebhookSecrets are further ones, while one is being replaced by another.
	WebhookSecrets []string
	// PublicKeys are the keys that installers are signed with, base64 of 32
	// bytes each; the updater is given out with them. None if nothing is signed.
	PublicKeys []string
	// TrustedProxies are the peers whose X-Forwarded-For is believed, for the
	// client's address in the log and in what follows. Nobody's by default.
	TrustedProxies []netip.Prefix
	// Work is how often one client may have something made for it: a package
	// that was never built, a page. As often it may send webhooks without a
	// signature, and again with a wrong one; those that GitHub signed, what is
	// made already, and who joins what is being made, are not counted. No bound
	// by default.
	Work Rate
	// Questions is how often one client may ask WordPress.org's API, but for its
	// update checks: of those [wporg.MaxTurns] are worked on at once, and others
	// wait. No bound by default.
	Questions Rate
	// MinRate is how many bytes a second a client must take over HTTP/2, beyond
	// [StreamGrace]; over HTTP/1 the connection has to see to that. 0 is no
	// bound.
	MinRate int64
	// Requests says which requests are logged. FullAddresses logs their clients'
	// addresses as they are, rather than hashes of them that are others after
	// each start.
	Requests      Requests
	FullAddresses bool
	// Observe is told of each request once it was answered; default nobody. It
	// is called from many goroutines and must be quick.
	Observe func(*Exchange)
	Now     func() time.Time // default time.Now
	Log     *slog.Logger     // default slog.Default
	Version string           // of the program, shown at the foot of pages
}

type server struct {
	registry Registry
	base     string // without a slash at its end
	origin   string // scheme and host of base
	prefix   string // path of base, "" or "/updates"
	secrets  [][]byte
	keys     []string // public ones
	now      func() time.Time
	log      *slog.Logger
	observe  func(*Exchange)
	requests Requests
	salt     []byte // for hashes of addresses; nil logs them as they are
	proxies  proxies
	work     *limiter // nil limits nobody
	forged   *limiter // of webhooks whose signature is wrong
	asking   *limiter // of WordPress.org's API
	lines    *limiter // of the log, about what failed
	refused  *limiter // of these, about clients that ask too often
	unlogged atomic.Int64
	minRate  int64
	atOnce   context.Context // of requests for what is made already

	echo     *echo.Echo
	errors   errorTable
	views    *templates.Pages
	site     templates.Site
	style    prepared
	cohorts  []string       // what Query.Site is for each cohort
	prepared *gocache.Cache // ETag to *headers
	pages    *gocache.Cache // path of a page to prepared
	drawing  sync.Mutex     // held to render a page
	webhooks atomic.Int64   // bytes of webhooks' bodies that are held

	wporg   *wporg.API   // nil if there is none
	bodies  atomic.Int64 // bytes of its requests' bodies that are held
	answers atomic.Int64 // bytes of its answers that are being written
}

// New makes the handler. For every request that a route answered, the
// request's Pattern names that route afterwards, for whoever counts requests.
func New(cfg Config) (http.Handler, error) {
	if cfg.Registry == nil {
		return nil, errors.New("make the HTTP surface: no registry was given")
	}
	prefix, err := prefixOf(cfg.Base)
	if err != nil {
		return nil, fmt.Errorf("make the HTTP surface: %w", err)
	}
	views, err := templates.Parse()
	if err != nil {
		return nil, fmt.Errorf("make the HTTP surface: %w", err)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	origin := cfg.Base.Scheme + "://" + cfg.Base.Host
	s := &server{
		registry: cfg.Registry,
		base:     origin + prefix,
		origin:   origin,
		prefix:   prefix,
		keys:     cfg.PublicKeys,
		now:      cfg.Now,
		log:      cfg.Log,
		observe:  cfg.Observe,
		requests: cfg.Requests,
		proxies:  cfg.TrustedProxies,
		work:     newLimiter(cfg.Work),
		forged:   newLimiter(cfg.Work),
		asking:   newLimiter(cfg.Questions),
		lines:    newLimiter(Rate{Count: MaxFailureLines, Per: time.Minute}),
		refused:  newLimiter(Rate{Count: 1, Per: time.Minute}),
		minRate:  cfg.MinRate,
		atOnce:   registry.AtOnce(),
		errors:   newErrorTable(),
		views:    views,
		prepared: gocache.New(preparedFor, preparedFor),
		pages:    gocache.New(pageFor, pageFor),
	}
	for _, secret := range append([]string{cfg.WebhookSecret}, cfg.WebhookSecrets...) {
		if secret != "" {
			s.secrets = append(s.secrets, []byte(secret))
		}
	}
	if !cfg.FullAddresses {
		s.salt = []byte(rand.Text())
	}
	if cfg.Catalogue != nil {
		s.wporg = wporg.New(cfg.Catalogue, cfg.Base)
	}
	s.cohorts = newCohorts()
	s.style = prepare(styleDocument(), immutable, nil)
	s.site = templates.Site{Root: prefix + "/", Style: prefix + stylePath(), Version: cfg.Version}
	s.echo = s.newEcho()
	return s, nil
}

// prefixOf checks the base address and gives its path without a slash at the
// end.
func prefixOf(base *url.URL) (string, error) {
	switch {
	case base == nil:
		return "", errors.New("no base address was given")
	case (base.Scheme != "http" && base.Scheme != "https") || base.Host == "":
		return "", fmt.Errorf("base address %s: want http://HOST/PATH or https://HOST/PATH", base.Redacted())
	case base.User != nil || base.RawQuery != "" || base.Fragment != "":
		return "", fmt.Errorf("base address %s: only scheme, host and path may be given", base.Redacted())
	}
	prefix := strings.TrimRight(base.Path, "/")
	// A colon or a star would be a parameter to the router; the rest would
	// have to be escaped in links.
	for _, c := range []byte(prefix) {
		if !isToken(c) && c != '/' || c == '*' || c == '%' {
			return "", fmt.Errorf("base address %s: the path may hold letters, digits, and / - _ . ~ only", base.Redacted())
		}
	}
	if strings.Contains(prefix, "//") {
		return "", fmt.Errorf("base address %s: the path has an empty segment", base.Redacted())
	}
	return prefix, nil
}

// newEcho registers the routes. Middleware is wrapped around each handler here
// rather than given to Echo, which would make a closure of it per request.
func (s *server) newEcho() *echo.Echo {
	e := echo.New()
	e.HideBanner = true
	e.HidePort = true
	e.Logger.SetOutput(io.Discard) // everything is told to s.log
	e.IPExtractor = s.proxies.clientText
	e.HTTPErrorHandler = s.answerError

	s.routes(e, s.prefix)
	if s.wporg != nil {
		s.wporgRoutes(e)
	}
	if s.prefix != Legacy {
		s.routes(e, Legacy)
	}
	return e
}

// routes registers the whole surface under a path.
func (s *server) routes(e *echo.Echo, under string) {
	get := func(path string, h echo.HandlerFunc) {
		e.Add(http.MethodGet, under+path, s.guard(h))
		e.Add(http.MethodHead, under+path, s.guard(h))
	}
	if under != "" {
		get("", s.redirectRoot)
	}
	get("/", s.catalogue)
	get("/healthz", s.healthy)
	get("/readyz", s.ready)
	get(stylePath(), s.styleSheet)
	get("/:name", s.named(""))
	get("/:slug/", s.plugin)
	get("/:slug/updater.php", s.updater)
	get("/release/:name", s.named(registry.KindRelease))
	get("/branch/:name", s.named(registry.KindBranch))
	get("/packages/:slug/:digest/:name", s.installer)
	get("/packages/:name", s.version)
	get("/assets/:slug/:digest/:name", s.image)
	if len(s.secrets) > 0 {
		e.Add(http.MethodPost, under+"/webhooks/github", s.guard(s.webhook))
	}
}

// MaxBodyTime bounds how long a client may take to send a body. GitHub gives up
// on a webhook after ten seconds itself, and WordPress on an update check after
// three and one more for ten plugins; who sends a byte a minute would hold a
// part of [MaxWebhookBodies], or of [MaxBodies], for ever.
const MaxBodyTime = 30 * time.Second

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength != 0 {
		// A writer that has no deadlines, as in tests, has no slow clients.
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(MaxBodyTime))
	}
	if r.ProtoMajor > 1 && s.minRate > 0 {
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(MaxStreamWait))
	}
	secure(w.Header(), r)
	if r.Method == http.MethodOptions {
		allowOrigins(w.Header(), r)
	}
	if s.requests == LogNone && s.observe == nil {
		s.route(w, r)
		return
	}
	s.serveRecorded(w, r)
}

// route hands a request to its handler. upgrademe asks by POST and sends
// nothing, so that is read as GET, whatever the body holds: net/http throws
// away up to 256 KB of it and then closes the connection.
func (s *server) route(w http.ResponseWriter, r *http.Request) {
	if len(r.URL.Path) > MaxPath {
		k := s.errors.pathTooLong
		s.noteFailure(w, r, &refusal{kind: k}, k)
		k.write(w, r.Method, k.message, 0)
		return
	}
	if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, upgrademe) {
		s.echo.ServeHTTP(w, r)
		return
	}
	asked := r.WithContext(r.Context()) // a shallow copy
	asked.Method = http.MethodGet
	s.echo.ServeHTTP(w, asked)
	r.Pattern = asked.Pattern
}

// allowOrigins answers a browser that asks before it sends a conditional or
// range request from another site's page: everything here is public.
func allowOrigins(h http.Header, r *http.Request) {
	h.Set("Access-Control-Allow-Origin", "*")
	if r.Header.Get("Access-Control-Request-Method") != "" {
		h.Set("Access-Control-Allow-Methods", "GET, HEAD")
		h.Set("Access-Control-Allow-Headers", "*")
		h.Set("Access-Control-Max-Age", "86400")
	}
}

// direct gives the server's own ResponseWriter to a handler that is about to
// answer with it. Echo's wrapper would hide io.ReaderFrom, and with it the
// kernel's way from a file to a socket.
func direct(c echo.Context) http.ResponseWriter {
	res := c.Response()
	res.Committed = true
	return res.Writer
}
