package store

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/pluginyard/pluginyard/registry"
)

func noise(size int) []byte {
	b := make([]byte, size)
	rand.NewChaCha8([32]byte{byte(size)}).Read(b)
	return b
}

func sum(content []byte) registry.Digest {
	h := sha256.Sum256(content)
	return registry.Digest(hex.EncodeToString(h[:]))
}

func writing(content []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	}
}

func put(t testing.TB, s *Store, content []byte) registry.Blob {
	t.Helper()
	blob, err := s.Put(t.Context(), writing(content))
	if err != nil {
		t.Fatal(err)
	}
	return blob
}

func openBlob(t testing.TB, s *Store, digest registry.Digest) registry.BlobReader {
	t.Helper()
	r, err := s.Open(t.Context(), digest)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// wantBlob checks that a blob of these bytes is there.
func wantBlob(t testing.TB, s *Store, content []byte) {
	t.Helper()
	checkBlob(t, s, sum(content))
}

// checkBlob hashes what Open gives, which must not be taken at its word here.
func checkBlob(t testing.TB, s *Store, digest registry.Digest) {
	t.Helper()
	r, err := s.Open(t.Context(), digest)
	if err != nil {
		t.Error(err)
		return
	}
	got, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil {
		t.Error(err)
	}
	if sum(got) != digest {
		t.Errorf("Open(%s) gave %d bytes of digest %s", digest, len(got), sum(got))
	}
}

func save(t testing.TB, s *Store, name, data string) {
	t.Helper()
	if err := s.Save(t.Context(), name, []byte(data)); err != nil {
		t.Fatal(err)
	}
}

func wantRecord(t testing.TB, s *Store, name, want string) {
	t.Helper()
	got, err := s.Load(t.Context(), name)
	if err != nil || string(got) != want {
		t.Errorf("Load(%q) = %.80q, %v; want %.80q", name, got, err, want)
	}
}

func keysOf(t testing.TB, s *Store, prefix string) []string {
	t.Helper()
	var keys []string
	if err := s.backend.list(t.Context(), prefix, func(o object) error {
		keys = append(keys, o.key)
		return nil
	}); err != nil {
		t.Error(err)
	}
	return keys
}

// wantEmpty checks that nothing is stored, and that nothing lies about.
func wantEmpty(t testing.TB, s *Store) {
	t.Helper()
	for _, folder := range []string{blobsFolder, recordsFolder, quarantineFolder} {
		if keys := keysOf(t, s, folder); len(keys) != 0 {
			t.Errorf("%s holds %q, want nothing", folder, keys)
		}
	}
	wantNoTemp(t, s)
}

func wantNoTemp(t testing.TB, s *Store) {
	t.Helper()
	where := ""
	switch b := s.backend.(type) {
	case *directory:
		where = b.path(tempFolder)
	case *bucket:
		if b.temp == os.TempDir() {
			return // which is everybody's
		}
		where = b.temp
	}
	entries, err := os.ReadDir(where)
	if err != nil || len(entries) != 0 {
		t.Errorf("temporary files are left in %s: %v, %v", where, entries, err)
	}
}
