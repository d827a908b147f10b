package registry

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// checkerFault says why plugin-update-checker, the library that many plugins
// and themes bring along, would not take a document; "" if it does. Every
// member becomes a field of its update, whatever it is called. Of a plugin it
// wants name and version, of a theme version and details_url, and of both
// download_url, or there is no update to install. Texts are printed as they
// are, sections, icons and banners read as maps, the first four numbers
// formatted as such.
func checkerFault(doc map[string]any, theme bool) string {
	wanted := []string{"name", "version", "download_url"}
	if theme {
		wanted = []string{"version", "details_url", "download_url"}
	}
	for _, key := range wanted {
		if text, ok := doc[key].(string); !ok || text == "" || text == "0" {
			return "it has no " + key
		}
	}
	shapes := map[string]any{
		"slug": "", "homepage": "", "author": "", "author_homepage": "", "requires": "", "tested": "", "requires_php": "",
		"upgrade_notice": "", "last_updated": "", "details_url": "", "filename": "",
		"rating": 0.0, "num_ratings": 0.0, "downloaded": 0.0, "active_installs": 0.0,
		"sections": map[string]any{}, "icons": map[string]any{}, "banners": map[string]any{}, "translations": []any{},
	}
	for key, shape := range shapes {
		if value, ok := doc[key]; ok && fmt.Sprintf("%T", value) != fmt.Sprintf("%T", shape) {
			return fmt.Sprintf("%s is %T, want %T", key, value, shape)
		}
	}
	if doc["autoupdate"] != nil {
		return "it is installed in the background, though nobody wants that"
	}
	return ""
}

func TestPluginUpdateCheckerAcceptsOurDocuments(t *testing.T) {
	goldens, err := filepath.Glob("testdata/documents/*.json")
	if err != nil || len(goldens) == 0 {
		t.Fatal(goldens, err)
	}
	for _, golden := range goldens {
		t.Run(filepath.Base(golden), func(t *testing.T) {
			data, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			var doc map[string]any
			if err := json.Unmarshal(data, &doc); err != nil {
				t.Fatal(err)
			}
			_, plugin := doc["plugin"]
			if fault := checkerFault(doc, !plugin); fault != "" {
				t.Error(fault)
			}
		})
	}
}

// A plugin that is called like a field must not be taken for one.
func TestPluginsCalledLikeWhatClientsRead(t *testing.T) {
	for slug := range clientKeys {
		parsed, err := ParseSlug(slug)
		if err != nil {
			continue // our own paths
		}
		t.Run(slug, func(t *testing.T) {
			b := newBench(t, Plugin{Repo: Repo{"acme", "hello-yard"}, Slug: parsed})
			b.forge.publish("v1.2.0", helloYard("1.2.0"))
			document, err := b.Information(t.Context(), slug, Query{})
			if err != nil {
				t.Fatal(err)
			}
			var doc map[string]any
			if err := json.Unmarshal(document.Identity, &doc); err != nil {
				t.Fatal(err)
			}
			if update, ok := doc[slug].(map[string]any); ok && update["new_version"] != nil {
				t.Errorf("%s is the update object", slug)
			}
			if fault := checkerFault(doc, false); fault != "" {
				t.Error(fault)
			}
		})
	}
}
