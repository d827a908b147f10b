package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/pluginyard/pluginyard/registry/signing"
)

// ReadBlob makes the store one that can be signed.
func (m *memoryStore) ReadBlob(ctx context.Context, digest Digest, limit int64) ([]byte, error) {
	r, err := m.Open(ctx, digest)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(r, limit))
}

// sign signs from outside and gives the outcomes, "signed hello-yard 1.2.0".
func (b *bench) sign(t testing.TB, file *signing.File, plugins ...Plugin) []string {
	t.Helper()
	if len(plugins) == 0 {
		plugins = []Plugin{helloYardPlugin}
	}
	var got []string
	err := Sign(t.Context(), SignConfig{
		Plugins: plugins, Forge: b.forge, Store: b.store, Keys: file.Keys(), Temp: t.TempDir(),
		Told: func(r SigningResult) {
			got = append(got, fmt.Sprintf("%s %s %s", r.Outcome, r.Plugin, r.Version))
			if (r.Err != nil) != (r.Outcome == SigningRefused || r.Outcome == SigningFailed) {
				t.Errorf("%s has the error %v", r.Outcome, r.Err)
			}
			if r.Err != nil {
				t.Log(r.Err)
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestThemesAreSignedFromOutside(t *testing.T) {
	file := newKeys(t)
	b := elsewhere(t, file)
	b.forge.publish("v1.0.0", map[string]string{
		"style.css": "/*\nTheme Name: Hello Yard\nVersion: 1.0.0\n*/\n", "index.php": "<?php\n", ".wordpress-org/screenshot.png": "no picture",
	})
	_, _ = b.Information(t.Context(), "hello-yard", Query{})
	if got := b.sign(t, file); fmt.Sprint(got) != "[signed hello-yard 1.0.0]" {
		t.Errorf("signed %v", got)
	}
	b.clock.advance(lookEvery)
	if got := b.signatures(t); len(got) != 1 {
		t.Errorf("%d signatures, want 1", len(got))
	}
}

func TestARefusalNamesBothDigests(t *testing.T) {
	file := newKeys(t)
	b := elsewhere(t, file)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	_, _ = b.Information(t.Context(), "hello-yard", Query{})
	claimed := b.roster().bySlug["hello-yard"].record.Load().Waiting["release"].Files[0]
	files := helloYard("1.2.0")
	files["includes/a.php"] = "<?php other();"
	b.forge.set(func() { b.forge.trees["v1.2.0"] = files })
	var told []SigningResult
	err := Sign(t.Context(), SignConfig{
		Plugins: []Plugin{helloYardPlugin}, Forge: b.forge, Store: b.store, Keys: file.Keys(), Temp: t.TempDir(),
		Told: func(r SigningResult) { told = append(told, r) },
	})
	if err != nil || len(told) != 1 || told[0].Outcome != SigningRefused || told[0].Plugin != "hello-yard" || told[0].Version != "1.2.0" {
		t.Fatalf("told %+v, %v", told, err)
	}
	digests := digestPattern.FindAllString(told[0].Err.Error(), -1)
	if len(digests) != 2 || Digest(digests[0]) != claimed || digests[0] == digests[1] {
		t.Errorf("the error names the digests %v: %v", digests, told[0].Err)
	}
}

func TestSignTrustsOnlyTheForge(t *testing.T) {
	edit := func(b *bench, change func(*Package)) { // as whoever took over the server
		rec := b.roster().bySlug["hello-yard"].record.Load().clone()
		for key, state := range rec.Waiting {
			pkg := &Package{}
			if err := json.Unmarshal(b.store.blobs[state.Package], pkg); err != nil {
				panic(err)
			}
			change(pkg)
			data, err := json.Marshal(pkg)
			if err != nil {
				panic(err)
			}
			blob, err := putBytes(context.Background(), b.store, data)
			if err != nil {
				panic(err)
			}
			state.Package = blob.Digest
			rec.Waiting[key] = state
		}
		data, err := json.Marshal(rec)
		if err != nil {
			panic(err)
		}
		b.store.records["plugins/hello-yard.json"] = data
	}
	evil := Digest(strings.Repeat("e", 64))
	branch := Plugin{Repo: helloYardPlugin.Repo, Source: SourceBranch}
	tests := []struct {
		name   string
		plugin Plugin
		tamper func(b *bench)
		want   string
	}{
		{"another installer", helloYardPlugin, func(b *bench) {
			edit(b, func(p *Package) { p.Installer.Digest = evil })
		}, "refused hello-yard 1.2.0"},
		{"a claimed SHA-384 is not signed", helloYardPlugin, func(b *bench) {
			edit(b, func(p *Package) { p.Installer.SHA384 = strings.Repeat("e", 96) })
		}, "signed hello-yard 1.2.0"},
		{"a release that there is not", helloYardPlugin, func(b *bench) {
			edit(b, func(p *Package) { p.Revision.Ref = "v6.6.6" })
		}, "refused hello-yard 1.2.0"},
		{"a commit of a fork under a release's name is not looked at", helloYardPlugin, func(b *bench) {
			edit(b, func(p *Package) {
				p.Revision.Commit = b.forge.commit("fork", map[string]string{"hello-yard.php": "<?php evil();"})
			})
		}, "signed hello-yard 1.2.0"},
		{"a tag that was moved", helloYardPlugin, func(b *bench) {
			files := helloYard("1.2.0")
			files["includes/a.php"] = "<?php other();"
			b.forge.set(func() { b.forge.trees["v1.2.0"] = files })
		}, "refused hello-yard 1.2.0"},
		{"a branch's package that is called a release's", branch, func(b *bench) {
			edit(b, func(p *Package) { p.Revision.Release = &Release{ID: 1, Tag: "main"} })
		}, "refused hello-yard 1.2.0"},
		{"a branch that nobody configured", branch, func(b *bench) {
			edit(b, func(p *Package) { p.Revision.Ref = "fork" })
		}, "refused hello-yard 1.2.0"},
		{"a commit of a branch that is not its head", branch, func(b *bench) {
			edit(b, func(p *Package) {
				p.Revision.Commit = b.forge.commit("fork", map[string]string{"hello-yard.php": "<?php evil();"})
			})
		}, "passed hello-yard 1.2.0"},
		{"a branch", branch, func(*bench) {}, "signed hello-yard 1.2.0"},
		{"a version that is no line", helloYardPlugin, func(b *bench) {
			edit(b, func(p *Package) { p.Version = "1.2.0\nsigned: all" })
		}, "signed hello-yard 1.2.0 signed: all"},
		{"a package that is not there", helloYardPlugin, func(b *bench) {
			clear(b.store.blobs)
		}, "failed hello-yard 1.2.0"},
		{"a package that is none", helloYardPlugin, func(b *bench) {
			edit(b, func(p *Package) { p.Installer.Digest = "../../etc" })
		}, "failed hello-yard 1.2.0"},
		{"a record that is none", helloYardPlugin, func(b *bench) {
			b.store.records["plugins/hello-yard.json"] = []byte("[")
		}, "failed hello-yard "},
		{"a forge that does not answer", helloYardPlugin, func(b *bench) {
			b.forge.set(func() { b.forge.fail = ErrUnavailable })
		}, "failed hello-yard 1.2.0"},
		{"a store that is full", helloYardPlugin, func(b *bench) {
			b.store.failBy(func(step string) error {
				if step == "load" {
					return nil
				}
				return ErrUnavailable
			})
		}, "failed hello-yard 1.2.0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file := newKeys(t)
			b := elsewhere(t, file, tt.plugin)
			b.forge.publish("v1.2.0", helloYard("1.2.0"))
			pkg, err := b.Package(t.Context(), "hello-yard", Query{})
			if !errors.Is(err, errWaiting) {
				t.Fatalf("built: %v, %v", pkg, err)
			}
			tt.tamper(b)
			got := b.sign(t, file, tt.plugin)
			if fmt.Sprint(got) != "["+tt.want+"]" {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			b.store.failBy(nil)
			names := b.kept()
			if signs := strings.HasPrefix(tt.want, "signed"); signs != (len(names) == 1) {
				t.Errorf("kept %v", names)
			}
			for _, name := range names {
				if strings.Contains(name, string(evil)) {
					t.Errorf("signed %s", name)
				}
			}
			if len(names) == 0 {
				return
			}
			// What was signed is what the repository has, whatever was claimed.
			b.forge.set(func() { b.forge.fail = nil })
			delete(b.store.records, "plugins/hello-yard.json")
			b.clock.advance(time.Hour)
			b.open(t, tt.plugin)
			if got := b.signatures(t); len(got) != 1 {
				t.Errorf("%d signatures verify, want 1", len(got))
			}
		})
	}
}
