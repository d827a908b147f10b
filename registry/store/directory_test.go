package store

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pluginyard/pluginyard/registry"
)

func TestDirectoryLayout(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "var", "lib")
	s := open(t, dir)
	put(t, s, []byte("hello"))
	save(t, s, "plugins/hello-yard.json", "{}\n")
	s.Close()

	got := make(map[string]string)
	filepath.WalkDir(dir, func(path string, e fs.DirEntry, _ error) error {
		if name, _ := filepath.Rel(dir, path); !e.IsDir() && name != lockFile {
			b, _ := os.ReadFile(path)
			got[filepath.ToSlash(name)] = string(b)
		}
		info, err := e.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v: others can read it", path, info.Mode())
		}
		return err
	})
	want := map[string]string{
		"blobs/2c/2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824": "hello",
		"records/plugins/hello-yard.json":                                           "sha256:ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356\n{}\n",
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("got -, want +\n%s", diff)
	}
}

func TestDirectorySurvivesReopening(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	put(t, s, []byte("hello"))
	save(t, s, "r", "data")
	s.Close()
	s = open(t, dir)
	wantBlob(t, s, []byte("hello"))
	wantRecord(t, s, "r", "data")
}

func TestDirectoryBelongsToOne(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	_, err := Open(t.Context(), dir)
	if !errors.Is(err, registry.ErrConflict) || !strings.Contains(err.Error(), dir) {
		t.Errorf("second Open = %v, want a conflict that names %s", err, dir)
	}
	wantRecordable(t, s)
	s.Close()
	wantRecordable(t, open(t, dir))
}

func wantRecordable(t *testing.T, s *Store) {
	t.Helper()
	save(t, s, "r", "data")
	wantRecord(t, s, "r", "data")
}

func TestDirectoryClearsTemp(t *testing.T) {
	dir := t.TempDir()
	open(t, dir).Close()
	write(t, filepath.Join(dir, tempFolder, "LEFTBYAKILLEDSERVER"), "half an archi")
	wantNoTemp(t, open(t, dir))
}

func TestDirectoryMendsRemovedFolders(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	put(t, s, []byte("hello"))
	save(t, s, "a/b", "1")
	for _, folder := range []string{tempFolder, "blobs", "records"} {
		if err := os.RemoveAll(filepath.Join(dir, folder)); err != nil {
			t.Fatal(err)
		}
	}
	if names, err := s.Names(t.Context(), ""); len(names) != 0 || err != nil {
		t.Errorf("Names = %q, %v; want none", names, err)
	}
	put(t, s, []byte("hello"))
	wantBlob(t, s, []byte("hello"))
	save(t, s, "a/b", "2")
	wantRecord(t, s, "a/b", "2")
}

func TestDirectoryNameIsNotAlsoAFolder(t *testing.T) {
	s := open(t, t.TempDir())
	save(t, s, "a/b", "1")
	save(t, s, "c", "1")
	for _, name := range []string{"a", "c/d", "c/d/e"} {
		if err := s.Save(t.Context(), name, nil); !errors.Is(err, registry.ErrInvalid) {
			t.Errorf("Save(%q) = %v, want invalid", name, err)
		}
	}
	wantRecord(t, s, "a/b", "1")
	wantRecord(t, s, "c", "1")
	wantNoTemp(t, s)
}

func TestDirectoryContainsItsPaths(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "outside")
	write(t, outside, string(formatRecord([]byte("secret"))))
	dir := t.TempDir()
	s := open(t, dir)
	if err := os.Symlink(outside, filepath.Join(dir, "records", "link")); err != nil {
		t.Fatal(err)
	}
	if data, err := s.Load(t.Context(), "link"); err == nil {
		t.Errorf("Load through a link that leads out = %q, want an error", data)
	}
	if names, err := s.Names(t.Context(), ""); len(names) != 0 || err != nil {
		t.Errorf("Names = %q, %v; want none", names, err)
	}
	save(t, s, "link", "ours")
	wantRecord(t, s, "link", "ours")
	if b, _ := os.ReadFile(outside); !bytes.HasSuffix(b, []byte("secret")) {
		t.Errorf("the file outside was changed to %q", b)
	}
}

