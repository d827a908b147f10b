// Package assets finds the images that a plugin ships (banners, icons,
// screenshots), and a theme's screenshot, makes them safe to serve and completes what is missing.
//
// The names are WordPress.org's: https://developer.wordpress.org/plugins/wordpress-org/plugin-assets/.
// A file's content decides what it is, never its name. A raster image that
// decodes whole is passed on byte for byte, metadata included, since its author
// published it so; only BMP, which no client expects, becomes PNG. SVG is
// written anew from what an allow-list lets through.
//
// What the package does not do: draw SVG. Sizes are made from raster images,
// and never larger than their source.
package assets

import (
	"context"
	"fmt"
	"image"
	"slices"
	"strings"
)

// Folders are the folders of a plugin that may hold its images, in order of
// preference. Screenshots may also lie in the plugin's root, as WordPress.org
// allowed before it had a folder for them; the root comes last.
var Folders = []string{".wordpress-org", ".wp-assets", "wp-assets", "assets"}

// Limits of what is read, decoded and kept. One image is decoded at a time; with
// a copy for turning or resizing it takes at most MaxMemory + 4·MaxPixels bytes,
// besides MaxTotalBytes kept and ReadAhead·MaxBytes waiting.
const (
	// MaxBytes bounds one image file. WordPress.org allows 10 MB.
	MaxBytes = 10 << 20
	// MaxTotalBytes bounds all images of one plugin, which are held in memory
	// at once. Ordinary plugins stay below 10 MB.
	MaxTotalBytes = 64 << 20
	// MaxImages bounds the files considered for one plugin: 99 screenshots,
	// four banners, three icons, and room for doubles.
	MaxImages = 160
	// MaxScreenshot is the highest number of a screenshot.
	MaxScreenshot = 99
	// MaxWidth and MaxHeight, in pixels, are what browsers still show.
	MaxWidth  = 16384
	MaxHeight = 16384
	// MaxPixels bounds width times height: room for a screenshot of a whole
	// page on a dense screen.
	MaxPixels = 24 << 20
	// MaxMemory bounds, in bytes, what decoding one image may take by its
	// header. Only progressive JPEG and PNG with 16 bits per channel reach it
	// before MaxPixels.
	MaxMemory = 8 * MaxPixels
	// MaxFrames bounds the frames of an animated GIF.
	MaxFrames = 1000
	// ReadAhead is how many files are read at the same time, so that images
	// that each cost a request to GitHub do not add up their delays.
	ReadAhead = 6
)

// File is a candidate found in a repository.
type File struct {
	Path string // within the plugin's folder, "assets/banner-772x250.png"
	Size int64  // bytes
	// Read gives the content, at most MaxBytes of it. Complete calls it at
	// most once per file, and for several files at the same time.
	Read func(ctx context.Context) ([]byte, error)
}

// Image is ready to be served.
type Image struct {
	Name      string // canonical, "banner-772x250.png", "icon.svg", "screenshot-1.jpg"
	Type      string // MIME type
	Width     int    // pixels; 0 for SVG without a size
	Height    int
	Data      []byte
	Generated bool // made here, not by the author
}

// Problem is something about one file that the author should know.
type Problem struct {
	Path    string
	Code    string // one of the codes below
	Message string // what is wrong; what to do, after the first "; "
}

// The codes of a [Problem].
const (
	ProblemRefused  = "image_refused"     // it is left out
	ProblemIgnored  = "image_ignored"     // another one has its place
	ProblemSize     = "image_size"        // its size is not the one that its name promises
	ProblemType     = "image_type"        // its name's extension is another format's
	ProblemFormat   = "image_format"      // not every directory takes its format
	ProblemCleaned  = "image_cleaned"     // a part of an SVG was removed
	ProblemSmallOne = "image_not_reduced" // no smaller image could be made from it
)

// Wanted reports whether a path within the plugin's folder names an image of
// the plugin with that slug.
func Wanted(path, slug string) bool {
	_, ok := parseName(path, slug)
	return ok
}

