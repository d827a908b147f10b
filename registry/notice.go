package registry

import (
	"cmp"
	"fmt"
	"time"
)

// notices are what policies make of the newest release and of updates, in a
// sentence each, for people who look at a plugin's page and find another version
// there than on the forge. The package is what is served to whom nobody knows.
func (p *Plugin) notices(rec *record, pkg *Package, now time.Time) []string {
	var list []string
	add := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	stable := p.offer(rec).stable
	if p.Source != SourceBranch && stable != nil {
		if chosen := p.chosenRelease(rec); chosen != nil && p.withheld(rec, chosen) {
			add("Version %s; %s takes its place.", p.reason(rec, chosen), rec.named(p, stable))
		}
		if served := pkg.Revision.Release; served != nil && served.ID != stable.ID && p.Policy.Rollout.on() {
			add("%s", p.standing(rec, stable, now).notice(rec.named(p, stable), pkg.Version))
		}
	}
	if p.Policy.DisableAutoupdate {
		add("Background updates are switched off: a site is updated when somebody there asks for it.")
	}
	return list
}

// notice tells of a version that goes to a part of the sites, while the others
// are offered another one.
func (s Standing) notice(version, before string) string {
	switch {
	case s.Halted:
		return fmt.Sprintf("The rollout of version %s is halted: sites that have not got it are offered %s.", version, before)
	case s.Percent > 0:
		return fmt.Sprintf("Version %s is being rolled out: %d\u00a0%% of sites are offered it so far, and the others %s.", version, s.Percent, before)
	}
	return fmt.Sprintf("Version %s is not offered yet: sites are offered %s.", version, before)
}

// named is a release's version, or its tag where that is not known.
func (r *record) named(p *Plugin, release *Release) string {
	return cmp.Or(r.version(p, release), release.Tag)
}

// reason says which policy withholds a release.
func (p *Plugin) reason(rec *record, release *Release) string {
	version := rec.named(p, release)
	if p.Policy.yanks(rec.Versions[release.ID], release.Tag, TagVersion(release.Tag, p.TagPrefix)) {
		return version + " is taken back (yanked)"
	}
	return fmt.Sprintf("%s is below the lowest that is offered (min_version %s)", version, p.Policy.MinVersion)
}

// takenBack is what is answered where nothing but this release could be offered.
func (p *Plugin) takenBack(rec *record, release *Release) error {
	return notFoundf("plugin %s: version %s by its registry's configuration, and there is no other release to offer", p.Slug, p.reason(rec, release))
}