func TestDirectoryLeavesStrangersAlone(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	put(t, s, []byte("hello"))
	strangers := []string{"blobs/README", "blobs/2c/note.txt", "records/.plugin.json.SWP", "records/a b"}
	for _, name := range strangers {
		write(t, filepath.Join(dir, name), "mine")
	}
	if n, _, err := s.Collect(t.Context(), nil, time.Now().Add(time.Hour)); n != 1 || err != nil {
		t.Errorf("Collect = %d, %v; want the one blob", n, err)
	}
	if names, err := s.Names(t.Context(), ""); len(names) != 0 || err != nil {
		t.Errorf("Names = %q, %v; want none", names, err)
	}
	for _, name := range strangers {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
}

func TestDirectoryGivesOutFiles(t *testing.T) {
	s := open(t, t.TempDir())
	blob := put(t, s, []byte("hello"))
	f, ok := openBlob(t, s, blob.Digest).(*os.File)
	if !ok {
		t.Fatal("the reader is no *os.File: the kernel can't copy from it")
	}
	if _, err := f.Write([]byte("x")); err == nil {
		t.Error("the reader can write")
	}
}

// TestDirectoryFindsCorruptBlobs damages a blob in every way, before this
// process has read it and after.
func TestDirectoryFindsCorruptBlobs(t *testing.T) {
	content := noise(100_000)
	for _, damage := range []struct {
		name string
		do   func(t *testing.T, path string)
	}{
		{"one byte differs", func(t *testing.T, path string) {
			b := bytes.Clone(content)
			b[50_000] ^= 1
			write(t, path, string(b))
		}},
		{"the end is missing", func(t *testing.T, path string) { write(t, path, string(content[:99_999])) }},
		{"there is more", func(t *testing.T, path string) { write(t, path, string(content)+"x") }},
		{"it is empty", func(t *testing.T, path string) { write(t, path, "") }},
		{"it is a folder", func(t *testing.T, path string) {
			if err := errors.Join(os.Remove(path), os.Mkdir(path, 0o700)); err != nil {
				t.Fatal(err)
			}
		}},
		{"another file of that size took its place", func(t *testing.T, path string) {
			write(t, path+"~", strings.Repeat("x", len(content)))
			if err := os.Rename(path+"~", path); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		for _, opened := range []bool{false, true} {
			t.Run(damage.name, func(t *testing.T) {
				dir := t.TempDir()
				s := open(t, dir)
				blob := put(t, s, content)
				if opened {
					wantBlob(t, s, content)
				} else {
					s.Close()
					s = open(t, dir)
				}
				damage.do(t, filepath.Join(dir, blobKey(blob.Digest)))
				if _, err := s.Open(t.Context(), blob.Digest); !errors.Is(err, registry.ErrCorrupt) {
					t.Errorf("Open = %v, want corrupt", err)
				}
				if _, err := s.Open(t.Context(), blob.Digest); !errors.Is(err, registry.ErrNotFound) {
					t.Errorf("Open again = %v, want not found", err)
				}
				if _, err := os.Stat(filepath.Join(dir, quarantineFolder, string(blob.Digest))); err != nil {
					t.Errorf("the corrupt blob isn't in quarantine: %v", err)
				}
				put(t, s, content)
				wantBlob(t, s, content)
			})
		}
	}
}

func TestDirectoryPutReplacesCorruptBlobs(t *testing.T) {
	content := noise(100_000)
	for name, damaged := range map[string]string{"torn": string(content[:10]), "same size": strings.Repeat("x", 100_000)} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir)
			blob := put(t, s, content)
			s.Close()
			write(t, filepath.Join(dir, blobKey(blob.Digest)), damaged)
			s = open(t, dir)
			put(t, s, content)
			wantBlob(t, s, content)
		})
	}
}

func TestDirectoryClearsQuarantine(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	blob := put(t, s, []byte("hello"))
	path := filepath.Join(dir, blobKey(blob.Digest))
	write(t, path, "jello")
	long := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, long, long); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open(t.Context(), blob.Digest); !errors.Is(err, registry.ErrCorrupt) {
		t.Errorf("Open = %v, want corrupt", err)
	}
	for _, c := range []struct {
		before time.Time
		want   int
	}{{time.Now().Add(-time.Minute), 1}, {time.Now().Add(time.Minute), 0}} {
		if n, _, err := s.Collect(t.Context(), nil, c.before); n != 0 || err != nil {
			t.Errorf("Collect = %d, %v; want none", n, err)
		}
		if keys := keysOf(t, s, quarantineFolder); len(keys) != c.want {
			t.Errorf("quarantine = %q, want %d", keys, c.want)
		}
	}
}

func TestDirectoryFindsCorruptRecords(t *testing.T) {
	whole := string(formatRecord([]byte(`{"version":"1.0"}`)))
	for name, bytes := range map[string]string{
		"empty": "", "torn": whole[:len(whole)-1], "torn in its first line": whole[:30], "longer": whole + "\n",
		"changed": strings.Replace(whole, "1.0", "1.1", 1), "no checksum": `{"version":"1.0"}`,
		"another scheme": "sha512:" + whole[7:], "upper case": strings.ToUpper(whole),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir)
			write(t, filepath.Join(dir, "records", "r"), bytes)
			if data, err := s.Load(t.Context(), "r"); !errors.Is(err, registry.ErrCorrupt) {
				t.Errorf("Load = %q, %v; want corrupt", data, err)
			}
			save(t, s, "r", "mended")
			wantRecord(t, s, "r", "mended")
		})
	}
	t.Run("too large", func(t *testing.T) {
		dir := t.TempDir()
		s := open(t, dir)
		write(t, filepath.Join(dir, "records", "r"), "")
		if err := os.Truncate(filepath.Join(dir, "records", "r"), 1<<40); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Load(t.Context(), "r"); !errors.Is(err, registry.ErrTooLarge) {
			t.Errorf("Load = %v, want too large", err)
		}
	})
}