// Complete reads the wanted files, makes them safe, makes the missing sizes,
// and an icon if there is none. It never fails: a file that is bad becomes a
// problem, except that it returns the context's error.
//
// Files that are not wanted are passed over. There is one image per place, in
// the order banners, icons, screenshots by number; of several files for one
// place the first sound one is taken: by folder, then png, jpg, gif, webp, bmp,
// svg, then without the slug's prefix, then by path. icon.svg stands beside the
// icons of fixed size. The result depends on the files' content and paths
// alone, not on their order.
//
// A Read that fails is a problem like any other. A caller that would rather try
// again later than do without the image has seen the error in its own Read.
func Complete(ctx context.Context, slug, name string, files []File) ([]Image, []Problem, error) {
	candidates, extra := candidatesOf(slug, files)
	c := completion{have: map[string]string{}}
	if extra != nil {
		c.complain(extra.Path, ProblemRefused, "this and all later images are left out: a plugin may have at most %d; remove some", MaxImages)
	}

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	reader := newReader(ctx, candidates)
	for i, cand := range candidates {
		if taken, ok := c.have[cand.stem]; ok {
			c.complain(cand.Path, ProblemIgnored, "ignored, since %s is used; remove one of them", taken)
			continue
		}
		content := reader.take(ctx, i)
		if ctx.Err() != nil {
			break
		}
		c.add(cand, content)
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}

	if !c.hasIcon() {
		c.images = append(c.images, generatedIcons(slug, name)...)
	}
	slices.SortStableFunc(c.images, func(a, b Image) int {
		return placeOf(stemOf(a.Name)).order - placeOf(stemOf(b.Name)).order
	})
	return c.images, c.problems, nil
}

// completion is the work of one call of Complete.
type completion struct {
	images   []Image
	problems []Problem
	have     map[string]string // stem → path of the file that fills it
	total    int               // bytes in images
}

func (c *completion) complain(path, code, format string, args ...any) {
	c.problems = append(c.problems, Problem{Path: path, Code: code, Message: fmt.Sprintf(format, args...)})
}

func (c *completion) hasIcon() bool {
	return slices.ContainsFunc(c.images, func(img Image) bool { return strings.HasPrefix(img.Name, "icon") })
}

// add takes one candidate in, with the smaller size if that is missing, or
// says why not.
func (c *completion) add(cand candidate, content content) {
	if err := content.check(cand.Size); err != nil {
		c.complain(cand.Path, ProblemRefused, "left out: %v", err)
		return
	}
	img, pixels, notes, err := load(cand, content.data)
	if err != nil {
		c.complain(cand.Path, ProblemRefused, "left out: %v", err)
		return
	}
	for _, note := range notes {
		note.Path = cand.Path
		c.problems = append(c.problems, note)
	}

	// A sized icon that turns out to be SVG is the icon without a size.
	stem := stemOf(img.Name)
	if taken, ok := c.have[stem]; ok {
		c.complain(cand.Path, ProblemIgnored, "ignored, since %s is used; remove one of them", taken)
		return
	}
	if !c.keep(cand.Path, img) {
		return
	}
	c.have[stem] = cand.Path
	c.addLow(cand.Path, img, pixels)
}

// addLow makes the low resolution of a high one, unless the author's own is
// there: the low ones come first among the candidates.
func (c *completion) addLow(path string, high Image, pixels image.Image) {
	low, ok := lowOf(stemOf(high.Name))
	if _, own := c.have[low.stem]; !ok || own {
		return
	}
	img, ok, err := shrink(high, pixels, low)
	switch {
	case err != nil:
		c.complain(path, ProblemSmallOne, "no %s could be made from it: %v", low.stem, err)
	case ok:
		c.keep(path, img)
	}
}

// keep adds an image if it finds room.
func (c *completion) keep(path string, img Image) bool {
	if c.total+len(img.Data) > MaxTotalBytes {
		c.complain(path, ProblemRefused, "left out: the plugin's images take more than %d MB together; make them smaller", MaxTotalBytes>>20)
		return false
	}
	c.total += len(img.Data)
	c.images = append(c.images, img)
	return true
}
