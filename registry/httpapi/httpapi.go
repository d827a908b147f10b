// Package httpapi serves the registry over HTTP: routes, content negotiation,
// caching headers, and errors as statuses.
//
// A handler reads the request, asks [Registry] for one thing and writes what
// it gets: bytes that were encoded when the package was built. No rule about
// versions, channels or freshness lives here.
//
//	GET  /{slug}.json, /plugin_info.json                 documents
//	GET  /{slug}.zip                                     302 to the package
//	GET  /release/{slug}.json, .zip, .proxy, /branch/…   the same for one channel
//	GET  /packages/{slug}/{digest}/{name}, /assets/…     immutable files
//	POST /webhooks/github                                refresh
//	GET  /, /{slug}/                                     pages
//	GET  /healthz, /readyz                               liveness, readiness
//
// All of it lies under the path of the base address, and again under [Legacy].
// A dot, a hyphen or a plus is accepted before json, zip and proxy.
package httpapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	gocache "github.com/patrickmn/go-cache"

	"github.com/pluginyard/pluginyard/registry"
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
	// Information is the plugins_api document of one plugin.
	Information(ctx context.Context, slug string, q registry.Query) (*registry.Document, error)
	// Collection holds the update objects of all plugins, by slug.
	Collection(ctx context.Context, q registry.Query) (*registry.Document, error)
	// Package is what a request for this plugin resolves to.
	Package(ctx context.Context, slug string, q registry.Query) (*registry.Package, error)
	// PackageURL is where the package's installer lies for ever.
	PackageURL(p *registry.Package) string
	// ImageURL is where an image of the plugin lies for ever.
	ImageURL(slug registry.Slug, image registry.Image) string
	// OpenFile opens an installer or an image by its digest. The caller
	// closes it.
	OpenFile(ctx context.Context, slug string, digest registry.Digest) (*registry.File, error)
	// Entries lists the plugins in the order of the configuration.
	Entries(ctx context.Context) ([]registry.Entry, error)
	// Entry is one plugin, built first if it has never been; a build that
	// fails is the entry's Err. ErrNotFound if none has that slug.
	Entry(ctx context.Context, slug string) (*registry.Entry, error)
	// Refresh asks the forge about a repository in the background, and
	// reports whether any plugin is of it.
	Refresh(repo registry.Repo) bool
}

// Config is what a handler is made from. Registry and Base must be given.
type Config struct {
	Registry Registry
	// Base is what links are built from, "https://example.com/updates"; its
	// path is the prefix of all routes.
	Base *url.URL
	// WebhookSecret is what GitHub signs its webhooks with. Empty means that
	// there is no webhook: the route answers 404.
	WebhookSecret string
	// TrustedProxies are the peers whose X-Forwarded-For is believed, for the
	// client's address in the log. Nobody's by default.
	TrustedProxies []netip.Prefix
	Now            func() time.Time // default time.Now
	Log            *slog.Logger     // default slog.Default
	Version        string           // of the program, shown at the foot of pages
}

type server struct {
	registry Registry
	base     string // without a slash at its end
	origin   string // scheme and host of base
	prefix   string // path of base, "" or "/updates"
	secret   []byte
	now      func() time.Time
	log      *slog.Logger

	echo     *echo.Echo
	errors   errorTable
	views    *templates.Pages
	site     templates.Site
	style    prepared
	prepared *gocache.Cache // ETag to *headers
	pages    *gocache.Cache // path of a page to prepared
	webhooks chan struct{}  // one slot a webhook body being read
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
		secret:   []byte(cfg.WebhookSecret),
		now:      cfg.Now,
		log:      cfg.Log,
		errors:   newErrorTable(),
		views:    views,
		prepared: gocache.New(preparedFor, preparedFor),
		pages:    gocache.New(pageFor, pageFor),
		webhooks: make(chan struct{}, MaxWebhooks),
	}
	s.style = prepare(styleDocument(), immutable, nil)
	s.site = templates.Site{Root: prefix + "/", Style: prefix + stylePath(), Version: cfg.Version}
	s.echo = s.newEcho(cfg.TrustedProxies)
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
func (s *server) newEcho(proxies []netip.Prefix) *echo.Echo {
	e := echo.New()
	e.HideBanner = true
	e.HidePort = true
	e.Logger.SetOutput(io.Discard) // everything is told to s.log
	e.IPExtractor = ipExtractor(proxies)
	e.HTTPErrorHandler = s.answerError

	s.routes(e, s.prefix)
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
	get("/release/:name", s.named(registry.KindRelease))
	get("/branch/:name", s.named(registry.KindBranch))
	get("/packages/:slug/:digest/:name", s.installer)
	get("/assets/:slug/:digest/:name", s.image)
	if len(s.secret) > 0 {
		e.Add(http.MethodPost, under+"/webhooks/github", s.guard(s.webhook))
	}
}

// ipExtractor finds the client's address: the peer's, or what a trusted proxy
// says it is. Echo's own default would believe anyone's header.
func ipExtractor(proxies []netip.Prefix) echo.IPExtractor {
	if len(proxies) == 0 {
		return echo.ExtractIPDirect()
	}
	options := []echo.TrustOption{
		echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false),
	}
	for _, p := range proxies {
		p = p.Masked()
		options = append(options, echo.TrustIPRange(&net.IPNet{
			IP:   p.Addr().AsSlice(),
			Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen()),
		}))
	}
	return echo.ExtractIPFromXFFHeader(options...)
}

// MaxBodyTime bounds how long a client may take to send a body. Only webhooks
// have one that is read, and GitHub gives up after ten seconds itself; who
// sends a byte a minute would hold one of [MaxWebhooks] for ever.
const MaxBodyTime = 30 * time.Second

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength != 0 {
		// A writer that has no deadlines, as in tests, has no slow clients.
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(MaxBodyTime))
	}
	if r.Method == http.MethodOptions {
		allowOrigins(w.Header(), r)
	}
	if !s.log.Enabled(r.Context(), slog.LevelDebug) {
		s.echo.ServeHTTP(w, r)
		return
	}
	s.serveLogged(w, r)
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