// TestDirectoryHashesOnce counts the verifications behind many first opens.
func TestDirectoryHashesOnce(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	blob := put(t, s, noise(1_000_000))
	s.Close()
	s = open(t, dir)
	d := s.backend.(*directory)
	var opens sync.WaitGroup
	for range 16 {
		opens.Go(func() { checkBlob(t, s, blob.Digest) })
	}
	opens.Wait()
	if n := d.verified.count.Load(); n != 1 {
		t.Errorf("the blob was hashed %d times, want once", n)
	}
	// What is remembered is the file, not the name.
	now := time.Now().Add(time.Second)
	if err := os.Chtimes(d.path(blobKey(blob.Digest)), now, now); err != nil {
		t.Fatal(err)
	}
	checkBlob(t, s, blob.Digest)
	if n := d.verified.count.Load(); n != 2 {
		t.Errorf("the blob was hashed %d times, want once more for a changed file", n)
	}
}

// TestDirectoryPutAndCollectRace puts a blob that is old and unnamed while it
// is being collected: what Put returned must be there.
func TestDirectoryPutAndCollectRace(t *testing.T) {
	s := open(t, t.TempDir())
	d := s.backend.(*directory)
	d.disk = unsynced{d.disk}
	epoch := time.Now().Add(-time.Hour)
	var done atomic.Bool
	var collector sync.WaitGroup
	collector.Go(func() {
		for !done.Load() {
			if _, _, err := s.Collect(t.Context(), nil, epoch); err != nil {
				t.Error(err)
			}
		}
	})
	digest := put(t, s, []byte("again and again")).Digest
	for range 300 {
		long := epoch.Add(-time.Hour)
		os.Chtimes(d.path(blobKey(digest)), long, long)
		s.mu.Lock()
		delete(s.stored, digest) // as after a restart
		s.mu.Unlock()
		put(t, s, []byte("again and again"))
		checkBlob(t, s, digest)
	}
	done.Store(true)
	collector.Wait()
}

// TestDirectoryReadOnly opens a directory in which every change is refused, as
// on a file system that the kernel has made read-only after a fault.
func TestDirectoryReadOnly(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	put(t, s, []byte("hello"))
	save(t, s, "r", "data")
	s.Close()
	write(t, filepath.Join(dir, tempFolder, "LEFTOVER"), "")

	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	d := &directory{root: root, temp: tempFolder, disk: &faultyDisk{disk: rootDisk{root}, at: 1, stays: true, err: syscall.EROFS}}
	if err := d.start(); err != nil {
		t.Fatal(err)
	}
	s = newStore(d)
	defer s.Close()
	wantBlob(t, s, []byte("hello"))
	wantRecord(t, s, "r", "data")
	if _, err := s.Put(t.Context(), writing([]byte("new"))); !errors.Is(err, registry.ErrUnavailable) {
		t.Errorf("Put = %v, want unavailable", err)
	}
}

func TestRemedies(t *testing.T) {
	for _, errno := range []syscall.Errno{
		syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG, syscall.EROFS, syscall.EACCES, syscall.EPERM, syscall.EMFILE, syscall.ENFILE, syscall.EIO,
	} {
		s := open(t, t.TempDir())
		d := s.backend.(*directory)
		save(t, s, "r", "old")
		d.disk = &faultyDisk{disk: d.disk, at: 1, err: &fs.PathError{Op: "openat", Path: "tmp/x", Err: errno}}
		err := s.Save(t.Context(), "r", []byte("new"))
		var known *registry.Error
		if !errors.As(err, &known) || known.Kind != registry.ErrUnavailable {
			t.Fatalf("Save = %v, want unavailable", err)
		}
		if !errors.Is(err, errno) || !strings.Contains(err.Error(), d.root.Name()) || !strings.Contains(err.Error(), "; ") {
			t.Errorf("Save = %v, want the path and a remedy", err)
		}
		if strings.Contains(known.Message, d.root.Name()) {
			t.Errorf("the message for clients has a path: %s", known.Message)
		}
		wantRecord(t, s, "r", "old") // reading goes on
	}
}

func write(t testing.TB, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
