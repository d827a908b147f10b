package registry

import (
	"crypto/md5"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"golang.org/x/sync/errgroup"
)

func TestWhatIsBuiltIsListedWithoutAskingTheForge(t *testing.T) {
	b := newBench(t)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	if _, err := b.Package(t.Context(), "hello-yard", Query{}); err != nil {
		t.Fatal(err)
	}
	asked := len(b.forge.asked)
	l, err := b.Built(t.Context(), "hello-yard", Query{})
	if err != nil {
		t.Fatal(err)
	}
	if l.Type != TypePlugin || l.File != "hello-yard/hello-yard.php" || l.Version != "1.2.0" || !strings.Contains(string(l.Update), `"new_version":"1.2.0"`) {
		t.Errorf("got %+v, %s", l, l.Update)
	}
	list, err := b.Listings(t.Context(), Query{})
	if err != nil || len(list) != 1 {
		t.Fatalf("got %d listings, %v", len(list), err)
	}
	if l := list[0]; l.Name != "Hello Yard" || l.Information != nil || string(l.Update) == "" || len(l.Tags) != 2 || l.Contributors[0] != "acme" {
		t.Errorf("got %+v", l)
	}
	if got := len(b.forge.asked) - asked; got != 0 {
		t.Errorf("the forge was asked %d things: %v", got, b.forge.asked[asked:])
	}
	again, err := b.Listings(t.Context(), Query{Site: "c7"})
	if err != nil || &again[0] != &list[0] {
		t.Error("a list was made again although nothing is new")
	}
}

func TestListsLearnOfNewsAndLoadOnlyThat(t *testing.T) {
	b := newBench(t)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	b.document(t, Query{})
	if _, err := b.Listings(t.Context(), Query{}); err != nil {
		t.Fatal(err)
	}
	b.forge.publish("v1.3.0", helloYard("1.3.0"))
	if err := b.check(t.Context(), b.roster().bySlug["hello-yard"]); err != nil {
		t.Fatal(err)
	}
	list, err := b.Listings(t.Context(), Query{})
	if err != nil || len(list) != 1 || list[0].Version != "1.3.0" {
		t.Errorf("got %+v, %v", list, err)
	}
	for _, environment := range []string{"", "local", "staging", "x"} {
		for _, channel := range strings.Split("abcdefghijklmnopq", "") {
			if _, err := b.Listings(t.Context(), Query{Environment: environment, Channel: channel}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(b.lists) > maxLists {
		t.Errorf("%d lists are held", len(b.lists))
	}
}

func TestAListingWaitsForNoBuild(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.forge.publish("v1.2.0", helloYard("1.2.0"))
		b.forge.gate = make(chan struct{})
		if _, err := b.Built(t.Context(), "hello-yard", Query{}); !errors.Is(err, ErrUnavailable) {
			t.Errorf("got %v, want that it is not built yet", err)
		}
		if list, err := b.Listings(t.Context(), Query{}); err != nil || len(list) != 0 {
			t.Errorf("got %d listings, %v", len(list), err)
		}
		close(b.forge.gate)
		synctest.Wait()
		if _, err := b.Built(t.Context(), "hello-yard", Query{}); err != nil {
			t.Errorf("what was asked for had not been built behind: %v", err)
		}
		b.Close()
	})
}

func TestWhatIsNotOursOrWithheldIsNotListed(t *testing.T) {
	b := newBench(t)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	b.forge.repo.Private = true
	if _, err := b.Package(t.Context(), "hello-yard", Query{}); !errors.Is(err, ErrForbidden) {
		t.Fatalf("got %v", err)
	}
	if _, err := b.Built(t.Context(), "hello-yard", Query{}); !errors.Is(err, ErrForbidden) {
		t.Errorf("got %v, want that it is withheld", err)
	}
	if _, err := b.Built(t.Context(), "akismet", Query{}); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v, want that there is none", err)
	}
	if list, err := b.Listings(t.Context(), Query{}); err != nil || len(list) != 0 {
		t.Errorf("got %d listings, %v", len(list), err)
	}
}

