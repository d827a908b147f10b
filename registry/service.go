package registry

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/sync/singleflight"

	"github.com/pluginyard/pluginyard/readme"
	"github.com/pluginyard/pluginyard/registry/signing"
)

// Config is what a [Service] is made from.
type Config struct {
	Plugins    []Plugin
	Owners     []Owner // whose repositories are served for their topics; see [Service.LoadOwners]
	Forge      Forge
	Store      Store
	Links      Links
	Every      time.Duration    // how old a check may be before the forge is asked again; default 4 h
	ServeStale time.Duration    // how long a package is served when the forge can't be asked; default 30 d
	Builds     int              // builds at once; default 4
	Queue      int              // builds that may wait for one of those, for clients; default 64
	Signing    *signing.Keyring // keys that sign installers, or that must have; nil signs nothing
	WordPress  string           // its newest branch, such as "6.9"; default readme.StableWordPress
	Temp       string           // folder for archives while they are built; default os.TempDir
	Progress   Progress         // told of the first builds; default nobody
	Observe    Observer         // told of every check and build; default nobody
	Now        func() time.Time // default time.Now
	Log        *slog.Logger     // default slog.Default
}

// Progress is told of each plugin of a long job when it is done, well or not.
type Progress func(done, total int, slug Slug)

// The defaults of [Config].
const (
	DefaultEvery      = 4 * time.Hour
	DefaultServeStale = 30 * 24 * time.Hour
	DefaultBuilds     = 4
	DefaultQueue      = 64
)

// BuildTime bounds one build, downloads included.
const BuildTime = 15 * time.Minute

// failedFor is how long a failed first build is remembered, so that a crowd
// does not repeat it.
const failedFor = 20 * time.Second

// brokenFor is how long the same content of a repository is not built again,
// unless the repository was surveyed since: it would be downloaded to fail.
const brokenFor = time.Hour

// Packages, and small files, stay in memory while they are used: for one to two
// times loadedFor after they were. Packages stay within MaxLoadedBytes, files
// within MaxHeldBytes. A package with its documents has some 60 KB; reading it
// from the store again takes less than a millisecond.
const (
	loadedFor      = 5 * time.Minute
	MaxLoadedBytes = 128 << 20
)

// Service answers for all configured plugins. Its methods may be called from
// many goroutines.
type Service struct {
	cfg        Config
	log        *slog.Logger
	plugins    atomic.Pointer[roster]
	configured []*shelf                         // those of the roster that nobody has to find
	named      map[string]bool                  // their repositories, "owner/name" in lower case
	owners     followers                        // with whom the others are found
	loaded     recent[*served]                  // packages by digest
	files      recent[[]byte]                   // small installers and images by digest
	upgrademes recent[*Document]                // by the information document's entity tag
	summed     recent[map[string]FileChecksums] // by the installer's digest
	failed     memory[error]                    // first builds by key of flight
	told       memory[bool]                     // limits of the forge that the log has told of
	pace       pace                             // of checks that nobody waits for
	flight     singleflight.Group
	behind     sync.Map // slug/channel → whether a build waits in the background
	surveys    sync.Map // keys of first surveys that are under way
	line       line     // plugins to check soon
	deliveries deliveries
	builders   builders
	scratch    scratch
	summing    *semaphore.Weighted // held to sum the files of an installer
	labour     *semaphore.Weighted // held while a build keeps a processor busy
	drawing    *semaphore.Weighted // held to prepare images: one hostile picture may take hundreds of megabytes

	life     context.Context // ends when background work must stop
	stop     context.CancelFunc
	gate     sync.Mutex // held to begin work, and to close
	closed   bool       // guarded by gate
	work     sync.WaitGroup
	changes  atomic.Uint64 // counts published records that say something new; the collections are made for one count
	gathered recent[*gathered]
	listing  sync.Mutex // guards lists
	lists    map[Query]*listings
}

