package installer

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
)

// Reader is an opened zip whose structure has been checked. Its methods may be
// called from many goroutines at once if the underlying reader allows it.
type Reader struct {
	r       io.ReaderAt
	size    int64
	end     *directoryEnd
	entries []entry // by name, bytewise
	top     string
	prefix  string // what precedes a plugin file's relative name: "", "top/" or "top/path/"
}

// File is one regular file of the plugin's folder.
type File struct {
	Path string // relative to the plugin's folder, with slashes
	Size int64  // declared; Read verifies it
}

// Open reads and checks the directory of a zip of size bytes: a repository's
// archive, a release's zip or an installer. path is the folder within the
// repository that is the plugin, "" for all of it; the archive's one top-level
// folder comes before it. A zip without one single top-level folder is read as
// it is. What macOS adds in __MACOSX does not count.
//
// Contents are not read. The memory held is a few hundred bytes an entry.
func Open(r io.ReaderAt, size int64, path string) (*Reader, error) {
	path = strings.Trim(path, "/")
	if path != "" && path != "." && !fs.ValidPath(path) {
		return nil, &Error{Kind: ErrNoFile, Problem: fmt.Sprintf("path %q is not a folder within a repository", path),
			Remedy: "give it relative to the repository's root, with slashes"}
	}
	end, err := readEnd(r, size)
	if err != nil {
		return nil, err
	}
	entries, err := readDirectory(r, end)
	if err != nil {
		return nil, err
	}
	rd := &Reader{r: r, size: size, end: end, entries: entries}
	if err := rd.checkData(); err != nil {
		return nil, err
	}
	if err := rd.checkNames(); err != nil {
		return nil, err
	}
	rd.findTop()
	if rd.top != "" {
		rd.prefix = rd.top + "/"
	}
	if path != "" && path != "." {
		rd.prefix += path + "/"
	}
	inside := false
	for i := range rd.entries {
		e := &rd.entries[i]
		if e.name != rd.prefix && strings.HasPrefix(e.name, rd.prefix) {
			e.rel, inside = e.name[len(rd.prefix):], true
		}
	}
	if !inside {
		return nil, &Error{Kind: ErrNoFile, Problem: fmt.Sprintf("it has no folder %q", strings.TrimSuffix(rd.prefix, "/")),
			Remedy: "correct the path of the plugin within its repository"}
	}
	rd.findFaults()
	return rd, nil
}

// checkData leaves the entries sorted by offset and refuses those that share
// bytes: that is how a few kilobytes are made to inflate to petabytes.
func (rd *Reader) checkData() error {
	slices.SortFunc(rd.entries, func(a, b entry) int { return cmp.Compare(a.offset, b.offset) })
	for i := range rd.entries {
		e := &rd.entries[i]
		e.limit = rd.end.offset
		if i+1 < len(rd.entries) {
			e.limit = rd.entries[i+1].offset
		}
		if e.offset+localSize+int64(len(e.name))+e.compressed > e.limit {
			return &Error{Kind: ErrHostile, Entry: e.name, Problem: "its data overlaps another entry's",
				Remedy: "pack the zip again"}
		}
	}
	return nil
}

