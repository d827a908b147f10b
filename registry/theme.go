package registry

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pluginyard/pluginyard/registry/installer"
)

// stylesheet is the file whose header makes a folder a theme. WordPress looks
// for this very name.
const stylesheet = "style.css"

// MaxStylesheet bounds a theme's style.css, in bytes: whole frameworks are in
// some. Only the first 8 KB are looked at.
const MaxStylesheet = 8 << 20

// stylesheet reads the theme header, as WordPress's search_theme_directories
// and WP_Theme do. Without one it gives nil; an error is only told where
// nothing else makes the package something.
func (b *builder) stylesheet(zip *zipFile) (*mainSource, error) {
	src, err := zip.dir.Read(stylesheet, MaxStylesheet)
	if errors.Is(err, installer.ErrNoFile) {
		return nil, nil
	}
	if err != nil {
		return nil, contentError(stylesheet, err)
	}
	header := ParseThemeHeader(src)
	if header["Theme Name"] == "" {
		return nil, nil
	}
	return &mainSource{TypeTheme, stylesheet, src, header}, nil
}

// typeOf is what a configured main file makes of a package.
func typeOf(file string) Type {
	if file == stylesheet {
		return TypeTheme
	}
	return TypePlugin
}

// nameField is the header without which a file is no main file.
func nameField(kind Type) string {
	if kind == TypeTheme {
		return "Theme Name"
	}
	return "Plugin Name"
}

// basename is how WordPress names what is installed: "hello-yard/hello-yard.php"
// or, of a theme, its directory.
func (m *mainSource) basename(slug Slug) string {
	if m.kind == TypeTheme {
		return string(slug)
	}
	return string(slug) + "/" + m.name
}

// MainFile is the file within the package's folder that has the header.
func (p *Package) MainFile() string {
	if p.Type == TypeTheme {
		return stylesheet
	}
	return strings.TrimPrefix(p.File, string(p.Slug)+"/")
}

// checkTheme looks at what WordPress asks of a theme's zip and of the theme, and
// refuses what Theme_Upgrader::check_package would.
func (b *builder) checkTheme(main *mainSource, files []installer.File) error {
	b.checkTemplate(main)
	b.checkTextDomain(main)
	ships := func(name string) bool {
		return slices.ContainsFunc(files, func(f installer.File) bool { return f.Path == name })
	}
	template := main.header["Template"]
	var err error
	switch {
	case !ships(stylesheet):
		err = invalidf("style.css of %s is not in the installer, and without it no site can install the theme; take it out of .distignore", b.what())
	case template == "" && !ships("index.php") && !ships("templates/index.html") && !ships("block-templates/index.html"):
		err = invalidf("%s has neither templates/index.html nor index.php, and without one of them no site can install the theme; add it, or name the parent theme by \"Template:\" in style.css", b.what())
	}
	if err != nil {
		b.refuse("theme_incomplete", stylesheet, err)
	}
	return err
}

// templatePattern is the name of a directory in wp-content/themes.
var templatePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$`)

// checkTemplate looks at the directory of a child theme's parent.
func (b *builder) checkTemplate(main *mainSource) {
	template := main.header["Template"]
	found := Finding{Severity: SeverityError, Code: "template_invalid", Place: stylesheet, Line: main.line("Template")}
	switch {
	case template == "" || templatePattern.MatchString(template) && template != string(b.plugin.Slug):
		return
	case template == string(b.plugin.Slug):
		found.Message = "The theme names itself as its parent, so WordPress takes it for broken."
		found.Remedy = "Name the parent's directory, or remove \"Template:\"."
	default:
		found.Message = fmt.Sprintf("Template: %q is not the name of a theme's directory, so WordPress finds no parent.", template)
		found.Remedy = "Write the directory's name alone, such as \"Template: twentytwentyfive\"."
	}
	b.add(found)
}

func (b *builder) checkTextDomain(main *mainSource) {
	domain := main.header["Text Domain"]
	found := Finding{Severity: SeverityNote, Code: "text_domain", Place: stylesheet, Line: main.line("Text Domain")}
	switch domain {
	case string(b.plugin.Slug):
		return
	case "":
		found.Line = main.line("Theme Name")
		found.Message = "The theme header has no Text Domain."
	default:
		found.Message = fmt.Sprintf("The theme header's Text Domain is %q, the theme's directory %s; WordPress and WordPress.org expect the same.", domain, b.plugin.Slug)
	}
	found.Remedy = fmt.Sprintf("Write \"Text Domain: %s\", and the same where texts are translated.", b.plugin.Slug)
	b.add(found)
}
