package store

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pluginyard/pluginyard/registry"
	"github.com/pluginyard/pluginyard/registry/store/s3test"
)

// A clock that jumps a year ahead makes every file look old; what is being
// published is kept all the same.
func TestABlobOfNowIsKeptWhenTheClockJumps(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	blob := put(t, s, []byte("of a build under way"))
	year := time.Now().AddDate(-1, 0, 0)
	if err := os.Chtimes(filepath.Join(dir, blobKey(blob.Digest)), year, year); err != nil {
		t.Fatal(err)
	}
	if n, _, err := s.Collect(t.Context(), nil, time.Now().Add(-30*time.Minute)); n != 0 || err != nil {
		t.Errorf("Collect = %d, %v", n, err)
	}
	wantBlob(t, s, []byte("of a build under way"))
}

func TestAFullDiskIsKnownBeforehand(t *testing.T) {
	s := open(t, t.TempDir())
	d := s.backend.(*directory)
	for _, tc := range []struct {
		name     string
		free     int64
		readOnly bool
		err      error
		want     error
	}{
		{"there is room", MinFreeBytes, false, nil, nil},
		{"there is not", MinFreeBytes - 1, false, nil, syscall.ENOSPC},
		{"it is read-only", 1 << 40, true, nil, syscall.EROFS},
		{"nobody knows", 0, false, errors.ErrUnsupported, nil},
	} {
		d.space = func(*os.Root) (int64, bool, error) { return tc.free, tc.readOnly, tc.err }
		err := s.Writable(t.Context())
		if !errors.Is(err, tc.want) || tc.want != nil && !(errors.Is(err, registry.ErrStorage) && errors.Is(err, registry.ErrUnavailable)) {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
}

func TestWhatADiskCannotReadIsDamaged(t *testing.T) {
	if err := unreadable("read x", &os.PathError{Op: "read", Err: syscall.EIO}); !errors.Is(err, registry.ErrCorrupt) {
		t.Errorf("EIO is %v", err)
	}
	if err := unreadable("read x", syscall.EMFILE); !errors.Is(err, registry.ErrUnavailable) || errors.Is(err, registry.ErrCorrupt) {
		t.Errorf("EMFILE is %v", err)
	}
	if err := unavailable("read x", context.Canceled); errors.Is(err, registry.ErrStorage) {
		t.Error("a request that was given up is blamed on the disk")
	}
}

// A bucket in bad weather: what it answers is not what is there.
func TestABucketThatFails(t *testing.T) {
	bucket, location := emulatedS3(t)
	s := open(t, location)
	old := put(t, s, []byte("old"))
	save(t, s, "plugins/a.json", "old")
	for _, tc := range []struct {
		name string
		do   http.HandlerFunc
		kind error
	}{
		{"503", func(w http.ResponseWriter, _ *http.Request) {
			s3test.Error(w, http.StatusServiceUnavailable, "SlowDown")
		}, registry.ErrUnavailable},
		{"forbidden", func(w http.ResponseWriter, _ *http.Request) { s3test.Error(w, http.StatusForbidden, "AccessDenied") }, registry.ErrUnavailable},
		{"reset", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, registry.ErrUnavailable},
		{"not there yet", func(w http.ResponseWriter, _ *http.Request) { s3test.Error(w, http.StatusNotFound, "NoSuchKey") }, registry.ErrNotFound},
	} {
		t.Run(tc.name, func(t *testing.T) {
			bucket.SetFault(tc.do)
			if tc.name != "reset" {
				if _, err := s.Load(t.Context(), "plugins/a.json"); !errors.Is(err, tc.kind) {
					t.Errorf("Load = %v", err)
				}
			}
			wantBlob(t, s, []byte("old")) // from the cache, however it is
			if tc.name == "forbidden" || tc.name == "not there yet" {
				if _, err := s.Open(t.Context(), registry.Digest(strings.Repeat("0", 64))); !errors.Is(err, tc.kind) {
					t.Errorf("Open = %v", err)
				}
			}
			switch tc.name { // the driver tries each for seconds
			case "503":
				if _, err := s.Put(t.Context(), writing([]byte("new"))); !errors.Is(err, registry.ErrStorage) {
					t.Errorf("Put = %v", err)
				}
			case "forbidden":
				if err := s.Save(t.Context(), "plugins/a.json", []byte("new")); !errors.Is(err, registry.ErrStorage) {
					t.Errorf("Save = %v", err)
				}
			case "reset":
				if n, _, err := s.Collect(t.Context(), nil, time.Now().Add(time.Hour)); n != 0 || err == nil {
					t.Errorf("Collect = %d, %v", n, err)
				}
			}
			bucket.SetFault(nil)
			wantRecord(t, s, "plugins/a.json", "old")
			if ok := !s.Lacks(old); !ok {
				t.Error("a bucket's blob is said to be lost")
			}
		})
	}
	put(t, s, []byte("new"))
	save(t, s, "plugins/a.json", "new")
	wantBlob(t, s, []byte("new"))
	wantRecord(t, s, "plugins/a.json", "new")
}
