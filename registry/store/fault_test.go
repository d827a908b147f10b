package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pluginyard/pluginyard/registry"
)

// faultyDisk fails the call of a number, and all that follow if it is broken
// for good: before it takes effect, or after.
type faultyDisk struct {
	disk
	at    int // which call fails, from 1; 0 is none
	after bool
	stays bool
	err   error
	calls []string
}

func (d *faultyDisk) do(call string, effect func() error) error {
	d.calls = append(d.calls, call)
	fails := d.at != 0 && (len(d.calls) == d.at || d.stays && len(d.calls) > d.at)
	if fails && !d.after {
		return d.err
	}
	err := effect()
	if fails {
		return d.err
	}
	return err
}

func (d *faultyDisk) create(name string) (f *os.File, err error) {
	err = d.do("create "+filepath.Dir(name), func() error {
		f, err = d.disk.create(name)
		return err
	})
	if err != nil && f != nil {
		f.Close()
	}
	return f, err
}

func (d *faultyDisk) sync(f *os.File) error {
	return d.do("sync", func() error { return d.disk.sync(f) })
}

func (d *faultyDisk) rename(from, to string) error {
	return d.do("rename to "+to, func() error { return d.disk.rename(from, to) })
}

func (d *faultyDisk) mkdir(name string) error {
	return d.do("mkdir "+name, func() error { return d.disk.mkdir(name) })
}

func (d *faultyDisk) syncFolder(name string) error {
	return d.do("sync folder "+name, func() error { return d.disk.syncFolder(name) })
}

func (d *faultyDisk) remove(name string) error {
	if strings.HasPrefix(name, tempFolder) {
		name, from := name, "remove from "+tempFolder
		return d.do(from, func() error { return d.disk.remove(name) })
	}
	return d.do("remove "+name, func() error { return d.disk.remove(name) })
}

// unsynced is a disk that syncs nothing, for tests that change much and lose
// no power.
type unsynced struct{ disk }

func (unsynced) sync(*os.File) error { return nil }

func (unsynced) syncFolder(string) error { return nil }

