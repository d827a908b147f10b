package registry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// owned is one of acme's repositories, with the topic.
func owned(id int64, name string) Repository {
	return Repository{
		Repo: Repo{"acme", name}, ID: id, Topics: []string{DefaultTopic}, DefaultBranch: "main",
		URL: "https://github.com/acme/" + name, OwnerURL: "https://github.com/acme",
	}
}

// following is a bench over a forge where acme has these repositories.
func newFollowing(t testing.TB, plugins []Plugin, repos ...Repository) *bench {
	t.Helper()
	b := &bench{forge: newFakeForge(), store: newMemoryStore(), clock: &clock{now: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)}}
	b.owners = []Owner{{Name: "acme"}}
	b.forge.publish("v1.0.0", helloYard("1.0.0"))
	b.forge.set(func() { b.forge.owned = repos })
	b.open(t, plugins...)
	return b
}

// restart opens the service again over the same store.
func (b *bench) restart(t testing.TB, plugins ...Plugin) {
	t.Helper()
	b.open(t, plugins...)
	if err := b.LoadOwners(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// discovers looks for the repositories, and waits for what is built of them.
func (b *bench) discovers(t testing.TB) {
	t.Helper()
	if err := b.Discover(t.Context()); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
}

// slugs are the plugins that are served.
func (b *bench) served() string {
	var list []string
	for _, sh := range b.roster().order {
		list = append(list, string(sh.plugin.Slug))
	}
	return strings.Join(list, " ")
}

// answers is what who asks for a plugin's document gets: its version, or the
// error.
func (b *bench) answers(t testing.TB, slug string) string {
	t.Helper()
	doc, err := b.Information(t.Context(), slug, Query{})
	if err != nil {
		return err.Error()
	}
	if _, after, ok := strings.Cut(string(doc.Identity), `"version":"`); ok {
		version, _, _ := strings.Cut(after, `"`)
		return version
	}
	return "no version"
}

func (b *bench) collected(t testing.TB) string {
	t.Helper()
	doc, err := b.Collection(t.Context(), Selection{}, Query{})
	if err != nil {
		t.Fatal(err)
	}
	return string(doc.Identity)
}

func TestWhatIsFoundIsServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFollowing(t, []Plugin{{Repo: Repo{"acme", "hello-yard"}}}, owned(1, "hello-yard"), owned(2, "fence-post"))
		defer b.Close()
		if !b.Looking() {
			t.Error("nothing is being looked for")
		}
		if got := b.answers(t, "fence-post"); got != "still looking for the plugins and themes of acme" {
			t.Errorf("before it is found: %s", got)
		}
		before := b.collected(t)
		b.discovers(t)
		if got := b.served(); got != "hello-yard fence-post" {
			t.Errorf("served: %s", got)
		}
		if got := b.answers(t, "fence-post"); got != "1.0.0" {
			t.Errorf("after it is found: %s", got)
		}
		if got := b.collected(t); got == before || !strings.Contains(got, `"fence-post"`) {
			t.Errorf("the collection is %s", got)
		}
		if got := b.answers(t, "nobody"); !strings.HasPrefix(got, `no plugin or theme "nobody" here`) {
			t.Errorf("an unknown slug: %s", got)
		}
		b.forge.set(func() { b.forge.owned = append(b.forge.owned, owned(3, "gate")) })
		if !b.RefreshOwner("ACME") || b.RefreshOwner("other") {
			t.Error("acme is followed, and nobody else")
		}
		synctest.Wait()
		if got := b.answers(t, "gate"); got != "1.0.0" {
			t.Errorf("after a webhook: %s", got)
		}
	})
}

