package store

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pluginyard/pluginyard/registry"
)

// kinds of store that keep the same contract.
func locations() []struct {
	name string
	open func(t testing.TB) *Store
} {
	return []struct {
		name string
		open func(t testing.TB) *Store
	}{
		{"directory", func(t testing.TB) *Store { return open(t, filepath.Join(t.TempDir(), "data")) }},
		{"bucket", func(t testing.TB) *Store { return open(t, "mem://", withTemp(t.TempDir())) }},
		{"bucket with a prefix", func(t testing.TB) *Store { return open(t, "mem:///updates/yard/") }},
		{"bucket without a cache", func(t testing.TB) *Store { return open(t, "mem://", withCacheBytes(0)) }},
		{"S3 bucket", func(t testing.TB) *Store { return open(t, fakeS3(t)) }},
	}
}

func withTemp(dir string) Option { return func(o *options) { o.temp = dir } }

func withCacheBytes(n int64) Option { return func(o *options) { o.cacheBytes = n } }

func open(t testing.TB, location string, opts ...Option) *Store {
	t.Helper()
	s, err := Open(t.Context(), location, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// TestStore is the contract of registry.Store, over every kind of location.
func TestStore(t *testing.T) {
	for _, l := range locations() {
		t.Run(l.name, func(t *testing.T) {
			for _, c := range []struct {
				name string
				test func(*testing.T, *Store)
			}{
				{"a blob is named by its digest and read back", testPut},
				{"the same bytes are one blob", testPutTwice},
				{"a failed write stores nothing", testPutFails},
				{"a cancelled write stores nothing", testPutCancelled},
				{"a blob can be read at any place", testSeek},
				{"an unknown digest is not found", testUnknownDigest},
				{"a blob stays readable while it is open", testReadAfterRemoval},
				{"many put and open one blob at once", testConcurrentBlob},
				{"a record is replaced whole", testSave},
				{"a record can be of any bytes and sizes", testRecordSizes},
				{"a bad record name is invalid", testBadNames},
				{"names are listed by prefix and sorted", testNames},
				{"a deleted record is gone", testDelete},
				{"many save and load one record at once", testConcurrentRecord},
				{"collect deletes what nothing names", testCollect},
				{"collect spares what was put again", testCollectSparesPutAgain},
			} {
				t.Run(c.name, func(t *testing.T) { c.test(t, l.open(t)) })
			}
		})
	}
}

func testPut(t *testing.T, s *Store) {
	for _, size := range []int{0, 1, bufferBytes - 1, bufferBytes, 3*bufferBytes + 7} {
		content := noise(size)
		blob := put(t, s, content)
		if want := (registry.Blob{Digest: sum(content), Size: int64(size)}); blob != want {
			t.Errorf("Put of %d bytes = %v, want %v", size, blob, want)
		}
		wantBlob(t, s, content)
	}
}

func testPutTwice(t *testing.T, s *Store) {
	first, second := put(t, s, []byte("same")), put(t, s, []byte("same"))
	if first != second {
		t.Errorf("Put twice = %v and %v, want one blob", first, second)
	}
	if keys := keysOf(t, s, blobsFolder); len(keys) != 1 {
		t.Errorf("blobs = %q, want one", keys)
	}
	wantBlob(t, s, []byte("same"))
}

func testPutFails(t *testing.T, s *Store) {
	fault := errors.New("the archive ends too early")
	_, err := s.Put(t.Context(), func(w io.Writer) error {
		w.Write(noise(2 * bufferBytes))
		return fault
	})
	if !errors.Is(err, fault) {
		t.Errorf("Put = %v, want the writer's error", err)
	}
	wantEmpty(t, s)
}

func testPutCancelled(t *testing.T, s *Store) {
	ctx, cancel := context.WithCancel(t.Context())
	_, err := s.Put(ctx, func(w io.Writer) error {
		cancel()
		w.Write(noise(2 * bufferBytes))
		return nil // a writer that lost the error
	})
	if !errors.Is(err, context.Canceled) || !errors.Is(err, registry.ErrUnavailable) {
		t.Errorf("Put = %v, want unavailable, cancelled", err)
	}
	wantEmpty(t, s)
}

func testSeek(t *testing.T, s *Store) {
	content := noise(100_000)
	r := openBlob(t, s, put(t, s, content).Digest)
	for _, c := range []struct {
		offset int64
		whence int
		want   []byte
	}{
		{0, io.SeekEnd, nil},
		{99_990, io.SeekStart, content[99_990:]},
		{-10, io.SeekEnd, content[99_990:]},
		{-50_000, io.SeekCurrent, content[50_000:]},
		{0, io.SeekStart, content},
	} {
		if _, err := r.Seek(c.offset, c.whence); err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(got, c.want) {
			t.Errorf("after Seek(%d, %d): %d bytes, %v; want %d", c.offset, c.whence, len(got), err, len(c.want))
		}
	}
}

func testUnknownDigest(t *testing.T, s *Store) {
	for _, digest := range []registry.Digest{
		sum([]byte("never stored")),
		"", "short", "../../../etc/passwd",
		registry.Digest(strings.Repeat("A", 64)),
		registry.Digest(strings.Repeat("../", 22)[:64]),
	} {
		if _, err := s.Open(t.Context(), digest); !errors.Is(err, registry.ErrNotFound) {
			t.Errorf("Open(%q) = %v, want not found", digest, err)
		}
	}
}

func testReadAfterRemoval(t *testing.T, s *Store) {
	content := noise(100_000)
	r := openBlob(t, s, put(t, s, content).Digest)
	if n, _, err := s.Collect(t.Context(), nil, time.Now().Add(time.Hour)); n != 1 || err != nil {
		t.Fatalf("Collect = %d, %v", n, err)
	}
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, content) {
		t.Errorf("read %d bytes, %v; want %d", len(got), err, len(content))
	}
}

func testConcurrentBlob(t *testing.T, s *Store) {
	content := noise(200_000)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			blob, err := s.Put(t.Context(), writing(content))
			if err != nil {
				t.Error(err)
				return
			}
			for range 4 {
				checkBlob(t, s, blob.Digest)
			}
		})
	}
	wg.Wait()
}

