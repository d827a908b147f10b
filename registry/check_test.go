package registry

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// heldForge answers about repositories only when it is let go.
type heldForge struct {
	*fakeForge
	held chan struct{}
}

func (f *heldForge) Repository(ctx context.Context, repo Repo) (*Repository, error) {
	<-f.held
	return f.fakeForge.Repository(ctx, repo)
}

// A document that has to be encoded again, as after a change of base_url, must
// not wait for a forge that a check is waiting for.
func TestRequestsDoNotWaitForASurvey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.forge.publish("v1.0.0", helloYard("1.0.0"))
		b.document(t, Query{})
		b.open(t, Plugin{Repo: Repo{"acme", "hello-yard"}})
		held := make(chan struct{})
		b.cfg.Forge = &heldForge{b.forge, held}
		b.cfg.Links.Base = "https://other.example.com"
		b.Refresh(Repo{"acme", "hello-yard"})
		synctest.Wait() // the check waits for the forge
		if link := b.document(t, Query{})["download_link"].(string); !strings.HasPrefix(link, "https://other.example.com/") {
			t.Errorf("download_link = %s", link)
		}
		close(held)
		b.Close()
	})
}

// The check finds a build of the release before, which a request began.
func TestABuildUnderWayDoesNotHideANewRelease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.forge.publish("v1.0.0", helloYard("1.0.0"))
		gate := make(chan struct{})
		b.forge.gate = gate
		go b.Information(t.Context(), "hello-yard", Query{})
		synctest.Wait() // at the archive
		b.forge.publish("v1.1.0", helloYard("1.1.0"))
		b.Refresh(Repo{"acme", "hello-yard"})
		synctest.Wait()
		close(gate)
		synctest.Wait()
		if got := b.document(t, Query{})["version"]; got != "1.1.0" {
			t.Errorf("version = %v, want 1.1.0", got)
		}
		b.Close()
	})
}

func TestAnOvertakenPackageTakesNoPlace(t *testing.T) {
	b := newBench(t)
	b.forge.publish("v1.0.0", helloYard("1.0.0"))
	old := b.pack(t)
	shelf := b.roster().bySlug["hello-yard"]
	before := shelf.record.Load().Channels["release"]
	b.forge.publish("v1.1.0", helloYard("1.1.0"))
	if err := b.check(t.Context(), shelf); err != nil {
		t.Fatal(err)
	}
	pkg := *old
	pkg.Links.Base = "https://other.example.com"
	if _, err := b.publish(t.Context(), shelf, &pkg, channelState{Inputs: before.Inputs}, before.Package); err != nil {
		t.Error(err)
	}
	if got := b.document(t, Query{})["version"]; got != "1.1.0" {
		t.Errorf("version = %v, want 1.1.0", got)
	}
}

// What cannot be built is not downloaded for each who asks; a webhook may mean
// that it was mended.
func TestBrokenContentIsDownloadedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.forge.publish("v1.0.0", map[string]string{"a.php": "<?php"})
		for range 5 {
			if _, err := b.Package(t.Context(), "hello-yard", Query{}); !errors.Is(err, ErrInvalid) {
				t.Errorf("Package: %v, want invalid", err)
			}
			b.clock.advance(2 * failedFor)
		}
		if got := b.forge.count("Archive"); got != 1 {
			t.Errorf("the archive was fetched %d times, want 1", got)
		}
		b.forge.set(func() { b.forge.trees["v1.0.0"] = helloYard("1.0.0") })
		b.Refresh(Repo{"acme", "hello-yard"})
		synctest.Wait()
		if got := b.document(t, Query{})["version"]; got != "1.0.0" {
			t.Errorf("version = %v, want 1.0.0", got)
		}
		b.Close()
	})
}

// serve_stale is for a forge that cannot be asked.
func TestABrokenReleaseEndsNothing(t *testing.T) {
	b := newBench(t)
	b.forge.publish("v1.0.0", helloYard("1.0.0"))
	b.document(t, Query{})
	b.forge.publish("v1.1.0", map[string]string{"a.php": "<?php"})
	for range 40 {
		b.clock.advance(24 * time.Hour)
		if err := b.check(t.Context(), b.roster().bySlug["hello-yard"]); !errors.Is(err, ErrInvalid) {
			t.Fatalf("check: %v, want invalid", err)
		}
	}
	if got := b.document(t, Query{})["version"]; got != "1.0.0" {
		t.Errorf("version = %v, want 1.0.0", got)
	}
	if entry, err := b.Entry(t.Context(), "hello-yard"); err != nil || !errors.Is(entry.Err, ErrInvalid) {
		t.Errorf("the page does not tell of the broken release: %+v, %v", entry, err)
	}
}

