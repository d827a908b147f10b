// Package githubtest is an emulator of the part of GitHub's REST API that
// Pluginyard uses, over plain directories and releases declared in Go. Tests
// and the demo run against it. Its answers are checked against GitHub's
// published OpenAPI description by the command in openapicheck.
//
// What it answers, below "/" as api.github.com does and below "/api/v3/" as a
// GitHub Enterprise server does:
//
//   - repositories, by name and by id, and an owner's repositories
//   - releases, their files, tags, branches, commits, trees, blobs, contents
//   - archives as zip, with .gitattributes' export-ignore applied
//   - custom properties, rate limits, the tokens of a GitHub App
//
// It keeps to what GitHub documents (https://docs.github.com/rest) and, where
// that is silent, to what GitHub does: conditional requests, pagination links
// that name the repository by id, redirects of renamed repositories, links to
// archives and files that expire. It does not write: whatever is there was
// declared in Go or published through [GitHub.Control].
//
// Of git it knows what an archive needs. Object names are git's own SHA-1s;
// submodules, line end conversion and export-subst are left out.
package githubtest

import (
	"crypto/rand"
	"crypto/rsa"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// DefaultLimit is how many requests an hour GitHub allows to a token.
const DefaultLimit = 5000

// MaxRequests is how many requests [GitHub.Requests] remembers; the oldest are
// forgotten first, so that a demo may run for months.
const MaxRequests = 100_000

// GitHub is an emulated GitHub. It serves the REST API under any host name it
// is reached by, archives under /codeload/ and release files under /objects/.
// It may be used and changed from many goroutines.
type GitHub struct {
	key [32]byte // signs the links to archives and files

	// mu guards what follows, and every Repository.
	mu          sync.RWMutex
	repos       map[string]*Repository // by lower-case owner/name
	byID        map[int64]*Repository
	moved       map[string]int64 // former lower-case owner/name to id
	lastID      int64            // of repositories, releases and assets alike
	token       string
	tokens      map[string]*person // personal ones, by secret
	people      map[string]string  // owners that are no organizations, by lower-case login
	app         app
	archiveBase string
	webBase     string
	fault       Fault
	latency     time.Duration
	now         func() time.Time
	onChange    func(Delivery)

	limits   limits
	requests requestLog
}

// app is the GitHub App that installation tokens are issued for.
type app struct {
	id     int64
	key    *rsa.PublicKey // nil: signatures are not verified
	life   time.Duration
	tokens map[string]*appToken
	issued int
}

// New makes an empty GitHub.
func New() *GitHub {
	g := &GitHub{
		repos:   map[string]*Repository{},
		byID:    map[int64]*Repository{},
		moved:   map[string]int64{},
		tokens:  map[string]*person{},
		people:  map[string]string{},
		lastID:  1_000_000,
		webBase: "https://github.com",
		now:     time.Now,
		app:     app{life: time.Hour, tokens: map[string]*appToken{}},
	}
	rand.Read(g.key[:])
	return g
}

// AddRepo adds a repository, or panics if there is one of that name.
func (g *GitHub) AddRepo(r Repo) *Repository {
	repo, event := g.addRepo(r)
	g.tell(event)
	return repo
}

func (g *GitHub) addRepo(r Repo) (*Repository, Delivery) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if r.Owner == "" || r.Name == "" {
		panic("githubtest: a repository needs an owner and a name")
	}
	name := strings.ToLower(r.fullName())
	if g.repos[name] != nil {
		panic("githubtest: repository " + r.fullName() + " is declared twice")
	}
	if r.DefaultBranch == "" {
		r.DefaultBranch = "main"
	}
	repo := &Repository{
		g:        g,
		id:       g.nextID(),
		repo:     r.clone(),
		objects:  newObjects(),
		branches: map[string]string{},
		tags:     map[string]string{},
		archives: map[string]*archive{},
	}
	repo.updated = r.Created
	g.repos[name] = repo
	g.byID[repo.id] = repo
	delete(g.moved, name)
	return repo, repo.repositoryEvent("created", repo.repo)
}

// Repository finds a repository by its present name in any case; nil if there
// is none.
func (g *GitHub) Repository(owner, name string) *Repository {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.repos[strings.ToLower(owner+"/"+name)]
}

// nextID is called with mu held.
func (g *GitHub) nextID() int64 {
	g.lastID++
	return g.lastID
}

// RequireToken makes every private repository visible only to requests with
// this token ("Bearer" or "token"); a wrong token is answered 401. Until it is
// called any token is taken for a stranger's, who sees no private repository.
func (g *GitHub) RequireToken(token string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.token = token
}

