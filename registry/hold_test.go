package registry

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestJudge(t *testing.T) {
	repository := func(owner, name string, id, ownerID int64) *Repository {
		return &Repository{Repo: Repo{owner, name}, ID: id, OwnerID: ownerID}
	}
	known := repository("acme", "hello-yard", 1, 10)
	for _, tc := range []struct {
		name     string
		known    *Repository
		approved *Origin
		found    *Repository
		want     HoldCause // "" may be built from
	}{
		{name: "the first time, as configured", found: repository("acme", "hello-yard", 1, 10)},
		{name: "the first time, in another case", found: repository("ACME", "Hello-Yard", 1, 10)},
		{name: "the first time, renamed", found: repository("acme", "hi-yard", 1, 10)},
		{name: "the first time, of another owner", found: repository("mallory", "hello-yard", 1, 11), want: HeldOwner},
		{name: "the same", known: known, found: repository("acme", "hello-yard", 1, 10)},
		{name: "renamed", known: known, found: repository("acme", "hi-yard", 1, 10)},
		{name: "its owner is renamed", known: known, found: repository("acme-corp", "hello-yard", 1, 10)},
		{name: "transferred", known: known, found: repository("mallory", "hello-yard", 1, 11), want: HeldOwner},
		{name: "of an owner who has taken the name", known: known, found: repository("acme", "hello-yard", 1, 11), want: HeldOwner},
		{name: "made anew", known: known, found: repository("acme", "hello-yard", 2, 10), want: HeldRepository},
		{name: "another owner's other one", known: known, found: repository("mallory", "hello-yard", 2, 11), want: HeldRepository},
		{name: "of an older program, the same", known: repository("acme", "hello-yard", 1, 0), found: repository("Acme", "hello-yard", 1, 10)},
		{name: "of an older program, transferred", known: repository("acme", "hello-yard", 1, 0), found: repository("mallory", "hello-yard", 1, 10), want: HeldOwner},
		{name: "approved", known: known, approved: &Origin{Repo: Repo{"mallory", "hello-yard"}, ID: 1, OwnerID: 11}, found: repository("mallory", "hello-yard", 1, 11)},
		{name: "approved, and renamed since", known: known, approved: &Origin{Repo: Repo{"mallory", "hello-yard"}, ID: 1, OwnerID: 11}, found: repository("mallory", "hi-yard", 1, 11)},
		{name: "another one than was approved", known: known, approved: &Origin{Repo: Repo{"mallory", "hello-yard"}, ID: 1, OwnerID: 11}, found: repository("trudy", "hello-yard", 1, 12), want: HeldOwner},
	} {
		t.Run(tc.name, func(t *testing.T) {
			rec := &record{Repository: tc.known, Approved: tc.approved}
			got := HoldCause("")
			if hold := rec.judge(&helloYardPlugin, tc.found); hold != nil {
				got = hold.Cause
				if !strings.Contains(hold.Remedy("hello-yard"), "pluginyard approve hello-yard") || hold.Message() == "" {
					t.Errorf("it says %q, remedy %q", hold.Message(), hold.Remedy("hello-yard"))
				}
			}
			if got != tc.want {
				t.Errorf("held for %q, want %q", got, tc.want)
			}
		})
	}
}

// A private repository's name is not for the public.
func TestAHoldDoesNotTellPrivateNames(t *testing.T) {
	for _, cause := range []HoldCause{HeldOwner, HeldRepository, HeldTag, HeldFile} {
		hold := &Hold{Cause: cause, Was: Origin{Repo: Repo{"acme", "secret-yard"}}, Now: Origin{Repo: Repo{"mallory", "secret-yard"}}, Private: true}
		if text := hold.Message(); strings.Contains(text, "secret-yard") || strings.Contains(text, "mallory") {
			t.Errorf("%s: %s", cause, text)
		}
	}
}

