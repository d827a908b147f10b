package registry

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/pluginyard/pluginyard/readme"
	"github.com/pluginyard/pluginyard/registry/installer"
)

// maxCandidates bounds the PHP files at the plugin's top that are looked at
// for a header.
const maxCandidates = 100

// mainSource is the file with the plugin's or the theme's header.
type mainSource struct {
	kind   Type
	name   string // within the package's folder, "hello-yard.php" or "style.css"
	text   []byte // whole
	header Header
}

// readmeSource is the readme; without a name there is none.
type readmeSource struct {
	name   string // within the plugin's folder, "readme.txt"
	text   []byte
	readme *readme.Readme // never nil
}

// mainFile finds the file that makes the package a plugin or a theme. Where
// both are there it is a plugin, as WordPress's upgraders would take the zip for
// either: whoever means the theme says so by file: style.css.
func (b *builder) mainFile(zip *zipFile) (*mainSource, error) {
	var main *mainSource
	var found []string // PHP files with a header
	var unread error   // of a file that was passed over
	style, styleErr := b.stylesheet(zip)
	if b.plugin.File != stylesheet {
		var err error
		if main, found, unread, err = b.pluginFile(zip); err != nil {
			return nil, err
		}
	}
	var err error
	switch {
	case main != nil:
		b.checkMainFiles(found, style)
		return main, nil
	case style != nil && (b.plugin.File == "" || b.plugin.File == stylesheet):
		return style, nil
	case unread != nil:
		err = unread
	case styleErr != nil:
		err = styleErr
	case b.plugin.File != "":
		err = invalidf("%s in %s is missing or has no \"%s:\" in its first 8 KB; correct file in the configuration, or add the header", b.plugin.File, b.what(), nameField(typeOf(b.plugin.File)))
	default:
		err = invalidf("%s has no PHP file with a \"Plugin Name:\" header, and no style.css with a \"Theme Name:\", at the top of %s; add the header, or set path to the folder of the plugin or theme", b.what(), cmp.Or(b.plugin.Path, "the repository"))
	}
	b.refuse("main_file_missing", "", err)
	return nil, err
}

// pluginFile finds the file with the plugin header in the plugin's folder, as
// WordPress's get_plugins does: a PHP file at the top with a "Plugin Name:" in
// its first 8 KB. It gives the first one, the names of all, and why a file that
// was passed over could not be read.
func (b *builder) pluginFile(zip *zipFile) (main *mainSource, found []string, unread, err error) {
	names := []string{b.plugin.File}
	if b.plugin.File == "" {
		names = topFiles(zip.dir, string(b.plugin.Slug), ".php")
	}
	for _, name := range names {
		src, err := zip.dir.Read(name, MaxMainFile)
		if errors.Is(err, installer.ErrNoFile) {
			continue
		}
		if err != nil {
			unread = contentError(name, err)
			if errors.Is(err, installer.ErrTooLarge) {
				continue
			}
			b.refuse("main_file_refused", name, unread)
			return nil, nil, nil, unread
		}
		if h := ParseHeader(src); h["Plugin Name"] != "" {
			if found = append(found, name); len(found) == 1 {
				main = &mainSource{TypePlugin, name, src, h}
			}
		}
	}
	return main, found, unread, nil
}

// checkMainFiles tells of headers that were passed over for the first one.
func (b *builder) checkMainFiles(found []string, style *mainSource) {
	if len(found) > 1 {
		b.add(Finding{
			Severity: SeverityWarning, Code: "several_main_files", Place: found[0],
			Message: fmt.Sprintf("%s all have a plugin header; %s is taken.", strings.Join(found, ", "), found[0]),
			Remedy:  "Remove the other headers, or set file in the configuration.",
		})
	}
	if style != nil && b.plugin.File == "" {
		b.add(Finding{
			Severity: SeverityWarning, Code: "plugin_and_theme", Place: stylesheet, Line: style.line("Theme Name"),
			Message: fmt.Sprintf("%s has a plugin header and style.css a theme's; it is taken for a plugin.", found[0]),
			Remedy:  fmt.Sprintf("Remove one of the headers, or set file to %s or style.css in the configuration.", found[0]),
		})
	}
}

// topFiles lists the files with that extension at the plugin's top, the one
// named like the slug first.
func topFiles(dir *installer.Reader, slug, ext string) []string {
	var names []string
	for _, file := range dir.Files() {
		if !strings.Contains(file.Path, "/") && strings.EqualFold(path.Ext(file.Path), ext) {
			names = append(names, file.Path)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		if (a == slug+ext) != (b == slug+ext) {
			if a == slug+ext {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	return names[:min(len(names), maxCandidates)]
}

// readme reads the configured readme, or readme.txt, or readme.md in any case,
// from the repository, or else from the release's zip. None is no error.
func (b *builder) readme() (*readmeSource, error) {
	for _, zip := range []*zipFile{b.archive, b.release} {
		if zip == nil {
			continue
		}
		name := b.readmeName(zip.dir)
		if name == "" {
			continue
		}
		src, err := zip.dir.Read(name, MaxReadme)
		if err != nil {
			err = contentError(name, err)
			b.refuse("readme_refused", name, err)
			return &readmeSource{readme: &readme.Readme{}}, err
		}
		text := readme.Parse(src, readme.Options{Profile: readme.Serve})
		return &readmeSource{name, src, text}, nil
	}
	if b.plugin.Readme != "" {
		err := invalidf("readme %q is not in %s; correct readme in the configuration", b.plugin.Readme, b.what())
		b.refuse("readme_refused", "", err)
		return &readmeSource{readme: &readme.Readme{}}, err
	}
	b.add(Finding{
		Severity: SeverityWarning, Code: "readme_missing",
		Message: "There is no readme.txt; the header and the repository alone say what this is.",
		Remedy:  "Start one with: pluginyard readme --template > readme.txt",
	})
	return &readmeSource{readme: &readme.Readme{}}, nil
}

func (b *builder) readmeName(dir *installer.Reader) string {
	for _, want := range []string{cmp.Or(b.plugin.Readme, "readme.txt"), cmp.Or(b.plugin.Readme, "readme.md")} {
		for _, file := range dir.Files() {
			if strings.EqualFold(file.Path, want) {
				return file.Path
			}
		}
	}
	return ""
}

// linkBase is what relative links of a readme are resolved against: the
// repository's pages at this commit; nothing where visitors may not see them.
func (b *builder) linkBase() readme.Options {
	if b.repo.Private || b.repo.URL == "" {
		return readme.Options{Profile: readme.Serve}
	}
	folder := ""
	if b.plugin.Path != "" {
		folder = b.plugin.Path + "/"
	}
	at := cmp.Or(b.rev.Commit, b.rev.Ref) + "/" + folder
	return readme.Options{Profile: readme.Serve, LinkBase: b.repo.URL + "/blob/" + at, ImageBase: b.repo.URL + "/raw/" + at}
}
