package registry

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func (b *bench) collection(t *testing.T) *Document {
	t.Helper()
	document, err := b.Collection(t.Context(), Query{})
	if err != nil {
		t.Fatal(err)
	}
	return document
}

func TestTheCollectionIsMadeAnewOnlyForNews(t *testing.T) {
	b := newBench(t)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	b.document(t, Query{})
	first := b.collection(t)
	b.clock.advance(time.Hour)
	if err := b.check(t.Context(), b.shelf["hello-yard"]); err != nil {
		t.Fatal(err)
	}
	if b.collection(t) != first {
		t.Error("a check that found nothing new had the collection encoded again")
	}
	b.forge.publish("v1.3.0", helloYard("1.3.0"))
	if err := b.check(t.Context(), b.shelf["hello-yard"]); err != nil {
		t.Fatal(err)
	}
	if body := string(b.collection(t).Identity); !strings.Contains(body, `"new_version":"1.3.0"`) {
		t.Errorf("the collection lacks the new release: %s", body)
	}
}

func TestTheCollectionOfARestartIsMadeOnce(t *testing.T) {
	b := newBench(t)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	b.document(t, Query{})
	b.open(t, Plugin{Repo: Repo{"acme", "hello-yard"}})
	first := b.collection(t)
	if b.collection(t) != first {
		t.Error("reading the records had the collection encoded again")
	}
}

func TestTheCollectionLosesAndRegainsWhatIsTooOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.forge.publish("v1.2.0", helloYard("1.2.0"))
		b.document(t, Query{})
		b.collection(t)
		b.forge.set(func() { b.forge.fail = ErrUnavailable })
		b.clock.advance(DefaultEvery + DefaultServeStale)
		if body := string(b.collection(t).Identity); body != "{}" {
			t.Errorf("a plugin that is too old is still there: %s", body)
		}
		synctest.Wait() // for the check behind it
		b.forge.set(func() { b.forge.fail = nil })
		if err := b.check(t.Context(), b.shelf["hello-yard"]); err != nil && !errors.Is(err, ErrUnavailable) {
			t.Fatal(err)
		}
		if body := string(b.collection(t).Identity); !strings.Contains(body, "hello-yard") {
			t.Errorf("a plugin that could be checked again is missing: %s", body)
		}
		b.Close()
	})
}