// A zip that comes soon after its release takes the place of none: many are
// published first and uploaded then.
func TestAZipMayBeAttachedSoonAfterItsRelease(t *testing.T) {
	published := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	none := &Release{Tag: "v1.0.0", Published: published}
	with := func(id int64, digest string, after time.Duration) *Release {
		return &Release{Tag: "v1.0.0", Published: published, Files: []ReleaseFile{{ID: id, Name: "hello-yard.zip", Digest: digest, Updated: published.Add(after)}, {ID: 99, Name: "notes.pdf", Digest: "sha256:0"}}}
	}
	anew := with(1, "sha256:a", 25*time.Hour)
	anew.Published = published.Add(24*time.Hour + time.Minute)
	undated := with(1, "sha256:a", 0)
	undated.Files[0].Updated = time.Time{}
	for _, tc := range []struct {
		name        string
		before, now *Release
		changed     bool
	}{
		{"none and none", none, none, false},
		{"attached soon", none, with(1, "sha256:a", AttachTime), false},
		{"attached later", none, with(1, "sha256:a", AttachTime+1), true},
		{"attached at an unknown time", none, undated, true},
		{"attached to a release made anew", none, anew, true},
		{"replaced at once", with(1, "sha256:a", 0), with(2, "sha256:b", time.Minute), true},
		{"uploaded again, the same", with(1, "sha256:a", 0), with(2, "sha256:a", time.Minute), false},
		{"uploaded again, without a digest", with(1, "", 0), with(2, "", time.Minute), true},
		{"without a digest, the same", with(1, "", 0), with(1, "", 0), false},
		{"taken away", with(1, "sha256:a", 0), none, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			plugin := Plugin{Slug: "hello-yard"}
			_, _, changed := plugin.fileChanged(finalFrom(&Revision{Release: tc.before}), tc.now)
			if changed != tc.changed {
				t.Errorf("changed is %v, want %v", changed, tc.changed)
			}
		})
	}
}

// Nobody but the operator gives a release another hour for its zip: not by making
// it anew, and not by our not knowing since when it was out.
func TestAReleaseMadeAnewIsNoYounger(t *testing.T) {
	for _, tc := range []struct {
		name           string
		built, undated bool // it is built anew before the zip comes; its date is not known
	}{
		{name: "with its zip at once"},
		{name: "built, and then with a zip", built: true},
		{name: "of an unknown date", undated: true},
		{name: "of an unknown date, built, and then with a zip", built: true, undated: true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				shelf := b.roster().bySlug["hello-yard"]
				first := b.forge.publish("v1.0.0", helloYard("1.0.0")).Published
				b.document(t, Query{})
				if tc.undated {
					first = time.Time{}
					if _, err := b.change(t.Context(), shelf, func(next *record) error {
						next.Finals = map[string]final{"v1.0.0": {Commit: next.Finals["v1.0.0"].Commit}}
						return nil
					}); err != nil {
						t.Fatal(err)
					}
				}
				b.clock.advance(30 * 24 * time.Hour)
				anew := b.clock.Now()
				look := func() {
					t.Helper()
					if err := b.check(t.Context(), shelf); err != nil && !errors.Is(err, ErrHeld) {
						t.Fatal(err)
					}
					synctest.Wait()
				}
				b.forge.set(func() { b.forge.releases[0].ID, b.forge.releases[0].Published = 7777, anew })
				if tc.built {
					look()
					if got := shelf.record.Load().Channels[string(KindRelease)].Release; got != 7777 {
						t.Fatalf("served is release %d, want the new one", got)
					}
				}
				b.clock.advance(10 * time.Minute)
				b.forge.set(func() {
					b.forge.releases[0].Files = []ReleaseFile{{ID: 5, Name: "hello-yard.zip", Digest: "sha256:a", Size: 10, Updated: anew.Add(5 * time.Minute)}}
				})
				look()
				rec := shelf.record.Load()
				if held := rec.HeldReleases["v1.0.0"]; held == nil || held.Cause != HeldFile {
					t.Errorf("held for %+v, want its file", held)
				}
				if got := rec.Finals["v1.0.0"].Published; !got.Equal(first) {
					t.Errorf("it was published at %s, want %s", got, first)
				}
				b.Close()
			})
		})
	}
}

