package registry

import (
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
)

// A release that comes while a check waits for an archive was not in the list
// that the check has read.
func TestNewsDuringACheckIsNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.forge.publish("v1.0.0", helloYard("1.0.0"))
		b.document(t, Query{})
		gate := make(chan struct{})
		b.forge.set(func() { b.forge.gate = gate })
		b.forge.publish("v1.1.0", helloYard("1.1.0"))
		b.Refresh(Repo{"acme", "hello-yard"})
		synctest.Wait() // the check is at the archive
		b.forge.publish("v1.2.0", helloYard("1.2.0"))
		b.Refresh(Repo{"acme", "hello-yard"})
		b.Refresh(Repo{"acme", "hello-yard"})
		close(gate)
		synctest.Wait()
		if got := b.document(t, Query{})["version"]; got != "1.2.0" {
			t.Errorf("version = %v, want 1.2.0", got)
		}
		if got := b.forge.count("Releases"); got != 3 {
			t.Errorf("releases were asked for %d times, want 3: at first, for the first news, and once for all that came meanwhile", got)
		}
		b.Close()
	})
}

// A webhook tells of a repository's own facts too, which the list of releases
// does not show.
func TestNewsOfTheRepositoryItselfCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.forge.publish("v1.0.0", helloYard("1.0.0"))
		b.document(t, Query{})
		b.forge.set(func() { b.forge.repo.Private = true })
		b.Refresh(Repo{"acme", "hello-yard"})
		synctest.Wait()
		if _, err := b.Information(t.Context(), "hello-yard", Query{}); !errors.Is(err, ErrForbidden) {
			t.Errorf("Information: %v, want forbidden", err)
		}
		b.Close()
	})
}

// What was advertised under a version stays, even if the tag's commit is
// another one now and the forge dates the release anew.
func TestAMovedTagDoesNotChangeWhatIsServed(t *testing.T) {
	for _, dated := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			b.forge.publish("v1.0.0", helloYard("1.0.0"))
			b.forge.tag("v1.0.0")
			before := b.document(t, Query{})["download_link"]
			b.forge.commit("v1.0.0", helloYard("1.0.0, changed"))
			b.forge.set(func() {
				b.forge.heads["tags/v1.0.0"] = Commit{SHA: strings.Repeat("e", 40)}
				if dated {
					b.forge.releases[0].Created = b.forge.releases[0].Created.AddDate(0, 0, 1)
				}
			})
			for range 3 { // by a webhook, by a survey, by an ordinary check
				b.Refresh(Repo{"acme", "hello-yard"})
				synctest.Wait()
				b.clock.advance(DefaultEvery)
				b.document(t, Query{})
				synctest.Wait()
			}
			if after := b.document(t, Query{})["download_link"]; after != before {
				t.Errorf("the package was %v and is %v", before, after)
			}
			entry, err := b.Entry(t.Context(), "hello-yard")
			if err != nil {
				t.Fatal(err)
			}
			if !errors.Is(entry.Err, ErrHeld) || !strings.Contains(fmt.Sprint(entry.Err), "tag v1.0.0 of acme/hello-yard was moved") {
				t.Errorf("the entry's error is %v", entry.Err)
			}
			b.forge.publish("v1.1.0", helloYard("1.1.0"))
			b.Refresh(Repo{"acme", "hello-yard"})
			synctest.Wait()
			if entry, err := b.Entry(t.Context(), "hello-yard"); err != nil || entry.Err != nil || entry.Package.Version != "1.1.0" {
				t.Errorf("after a new release: %v, %v", entry.Err, err)
			}
			b.Close()
		})
	}
}

// tag makes the forge know a tag's commit, which archives of it name.
func (f *fakeForge) tag(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	sum := sha1.Sum([]byte(name))
	f.heads["tags/"+name] = Commit{SHA: hex.EncodeToString(sum[:])}
}

// Work that would begin while the service closes does not begin.
func TestClosingWhileWorkBegins(t *testing.T) {
	for range 50 {
		b := newBench(t)
		b.forge.publish("v1.0.0", helloYard("1.0.0"))
		var crowd sync.WaitGroup
		for range 4 {
			crowd.Go(func() {
				b.Refresh(Repo{"acme", "hello-yard"})
				b.Information(t.Context(), "hello-yard", Query{}) // answered or not, as it comes
			})
		}
		b.Close()
		crowd.Wait()
		asked := b.forge.count("Releases")
		b.Refresh(Repo{"acme", "hello-yard"})
		if got := b.forge.count("Releases"); got != asked {
			t.Fatal("a closed service asks the forge")
		}
	}
}
