package registry

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Listing is what answers in WordPress.org's shapes are made from. Nobody
// changes one.
type Listing struct {
	Type    Type
	Slug    Slug
	File    string // a plugin's basename, "hello-yard/hello-yard.php", or a theme's stylesheet
	Version string
	Update  json.RawMessage // the update object
	Stale   Stale           // zero if it could be brought up to date in time; not in [Service.Listings]

	// What follows is given by [Service.Listing] alone.

	Information *Document // the information document

	// And this by [Service.Listings] too, to be searched and sorted by.

	Modified     time.Time // of the revision
	Added        string    // "2006-01-02"; "" is not known
	Name         string
	Description  string // short, one line
	Author       string
	Tags         []Tag
	Contributors []string // their slugs
	Popularity   int64    // active installs, else downloads; 0 is not known
}

// Listing is one plugin or theme, built first if it has never been.
func (s *Service) Listing(ctx context.Context, slug string, q Query) (*Listing, error) {
	current, err := s.current(ctx, slug, q)
	if err != nil {
		return nil, err
	}
	l := current.listing()
	l.Stale, _ = s.Stale(slug)
	return l, nil
}

func (c *served) listing() *Listing {
	l := c.pkg.listing()
	l.Information = c.information
	return l
}

// listing copies what is small, so that a list of all packages does not hold
// the packages themselves.
func (p *Package) listing() *Listing {
	d := &p.Details
	l := &Listing{
		Type: cmp.Or(p.Type, TypePlugin), Slug: p.Slug, File: p.File, Version: p.Version, Update: p.Update,
		Modified: p.Revision.Modified, Added: d.Added,
		Name: d.Name, Description: d.Description, Author: d.Author, Tags: d.Tags, Popularity: cmp.Or(d.ActiveInstalls, d.Downloaded),
	}
	for _, contributor := range d.Contributors {
		l.Contributors = append(l.Contributors, contributor.Slug)
	}
	return l
}

// Built is one plugin or theme as a query resolves to it, if that is built and
// may be served: no forge is asked and no build waited for, though one that is
// missing is begun. ErrNotFound if none has that slug, ErrUnavailable if it is
// not built yet.
func (s *Service) Built(ctx context.Context, slug string, q Query) (*Listing, error) {
	shelf := s.roster().bySlug[Slug(slug)]
	if shelf == nil {
		return nil, ErrNotFound // thousands are asked for at once that are not ours
	}
	state, err := s.built(ctx, shelf, q)
	if err != nil {
		return nil, err
	}
	stale, _ := s.staleness(shelf, s.cfg.Now())
	return &Listing{Type: state.kind(), Slug: shelf.plugin.Slug, File: state.File, Version: state.Version, Update: state.Update, Stale: stale}, nil
}

// built is what a query resolves to, from the plugin's record. Its update
// object is encoded for the links of now. What is missing is begun.
func (s *Service) built(ctx context.Context, shelf *shelf, q Query) (channelState, error) {
	var none channelState
	rec, err := s.stored(ctx, shelf)
	if err != nil {
		s.log.Error("record cannot be read, the plugin is left out of lists", "plugin", shelf.plugin.Slug, "err", err)
		return none, err
	}
	if rec.Repository == nil {
		s.checkBehind(shelf)
		return none, notBuilt(shelf)
	}
	if err := s.mayServe(shelf, rec); err != nil {
		return none, err
	}
	cs, err := shelf.plugin.candidates(rec, q, s.cfg.Now())
	if err != nil {
		return none, err // this plugin does not offer what was asked for
	}
	shelf.noteBeta(rec, q)
	c, _ := cs.built()
	if c == nil {
		c = cs.unlisted(rec)
	}
	s.buildMissing(shelf, &cs, c != nil)
	if c == nil {
		return none, notBuilt(shelf)
	}
	state := *c.state
	if err := s.fresh(shelf, rec); err != nil {
		return none, err
	}
	if state.Encoded == shelf.encoding && state.File != "" {
		return state, nil
	}
	current, err := s.load(ctx, shelf, c.state)
	if err != nil {
		s.log.Error("stored package is damaged, building it again", "plugin", shelf.plugin.Slug, "err", err)
		s.buildBehind(shelf, c.channel)
		return none, notBuilt(shelf)
	}
	p := current.pkg
	state.Update, state.Type, state.File, state.Version = p.Update, p.Type, p.File, p.Version
	return state, nil
}

// buildMissing begins to build the first candidate that can be built, if that has
// no package. Where another one answers, checks build what the release channel
// stands for.
func (s *Service) buildMissing(shelf *shelf, cs *candidates, answered bool) {
	for c, i := cs.next(0); c != nil && c.state == nil; c, i = cs.next(i + 1) {
		if c.waiting != nil || answered && c.patient() {
			return
		}
		if !ofContent(s.failure(buildKey(shelf, c.channel))) {
			s.buildBehind(shelf, c.channel)
			return
		}
		if answered || !cs.goesOn() {
			return
		}
	}
}

