package registry

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

var helloRepo = Repo{"acme", "hello-yard"}

// A delivery is taken once; but one whose work failed, and that waits to be
// tried again, is not done, whatever its name.
func TestADeliveryIsTakenOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.forge.publish("v1.0.0", helloYard("1.0.0"))
		b.document(t, Query{})
		tell := func(delivery string) Heard {
			heard := b.Tell(News{Repo: helloRepo, Delivery: delivery})
			synctest.Wait()
			return heard
		}
		if got, want := tell("a"), (Heard{Plugins: 1}); got != want {
			t.Errorf("the first: %+v, want %+v", got, want)
		}
		asked := b.forge.count("Repository")
		if got, want := tell("a"), (Heard{Duplicate: true}); got != want || b.forge.count("Repository") != asked {
			t.Errorf("the same again: %+v, want %+v, and nothing asked", got, want)
		}
		b.forge.set(func() { b.forge.fail = ErrUnavailable })
		tell("b")
		b.forge.set(func() { b.forge.fail = nil })
		if got, want := tell("b"), (Heard{Plugins: 1}); got != want || b.forge.count("Repository") != asked+2 {
			t.Errorf("again, after it failed: %+v, want %+v", got, want)
		}
		if got, want := tell("b"), (Heard{Duplicate: true}); got != want {
			t.Errorf("again, after it was done: %+v, want %+v", got, want)
		}
		// What was taken and not done when we ended is taken by who comes next.
		b.open(t, Plugin{Repo: helloRepo})
		if got, want := tell("a"), (Heard{Plugins: 1}); got != want {
			t.Errorf("after a restart: %+v, want %+v", got, want)
		}
		b.Close()
	})
}

func TestDeliveriesAreRememberedWithinBounds(t *testing.T) {
	var d deliveries
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for i := range 3 * MaxDeliveries {
		if !d.claim(fmt.Sprint(i), now) {
			t.Fatalf("delivery %d is new", i)
		}
		if d.claim(fmt.Sprint(max(0, i-MaxDeliveries/2+1)), now) {
			t.Fatalf("a delivery is forgotten before %d others came", MaxDeliveries/2)
		}
		if held := len(d.young) + len(d.old); held > MaxDeliveries {
			t.Fatalf("%d are held", held)
		}
	}
	d.claim("x", now)
	if d.claim("x", now.Add(rememberDeliveries)) {
		t.Error("a delivery is forgotten too early")
	}
	var one sync.WaitGroup
	var taken atomic.Int32
	for range 50 {
		one.Go(func() {
			if d.claim("the same", now) {
				taken.Add(1)
			}
		})
	}
	one.Wait()
	if taken.Load() != 1 {
		t.Errorf("%d of fifty at once took it", taken.Load())
	}
}

// countingForge counts how many checks ask it at once.
type countingForge struct {
	*fakeForge
	now, most, all atomic.Int32
	let            chan struct{}
}

func (f *countingForge) Repository(ctx context.Context, repo Repo) (*Repository, error) {
	n := f.now.Add(1)
	defer f.now.Add(-1)
	f.most.Store(max(f.most.Load(), n))
	f.all.Add(1)
	select {
	case <-f.let:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return f.fakeForge.Repository(ctx, repo)
}

// An organisation changes a property of all its repositories: a thousand
// webhooks, each once more.
func TestAThousandWebhooksAreWorkedOffAFewAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 200
		var plugins []Plugin
		for i := range n {
			plugins = append(plugins, Plugin{Repo: Repo{"acme", fmt.Sprintf("yard-%03d", i)}})
		}
		b := newBench(quiet{t}, plugins...)
		forge := &countingForge{fakeForge: b.forge, let: make(chan struct{})}
		b.cfg.Forge = forge
		for range 3 {
			for _, p := range plugins {
				if got := b.Tell(News{Repo: p.Repo}).Plugins; got != 1 {
					t.Fatalf("%s: %d plugins are looked at", p.Repo, got)
				}
			}
		}
		synctest.Wait()
		if got := forge.now.Load(); got != MaxChecks {
			t.Errorf("%d checks run at once, want %d", got, MaxChecks)
		}
		close(forge.let)
		synctest.Wait()
		b.Close()
		if got := forge.all.Load(); got > n+MaxChecks {
			t.Errorf("%d checks, want one of each plugin and one more of the %d that were under way", got, MaxChecks)
		}
	})
}

// What the forge tells of comes before what is merely due.
func TestWhatWasToldComesFirst(t *testing.T) {
	l := &line{workers: MaxChecks}
	shelves := make([]*shelf, 4)
	for i := range shelves {
		shelves[i] = &shelf{plugin: Plugin{Slug: Slug(fmt.Sprint(i))}}
	}
	l.add(shelves[0])
	l.add(shelves[1])
	for _, i := range []int{2, 1, 3, 2} {
		shelves[i].told.Store(true)
		l.add(shelves[i])
	}
	var got []Slug
	for sh := l.next(); sh != nil; sh = l.next() {
		got = append(got, sh.plugin.Slug)
		if len(got) == 1 {
			l.add(sh) // while it is checked: once more, behind the others of its sort
		}
		l.done(sh)
	}
	if want := []Slug{"2", "1", "3", "2", "0"}; !slices.Equal(got, want) {
		t.Errorf("the order is %v, want %v", got, want)
	}
}

