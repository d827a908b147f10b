package registry

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// offer is what policies leave of a plugin's releases. It follows from the
// configuration and the record, and is made once per record: requests only
// read it.
type offer struct {
	stable   *Release               // what the release channel stands for; nil is nothing
	releases []candidate            // stable and, unless that is pinned, the releases below it, highest first
	betas    []candidate            // what is above stable, prereleases too, highest first, and then releases
	channels map[string][]candidate // what each channel has: one
	refusal  error                  // why stable is nil
	listed   string                 // the versions that can be downloaded, in short
}

// candidate is what may answer a request: a release, or what a request named.
type candidate struct {
	release *Release      // nil for a branch
	channel Channel       // where it is built
	state   *channelState // its package; nil if it has none that may be served
	waiting *channelState // its package that nobody has signed yet; nil if there is none
	renewed *atomic.Bool  // state is known to be what would be built now; nil without state
	part
}

// part is how much of a rollout a release has behind it.
type part struct {
	whole  bool      // it may go to every site
	unseen bool      // no site was ever offered it
	since  time.Time // when its rollout began, or is to begin
}

// offer gives what was made for the record, or makes it for one that is being
// changed.
func (p *Plugin) offer(rec *record) *offer {
	if rec.offer != nil {
		return rec.offer
	}
	return p.makeOffer(rec)
}

func (p *Plugin) makeOffer(rec *record) *offer {
	o := &offer{channels: make(map[string][]candidate, len(rec.Channels)+len(rec.Waiting)), listed: p.listed(rec).sum()}
	for key, state := range rec.Channels {
		o.channels[key] = []candidate{{channel: state.Channel, state: &state, renewed: new(atomic.Bool)}}
	}
	for key, state := range rec.Waiting {
		list := o.at(state.Channel)
		list[0].waiting = &state
		o.channels[key] = list
	}
	chosen := p.chosenRelease(rec)
	if chosen == nil {
		o.refusal = notFoundf("plugin %s has no published release yet", p.Slug)
		if p.Source != SourceBranch && (p.Ref == "" || p.Source == SourceEither) {
			o.betas = o.candidates(p.ordered(rec, true)) // there may be prereleases
		}
		return o
	}
	pinned := p.pinned(rec) != nil
	ordered := p.ordered(rec, false)
	if o.stable = chosen; p.withheld(rec, chosen) {
		o.stable = nil
		if !pinned && len(ordered) > 0 {
			o.stable = ordered[0]
		}
	}
	switch {
	case o.stable == nil:
		o.refusal = p.takenBack(rec, chosen)
	case pinned:
		o.releases = o.candidates([]*Release{o.stable})
	default:
		below := slices.DeleteFunc(ordered, func(release *Release) bool { return !rec.below(p, release, o.stable) })
		o.releases = o.candidates(slices.Insert(below, 0, o.stable))
	}
	p.roll(rec, o)
	if !pinned {
		above := slices.DeleteFunc(p.ordered(rec, true), func(release *Release) bool {
			return o.stable != nil && (release.ID == o.stable.ID || !rec.below(p, o.stable, release) || rec.version(p, o.stable) == "" && !release.Prerelease)
		})
		o.betas = o.candidates(above)
	}
	o.betas = append(o.betas, o.releases...)
	return o
}

// ordered are the releases that may be offered, highest first; of equal ones
// the newest.
func (p *Plugin) ordered(rec *record, prereleases bool) []*Release {
	var list []*Release
	for i := range rec.Releases {
		release := &rec.Releases[i]
		if (prereleases || !release.Prerelease) && strings.HasPrefix(release.Tag, p.TagPrefix) && rec.version(p, release) != "" && !p.withheld(rec, release) {
			list = append(list, release)
		}
	}
	slices.SortStableFunc(list, func(a, b *Release) int { return CompareVersions(rec.version(p, b), rec.version(p, a)) })
	return list
}

// below reports whether a release is lower than another one, or the other's
// version is not known.
func (r *record) below(p *Plugin, release, other *Release) bool {
	return release.ID != other.ID && (r.version(p, other) == "" || CompareVersions(r.version(p, release), r.version(p, other)) < 0)
}

// candidates finds the packages of releases. A release may have one in the
// release channel and one in its own; that of the channel where it would be
// built is the one that is kept fresh.
func (o *offer) candidates(releases []*Release) []candidate {
	list := make([]candidate, 0, len(releases))
	for _, release := range releases {
		c := candidate{release: release, channel: Channel{KindRelease, release.Tag}, part: part{whole: true}}
		other := Channel{Kind: KindRelease}
		if o.stable != nil && o.stable.ID == release.ID {
			c.channel, other = other, c.channel
		}
		for _, channel := range [...]Channel{c.channel, other} {
			has := o.at(channel)[0]
			if c.state == nil && has.state != nil && has.state.of(release) {
				c.state, c.renewed = has.state, has.renewed
			}
			if c.waiting == nil && has.waiting != nil && has.waiting.of(release) {
				c.waiting = has.waiting
			}
		}
		list = append(list, c)
	}
	return list
}

// of reports whether a state's package was built from a release. Older programs
// did not note that, but the channel of a tag says it.
func (c *channelState) of(release *Release) bool {
	return c.Package != "" && (c.Release == release.ID || c.Release == 0 && c.Channel.Ref == release.Tag)
}

func (p *Plugin) withheld(rec *record, release *Release) bool {
	return p.Policy.withholds(rec.Versions[release.ID], release.Tag, TagVersion(release.Tag, p.TagPrefix))
}

// version is what a release was built as, else what its tag says; "" is not
// known.
func (r *record) version(p *Plugin, release *Release) string {
	if built := r.Versions[release.ID]; built != "" {
		return built
	}
	return TagVersion(release.Tag, p.TagPrefix)
}

// byVersion finds a release by the version that it was built as, else by its
// tag's. The highest id of several wins: the newest.
func (r *record) byVersion(p *Plugin, version string) *Release {
	var found *Release
	for i := range r.Releases {
		release := &r.Releases[i]
		if r.version(p, release) == version && strings.HasPrefix(release.Tag, p.TagPrefix) && (found == nil || release.ID > found.ID) {
			found = release
		}
	}
	return found
}

// Standing is what policies make of one release.
type Standing struct {
	Yanked  bool // not offered
	TooOld  bool // not offered, being lower than min_version
	Percent int  // of sites that are offered it; 0 unless it is being rolled out
	Halted  bool // its rollout is halted
}

// standing is what policies make of one release, for people.
func (p *Plugin) standing(rec *record, release *Release, now time.Time) Standing {
	built, tagged := rec.Versions[release.ID], TagVersion(release.Tag, p.TagPrefix)
	s := Standing{Yanked: p.Policy.yanks(built, release.Tag, tagged), TooOld: p.Policy.outdates(built, tagged)}
	for i, c := range p.offer(rec).releases {
		if c.release.ID == release.ID && !c.whole {
			s.Percent, s.Halted = p.Policy.Rollout.partOf(&c, i == 0, now)%100, p.Policy.Rollout.Halt
		}
	}
	return s
}

// String is the standing in a few words; "" if there is nothing to say.
func (s Standing) String() string {
	switch {
	case s.Yanked:
		return "taken back"
	case s.TooOld:
		return "not offered any more"
	case s.Halted:
		return "halted"
	case s.Percent > 0:
		return fmt.Sprintf("for %d\u00a0%% of sites", s.Percent)
	}
	return ""
}
