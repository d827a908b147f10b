package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pluginyard/pluginyard/github/githubtest"
	"github.com/pluginyard/pluginyard/registry"
)

// damages are what a disk can do to one file.
var damages = []struct {
	name string
	do   func(path string) error
}{
	{"torn", func(path string) error { return os.Truncate(path, 40) }},
	{"emptied", func(path string) error { return os.Truncate(path, 0) }},
	{"a bit flipped", flipBit},
	{"deleted", os.Remove},
	{"a folder in its place", func(path string) error {
		return firstErr(os.Remove(path), os.Mkdir(path, 0o700), os.WriteFile(filepath.Join(path, "x"), nil, 0o600))
	}},
	{"a link out of the directory in its place", func(path string) error {
		return firstErr(os.Remove(path), os.Symlink("/etc/passwd", path))
	}},
}

func firstErr(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func flipBit(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	data[len(data)/2] ^= 1
	return os.WriteFile(path, data, 0o600)
}

// storedParts are the files that hello-yard's current package consists of.
func (w *world) storedParts() map[string]string {
	w.Helper()
	path := filepath.Join(w.data, "records", "plugins", "hello-yard.json")
	data, err := os.ReadFile(path)
	if err != nil {
		w.Fatal(err)
	}
	_, text, _ := strings.Cut(string(data), "\n")
	var rec struct {
		Channels map[string]struct {
			Package   string
			Files     []string
			Documents []string
		}
	}
	if err := json.Unmarshal([]byte(text), &rec); err != nil {
		w.Fatal(err)
	}
	state := rec.Channels["release"]
	blob := func(digest string) string { return filepath.Join(w.data, "blobs", digest[:2], digest) }
	return map[string]string{
		"record":    path,
		"package":   blob(state.Package),
		"document":  blob(state.Documents[0]),
		"installer": blob(state.Files[0]),
		"image":     blob(state.Files[1]),
	}
}

// diskWorld serves 1.1.0 and has served 1.0.0.
func diskWorld(t testing.TB) *world {
	w := newWorld(t, registry.Plugin{Repo: helloYard})
	repo := w.repo(helloYard)
	release(repo, 0, "1.0.0", sample("hello-yard", "1.0.0", 3))
	w.start()
	w.mustWhole("hello-yard", "1.0.0")
	w.publish(repo, 1, "1.1.0")
	w.mustWhole("hello-yard", "1.1.0")
	return w
}

// publish releases a version and has a check find it.
func (w *world) publish(repo *githubtest.Repository, n int, version string) {
	w.Helper()
	release(repo, n, version, sample("hello-yard", version, 3))
	w.checkAgain(registry.DefaultEvery + time.Hour)
}

// checkAgain lets time pass and a check come to its end.
func (w *world) checkAgain(after time.Duration) string {
	w.Helper()
	w.clock.advance(after)
	mark := w.log.mark()
	w.must("/hello-yard.json")
	return w.log.await(w, mark, checkOver)[1]
}

// visits makes a few whole visits and tells, of each, the version or that
// something was answered with an error. Anything else that is wrong with an
// answer fails the test.
func (w *world) visits(n int) []string {
	w.Helper()
	var seen []string
	for range n {
		doc, _, err := w.whole(w.Context(), "hello-yard")
		switch {
		case err == nil:
			seen = append(seen, doc.Version)
		case strings.Contains(err.Error(), "status 503"):
			seen = append(seen, "503")
		default:
			w.Error(err)
		}
	}
	return seen
}

// Each part of what is served is damaged in each way, with GitHub up and down,
// and the server started again. With GitHub up no request fails. With GitHub
// down a damaged record costs nothing, and a damaged package makes the one
// before be served.
func TestDamagedFilesAreMendedOrPassedOver(t *testing.T) {
	table := &rows{}
	t.Run("each", func(t *testing.T) {
		for _, part := range []string{"record", "package", "document", "installer", "image"} {
			for _, damage := range damages {
				for _, hub := range []string{"up", "down"} {
					t.Run(part+" "+damage.name+", GitHub "+hub, func(t *testing.T) {
						w := diskWorld(t)
						w.stop()
						path := w.storedParts()[part]
						if err := damage.do(path); err != nil {
							t.Fatal(err)
						}
						if hub == "down" {
							w.hub.SetFault(githubtest.Reset())
						}
						w.start()
						seen := w.visits(3)
						table.add("%-9s %-42s GitHub %-5s %s", part, damage.name, hub, strings.Join(seen, " "))
						for i, version := range seen {
							// Both packages have that image: it alone is missing.
							fine := part == "image" && hub == "down" && version == "503" || version == "1.1.0" || version == "1.0.0" && part != "record"
							if i == 0 && hub == "down" && version == "503" && part != "record" {
								fine = true // found out by this one
							}
							if !fine {
								t.Errorf("visit %d got %s", i+1, version)
							}
						}
						if hub == "down" {
							w.hub.SetFault(nil)
						}
						w.clock.advance(time.Hour)
						w.untilVersion("1.1.0")
					})
				}
			}
		}
	})
	t.Logf("\n%s", table)
}

// untilVersion visits until a version is served, as what is built again behind
// the answers will be.
func (w *world) untilVersion(version string) {
	w.Helper()
	deadline := time.Now().Add(5 * time.Second)
	for {
		doc, _, err := w.whole(w.Context(), "hello-yard")
		if err == nil && doc.Version == version {
			return
		}
		if time.Now().After(deadline) {
			w.Fatalf("version %s is never served: %v", version, err)
		}
		w.clock.advance(time.Minute)
	}
}

// What is lost altogether is answered clearly, and comes back with GitHub.
func TestALostDirectoryIsBuiltAgain(t *testing.T) {
	for _, folder := range []string{"blobs", "records", ""} {
		t.Run(fmt.Sprintf("%q", folder), func(t *testing.T) {
			w := diskWorld(t)
			w.stop()
			if err := os.RemoveAll(filepath.Join(w.data, folder)); err != nil {
				t.Fatal(err)
			}
			w.hub.SetFault(githubtest.Reset())
			w.start()
			for _, version := range w.visits(3) {
				if version != "503" {
					t.Errorf("got %s", version)
				}
			}
			w.hub.SetFault(nil)
			w.clock.advance(time.Hour)
			w.untilVersion("1.1.0")
		})
	}
}
