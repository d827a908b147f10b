package store

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"github.com/pluginyard/pluginyard/registry"
)

// overwrite changes an object behind the store's back.
func overwrite(t *testing.T, s *Store, key, content string) {
	t.Helper()
	b := s.backend.(*bucket)
	if err := b.upload(t.Context(), strings.NewReader(content), key); err != nil {
		t.Fatal(err)
	}
	if digest, ok := blobOf(key); ok {
		b.cache.drop(digest)
	}
}

func TestBucketFindsCorruptBlobs(t *testing.T) {
	for _, open := range []func(testing.TB) *Store{locations()[1].open, locations()[4].open} {
		s := open(t)
		content := noise(100_000)
		blob := put(t, s, content)
		for _, damaged := range [][]byte{content[:99_999], append([]byte("x"), content[1:]...), {}} {
			overwrite(t, s, blobKey(blob.Digest), string(damaged))
			if _, err := s.Open(t.Context(), blob.Digest); !errors.Is(err, registry.ErrCorrupt) {
				t.Errorf("Open = %v, want corrupt", err)
			}
			if _, err := s.Open(t.Context(), blob.Digest); !errors.Is(err, registry.ErrNotFound) {
				t.Errorf("Open again = %v, want not found", err)
			}
			if keys := keysOf(t, s, quarantineFolder); len(keys) != 1 {
				t.Errorf("quarantine = %q, want one", keys)
			}
			put(t, s, content)
			wantBlob(t, s, content)
		}
	}
}

func TestBucketPutReplacesTornBlobs(t *testing.T) {
	s := open(t, "mem://")
	content := noise(100_000)
	blob := put(t, s, content)
	overwrite(t, s, blobKey(blob.Digest), "torn")
	put(t, s, content)
	wantBlob(t, s, content)
}

func TestBucketFindsCorruptRecords(t *testing.T) {
	s := open(t, "mem://")
	overwrite(t, s, recordsFolder+"r", `{"version":"1.0"}`)
	if data, err := s.Load(t.Context(), "r"); !errors.Is(err, registry.ErrCorrupt) {
		t.Errorf("Load = %q, %v; want corrupt", data, err)
	}
	overwrite(t, s, recordsFolder+"r", strings.Repeat(" ", MaxRecordBytes+checksumBytes+1))
	if _, err := s.Load(t.Context(), "r"); !errors.Is(err, registry.ErrTooLarge) {
		t.Errorf("Load = %v, want too large", err)
	}
}

func TestBucketAbortsUploads(t *testing.T) {
	for _, l := range []int{1, 4} {
		s := locations()[l].open(t)
		torn := io.MultiReader(bytes.NewReader(noise(100_000)), iotest.ErrReader(errors.New("the disk fails")))
		if err := s.backend.(*bucket).upload(t.Context(), torn, recordsFolder+"r"); err == nil {
			t.Error("upload of what can't be read went well")
		}
		wantEmpty(t, s)
	}
}

