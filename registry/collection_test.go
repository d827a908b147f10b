package registry

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func (b *bench) collection(t *testing.T) *Document {
	t.Helper()
	document, err := b.Collection(t.Context(), Selection{}, Query{})
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
	if err := b.check(t.Context(), b.roster().bySlug["hello-yard"]); err != nil {
		t.Fatal(err)
	}
	if b.collection(t) != first {
		t.Error("a check that found nothing new had the collection encoded again")
	}
	b.forge.publish("v1.3.0", helloYard("1.3.0"))
	if err := b.check(t.Context(), b.roster().bySlug["hello-yard"]); err != nil {
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
		if body := string(b.collection(t).Identity); !strings.Contains(body, "hello-yard") {
			t.Errorf("a plugin that nothing says cannot be checked is left out: %s", body)
		}
		synctest.Wait() // for the check behind it
		if body := string(b.collection(t).Identity); body != "{}" {
			t.Errorf("a plugin that is too old is still there: %s", body)
		}
		b.forge.set(func() { b.forge.fail = nil })
		if err := b.check(t.Context(), b.roster().bySlug["hello-yard"]); err != nil && !errors.Is(err, ErrUnavailable) {
			t.Fatal(err)
		}
		if body := string(b.collection(t).Identity); !strings.Contains(body, "hello-yard") {
			t.Errorf("a plugin that could be checked again is missing: %s", body)
		}
		b.Close()
	})
}

// three is a bench of three plugins, all of one repository, and a slug that
// was never built.
func three(t *testing.T) *bench {
	t.Helper()
	var plugins []Plugin
	for _, slug := range []Slug{"fence-post", "gate", "hello-yard"} {
		plugins = append(plugins, Plugin{Repo: Repo{"acme", "hello-yard"}, Slug: slug})
	}
	plugins[1].Policy.Rollout = percent(30)
	b := newBench(t, plugins...)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	b.forge.publish("v1.3.0", helloYard("1.3.0"))
	if err := b.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	return b
}

// slugs are those of a collection, in its order, with their versions.
func (b *bench) slugs(t *testing.T, selection Selection, q Query) string {
	t.Helper()
	document, err := b.Collection(t.Context(), selection, q)
	if err != nil {
		t.Fatal(err)
	}
	var updates map[string]struct{ Version string }
	if err := json.Unmarshal(document.Identity, &updates); err != nil {
		t.Fatal(err)
	}
	var keys []string
	for slug, u := range updates {
		keys = append(keys, slug+" "+u.Version)
	}
	slices.Sort(keys)
	return strings.Join(keys, ", ")
}

func TestACollectionHoldsWhatIsSelected(t *testing.T) {
	b := three(t)
	for _, tt := range []struct {
		name      string
		selection Selection
		query     Query
		want      string
	}{
		{"all", Selection{}, Query{}, "fence-post 1.3.0, gate 1.2.0, hello-yard 1.3.0"},
		{"all for a site that a rollout has come to", Selection{}, Query{Site: rolledTo("gate", "v1.3.0")}, "fence-post 1.3.0, gate 1.3.0, hello-yard 1.3.0"},
		{"all plugins", Selection{Type: TypePlugin}, Query{}, "fence-post 1.3.0, gate 1.2.0, hello-yard 1.3.0"},
		{"all themes", Selection{Type: TypeTheme}, Query{}, ""},
		{"some", Selection{Slugs: []Slug{"gate", "hello-yard"}}, Query{}, "gate 1.2.0, hello-yard 1.3.0"},
		{"some for that site", Selection{Slugs: []Slug{"gate", "hello-yard"}}, Query{Site: rolledTo("gate", "v1.3.0")}, "gate 1.3.0, hello-yard 1.3.0"},
		{"one that is unknown", Selection{Slugs: []Slug{"fence-post", "nothing"}}, Query{}, "fence-post 1.3.0"},
		{"unknown ones alone", Selection{Slugs: []Slug{"nothing"}}, Query{}, ""},
		{"beta", Selection{Slugs: []Slug{"gate"}}, Query{Channel: ChannelBeta}, "gate 1.3.0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for range 2 { // made, and kept
				if got := b.slugs(t, tt.selection, tt.query); got != tt.want {
					t.Errorf("got %s, want %s", got, tt.want)
				}
			}
		})
	}
}