func TestChecksumsAreThoseOfTheInstaller(t *testing.T) {
	b := newBench(t)
	b.forge.publish("v1.1.0", helloYard("1.1.0"))
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	for _, version := range []string{"1.2.0", "1.1.0"} {
		sums, err := b.Checksums(t.Context(), "hello-yard", version)
		if err != nil {
			t.Fatal(err)
		}
		pkg, err := b.PackageOf(t.Context(), "hello-yard", version)
		if err != nil {
			t.Fatal(err)
		}
		files := b.unzip(t, pkg)
		if sums.Plugin != "hello-yard" || sums.Version != version || sums.Zip != b.PackageURL(pkg) || sums.Source != "https://github.com/acme/hello-yard" || len(sums.Files) != len(files) {
			t.Errorf("version %s: got %+v", version, sums)
		}
		for name, text := range files {
			sum := md5.Sum([]byte(text))
			if got := sums.Files[strings.TrimPrefix(name, "hello-yard/")]; got.MD5 != hex.EncodeToString(sum[:]) || len(got.SHA256) != 64 {
				t.Errorf("version %s: %s: got %+v", version, name, got)
			}
		}
	}
	for _, version := range []string{"", "trunk", "1.0.0", "v1.2.0", "1.2", "../1.2.0"} {
		if _, err := b.Checksums(t.Context(), "hello-yard", version); !errors.Is(err, ErrNotFound) {
			t.Errorf("version %q: got %v, want that there is none", version, err)
		}
	}
	if _, err := b.Checksums(t.Context(), "akismet", "1.0"); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func TestAVersionIsWhatTheHeaderSays(t *testing.T) {
	b := newBench(t)
	b.forge.publish("v1.1.0", helloYard("1.1"))
	b.forge.publish("v1.2.0", helloYard("1.2.1"))
	b.document(t, Query{})
	if pkg, err := b.PackageOf(t.Context(), "hello-yard", "1.2.1"); err != nil || pkg.Revision.Ref != "v1.2.0" {
		t.Errorf("got %v, want the release whose header says 1.2.1", err)
	}
	if _, err := b.PackageOf(t.Context(), "hello-yard", "1.2.0"); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v, want no 1.2.0, which is a tag's word alone", err)
	}
	if _, err := b.PackageOf(t.Context(), "hello-yard", "1.1.0"); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v, want no 1.1.0, which turned out to be 1.1", err)
	}
	if _, err := b.PackageOf(t.Context(), "hello-yard", "1.1"); err != nil {
		t.Errorf("got %v, want the release that was built as 1.1", err)
	}
}

func TestABranchHasItsVersion(t *testing.T) {
	b := newBench(t, Plugin{Repo: Repo{"acme", "hello-yard"}, Source: SourceBranch})
	b.forge.commit("main", helloYard("2.0-dev"))
	b.document(t, Query{})
	if pkg, err := b.PackageOf(t.Context(), "hello-yard", "2.0-dev"); err != nil || pkg.Version != "2.0-dev" {
		t.Errorf("got %v", err)
	}
}

func TestAReaderThatSeeksServesManyAtOnce(t *testing.T) {
	r := &seekingReader{blob: strings.NewReader("0123456789")}
	var group errgroup.Group
	for i := range 10 {
		group.Go(func() error {
			p := make([]byte, 1)
			if _, err := r.ReadAt(p, int64(i)); err != nil || p[0] != byte('0'+i) {
				t.Errorf("at %d: got %q, %v", i, p, err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	if n, err := r.ReadAt(make([]byte, 4), 8); n != 2 || err != io.EOF {
		t.Errorf("beyond the end: got %d, %v", n, err)
	}
}

func TestARolloutIsPersonalFromTheFirstRequestOn(t *testing.T) {
	plugin := Plugin{Repo: Repo{"acme", "hello-yard"}, Policy: Policy{Rollout: Rollout{Steps: []RolloutStep{{Percent: 50}}}}}
	b := newBench(t, plugin)
	if !b.PerSite("hello-yard") || !b.PerSite("") {
		t.Error("before the first build, an answer counts as the same for all sites")
	}
	b.forge.publish("v1.1.0", helloYard("1.1.0"))
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	b.document(t, Query{})
	b.open(t, plugin)
	if !b.PerSite("hello-yard") || !b.PerSite("") {
		t.Error("after a restart, an answer counts as the same for all sites")
	}
}

func TestVersionsOfAWithheldPluginCannotBeFoundByTrying(t *testing.T) {
	b := newBench(t)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	b.document(t, Query{})
	b.forge.set(func() { b.forge.repo.Private = true })
	b.clock.advance(SurveyEvery)
	b.checked(t)
	said := map[string]bool{}
	for _, version := range []string{"1.2.0", "9.9.9", "trunk"} {
		_, err := b.PackageOf(t.Context(), "hello-yard", version)
		if !errors.Is(err, ErrForbidden) {
			t.Fatalf("version %s: got %v, want forbidden", version, err)
		}
		said[err.Error()] = true
	}
	if len(said) != 1 {
		t.Errorf("the answers differ: %v", said)
	}
}
