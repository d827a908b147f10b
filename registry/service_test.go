package registry

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func (b *bench) document(t *testing.T, q Query) map[string]any {
	t.Helper()
	document, err := b.Information(t.Context(), "hello-yard", q)
	if err != nil {
		t.Fatal(err)
	}
	var info map[string]any
	if err := json.Unmarshal(document.Identity, &info); err != nil {
		t.Fatal(err)
	}
	return info
}

// unzip lists the installer that a package link names, with its contents.
func (b *bench) unzip(t *testing.T, pkg *Package) map[string]string {
	t.Helper()
	file, err := b.OpenFile(t.Context(), string(pkg.Slug), pkg.Installer.Digest)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	data, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(text)
	}
	return files
}

func TestColdBuildAsksFourThings(t *testing.T) {
	b := newBench(t)
	files := helloYard("1.2.0")
	files[".wordpress-org/icon.svg"] = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8z"/></svg>`
	b.forge.publish("v1.2.0", files)
	info := b.document(t, Query{})
	if info["version"] != "1.2.0" {
		t.Errorf("version = %v, want 1.2.0", info["version"])
	}
	if got := len(b.forge.asked); got != 4 {
		t.Errorf("asked the forge %d times, want 4: %v", got, b.forge.asked)
	}
	pkg, err := b.Package(t.Context(), "hello-yard", Query{})
	if err != nil {
		t.Fatal(err)
	}
	installed := b.unzip(t, pkg)
	if len(installed) != 3 || !strings.Contains(installed["hello-yard/hello-yard.php"], "Version: 1.2.0") {
		t.Errorf("installer holds %v", installed)
	}
}

func TestFirstRequestsShareOneBuild(t *testing.T) {
	b := newBench(t)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	b.forge.gate = make(chan struct{})
	const crowd = 200
	answers := make([]*Document, crowd)
	var wait sync.WaitGroup
	for i := range crowd {
		wait.Go(func() {
			answers[i], _ = b.Information(t.Context(), "hello-yard", Query{})
		})
	}
	close(b.forge.gate)
	wait.Wait()
	for i, answer := range answers {
		if answer == nil || answer.ETag != answers[0].ETag {
			t.Fatalf("answer %d is another one than answer 0", i)
		}
	}
	if got := b.forge.count("Archive"); got != 1 {
		t.Errorf("%d archives were fetched, want 1", got)
	}
}

func TestARestartAsksNobody(t *testing.T) {
	b := newBench(t)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	before := b.document(t, Query{})
	b.forge.set(func() { b.forge.asked, b.forge.fail = nil, ErrUnavailable })
	b.open(t, Plugin{Repo: Repo{"acme", "hello-yard"}})
	after := b.document(t, Query{})
	if fmt.Sprint(before) != fmt.Sprint(after) {
		t.Errorf("after the restart the document is another one:\n%v\n%v", before, after)
	}
	if len(b.forge.asked) != 0 {
		t.Errorf("the forge was asked: %v", b.forge.asked)
	}
}

func TestChecksThatFindNothingNewAskOnce(t *testing.T) {
	b := newBench(t)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	b.document(t, Query{})
	b.forge.set(func() { b.forge.asked = nil })
	if err := b.check(t.Context(), b.roster().bySlug["hello-yard"]); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(b.forge.asked); got != "[Releases]" {
		t.Errorf("asked %s, want [Releases]", got)
	}
}

func TestANewReleaseIsServedAfterACheck(t *testing.T) {
	b := newBench(t)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	old, err := b.Package(t.Context(), "hello-yard", Query{})
	if err != nil {
		t.Fatal(err)
	}
	b.forge.publish("v1.3.0", helloYard("1.3.0"))
	if err := b.check(t.Context(), b.roster().bySlug["hello-yard"]); err != nil {
		t.Fatal(err)
	}
	info := b.document(t, Query{})
	if info["version"] != "1.3.0" {
		t.Errorf("version = %v, want 1.3.0", info["version"])
	}
	versions := info["versions"].(map[string]any)
	for _, version := range []string{"1.2.0", "1.3.0", "trunk"} {
		if versions[version] == nil {
			t.Errorf("versions lack %s: %v", version, versions)
		}
	}
	if files := b.unzip(t, old); len(files) == 0 {
		t.Error("the package advertised before the release cannot be downloaded any more")
	}
}