// Neither a build, nor a store that hangs, nor a forge that does holds up who
// brings news; a repository that became private is withheld before anybody was
// asked, and that outlives us.
func TestNewsWaitForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.forge.publish("v1.0.0", helloYard("1.0.0"))
		b.document(t, Query{})
		if _, err := b.Collection(t.Context(), Selection{}, Query{}); err != nil {
			t.Fatal(err)
		}
		b.forge.set(func() { b.forge.repo.Private = true })
		shelf := b.roster().bySlug["hello-yard"]
		shelf.mu.Lock() // as while a slow store saves a record
		began := time.Now()
		if got := b.Tell(News{Kind: NewsPrivate, Repo: helloRepo}).Plugins; got != 1 {
			t.Errorf("%d plugins are looked at", got)
		}
		if waited := time.Since(began); waited != 0 {
			t.Errorf("it took %s", waited)
		}
		if _, err := b.Information(t.Context(), "hello-yard", Query{}); !errors.Is(err, ErrForbidden) {
			t.Errorf("Information: %v, want forbidden", err)
		}
		if doc, err := b.Collection(t.Context(), Selection{}, Query{}); err != nil || string(doc.Identity) != "{}" {
			t.Errorf("the collection still has it: %s, %v", doc.Identity, err)
		}
		if asked := b.forge.count("Repository"); asked != 1 {
			t.Errorf("the forge was asked %d times, want once, at first", asked)
		}
		b.forge.set(func() { b.forge.fail = ErrUnavailable }) // nobody confirms it
		shelf.mu.Unlock()
		synctest.Wait()
		b.open(t, Plugin{Repo: helloRepo})
		if _, err := b.Information(t.Context(), "hello-yard", Query{}); !errors.Is(err, ErrForbidden) {
			t.Errorf("after a restart: %v, want forbidden", err)
		}
		// It was not so, or is not any more.
		b.forge.set(func() { b.forge.fail, b.forge.repo.Private = nil, false })
		b.clock.advance(doubtPublic)
		b.Refresh(helloRepo)
		synctest.Wait()
		b.document(t, Query{})
		b.Close()
	})
}

// A repository is known by its id too: the configuration may name it as it was
// called long ago.
func TestNewsOfARenamedRepository(t *testing.T) {
	b := newQuietBench(t)
	b.forge.publish("v1.0.0", helloYard("1.0.0"))
	b.document(t, Query{})
	for _, tc := range []struct {
		news News
		want int
	}{
		{News{Repo: Repo{"acme", "new-yard"}, ID: 1}, 1},
		{News{Repo: Repo{"acme", "new-yard"}, ID: 2}, 0},
		{News{Repo: Repo{"other", "new-yard"}, Before: Repo{"Acme", "Hello-Yard"}}, 1},
		{News{Repo: Repo{"acme", "new-yard"}}, 0},
		{News{Kind: NewsInstallation, Owners: []string{"acme"}}, 0},
	} {
		if got := b.Tell(tc.news).Plugins; got != tc.want {
			t.Errorf("%+v: %d plugins, want %d", tc.news, got, tc.want)
		}
	}
	b.Close()
}

// One push that was built is known when it is told of again, and of a monorepo
// only the plugin whose tags it is.
func TestNewsThatConcernNobodyCostNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, Plugin{Repo: helloRepo, TagPrefix: "one/"}, Plugin{Repo: helloRepo, Slug: "branchy", Source: SourceBranch})
		b.forge.publish("one/v1.0.0", helloYard("1.0.0"))
		b.document(t, Query{})
		if _, err := b.Information(t.Context(), "branchy", Query{}); err != nil {
			t.Fatal(err)
		}
		head := b.forge.commit("main", helloYard("1.1.0"))
		for _, tc := range []struct {
			name string
			news News
			want int
		}{
			{"a push to the branch", News{Kind: NewsBranch, Ref: "main", Commit: head}, 1},
			{"the same push, told otherwise", News{Kind: NewsBranch, Ref: "main", Commit: head}, 0},
			{"a push to another branch", News{Kind: NewsBranch, Ref: "next"}, 0},
			{"a release of another plugin", News{Kind: NewsRelease, Ref: "two/v9"}, 0},
			{"its release", News{Kind: NewsRelease, Ref: "one/v1.0.0"}, 1},
			{"a tag of another plugin", News{Kind: NewsTag, Ref: "two/v9"}, 0},
			{"its tag, which moved", News{Kind: NewsTag, Ref: "one/v1.0.0"}, 1},
			{"any of both", News{}, 2},
		} {
			tc.news.Repo = helloRepo
			asked := len(b.forge.asked)
			if got := b.Tell(tc.news).Plugins; got != tc.want {
				t.Errorf("%s: %d plugins are looked at, want %d", tc.name, got, tc.want)
			}
			synctest.Wait()
			if got := len(b.forge.asked) - asked; (got == 0) != (tc.want == 0) {
				t.Errorf("%s: the forge was asked %v", tc.name, b.forge.asked[asked:])
			}
		}
		b.Close()
	})
}
