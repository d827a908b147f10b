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

// mainFile finds the file with the plugin header in the plugin's folder, as
// WordPress's get_plugins does: a PHP file at the top with a "Plugin Name:" in
// its first 8 KB.
func (b *builder) mainFile(zip *zipFile) (string, Header, error) {
	names := []string{b.plugin.File}
	if b.plugin.File == "" {
		names = topFiles(zip.dir, string(b.plugin.Slug), ".php")
	}
	var found []string
	var header Header
	var large error // of a file that was passed over
	for _, name := range names {
		src, err := zip.dir.Read(name, MaxMainFile)
		if errors.Is(err, installer.ErrNoFile) {
			continue
		}
		if errors.Is(err, installer.ErrTooLarge) {
			large = contentError(name, err)
			continue
		}
		if err != nil {
			return "", nil, contentError(name, err)
		}
		if h := ParseHeader(src); h["Plugin Name"] != "" {
			if found = append(found, name); len(found) == 1 {
				header = h
			}
		}
	}
	switch {
	case len(found) == 0 && large != nil:
		return "", nil, large
	case len(found) == 0 && b.plugin.File != "":
		return "", nil, invalidf("%s in %s at %s is missing or has no \"Plugin Name:\" in its first 8 KB; correct file in the configuration, or add the header", b.plugin.File, b.repo.Repo, b.rev.Ref)
	case len(found) == 0:
		return "", nil, invalidf("%s at %s has no PHP file with a \"Plugin Name:\" header at the top of %s; add the header, or set path to the plugin's folder", b.repo.Repo, b.rev.Ref, cmp.Or(b.plugin.Path, "the repository"))
	case len(found) > 1:
		b.warn("several_main_files", found[0], "%s all have a plugin header; %s is taken. Set file in the configuration, or remove the other headers.", strings.Join(found, ", "), found[0])
	}
	return found[0], header, nil
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
func (b *builder) readme() (*readme.Readme, error) {
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
			return nil, contentError(name, err)
		}
		text := readme.Parse(src, readme.Options{Profile: readme.Serve})
		for _, w := range text.Warnings {
			b.found = append(b.found, readmeFinding(name, w))
		}
		return text, nil
	}
	if b.plugin.Readme != "" {
		return nil, invalidf("readme %q is not in %s at %s; correct readme in the configuration", b.plugin.Readme, b.repo.Repo, b.rev.Ref)
	}
	b.warn("readme_missing", "", "There is no readme.txt; the plugin is described by its header and its repository. Start one with: pluginyard readme --template > readme.txt")
	return &readme.Readme{}, nil
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

func readmeFinding(name string, w readme.Warning) Finding {
	place := name
	if w.Line > 0 {
		place = fmt.Sprintf("%s:%d", name, w.Line)
	}
	message := "WordPress.org's readme parser reports " + w.Key
	if len(w.Values) > 0 {
		message += ": " + strings.Join(w.Values, ", ")
	}
	return Finding{Severity: "note", Code: w.Key, Place: place, Message: plainText(message) + "."}
}

// version decides what is advertised: the header in the installer that is
// served, since that is what WordPress compares with; then the stable tag;
// then the tag. Disagreement is a warning.
func (b *builder) version(header Header, text *readme.Readme) (string, error) {
	tag := ""
	if b.rev.Release != nil {
		tag = TagVersion(b.rev.Release.Tag, b.plugin.TagPrefix)
	}
	stable := text.Headers.StableTag
	if strings.EqualFold(stable, "trunk") {
		stable = ""
	}
	version := header["Version"]
	if version == "" {
		version = cmp.Or(cleanVersion(stable), tag)
		if version == "" {
			return "", invalidf("%s at %s names no version: add \"Version:\" to the plugin header", b.repo.Repo, b.rev.Ref)
		}
		b.warn("version_header_missing", "", "The plugin header has no Version, so %s is advertised. WordPress takes the installed version for nothing and offers the update for ever. Add \"Version: %s\" to the header.", version, version)
		return version, nil
	}
	if len(version) > MaxVersion {
		return "", invalidf("version %.20q… in the plugin header is longer than %d bytes", version, MaxVersion)
	}
	if tag != "" && CompareVersions(tag, version) != 0 {
		b.warn("tag_mismatch", "release "+b.rev.Release.Tag, "The tag says %s, the plugin header %s. The header is advertised, since WordPress compares it with what is installed. Tag the commit that holds the version.", tag, version)
	}
	if stable = cleanVersion(stable); stable != "" && b.rev.Release != nil && CompareVersions(stable, version) != 0 {
		b.warn("stable_tag_mismatch", "", "The readme's stable tag is %s, the plugin header's version %s. Set \"Stable tag: %s\".", stable, version, version)
	}
	return version, nil
}

// checkUpdateURI warns of a header that lets WordPress.org answer for us.
func (b *builder) checkUpdateURI(file string, header Header) {
	uri := header["Update URI"]
	want := b.base + "/" + string(b.plugin.Slug) + ".json"
	host := hostOf(uri)
	switch {
	case uri == "":
		b.warn("update_uri_missing", file, "The header has no Update URI, so a plugin of the same slug on WordPress.org could be offered as its update. Add \"Update URI: %s\".", want)
	case host == "" || !strings.EqualFold(host, hostOf(b.base)):
		b.warn("update_uri_foreign", file, "The Update URI %q is not of this registry, so WordPress does not ask here. Make it \"Update URI: %s\".", uri, want)
	}
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