// checkNames leaves the entries sorted by name and refuses dangerous names, the
// same name twice, and a file where another entry needs a folder.
func (rd *Reader) checkNames() error {
	slices.SortFunc(rd.entries, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	folders := make(map[string]struct{})
	for i := range rd.entries {
		e := &rd.entries[i]
		if problem := checkName(e.name); problem != "" {
			return &Error{Kind: ErrHostile, Entry: e.name, Problem: problem, Remedy: "rename the file"}
		}
		// A folder twice is clumsy, but means one thing only.
		if i > 0 && e.name == rd.entries[i-1].name && e.kind != kindFolder {
			return &Error{Kind: ErrHostile, Entry: e.name, Problem: "it is there twice", Remedy: "pack the zip again"}
		}
		addFolders(folders, e.name)
	}
	for i := range rd.entries {
		e := &rd.entries[i]
		if _, clash := folders[e.name]; clash {
			return &Error{Kind: ErrHostile, Entry: e.name, Problem: "it is both a file and a folder", Remedy: "pack the zip again"}
		}
	}
	return nil
}

// addFolders adds the folders that a name speaks of, without trailing slash.
func addFolders(folders map[string]struct{}, name string) {
	for i := strings.LastIndexByte(name, '/'); i > 0; i = strings.LastIndexByte(name, '/') {
		name = name[:i]
		if _, seen := folders[name]; seen {
			return
		}
		folders[name] = struct{}{}
	}
}

// findTop finds the one top-level folder, "" if there is none or files or other
// folders beside it.
func (rd *Reader) findTop() {
	first := true
	for i := range rd.entries {
		e := &rd.entries[i]
		if isJunk(e.name) && (strings.HasPrefix(e.name, "__MACOSX/") || strings.IndexByte(e.name, '/') < 0) {
			continue
		}
		top, _, inFolder := strings.Cut(e.name, "/")
		if !inFolder || !first && top != rd.top {
			rd.top = ""
			return
		}
		rd.top, first = top, false
	}
}

// findFaults notes what cannot be kept among the plugin's files. Elsewhere, or
// where it is left out, it does not matter.
func (rd *Reader) findFaults() {
	for i := range rd.entries {
		if e := &rd.entries[i]; e.rel != "" && e.kind == kindFile {
			e.fault = e.findFault()
		}
	}
}

func (e *entry) findFault() *Error {
	fault := func(kind error, problem, remedy string) *Error {
		return &Error{Kind: kind, Entry: e.name, Problem: problem, Remedy: remedy}
	}
	const repack = "pack the zip again"
	switch {
	case e.flags&(flagEncrypted|flagStrong|flagMasked) != 0:
		return fault(ErrUnsupported, "it is encrypted", "pack the zip without a password")
	case e.flags&flagPatch != 0:
		return fault(ErrUnsupported, "it is a patch, not a file", repack)
	case e.method != methodStored && e.method != methodDeflated:
		return fault(ErrUnsupported, fmt.Sprintf("it is compressed with method %d, which not every site can read", e.method),
			"pack the zip with deflate")
	case e.method == methodStored && e.size != e.compressed:
		return fault(ErrDamaged, fmt.Sprintf("its declared size is %d bytes, but %d are stored", e.size, e.compressed), repack)
	case e.size > MaxFileBytes:
		return fault(ErrTooLarge, fmt.Sprintf("it inflates to %d bytes, more than %d", e.size, MaxFileBytes),
			"leave it out by .distignore or export-ignore in .gitattributes")
	case e.alias:
		return fault(ErrHostile, "it has another name in an extra field", repack)
	}
	if problem := checkKept(e.rel); problem != "" {
		return fault(ErrHostile, problem, "rename the file")
	}
	return nil
}

// Comment is the zip's comment. GitHub puts the commit's SHA there.
func (rd *Reader) Comment() string { return rd.end.comment }

// Top is the name of the one top-level folder, "" if there is none.
func (rd *Reader) Top() string { return rd.top }

// Files lists the plugin's regular files by name, those included that an
// installer would leave out, except what cannot be installed or read at all:
// links, files with such names, sizes or compression.
func (rd *Reader) Files() []File {
	var files []File
	for i := range rd.entries {
		if e := &rd.entries[i]; e.rel != "" && e.kind == kindFile && e.fault == nil && !isJunk(e.name) {
			files = append(files, File{Path: e.rel, Size: e.size})
		}
	}
	return files
}

// Read returns the contents of one file, verified against its size and
// checksum. It fails with ErrNoFile if there is none, with ErrTooLarge if it
// has more than limit bytes.
func (rd *Reader) Read(name string, limit int64) ([]byte, error) {
	e := rd.find(name)
	if e == nil || e.kind != kindFile {
		return nil, &Error{Kind: ErrNoFile, Problem: fmt.Sprintf("it has no file %q", shorten(rd.prefix+name))}
	}
	if e.fault != nil {
		return nil, e.fault
	}
	if e.size > limit {
		return nil, &Error{Kind: ErrTooLarge, Entry: e.name, Problem: fmt.Sprintf("it has %d bytes, more than %d", e.size, limit)}
	}
	var buf bytes.Buffer
	if e.size < 1<<20 || e.size/MaxRatio < e.compressed {
		buf.Grow(int(e.size))
	}
	v := newVerifier()
	if err := v.stream(rd.r, e, &buf); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// find finds an entry by its name relative to the plugin's folder.
func (rd *Reader) find(rel string) *entry {
	i, ok := slices.BinarySearchFunc(rd.entries, rd.prefix+rel, func(e entry, name string) int {
		return strings.Compare(e.name, name)
	})
	if !ok || rd.entries[i].rel == "" {
		return nil
	}
	return &rd.entries[i]
}
