package registry

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
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
	Forge      Forge
	Store      Store
	Links      Links
	Every      time.Duration    // how old a check may be before the forge is asked again; default 4 h
	ServeStale time.Duration    // how long a package is served when the forge can't be asked; default 30 d
	Builds     int              // builds at once; default 4
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
	loadedFor      = 30 * time.Minute
	MaxLoadedBytes = 128 << 20
)

// Service answers for all configured plugins. Its methods may be called from
// many goroutines.
type Service struct {
	cfg        Config
	log        *slog.Logger
	plugins    atomic.Pointer[roster]
	loaded     recent[*served]                  // packages by digest
	files      recent[[]byte]                   // small installers and images by digest
	upgrademes recent[*Document]                // by the information document's entity tag
	summed     recent[map[string]FileChecksums] // by the installer's digest
	failed     memory[error]                    // first builds by key of flight
	flight     singleflight.Group
	behind     sync.Map // slug/channel → whether a build waits in the background
	builds     *semaphore.Weighted
	older      *semaphore.Weighted // held to build an older release: anybody may ask for all of them, and new ones must not wait
	summing    *semaphore.Weighted // held to sum the files of an installer
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
	encoding string // tells what documents are encoded for
	mu       sync.Mutex
	record   atomic.Pointer[record] // nil until loaded
	checking sync.Mutex             // held by the check under way
	wanted   atomic.Int64           // checks asked for in the background and not yet begun, and the one under way
	told     atomic.Bool            // the forge told us, by webhook, that something changed
	tried    atomic.Int64           // when the last check began, Unix nanoseconds
	print    sync.Once
	config   string                // the plugin's fingerprint, made by print
	fault    atomic.Pointer[fault] // why the last check or build failed; nil if it did not
	signed   sync.Map              // Digest of an installer → *signed
	verified atomic.Int64          // when the repository was last seen to be the one that it was, Unix nanoseconds
	said     sync.Map              // what the log has told → when
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
	cfg.WordPress = cmp.Or(cfg.WordPress, readme.StableWordPress)
	cfg.Temp = cmp.Or(cfg.Temp, os.TempDir())
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	s := &Service{
		cfg: cfg, log: cfg.Log,
		builds:     semaphore.NewWeighted(int64(cfg.Builds)),
		older:      semaphore.NewWeighted(1),
		summing:    semaphore.NewWeighted(1),
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
	if shelf := s.roster().bySlug[Slug(slug)]; shelf != nil {
		return shelf, nil
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
		if first, _ := cs.next(0); first.state != nil {
			return s.serve(ctx, shelf, rec, first)
		}
		if current, err := s.obtain(ctx, shelf, rec, &cs); current != nil || err != nil {
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

// mayServe refuses a private repository's plugin unless the configuration
// says that anybody may have it.
func (s *Service) mayServe(shelf *shelf, rec *record) error {
	if rec.Repository.Private && shelf.plugin.Access != AccessPublic {
		return &Error{Kind: ErrForbidden, Message: fmt.Sprintf("the repository of %s is private, so it is not served; its operator can set \"access: public\" to serve it to everyone", shelf.plugin.Slug)}
	}
	return nil
}

// fresh starts a check behind the request when one is due, and refuses what is
// too old to be served at all.
func (s *Service) fresh(shelf *shelf, rec *record) error {
	age := s.cfg.Now().Sub(rec.Checked)
	if age < s.cfg.Every && !shelf.reconfigured(rec) {
		return nil
	}
	s.checkBehind(shelf)
	if !s.tooOld(rec) {
		return nil
	}
	return s.expired(shelf, rec)
}

// tooOld reports whether the last check is too long ago for the plugin to be
// served.
func (s *Service) tooOld(rec *record) bool {
	return s.cfg.Now().Sub(rec.Checked) >= s.cfg.Every+s.cfg.ServeStale
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
// work goes on when those who wait for it give up, until the service closes.
func (s *Service) once(ctx context.Context, key string, fn func(context.Context) (any, error)) (any, error) {
	ch := s.flight.DoChan(key, func() (any, error) {
		if !s.begin() {
			return nil, fmt.Errorf("%w: the service is closing", ErrUnavailable)
		}
		defer s.work.Done()
		ctx, cancel := context.WithTimeout(s.life, BuildTime)
		defer cancel()
		return fn(ctx)
	})
	select {
	case r := <-ch:
		return r.Val, r.Err
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for %s: %w: %w", key, ErrUnavailable, ctx.Err())
	}
}
