package installer

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// choice is what goes into an installer and what was noticed on the way.
type choice struct {
	kept      []*entry // by name
	omitted   []string
	warnings  []string
	unwarned  int  // warnings beyond MaxWarnings
	untouched bool // nothing speaks against taking the zip as it is
}

func (c *choice) warnf(format string, args ...any) {
	if len(c.warnings) == MaxWarnings {
		c.unwarned++
		return
	}
	c.warnings = append(c.warnings, fmt.Sprintf(format, args...))
}

// omit names what is left out. A folder comes once for each of its files.
func (c *choice) omit(name string) {
	name = printable(name)
	if len(c.omitted) < MaxOmitted && (len(c.omitted) == 0 || c.omitted[len(c.omitted)-1] != name) {
		c.omitted = append(c.omitted, name)
	}
}

// chooseFromArchive chooses by .distignore, or by the defaults.
func (rd *Reader) chooseFromArchive(ctx context.Context, slug string, images []string) (*choice, error) {
	ignores := func(path string) (bool, string, error) { return ignoredByDefault(path, images) }
	if e := rd.find(ignoreName); e != nil && e.kind == kindFile {
		left := int64(MaxIgnoreBytes)
		ignores = newIgnorer(ignoreName, func(path string) (string, error) {
			if e := rd.find(path); e == nil || e.kind != kindFile {
				return "", nil
			}
			text, err := rd.Read(path, left)
			left -= int64(len(text))
			return string(text), err
		}).ignores
	}
	c := &choice{}
	for i := range rd.entries {
		e := &rd.entries[i]
		if e.rel == "" {
			continue
		}
		if i%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		ignored, by, err := ignores(strings.TrimSuffix(e.rel, "/"))
		switch {
		case err != nil:
			return nil, err
		case by != "":
			c.omit(by)
		case e.kind == kindFolder:
			// Git has no empty folders, so this is where a submodule belongs,
			// whose files are in no archive.
			if !ignored && (i+1 == len(rd.entries) || !strings.HasPrefix(rd.entries[i+1].name, e.name)) {
				c.warnf("folder %s is empty: the files of a submodule are not in a repository's archive, publish a release with its own zip", printable(e.rel))
			}
		case ignored:
			c.omit(e.rel)
		default:
			rd.keep(c, e)
		}
	}
	return c, rd.check(c, slug)
}

// ignoredByDefault leaves out hidden files and folders, and the images.
func ignoredByDefault(path string, images []string) (ignored bool, by string, err error) {
	for _, folder := range images {
		folder = strings.Trim(folder, "/") + "/"
		if folder != "/" && strings.HasPrefix(path, folder) {
			return true, folder, nil
		}
	}
	for start := 0; ; {
		n := strings.IndexByte(path[start:], '/')
		if path[start] == '.' {
			if n < 0 {
				return true, "", nil
			}
			return true, path[:start+n+1], nil
		}
		if n < 0 {
			return false, "", nil
		}
		start += n + 1
	}
}

// chooseFromRelease chooses all but what macOS added.
func (rd *Reader) chooseFromRelease(slug string) (*choice, error) {
	c := &choice{untouched: true}
	junk := 0
	for i := range rd.entries {
		e := &rd.entries[i]
		switch {
		case isJunk(e.name):
			c.untouched = false
			junk++
		case e.rel == "" || e.kind == kindFolder:
		default:
			rd.keep(c, e)
		}
	}
	if junk > 0 {
		c.warnf("left out %d files that macOS added (__MACOSX, .DS_Store, ._*): pack the zip with git archive or zip -X", junk)
	}
	switch rd.top {
	case slug:
	case "":
		c.untouched = false
		c.warnf("the release's zip has no single top-level folder: WordPress would install it under another name, so its files were put into %s/", slug)
	default:
		c.untouched = false
		c.warnf("the release's zip has the top-level folder %s: WordPress would install it under that name, so it was renamed to %s/", strconv.QuoteToASCII(shorten(rd.top)), slug)
	}
	if rd.end.trailing > 0 {
		c.untouched = false
		c.warnf("the release's zip is followed by %d bytes that do not belong to it; they were left out", rd.end.trailing)
	}
	if rd.end.unclear {
		c.untouched = false
		c.warnf("the release's zip has more in its end than a zip needs; it was packed again without")
	}
	if err := rd.check(c, slug); err != nil || !c.untouched {
		return c, err
	}
	sound, err := rd.descriptorsSound(c.kept)
	if !sound {
		c.untouched = false
		c.warnf("the release's zip has a damaged record behind a file's data, which some programs take for a broken zip; it was packed again without")
	}
	return c, err
}

// keep keeps a file, or warns where it is none.
func (rd *Reader) keep(c *choice, e *entry) {
	switch e.kind {
	case kindFile:
		c.kept = append(c.kept, e)
	case kindLink:
		c.untouched = false
		c.warnf("left out %s: it is a symbolic link, which WordPress does not install; commit the file itself", printable(e.rel))
	default:
		c.untouched = false
		c.warnf("left out %s: it is no regular file", printable(e.rel))
	}
}

// check applies the limits to what is kept, under its new name.
func (rd *Reader) check(c *choice, slug string) error {
	if len(c.kept) == 0 {
		return &Error{Kind: ErrEmpty, Problem: "no file is left to install", Remedy: "look at .distignore and at the plugin's path"}
	}
	var size, compressed int64
	for _, e := range c.kept {
		if e.fault != nil {
			return e.fault
		}
		if len(slug) >= len(rd.prefix) {
			if problem := checkName(slug + "/" + e.rel); problem != "" {
				return &Error{Kind: ErrHostile, Entry: e.name, Problem: "below " + slug + "/, " + problem, Remedy: "rename the file"}
			}
		}
		size += e.size
		compressed += e.compressed
		if problem := checkPortable(e.rel); problem != "" {
			c.warnf("%s cannot be installed on Windows: %s", e.rel, problem)
		}
	}
	if size > MaxTotalBytes {
		return &Error{Kind: ErrTooLarge, Problem: fmt.Sprintf("its files inflate to %d bytes, more than %d", size, int64(MaxTotalBytes)),
			Remedy: "leave out files by .distignore"}
	}
	if size > MinRatioBytes && size/MaxRatio > compressed {
		return &Error{Kind: ErrTooLarge, Problem: fmt.Sprintf("%d bytes inflate to %d, more than %d times as many, as only a bomb does", compressed, size, MaxRatio),
			Remedy: "leave out files by .distignore"}
	}
	c.warnClashes()
	if c.unwarned > 0 {
		c.warnings = append(c.warnings, fmt.Sprintf("and %d warnings more", c.unwarned))
	}
	return nil
}

// warnClashes warns of files that are one and the same where case does not
// count, as on macOS and Windows.
func (c *choice) warnClashes() {
	seen := make(map[string]string, len(c.kept))
	folders := make(map[string]struct{})
	for _, e := range c.kept {
		folded := strings.ToLower(e.rel)
		if other, clash := seen[folded]; clash {
			c.warnf("%s and %s differ in case alone: where case does not count, one overwrites the other", other, e.rel)
		}
		seen[folded] = e.rel
		addFolders(folders, folded)
	}
	for _, e := range c.kept {
		if _, clash := folders[strings.ToLower(e.rel)]; clash {
			c.warnf("the file %s and a folder differ in case alone: where case does not count, neither can be installed", e.rel)
		}
	}
}
