package githubtest

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// archive is the zip of one commit, built when it is first asked for.
type archive struct {
	once  sync.Once
	files []archiveFile // until it is built
	sha   string
	when  time.Time
	data  []byte
}

// archiveFile is one entry of an archive; the name of a folder ends in a slash.
type archiveFile struct {
	name, mode string
	data       []byte
}

// archive finds or begins the archive of a commit. GitHub names the one folder
// in it after owner, repository and the commit's first seven digits. It is
// called with the GitHub's lock held for reading; archivesMu guards the map.
func (r *Repository) archive(c *commit) *archive {
	folder := fmt.Sprintf("%s-%s-%s/", r.repo.Owner, r.repo.Name, c.sha[:7])
	r.archivesMu.Lock()
	defer r.archivesMu.Unlock()
	a := r.archives[c.sha+" "+folder]
	if a == nil {
		a = &archive{sha: c.sha, when: c.when}
		a.files = append(a.files, archiveFile{name: folder, mode: modeFolder})
		a.files, _ = r.objects.export(a.files, folder, "", c.tree, nil)
		r.archives[c.sha+" "+folder] = a
	}
	return a
}

// export appends what an archive holds of a tree: all but what .gitattributes
// files mark export-ignore. Git archive writes a folder as soon as it comes upon
// a file beneath, even one that it then leaves out; so a folder emptied of files
// stays, and one that held nothing but folders left out does not.
//
// met tells whether it came upon a file.
func (o *objects) export(list []archiveFile, prefix, dir, tree string, stack []attributes) (all []archiveFile, met bool) {
	for _, e := range o.trees[tree] {
		if e.name == ".gitattributes" && e.mode != modeFolder {
			rules := parseAttributes(string(o.blobs[e.sha]))
			stack = append(stack[:len(stack):len(stack)], attributes{dir: dir, rules: rules})
		}
	}
	for _, e := range o.trees[tree] {
		name := dir + e.name
		if e.mode != modeFolder {
			met = true
			if !ignored(stack, name, false) {
				list = append(list, archiveFile{prefix + name, e.mode, o.blobs[e.sha]})
			}
			continue
		}
		if ignored(stack, name, true) {
			continue
		}
		before := len(list)
		list = append(list, archiveFile{name: prefix + name + "/", mode: modeFolder})
		var inside bool
		if list, inside = o.export(list, prefix, name+"/", e.sha, stack); !inside {
			list = list[:before]
		}
		met = met || inside
	}
	return list, met
}

// bytes builds the archive once. The same commit gives the same bytes.
func (a *archive) bytes() []byte {
	a.once.Do(func() {
		var b bytes.Buffer
		if err := a.write(&b); err != nil {
			panic(err) // a bytes.Buffer takes every write
		}
		a.data, a.files = b.Bytes(), nil
	})
	return a.data
}

// write writes the entries as git archive does: sizes ahead of the data, times
// of the commit, its name as the zip's comment, modes only where they tell
// something.
func (a *archive) write(b *bytes.Buffer) error {
	out := zip.NewWriter(b)
	if err := out.SetComment(a.sha); err != nil {
		return err
	}
	var packed bytes.Buffer
	deflate, err := flate.NewWriter(&packed, flate.DefaultCompression)
	if err != nil {
		return err
	}
	for _, f := range a.files {
		packed.Reset()
		header := f.header(a.when)
		content := f.data
		if len(f.data) > 0 && f.mode != modeLink {
			deflate.Reset(&packed)
			if _, err := deflate.Write(f.data); err != nil {
				return err
			}
			if err := deflate.Close(); err != nil {
				return err
			}
			if packed.Len() < len(f.data) {
				header.Method, content = zip.Deflate, packed.Bytes()
			}
		}
		header.CompressedSize64 = uint64(len(content))
		w, err := out.CreateRaw(header)
		if err != nil {
			return err
		}
		if _, err := w.Write(content); err != nil {
			return err
		}
	}
	return out.Close()
}

func (f archiveFile) header(when time.Time) *zip.FileHeader {
	h := &zip.FileHeader{
		Name:               f.name,
		Method:             zip.Store,
		ReaderVersion:      10,
		CRC32:              crc32.ChecksumIEEE(f.data),
		UncompressedSize64: uint64(len(f.data)),
	}
	if strings.ContainsFunc(f.name, func(c rune) bool { return c >= utf8.RuneSelf }) && utf8.ValidString(f.name) {
		h.Flags |= 0x800 // the name is UTF-8
	}
	const unix = 3<<8 | 23 // made by Unix, with zip 2.3
	switch f.mode {
	case modeFolder:
		h.ExternalAttrs = 0x10
	case modeProgram:
		h.CreatorVersion, h.ExternalAttrs = unix, 0o100755<<16
	case modeLink:
		h.CreatorVersion, h.ExternalAttrs = unix, 0o120777<<16
	}
	// CreateRaw leaves the time to its caller, in both of zip's forms: the
	// old one counts seconds by twos from 1980, the extra field from 1970.
	year := max(when.Year()-1980, 0)
	//lint:ignore SA1019 CreateRaw does not look at Modified
	h.ModifiedDate = uint16(year<<9 | int(when.Month())<<5 | when.Day())
	//lint:ignore SA1019 CreateRaw does not look at Modified
	h.ModifiedTime = uint16(when.Hour()<<11 | when.Minute()<<5 | when.Second()/2)
	h.Extra = append(h.Extra, 'U', 'T', 5, 0, 1)
	h.Extra = binary.LittleEndian.AppendUint32(h.Extra, uint32(when.Unix()))
	return h
}
