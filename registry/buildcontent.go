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

// mainSource is the file with the plugin header.
type mainSource struct {
	name   string // within the plugin's folder, "hello-yard.php"
	text   []byte
	header Header
}

// readmeSource is the readme; without a name there is none.
type readmeSource struct {
	name   string // within the plugin's folder, "readme.txt"
	text   []byte
	readme *readme.Readme // never nil
}

// mainFile finds the file with the plugin header in the plugin's folder, as
// WordPress's get_plugins does: a PHP file at the top with a "Plugin Name:" in
// its first 8 KB.
func (b *builder) mainFile(zip *zipFile) (*mainSource, error) {
	names := []string{b.plugin.File}
	if b.plugin.File == "" {
		names = topFiles(zip.dir, string(b.plugin.Slug), ".php")
	}
	var found []string
	var main *mainSource
	var unread error // of a file that was passed over
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
			return nil, unread
		}
		if h := ParseHeader(src); h["Plugin Name"] != "" {
			if found = append(found, name); len(found) == 1 {
				main = &mainSource{name, src, h}
			}
		}
	}
	var err error
	switch {
	case len(found) == 0 && unread != nil:
		err = unread
	case len(found) == 0 && b.plugin.File != "":
		err = invalidf("%s in %s is missing or has no \"Plugin Name:\" in its first 8 KB; correct file in the configuration, or add the header", b.plugin.File, b.what())
	case len(found) == 0:
		err = invalidf("%s has no PHP file with a \"Plugin Name:\" header at the top of %s; add the header, or set path to the plugin's folder", b.what(), cmp.Or(b.plugin.Path, "the repository"))
	case len(found) > 1:
		b.add(Finding{
			Severity: SeverityWarning, Code: "several_main_files", Place: found[0],
			Message: fmt.Sprintf("%s all have a plugin header; %s is taken.", strings.Join(found, ", "), found[0]),
			Remedy:  "Remove the other headers, or set file in the configuration.",
		})
	}
	if err != nil {
		b.refuse("main_file_missing", "", err)
		return nil, err
	}
	return main, nil
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
		Message: "There is no readme.txt; the plugin is described by its header and its repository alone.",
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