func testSave(t *testing.T, s *Store) {
	const name = "plugins/hello-yard.json"
	for _, data := range []string{`{"version":"1"}`, `{"version":"1.10","longer":true}`, `{}`} {
		save(t, s, name, data)
		wantRecord(t, s, name, data)
	}
	if _, err := s.Load(t.Context(), "plugins/other.json"); !errors.Is(err, registry.ErrNotFound) {
		t.Errorf("Load of no record = %v, want not found", err)
	}
	if _, err := s.Load(t.Context(), "plugins"); !errors.Is(err, registry.ErrNotFound) {
		t.Errorf("Load of a folder = %v, want not found", err)
	}
	if _, err := s.Load(t.Context(), name+"/below"); !errors.Is(err, registry.ErrNotFound) {
		t.Errorf("Load below a record = %v, want not found", err)
	}
}

func testRecordSizes(t *testing.T, s *Store) {
	for _, size := range []int{0, 1, 100_000, MaxRecordBytes} {
		data := noise(size)
		if err := s.Save(t.Context(), "r", data); err != nil {
			t.Fatal(err)
		}
		got, err := s.Load(t.Context(), "r")
		if err != nil || !bytes.Equal(got, data) {
			t.Errorf("Load = %d bytes, %v; want %d", len(got), err, size)
		}
	}
	if err := s.Save(t.Context(), "r", make([]byte, MaxRecordBytes+1)); !errors.Is(err, registry.ErrTooLarge) {
		t.Errorf("Save = %v, want too large", err)
	}
}

func testBadNames(t *testing.T, s *Store) {
	for _, name := range []string{
		"", "/", ".", "..", "../up", "a/../b", "/a", "a/", "a//b", "a/./b", "A", "a b", "a\\b", "a\x00b", "ä", "a\n", "a:b",
		strings.Repeat("a", MaxSegmentBytes+1), strings.Repeat("a/", MaxNameBytes/2) + "a",
	} {
		_, loadErr := s.Load(t.Context(), name)
		for call, err := range map[string]error{
			"Save": s.Save(t.Context(), name, nil), "Load": loadErr, "Delete": s.Delete(t.Context(), name),
		} {
			if !errors.Is(err, registry.ErrInvalid) {
				t.Errorf("%s(%q) = %v, want invalid", call, name, err)
			}
		}
	}
	wantEmpty(t, s)
	for _, name := range []string{
		"a", "...", "a.b-c_d", "0/1/2/3", ".hidden", "-", strings.Repeat("a", MaxSegmentBytes),
		strings.Repeat("a/", MaxNameBytes/2-1) + "a",
	} {
		save(t, s, name, name)
		wantRecord(t, s, name, name)
		if err := s.Delete(t.Context(), name); err != nil {
			t.Error(err)
		}
	}
}

