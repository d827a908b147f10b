package registry

import (
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"time"
)

// Rollout offers the newest release to a part of the sites, and to the others
// what they were offered before: the highest release whose own rollout has come
// to them. The zero value offers it to all. Which sites is decided by a hash of
// [Query.Site], the slug and the release's tag, so that a site stays where it
// is, and it is not always the same ones that go first. A site that is not known
// goes last.
type Rollout struct {
	Steps []RolloutStep // by After; none is all sites at once
	Halt  bool          // offer it to nobody who has not got it
}

// RolloutStep is the part of sites from a time on.
type RolloutStep struct {
	After   time.Duration // since the registry first offered the release
	Percent int           // 0 to 100
}

// on reports whether there is a rollout.
func (r *Rollout) on() bool { return r.Halt || len(r.Steps) > 0 }

// percent is the part of sites that a release goes to by now.
func (r *Rollout) percent(since, now time.Time) int {
	if r.Halt {
		return 0
	}
	if len(r.Steps) == 0 {
		return 100
	}
	part := 0
	for _, step := range r.Steps {
		if now.Sub(since) >= step.After {
			part = step.Percent
		}
	}
	return part
}

// takes reports whether a site is in the part that a release goes to. A part
// that grows keeps everyone who is in it.
func takes(part int, slug Slug, tag, site string) bool {
	switch {
	case part >= 100:
		return true
	case part <= 0 || site == "":
		return false
	}
	return place(slug, tag, site) < part
}

// place is a site's place in the order in which it gets a release, 0 to 99.
func place(slug Slug, tag, site string) int {
	var room [256]byte
	text := append(room[:0], site...)
	text = append(append(text, 0), slug...)
	text = append(append(text, 0), tag...)
	sum := sha256.Sum256(text)
	return int(binary.BigEndian.Uint64(sum[:8]) % 100)
}

// partOf is the part of sites that a candidate goes to. The stable one begins
// now if it has not; one that was passed over before any site got it never does.
func (r *Rollout) partOf(c *candidate, stable bool, now time.Time) int {
	switch {
	case c.whole:
		return 100
	case !c.unseen:
		return r.percent(c.since, now)
	case !stable:
		return 0
	case c.since.After(now):
		return r.percent(c.since, now)
	}
	return r.percent(now, now)
}

// roll says which of the releases go to a part of the sites. Whatever is below
// the stable one and not above Reached was for all, and so is the lowest one:
// somebody has to get something.
func (p *Plugin) roll(rec *record, o *offer) {
	last := len(o.releases) - 1
	for i := range o.releases {
		c := &o.releases[i]
		began, seen := rec.Offered[c.release.ID]
		switch {
		case !p.Policy.Rollout.on() || i == last:
		case seen:
			c.part = part{since: later(began, c.release.Published)}
		case rec.Reached == "" && len(rec.Offered) == 0:
			c.part = part{since: c.release.Published, whole: i > 0}
		case rec.Reached == "" || CompareVersions(rec.version(p, c.release), rec.Reached) > 0:
			c.part = part{since: c.release.Published, unseen: true}
		case i == 0:
			c.part = part{since: c.release.Published} // it was for all, but may be halted or held back now
		}
	}
}

// begin notes that a release is offered by the release channel from now on. Of
// the first one that ever is, nobody knows since when sites have it: it counts
// from its publication, and what is below it was for all.
func (r *record) begin(plugin *Plugin, release *Release, now time.Time) {
	_, seen := r.Offered[release.ID]
	switch served := r.Channels[string(KindRelease)]; {
	case seen || r.Whole[release.ID] || served.Release == release.ID && r.noted():
		return
	case !r.noted():
		now = release.Published
		for _, other := range plugin.ordered(r, false) {
			if r.below(plugin, other, release) {
				r.Reached = r.version(plugin, other)
				break
			}
		}
	}
	for _, state := range r.Channels {
		if state.Displaced && state.Release == release.ID {
			return // it was offered before
		}
	}
	r.Offered = maps.Clone(r.Offered) // readers hold the old one
	if r.Offered == nil {
		r.Offered = map[int64]time.Time{}
	}
	r.Offered[release.ID] = now
}

// noted reports whether the record says of any release when it was offered.
func (r *record) noted() bool { return r.Reached != "" || len(r.Offered) > 0 }

// noteReached notes what the release channel serves if that is for all sites by now,
// and forgets the rollouts of what is below.
func (r *record) noteReached(plugin *Plugin, now time.Time) {
	served := r.Channels[string(KindRelease)]
	for i, c := range plugin.offer(r).releases {
		began, seen := r.Offered[c.release.ID]
		if !seen || c.release.ID != served.Release || plugin.Policy.Rollout.percent(later(began, c.release.Published), now) < 100 {
			continue
		}
		r.Offered, r.Whole = maps.Clone(r.Offered), maps.Clone(r.Whole)
		if r.Whole == nil {
			r.Whole = map[int64]bool{}
		}
		for _, lower := range plugin.offer(r).releases[i:] {
			began, seen := r.Offered[lower.release.ID]
			if seen && plugin.Policy.Rollout.percent(later(began, lower.release.Published), now) >= 100 {
				r.Whole[lower.release.ID] = true
			}
			delete(r.Offered, lower.release.ID)
		}
		if version := r.version(plugin, c.release); CompareVersions(version, r.Reached) > 0 {
			r.Reached = version
		}
		return
	}
}

// rolling reports whether what is answered depends on the site.
func (p *Plugin) rolling(rec *record, now time.Time) bool {
	if !p.Policy.Rollout.on() {
		return false
	}
	for i := range p.offer(rec).releases {
		switch part := p.Policy.Rollout.partOf(&p.offer(rec).releases[i], i == 0, now); {
		case part >= 100:
			return false
		case part > 0:
			return true
		}
	}
	return false
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
