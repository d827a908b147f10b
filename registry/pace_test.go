package registry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// priced is a forge that notes the priorities it is asked with.
type priced struct {
	*fakeForge
	asked chan string // "Releases 2"
}

func (p *priced) note(ctx context.Context, method string) {
	p.asked <- fmt.Sprint(method, " ", PriorityOf(ctx))
}

func (p *priced) Releases(ctx context.Context, repo Repo) ([]Release, error) {
	p.note(ctx, "Releases")
	return p.fakeForge.Releases(ctx, repo)
}

func (p *priced) Archive(ctx context.Context, repo Repo, ref string, w io.Writer) error {
	p.note(ctx, "Archive")
	return p.fakeForge.Archive(ctx, repo, ref, w)
}

func (p *priced) seen() string {
	var list []string
	for {
		select {
		case one := <-p.asked:
			list = append(list, one)
		default:
			return strings.Join(list, ", ")
		}
	}
}

func TestWorkHasThePriorityOfWhoWaitsForIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		forge := &priced{fakeForge: b.forge, asked: make(chan string, 100)}
		b.Service.cfg.Forge = forge
		b.forge.publish("v1.0.0", helloYard("1.0.0"))
		b.document(t, Query{})
		if got := forge.seen(); got != "Releases 0, Archive 0" {
			t.Errorf("a client's first request: %s", got)
		}
		b.forge.publish("v1.1.0", helloYard("1.1.0"))
		b.Refresh(Repo{"acme", "hello-yard"})
		synctest.Wait()
		if got := forge.seen(); got != "Releases 1, Archive 1" {
			t.Errorf("what a webhook tells: %s", got)
		}
		b.forge.publish("v1.2.0", helloYard("1.2.0"))
		b.clock.advance(5 * time.Hour)
		b.document(t, Query{})
		synctest.Wait()
		if got := forge.seen(); got != "Releases 2, Releases 2, Archive 2" {
			t.Errorf("a check behind a request: %s", got)
		}
		b.Close()
	})
}

// A client that comes while the background builds the same is not refused with
// it for the reserve.
func TestAClientIsNotRefusedForTheReserve(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		began, end := make(chan bool), make(chan bool)
		work := func(ctx context.Context) (any, error) {
			if PriorityOf(ctx) != PriorityBackground {
				return "built", nil
			}
			close(began)
			<-end
			return nil, &Error{Kind: ErrLimited, Err: ErrReserve, Message: "kept"}
		}
		go func() {
			if _, err := b.once(WithPriority(t.Context(), PriorityBackground), "x", work); !errors.Is(err, ErrReserve) {
				t.Errorf("the background: %v", err)
			}
		}()
		<-began
		go func() {
			if v, err := b.once(t.Context(), "x", work); err != nil || v != "built" {
				t.Errorf("the client: %v, %v", v, err)
			}
		}()
		synctest.Wait()
		close(end)
		synctest.Wait()
		b.Close()
	})
}

func TestTheReservePutsChecksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		var log strings.Builder
		b.Service.log = slog.New(slog.NewTextHandler(&log, nil))
		b.forge.publish("v1.0.0", helloYard("1.0.0"))
		b.document(t, Query{})
		log.Reset()
		b.clock.advance(5 * time.Hour)
		b.forge.set(func() {
			b.forge.fail = &Error{Kind: ErrLimited, Err: ErrReserve, RetryAfter: 40 * time.Minute, Message: "down to the reserve"}
		})
		shelf := b.roster().bySlug["hello-yard"]
		for range 3 {
			if err := b.check(t.Context(), shelf); !errors.Is(err, ErrReserve) {
				t.Fatal(err)
			}
		}
		if fault := shelf.fault.Load(); fault != nil {
			t.Errorf("the plugin is at fault: %v", fault.err)
		}
		if lines := strings.Count(log.String(), "level=WARN"); lines != 1 {
			t.Errorf("%d warnings, want 1:\n%s", lines, log.String())
		}
		now := b.clock.Now()
		_, due := b.nextDue(t.Context())
		if wait := due.Sub(now); wait < 40*time.Minute || wait > 40*time.Minute+b.cfg.Every/10 {
			t.Errorf("the next check is due in %s", wait)
		}
		asked := b.forge.count("Releases")
		b.clock.advance(30 * time.Minute)
		b.document(t, Query{})
		synctest.Wait()
		if b.forge.count("Releases") != asked {
			t.Error("a request had the forge asked before the reset")
		}
		b.forge.set(func() { b.forge.fail = nil })
		b.clock.advance(40 * time.Minute)
		b.document(t, Query{})
		synctest.Wait()
		if b.forge.count("Releases") == asked {
			t.Error("nothing was asked after the reset")
		}
		b.Close()
	})
}