// shelf is the state of one plugin. The record is swapped whole: a reader who
// has the pointer needs no lock. mu is held by whoever makes the next record.
type shelf struct {
	plugin   Plugin
	owner    *following // with whom it was found; nil if it is configured
	id       int64      // of the repository when its place was made; 0 if it is configured
	encoding string     // tells what documents are encoded for
	part     float64    // of the interval between checks, after which its own moment comes
	mu       sync.Mutex
	left     bool                   // guarded by mu: another shelf has taken its place, and writes the record
	record   atomic.Pointer[record] // nil until loaded
	checking sync.Mutex             // held by the check under way
	place    standing               // in the line of those to check soon, which guards it
	told     atomic.Bool            // the forge told us, by webhook, that something changed
	news     small                  // what it told us that needs no survey
	privacy  atomic.Int32           // what it told us of whether the repository is private; one of told…
	tried    atomic.Int64           // when the last check began, Unix nanoseconds
	asked    atomic.Int64           // when the last check began that no limit ended, Unix nanoseconds
	cut      atomic.Bool            // a limit ended the last one half-way
	queued   atomic.Bool            // a check behind a request waits for its turn
	putOff   atomic.Int64           // until when nothing is asked in the background, Unix nanoseconds: the forge has a limit; 0 once it was asked
	print    sync.Once
	config   string                // the plugin's fingerprint, made by print
	fault    atomic.Pointer[fault] // why the last check or build failed; nil if it did not
	signed   sync.Map              // Digest of an installer → *signed
	verified atomic.Int64          // when the repository was last seen to be the one that it was, Unix nanoseconds
	said     sync.Map              // what the log has told → when
	failures atomic.Int32          // builds and checks in a row that our own disk has failed
	unsaved  atomic.Pointer[fault] // why record is not on the disk; nil if it is
	durable  *record               // what is there while record is not; guarded by mu
	copied   bool                  // record has a copy; guarded by mu
	beta     atomic.Bool           // somebody asked for the beta channel; the next change of the record says so
}

// fault is a failure and its time.
type fault struct {
	err error
	at  time.Time
	key string // of the flight that failed; "" is a check
}

// served is a package that has been loaded, with what is written to clients.
type served struct {
	pkg         *Package
	information *Document
}

// bytes is about how much memory it takes. Most of a package is the sections,
// which are in its document too.
func (s *served) bytes() int64 {
	return int64(2*len(s.information.Identity) + len(s.information.Gzip) + len(s.information.Brotli) + 4096)
}

// New checks the plugins against one another and makes a service. It asks
// neither the forge nor the store. [Service.Close] ends its background work.
func New(cfg Config) (*Service, error) {
	cfg.Every = cmp.Or(cfg.Every, DefaultEvery)
	cfg.ServeStale = cmp.Or(cfg.ServeStale, DefaultServeStale)
	cfg.Builds = cmp.Or(cfg.Builds, DefaultBuilds)
	cfg.Queue = cmp.Or(cfg.Queue, DefaultQueue)
	cfg.WordPress = cmp.Or(cfg.WordPress, readme.StableWordPress)
	cfg.Temp = cmp.Or(cfg.Temp, os.TempDir())
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	s := &Service{
		cfg: cfg, log: cfg.Log,
		line:       line{ended: make(chan struct{}, 1)},
		builders:   builders{free: cfg.Builds, room: cfg.Queue},
		summing:    semaphore.NewWeighted(1),
		labour:     semaphore.NewWeighted(max(1, int64(runtime.GOMAXPROCS(0))-1)),
		drawing:    semaphore.NewWeighted(1),
		loaded:     recent[*served]{limit: MaxLoadedBytes},
		files:      recent[[]byte]{limit: MaxHeldBytes},
		summed:     recent[map[string]FileChecksums]{limit: MaxSummedBytes},
		gathered:   recent[*gathered]{limit: MaxGatheredBytes},
		upgrademes: recent[*Document]{limit: MaxUpgrademeBytes},
	}
	if s.log == nil {
		s.log = slog.Default()
	}
	s.life, s.stop = context.WithCancel(context.Background())
	plugins := &roster{bySlug: make(map[Slug]*shelf, len(cfg.Plugins))}
	var faults []error
	for _, plugin := range cfg.Plugins {
		plugin, err := plugin.Normalize()
		if err == nil {
			err = plugins.add(s.newShelf(plugin))
		}
		faults = append(faults, err)
	}
	s.plugins.Store(plugins)
	s.configured, s.named = plugins.order, map[string]bool{}
	for _, sh := range s.configured {
		s.named[strings.ToLower(sh.plugin.Repo.String())] = true
	}
	faults = append(faults, s.follow(cfg.Owners))
	return s, errors.Join(faults...)
}