func notBuilt(shelf *shelf) error {
	return &Error{Kind: ErrUnavailable, RetryAfter: time.Minute, Message: fmt.Sprintf("plugin %s is not built yet", shelf.plugin.Slug)}
}

// listings are a list that was made, and the state of things it was made for.
type listings struct {
	changes uint64
	made    time.Time
	until   time.Time // when something in it is too old to be served
	list    []*Listing
	of      map[Digest]*Listing // by package: most of them stay when the list is made anew
}

// maxLists bounds how many lists are held, one for each kind of query: there
// are five environments and three channels. A listing has about a kilobyte, and
// is shared by the lists that it is in.
const maxLists = 32

// Listings are all plugins and themes that are built and may be served, as
// configured, without their documents. It waits for no build. A site's part in
// a rollout is not looked at: ask for each with [Service.Listing].
func (s *Service) Listings(ctx context.Context, q Query) ([]*Listing, error) {
	q = Query{Kind: q.Kind, Environment: environmentClass(q.Environment), Channel: q.Channel}
	if hit := s.list(q); hit != nil && hit.changes == s.changes.Load() && s.holds(hit.made, hit.until) {
		return hit.list, nil
	}
	v, err := s.once(ctx, "listings/"+string(q.Kind)+"/"+q.Environment+"/"+q.Channel, func(ctx context.Context) (any, error) {
		next := &listings{changes: s.changes.Load(), made: s.cfg.Now(), of: map[Digest]*Listing{}}
		for _, shelf := range s.roster().order {
			state, err := s.built(ctx, shelf, q)
			if err != nil {
				continue
			}
			l := s.summarised(state.Package)
			if l == nil {
				if l, err = s.summary(ctx, &state); err != nil {
					s.log.Error("stored package is damaged, leaving it out of the lists", "plugin", shelf.plugin.Slug, "err", err)
					continue
				}
			}
			next.list, next.of[state.Package] = append(next.list, l), l
			next.until = s.expires(shelf, next.until)
		}
		s.keepList(q, next)
		return next.list, nil
	})
	if err != nil {
		return nil, err
	}
	return v.([]*Listing), nil
}

func (s *Service) list(q Query) *listings {
	s.listing.Lock()
	defer s.listing.Unlock()
	return s.lists[q]
}

// summarised is a package that is in some list.
func (s *Service) summarised(digest Digest) *Listing {
	s.listing.Lock()
	defer s.listing.Unlock()
	for _, list := range s.lists {
		if l := list.of[digest]; l != nil {
			return l
		}
	}
	return nil
}

func (s *Service) keepList(q Query, next *listings) {
	s.listing.Lock()
	defer s.listing.Unlock()
	if s.lists == nil || len(s.lists) >= maxLists && s.lists[q] == nil {
		s.lists = map[Query]*listings{}
	}
	s.lists[q] = next
}

// summary reads a package without its documents.
func (s *Service) summary(ctx context.Context, state *channelState) (*Listing, error) {
	if hit, ok := s.loaded.get(string(state.Package)); ok {
		return hit.pkg.listing(), nil
	}
	pkg, err := decodePackage(ctx, s.cfg.Store, state.Package)
	if err != nil {
		return nil, err
	}
	l := pkg.listing()
	l.Update = state.Update
	return l, nil
}

// PackageOf is the package of one version, as its header says it, among the
// published releases and what is served now. It is built first if it has never
// been. ErrNotFound if there is no such version.
func (s *Service) PackageOf(ctx context.Context, slug, version string) (*Package, error) {
	shelf, err := s.find(slug)
	if err != nil {
		return nil, err
	}
	rec, err := s.known(ctx, shelf)
	if err != nil {
		return nil, err
	}
	if err := s.mayServe(shelf, rec); err != nil {
		return nil, err // or its versions could be found by trying
	}
	missing := notFoundf("%s has no version %.80q", shelf.plugin.Slug, version)
	q, ok := shelf.plugin.queryOf(rec, version)
	if !ok {
		return nil, missing
	}
	pkg, err := s.Package(ctx, slug, q)
	if err == nil && pkg.Version != version || errors.Is(err, ErrNotFound) {
		return nil, missing
	}
	return pkg, err
}

// queryOf says how to ask for a version: it is a release, whether it is offered
// or not, or else the branch.
func (p *Plugin) queryOf(rec *record, version string) (Query, bool) {
	if version == "" || version == "trunk" {
		return Query{}, false
	}
	if release := rec.byVersion(p, version); release != nil && p.Source != SourceBranch {
		return Query{Kind: KindRelease, UpdateID: release.Tag}, true
	}
	branch := rec.Channels[Channel{Kind: KindBranch}.String()]
	return Query{Kind: KindBranch}, branch.Version == version && p.Source != SourceRelease
}
