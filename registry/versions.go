package registry

import (
	"cmp"
	"slices"
	"strings"
)

// Download is one version that can be downloaded.
type Download struct {
	Version  string // "1.2.0"; "trunk" is the default branch
	URL      string
	Release  *Release // nil for a branch
	Standing Standing // what policies make of the release
}

// listed is what a plugin's versions are listed from.
type listed struct {
	releases  []Release
	built     map[int64]string // versions that releases were built as, by id
	branches  []string         // that may be asked for, the default one first
	tagPrefix string
}

func (p *Plugin) listed(rec *record) listed {
	return listed{releases: rec.Releases, built: rec.Versions, branches: p.offeredBranches(rec), tagPrefix: p.TagPrefix}
}

// sum tells lists apart.
func (l listed) sum() string {
	releases := make([]string, 0, 2*len(l.releases))
	for i := range l.releases {
		if release := &l.releases[i]; strings.HasPrefix(release.Tag, l.tagPrefix) {
			releases = append(releases, release.Tag, l.version(release))
		}
	}
	return fingerprint([]any{releases, l.branches})
}

// version is what a release was built as, else what its tag says, else its tag.
func (l listed) version(release *Release) string {
	return cmp.Or(l.built[release.ID], TagVersion(release.Tag, l.tagPrefix), refName(release.Tag))
}

// downloads lists every version that can be downloaded, newest release first
// and the branch last: of a release what it was built as; of one that never
// was, what its tag says, or the tag itself. The package's own version is
// linked to its lasting address, another release by its tag. A static host has
// nothing but its own package.
func (p *Package) downloads(l listed) []Download {
	own := Download{Version: p.Version, URL: p.Links.file("packages", p.Slug, p.Installer.Digest, p.Installer.Name), Release: p.Revision.Release}
	if p.Links.Static {
		return []Download{own}
	}
	var list []Download
	for i := range l.releases {
		release := &l.releases[i]
		switch {
		case !strings.HasPrefix(release.Tag, l.tagPrefix):
		case p.Revision.Release != nil && release.ID == p.Revision.Release.ID:
			list = append(list, own)
		default:
			list = append(list, Download{Version: l.version(release), URL: p.Links.release(p.Slug, release.Tag), Release: release})
		}
	}
	if p.Revision.Release == nil {
		list = append(list, own)
	}
	for i, branch := range l.branches {
		version, ref := refName(branch), branch
		if i == 0 {
			version, ref = "trunk", ""
		}
		list = append(list, Download{Version: version, URL: p.Links.branch(p.Slug, ref)})
	}
	return list
}

// refName is the name of a tag or branch as a member of a document, which
// clients print as it is. Git allows quotes and angle brackets.
func refName(ref string) string {
	return strings.Map(func(r rune) rune {
		if r > 0x7f || strings.ContainsRune(`"'<>&`, r) {
			return '-'
		}
		return r
	}, ref)
}

// versionsObject is "versions" of the information document, lowest first and
// trunk last, as WordPress.org gives it. Of several releases that say the same
// version, the package's own or else the newest has the name, and the others
// have their tags.
func (p *Package) versionsObject(l listed) object {
	downloads := p.downloads(l)
	own := slices.IndexFunc(downloads, func(d Download) bool {
		return d.Release != nil && p.Revision.Release != nil && d.Release.ID == p.Revision.Release.ID
	})
	taken := map[string]bool{}
	if own >= 0 {
		taken[p.Version] = true
	}
	for i := range downloads {
		d := &downloads[i]
		if i != own && taken[d.Version] && d.Release != nil {
			d.Version = refName(d.Release.Tag)
		}
		taken[d.Version] = true
	}
	slices.SortStableFunc(downloads, func(a, b Download) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), CompareVersions(a.Version, b.Version))
	})
	versions := object{}
	for _, d := range downloads {
		// Git takes a tag for a name that is markup to whoever prints it.
		if strings.ContainsAny(d.Version, "<>\"'&") {
			continue
		}
		if !slices.ContainsFunc(versions, func(m member) bool { return m.key == d.Version }) {
			versions = append(versions, member{d.Version, d.URL})
		}
	}
	return versions
}

func rank(d Download) int {
	if d.Version != "" && isDigit(d.Version[0]) {
		return 0
	}
	return 1
}
