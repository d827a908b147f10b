package registry

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/pluginyard/pluginyard/assets"
)

// imageProblem tells of a problem with one image.
func imageProblem(p assets.Problem) Finding {
	message, remedy := advice(p.Message)
	return Finding{Severity: SeverityWarning, Code: p.Code, Place: p.Path, Message: message, Remedy: remedy}
}

// checkMissingImages tells which of WordPress.org's images the author has not
// made. Captions are how many the readme has for screenshots.
// https://developer.wordpress.org/plugins/wordpress-org/plugin-assets/
func checkMissingImages(images []Image, captions int, found *findings) {
	have := map[string]bool{} // by stem
	shots := 0
	for _, image := range images {
		stem, _, _ := strings.Cut(image.Name, ".")
		have[stem] = have[stem] || !image.Generated
		if strings.HasPrefix(stem, "screenshot-") {
			shots++
		}
	}
	note := func(code, message, remedy string) {
		found.add(Finding{Severity: SeverityNote, Code: code, Message: message, Remedy: remedy})
	}
	switch small, large := have["banner-772x250"], have["banner-1544x500"]; {
	case !small && !large:
		note("banner_missing", "There is no banner.", "Add .wordpress-org/banner-772x250.png, and banner-1544x500.png for dense screens.")
	case !small:
		note("banner_size_missing", "There is no banner of 772×250 pixels; this registry makes it from the large one, WordPress.org does not.", "Add .wordpress-org/banner-772x250.png.")
	case !large:
		note("banner_size_missing", "There is no banner of 1544×500 pixels, for dense screens.", "Add .wordpress-org/banner-1544x500.png.")
	}
	switch drawing, small, large := have["icon"], have["icon-128x128"], have["icon-256x256"]; {
	case !drawing && !small && !large:
		note("icon_missing", "There is no icon, so one is drawn.", "Add .wordpress-org/icon-256x256.png, or icon.svg with it.")
	case !small && !large:
		note("icon_size_missing", "There is an icon as SVG alone, which not every client shows.", "Add .wordpress-org/icon-256x256.png.")
	case !drawing && !large:
		note("icon_size_missing", "There is no icon of 256×256 pixels, for dense screens.", "Add .wordpress-org/icon-256x256.png.")
	}
	if captions > shots {
		note("screenshot_missing", fmt.Sprintf("The readme has captions for %s, but there are images for %d.", counted(captions, "screenshot"), shots),
			"Add .wordpress-org/screenshot-1.png and so on, one for each caption, or remove the captions.")
	}
}

// checkImageNames tells of files in the folders for images that nobody looks
// for, since their names are not WordPress.org's.
func (b *builder) checkImageNames() {
	if b.kind == TypeTheme {
		return
	}
	told := 0
	for _, file := range b.archive.dir.Files() {
		folder, base, ok := strings.Cut(file.Path, "/")
		if !ok || folder == "assets" || !slices.Contains(assets.Folders, folder) || strings.Contains(base, "/") || assets.Wanted(file.Path, string(b.plugin.Slug)) {
			continue
		}
		lower := strings.ToLower(base)
		if !matchesAny([]string{"banner*", "icon*", "screenshot*"}, lower) || !slices.Contains([]string{".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp"}, path.Ext(lower)) {
			continue
		}
		if told++; told > maxOfKind {
			return
		}
		b.add(Finding{
			Severity: SeverityWarning, Code: "image_name", Place: file.Path,
			Message: fmt.Sprintf("Nobody looks for an image named %s, so it is not shown.", base),
			Remedy:  "Name it banner-772x250, banner-1544x500, icon-128x128, icon-256x256, icon (as SVG) or screenshot-1, -2 and so on.",
		})
	}
}
