package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/pluginyard/pluginyard/github/githubtest"
	"github.com/pluginyard/pluginyard/registry"
	"github.com/pluginyard/pluginyard/registry/store"
)

// copyIn copies a directory's parts one after another, as cp does, in an order.
// What vanishes meanwhile is passed over, as every tool for backups can. Between
// two parts it waits.
func copyIn(from, to string, order []string, wait func()) error {
	for i, part := range order {
		if i > 0 {
			wait()
		}
		err := filepath.WalkDir(filepath.Join(from, part), func(path string, e fs.DirEntry, err error) error {
			if os.IsNotExist(err) {
				return nil
			}
			if err != nil {
				return err
			}
			name, err := filepath.Rel(from, path)
			if err != nil {
				return err
			}
			if e.IsDir() {
				return os.MkdirAll(filepath.Join(to, name), 0o700)
			}
			data, err := os.ReadFile(path)
			if os.IsNotExist(err) {
				return nil
			}
			if err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(to, name), data, 0o600)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// A directory is copied again and again, in both orders, while versions are
// published. Each copy is served with GitHub out of reach, every time a whole
// version that was served while it was made, and verified.
func TestACopyMadeWhileServingIsWhole(t *testing.T) {
	const published, copies = 200, 40
	w := newWorld(t, registry.Plugin{Repo: helloYard})
	repo := w.repo(helloYard)
	release(repo, 0, "1.0.0", sample("hello-yard", "1.0.0", 3))
	w.start()
	w.mustWhole("hello-yard", "1.0.0")
	w.webhooks()

	done := make(chan error, 1)
	stop := make(chan struct{})
	turns := make(chan struct{}) // takes one for each version
	folders := make(chan string, copies)
	go func() {
		defer close(folders)
		for n := 0; ; n++ {
			select {
			case <-stop:
				done <- nil
				return
			default:
			}
			if n >= copies {
				done <- nil
				return
			}
			order := []string{"blobs", "records"}
			if n%2 == 1 {
				slices.Reverse(order)
			}
			folder := filepath.Join(t.TempDir(), fmt.Sprint(n))
			wait := func() { // for up to three versions
				for range n % 4 {
					select {
					case turns <- struct{}{}:
					case <-stop:
					}
				}
			}
			if err := copyIn(w.data, folder, order, wait); err != nil {
				done <- err
				return
			}
			folders <- folder
		}
	}()
	served := map[string]bool{"1.0.0": true}
	for n := 1; n <= published; n++ {
		version := fmt.Sprintf("1.%d.0", n)
		mark := w.log.mark()
		release(repo, 0, version, sample("hello-yard", version, 3))
		w.log.await(t, mark, `msg="package built" plugin=hello-yard .*version=`+version)
		served[version] = true
		select {
		case <-turns:
		default:
		}
	}
	close(stop)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	w.stop()

	w.hub.SetFault(githubtest.Reset())
	opened, older := 0, 0
	for folder := range folders {
		w.data = folder
		w.start()
		doc, _, err := w.whole(t.Context(), "hello-yard")
		if err != nil {
			t.Fatalf("%s: %v", folder, err)
		}
		if !served[doc.Version] {
			t.Errorf("version %s was never served", doc.Version)
		}
		opened++
		w.stop()
		reading, err := store.OpenReading(t.Context(), folder)
		if err != nil {
			t.Fatal(err)
		}
		report, err := registry.Audit(t.Context(), registry.AuditConfig{Store: reading})
		reading.Close()
		if err != nil {
			t.Fatal(err)
		}
		if len(report.Faults) > 0 {
			older++
		}
	}
	t.Logf("%d versions published, %d copies made meanwhile and served without GitHub, all whole; %d of them lacked files of the newest version and had the one before", published, opened, older)
	if opened == 0 || older == 0 {
		t.Error("no copy was made between a package and its record")
	}
}

// A backup is put back while nobody serves, and beneath a server that does: what
// that one has in memory is newer, and what it finds gone it makes again.
func TestABackupIsPutBack(t *testing.T) {
	for _, running := range []bool{false, true} {
		t.Run(fmt.Sprintf("running %t", running), func(t *testing.T) {
			w := newWorld(t, registry.Plugin{Repo: helloYard})
			repo := w.repo(helloYard)
			release(repo, 0, "1.0.0", sample("hello-yard", "1.0.0", 3))
			w.start()
			w.mustWhole("hello-yard", "1.0.0")
			backup := t.TempDir()
			if err := os.CopyFS(backup, os.DirFS(w.data)); err != nil {
				t.Fatal(err)
			}
			w.publish(repo, 1, "1.1.0")
			w.mustWhole("hello-yard", "1.1.0")
			if !running {
				w.stop()
			}
			for _, part := range []string{"blobs", "records"} {
				if err := os.RemoveAll(filepath.Join(w.data, part)); err != nil {
					t.Fatal(err)
				}
			}
			if err := copyIn(backup, w.data, []string{"records", "blobs"}, func() {}); err != nil {
				t.Fatal(err)
			}
			want := "1.1.0" // in memory, or made again
			if !running {
				w.hub.SetFault(githubtest.Reset())
				w.start()
				want = "1.0.0"
			}
			for range 3 {
				w.mustWhole("hello-yard", want)
			}
			w.hub.SetFault(nil)
			w.publish(repo, 2, "1.2.0")
			w.mustWhole("hello-yard", "1.2.0")
		})
	}
}
