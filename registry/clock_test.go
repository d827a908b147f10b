package registry

import (
	"testing"
	"testing/synctest"
	"time"
)

const year = 365 * 24 * time.Hour

// A clock that was ahead for one check is put right: what is new is found as
// soon as somebody asks, and without anybody who asks, and after a restart.
func TestAClockThatIsPutRightFreezesNothing(t *testing.T) {
	for _, tc := range []struct {
		name    string
		restart bool
		goOn    func(t *testing.T, b *bench)
	}{
		{"somebody asks", false, func(t *testing.T, b *bench) { b.document(t, Query{}) }},
		{"somebody asks after a restart", true, func(t *testing.T, b *bench) { b.document(t, Query{}) }},
		{"nobody asks", false, func(t *testing.T, b *bench) { b.keep(t, time.Hour) }},
		{"nobody asks after a restart", true, func(t *testing.T, b *bench) { b.keep(t, time.Hour) }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(quiet{t})
				offset := year
				b.cfg.Now = func() time.Time { return time.Now().Round(0).Add(offset) }
				b.forge.publish("v1.0.0", helloYard("1.0.0"))
				b.document(t, Query{})
				b.keep(t, DefaultEvery+DefaultEvery/10+time.Minute)
				if tc.restart {
					now := b.cfg.Now
					b.open(quiet{t}, Plugin{Repo: helloRepo})
					b.cfg.Now = now
				}
				offset = 0
				b.forge.publish("v1.1.0", helloYard("1.1.0"))
				tc.goOn(t, b)
				synctest.Wait()
				if got := b.document(t, Query{})["version"]; got != "1.1.0" {
					t.Errorf("version = %v, want 1.1.0", got)
				}
				if rec := b.roster().bySlug["hello-yard"].record.Load(); rec.Checked.After(b.cfg.Now()) || rec.Surveyed.After(b.cfg.Now()) {
					t.Errorf("it counts as checked at %s, surveyed at %s", rec.Checked, rec.Surveyed)
				}
				b.Close()
			})
		})
	}
}

// What cannot be checked after the clock was put right says so, is served for as
// long as anything that is stale, and is tried in no hurry.
func TestAClockThatIsPutRightWhileTheForgeIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(quiet{t})
		offset := year
		b.cfg.Now = func() time.Time { return time.Now().Round(0).Add(offset) }
		b.forge.publish("v1.0.0", helloYard("1.0.0"))
		b.document(t, Query{})
		b.keep(t, DefaultEvery+DefaultEvery/10+time.Minute)
		offset = 0
		b.forge.set(func() { b.forge.fail = ErrUnavailable })
		asked := len(b.forge.asked)
		b.keep(t, DefaultEvery)
		if stale, is := b.Stale("hello-yard"); !is || stale.Reason != ReasonUnavailable || stale.Since.After(b.cfg.Now()) {
			t.Errorf("it is stale: %v, %+v", is, stale)
		}
		if n := len(b.forge.asked) - asked; n > 10 {
			t.Errorf("the forge was asked %d times within %s", n, DefaultEvery)
		}
		b.document(t, Query{})
		time.Sleep(DefaultServeStale + DefaultEvery)
		b.keep(t, DefaultEvery)
		if _, err := b.Information(t.Context(), "hello-yard", Query{}); err == nil {
			t.Error("it is served for longer than serve_stale")
		}
		b.Close()
	})
}

// A limit that was met while the clock was ahead puts off as long as it lasts.
func TestAClockThatIsPutRightEndsLimits(t *testing.T) {
	b := newBench(t)
	shelf := b.roster().bySlug["hello-yard"]
	b.clock.advance(year)
	b.limited(shelf, &Error{Kind: ErrLimited, RetryAfter: time.Hour})
	b.failed.put("x", ErrUnavailable, b.cfg.Now().Add(brokenFor))
	if !b.isPutOff(shelf, b.cfg.Now()) || b.failure("x") == nil {
		t.Error("it is forgotten at once")
	}
	b.clock.advance(-year)
	if b.isPutOff(shelf, b.cfg.Now()) || b.failure("x") != nil {
		t.Error("it lasts for a year")
	}
	if due := b.due(shelf, newRecord(&shelf.plugin)); due.After(b.cfg.Now()) {
		t.Errorf("the check is due at %s", due)
	}
}

// A rollout that began while the clock was ahead begins now, not in a year, and
// not at its end.
func TestAClockThatIsPutRightBeginsRolloutsAgain(t *testing.T) {
	b := newBench(t, Plugin{Repo: helloRepo, Policy: Policy{Rollout: Rollout{Steps: []RolloutStep{{0, 10}, {24 * time.Hour, 100}}}}})
	shelf := b.roster().bySlug["hello-yard"]
	b.forge.publish("v1.0.0", helloYard("1.0.0"))
	b.document(t, Query{})
	b.clock.advance(year)
	release := b.forge.publish("v1.1.0", helloYard("1.1.0"))
	if err := b.check(t.Context(), shelf); err != nil {
		t.Fatal(err)
	}
	b.clock.advance(-year)
	if err := b.check(t.Context(), shelf); err != nil {
		t.Fatal(err)
	}
	if began := shelf.record.Load().Offered[release.ID]; !began.Equal(b.clock.Now()) {
		t.Errorf("it began at %s, want %s", began, b.clock.Now())
	}
	b.Close()
}

func TestAnOwnerIsLookedAtThoughTheClockWasPutBack(t *testing.T) {
	b := newBench(t)
	o := &following{Owner: Owner{Name: "acme"}, record: &ownerRecord{}, tried: b.clock.Now().Add(year)}
	if due := b.discoveryDue(o); due.After(b.clock.Now()) {
		t.Errorf("it is due at %s", due)
	}
}
