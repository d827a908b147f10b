package assets

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// The size that WordPress.org asks of a theme's screenshot, in pixels, and the
// largest that it takes.
// https://make.wordpress.org/themes/handbook/review/required/
const (
	ThemeScreenshotWidth  = 1200
	ThemeScreenshotHeight = 900
)

// themeScreenshot is the place of a theme's only image.
const themeScreenshot = "screenshot"

// themeExtensions are in the order in which WP_Theme::get_screenshot looks for
// screenshot.EXT at the theme's top; others it does not see. AVIF is not
// understood here.
var themeExtensions = []string{"png", "gif", "jpg", "jpeg", "webp", "avif"}

// WantedByTheme reports whether a path within a theme's folder names its
// screenshot.
func WantedByTheme(path string) bool { return themeExtension(path) >= 0 }

func themeExtension(path string) int {
	ext, ok := strings.CutPrefix(path, themeScreenshot+".")
	if !ok {
		return -1
	}
	return slices.Index(themeExtensions, ext)
}

// CompleteTheme reads a theme's screenshot, the file that WordPress itself would
// show, and makes it safe. It gives none where there is none, or only a bad one,
// and like [Complete] returns the context's error alone.
func CompleteTheme(ctx context.Context, files []File) ([]Image, []Problem, error) {
	var chosen *File
	for i := range files {
		at := themeExtension(files[i].Path)
		if at >= 0 && (chosen == nil || at < themeExtension(chosen.Path)) {
			chosen = &files[i]
		}
	}
	if chosen == nil {
		return nil, nil, ctx.Err()
	}
	content := read(ctx, *chosen)
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	var c completion
	refuse := func(err error) ([]Image, []Problem, error) {
		c.complain(chosen.Path, ProblemRefused, "left out: %v", err)
		return nil, c.problems, nil
	}
	if err := content.check(chosen.Size); err != nil {
		return refuse(err)
	}
	ext := themeExtensions[themeExtension(chosen.Path)]
	img, _, notes, err := load(candidate{File: *chosen, place: place{stem: themeScreenshot}, ext: ext}, content.data)
	if err != nil {
		return refuse(err)
	}
	if size := themeSizeFault(img.Width, img.Height); size != "" {
		notes = append(notes, notef(ProblemSize, "it is %d×%d pixels, %s; save it as %d×%d", img.Width, img.Height, size, ThemeScreenshotWidth, ThemeScreenshotHeight))
	}
	if !slices.Contains([]string{"image/png", "image/jpeg"}, img.Type) {
		notes = append(notes, notef(ProblemFormat, "WordPress.org takes a theme's screenshot as PNG or JPEG alone; save it as screenshot.png"))
	}
	for _, note := range notes {
		note.Path = chosen.Path
		c.problems = append(c.problems, note)
	}
	return []Image{img}, c.problems, nil
}

// themeSizeFault is what is wrong with a screenshot's size, as WordPress.org's
// theme check would say; "" if nothing is.
func themeSizeFault(width, height int) string {
	switch {
	case width > ThemeScreenshotWidth || height > ThemeScreenshotHeight:
		return fmt.Sprintf("larger than the %d×%d that WordPress.org takes", ThemeScreenshotWidth, ThemeScreenshotHeight)
	case width*ThemeScreenshotHeight != height*ThemeScreenshotWidth:
		return "not four to three, so WordPress crops it"
	case width < 880: // twice the width that WordPress shows it in
		return "too small for dense screens"
	}
	return ""
}
