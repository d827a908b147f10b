package registry

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pluginyard/pluginyard/registry/signing"
)

// elsewhere is a bench whose keys are elsewhere.
func elsewhere(t testing.TB, file *signing.File, plugins ...Plugin) *bench {
	b := newBench(t)
	b.keys = public(t, file)
	if len(plugins) == 0 {
		plugins = []Plugin{helloYardPlugin}
	}
	b.open(t, plugins...)
	return b
}

func TestAFirstPackageWaitsForItsSignature(t *testing.T) {
	file := newKeys(t)
	b := elsewhere(t, file)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	for range 3 {
		_, err := b.Information(t.Context(), "hello-yard", Query{})
		var told *Error
		if !errors.As(err, &told) || told.Kind != ErrUnavailable || !strings.Contains(told.Message, `version 1.2.0 of plugin hello-yard waits for its signature`) || !strings.Contains(told.Message, "pluginyard sign") {
			t.Fatalf("error is %v", err)
		}
		collection, err := b.Collection(t.Context(), Selection{}, Query{})
		if err != nil || string(collection.Identity) != "{}" {
			t.Fatalf("collection is %s, %v", collection.Identity, err)
		}
		if err := b.check(t.Context(), b.roster().bySlug["hello-yard"]); err != nil {
			t.Errorf("a check fails: %v", err)
		}
	}
	if kind, err := b.TypeOf(t.Context(), "hello-yard"); kind != TypePlugin || err != nil {
		t.Errorf("type is %q, %v", kind, err)
	}
	if got := b.forge.count("Archive"); got != 1 {
		t.Errorf("built %d times while it waits, want once", got)
	}
	entry, err := b.Entry(t.Context(), "hello-yard")
	if err != nil || entry.Package != nil || !errors.Is(entry.Err, errWaiting) {
		t.Errorf("the page shows %+v, %v", entry, err)
	}
	if got := b.sign(t, file); fmt.Sprint(got) != "[signed hello-yard 1.2.0]" {
		t.Fatalf("signed %v", got)
	}
	b.clock.advance(lookEvery)
	if got := b.signatures(t); len(got) != 1 {
		t.Errorf("served with %d signatures, want 1", len(got))
	}
	if got := b.sign(t, file); fmt.Sprint(got) != "[known hello-yard 1.2.0]" {
		t.Errorf("a second run: %v", got)
	}
}

func TestANewVersionWaitsAndTheOldOneIsServed(t *testing.T) {
	file := newKeys(t)
	b := elsewhere(t, file)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	_, _ = b.Information(t.Context(), "hello-yard", Query{})
	b.sign(t, file)
	b.clock.advance(lookEvery)
	b.document(t, Query{})

	b.forge.publish("v1.3.0", helloYard("1.3.0"))
	for range 2 {
		if err := b.check(t.Context(), b.roster().bySlug["hello-yard"]); err != nil {
			t.Fatal(err)
		}
		if got := b.document(t, Query{})["version"]; got != "1.2.0" {
			t.Fatalf("version = %v, want the signed one", got)
		}
		rec := b.roster().bySlug["hello-yard"].record.Load()
		for _, digest := range rec.Waiting["release"].Files {
			if file, ok := rec.Files[digest]; !ok || !file.Retired.IsZero() {
				t.Errorf("a file that waits is to be deleted: %+v", file)
			}
		}
		b.open(t, helloYardPlugin) // all of it survives a restart
	}
	if got := b.forge.count("Archive"); got != 2+1 { // and once by sign
		t.Errorf("downloaded %d times, want 3", got)
	}
	entry, err := b.Entry(t.Context(), "hello-yard")
	if err != nil || entry.Package == nil || entry.Package.Version != "1.2.0" || !errors.Is(entry.Err, errWaiting) {
		t.Errorf("the page shows %+v, %v", entry, err)
	}
	b.sweep(t.Context())
	if got := b.sign(t, file); fmt.Sprint(got) != "[signed hello-yard 1.3.0 known hello-yard 1.2.0]" {
		t.Errorf("signed %v", got)
	}
	b.clock.advance(lookEvery)
	if err := b.check(t.Context(), b.roster().bySlug["hello-yard"]); err != nil {
		t.Fatal(err)
	}
	if got := b.document(t, Query{})["version"]; got != "1.3.0" {
		t.Errorf("version = %v after it was signed", got)
	}
	if rec := b.roster().bySlug["hello-yard"].record.Load(); len(rec.Waiting) > 0 {
		t.Errorf("%v still wait", rec.Waiting)
	}
}

