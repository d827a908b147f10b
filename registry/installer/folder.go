package installer

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// PackFolder writes a working tree as the zip that GitHub would make of it
// once all of it is committed: below one top-level folder, without ".git", what
// .gitignore leaves out and what .gitattributes calls export-ignore. A file
// that was committed although .gitignore names it is not told from the others.
//
// Links are packed as links and never followed. The limits of this package
// hold, so what was written can be opened by [Open]; if an error is returned, w
// may have got a part. A file whose name makes [Open] refuse the whole zip is left
// out, and said in an error of kind ErrHostile once all others are packed.
func PackFolder(ctx context.Context, tree fs.FS, top string, w io.Writer) error {
	p := &packer{tree: tree, top: top, zip: zip.NewWriter(w), ignored: treeIgnorer(tree, ".gitignore", wholeText), unexported: treeIgnorer(tree, ".gitattributes", exportIgnored)}
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			return unreadable(name, err)
		case name == ".":
			return nil
		}
		return p.pack(name, entry)
	})
	if err != nil {
		return err
	}
	if p.files == 0 && p.refused == nil {
		return &Error{Kind: ErrEmpty, Problem: "the folder holds no file that git would keep", Remedy: "name the plugin's folder"}
	}
	if err := p.zip.Close(); err != nil {
		return fmt.Errorf("pack folder: %w", err)
	}
	return p.refused
}

// unreadable names a file of a folder, which may hold anything, in one line.
func unreadable(name string, err error) error {
	var inner *fs.PathError
	if errors.As(err, &inner) {
		err = inner.Err // its text holds the name as it is
	}
	return fmt.Errorf("read %s: %w", strconv.QuoteToASCII(shorten(name)), err)
}

// packer is the work of one call of PackFolder.
type packer struct {
	tree                fs.FS
	top                 string
	zip                 *zip.Writer
	ignored, unexported *ignorer
	refused             error // the first name that was
	files               int
	bytes               int64
}

// pack packs one file, or decides whether to look into a folder.
func (p *packer) pack(name string, entry fs.DirEntry) error {
	if path.Base(name) == ".git" {
		return skip(entry)
	}
	for _, g := range []*ignorer{p.ignored, p.unexported} {
		if entry.IsDir() {
			folder, err := g.folder(name + "/")
			if err != nil {
				return err
			}
			if folder.ignored {
				return fs.SkipDir
			}
			continue
		}
		ignored, _, err := g.ignores(name)
		if err != nil || ignored {
			return err
		}
	}
	if entry.IsDir() {
		return nil
	}
	if p.files++; p.files > MaxEntries {
		return &Error{Kind: ErrTooLarge, Problem: fmt.Sprintf("the folder holds more than %d files", MaxEntries), Remedy: "name the plugin's folder, or leave out by .gitignore what is no part of the repository"}
	}
	if problem := checkName(p.top + "/" + name); problem != "" {
		if p.refused == nil {
			p.refused = &Error{Kind: ErrHostile, Entry: name, Problem: problem, Remedy: "rename the file"}
		}
		return nil
	}
	header := &zip.FileHeader{Name: p.top + "/" + name, Method: zip.Store}
	header.SetMode(0o644 | entry.Type())
	if entry.Type().IsRegular() {
		return p.packFile(name, header)
	}
	if _, err := p.zip.CreateHeader(header); err != nil {
		return fmt.Errorf("pack folder: %w", err)
	}
	return nil
}

func skip(entry fs.DirEntry) error {
	if entry.IsDir() {
		return fs.SkipDir
	}
	return nil
}

func (p *packer) packFile(name string, header *zip.FileHeader) error {
	file, err := p.tree.Open(name)
	if err != nil {
		return unreadable(name, err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return unreadable(name, err)
	}
	if !info.Mode().IsRegular() {
		return unreadable(name, errors.New("it was replaced meanwhile"))
	}
	if info.Mode()&0o111 != 0 {
		header.SetMode(0o755)
	}
	w, err := p.zip.CreateHeader(header)
	if err != nil {
		return fmt.Errorf("pack folder: %w", err)
	}
	n, err := io.Copy(w, io.LimitReader(file, MaxFileBytes+1))
	if err != nil {
		return unreadable(name, err)
	}
	if n > MaxFileBytes {
		return &Error{Kind: ErrTooLarge, Entry: name, Problem: fmt.Sprintf("it has more than %d bytes", int64(MaxFileBytes)), Remedy: "name the plugin's folder, or leave the file out by .gitignore or by export-ignore in .gitattributes"}
	}
	if p.bytes += n; p.bytes > MaxArchiveBytes-MaxDirectoryBytes {
		return &Error{Kind: ErrTooLarge, Problem: fmt.Sprintf("the folder's files have more than %d bytes together", int64(MaxArchiveBytes-MaxDirectoryBytes)), Remedy: "name the plugin's folder, or leave out by .gitignore what is no part of the repository"}
	}
	return nil
}

// treeIgnorer matches by the files of one name in a tree, whose text patterns
// makes patterns of.
func treeIgnorer(tree fs.FS, name string, patterns func(text string) string) *ignorer {
	left := int64(MaxIgnoreBytes)
	return newIgnorer(name, func(file string) (string, error) {
		if info, err := fs.Lstat(tree, file); errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
			return "", nil // git takes no rules from a link either
		}
		f, err := tree.Open(file)
		if err != nil {
			return "", unreadable(file, err)
		}
		defer f.Close()
		text, err := io.ReadAll(io.LimitReader(f, left+1))
		if err != nil {
			return "", unreadable(file, err)
		}
		if left -= int64(len(text)); left < 0 {
			return "", &Error{Kind: ErrTooLarge, Entry: file, Problem: fmt.Sprintf("all files of its name have more than %d bytes together", MaxIgnoreBytes), Remedy: "make it shorter"}
		}
		return patterns(string(text)), nil
	})
}

func wholeText(text string) string { return text }

// exportIgnored makes patterns of gitignore's language out of the lines of a
// .gitattributes that speak of export-ignore. Where the languages differ: there
// is no "!" there, and a pattern with a "/" at its end matches nothing.
// https://git-scm.com/docs/gitattributes
func exportIgnored(text string) string {
	var patterns strings.Builder
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) < 2 || strings.ContainsRune(`#!"`, rune(fields[0][0])) || strings.HasSuffix(fields[0], "/") {
			continue
		}
		for _, attribute := range fields[1:] {
			switch attribute {
			case "export-ignore", "export-ignore=true":
				patterns.WriteString(fields[0] + "\n")
			case "-export-ignore", "!export-ignore":
				patterns.WriteString("!" + fields[0] + "\n")
			}
		}
	}
	return patterns.String()
}
