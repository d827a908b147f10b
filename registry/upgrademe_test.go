package registry

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// upgrademeFault says why upgrademe would pass over an answer; "" if it
// accepts it. Its rules: JSON of an object with at most four members, among
// them new_version, url, package and info, none of which is null. Of info it
// takes what WordPress.org's answers had in 2011.
func upgrademeFault(body []byte) string {
	var answer map[string]any
	if err := json.Unmarshal(body, &answer); err != nil {
		return err.Error()
	}
	if len(answer) > 4 {
		return fmt.Sprintf("it has %d members, and may have four", len(answer))
	}
	for _, key := range []string{"new_version", "url", "package", "info"} {
		if answer[key] == nil {
			return key + " is not there"
		}
	}
	info, ok := answer["info"].(map[string]any)
	if !ok {
		return "info is no object"
	}
	known := []string{
		"name", "slug", "version", "author", "author_profile", "contributors", "requires", "tested", "compatibility",
		"rating", "num_ratings", "downloaded", "last_updated", "added", "homepage", "sections", "download_link", "tags",
	}
	for key := range info {
		if !slices.Contains(known, key) {
			return "info." + key + " is dropped"
		}
	}
	return ""
}

func TestUpgrademeAcceptsOurAnswers(t *testing.T) {
	for _, test := range []struct {
		name, slug string
		files      map[string]string
	}{
		{"a whole plugin", "hello-yard", helloYard("1.2.0")},
		{"a bare one", "hello-yard", map[string]string{"main.php": "<?php\n// Plugin Name: Bare\n// Version: 1.0\n"}},
		{"called like a member that is left out", "compatibility", helloYard("1.2.0")},
		{"called like one of the four", "package", helloYard("1.2.0")},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t, Plugin{Repo: Repo{"acme", "hello-yard"}, Slug: Slug(test.slug)})
			b.forge.publish("v1.2.0", test.files)
			document, err := b.Upgrademe(t.Context(), test.slug, Query{})
			if err != nil {
				t.Fatal(err)
			}
			if fault := upgrademeFault(document.Identity); fault != "" {
				t.Errorf("%s: %s", fault, document.Identity)
			}
			information, err := b.Information(t.Context(), test.slug, Query{})
			if err != nil {
				t.Fatal(err)
			}
			var answer struct {
				NewVersion   string `json:"new_version"`
				URL, Package string
				Info         map[string]any
			}
			var known map[string]any
			if err := json.Unmarshal(document.Identity, &answer); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(information.Identity, &known); err != nil {
				t.Fatal(err)
			}
			if answer.NewVersion != known["version"] || answer.Package != known["download_link"] || answer.URL == "" {
				t.Errorf("the answer is not the document's: %s", document.Identity)
			}
			for key, value := range answer.Info {
				if fmt.Sprint(value) != fmt.Sprint(known[key]) {
					t.Errorf("info.%s is %v, want %v", key, value, known[key])
				}
			}
			again, err := b.Upgrademe(t.Context(), test.slug, Query{})
			if err != nil || again != document {
				t.Errorf("the document was made again, %v", err)
			}
		})
	}
}

func TestUpgrademeOfWhatThereIsNot(t *testing.T) {
	b := newBench(t)
	b.forge.publish("v1.2.0", map[string]string{"style.css": "/*\nTheme Name: Yard\nVersion: 1.2.0\n*/\n", "index.php": "<?php\n"})
	for slug, says := range map[string]string{"nope": `no plugin or theme "nope" here`, "hello-yard": "hello-yard is a theme, and upgrademe knows plugins alone"} {
		_, err := b.Upgrademe(t.Context(), slug, Query{})
		if known := (*Error)(nil); !errors.As(err, &known) || known.Kind != ErrNotFound || !strings.Contains(known.Message, says) {
			t.Errorf("%s: got %v, want %q", slug, err, says)
		}
	}
}