func TestAPrereleaseChangesOnlyTheVersions(t *testing.T) {
	b := newBench(t)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	first, err := b.Information(t.Context(), "hello-yard", Query{})
	if err != nil {
		t.Fatal(err)
	}
	b.clock.advance(time.Minute)
	b.forge.publish("v2.0.0-beta", helloYard("2.0.0-beta"))
	b.forge.set(func() { b.forge.releases[0].Prerelease = true })
	if err := b.check(t.Context(), b.roster().bySlug["hello-yard"]); err != nil {
		t.Fatal(err)
	}
	info := b.document(t, Query{})
	if info["version"] != "1.2.0" {
		t.Errorf("version = %v, want 1.2.0", info["version"])
	}
	if info["versions"].(map[string]any)["2.0.0-beta"] == nil {
		t.Errorf("versions lack the prerelease: %v", info["versions"])
	}
	if got := b.forge.count("Archive"); got != 1 {
		t.Errorf("%d archives were fetched, want 1", got)
	}
	again, err := b.Information(t.Context(), "hello-yard", Query{})
	if err != nil || !again.Modified.After(first.Modified) {
		t.Errorf("the document changed and is of %s, as it was of %s; %v", again.Modified, first.Modified, err)
	}
	b.clock.advance(SurveyEvery)
	if err := b.check(t.Context(), b.roster().bySlug["hello-yard"]); err != nil {
		t.Fatal(err)
	}
	b.open(t, Plugin{Repo: Repo{"acme", "hello-yard"}})
	if same, err := b.Information(t.Context(), "hello-yard", Query{}); err != nil || !same.Modified.Equal(again.Modified) {
		t.Errorf("the document did not change and is of %s, as it was of %s; %v", same.Modified, again.Modified, err)
	}
}

func TestTheLastGoodPackageStaysUp(t *testing.T) {
	hostile := map[string]string{"hello-yard.php": "<?php // no header"}
	tests := []struct {
		name  string
		wreck func(f *fakeForge)
		kind  error
	}{
		{"GitHub is down", func(f *fakeForge) { f.fail = ErrUnavailable }, ErrUnavailable},
		{"GitHub limits", func(f *fakeForge) { f.fail = &Error{Kind: ErrLimited, Message: "limited"} }, ErrLimited},
		{"the token is refused", func(f *fakeForge) { f.fail = ErrCredentials }, ErrCredentials},
		{"the repository vanishes", func(f *fakeForge) { f.fail = ErrNotFound }, ErrNotFound},
		{"a release has no plugin header", func(f *fakeForge) {
			f.trees["v1.3.0"] = hostile
			f.releases = append([]Release{{ID: 9100, Tag: "v1.3.0"}}, f.releases...)
		}, ErrInvalid},
		{"a release has no archive", func(f *fakeForge) {
			f.releases = append([]Release{{ID: 9100, Tag: "v1.3.0"}}, f.releases...)
		}, ErrNotFound},
		{"a release's own zip is an HTML page", func(f *fakeForge) {
			f.trees["v1.3.0"] = helloYard("1.3.0")
			f.releases = append([]Release{{ID: 9100, Tag: "v1.3.0", Files: []ReleaseFile{{ID: 5, Name: "hello-yard.zip", Size: 6}}}}, f.releases...)
			f.assets[5] = []byte("<html>")
		}, ErrInvalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t)
			b.forge.publish("v1.2.0", helloYard("1.2.0"))
			before := b.document(t, Query{})
			b.forge.set(func() { tt.wreck(b.forge) })
			if err := b.check(t.Context(), b.roster().bySlug["hello-yard"]); !errors.Is(err, tt.kind) {
				t.Errorf("check says %v, want %v", err, tt.kind)
			}
			after := b.document(t, Query{})
			if after["version"] != "1.2.0" || after["download_link"] != before["download_link"] {
				t.Errorf("now version %v at %v is served", after["version"], after["download_link"])
			}
			entry, err := b.Entry(t.Context(), "hello-yard")
			if err != nil || entry.Err == nil || entry.Package == nil {
				t.Errorf("the page shows %+v, %v; want the package and the error", entry, err)
			}
		})
	}
}

