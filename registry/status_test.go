package registry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"
)

// only is the status of the bench's one plugin.
func (b *bench) only(t *testing.T) Status {
	t.Helper()
	list := b.Status(t.Context())
	if len(list) != 1 {
		t.Fatalf("%d plugins", len(list))
	}
	return list[0]
}

func TestStatusFollowsAPluginsLife(t *testing.T) {
	b := newBench(t)
	want := func(when string, state State, says, remedy string) Status {
		t.Helper()
		st := b.only(t)
		if st.State != state || !strings.Contains(st.Error, says) || (says == "") != (st.Error == "") || !strings.Contains(st.Remedy, remedy) {
			t.Errorf("%s: %s, %q, %q; want %s, %q, %q", when, st.State, st.Error, st.Remedy, state, says, remedy)
		}
		return st
	}
	want("before anything", StateFailed, "", "it is built within minutes")

	b.forge.set(func() {
		b.forge.fail = &Error{Kind: ErrCredentials, Message: "GitHub refused our credentials", Err: errors.New("401\nand more")}
	})
	if _, err := b.Information(t.Context(), "hello-yard", Query{}); err == nil {
		t.Fatal("no error")
	}
	if st := want("refused", StateFailed, "refused our credentials", "mend the token"); strings.Contains(st.Error, "and more") || st.Failed.IsZero() {
		t.Errorf("the error is not one line with its time: %+v", st)
	}

	b.forge.set(func() { b.forge.fail = nil })
	b.clock.advance(time.Minute)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	b.document(t, Query{})
	st := want("built", StateFresh, "", "")
	if st.Version != "1.2.0" || st.Revision != "v1.2.0" || st.Commit == "" || st.Type != TypePlugin || !st.Built.Equal(b.clock.Now()) || !st.Checked.Equal(b.clock.Now()) || !st.Next.After(st.Checked) {
		t.Errorf("built: %+v", st)
	}

	b.clock.advance(DefaultEvery)
	b.forge.set(func() {
		b.forge.fail = &Error{Kind: ErrUnavailable, Message: "GitHub did not answer"}
	})
	_ = b.check(t.Context(), b.roster().bySlug["hello-yard"])
	if st := want("unreachable", StateStale, "GitHub did not answer", "it is tried again by itself"); st.Version != "1.2.0" || st.Tried.IsZero() {
		t.Errorf("unreachable: %+v", st)
	}

	b.clock.advance(DefaultServeStale)
	want("too old", StateExpired, "GitHub did not answer", "")

	b.forge.set(func() { b.forge.fail = nil })
	b.forge.publish("v1.3.0", map[string]string{"a.php": "<?php"})
	_ = b.check(t.Context(), b.roster().bySlug["hello-yard"])
	if st := want("a broken release", StateFresh, "hello-yard", "tell the plugin's author"); st.Version != "1.2.0" {
		t.Errorf("a broken release: %+v", st)
	}

	b.forge.set(func() { b.forge.repo.Private = true })
	if _, err := b.survey(t.Context(), b.roster().bySlug["hello-yard"]); err != nil {
		t.Fatal(err)
	}
	b.open(t, Plugin{Repo: Repo{"acme", "hello-yard"}}) // faults are not kept over a restart
	want("private", StateWithdrawn, "is private", "access: public")
}

func TestStatusIsLateBeforeAnybodySaysSo(t *testing.T) {
	b := newBench(t)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	b.document(t, Query{})
	b.clock.advance(DefaultEvery + DefaultEvery/10 + BuildTime - time.Second)
	if st := b.only(t); st.State != StateFresh {
		t.Errorf("within what checks are put off it is %s", st.State)
	}
	b.clock.advance(time.Second)
	if st := b.only(t); st.State != StateStale || st.Error != "" {
		t.Errorf("overdue it is %s: %s", st.State, st.Error)
	}
}

func TestAMovedTagIsHeld(t *testing.T) {
	b := newBench(t)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	b.document(t, Query{})
	shelf := b.roster().bySlug["hello-yard"]
	if _, err := b.change(t.Context(), shelf, func(next *record) error {
		was, now := Origin{Tag: "v1.2.0", Commit: strings.Repeat("a", 40)}, Origin{Tag: "v1.2.0", Commit: strings.Repeat("b", 40)}
		next.HeldReleases = map[string]*Hold{"v1.2.0": {Cause: HeldTag, Was: was, Now: now}}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if st := b.only(t); st.State != StateHeld || !strings.Contains(st.Error, " was moved from commit aaaaaaa to bbbbbbb ") || !strings.Contains(st.Remedy, "approve hello-yard --rebuild v1.2.0") {
		t.Errorf("%+v", st)
	}
}

// Whatever goes wrong, somebody has to know what to do about it.
func TestEachKindOfErrorHasItsRemedy(t *testing.T) {
	seen := map[string]error{}
	for _, kind := range append(Kinds(), ErrPanic, ErrReserve, errWaiting, errors.New("of no kind")) {
		text := remedy(fmt.Errorf("doing: %w", kind))
		if other := seen[text]; other != nil || text == "" {
			t.Errorf("%v has the remedy %q, as %v has", kind, text, other)
		}
		seen[text] = kind
	}
}

func TestTheWorstComesFirst(t *testing.T) {
	list := []Status{{Slug: "a", State: StateFresh}, {Slug: "b", State: StateStale}, {Slug: "d", State: StateFresh, Error: "x"}, {Slug: "c", State: StateFailed}, {Slug: "e", State: StateFresh, Error: "x"}}
	slices.SortFunc(list, WorstFirst)
	var order string
	for _, st := range list {
		order += string(st.Slug)
	}
	if order != "cbdea" {
		t.Errorf("order is %s", order)
	}
}

var errDisk = errors.New("input/output error")

// unreadable is a store whose records cannot be read.
type unreadable struct{ Store }

func (unreadable) Load(context.Context, string) ([]byte, error) {
	return nil, fmt.Errorf("%w: %w", ErrUnavailable, errDisk)
}

func TestReadySaysWhatCannotBeRead(t *testing.T) {
	b := newBench(t)
	if err := b.Ready(t.Context()); err != nil {
		t.Error(err)
	}
	b.cfg.Store = unreadable{b.store}
	if err := b.Ready(t.Context()); !errors.Is(err, ErrUnavailable) || !errors.Is(err, errDisk) || !strings.Contains(err.Error(), "the store cannot be read") {
		t.Errorf("with its records in memory: %v", err)
	}
	b.open(t, Plugin{Repo: Repo{"acme", "hello-yard"}})
	b.cfg.Store = unreadable{b.store}
	if err := b.Ready(t.Context()); !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "the record of hello-yard cannot be read") {
		t.Errorf("without: %v", err)
	}
}

func TestWorkIsTold(t *testing.T) {
	b := newBench(t)
	var told []string
	b.cfg.Observe = func(ctx context.Context, work string, about ...slog.Attr) (context.Context, func(error, ...slog.Attr)) {
		return ctx, func(err error, _ ...slog.Attr) { told = append(told, fmt.Sprint(work, about, err == nil)) }
	}
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	b.document(t, Query{})
	b.forge.publish("v1.3.0", map[string]string{"a.php": "<?php"})
	_ = b.check(t.Context(), b.roster().bySlug["hello-yard"])
	want := "[build[plugin=hello-yard channel=release] true build[plugin=hello-yard channel=release] false check[plugin=hello-yard] false]"
	if got := fmt.Sprint(told); got != want {
		t.Errorf("told %s, want %s", got, want)
	}
}