// Close ends background checks and builds and waits for them. What they had
// not published is as if it had not begun.
func (s *Service) Close() {
	s.gate.Lock()
	s.closed = true
	s.gate.Unlock()
	s.stop()
	s.work.Wait()
}

// begin counts a piece of work, whose end is s.work.Done; false if the service
// is closed.
func (s *Service) begin() bool {
	s.gate.Lock()
	defer s.gate.Unlock()
	if !s.closed {
		s.work.Add(1)
	}
	return !s.closed
}

// find is the plugin with that slug.
func (s *Service) find(slug string) (*shelf, error) {
	r := s.roster()
	if shelf := r.bySlug[Slug(slug)]; shelf != nil {
		return shelf, nil
	}
	if w := r.left(Slug(slug)); w != nil {
		return nil, w.gone()
	}
	if err := r.stillLooking(); err != nil {
		return nil, err
	}
	return nil, notFoundf("no plugin or theme %.80q here; the catalogue at %s/ lists them all", slug, s.cfg.Links.Base)
}

// Information is the plugins_api document of one plugin, with its update
// object under its slug.
func (s *Service) Information(ctx context.Context, slug string, q Query) (*Document, error) {
	current, err := s.current(ctx, slug, q)
	if err != nil {
		return nil, err
	}
	return current.information, nil
}

// Package is what a request for this plugin resolves to. It is built first if
// it has never been.
func (s *Service) Package(ctx context.Context, slug string, q Query) (*Package, error) {
	current, err := s.current(ctx, slug, q)
	if err != nil {
		return nil, err
	}
	return current.pkg, nil
}

// PackageURL is where the package's installer lies for ever.
func (s *Service) PackageURL(p *Package) string {
	return s.cfg.Links.file("packages", p.Slug, p.Installer.Digest, p.Installer.Name)
}

// ImageURL is where an image of the plugin lies for ever.
func (s *Service) ImageURL(slug Slug, image Image) string {
	return s.cfg.Links.file("assets", slug, image.Digest, image.Name)
}

// maxResolves bounds how often one request is resolved again because what was
// built for it turned out to be a version that policies take back.
const maxResolves = 8

// current finds what a request resolves to: from memory, else from the store,
// else by building it while the caller waits.
func (s *Service) current(ctx context.Context, slug string, q Query) (*served, error) {
	shelf, err := s.find(slug)
	if err != nil {
		return nil, err
	}
	rec, err := s.known(ctx, shelf)
	if err != nil {
		return nil, err
	}
	if err := s.mayServe(shelf, rec); err != nil {
		return nil, err
	}
	for range maxResolves {
		cs, err := shelf.plugin.candidates(rec, q, s.cfg.Now())
		if err != nil {
			return nil, err
		}
		shelf.noteBeta(rec, q)
		var current *served
		if first, _ := cs.next(0); first.state != nil {
			current, err = s.serve(ctx, shelf, rec, first)
		} else {
			current, err = s.obtain(ctx, shelf, rec, &cs)
		}
		if !errors.Is(err, errWentBack) && (current != nil || err != nil) {
			return current, err
		}
		rec = shelf.record.Load()
	}
	return nil, &Error{Kind: ErrUnavailable, RetryAfter: time.Minute, Message: fmt.Sprintf("plugin %s: none of the releases that were tried may be offered; more are tried with the next request", shelf.plugin.Slug)}
}

// renewBehind builds an older release again, behind the request, if it would
// be another package by now: checks look at the current release and at
// branches alone, but a changed configuration concerns all.
func (s *Service) renewBehind(ctx context.Context, shelf *shelf, rec *record, c *candidate) {
	channel := c.state.Channel
	if channel.Kind != KindRelease || channel.Ref == "" || c.renewed.Load() {
		return
	}
	rev, err := s.revision(ctx, shelf, rec, channel)
	switch {
	case err != nil:
	case rec.has(channel, inputs(&shelf.plugin, rec, rev)):
		c.renewed.Store(true)
	default:
		s.buildBehind(shelf, channel)
	}
}