func TestPrivateRepositoriesAreWithheld(t *testing.T) {
	b := newBench(t)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	pkg, err := b.Package(t.Context(), "hello-yard", Query{})
	if err != nil {
		t.Fatal(err)
	}
	b.forge.set(func() { b.forge.repo.Private = true })
	b.clock.advance(SurveyEvery)
	if err := b.check(t.Context(), b.roster().bySlug["hello-yard"]); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Information(t.Context(), "hello-yard", Query{}); !errors.Is(err, ErrForbidden) {
		t.Errorf("Information: %v, want forbidden", err)
	}
	if _, err := b.OpenFile(t.Context(), "hello-yard", pkg.Installer.Digest); !errors.Is(err, ErrForbidden) {
		t.Errorf("OpenFile: %v, want forbidden", err)
	}
	collection, err := b.Collection(t.Context(), Selection{}, Query{})
	if err != nil || string(collection.Identity) != "{}" {
		t.Errorf("Collection = %s, %v; want {}", collection.Identity, err)
	}
	entry, err := b.Entry(t.Context(), "hello-yard")
	if err != nil || !entry.Withheld || entry.Package != nil {
		t.Errorf("Entry = %+v, %v; want it withheld", entry, err)
	}

	b.open(t, Plugin{Repo: Repo{"acme", "hello-yard"}, Access: AccessPublic})
	if info := b.document(t, Query{}); strings.Contains(fmt.Sprint(info["provenance"]), "acme/") {
		t.Errorf("the private repository is named: %v", info["provenance"])
	}
}

func TestServeStaleEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.forge.publish("v1.2.0", helloYard("1.2.0"))
		b.document(t, Query{})
		b.forge.set(func() { b.forge.fail = ErrUnavailable })
		b.clock.advance(DefaultEvery + DefaultServeStale - time.Second)
		b.document(t, Query{})
		synctest.Wait() // for the check behind it
		b.clock.advance(2 * time.Second)
		if _, err := b.Information(t.Context(), "hello-yard", Query{}); !errors.Is(err, ErrUnavailable) {
			t.Errorf("Information: %v, want unavailable", err)
		}
		b.Close()
	})
}

func TestAStaleDocumentIsRefreshedBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.forge.publish("v1.2.0", helloYard("1.2.0"))
		b.document(t, Query{})
		b.forge.publish("v1.3.0", helloYard("1.3.0"))
		b.clock.advance(DefaultEvery)
		for range 50 {
			if got := b.document(t, Query{})["version"]; got != "1.2.0" && got != "1.3.0" {
				t.Fatalf("version = %v", got)
			}
		}
		synctest.Wait()
		if got := b.document(t, Query{})["version"]; got != "1.3.0" {
			t.Errorf("version = %v, want 1.3.0", got)
		}
		if got := b.forge.count("Archive"); got != 2 {
			t.Errorf("%d archives were fetched, want 2", got)
		}
		b.Close()
	})
}

func TestAFailedFirstBuildIsNotRepeatedByACrowd(t *testing.T) {
	b := newBench(t)
	b.forge.fail = &Error{Kind: ErrLimited, Message: "limited", RetryAfter: time.Minute}
	for range 20 {
		_, err := b.Information(t.Context(), "hello-yard", Query{})
		var detail *Error
		if !errors.Is(err, ErrLimited) || !errors.As(err, &detail) || detail.RetryAfter != time.Minute {
			t.Fatalf("Information: %v", err)
		}
	}
	if got := b.forge.count("Repository"); got != 1 {
		t.Errorf("the forge was asked %d times, want once", got)
	}
}

func TestTwoPluginsCannotClaimOneSlug(t *testing.T) {
	_, err := New(Config{Plugins: []Plugin{{Repo: Repo{"acme", "hello-yard"}}, {Repo: Repo{"other", "Hello-Yard"}}}})
	if !errors.Is(err, ErrConflict) || !strings.Contains(err.Error(), "other/Hello-Yard") {
		t.Errorf("New: %v, want a conflict that names both", err)
	}
}
