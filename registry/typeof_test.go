package registry

import (
	"errors"
	"testing"
)

func TestTypeOf(t *testing.T) {
	notPublic := func(b *bench) { b.forge.repo.Private = true }
	tests := []struct {
		name   string
		files  map[string]string
		plugin Plugin
		setUp  func(*bench)
		want   Type
		kind   error
		builds int
	}{
		{"a plugin that was never built", helloYard("1.2.0"), Plugin{}, nil, TypePlugin, nil, 1},
		{"a theme that was never built", gardenPath("1.2.0"), Plugin{}, nil, TypeTheme, nil, 1},
		{"a main file says it", helloYard("1.2.0"), Plugin{File: "style.css"}, nil, TypeTheme, nil, 0},
		{"nothing that can be served", map[string]string{"a.txt": ""}, Plugin{}, nil, "", ErrInvalid, 1},
		{"a private repository", helloYard("1.2.0"), Plugin{}, notPublic, "", ErrForbidden, 0},
		{"a private repository whose main file says it", helloYard("1.2.0"), Plugin{File: "a.php"}, notPublic, "", ErrForbidden, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.plugin.Repo = Repo{"acme", "hello-yard"}
			b := newBench(t, tt.plugin)
			b.forge.publish("v1.2.0", tt.files)
			if tt.setUp != nil {
				tt.setUp(b)
			}
			for range 2 {
				if got, err := b.TypeOf(t.Context(), "hello-yard"); got != tt.want || !errors.Is(err, tt.kind) {
					t.Errorf("TypeOf = %q, %v; want %q, %v", got, err, tt.want, tt.kind)
				}
			}
			if got := b.forge.count("Archive"); got != tt.builds {
				t.Errorf("built %d times, want %d", got, tt.builds)
			}
		})
	}
	if _, err := newBench(t).TypeOf(t.Context(), "nope"); !errors.Is(err, ErrNotFound) {
		t.Errorf("of an unknown slug: %v", err)
	}
}

func TestStoredType(t *testing.T) {
	plugin, err := (&Plugin{Repo: Repo{"acme", "hello-yard"}}).Normalize()
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t, plugin)
	b.forge.publish("v1.2.0", gardenPath("1.2.0"))
	want := func(when string, want Type) {
		t.Helper()
		if got, err := StoredType(t.Context(), b.store, &plugin); got != want || err != nil {
			t.Errorf("%s it is %q, %v; want %q", when, got, err, want)
		}
	}
	want("before anything is built", "")
	b.document(t, Query{})
	want("once it is built", TypeTheme)

	// Nothing is offered any more, and the package still tells.
	b.open(t, Plugin{Repo: plugin.Repo, Policy: Policy{Yanked: []string{"1.2.0"}}})
	if got, err := b.TypeOf(t.Context(), "hello-yard"); got != TypeTheme || err != nil {
		t.Errorf("where all is taken back it is %q, %v", got, err)
	}
	plugin.Repo = Repo{"acme", "other"}
	want("of another repository", "")
	plugin.Repo = Repo{"acme", "hello-yard"}
	if err := b.store.Save(t.Context(), recordName("hello-yard"), []byte("{")); err != nil {
		t.Fatal(err)
	}
	if _, err := StoredType(t.Context(), b.store, &plugin); !errors.Is(err, ErrCorrupt) {
		t.Errorf("of a damaged record: %v", err)
	}
}