func testNames(t *testing.T, s *Store) {
	for _, name := range []string{"plugins/b", "plugins/a", "plugins/a-b/c", "plugins/a.b", "owners/x", "plug", "plugins2/a"} {
		save(t, s, name, "")
	}
	put(t, s, []byte("a blob is no record"))
	for _, c := range []struct {
		prefix string
		want   []string
	}{
		{"", []string{"owners/x", "plug", "plugins/a", "plugins/a-b/c", "plugins/a.b", "plugins/b", "plugins2/a"}},
		{"plug", []string{"plug", "plugins/a", "plugins/a-b/c", "plugins/a.b", "plugins/b", "plugins2/a"}},
		{"plugins/", []string{"plugins/a", "plugins/a-b/c", "plugins/a.b", "plugins/b"}},
		{"plugins/a", []string{"plugins/a", "plugins/a-b/c", "plugins/a.b"}},
		{"plugins/a-b/", []string{"plugins/a-b/c"}},
		{"plugins/a/", nil},
		{"none/", nil},
		{"../blobs/", nil},
		{"/", nil},
	} {
		got, err := s.Names(t.Context(), c.prefix)
		if err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(got, c.want); diff != "" {
			t.Errorf("Names(%q): got -, want +\n%s", c.prefix, diff)
		}
	}
}

func testDelete(t *testing.T, s *Store) {
	save(t, s, "a/b", "1")
	for range 2 { // none is no error
		if err := s.Delete(t.Context(), "a/b"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Load(t.Context(), "a/b"); !errors.Is(err, registry.ErrNotFound) {
		t.Errorf("Load = %v, want not found", err)
	}
	if err := s.Delete(t.Context(), "a"); err != nil { // a folder is no record
		t.Error(err)
	}
	save(t, s, "a", "the folder that is left is not in the way")
	wantRecord(t, s, "a", "the folder that is left is not in the way")
	if err := s.Delete(t.Context(), "a"); err != nil {
		t.Error(err)
	}
	save(t, s, "a/b", "2")
	wantRecord(t, s, "a/b", "2")
}

func testConcurrentRecord(t *testing.T, s *Store) {
	contents := [][]byte{noise(10), noise(70_000), noise(5_000), {}}
	if err := s.Save(t.Context(), "r", contents[0]); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for _, content := range contents {
		wg.Go(func() {
			for range 5 {
				if err := s.Save(t.Context(), "r", content); err != nil {
					t.Error(err)
				}
			}
		})
		wg.Go(func() {
			for range 20 {
				if _, err := s.Load(t.Context(), "r"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func testCollect(t *testing.T, s *Store) {
	named, unnamed := put(t, s, []byte("named")), put(t, s, []byte("unnamed"))
	save(t, s, "r", "a record is no blob")
	keep := map[registry.Digest]bool{named.Digest: true}

	before, after := time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	if n, size, err := s.Collect(t.Context(), keep, before); n != 0 || size != 0 || err != nil {
		t.Errorf("Collect of what is older than the blobs = %d, %d, %v; want none", n, size, err)
	}
	wantBlob(t, s, []byte("unnamed"))

	if n, size, err := s.Collect(t.Context(), keep, after); n != 1 || size != unnamed.Size || err != nil {
		t.Errorf("Collect = %d, %d, %v; want 1, %d", n, size, err, unnamed.Size)
	}
	wantBlob(t, s, []byte("named"))
	wantRecord(t, s, "r", "a record is no blob")
	if _, err := s.Open(t.Context(), unnamed.Digest); !errors.Is(err, registry.ErrNotFound) {
		t.Errorf("Open = %v, want not found", err)
	}
	put(t, s, []byte("unnamed"))
	wantBlob(t, s, []byte("unnamed"))

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := s.Collect(ctx, keep, after); !errors.Is(err, context.Canceled) {
		t.Errorf("Collect = %v, want cancelled", err)
	}
}

func testCollectSparesPutAgain(t *testing.T, s *Store) {
	blob := put(t, s, []byte("old"))
	// As after a restart: this process has not stored it.
	s.forget(time.Now().Add(time.Hour))
	before := time.Now().Add(time.Minute)
	s.stored[blob.Digest] = before.Add(time.Second)
	if n, _, err := s.Collect(t.Context(), nil, before); n != 0 || err != nil {
		t.Errorf("Collect = %d, %v; want none", n, err)
	}
	wantBlob(t, s, []byte("old"))
	if n, _, err := s.Collect(t.Context(), nil, before.Add(time.Minute)); n != 1 || err != nil {
		t.Errorf("Collect = %d, %v; want it", n, err)
	}
	if len(s.stored) != 0 {
		t.Errorf("%d blobs are still remembered", len(s.stored))
	}
}