// fresh starts a check behind the request when one is due, and refuses what is
// too old to be served at all.
func (s *Service) fresh(shelf *shelf, rec *record) error {
	now := s.cfg.Now()
	if age := now.Sub(past(now, rec.Checked)); age < s.cfg.Every && !shelf.reconfigured(rec) {
		return nil
	}
	s.checkBehind(shelf)
	if !s.tooOld(shelf, rec) {
		return nil
	}
	return s.expired(shelf, rec)
}

// tooOld reports whether the last check is too long ago for the plugin to be
// served. Where none was tried since, as the machine was off or its clock was
// put forward, it goes on being served until the check that begins now fails,
// or takes longer than failedFor.
func (s *Service) tooOld(shelf *shelf, rec *record) bool {
	now, limit := s.cfg.Now(), rec.Checked.Add(s.cfg.Every+s.cfg.ServeStale)
	if now.Before(limit) {
		return false
	}
	if fault := shelf.fault.Load(); fault != nil && fault.key == "" && fault.at.After(rec.Checked) {
		return true
	}
	tried := time.Unix(0, shelf.tried.Load())
	return tried.After(limit) && now.Sub(tried) >= failedFor
}

// reconfigured reports whether the plugin's entry in the configuration is
// another one than at the last check.
func (sh *shelf) reconfigured(rec *record) bool {
	sh.print.Do(func() { sh.config = fingerprint(&sh.plugin) })
	return rec.Config != sh.config
}

// load gives a state's package from memory or from the store; encoded anew if
// its documents would be others by now.
func (s *Service) load(ctx context.Context, shelf *shelf, state *channelState) (*served, error) {
	if hit, ok := s.loaded.get(string(state.Package)); ok {
		return hit, nil
	}
	return s.loadStored(ctx, shelf, state)
}

func (s *Service) loadStored(ctx context.Context, shelf *shelf, state *channelState) (*served, error) {
	digest := state.Package
	v, err := s.once(ctx, "load/"+string(digest), func(ctx context.Context) (any, error) {
		pkg, information, err := decode(ctx, s.cfg.Store, digest)
		if err != nil {
			return nil, err
		}
		rec := shelf.record.Load()
		if pkg.Format != documentFormat || pkg.Links != s.cfg.Links || pkg.DisableAutoupdate != shelf.plugin.Policy.DisableAutoupdate || pkg.Repository.Private != rec.Repository.Private {
			pkg.Repository = *rec.Repository
			return s.publish(ctx, shelf, pkg, state.again(), digest)
		}
		information.Modified = shelf.modified(state)
		current := &served{pkg: pkg, information: information}
		s.loaded.put(string(digest), current, current.bytes())
		return current, nil
	})
	if err != nil {
		return nil, err
	}
	return v.(*served), nil
}

// once runs fn once for all who ask for the same key at the same time. The
// work goes on when those who wait for it give up, until the service closes. It
// has the priority of whoever came first: a client that joins a survey of the
// background has to do with what the background may have, and where that is
// refused for the reserve, it asks again by itself.
func (s *Service) once(ctx context.Context, key string, fn func(context.Context) (any, error)) (any, error) {
	if atOnce(ctx) {
		return nil, ErrLater
	}
	priority := PriorityOf(ctx)
	flight := func() <-chan singleflight.Result {
		return s.flight.DoChan(key, func() (v any, err error) {
			err = s.working(priority, func(ctx context.Context) error {
				v, err = fn(ctx)
				return err
			})
			return v, err
		})
	}
	ch := flight()
	for again := priority != PriorityBackground; ; again = false {
		select {
		case r := <-ch:
			if again && r.Shared && errors.Is(r.Err, ErrReserve) {
				ch = flight()
				continue
			}
			return r.Val, r.Err
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for %s: %w: %w", key, ErrUnavailable, ctx.Err())
		}
	}
}

// working does a piece of work, within [BuildTime] and the service's life.
func (s *Service) working(priority Priority, work func(context.Context) error) error {
	if !s.begin() {
		return fmt.Errorf("%w: the service is closing", ErrUnavailable)
	}
	defer s.work.Done()
	ctx, cancel := context.WithTimeout(WithPriority(s.life, priority), BuildTime)
	defer cancel()
	return work(ctx)
}
