package registry

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// run keeps the service fresh, by the bubble's clock, for so long.
func (b *bench) run(t *testing.T, d time.Duration) {
	t.Helper()
	b.cfg.Now = time.Now
	b.keep(t, d)
}

// keep is that by any clock.
func (b *bench) keep(t *testing.T, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	if err := b.Run(ctx); err != nil {
		t.Error(err)
	}
}

// GitHub delivers a webhook once, and to nobody if nobody answers.
func TestALostWebhookIsHealedByTheNextCheck(t *testing.T) {
	for _, restart := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(quiet{t})
			b.cfg.Now = time.Now
			b.forge.publish("v1.0.0", helloYard("1.0.0"))
			b.document(t, Query{})
			b.forge.publish("v1.1.0", helloYard("1.1.0"))
			if restart { // it was taken, and we ended before its check
				b.forge.set(func() { b.forge.fail = ErrUnavailable })
				b.Refresh(helloRepo)
				synctest.Wait()
				b.forge.set(func() { b.forge.fail = nil })
				b.open(quiet{t}, Plugin{Repo: helloRepo})
			}
			b.run(t, DefaultEvery+DefaultEvery/10+time.Minute)
			if got := b.document(t, Query{})["version"]; got != "1.1.0" {
				t.Errorf("version = %v, want 1.1.0", got)
			}
			b.Close()
		})
	}
}

// What the forge told of while it could not be asked is asked for again, long
// before the next check.
func TestAWebhookWhoseCheckFailedIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(quiet{t}, Plugin{Repo: helloRepo, Source: SourceBranch})
		b.cfg.Now = time.Now
		b.forge.commit("main", helloYard("1.0.0"))
		b.document(t, Query{})
		for _, news := range []News{{Kind: NewsBranch, Ref: "main"}, {Kind: NewsRepository}} {
			b.forge.set(func() { b.forge.fail = ErrUnavailable })
			news.Repo = helloRepo
			b.Tell(news)
			synctest.Wait()
			version := "1.1." + string(rune('0'+news.Kind))
			b.forge.commit("main", helloYard(version))
			b.forge.set(func() { b.forge.fail = nil })
			b.run(t, toldAgain+tidyEvery+time.Minute)
			if got := b.document(t, Query{})["version"]; got != version {
				t.Errorf("after %+v: version = %v, want %s", news, got, version)
			}
		}
		b.Close()
	})
}

// The forge tells of a push before all of it shows it.
func TestAPushThatDoesNotShowYetIsLookedAtAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(quiet{t}, Plugin{Repo: helloRepo, Source: SourceBranch})
		b.cfg.Now = time.Now
		b.forge.commit("main", helloYard("1.0.0"))
		b.document(t, Query{})
		b.Tell(News{Kind: NewsBranch, Repo: helloRepo, Ref: "main", Commit: strings.Repeat("a", 40)})
		synctest.Wait()
		b.forge.commit("main", helloYard("1.1.0"))
		b.run(t, toldAgain+tidyEvery+time.Minute)
		if got := b.document(t, Query{})["version"]; got != "1.1.0" {
			t.Errorf("version = %v, want 1.1.0", got)
		}
		b.Close()
	})
}

// movingForge moves the tag at the worst moment: after it was resolved, while
// the archive is fetched. It has archives by tag and by commit.
type movingForge struct {
	*fakeForge
	moved bool
	bare  bool // archives do not name their commit
	refs  []string
}

func (f *movingForge) Archive(ctx context.Context, repo Repo, ref string, w io.Writer) error {
	f.refs = append(f.refs, ref)
	if !f.moved {
		f.moved = true
		f.fakeForge.commit("v1.1.0", helloYard("1.1.0, changed"))
		f.set(func() { f.heads["tags/v1.1.0"] = f.heads["v1.1.0"] })
	}
	f.mu.Lock()
	if commitID(ref) == "" {
		ref = f.heads["tags/"+ref].SHA
	}
	files := f.trees[ref]
	f.mu.Unlock()
	if f.bare {
		ref = ""
	}
	_, err := w.Write(zipOf("acme-hello-yard-abc1234/", files, ref))
	return err
}

// Whenever the tag moves, a package says which commit it is of, and is of that.
func TestAPackageIsOfTheCommitThatItNames(t *testing.T) {
	for _, tc := range []struct {
		name       string
		warm, bare bool
		refs       int  // archives fetched
		changed    bool // it is of the commit that the tag was moved to
	}{
		{"a check resolves the tag first", true, false, 1, false},
		{"a first build goes by its archive", false, false, 1, true},
		{"a first build whose archive does not say resolves and fetches again", false, true, 2, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newQuietBench(t)
			if tc.warm {
				b.forge.publish("v1.0.0", helloYard("1.0.0"))
				b.document(t, Query{})
			}
			b.forge.publish("v1.1.0", helloYard("1.1.0"))
			first := func() string { sum := sha1.Sum([]byte("v1.1.0")); return hex.EncodeToString(sum[:]) }()
			b.forge.set(func() {
				b.forge.heads["tags/v1.1.0"] = Commit{SHA: first}
				b.forge.trees[first] = helloYard("1.1.0")
			})
			forge := &movingForge{fakeForge: b.forge, bare: tc.bare}
			b.cfg.Forge = forge
			if err := b.check(t.Context(), b.roster().bySlug["hello-yard"]); err != nil {
				t.Fatal(err)
			}
			pkg, err := b.Package(t.Context(), "hello-yard", Query{})
			if err != nil {
				t.Fatal(err)
			}
			want := first
			if tc.changed {
				want = b.forge.heads["tags/v1.1.0"].SHA
			}
			changed := strings.Contains(b.unzip(t, pkg)["hello-yard/hello-yard.php"], "changed")
			if pkg.Revision.Commit != want || changed != tc.changed || len(forge.refs) != tc.refs {
				t.Errorf("it names %s and has the changed files: %v, by archives of %v; want %s, %v", pkg.Revision.Commit, changed, forge.refs, want, tc.changed)
			}
			b.Close()
		})
	}
}

// lyingForge gives another commit's archive than it is asked for.
type lyingForge struct{ *fakeForge }

func (f *lyingForge) Archive(ctx context.Context, repo Repo, ref string, w io.Writer) error {
	_, err := w.Write(zipOf("acme-hello-yard-abc1234/", helloYard("6.6.6"), strings.Repeat("b", 40)))
	return err
}

func TestTheArchiveOfAnotherCommitIsRefused(t *testing.T) {
	b := newQuietBench(t)
	b.forge.publish("v1.0.0", helloYard("1.0.0"))
	b.document(t, Query{})
	b.forge.publish("v1.1.0", helloYard("1.1.0"))
	b.cfg.Forge = &lyingForge{b.forge}
	if err := b.check(t.Context(), b.roster().bySlug["hello-yard"]); err == nil || !strings.Contains(err.Error(), "it is of commit bbbb") {
		t.Errorf("check: %v", err)
	}
	if got := b.document(t, Query{})["version"]; got != "1.0.0" {
		t.Errorf("version = %v, want 1.0.0", got)
	}
	b.Close()
}
