package registry

import (
	"cmp"
	"slices"
	"strings"
)

// Download is one version that can be downloaded.
type Download struct {
	Version string // "1.2.0"; "trunk" is the default branch
	URL     string
	Release *Release // nil for a branch
}

// downloads lists every version that can be downloaded, newest release first
// and the branch last. The package's own version is linked to its lasting
// address; another release, perhaps never built yet, by its tag. Where the
// package's own tag is not its version, tags say nothing of versions, and other
// releases are left out; and so they are where a static host serves.
func (p *Package) downloads(releases []Release, branches []string, tagPrefix string) []Download {
	own := Download{Version: p.Version, URL: p.Links.file("packages", p.Slug, p.Installer.Digest, p.Installer.Name), Release: p.Revision.Release}
	if p.Links.Static {
		return []Download{own}
	}
	tagged := p.Revision.Release == nil || CompareVersions(TagVersion(p.Revision.Ref, tagPrefix), p.Version) == 0
	var list []Download
	for i := range releases {
		release := &releases[i]
		version := TagVersion(release.Tag, tagPrefix)
		switch {
		case !strings.HasPrefix(release.Tag, tagPrefix):
		case p.Revision.Release != nil && release.ID == p.Revision.Release.ID:
			list = append(list, own)
		case tagged && version != "" && version != p.Version:
			list = append(list, Download{Version: version, URL: p.Links.release(p.Slug, release.Tag), Release: release})
		}
	}
	if p.Revision.Release == nil {
		list = append(list, own)
	}
	for i, branch := range branches {
		version, ref := branch, branch
		if i == 0 {
			version, ref = "trunk", ""
		}
		list = append(list, Download{Version: version, URL: p.Links.branch(p.Slug, ref)})
	}
	return list
}

// versionsObject is "versions" of the information document, lowest first and
// trunk last, as WordPress.org gives it.
func (p *Package) versionsObject(releases []Release, branches []string, tagPrefix string) object {
	downloads := p.downloads(releases, branches, tagPrefix)
	slices.SortStableFunc(downloads, func(a, b Download) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), CompareVersions(a.Version, b.Version))
	})
	versions := object{}
	for _, d := range downloads {
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