// TestDirectoryOrder is what durability rests on: bytes, then name, then
// folder, and a new folder's own entry before anything is put into it.
func TestDirectoryOrder(t *testing.T) {
	s := open(t, t.TempDir())
	d := s.backend.(*directory)
	trace := &faultyDisk{disk: d.disk}
	d.disk = trace
	put(t, s, []byte("hello"))
	put(t, s, []byte("hello"))
	save(t, s, "a/b/c", "1")
	save(t, s, "a/b/c", "2")
	if err := s.Delete(t.Context(), "a/b/c"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Collect(t.Context(), nil, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	const blob = "blobs/2c/2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
	want := []string{
		"create tmp", "sync", "mkdir blobs/2c", "sync folder blobs", "rename to " + blob, "sync folder blobs/2c",
		"create tmp", "remove from tmp",
		"create tmp", "sync", "mkdir records/a", "sync folder records", "mkdir records/a/b", "sync folder records/a",
		"rename to records/a/b/c", "sync folder records/a/b",
		"create tmp", "sync", "rename to records/a/b/c", "sync folder records/a/b",
		"remove records/a/b/c", "sync folder records/a/b",
		"remove " + blob,
	}
	if diff := cmp.Diff(trace.calls, want); diff != "" {
		t.Errorf("got -, want +\n%s", diff)
	}
}

// TestDirectoryFaults fails every single call of a Put, a Save, a Delete and a
// Collect, before and after it took effect, once or for good.
func TestDirectoryFaults(t *testing.T) {
	for _, after := range []bool{false, true} {
		for _, stays := range []bool{false, true} {
			for at := 1; ; at++ {
				fault := &faultyDisk{at: at, after: after, stays: stays, err: errors.New("the disk is on fire")}
				name := fmt.Sprintf("call %d, after %t, stays %t", at, after, stays)
				finished := false
				t.Run(name, func(t *testing.T) {
					dir := t.TempDir()
					s := open(t, dir)
					d := s.backend.(*directory)
					testFaults(t, s, func() { fault.disk, d.disk = unsynced{d.disk}, fault }, func() { d.disk = fault.disk })
					finished = len(fault.calls) < at
					s.Close()
					s = open(t, dir)
					wantNoTemp(t, s)
					wantBlob(t, s, []byte("old"))
				})
				if finished {
					break
				}
			}
		}
	}
}

// faultyBackend fails the call of a number before or after it took effect.
type faultyBackend struct {
	backend
	at, n int
	after bool
	err   error
}

func (b *faultyBackend) do(effect func() error) error {
	b.n++
	if b.n == b.at && !b.after {
		return b.err
	}
	err := effect()
	if b.n == b.at {
		return b.err
	}
	return err
}

func (b *faultyBackend) scratch() (d *draft, err error) {
	err = b.do(func() error {
		d, err = b.backend.scratch()
		return err
	})
	if err != nil && d != nil {
		b.backend.discard(d)
	}
	return d, err
}

func (b *faultyBackend) commit(ctx context.Context, d *draft, key string) error {
	return b.do(func() error { return b.backend.commit(ctx, d, key) })
}

func (b *faultyBackend) has(ctx context.Context, blob registry.Blob) (ok bool, err error) {
	err = b.do(func() error {
		ok, err = b.backend.has(ctx, blob)
		return err
	})
	return ok, err
}

func (b *faultyBackend) remove(ctx context.Context, key string) error {
	return b.do(func() error { return b.backend.remove(ctx, key) })
}

func (b *faultyBackend) list(ctx context.Context, prefix string, found func(object) error) error {
	return b.do(func() error { return b.backend.list(ctx, prefix, found) })
}

// TestFaults does the same at the backend's surface, over every location.
func TestFaults(t *testing.T) {
	for _, l := range locations() {
		t.Run(l.name, func(t *testing.T) {
			for _, after := range []bool{false, true} {
				for at := 1; ; at++ {
					s := l.open(t)
					fault := &faultyBackend{backend: s.backend, at: at, after: after, err: errors.New("the service is on fire")}
					testFaults(t, s, func() { s.backend = fault }, func() { s.backend = fault.backend })
					if fault.n < at {
						break
					}
				}
			}
		})
	}
}

// testFaults changes a store while it is broken, and checks that each change
// happened whole or not at all, that a change which was reported done is done,
// and that all of it can be done again once the store is mended.
func testFaults(t *testing.T, s *Store, breakIt, mend func()) {
	t.Helper()
	put(t, s, []byte("old"))
	save(t, s, "kept", "kept")
	save(t, s, "replaced", "old")
	save(t, s, "folder/deleted", "old")
	unnamed := put(t, s, []byte("unnamed"))

	breakIt()
	_, putErr := s.Put(t.Context(), writing([]byte("new")))
	saveErr := s.Save(t.Context(), "replaced", []byte("new"))
	createErr := s.Save(t.Context(), "new/folder/created", []byte("new"))
	deleteErr := s.Delete(t.Context(), "folder/deleted")
	keep := map[registry.Digest]bool{sum([]byte("old")): true, sum([]byte("new")): true}
	count, _, collectErr := s.Collect(t.Context(), keep, time.Now().Add(time.Hour))
	mend()

	wantBlob(t, s, []byte("old"))
	wantRecord(t, s, "kept", "kept")
	if _, err := s.Open(t.Context(), sum([]byte("new"))); err == nil {
		wantBlob(t, s, []byte("new"))
	} else if putErr == nil || !errors.Is(err, registry.ErrNotFound) {
		t.Errorf("after Put = %v: Open = %v", putErr, err)
	}
	wantOneOf(t, s, "replaced", saveErr, "old", "new")
	wantOneOf(t, s, "new/folder/created", createErr, "", "new")
	wantOneOf(t, s, "folder/deleted", deleteErr, "old", "")
	if _, err := s.Open(t.Context(), unnamed.Digest); collectErr == nil && (count != 1 || !errors.Is(err, registry.ErrNotFound)) {
		t.Errorf("after Collect = %d: Open = %v, want not found", count, err)
	}

	put(t, s, []byte("new"))
	wantBlob(t, s, []byte("new"))
	for _, name := range []string{"replaced", "new/folder/created"} {
		save(t, s, name, "newer")
		wantRecord(t, s, name, "newer")
	}
	if err := s.Delete(t.Context(), "folder/deleted"); err != nil {
		t.Error(err)
	}
	names, err := s.Names(t.Context(), "")
	if want := []string{"kept", "new/folder/created", "replaced"}; err != nil || !slices.Equal(names, want) {
		t.Errorf("Names = %q, %v; want %q", names, err, want)
	}
}

// wantOneOf checks that a record is as it was or, if changing it gave no
// error, as it became. No record is "".
func wantOneOf(t *testing.T, s *Store, name string, changed error, was, became string) {
	t.Helper()
	b, err := s.Load(t.Context(), name)
	if err != nil && !errors.Is(err, registry.ErrNotFound) {
		t.Error(err)
	}
	if got := string(b); got != became && (got != was || changed == nil) {
		t.Errorf("record %s is %q after its change from %q to %q gave %v", name, got, was, became, changed)
	}
}