// What older programs wrote has no owner's number and no finals: they are
// filled in without building anything.
func TestARecordOfAnOlderProgramIsFilledIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.forge.publish("v1.0.0", helloYard("1.0.0"))
		b.forge.tag("v1.0.0")
		b.document(t, Query{})
		shelf := b.roster().bySlug["hello-yard"]
		if _, err := b.change(t.Context(), shelf, func(next *record) error { next.Finals = nil; return nil }); err != nil {
			t.Fatal(err)
		}
		b.forge.set(func() {
			b.forge.repo.OwnerID = 10
			b.forge.heads["tags/v1.0.0"] = Commit{SHA: strings.Repeat("e", 40)}
		})
		b.Refresh(Repo{"acme", "hello-yard"})
		synctest.Wait()
		rec := shelf.record.Load()
		if rec.Repository.OwnerID != 10 || rec.Finals["v1.0.0"].Commit == "" || rec.HeldReleases["v1.0.0"] == nil {
			t.Errorf("owner %d, finals %v, held %v", rec.Repository.OwnerID, rec.Finals, rec.HeldReleases)
		}
		if got := b.forge.count("Archive"); got != 1 {
			t.Errorf("%d archives were fetched, want 1", got)
		}
		// The tag is put back: nothing is held any more.
		b.forge.set(func() { b.forge.heads["tags/v1.0.0"] = Commit{SHA: rec.Finals["v1.0.0"].Commit} })
		b.Refresh(Repo{"acme", "hello-yard"})
		synctest.Wait()
		if rec := shelf.record.Load(); len(rec.HeldReleases) > 0 {
			t.Errorf("still held: %v", rec.HeldReleases)
		}
		b.Close()
	})
}

// A configuration that names the repository otherwise keeps what was built, if
// it is the same repository, and nothing of it if it is another one.
func TestAnotherNameInTheConfiguration(t *testing.T) {
	for _, tc := range []struct {
		name string
		id   int64
		want string // version at last
		kept bool
	}{
		{"for the same repository", 1, "1.1.0", true},
		{"for another one", 2, "1.1.0", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				b.forge.publish("v1.0.0", helloYard("1.0.0"))
				b.document(t, Query{})
				before, err := b.Package(t.Context(), "hello-yard", Query{})
				if err != nil {
					t.Fatal(err)
				}
				b.forge.publish("v1.1.0", helloYard("1.1.0"))
				b.forge.set(func() { b.forge.repo.Repo, b.forge.repo.ID = Repo{"other", "greeter"}, tc.id })
				b.open(t, Plugin{Repo: Repo{"other", "greeter"}, Slug: "hello-yard"})
				if got := b.document(t, Query{})["version"]; got != "1.0.0" && tc.kept {
					t.Errorf("version is %v at once, want that of before", got)
				}
				b.Refresh(Repo{"other", "greeter"})
				synctest.Wait()
				if got := b.document(t, Query{})["version"]; got != tc.want {
					t.Errorf("version is %v, want %s", got, tc.want)
				}
				_, err = b.OpenFile(t.Context(), "hello-yard", before.Installer.Digest)
				if kept := err == nil; kept != tc.kept || err != nil && !errors.Is(err, ErrNotFound) {
					t.Errorf("the package of before: %v", err)
				}
				b.Close()
			})
		})
	}
}

func TestTheStatusTellsWhatIsHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.forge.publish("v1.0.0", helloYard("1.0.0"))
		b.forge.set(func() { b.forge.repo.Repo, b.forge.repo.OwnerID = Repo{"mallory", "hello-yard"}, 11 })
		_, err := b.Information(t.Context(), "hello-yard", Query{})
		if !errors.Is(err, ErrHeld) {
			t.Fatalf("a first build of another owner's: %v", err)
		}
		b.open(t, helloYardPlugin) // a restart
		st := b.Status(t.Context())[0]
		if st.State != StateHeld || !strings.Contains(st.Error, "mallory/hello-yard") || !strings.Contains(st.Remedy, "pluginyard approve hello-yard") {
			t.Errorf("the first time: %+v", st)
		}
		b.forge.set(func() { b.forge.repo.Repo, b.forge.repo.OwnerID = Repo{"acme", "hi-yard"}, 10 })
		b.document(t, Query{})
		if st = b.Status(t.Context())[0]; st.State != StateFresh || !strings.Contains(st.Remedy, "write repository: acme/hi-yard") {
			t.Errorf("renamed: %+v", st)
		}
		b.forge.set(func() { b.forge.repo.ID = 2 })
		b.Refresh(Repo{"acme", "hi-yard"})
		synctest.Wait()
		if st = b.Status(t.Context())[0]; st.State != StateHeld || st.Version != "1.0.0" || !strings.Contains(st.Remedy, "pluginyard approve hello-yard") {
			t.Errorf("made anew: %+v", st)
		}
		b.Close()
	})
}