func TestMomentsAreSpreadEvenly(t *testing.T) {
	const plugins, slots = 1000, 48
	s := &Service{cfg: Config{Every: DefaultEvery}}
	built := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC) // all of them, in a minute
	var count [slots]int
	for i := range plugins {
		slug := Slug(fmt.Sprintf("yard-%04d", i))
		after := built.Add(time.Duration(i) * 60 * time.Millisecond)
		first := s.moment(partOf(slug), after)
		if first.Before(after) || first.Sub(after) > s.cfg.Every {
			t.Fatalf("%s: %s after it was built", slug, first.Sub(after))
		}
		if next := s.moment(partOf(slug), first.Add(3*time.Second)); next.Sub(first) != s.cfg.Every {
			t.Fatalf("%s: the next is %s later", slug, next.Sub(first))
		}
		count[int(first.Sub(built)*slots/(s.cfg.Every+time.Minute))]++
	}
	if most := slices.Max(count[:]); most > 3*plugins/slots {
		t.Errorf("%d of %d within a part of %d: %v", most, plugins, slots, count)
	}
}

func TestOverdueChecksAreNotMadeAtOnce(t *testing.T) {
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	gap := time.Second
	var p pace
	for i := range 1000 {
		want := max(0, time.Duration(i+1-paceBurst)*gap)
		if got := p.take(now, gap); max(0, got) != want {
			t.Fatalf("check %d waits %s, want %s", i, got, want)
		}
	}
	if free := p.free(now, gap); free.Sub(now) != 990*gap {
		t.Errorf("the next may begin after %s", free.Sub(now))
	}
	if before := now.Add(-24 * time.Hour); !p.free(before, gap).Equal(before) {
		t.Error("after the clock was put back, checks wait for the time that it had")
	}
	now = now.Add(time.Hour)
	if got := p.take(now, gap); got > 0 {
		t.Errorf("later one waits %s", got)
	}
}

// A check that a limit ends half-way is the first one after the reset, but not
// for ever: it may be one that needs more than there is.
func TestACheckThatWasEndedKeepsItsPlaceOnce(t *testing.T) {
	limit := fmt.Errorf("ask: %w", ErrLimited)
	sh, rec := &shelf{}, &record{}
	for i, tt := range []struct {
		err  error
		want int64
	}{{limit, 0}, {limit, 2}, {limit, 2}, {nil, 4}, {limit, 4}, {ErrUnavailable, 6}} {
		if sh.ended(int64(i+1), tt.err); sh.asked.Load() != tt.want {
			t.Errorf("check %d, %v: its place is that of %d, want %d", i+1, tt.err, sh.asked.Load(), tt.want)
		}
	}
	rec.Checked = time.Unix(1, 0)
	if got := sh.since(rec, time.Unix(2, 0)); !got.Equal(rec.Checked) {
		t.Errorf("asked at %s, want when it was checked last", got)
	}
}

func TestWhatWasPutOffComesBeforeWhatSitesAskFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(quiet{t}, Plugin{Repo: Repo{"acme", "asked-for"}}, Plugin{Repo: Repo{"acme", "unknown"}})
		b.forge.publish("v1.0.0", helloYard("1.0.0"))
		if err := b.Warm(t.Context()); err != nil {
			t.Fatal(err)
		}
		askedFor, unknown := b.roster().order[0], b.roster().order[1]
		b.clock.advance(time.Hour)
		b.forge.set(func() {
			b.forge.fail = &Error{Kind: ErrLimited, Err: ErrReserve, RetryAfter: 40 * time.Minute, Message: "down to the reserve"}
		})
		if err := b.check(t.Context(), unknown); !errors.Is(err, ErrReserve) {
			t.Fatal(err)
		}
		b.forge.set(func() { b.forge.fail = nil })
		if err := b.check(t.Context(), askedFor); err != nil {
			t.Fatal(err)
		}
		b.clock.advance(5 * time.Hour)
		for _, want := range []*shelf{unknown, askedFor} {
			if _, err := b.Information(t.Context(), "asked-for", Query{}); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			if now := b.clock.Now(); !want.record.Load().Checked.Equal(now) {
				t.Errorf("%s was checked at %s, want %s", want.plugin.Slug, want.record.Load().Checked, now)
			}
		}
		b.Close()
	})
}

// hangingForge does not answer the first who asks for releases.
type hangingForge struct {
	*fakeForge
	hung atomic.Bool
}

func (f *hangingForge) Releases(ctx context.Context, repo Repo) ([]Release, error) {
	if f.hung.CompareAndSwap(false, true) {
		<-ctx.Done()
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, ctx.Err())
	}
	return f.fakeForge.Releases(ctx, repo)
}

func TestACheckThatHangsDelaysNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var plugins []Plugin
		for i := range 100 {
			plugins = append(plugins, Plugin{Repo: Repo{"acme", fmt.Sprintf("yard-%03d", i)}})
		}
		b := newBench(quiet{t}, plugins...)
		b.forge.publish("v1.0.0", helloYard("1.0.0"))
		b.cfg.Now = time.Now
		if err := b.Warm(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.cfg.Forge = &hangingForge{fakeForge: b.forge}
		ctx, cancel := context.WithTimeout(t.Context(), 2*b.cfg.Every)
		defer cancel()
		go b.Run(ctx)
		for ctx.Err() == nil {
			time.Sleep(time.Minute)
			late := 0
			for _, sh := range b.roster().order {
				if tried := time.Unix(0, sh.tried.Load()); time.Since(tried) > b.cfg.Every && time.Since(b.due(sh, sh.record.Load())) > time.Minute {
					late++
				}
			}
			if late > 0 {
				t.Errorf("%d checks are late", late)
				break
			}
		}
		b.Close()
	})
}
