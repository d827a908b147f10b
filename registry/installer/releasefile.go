package installer

import (
	"cmp"
	"path"
	"slices"
	"strings"
)

// ReleaseFile chooses which of a release's files, given by name, is the
// installer, and returns its index, or -1. Case does not count.
//
// Without a pattern these names are accepted, the first that is there is
// chosen: {slug}.{v}.zip, {slug}-{v}.zip, {slug}_{v}.zip with v the tag, then
// the same with the version, each as it is, then without and with a leading
// "v"; at last {slug}.zip. Of a tag with slashes (hello-yard/1.2.0) the last
// element counts too. An unknown version is "".
//
// pattern is a glob as [path.Match] knows it. If it matches several names, an
// accepted one is preferred, then one that ends in .zip, then the shortest,
// then the first by the alphabet; callers may want to warn. A malformed pattern
// matches nothing.
func ReleaseFile(names []string, slug, tag, version, pattern string) int {
	accepted := acceptedNames(strings.ToLower(slug), strings.ToLower(tag), strings.ToLower(version))
	pattern = strings.ToLower(pattern)
	best, bestKey := -1, candidate{}
	for i, name := range names {
		name = strings.ToLower(name)
		key := candidate{rank: slices.Index(accepted, name), name: name}
		if key.rank < 0 {
			key.rank = len(accepted)
			if !strings.HasSuffix(name, ".zip") {
				key.rank++
			}
		}
		if pattern == "" && key.rank >= len(accepted) {
			continue
		}
		if pattern != "" {
			if ok, err := path.Match(pattern, name); err != nil || !ok {
				continue
			}
		}
		if best < 0 || key.compare(bestKey) < 0 {
			best, bestKey = i, key
		}
	}
	return best
}

// candidate orders the files of a release.
type candidate struct {
	rank int
	name string
}

func (c candidate) compare(d candidate) int {
	return cmp.Or(cmp.Compare(c.rank, d.rank), cmp.Compare(len(c.name), len(d.name)), cmp.Compare(c.name, d.name))
}

// acceptedNames are the names of an installer, the best first.
func acceptedNames(slug, tag, version string) []string {
	var names []string
	for _, v := range []string{tag, tag[strings.LastIndexByte(tag, '/')+1:], version} {
		bare := strings.TrimPrefix(v, "v")
		if bare == "" {
			continue
		}
		for _, v := range []string{v, bare, "v" + bare} {
			for _, separator := range []string{".", "-", "_"} {
				names = append(names, slug+separator+v+".zip")
			}
		}
	}
	return append(names, slug+".zip")
}