func TestWhatIsWithdrawnSaysWhy(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(f *fakeForge)
		want   string
	}{
		{"topic removed", func(f *fakeForge) { f.owned[1].Topics = nil }, "fence-post is not served any more: its repository is not marked for this registry any more"},
		{"deleted", func(f *fakeForge) { f.owned = f.owned[:1] }, "fence-post is not served any more: its repository was deleted or made private"},
		{"privatised", func(f *fakeForge) { f.owned[1].Private = true }, "fence-post is not served any more: its repository was made private"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newFollowing(t, []Plugin{}, owned(1, "hello-yard"), owned(2, "fence-post"))
				defer b.Close()
				b.discovers(t)
				installer := b.roster().bySlug["fence-post"].record.Load().Channels["release"].Files[0]
				builds := b.forge.count("Archive")
				b.forge.set(func() { tt.change(b.forge) })
				b.discovers(t)
				if got := b.answers(t, "fence-post"); got != tt.want {
					t.Errorf("its document: %s, want %s", got, tt.want)
				}
				if _, err := b.OpenFile(t.Context(), "fence-post", installer); !errors.Is(err, ErrGone) {
					t.Errorf("its installer: %v, want gone", err)
				}
				if _, err := b.Built(t.Context(), "fence-post", Query{}); !errors.Is(err, ErrNotFound) {
					t.Errorf("an update check: %v, want not found", err)
				}
				if got := b.collected(t); strings.Contains(got, "fence-post") {
					t.Errorf("the collection is %s", got)
				}
				if list, err := b.Listings(t.Context(), Query{}); len(list) != 1 || err != nil {
					t.Errorf("%d plugins are listed, want 1; %v", len(list), err)
				}
				if got := b.Withdrawn(); len(got) != 1 || got[0].State != StateWithdrawn || got[0].Remedy == "" {
					t.Errorf("the operator is told %+v", got)
				}

				// What it needs to come back is kept, also by a restart.
				b.clock.advance(KeepFor - time.Hour)
				b.restart(t)
				b.sweep(t.Context())
				if got := b.answers(t, "fence-post"); got != tt.want {
					t.Errorf("after a restart: %s, want %s", got, tt.want)
				}
				b.forge.set(func() { b.forge.owned = []Repository{owned(1, "hello-yard"), owned(2, "fence-post")} })
				b.discovers(t)
				if got := b.answers(t, "fence-post"); got != "1.0.0" {
					t.Errorf("when it is back: %s", got)
				}
				if got := b.forge.count("Archive"); got != builds {
					t.Errorf("%d builds, want %d: it was built before", got, builds)
				}
			})
		})
	}
}

func TestWhatWasWithdrawnLongAgoIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFollowing(t, []Plugin{}, owned(1, "hello-yard"), owned(2, "fence-post"))
		defer b.Close()
		b.discovers(t)
		b.forge.set(func() { b.forge.owned = b.forge.owned[:1] })
		b.discovers(t)
		b.clock.advance(KeepFor + time.Hour)
		b.discovers(t)
		if got := b.answers(t, "fence-post"); !strings.HasPrefix(got, `no plugin or theme "fence-post" here`) {
			t.Error(got)
		}
		if names, err := b.store.Names(t.Context(), "plugins/"); len(names) != 1 || err != nil {
			t.Errorf("records %v; %v", names, err)
		}
	})
}

// A restart while the forge is down serves what was served before it.
func TestARestartNeedsNoForge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFollowing(t, []Plugin{}, owned(1, "hello-yard"), owned(2, "fence-post"))
		defer b.Close()
		b.discovers(t)
		b.forge.set(func() { b.forge.fail = fmt.Errorf("down: %w", ErrUnavailable) })
		b.restart(t)
		if err := b.Discover(t.Context()); !errors.Is(err, ErrUnavailable) {
			t.Errorf("discovery: %v", err)
		}
		if got := b.served() + " " + b.answers(t, "fence-post"); got != "fence-post hello-yard 1.0.0" || b.Looking() {
			t.Errorf("served: %s", got)
		}
		if status := b.Owners()[0]; status.Served != 2 || status.Error == "" || status.Looked.IsZero() {
			t.Errorf("the operator is told %+v", status)
		}
	})
}

// Nothing is collected, and no slug given away, because a record of the owner
// can't be read.
func TestARecordThatCannotBeReadLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFollowing(t, []Plugin{}, owned(1, "hello-yard"))
		defer b.Close()
		b.discovers(t)
		blobs := len(b.store.blobs)
		b.store.failBy(func(step string) error {
			if step == "load" {
				return fmt.Errorf("bucket: %w", ErrUnavailable)
			}
			return nil
		})
		b.open(t)
		if err := b.LoadOwners(t.Context()); !errors.Is(err, ErrUnavailable) {
			t.Errorf("the record was loaded: %v", err)
		}
		if got := b.answers(t, "hello-yard"); got != "still looking for the plugins and themes of acme" {
			t.Errorf("while it can't be read: %s", got)
		}
		b.store.failBy(nil)
		b.clock.advance(24 * time.Hour)
		b.sweep(t.Context())
		if len(b.store.blobs) != blobs {
			t.Errorf("%d blobs, want %d", len(b.store.blobs), blobs)
		}
		b.discovers(t)
		if got := b.answers(t, "hello-yard"); got != "1.0.0" {
			t.Errorf("once it can: %s", got)
		}
	})
}

func TestSlugsAreGivenOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		other := owned(1, "gate") // older than all of acme's
		other.Repo.Owner = "other"
		b := newFollowing(t, []Plugin{{Repo: Repo{"third", "hello-yard"}}}, owned(5, "hello-yard"), owned(6, "gate"))
		defer b.Close()
		repoOf := func(slug Slug) string { return b.roster().bySlug[slug].plugin.Repo.String() }
		third := owned(9, "hello-yard")
		third.Repo.Owner = "third"
		b.discovers(t)
		b.owners = append([]Owner{{Name: "other"}}, b.owners...)
		b.forge.set(func() { b.forge.owned = append(b.forge.owned, other, third) })
		for range 3 {
			b.clock.advance(time.Hour)
			b.restart(t, Plugin{Repo: Repo{"third", "hello-yard"}})
			b.discovers(t)
			if got := repoOf("hello-yard"); got != "third/hello-yard" {
				t.Errorf("the configured slug is of %s", got)
			}
			if got := repoOf("gate"); got != "acme/gate" {
				t.Errorf("the slug is of %s, and not of who was there first", got)
			}
			plugins := []Plugin{{Repo: Repo{"third", "hello-yard"}}}
			for slug, want := range map[string]string{"hello-yard": "third/hello-yard", "gate": "acme/gate"} {
				if got, err := FoundPlugin(t.Context(), b.store, plugins, b.owners, slug); err != nil || got.Repo.String() != want {
					t.Errorf("to a command beside the server %s is of %s, not %s; %v", slug, got.Repo, want, err)
				}
			}
		}
		status := b.Owners()
		if got := strings.Join(append(status[0].Troubles, status[1].Troubles...), "\n"); got !=
			"other/gate is not served: acme/gate has the slug gate already; list it under plugins: with another slug\n"+
				"acme/hello-yard is not served: third/hello-yard has the slug hello-yard already; list it under plugins: with another slug" {
			t.Errorf("the operator is told:\n%s", got)
		}
	})
}

// A plugin of its own in the configuration is not found as well, whatever its
// slug.
func TestWhatIsConfiguredIsNotFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFollowing(t, []Plugin{{Repo: Repo{"acme", "hello-yard"}, Slug: "greeting"}}, owned(1, "hello-yard"), owned(2, "gate"))
		defer b.Close()
		b.discovers(t)
		if got := b.served(); got != "greeting gate" {
			t.Errorf("served: %s", got)
		}
	})
}

// Requests see the roster of before or of after, and what is under way when a
// plugin leaves ends.
func TestTheRosterChangesUnderLoad(t *testing.T) {
	b := newFollowing(t, []Plugin{}, owned(1, "hello-yard"), owned(2, "fence-post"))
	if err := b.Discover(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var clients sync.WaitGroup
	for n := range 4 {
		clients.Go(func() {
			for i := n; ctx.Err() == nil; i++ {
				slug := []string{"hello-yard", "fence-post"}[i%2]
				if _, err := b.Information(ctx, slug, Query{}); err != nil && (slug == "hello-yard" || !errors.Is(err, ErrGone) && !errors.Is(err, ErrNotFound)) && ctx.Err() == nil {
					t.Errorf("%s: %v", slug, err)
				}
				doc, err := b.Collection(ctx, Selection{}, Query{})
				if err == nil {
					_, err = io.Discard.Write(doc.Identity)
				}
				_, listed := b.Listings(ctx, Query{})
				_, entries := b.Entries(ctx)
				if err := errors.Join(err, listed, entries); err != nil && ctx.Err() == nil {
					t.Error(err)
				}
				b.Refresh(Repo{"acme", slug})
				b.Owners()
				b.Withdrawn()
			}
		})
	}
	for i := range 30 {
		b.forge.set(func() {
			b.forge.owned = []Repository{owned(1, "hello-yard"), owned(2, "fence-post")}[:2-i%2]
		})
		if err := b.Discover(ctx); err != nil {
			t.Error(err)
		}
		b.sweep(ctx)
	}
	stop()
	clients.Wait()
}

// Whoever told of it, nobody waits for the first build of what is found, so it
// takes nothing of the reserve.
func TestWhatIsFoundIsBuiltInTheBackground(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFollowing(t, []Plugin{}, owned(1, "hello-yard"))
		forge := &priced{fakeForge: b.forge, asked: make(chan string, 100)}
		b.Service.cfg.Forge = forge
		b.discovers(t)
		if got := forge.seen(); got != "Releases 2, Archive 2" {
			t.Errorf("at the start: %s", got)
		}
		b.forge.set(func() { b.forge.owned = append(b.forge.owned, owned(2, "fence-post")) })
		b.RefreshOwner("acme")
		synctest.Wait()
		if got := forge.seen(); got != "Releases 2, Archive 2" {
			t.Errorf("after a webhook: %s", got)
		}
		b.Close()
	})
}
