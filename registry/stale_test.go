package registry

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestStale(t *testing.T) {
	for _, tc := range []struct {
		name  string
		fail  error
		after time.Duration
		want  string // the reason; "" is fresh
	}{
		{"just checked", nil, 0, ""},
		{"not due yet, and the forge is away", ErrUnavailable, DefaultEvery - 1, ""},
		{"checked when it is due", nil, DefaultEvery, ""},
		{"rate limited", ErrLimited, DefaultEvery, ReasonLimited},
		{"credentials refused", ErrCredentials, DefaultEvery, ReasonCredentials},
		{"not shown any more", ErrNotFound, DefaultEvery, ReasonNotFound},
		{"away", ErrUnavailable, DefaultEvery, ReasonUnavailable},
		{"of no kind", errors.New("odd"), DefaultEvery, ReasonUnavailable},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				b.forge.publish("v1.0.0", helloYard("1.0.0"))
				b.document(t, Query{})
				checked := b.clock.Now()
				b.forge.set(func() { b.forge.fail = tc.fail })
				b.clock.advance(tc.after)
				b.document(t, Query{}) // and a check behind it
				synctest.Wait()
				stale, is := b.Stale("hello-yard")
				all, any := b.StaleAmong(Selection{Type: TypePlugin})
				listing, err := b.Built(t.Context(), "hello-yard", Query{})
				if err != nil {
					t.Fatal(err)
				}
				if stale != all || is != any || listing.Stale != stale && is {
					t.Errorf("the plugin is %v, the collection %v, the listing %v", stale, all, listing.Stale)
				}
				if is != (tc.want != "") || is && (stale.Reason != tc.want || !stale.Since.Equal(checked)) {
					t.Errorf("stale is %v, %v; want %q since %s", is, stale, tc.want, checked)
				}
				if any, _ := b.StaleAmong(Selection{Type: TypeTheme}); any != (Stale{}) {
					t.Errorf("the collection of themes is stale: %v", any)
				}
				b.forge.set(func() { b.forge.fail = nil })
				b.Refresh(Repo{"acme", "hello-yard"})
				synctest.Wait()
				if stale, is := b.Stale("hello-yard"); is {
					t.Errorf("stale after a good check: %v", stale)
				}
				b.Close()
			})
		})
	}
}

// A check that never ends makes stale too, and so does a server that was off.
func TestWhatWasNotCheckedIsStale(t *testing.T) {
	b := newBench(t)
	b.forge.publish("v1.0.0", helloYard("1.0.0"))
	b.document(t, Query{})
	b.clock.advance(DefaultEvery + b.lateAfter() - 1)
	if stale, is := b.Stale("hello-yard"); is {
		t.Errorf("stale too early: %v", stale)
	}
	b.clock.advance(1)
	if stale, is := b.Stale("hello-yard"); !is || stale.Reason != ReasonLate {
		t.Errorf("stale is %v, %v", stale, is)
	}
}

func TestFreshnessAllocatesNothing(t *testing.T) {
	b := newBench(t)
	b.forge.publish("v1.0.0", helloYard("1.0.0"))
	b.document(t, Query{})
	if n := testing.AllocsPerRun(100, func() { b.Stale("hello-yard"); b.StaleAmong(Selection{Type: TypePlugin}) }); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

// Beyond serve_stale nothing is answered but since when that is, and files by
// their digest; and it comes back by itself.
func TestBeyondServeStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.forge.publish("v1.0.0", helloYard("1.0.0"))
		b.document(t, Query{})
		pkg, err := b.Package(t.Context(), "hello-yard", Query{})
		if err != nil {
			t.Fatal(err)
		}
		collection := func() string {
			t.Helper()
			document, err := b.Collection(t.Context(), Selection{}, Query{})
			if err != nil {
				t.Fatal(err)
			}
			return string(document.Identity)
		}
		checked := b.clock.Now().UTC().Format(time.RFC3339)
		b.forge.set(func() { b.forge.fail = ErrLimited })
		b.clock.advance(DefaultEvery + DefaultServeStale - time.Second)
		if got := collection(); !strings.Contains(got, "hello-yard") {
			t.Errorf("the collection has been emptied too early: %s", got)
		}
		synctest.Wait()
		b.clock.advance(time.Second) // what was made of it a second ago is not given out either
		_, information := b.Information(t.Context(), "hello-yard", Query{})
		_, update := b.Upgrademe(t.Context(), "hello-yard", Query{})
		_, packageErr := b.Package(t.Context(), "hello-yard", Query{})
		_, version := b.PackageOf(t.Context(), "hello-yard", "1.0.0")
		_, listing := b.Listing(t.Context(), "hello-yard", Query{})
		_, built := b.Built(t.Context(), "hello-yard", Query{})
		entry, err := b.Entry(t.Context(), "hello-yard")
		if err != nil {
			t.Fatal(err)
		}
		for i, err := range []error{information, update, packageErr, version, listing, built, entry.Err} {
			var told *Error
			if !errors.As(err, &told) || told.Kind != ErrUnavailable || told.RetryAfter == 0 || !strings.Contains(told.Message, "since "+checked+" (rate limited)") {
				t.Errorf("answer %d: %v", i, err)
			}
		}
		if got := collection(); got != "{}" {
			t.Errorf("the collection is %s", got)
		}
		if list, err := b.Listings(t.Context(), Query{}); err != nil || len(list) > 0 {
			t.Errorf("the list is %v, %v", list, err)
		}
		if stale, is := b.StaleAmong(Selection{}); is {
			t.Errorf("what is left of the collection is stale: %v", stale)
		}
		file, err := b.OpenFile(t.Context(), "hello-yard", pkg.Installer.Digest)
		if err != nil {
			t.Fatalf("the package's file: %v", err)
		}
		file.Close()
		b.forge.set(func() { b.forge.fail = nil })
		b.clock.advance(toldAgain + DefaultEvery/10) // as long as a limit puts checks off
		_, _ = b.Information(t.Context(), "hello-yard", Query{})
		synctest.Wait()
		if got := fmt.Sprint(b.document(t, Query{})["version"]) + collection(); !strings.HasPrefix(got, "1.0.0") || !strings.Contains(got, "hello-yard") {
			t.Errorf("after a good check: %s", got)
		}
		b.Close()
	})
}

// What a first build ends with is for the client to try again, unless the fault
// lies in the repository.
func TestAFirstBuildThatCannotBeMade(t *testing.T) {
	for _, tc := range []struct {
		name   string
		method string
		fail   error
		want   error
	}{
		{"no such repository", "Repository", &Error{Kind: ErrNotFound, Message: "GitHub has no repository"}, ErrUnavailable},
		{"no such archive", "Archive", &Error{Kind: ErrNotFound, Message: "GitHub has no archive"}, ErrUnavailable},
		{"rate limited", "Repository", &Error{Kind: ErrLimited}, ErrLimited},
		{"credentials refused", "Archive", &Error{Kind: ErrCredentials}, ErrCredentials},
		{"out of reach", "Releases", &Error{Kind: ErrUnavailable}, ErrUnavailable},
		{"too large", "Archive", &Error{Kind: ErrTooLarge}, ErrTooLarge},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBench(t)
			b.forge.publish("v1.0.0", helloYard("1.0.0"))
			b.forge.set(func() { b.forge.broken = map[string]error{tc.method: tc.fail} })
			for range 2 { // the second is remembered
				_, err := b.Information(t.Context(), "hello-yard", Query{})
				var told *Error
				if !errors.As(err, &told) || told.Kind != tc.want {
					t.Errorf("the error is %v, want %v", err, tc.want)
				}
			}
		})
	}
}
