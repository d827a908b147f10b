package registry

import (
	"errors"
	"fmt"
	"testing"
)

// TestWhatNobodyHasIsNotKept asks for thousands of plugins, releases, branches
// and environments that there are none of. What is kept by a request's words
// has to be kept for a few words only.
func TestWhatNobodyHasIsNotKept(t *testing.T) {
	b := newBench(t, Plugin{
		Repo: Repo{"acme", "hello-yard"}, Branches: []string{"develop"},
		Policy: Policy{Rollout: Rollout{Steps: []RolloutStep{{Percent: 50}}}},
	})
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	b.forge.commit("main", helloYard("1.3.0"))
	b.forge.commit("develop", helloYard("1.4.0"))
	if _, err := b.Information(t.Context(), "hello-yard", Query{}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Collection(t.Context(), Selection{}, Query{}); err != nil {
		t.Fatal(err)
	}
	const most = 20
	for i := range 5_000 {
		word := fmt.Sprintf("word-%d", i)
		q := Query{Environment: word, Site: word}
		for _, selection := range []Selection{{}, {Slugs: []Slug{Slug(word)}}, {Slugs: []Slug{"hello-yard", Slug(word)}}} {
			// An unknown environment is production.
			if _, err := b.Collection(t.Context(), selection, q); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := b.Listings(t.Context(), q); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Checksums(t.Context(), "hello-yard", word); !errors.Is(err, ErrNotFound) {
			t.Fatalf("checksums of version %s: %v", word, err)
		}
		q.UpdateID = word
		for _, slug := range []string{"hello-yard", word} {
			if _, err := b.Information(t.Context(), slug, q); !errors.Is(err, ErrNotFound) {
				t.Fatalf("%s at %s: %v", slug, word, err)
			}
			if _, err := b.Upgrademe(t.Context(), slug, q); !errors.Is(err, ErrNotFound) {
				t.Fatalf("%s at %s: %v", slug, word, err)
			}
			if _, err := b.OpenFile(t.Context(), slug, Digest(word)); !errors.Is(err, ErrNotFound) {
				t.Fatalf("%s of %s: %v", word, slug, err)
			}
		}
		if _, err := b.Entry(t.Context(), word); !errors.Is(err, ErrNotFound) {
			t.Fatalf("%s: %v", word, err)
		}
	}
	kept := map[string]int{
		"collections":      len(b.gathered.young) + len(b.gathered.old),
		"lists":            len(b.lists),
		"sums of files":    len(b.summed.young) + len(b.summed.old),
		"builds that wait": 0,
		"failures":         len(b.failed.values),
		"packages":         len(b.loaded.young) + len(b.loaded.old),
		"upgrademe":        len(b.upgrademes.young) + len(b.upgrademes.old),
		"files":            len(b.files.young) + len(b.files.old),
	}
	b.behind.Range(func(any, any) bool { kept["builds that wait"]++; return true })
	for what, n := range kept {
		if n > most {
			t.Errorf("%d %s are kept, want at most %d", n, what, most)
		}
	}
	if n := b.forge.count("Releases"); n > most {
		t.Errorf("the forge was asked %d times for its releases", n)
	}
}
