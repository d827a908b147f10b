package registry

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// The name of an owner that was renamed may be anybody's.
func TestAnOwnersNameThatAnotherAccountHasIsHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		of := func(number int64, repos ...Repository) []Repository {
			for i := range repos {
				repos[i].OwnerID = number
			}
			return repos
		}
		b := newFollowing(t, []Plugin{}, of(10, owned(1, "hello-yard"), owned(2, "fence-post"))...)
		b.discovers(t)
		var log strings.Builder
		b.Service.log = slog.New(slog.NewTextHandler(&log, nil))
		stranger := of(666, owned(66, "akismet"), owned(67, "hello-yard"))
		discover := func(list []Repository, held bool) {
			t.Helper()
			b.forge.set(func() { b.forge.owned = list })
			if err := b.Discover(t.Context()); errors.Is(err, ErrHeld) != held {
				t.Errorf("discovery: %v", err)
			}
			synctest.Wait()
			status := b.Owners()[0]
			if status.Held != held || strings.Contains(status.Remedy, "pluginyard approve @acme") != held {
				t.Errorf("the operator is told %+v", status)
			}
			if got := b.served() + " " + b.answers(t, "hello-yard"); held && got != "fence-post hello-yard 1.0.0" || len(b.Withdrawn()) > 0 {
				t.Errorf("served: %s; withdrawn: %v", got, b.Withdrawn())
			}
		}
		discover(stranger, true)
		b.clock.advance(time.Hour)
		discover([]Repository{}, true) // it takes them away for a while
		b.clock.advance(repeatEvery)
		discover(stranger, true)
		if got := strings.Count(log.String(), `level=ERROR msg="owner is held`); got != 2 {
			t.Errorf("the log tells %d times, want once a day: 2\n%s", got, log.String())
		}
		b.restart(t)
		discover(stranger, true)
		discover(of(10, owned(1, "hello-yard"), owned(2, "fence-post")), false) // the name came back
		discover(stranger, true)

		approve := func(yes bool) *Approval {
			t.Helper()
			found, err := ApproveOwner(t.Context(), b.store, b.owners, "ACME", yes, b.clock.Now())
			if err != nil || len(found.Held) != 1 || found.Agreed.Now.OwnerID != 666 {
				t.Fatalf("approve finds %+v; %v", found, err)
			}
			return found
		}
		approvals := func() []string {
			names, err := b.store.Names(t.Context(), ApprovalsFolder)
			if err != nil {
				t.Fatal(err)
			}
			return names
		}
		approve(false)
		if got := approvals(); len(got) != 0 {
			t.Fatalf("nobody said yes to %v", got)
		}
		approve(true)
		discover(of(13, owned(99, "akismet")), true) // a third one: nobody said yes to that
		approved := approvals()[0]
		if err := b.approveOwner(t.Context(), approved); err != nil || !b.Owners()[0].Held || len(approvals()) != 0 {
			t.Errorf("another account is approved: %v", err)
		}
		discover(stranger, true)
		approve(true)
		if err := b.approveOwner(t.Context(), approvals()[0]); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if got := b.served(); !strings.Contains(got, "akismet") || len(approvals()) != 0 || b.Owners()[0].Held {
			t.Errorf("once approved: %s", got)
		}
		// Another repository than was served is a question of its own.
		sh := b.roster().bySlug["hello-yard"]
		_ = b.check(t.Context(), sh)
		b.clock.advance(SurveyEvery)
		_ = b.check(t.Context(), sh)
		if held := sh.record.Load().Held; held == nil || held.Cause != HeldRepository {
			t.Errorf("hello-yard is held for %+v", held)
		}
		if _, err := ApproveOwner(t.Context(), b.store, b.owners, "nobody", true, b.clock.Now()); !errors.Is(err, ErrNotFound) {
			t.Errorf("an owner that is not followed: %v", err)
		}
		b.Close()
	})
}

// An owner that is held can be approved, even if the store failed when that was
// noted, and a clock that was put back does not silence the log.
func TestAHoldOfAnOwnerIsStoredLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		of := func(number int64, repo Repository) []Repository {
			repo.OwnerID = number
			return []Repository{repo}
		}
		b := newFollowing(t, []Plugin{}, of(10, owned(1, "hello-yard"))...)
		b.discovers(t)
		var log strings.Builder
		b.Service.log = slog.New(slog.NewTextHandler(&log, nil))
		b.forge.set(func() { b.forge.owned = of(666, owned(66, "akismet")) })
		for _, tc := range []struct {
			name         string
			fails        bool
			passes       time.Duration
			stored, told int
		}{
			{"the store fails", true, 0, 0, 1},
			{"it still does", true, time.Hour, 0, 1},
			{"it works again", false, time.Hour, 1, 1},
			{"the clock is put back", false, -year, 1, 2},
			{"a moment later", false, time.Minute, 1, 2},
		} {
			b.clock.advance(tc.passes)
			b.store.failBy(func(step string) error {
				if tc.fails && strings.Contains(step, "save") {
					return fmt.Errorf("%w: full", ErrStorage)
				}
				return nil
			})
			if err := b.Discover(t.Context()); !errors.Is(err, ErrHeld) || errors.Is(err, ErrStorage) != tc.fails {
				t.Errorf("%s: discovery: %v", tc.name, err)
			}
			found, err := ApproveOwner(t.Context(), b.store, b.owners, "acme", false, b.clock.Now())
			if err != nil || len(found.Held) != tc.stored {
				t.Errorf("%s: approve finds %+v, want %d; %v", tc.name, found, tc.stored, err)
			}
			if got := strings.Count(log.String(), `msg="owner is held`); got != tc.told {
				t.Errorf("%s: the log has told %d times, want %d", tc.name, got, tc.told)
			}
		}
		b.Close()
	})
}
