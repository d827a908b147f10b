package githubtest

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"
)

// The modes of git's tree entries that are known here.
const (
	modeFile    = "100644"
	modeProgram = "100755"
	modeLink    = "120000"
	modeFolder  = "040000" // as the API writes it; git's own form has no zero
)

// objects holds git objects by their names, 40 hexadecimal digits. What a name
// refers to never changes; the maps grow under the lock of their GitHub.
type objects struct {
	blobs   map[string][]byte
	trees   map[string][]treeEntry // in git's order
	commits map[string]*commit
	size    int // of the blobs, in bytes
}

type treeEntry struct {
	name, mode, sha string
}

type commit struct {
	sha, tree, parent string // parent is "" for the first
	message           string
	author, email     string
	when              time.Time // UTC, whole seconds
}

func newObjects() objects {
	return objects{
		blobs:   map[string][]byte{},
		trees:   map[string][]treeEntry{},
		commits: map[string]*commit{},
	}
}

// add takes in everything that other holds.
func (o *objects) add(other objects) {
	for sha, data := range other.blobs {
		o.keepBlob(sha, data)
	}
	maps.Copy(o.trees, other.trees)
	maps.Copy(o.commits, other.commits)
}

// objectName is git's name of an object: the SHA-1 of its type, length and content.
func objectName(kind string, content []byte) string {
	h := sha1.New()
	fmt.Fprintf(h, "%s %d\x00", kind, len(content))
	h.Write(content)
	return hex.EncodeToString(h.Sum(nil))
}

// readTree takes in dir of files with everything beneath and returns its tree's
// name. As in git, empty folders and whatever is called .git are left out, and
// so is what is neither file, folder nor symbolic link.
func (o *objects) readTree(files fs.FS, dir string) (string, error) {
	list, err := fs.ReadDir(files, dir)
	if err != nil {
		return "", fmt.Errorf("read folder %s: %w", dir, err)
	}
	var entries []treeEntry
	for _, file := range list {
		if file.Name() == ".git" {
			continue
		}
		entry, err := o.readEntry(files, path.Join(dir, file.Name()), file)
		if err != nil {
			return "", err
		}
		if entry.sha != "" {
			entries = append(entries, entry)
		}
	}
	if len(entries) == 0 && dir != "." {
		return "", nil
	}
	return o.putTree(entries), nil
}

// readEntry takes in one file or folder; the entry has no sha if git would not
// know it.
func (o *objects) readEntry(files fs.FS, name string, file fs.DirEntry) (treeEntry, error) {
	entry := treeEntry{name: file.Name()}
	var data []byte
	var err error
	switch kind := file.Type(); {
	case kind.IsDir():
		entry.mode = modeFolder
		entry.sha, err = o.readTree(files, name)
		return entry, err
	case kind&fs.ModeSymlink != 0:
		var target string
		target, err = fs.ReadLink(files, name)
		entry.mode, data = modeLink, []byte(target)
	case kind.IsRegular():
		var info fs.FileInfo
		if info, err = file.Info(); err != nil {
			break
		}
		entry.mode = modeFile
		if info.Mode()&0o100 != 0 {
			entry.mode = modeProgram
		}
		data, err = fs.ReadFile(files, name)
	default:
		return entry, nil
	}
	if err != nil {
		return entry, fmt.Errorf("read file %s: %w", name, err)
	}
	entry.sha = o.putBlob(data)
	return entry, nil
}

func (o *objects) putBlob(data []byte) string {
	sha := objectName("blob", data)
	o.keepBlob(sha, data)
	return sha
}

func (o *objects) keepBlob(sha string, data []byte) {
	if _, known := o.blobs[sha]; !known {
		o.size += len(data)
	}
	o.blobs[sha] = data
}

func (o *objects) putTree(entries []treeEntry) string {
	// Git orders a folder as if its name ended in a slash.
	sortName := func(e treeEntry) string {
		if e.mode == modeFolder {
			return e.name + "/"
		}
		return e.name
	}
	slices.SortFunc(entries, func(a, b treeEntry) int {
		return strings.Compare(sortName(a), sortName(b))
	})
	var content []byte
	for _, e := range entries {
		raw, _ := hex.DecodeString(e.sha)
		content = append(content, strings.TrimPrefix(e.mode, "0")+" "+e.name+"\x00"...)
		content = append(content, raw...)
	}
	sha := objectName("tree", content)
	o.trees[sha] = entries
	return sha
}

// putCommit takes in a commit, whose name follows from all else in it.
func (o *objects) putCommit(c commit) *commit {
	var b strings.Builder
	fmt.Fprintf(&b, "tree %s\n", c.tree)
	if c.parent != "" {
		fmt.Fprintf(&b, "parent %s\n", c.parent)
	}
	for _, role := range []string{"author", "committer"} {
		fmt.Fprintf(&b, "%s %s <%s> %d +0000\n", role, c.author, c.email, c.when.Unix())
	}
	fmt.Fprintf(&b, "\n%s\n", c.message)
	c.sha = objectName("commit", []byte(b.String()))
	o.commits[c.sha] = &c
	return &c
}

// find follows a path from a tree; "" is the tree itself.
func (o *objects) find(tree, name string) (treeEntry, bool) {
	at := treeEntry{mode: modeFolder, sha: tree}
	if name == "" {
		return at, true
	}
	for part := range strings.SplitSeq(name, "/") {
		entries := o.trees[at.sha]
		i := slices.IndexFunc(entries, func(e treeEntry) bool { return e.name == part })
		if i < 0 || at.mode != modeFolder {
			return treeEntry{}, false
		}
		at = entries[i]
	}
	return at, true
}

// walk calls visit for every entry beneath a tree, a folder before its content,
// until it returns false.
func (o *objects) walk(tree, prefix string, visit func(name string, e treeEntry) bool) bool {
	for _, e := range o.trees[tree] {
		name := prefix + e.name
		if !visit(name, e) {
			return false
		}
		if e.mode == modeFolder && !o.walk(e.sha, name+"/", visit) {
			return false
		}
	}
	return true
}

// files gives a tree's regular files and links by their paths.
func (o *objects) files(tree string) map[string]treeEntry {
	files := map[string]treeEntry{}
	o.walk(tree, "", func(name string, e treeEntry) bool {
		if e.mode != modeFolder {
			files[name] = e
		}
		return true
	})
	return files
}

// writeTree makes the tree of files, as files gave them.
func (o *objects) writeTree(files map[string]treeEntry) string {
	here := []treeEntry{}
	folders := map[string]map[string]treeEntry{}
	for name, e := range files {
		folder, rest, deeper := strings.Cut(name, "/")
		if !deeper {
			here = append(here, treeEntry{name, e.mode, e.sha})
			continue
		}
		if folders[folder] == nil {
			folders[folder] = map[string]treeEntry{}
		}
		folders[folder][rest] = e
	}
	for name, content := range folders {
		here = append(here, treeEntry{name, modeFolder, o.writeTree(content)})
	}
	return o.putTree(here)
}