// App declares the GitHub App whose JSON web tokens are honoured: their issuer
// must be id and, unless key is nil, their signature that of key. Until it is
// called every well-formed and current JSON web token is.
func (g *GitHub) App(id int64, key *rsa.PublicKey) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.app.id, g.app.key = id, key
}

// TokenLife sets how long installation tokens issued from now on are valid.
// The default is GitHub's hour.
func (g *GitHub) TokenLife(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.app.life = d
}

// ArchiveHost is the scheme and host that archives and release files are
// redirected to, such as "http://localhost:1234"; "" is the host of the request.
func (g *GitHub) ArchiveHost(base string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.archiveBase = strings.TrimSuffix(base, "/")
}

// WebHost is the scheme and host of the pages and pictures that answers link
// to (html_url, avatar_url, browser_download_url). The default is
// "https://github.com"; "" is the host of the request, where the emulator
// serves release files and a plain picture for every owner.
func (g *GitHub) WebHost(base string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.webBase = strings.TrimSuffix(base, "/")
}

// Latency delays every answer, redirects and archives included, by d.
func (g *GitHub) Latency(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.latency = d
}

// Clock replaces [time.Now] in what expires, rate limits, tokens and links, and
// when something is changed.
func (g *GitHub) Clock(now func() time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.now = now
}

// SetFault sends every request through f first; nil ends it. Ready-made faults:
// [Status], [HTML], [Hang], [Truncate], [Reset], [Delay], [SecondaryLimit],
// [BadJSON], [Empty], bounded by [Only] and [Times].
func (g *GitHub) SetFault(f Fault) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.fault = f
}

// Limit sets the rate limit's remaining allowance and its end; at 0 the API
// answers 403 as GitHub does. Answers 304 cost nothing (GitHub grants that to
// requests with credentials, the emulator to all). The default is 5,000. Once
// reset has passed, the allowance is [DefaultLimit] again for an hour.
func (g *GitHub) Limit(remaining int, reset time.Time) { g.limits.of("").set(remaining, reset) }

// LimitStatus is the status of the answer once the allowance is used up: 403,
// the default, or 429; GitHub documents both.
func (g *GitHub) LimitStatus(status int) { g.limits.setStatus(status) }

// Request is one request that arrived.
type Request struct {
	Method, Path  string // Path with its query
	Host          string
	Status        int  // 0 while unanswered, and if the connection was closed unanswered
	Authorization bool // whether the request carried credentials
	Conditional   bool // whether it asked for what is new alone
	Counted       bool // whether it cost something of the rate limit
}

// Requests lists the requests since the last Reset, in order of arrival, the
// newest [MaxRequests] of them.
func (g *GitHub) Requests() []Request {
	l := &g.requests
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]Request, 0, len(l.list))
	for _, r := range l.list {
		list = append(list, *r)
	}
	return list
}

// ResetRequests forgets them.
func (g *GitHub) ResetRequests() {
	l := &g.requests
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = nil
}

// requestLog is what Requests lists. An entry is changed under mu.
type requestLog struct {
	mu   sync.Mutex
	list []*Request
}

func (l *requestLog) add(r *http.Request) *Request {
	entry := &Request{
		Method:        r.Method,
		Path:          r.URL.RequestURI(),
		Host:          r.Host,
		Authorization: r.Header.Get("Authorization") != "",
		Conditional:   r.Header.Get("If-None-Match") != "" || r.Header.Get("If-Modified-Since") != "",
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.list) >= MaxRequests {
		// Drop a half at once: one at a time would move the whole list
		// for every request.
		l.list = slices.Clone(l.list[MaxRequests/2:])
	}
	l.list = append(l.list, entry)
	return entry
}

func (l *requestLog) counted(r *http.Request, counted bool) {
	if entry, ok := r.Context().Value(entryKey{}).(*Request); ok {
		l.mu.Lock()
		defer l.mu.Unlock()
		entry.Counted = counted
	}
}

// entryKey is where a request's context has its entry.
type entryKey struct{}

func (l *requestLog) answered(entry *Request, status int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	entry.Status = status
}

func (r Repo) fullName() string { return r.Owner + "/" + r.Name }

// clone copies what r refers to, so that the declarer's later changes of it
// are not seen.
func (r Repo) clone() Repo {
	r.Topics = slices.Clone(r.Topics)
	r.Properties = maps.Clone(r.Properties)
	for name, value := range r.Properties {
		if list, ok := value.([]string); ok {
			r.Properties[name] = slices.Clone(list)
		}
	}
	return r
}
