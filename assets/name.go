package assets

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// place is one image that a plugin's page shows.
type place struct {
	stem          string // name without extension
	order         int    // among the images of a plugin
	width, height int    // what the name promises; 0 for any
	low           string // the stem that can be made from it, if missing
}

// places are WordPress.org's, the low resolutions before the high ones that
// they can be made from, and the SVG icon before the others, so that a sized
// icon which turns out to be SVG yields to it.
var places = []place{
	{stem: "banner-772x250", width: 772, height: 250},
	{stem: "banner-1544x500", width: 1544, height: 500, low: "banner-772x250"},
	{stem: "banner-772x250-rtl", width: 772, height: 250},
	{stem: "banner-1544x500-rtl", width: 1544, height: 500, low: "banner-772x250-rtl"},
	{stem: "icon"},
	{stem: "icon-128x128", width: 128, height: 128},
	{stem: "icon-256x256", width: 256, height: 256, low: "icon-128x128"},
}

const screenshotPrefix = "screenshot-"

// placeOf finds a place by its stem; its stem is "" if there is none.
func placeOf(stem string) place {
	for i, p := range places {
		if p.stem == stem {
			p.order = i
			return p
		}
	}
	digits, ok := strings.CutPrefix(stem, screenshotPrefix)
	n, err := strconv.ParseUint(digits, 10, 8)
	// Comparing with the canonical form leaves out "01" and "+1".
	if !ok || err != nil || n < 1 || n > MaxScreenshot || strconv.FormatUint(n, 10) != digits {
		return place{}
	}
	return place{stem: stem, order: len(places) + int(n)}
}

// lowOf is the place that the image at a stem can be made smaller for.
func lowOf(stem string) (place, bool) {
	low := placeOf(placeOf(stem).low)
	return low, low.stem != ""
}

// stemOf cuts the extension off a canonical name.
func stemOf(name string) string {
	stem, _, _ := strings.Cut(name, ".")
	return stem
}

// extensions in order of preference, where several fill the same place.
// WordPress.org takes PNG before JPEG.
var extensions = []string{"png", "jpg", "jpeg", "gif", "webp", "bmp", "svg"}

// candidate is a file that may fill a place.
type candidate struct {
	File
	place
	ext       string // lower case, as named
	folder    int    // index into Folders, or its length for the root
	extension int    // index into extensions
	prefixed  bool   // carries the slug
}

// parseName reads a path as FOLDER/[SLUG-]STEM.EXT. Folders are compared as
// they are, the rest without case. An SVG under the name of a sized icon is the
// icon without a size, since it has none.
func parseName(path, slug string) (candidate, bool) {
	folder, base, inFolder := strings.Cut(path, "/")
	if !inFolder {
		base = path
	}
	stem, ext, ok := strings.Cut(strings.ToLower(base), ".")
	if !ok {
		return candidate{}, false
	}
	c := candidate{
		ext:       ext,
		folder:    slices.Index(Folders, folder),
		extension: slices.Index(extensions, ext),
	}
	if c.place = placeOf(stem); c.stem == "" && slug != "" {
		var bare string
		if bare, c.prefixed = strings.CutPrefix(stem, strings.ToLower(slug)+"-"); c.prefixed {
			c.place = placeOf(bare)
		}
	}
	if !inFolder && strings.HasPrefix(c.stem, screenshotPrefix) {
		c.folder = len(Folders)
	}
	if c.stem == "" || c.extension < 0 || c.folder < 0 {
		return candidate{}, false
	}
	switch {
	case c.stem == "icon":
		return c, ext == "svg"
	case ext == "svg" && strings.HasPrefix(c.stem, "icon-"):
		c.place = placeOf("icon")
		c.extension++ // after the proper name
	}
	return c, true
}

// candidatesOf sorts the wanted files by place and preference. The first one
// beyond MaxImages is returned apart.
func candidatesOf(slug string, files []File) (candidates []candidate, extra *candidate) {
	for _, f := range files {
		if c, ok := parseName(f.Path, slug); ok {
			c.File = f
			candidates = append(candidates, c)
		}
	}
	slices.SortStableFunc(candidates, func(a, b candidate) int {
		return cmp.Or(
			cmp.Compare(a.order, b.order),
			cmp.Compare(a.folder, b.folder),
			cmp.Compare(a.extension, b.extension),
			compareBool(a.prefixed, b.prefixed),
			cmp.Compare(a.Path, b.Path),
		)
	})
	if len(candidates) > MaxImages {
		extra = &candidates[MaxImages]
		candidates = candidates[:MaxImages]
	}
	return candidates, extra
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}
