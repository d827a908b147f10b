package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestAStoreThatFailsLosesNothing(t *testing.T) {
	for _, failing := range []string{"put", "save"} {
		t.Run(failing, func(t *testing.T) {
			b := newBench(t)
			b.forge.publish("v1.2.0", helloYard("1.2.0"))
			b.document(t, Query{})
			b.forge.publish("v1.3.0", helloYard("1.3.0"))
			b.store.failBy(func(step string) error {
				if step == failing {
					return fmt.Errorf("disk full: %w", ErrUnavailable)
				}
				return nil
			})
			if err := b.check(t.Context(), b.roster().bySlug["hello-yard"]); !errors.Is(err, ErrUnavailable) {
				t.Errorf("check says %v, want unavailable", err)
			}
			if got := b.document(t, Query{})["version"]; got != "1.2.0" {
				t.Errorf("version = %v, want the old one", got)
			}
			b.store.failBy(nil)
			b.open(t, Plugin{Repo: Repo{"acme", "hello-yard"}})
			if err := b.check(context.Background(), b.roster().bySlug["hello-yard"]); err != nil {
				t.Error(err)
			}
			if got := b.document(t, Query{})["version"]; got != "1.3.0" {
				t.Errorf("version = %v, want the new one", got)
			}
		})
	}
}

func TestADamagedPackageIsBuiltAgain(t *testing.T) {
	b := newBench(t)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	before := b.document(t, Query{})
	for digest := range b.store.blobs {
		delete(b.store.blobs, digest)
	}
	b.open(t, Plugin{Repo: Repo{"acme", "hello-yard"}})
	if after := b.document(t, Query{}); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("built again the document is another one:\n%v\n%v", before, after)
	}
}

func TestSweepKeepsWhatIsServed(t *testing.T) {
	b := newBench(t)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	b.document(t, Query{})
	stray, err := putBytes(t.Context(), b.store, []byte("stray"))
	if err != nil {
		t.Fatal(err)
	}
	b.sweep(t.Context())
	if _, ok := b.store.blobs[stray.Digest]; ok {
		t.Error("a stray blob was kept")
	}
	b.open(t, Plugin{Repo: Repo{"acme", "hello-yard"}})
	pkg, err := b.Package(t.Context(), "hello-yard", Query{})
	if err != nil {
		t.Fatal(err)
	}
	b.unzip(t, pkg)
	if got := b.forge.count("Archive"); got != 1 {
		t.Errorf("%d archives were fetched, want 1", got)
	}
}

func TestANewBaseURLRewritesTheDocuments(t *testing.T) {
	b := newBench(t)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	b.document(t, Query{})
	b.Close()
	service, err := New(Config{Plugins: []Plugin{{Repo: Repo{"acme", "hello-yard"}}}, Forge: b.forge, Store: b.store, Links: Links{Base: "https://new.example.com"}, Now: b.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(service.Close)
	collection, err := service.Collection(t.Context(), Selection{}, Query{})
	if err != nil || !strings.Contains(string(collection.Identity), "https://new.example.com/packages/") || strings.Contains(string(collection.Identity), "updates.example.com/packages") {
		t.Errorf("the collection's links are not rewritten: %s, %v", collection.Identity, err)
	}
	document, err := service.Information(t.Context(), "hello-yard", Query{})
	if err != nil {
		t.Fatal(err)
	}
	if text := string(document.Identity); !strings.Contains(text, "https://new.example.com/packages/") || strings.Contains(text, "updates.example.com/packages") {
		t.Errorf("links are not rewritten: %s", text)
	}
	if got := b.forge.count("Archive"); got != 1 {
		t.Errorf("%d archives were fetched, want 1", got)
	}
}

func TestDocumentsOfAnOlderProgramAreEncodedAgain(t *testing.T) {
	b := newBench(t)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	before, err := b.Information(t.Context(), "hello-yard", Query{})
	if err != nil {
		t.Fatal(err)
	}
	pkg, _, err := decode(t.Context(), b.store, b.roster().bySlug["hello-yard"].record.Load().Channels["release"].Package)
	if err != nil {
		t.Fatal(err)
	}
	pkg.Format = documentFormat - 1
	pkg.Information.Identity, err = putBytes(t.Context(), b.store, []byte("{}"))
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(pkg)
	if err != nil {
		t.Fatal(err)
	}
	old, err := putBytes(t.Context(), b.store, data)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.change(t.Context(), b.roster().bySlug["hello-yard"], func(next *record) error {
		state := next.Channels["release"]
		state.Package = old.Digest
		next.Channels["release"] = state
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	b.open(t, Plugin{Repo: Repo{"acme", "hello-yard"}})
	after, err := b.Information(t.Context(), "hello-yard", Query{})
	if err != nil || string(after.Identity) != string(before.Identity) {
		t.Errorf("after the restart the document is %s, %v", after.Identity, err)
	}
	if got := b.forge.count("Archive"); got != 1 {
		t.Errorf("%d archives were fetched, want 1", got)
	}
}