// A hold is the operator's to end, not that of whoever signs.
func TestNoSignatureEndsAHold(t *testing.T) {
	file := newKeys(t)
	b := elsewhere(t, file)
	shelf := b.roster().bySlug["hello-yard"]
	check := func() {
		t.Helper()
		if err := b.check(t.Context(), shelf); err != nil {
			t.Fatal(err)
		}
	}
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	_, _ = b.Information(t.Context(), "hello-yard", Query{})
	b.sign(t, file)
	b.clock.advance(lookEvery)
	b.document(t, Query{})
	b.forge.publish("v1.3.0", helloYard("1.3.0"))
	check()
	if got := b.sign(t, file); !strings.Contains(fmt.Sprint(got), "signed hello-yard 1.3.0") {
		t.Fatalf("signed %v", got)
	}
	b.forge.set(func() { b.forge.repo.Repo.Owner = "mallory" })
	shelf.told.Store(true)
	check()
	b.clock.advance(lookEvery)
	waiting := shelf.record.Load().Waiting[string(KindRelease)]
	if _, err := b.admit(t.Context(), shelf, &waiting); !errors.Is(err, ErrHeld) {
		t.Errorf("admit: %v, want held", err)
	}
	if got := b.document(t, Query{})["version"]; got != "1.2.0" {
		t.Errorf("version %v is served during a hold", got)
	}
	b.forge.set(func() { b.forge.repo.Repo.Owner = "acme" })
	shelf.told.Store(true)
	check()
	if got := b.document(t, Query{})["version"]; got != "1.3.0" {
		t.Errorf("version %v is served after the hold", got)
	}
}

func TestASignatureIsSeenWithoutAnyRequest(t *testing.T) {
	file := newKeys(t)
	synctest.Test(t, func(t *testing.T) {
		b := elsewhere(t, file)
		b.forge.publish("v1.2.0", helloYard("1.2.0"))
		_, _ = b.Information(t.Context(), "hello-yard", Query{})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- b.Run(ctx) }()
		synctest.Wait()
		b.sign(t, file)
		b.clock.advance(lookEvery) // of the service; the bubble's own clock follows
		time.Sleep(2 * lookEvery)
		synctest.Wait()
		if rec := b.roster().bySlug["hello-yard"].record.Load(); rec.Channels["release"].Version != "1.2.0" {
			t.Errorf("served: %v, waiting: %v", rec.Channels, rec.Waiting)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		b.Close()
	})
}

func TestANewerVersionTakesThePlaceOfOneThatWaits(t *testing.T) {
	file := newKeys(t)
	b := elsewhere(t, file)
	check := func() {
		t.Helper()
		if err := b.check(t.Context(), b.roster().bySlug["hello-yard"]); err != nil {
			t.Fatal(err)
		}
	}
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	check()
	b.sign(t, file)
	b.clock.advance(lookEvery)
	check()
	b.forge.publish("v1.3.0", helloYard("1.3.0"))
	check()
	b.forge.publish("v1.4.0", helloYard("1.4.0"))
	check()
	if got := b.roster().bySlug["hello-yard"].record.Load().Waiting["release"].Version; got != "1.4.0" {
		t.Errorf("%s waits, want 1.4.0", got)
	}
	b.forge.set(func() { b.forge.releases = b.forge.releases[2:] }) // both withdrawn
	check()
	rec := b.roster().bySlug["hello-yard"].record.Load()
	if len(rec.Waiting) > 0 || rec.Channels["release"].Version != "1.2.0" {
		t.Errorf("withdrawn, %v still wait, and %v is served", rec.Waiting, rec.Channels["release"].Version)
	}
}

// Documents of what is served may be encoded anew meanwhile.
func TestWhatWaitsGoesOnWaitingBesideOtherChanges(t *testing.T) {
	file := newKeys(t)
	b := elsewhere(t, file)
	shelf := b.roster().bySlug["hello-yard"]
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	_, _ = b.Information(t.Context(), "hello-yard", Query{})
	b.sign(t, file)
	b.clock.advance(lookEvery)
	b.document(t, Query{})
	b.forge.publish("v1.3.0", helloYard("1.3.0"))
	if err := b.check(t.Context(), shelf); err != nil {
		t.Fatal(err)
	}
	state := shelf.record.Load().Channels["release"]
	pkg, _, err := decode(t.Context(), b.store, state.Package)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.publish(t.Context(), shelf, pkg, channelState{Inputs: state.Inputs}, state.Package); err != nil {
		t.Fatal(err)
	}
	if rec := shelf.record.Load(); rec.Channels["release"].Version != "1.2.0" || rec.Waiting["release"].Version != "1.3.0" {
		t.Errorf("served %v, waiting %v", rec.Channels, rec.Waiting)
	}
}