// rolledTo is a site that a rollout comes to early.
func rolledTo(slug Slug, tag string) string {
	for i := 0; ; i++ {
		if site := fmt.Sprintf("c%d", i); place(slug, tag, site) < 10 {
			return site
		}
	}
}

// Whatever requests ask, no more collections are kept than may be, and those
// that don't differ are one.
func TestCollectionsAreBounded(t *testing.T) {
	b := three(t)
	b.gathered.limit = 64 << 10
	sizes := func() (count int, bytes int64) {
		for _, half := range []map[string]weighed[*gathered]{b.gathered.young, b.gathered.old} {
			for _, w := range half {
				count, bytes = count+1, bytes+w.bytes
			}
		}
		return count, bytes
	}
	for i := range 500 {
		q := Query{Site: fmt.Sprintf("c%d", i), Environment: fmt.Sprintf("e%d", i), UpdateID: fmt.Sprint(i)}
		if _, err := b.Collection(t.Context(), Selection{Slugs: []Slug{"gate", Slug(fmt.Sprintf("unknown-%d", i))}}, q); err != nil {
			t.Fatal(err)
		}
	}
	if count, _ := sizes(); count > 2 {
		t.Errorf("%d collections are kept, want one for each side of the rollout", count)
	}
	for i := range 1 << 10 {
		var some []Slug
		for j, slug := range []Slug{"fence-post", "gate", "hello-yard"} {
			if i>>j&1 == 1 {
				some = append(some, slug)
			}
		}
		q := Query{Kind: [...]Kind{"", KindRelease, KindBranch}[i%3], Channel: [...]string{"", ChannelBeta, ChannelStable}[i/3%3], Environment: [...]string{"", "local", "staging", "x"}[i/9%4]}
		if _, err := b.Collection(t.Context(), Selection{Slugs: some}, q); err != nil {
			t.Fatal(err)
		}
		if _, bytes := sizes(); bytes > b.gathered.limit {
			t.Fatalf("%d bytes are kept, want at most %d", bytes, b.gathered.limit)
		}
	}
}

func TestParseSlugs(t *testing.T) {
	many := strings.TrimSuffix(strings.Repeat("a,", MaxSlugs), ",")
	for _, tt := range []struct{ name, text, want string }{
		{"one", "hello-yard", "[hello-yard]"},
		{"sorted, none twice", "b,a,b", "[a b]"},
		{"as many as may be", many, "[a]"},
		{"one too many", many + ",a", ""},
		{"none", "", "[]"},
		{"an empty one", "a,,b", "[a b]"},
		{"one that is none", "a,B", "[a]"},
		{"a reserved one", "plugins", "[]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseSlugs(tt.text)
			if tt.want == "" {
				if !errors.Is(err, ErrInvalid) {
					t.Errorf("got %v, %v, want invalid", got, err)
				}
			} else if err != nil || fmt.Sprint(got) != tt.want {
				t.Errorf("got %v, %v, want %s", got, err, tt.want)
			}
		})
	}
}

// FuzzParseSlugs: what is read are slugs, sorted, none twice, and reads the
// same when it is written.
func FuzzParseSlugs(f *testing.F) {
	for _, text := range []string{"hello-yard,fence-post", "a,,b", "", "a,a", strings.Repeat("a,", 300), "é"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ParseSlugs(text)
		if err != nil {
			return
		}
		if got == nil || len(got) > MaxSlugs || !slices.IsSorted(got) {
			t.Fatalf("%q: %v", text, got)
		}
		parts := make([]string, len(got))
		for i, slug := range got {
			parts[i] = string(slug)
		}
		if again, err := ParseSlugs(strings.Join(parts, ",")); err != nil || !slices.Equal(got, again) {
			t.Errorf("%q: %v, and then %v, %v", text, got, again, err)
		}
	})
}