// TestCache drives the cache alone, with fetches that end when told to.
func TestCache(t *testing.T) {
	newFile := func(size int) *os.File {
		f, err := os.CreateTemp(t.TempDir(), "")
		if err == nil {
			_, err = f.Write(noise(size))
		}
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	closed := func(f *os.File) bool {
		_, err := f.Stat()
		return errors.Is(err, os.ErrClosed)
	}
	digest := func(i int) registry.Digest { return sum([]byte{byte(i)}) }

	t.Run("many who ask at once cost one fetch", func(t *testing.T) {
		c := newCache(t.Context(), 1000)
		var fetches atomic.Int32
		fetch := func(context.Context, registry.Digest) (*os.File, int64, error) {
			fetches.Add(1)
			return newFile(100), 100, nil
		}
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				r, err := c.open(t.Context(), digest(1), fetch)
				if err != nil {
					t.Error(err)
					return
				}
				if b, err := io.ReadAll(r); err != nil || !bytes.Equal(b, noise(100)) {
					t.Errorf("read %d bytes, %v", len(b), err)
				}
				r.Close()
			})
		}
		wg.Wait()
		if n := fetches.Load(); n != 1 {
			t.Errorf("%d fetches, want 1", n)
		}
	})

	t.Run("the one used longest ago goes first, and closes when nobody reads it", func(t *testing.T) {
		c := newCache(t.Context(), 250)
		files := make(map[registry.Digest]*os.File)
		fetch := func(_ context.Context, d registry.Digest) (*os.File, int64, error) {
			files[d] = newFile(100)
			return files[d], 100, nil
		}
		get := func(i int) registry.BlobReader {
			r, err := c.open(t.Context(), digest(i), fetch)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		first := get(1)
		get(2).Close()
		get(3).Close() // 1 must go, but is being read
		if closed(files[digest(1)]) || closed(files[digest(2)]) {
			t.Error("a file was closed too early")
		}
		if b, err := io.ReadAll(first); err != nil || len(b) != 100 {
			t.Errorf("read %d bytes, %v", len(b), err)
		}
		first.Close()
		if !closed(files[digest(1)]) {
			t.Error("the first file is still open")
		}
		if err := first.Close(); err == nil {
			t.Error("closing twice went well")
		}
		if c.bytes != 200 || len(c.entries) != 2 {
			t.Errorf("%d bytes in %d entries, want 200 in 2", c.bytes, len(c.entries))
		}
		c.close()
		if !closed(files[digest(2)]) || !closed(files[digest(3)]) || c.bytes != 0 || len(c.entries) != 0 {
			t.Error("something is open after close")
		}
	})

	t.Run("one larger than the cache is given out and not kept", func(t *testing.T) {
		c := newCache(t.Context(), 50)
		var file *os.File
		r, err := c.open(t.Context(), digest(1), func(context.Context, registry.Digest) (*os.File, int64, error) {
			file = newFile(100)
			return file, 100, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(r); err != nil || len(b) != 100 {
			t.Errorf("read %d bytes, %v", len(b), err)
		}
		r.Close()
		if !closed(file) || len(c.entries) != 0 || c.bytes != 0 {
			t.Error("it was kept")
		}
	})

	t.Run("a failed fetch is tried again by the next", func(t *testing.T) {
		c := newCache(t.Context(), 1000)
		fault := errors.New("no route")
		_, err := c.open(t.Context(), digest(1), func(context.Context, registry.Digest) (*os.File, int64, error) { return nil, 0, fault })
		if !errors.Is(err, fault) || len(c.entries) != 0 {
			t.Errorf("open = %v with %d entries, want the fault and none", err, len(c.entries))
		}
		r, err := c.open(t.Context(), digest(1), func(context.Context, registry.Digest) (*os.File, int64, error) { return newFile(1), 1, nil })
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
	})

	t.Run("whoever asked may leave; the fetch goes on", func(t *testing.T) {
		c := newCache(t.Context(), 1000)
		leave, cancel := context.WithCancel(t.Context())
		arrived := make(chan struct{})
		fetch := func(ctx context.Context, _ registry.Digest) (*os.File, int64, error) {
			cancel()
			select {
			case <-arrived:
				return newFile(1), 1, nil
			case <-ctx.Done():
				return nil, 0, ctx.Err()
			}
		}
		if _, err := c.open(leave, digest(1), fetch); !errors.Is(err, context.Canceled) {
			t.Errorf("open = %v, want cancelled", err)
		}
		close(arrived)
		r, err := c.open(t.Context(), digest(1), nil) // it must not be called
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
	})

	t.Run("no more files are kept than may be open", func(t *testing.T) {
		c := newCache(t.Context(), 1000)
		for i := range MaxCachedFiles + 10 {
			name := sum([]byte{byte(i), byte(i >> 8)})
			c.add(name, newFile(0), 0)
		}
		if len(c.entries) != MaxCachedFiles {
			t.Errorf("%d entries, want %d", len(c.entries), MaxCachedFiles)
		}
		c.close()
	})
}

// Nothing waits for ever for a bucket that takes the connection and is silent.
func TestASilentBucketIsGivenUp(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "key")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	silent := make(chan struct{})
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-silent:
			io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		default:
			io.WriteString(w, `<ListBucketResult></ListBucketResult>`)
		}
	}))
	t.Cleanup(front.Close)
	s := open(t, "s3://yard?region=us-east-1&use_path_style=true&endpoint="+url.QueryEscape(front.URL))
	close(silent)
	b := s.backend.(*bucket)
	b.patience = 10 * time.Millisecond
	digest := registry.Digest(strings.Repeat("0", 64))
	for name, do := range map[string]func() error{
		"a record is read":   func() error { _, err := s.Load(t.Context(), "a"); return err },
		"a record is saved":  func() error { return s.Save(t.Context(), "a", []byte("a")) },
		"a record is listed": func() error { _, err := s.Names(t.Context(), ""); return err },
		"a record is erased": func() error { return b.remove(t.Context(), "records/a") },
		"a blob is stored":   func() error { _, err := s.Put(t.Context(), writing([]byte("a"))); return err },
		"a blob is asked":    func() error { _, err := b.has(t.Context(), registry.Blob{Digest: digest}); return err },
	} {
		if err := do(); !errors.Is(err, registry.ErrStorage) || !errors.Is(err, registry.ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