// Whoever adds public keys to a registry that works does not stop it.
func TestWhatWasServedUnsignedGoesOn(t *testing.T) {
	file := newKeys(t)
	b := newBench(t)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	b.document(t, Query{})
	b.keys = public(t, file)
	b.open(t, Plugin{Repo: helloYardPlugin.Repo, Branches: []string{"develop"}}) // which builds it again
	if err := b.check(t.Context(), b.roster().bySlug["hello-yard"]); err != nil {
		t.Fatal(err)
	}
	if got := b.signatures(t); len(got) != 0 {
		t.Errorf("signatures: %v", got)
	}
	if got := b.sign(t, file); fmt.Sprint(got) != "[signed hello-yard 1.2.0]" {
		t.Errorf("signed %v", got)
	}
	b.clock.advance(lookEvery)
	if got := b.signatures(t); len(got) != 1 {
		t.Errorf("%d signatures, want 1", len(got))
	}
}

// A registry that signs itself again takes what waited.
func TestAPrivateKeyEndsTheWaiting(t *testing.T) {
	for _, keys := range []string{"private", "none"} {
		t.Run(keys, func(t *testing.T) {
			file := newKeys(t)
			b := elsewhere(t, file)
			b.forge.publish("v1.2.0", helloYard("1.2.0"))
			_, _ = b.Information(t.Context(), "hello-yard", Query{})
			b.keys = nil
			if keys == "private" {
				b.keys = private(t, file)
			}
			b.open(t, helloYardPlugin)
			if got := b.document(t, Query{})["version"]; got != "1.2.0" {
				t.Errorf("version = %v", got)
			}
			if got := b.forge.count("Archive"); got != 1 {
				t.Errorf("built %d times, want once", got)
			}
		})
	}
}

// A release that waits takes the place of nothing, whatever policies say.
func TestPoliciesOfferWhatIsSigned(t *testing.T) {
	for what, policy := range map[string]Policy{
		"rollout": {Rollout: Rollout{Steps: []RolloutStep{{Percent: 50}}}},
		"beta":    {Environments: map[string]string{"production": "beta"}},
		"minimum": {MinVersion: "1.0.0"},
	} {
		t.Run(what, func(t *testing.T) {
			file := newKeys(t)
			plugin := Plugin{Repo: helloYardPlugin.Repo, Policy: policy}
			b := elsewhere(t, file, plugin)
			shelf := b.roster().bySlug["hello-yard"]
			versions := func() (got []any) {
				t.Helper()
				for site := range 20 {
					got = append(got, b.document(t, Query{Environment: "production", Site: fmt.Sprint("c", site)})["version"])
				}
				return got
			}
			check := func() {
				t.Helper()
				if err := b.check(t.Context(), shelf); err != nil {
					t.Fatal(err)
				}
			}
			b.forge.publish("v1.2.0", helloYard("1.2.0"))
			check()
			b.sign(t, file, plugin)
			b.clock.advance(lookEvery)
			check()
			versions()
			b.forge.publish("v1.3.0", helloYard("1.3.0"))
			check()
			for _, version := range versions() {
				if version != "1.2.0" {
					t.Fatalf("%v is offered, and nobody has signed it", version)
				}
			}
			downloads := b.forge.count("Archive")
			b.open(t, plugin)
			shelf = b.roster().bySlug["hello-yard"]
			if err := b.Warm(t.Context()); err != nil {
				t.Fatal(err)
			}
			versions()
			if got := b.forge.count("Archive"); got != downloads {
				t.Errorf("after a restart it was built %d times more", got-downloads)
			}
			b.sign(t, file, plugin)
			b.clock.advance(lookEvery)
			check()
			if got := fmt.Sprint(versions()); !strings.Contains(got, "1.3.0") || strings.Contains(got, "1.2.0") != (what == "rollout") {
				t.Errorf("signed, %v are offered", got)
			}
		})
	}
}

// What was published before there were keys can take another's place.
func TestAnUnsignedReleaseComesBack(t *testing.T) {
	file := newKeys(t)
	b := newBench(t)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	b.document(t, Query{})
	b.forge.publish("v1.3.0", helloYard("1.3.0"))
	if err := b.check(t.Context(), b.roster().bySlug["hello-yard"]); err != nil {
		t.Fatal(err)
	}
	b.keys = public(t, file)
	b.open(t, Plugin{Repo: helloYardPlugin.Repo, Policy: Policy{Yanked: []string{"1.3.0"}}})
	if err := b.check(t.Context(), b.roster().bySlug["hello-yard"]); err != nil {
		t.Fatal(err)
	}
	if got := b.document(t, Query{})["version"]; got != "1.2.0" {
		t.Errorf("version = %v", got)
	}
}

func TestADamagedPackageThatWaitsIsBuiltAgain(t *testing.T) {
	file := newKeys(t)
	b := elsewhere(t, file)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	_, _ = b.Information(t.Context(), "hello-yard", Query{})
	b.sign(t, file)
	clear(b.store.blobs)
	b.clock.advance(time.Hour)
	b.open(t, helloYardPlugin)
	if got := b.document(t, Query{})["version"]; got != "1.2.0" {
		t.Errorf("version = %v", got)
	}
	if got := b.signatures(t); len(got) != 1 {
		t.Errorf("%d signatures, want 1", len(got))
	}
}
