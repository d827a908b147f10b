package registry

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// candidates are what may answer a query, the best first: one alone where the
// query, or a pin, names it; else every release that policies leave for this
// site. The first that has a package answers.
type candidates struct {
	plugin *Plugin
	list   []candidate // usually of the offer; nobody changes it
	named  bool        // list is the one that was named
	beta   bool        // which is not rolled out, but halted
	site   string
	now    time.Time
}

// candidates decides what a request means. No request can name a ref that is
// not a published release, a configured branch or the default one.
func (p *Plugin) candidates(rec *record, q Query, now time.Time) (candidates, error) {
	cs := candidates{plugin: p, site: q.Site, now: now}
	if p.isDefault(rec, q.UpdateID) {
		q.UpdateID = ""
	}
	q = p.byEnvironment(rec, q)
	kind, err := p.kind(rec, q)
	if err != nil {
		return cs, err
	}
	o := p.offer(rec)
	switch {
	case kind == KindBranch:
		cs.named = true
		channel, err := p.branchChannel(rec, q.UpdateID)
		if err == nil {
			cs.list = o.at(channel)
		}
		return cs, err
	case q.UpdateID != "":
		cs.named = true
		cs.list, err = p.releaseNamed(rec, o, q.UpdateID)
		return cs, err
	case q.Channel == ChannelBeta:
		cs.list, cs.beta = o.betas, true
	default:
		cs.list = o.releases
	}
	if len(cs.list) == 0 {
		return cs, o.refusal
	}
	return cs, nil
}

// at is what a channel has.
func (o *offer) at(channel Channel) []candidate {
	if list := o.channels[channel.String()]; list != nil {
		return list
	}
	return []candidate{{channel: channel}}
}

// releaseNamed is one release, by its id, its tag or its version, whether it is
// offered or not.
func (p *Plugin) releaseNamed(rec *record, o *offer, id string) ([]candidate, error) {
	release := rec.release(id, p.TagPrefix)
	if release == nil {
		release = rec.byVersion(p, id)
	}
	if release == nil {
		return nil, notFoundf("plugin %s has no release with the id, tag or version %q", p.Slug, id)
	}
	current := o.at(Channel{Kind: KindRelease})
	serves := current[0].state
	if o.stable != nil && o.stable.ID == release.ID {
		switch {
		case o.releases[0].state != nil || serves == nil:
			return o.releases[:1], nil
		case serves.Release == 0:
			return current, nil // stored by an older program
		}
		// Checks build the release channel's: until then it has its own.
	}
	own := o.at(Channel{KindRelease, release.Tag})
	if own[0].state == nil && serves != nil && (serves.of(release) || serves.Tag == release.Tag) {
		return current, nil
	}
	return own, nil
}

// next is the first candidate from the i-th on that may go to the site, and its
// index; nil if there is none.
func (cs *candidates) next(i int) (*candidate, int) {
	for ; i < len(cs.list); i++ {
		if c := &cs.list[i]; c.whole || cs.named || cs.comes(c) {
			return c, i
		}
	}
	return nil, i
}

// comes reports whether the rollout of a candidate has come to the site.
func (cs *candidates) comes(c *candidate) bool {
	rollout := &cs.plugin.Policy.Rollout
	if cs.beta {
		return !rollout.Halt
	}
	return takes(rollout.partOf(c, c.channel.Ref == "", cs.now), cs.plugin.Slug, c.release.Tag, cs.site)
}

// built is the first candidate that has a package, and its index.
func (cs *candidates) built() (*candidate, int) {
	c, i := cs.next(0)
	for c != nil && c.state == nil {
		c, i = cs.next(i + 1)
	}
	return c, i
}

// unlisted is what the release channel has where that is none of the candidates
// and policies have no say: a release that was withdrawn, until the one before
// is built, and what older programs stored.
func (cs *candidates) unlisted(rec *record) *candidate {
	p := cs.plugin
	c := &p.offer(rec).at(Channel{Kind: KindRelease})[0]
	if cs.named || c.state == nil || p.Policy.restricts() || p.pinned(rec) != nil || p.offer(rec).stable == nil {
		return nil
	}
	return c
}

// patient reports whether others answer until a check has built a candidate:
// what the release channel stands for does not keep sites waiting.
func (c *candidate) patient() bool { return c.channel == Channel{Kind: KindRelease} }

// obtain finds an answer where the first candidate has no package: it serves
// one that has been signed by now, or one that is built while the caller waits,
// or else the next one that has a package. It is called again, with nothing
// found, where what was built may turn out to be withheld.
func (s *Service) obtain(ctx context.Context, shelf *shelf, rec *record, cs *candidates) (*served, error) {
	stored, end := cs.built()
	if stored == nil {
		stored = cs.unlisted(rec)
	}
	var failed error
	tries := 0
	first, i := cs.next(0)
	for c := first; c != nil && i < end; c, i = cs.next(i + 1) {
		var current *served
		var err error
		if c.waiting != nil {
			_ = s.fresh(shelf, rec) // a check may be due, and build another one
			if current, err = s.admit(ctx, shelf, c.waiting); current != nil {
				return s.settled(cs, current)
			}
		}
		if c.waiting == nil || err == nil || errors.Is(err, ErrCorrupt) || errors.Is(err, ErrNotFound) {
			if tries >= maxResolves || stored != nil && (c != first || c.patient()) {
				continue
			}
			tries++
			if current, err = s.buildNow(ctx, shelf, c.channel); err == nil {
				return s.settled(cs, current)
			}
		}
		if errors.Is(err, ErrLater) {
			return nil, err
		}
		if failed == nil {
			failed = err
		}
		switch {
		case errors.Is(err, errWaiting):
			tries = maxResolves // whatever is built would wait, too
		case !ofContent(err) || !cs.goesOn():
			end = i
		}
	}
	if err := s.mayServe(shelf, shelf.record.Load()); err != nil {
		return nil, err // that is why it could not be built
	}
	if stored != nil {
		return s.serve(ctx, shelf, rec, stored)
	}
	if failed == nil {
		failed = &Error{Kind: ErrUnavailable, RetryAfter: failedFor, Message: fmt.Sprintf("plugin %s: nothing is built that may be offered to this site", shelf.plugin.Slug)}
	}
	return nil, failed
}

// goesOn reports whether the next candidate is built where one cannot be. Who
// has a new plugin served without policies wants to know why it is not, rather
// than see an old release.
func (cs *candidates) goesOn() bool { return cs.beta || cs.plugin.Policy.restricts() }

// settled is what was just built or signed, unless it has to be looked at again,
// since it may have turned out to be a version that policies take back.
func (s *Service) settled(cs *candidates, current *served) (*served, error) {
	if !cs.named && cs.plugin.Policy.restricts() {
		return nil, nil
	}
	return current, nil
}

// errWentBack is in the chain where a channel serves an earlier package now, so
// that the request has to be resolved again.
var errWentBack = errors.New("the package before is served now")

// serve gives a candidate's package. With errWentBack the request is to be
// resolved again.
func (s *Service) serve(ctx context.Context, shelf *shelf, rec *record, c *candidate) (*served, error) {
	if err := s.fresh(shelf, rec); err != nil {
		return nil, err
	}
	s.renewBehind(ctx, shelf, rec, c)
	if c.state.Listed != shelf.plugin.offer(rec).listed {
		s.relistBehind(shelf, c.state)
	}
	current, err := s.load(ctx, shelf, c.state)
	if !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrNotFound) {
		return current, err
	}
	current, back, err := s.rebuild(ctx, shelf, c.state, err)
	if back {
		return nil, errWentBack
	}
	return current, err
}
