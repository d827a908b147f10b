package store

import (
	"bytes"
	"path"
	"path/filepath"
	"testing"
)

// FuzzParseRecord: what was formatted is parsed to the same; what is parsed
// can only have been formatted so.
func FuzzParseRecord(f *testing.F) {
	f.Add([]byte(""))
	f.Add([]byte(`{"version":"1.0"}`))
	f.Add(formatRecord([]byte(`{"version":"1.0"}`)))
	f.Add(formatRecord(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		if data, ok := parseRecord(b); ok && !bytes.Equal(formatRecord(data), b) {
			t.Errorf("%q was taken for a record", b)
		}
		whole := formatRecord(b)
		if data, ok := parseRecord(whole); !ok || !bytes.Equal(data, b) {
			t.Errorf("formatted and parsed: %q, %t; want %q", data, ok, b)
		}
		for _, damaged := range [][]byte{whole[:len(whole)-1], append(whole[:len(whole):len(whole)], 0)} {
			if _, ok := parseRecord(damaged); ok {
				t.Errorf("%q was taken for a record", damaged)
			}
		}
	})
}

// FuzzName: a name that is let through is a local, clean path below records/,
// and every beginning of it can be listed.
func FuzzName(f *testing.F) {
	for _, name := range []string{"plugins/hello-yard.json", "../x", "a//b", "/", "a/./b", "...", "a/..", "A", "\x00"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if checkName(name) != nil {
			return
		}
		if path.Clean(name) != name || !filepath.IsLocal(filepath.FromSlash(name)) || len(name) > MaxNameBytes {
			t.Errorf("name %q was let through", name)
		}
		if key := recordsFolder + name; path.Clean(key) != key {
			t.Errorf("key %q is not clean", key)
		}
		if _, ok := blobOf(name); ok && name[:len(blobsFolder)] != blobsFolder {
			t.Errorf("%q was taken for the key of a blob", name)
		}
		for i := range name {
			if last := name[:i]; last != "" && !prefixOfName(last) && last[len(last)-1] != '.' {
				t.Errorf("no name is listed by the prefix %q of %q", last, name)
			}
		}
	})
}