// A build of what a release was goes on while the operator agrees to what it is.
func TestABuildDoesNotUndoAnApproval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		shelf := b.roster().bySlug["hello-yard"]
		b.forge.publish("v1.0.0", helloYard("1.0.0"))
		b.document(t, Query{})
		moved := b.forge.commit("other", helloYard("1.0.0"))
		b.forge.set(func() {
			b.forge.heads["tags/v1.0.0"] = Commit{SHA: moved}
			b.forge.repo.Description = "Greets" // it is built again, from what it was
			b.forge.gate = make(chan struct{})
		})
		b.Refresh(helloRepo)
		done := make(chan error, 1)
		go func() {
			_, err := b.buildNow(t.Context(), shelf, Channel{Kind: KindRelease})
			done <- err
		}()
		synctest.Wait()
		if got := b.forge.count("Archive"); got != 2 {
			t.Fatalf("%d archives were asked for, want a second build to be under way", got)
		}
		now := shelf.record.Load().Repository.origin()
		now.Tag, now.Commit = "v1.0.0", moved
		if _, err := b.change(t.Context(), shelf, func(next *record) error { next.agreeToRelease(&approval{Now: now}); return nil }); err != nil {
			t.Fatal(err)
		}
		close(b.forge.gate)
		if err := <-done; !errors.Is(err, errOutdated) {
			t.Errorf("the build under way: %v", err)
		}
		b.Refresh(helloRepo)
		synctest.Wait()
		rec := shelf.record.Load()
		if got := rec.Channels[string(KindRelease)].Commit; got != moved || rec.Finals["v1.0.0"].Commit != moved || len(rec.HeldReleases) > 0 {
			t.Errorf("served is commit %s, final %v, held %v; want %s", got, rec.Finals, rec.HeldReleases, moved)
		}
		b.Close()
	})
}

// A zip that is attached later is told to nobody.
func TestAReleaseWithoutAZipIsLookedAtAgain(t *testing.T) {
	b := newBench(t)
	release := b.forge.publish("v1.0.0", helloYard("1.0.0"))
	published := release.Published
	b.clock.advance(published.Add(time.Minute).Sub(b.clock.Now()))
	b.document(t, Query{})
	shelf := b.roster().bySlug["hello-yard"]
	rec, none := shelf.record.Load(), time.Duration(-1)
	for _, tc := range []struct{ looked, want time.Duration }{
		{0, 5 * time.Minute}, {time.Minute, 5 * time.Minute}, {5 * time.Minute, 10 * time.Minute}, {12 * time.Minute, 20 * time.Minute},
		{20 * time.Minute, 40 * time.Minute}, {40 * time.Minute, AttachTime}, {AttachTime, none}, {DefaultEvery, none},
	} {
		got := none
		if due := shelf.plugin.attachDue(rec, published.Add(tc.looked)); !due.IsZero() {
			got = due.Sub(published)
		}
		if got != tc.want {
			t.Errorf("looked at after %s, it is looked at again after %s, want %s", tc.looked, got, tc.want)
		}
	}
	with := *rec
	with.Releases = []Release{*release}
	with.Releases[0].Files = []ReleaseFile{{ID: 1, Name: "hello-yard.zip"}}
	if due := shelf.plugin.attachDue(&with, published); !due.IsZero() {
		t.Errorf("one with a zip is looked at again at %s", due)
	}
	b.Close()
}
