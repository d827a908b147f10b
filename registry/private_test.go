package registry

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func (b *bench) isPrivate(t *testing.T, when string, want bool) {
	t.Helper()
	_, err := b.Information(t.Context(), "hello-yard", Query{})
	if errors.Is(err, ErrForbidden) != want || !want && err != nil {
		t.Errorf("%s: %v; want it withheld: %v", when, err, want)
	}
}

// Nobody told that the repository became private; but each build asks.
func TestNothingIsBuiltFromWhatBecamePrivate(t *testing.T) {
	for _, tc := range []struct {
		name  string
		build func(b *bench, sha string)
	}{
		{"a push is told", func(b *bench, sha string) {
			b.Tell(News{Kind: NewsBranch, Repo: helloRepo, Ref: "main", Commit: sha})
		}},
		{"a check is due", func(b *bench, _ string) { b.checkSoon(b.roster().bySlug["hello-yard"]) }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, Plugin{Repo: helloRepo, Source: SourceBranch})
				b.forge.commit("main", helloYard("1.0.0"))
				b.document(t, Query{})
				b.clock.advance(2 * verifiedFor)
				b.forge.set(func() { b.forge.repo.Private = true })
				sha := b.forge.commit("main", helloYard("6.6.6"))
				tc.build(b, sha)
				synctest.Wait()
				b.isPrivate(t, "after a push", true)
				if got := b.forge.count("Archive"); got != 1 {
					t.Errorf("%d archives were fetched, want the one of before", got)
				}
				if fault := b.roster().bySlug["hello-yard"].fault.Load(); tc.name == "a check is due" && fault != nil {
					t.Errorf("the check failed: %v", fault.err)
				}
				b.Close()
			})
		})
	}
}

// A forge that has told of it may still answer otherwise for a while.
func TestThatARepositoryIsPrivateIsNotUndoneByALateAnswer(t *testing.T) {
	for _, news := range []News{
		{Kind: NewsPrivate, Repo: helloRepo},
		{Kind: NewsBranch, Repo: helloRepo, Ref: "nobody's", Private: true},
		{Kind: NewsNothing, Repo: helloRepo, Private: true},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			shelf := b.roster().bySlug["hello-yard"]
			b.forge.publish("v1.0.0", helloYard("1.0.0"))
			b.document(t, Query{})
			b.Tell(news)
			b.isPrivate(t, "at once", true)
			synctest.Wait()
			b.isPrivate(t, "answered otherwise", true)
			began := b.clock.Now()
			due := b.due(shelf, shelf.record.Load())
			if wait := due.Sub(began); wait > toldAgain {
				t.Errorf("asked again after %s", wait)
			}
			b.clock.advance(due.Sub(began))
			b.open(t, Plugin{Repo: helloRepo}) // a restart forgets nothing
			shelf = b.roster().bySlug["hello-yard"]
			asked := b.forge.count("Repository")
			if err := b.check(t.Context(), shelf); err != nil || b.forge.count("Repository") == asked {
				t.Errorf("the repository was not asked about, or %v", err)
			}
			b.isPrivate(t, "answered otherwise again", true)
			b.clock.advance(doubtPublic - due.Sub(began))
			if err := b.check(t.Context(), shelf); err != nil {
				t.Error(err)
			}
			b.isPrivate(t, "answered otherwise for long", false)

			b.Tell(news)
			synctest.Wait()
			b.isPrivate(t, "told again", true)
			b.Tell(News{Kind: NewsPublic, Repo: helloRepo})
			synctest.Wait()
			b.isPrivate(t, "told that it is public, and answered so", false)

			b.forge.set(func() { b.forge.repo.Private = true })
			b.Tell(news)
			synctest.Wait()
			b.Tell(News{Kind: NewsPublic, Repo: helloRepo})
			synctest.Wait()
			b.isPrivate(t, "told that it is public, and answered otherwise", true)
			b.Close()
		})
	}
}

func TestThatARepositoryIsPrivateIsHeardBeforeItsRecordIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.forge.publish("v1.0.0", helloYard("1.0.0"))
		b.document(t, Query{})
		b.open(t, Plugin{Repo: helloRepo})
		b.forge.set(func() { b.forge.fail = ErrUnavailable })
		b.Tell(News{Kind: NewsPrivate, Repo: helloRepo})
		synctest.Wait()
		b.isPrivate(t, "with a forge that is down", true)
		b.Close()
	})
}

func TestNewsOfANamesakeWithholdNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.forge.publish("v1.0.0", helloYard("1.0.0"))
		b.document(t, Query{})
		b.Tell(News{Kind: NewsPrivate, Repo: helloRepo, ID: 2})
		synctest.Wait()
		b.isPrivate(t, "told of another repository", false)
		b.Close()
	})
}

// What a webhook told is asked about for a while, not for ever, and not for as
// long as a clock was ahead.
func TestDoubtsEnd(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	public := &Repository{}
	for _, tc := range []struct {
		name             string
		told             time.Time
		doubted, private bool
	}{
		{"nothing was told", time.Time{}, false, false},
		{"just now", now, true, true},
		{"until two answers could come", now.Add(-doubtPublic), true, false},
		{"long ago, and it was never answered", now.Add(-24 * time.Hour), false, false},
		{"by a clock that was a year ahead", now.AddDate(1, 0, 0), false, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			rec := &record{Withheld: tc.told}
			if rec.doubted(now) != tc.doubted {
				t.Errorf("it is doubted: %v", !tc.doubted)
			}
			if rec.believePublic(public, now).Private != tc.private {
				t.Errorf("an answer that it is public makes it private: %v", !tc.private)
			}
		})
	}
}

func TestWhoWasAskedByAClockAheadIsNotLast(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	sh := &shelf{}
	sh.asked.Store(now.AddDate(1, 0, 0).UnixNano())
	if got := sh.since(&record{Checked: now.AddDate(1, 0, 0)}, now); !got.IsZero() {
		t.Errorf("last asked at %s", got)
	}
}