func TestAPanicWhileBuildingIsAnError(t *testing.T) {
	b := newBench(t)
	b.forge.publish("v1.0.0", helloYard("1.0.0"))
	b.store.failBy(func(step string) error {
		if step == "put" {
			panic("odd content")
		}
		return nil
	})
	_, err := b.Package(t.Context(), "hello-yard", Query{})
	var told *Error
	if !errors.As(err, &told) || !errors.Is(err, ErrPanic) || strings.Contains(told.Message, "odd content") || !strings.Contains(err.Error(), "odd content") {
		t.Errorf("Package: %v; want the panic in the cause alone", err)
	}
}

func TestADocumentIsBounded(t *testing.T) {
	b := newBench(t)
	files := helloYard("1.0.0")
	files["readme.txt"] += strings.Repeat("&", MaxDocument/8) // ten bytes each in JSON
	b.forge.publish("v1.0.0", files)
	if _, err := b.Package(t.Context(), "hello-yard", Query{}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("Package: %v, want too large", err)
	}
}

// A release that its author took back goes as a replaced one does.
func TestAWithdrawnReleaseIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.forge.publish("v1.0.0", helloYard("1.0.0"))
		b.forge.publish("v1.1.0", helloYard("1.1.0"))
		b.document(t, Query{})
		old, err := b.Package(t.Context(), "hello-yard", Query{UpdateID: "v1.0.0"})
		if err != nil {
			t.Fatal(err)
		}
		b.forge.set(func() { b.forge.releases = b.forge.releases[:1] })
		for _, step := range []struct {
			after time.Duration
			want  error
		}{{0, nil}, {KeepFor + time.Hour, ErrNotFound}} {
			b.clock.advance(step.after)
			b.Refresh(Repo{"acme", "hello-yard"})
			synctest.Wait()
			if _, err := b.OpenFile(t.Context(), "hello-yard", old.Installer.Digest); !errors.Is(err, step.want) {
				t.Errorf("after %s: %v, want %v", step.after, err, step.want)
			}
		}
		if len(b.roster().bySlug["hello-yard"].record.Load().Channels) != 1 {
			t.Error("the withdrawn release is still kept up")
		}
		b.Close()
	})
}

func TestADiskThatFailsIsNotTheRepositorysFault(t *testing.T) {
	disk := &fs.PathError{Op: "read", Path: "/var/lib/pluginyard/builds/archive.zip", Err: syscall.EIO}
	err := contentError("archive of acme/hello-yard", disk)
	if told := (*Error)(nil); !errors.Is(err, ErrUnavailable) || errors.As(err, &told) {
		t.Errorf("%v; want unavailable, and nothing for the client to read", err)
	}
}

func TestAnotherTagPrefixChoosesAnotherLatestRelease(t *testing.T) {
	b := newBench(t, Plugin{Repo: Repo{"acme", "all"}, Slug: "hello-yard"})
	b.forge.publish("one/v1.0.0", helloYard("1.0.0"))
	b.forge.publish("two/v5.1.0", helloYard("5.1.0"))
	if got := b.document(t, Query{})["version"]; got != "5.1.0" {
		t.Fatalf("version = %v", got)
	}
	b.open(t, Plugin{Repo: Repo{"acme", "all"}, Slug: "hello-yard", TagPrefix: "one/"})
	if err := b.check(t.Context(), b.roster().bySlug["hello-yard"]); err != nil {
		t.Fatal(err)
	}
	if got := b.document(t, Query{})["version"]; got != "1.0.0" {
		t.Errorf("version = %v, want 1.0.0", got)
	}
}

func TestAChangedConfigurationConcernsOlderReleasesToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.forge.publish("v1.0.0", helloYard("1.0.0"))
		b.forge.publish("v1.1.0", helloYard("1.1.0"))
		older := Query{UpdateID: "v1.0.0"}
		if got := b.document(t, older)["sections"].(map[string]any); got["description"] == nil {
			t.Fatalf("sections = %v", got)
		}
		b.open(t, Plugin{Repo: Repo{"acme", "hello-yard"}, Sections: []string{"changelog"}})
		b.document(t, older)
		synctest.Wait() // for the build behind it
		if got := b.document(t, older)["sections"].(map[string]any); got["description"] != nil || got["changelog"] == nil {
			t.Errorf("sections = %v, want the changelog alone", got)
		}
		if got := b.forge.count("Archive"); got != 3 {
			t.Errorf("%d archives were fetched, want 3: the older one twice, and the current one", got)
		}
		b.Close()
	})
}
