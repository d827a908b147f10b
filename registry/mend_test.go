package registry

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"
)

var errFull = fmt.Errorf("%w: %w: no space left", ErrUnavailable, ErrStorage)

// stepFails has one step of the store fail.
func stepFails(failing string) func(string) error {
	return func(step string) error {
		if step == failing {
			return errFull
		}
		return nil
	}
}

func TestWhatTheForgeSaysHoldsWhileTheDiskIsFull(t *testing.T) {
	b := newBench(t)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	b.document(t, Query{})
	shelf := b.roster().bySlug["hello-yard"]
	saved := shelf.record.Load()
	b.store.failBy(stepFails("save"))
	b.clock.advance(DefaultEvery + time.Hour)
	if err := b.check(t.Context(), shelf); err != nil {
		t.Errorf("check says %v", err)
	}
	if rec := shelf.record.Load(); !rec.Checked.After(saved.Checked) {
		t.Error("the check is not noted in memory")
	}
	entry, err := b.Entry(t.Context(), "hello-yard")
	if err != nil || !errors.Is(entry.Err, ErrStorage) {
		t.Errorf("the page says %v, %v", entry.Err, err)
	}
	b.saveUnsaved(t.Context())
	if shelf.unsaved.Load() == nil {
		t.Error("what cannot be saved counts as saved")
	}
	b.store.failBy(nil)
	b.saveUnsaved(t.Context())
	if shelf.unsaved.Load() != nil {
		t.Error("it is not saved though it can be")
	}
	b.open(t, Plugin{Repo: Repo{"acme", "hello-yard"}})
	rec, err := b.stored(t.Context(), b.roster().bySlug["hello-yard"])
	if err != nil || !rec.Checked.After(saved.Checked) {
		t.Errorf("after a restart the check is forgotten: %v", err)
	}
}

func TestBuildsThatTheDiskHasFailedWaitLonger(t *testing.T) {
	b := newBench(t)
	shelf := b.roster().bySlug["hello-yard"]
	var got []time.Duration
	for range 7 {
		got = append(got, shelf.stuck(errFull))
	}
	want := []time.Duration{20e9, 40e9, 80e9, 160e9, 320e9, 600e9, 600e9}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("waits %v, want %v", got, want)
	}
	if got := shelf.stuck(ErrUnavailable); got != failedFor {
		t.Errorf("for the forge it waits %v", got)
	}
}

// smallDisk is a store that knows whether it has room.
type smallDisk struct {
	*memoryStore
	full bool
}

func (d *smallDisk) Writable(context.Context) error {
	if d.full {
		return errFull
	}
	return nil
}

// A build that was not begun has cost nothing: as soon as there is room the
// first one is made, however long there was none.
func TestAFullDiskIsNoticedToHaveRoomAgain(t *testing.T) {
	b := newBench(t)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	disk := &smallDisk{b.store, true}
	b.cfg.Store = disk
	for range 20 {
		if _, err := b.Information(t.Context(), "hello-yard", Query{}); !errors.Is(err, ErrStorage) {
			t.Fatalf("with a full disk: %v", err)
		}
		b.clock.advance(failedFor)
	}
	if n := b.forge.count("Archive"); n > 0 {
		t.Errorf("%d archives were asked for in vain", n)
	}
	disk.full = false
	if _, err := b.Information(t.Context(), "hello-yard", Query{}); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

func TestAPluginThatIsNotConfiguredIsForgottenLate(t *testing.T) {
	b := newBench(t)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	b.document(t, Query{})
	b.open(t) // without it
	before := len(b.store.blobs)
	b.sweep(t.Context())
	if got := len(b.store.blobs); got != before {
		t.Errorf("%d of %d blobs are left", got, before)
	}
	b.clock.advance(KeepFor + time.Hour)
	b.sweep(t.Context())
	if len(b.store.blobs) > 0 || len(b.store.records) > 0 {
		t.Errorf("%d blobs and %d records are left", len(b.store.blobs), len(b.store.records))
	}
}

func TestPastPackagesAreBounded(t *testing.T) {
	r := newRecord(&Plugin{})
	now := time.Now()
	for i := range 3 * MaxPast {
		state := channelState{Channel: Channel{Kind: KindRelease}, Package: Digest(fmt.Sprint(i))}
		r.supersede("release", &state, now)
		r.Channels["release"] = state
	}
	if len(r.Past) != MaxPast || r.Past[0].Package != Digest(fmt.Sprint(3*MaxPast-2)) {
		t.Errorf("%d are remembered, the last is %s", len(r.Past), r.Past[0].Package)
	}
	next := channelState{Channel: Channel{Kind: KindRelease}, Package: "next"}
	r.supersede("release", &next, now.Add(2*PastFor))
	r.Channels["release"] = next
	if len(r.Past) != 1 {
		t.Errorf("%d are remembered of the day before yesterday", len(r.Past)-1)
	}
	again := channelState{Channel: Channel{Kind: KindRelease}, Package: "again"}
	if r.supersede("release", &again, now.Add(2*KeepFor)); len(r.Past) != 1 || r.Past[0].Package != "next" {
		t.Errorf("%v are remembered", r.Past)
	}
}
