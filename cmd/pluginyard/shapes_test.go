package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

var answersFile = flag.String("answers", "", "`FILE` that every answer to the nasty plugins is written to, for a real WordPress to read")

// emitted is one answer of the registry, as a site gets it.
type emitted struct {
	kind string // which rules it has to keep, "information"
	slug string
	path string
	body []byte
}

// nastyWorld is a registry of all nasty plugins, built.
func nastyWorld(t *testing.T) *world {
	w := newWorld(t)
	for i := range nastyOnes {
		w.plugins = append(w.plugins, nastyOnes[i].add(w))
	}
	for i := range nastyThemes {
		nastyThemes[i].theme = true
		w.plugins = append(w.plugins, nastyThemes[i].add(w))
	}
	w.start()
	return w
}

// emit asks for everything that there is of each plugin.
func (w *world) emit() []emitted {
	w.Helper()
	var all []emitted
	ask := func(kind, slug, path string) {
		answer := w.must(path)
		if answer.status != http.StatusOK {
			w.Errorf("%s: status %d: %.200s", path, answer.status, answer.body)
			return
		}
		all = append(all, emitted{kind, slug, path, answer.body})
	}
	for i := range nastyOnes {
		slug := nastyOnes[i].slug
		ask("information", slug, "/"+slug+".json")
		ask("information", slug, "/branch/"+slug+".json")
		ask("upgrademe", slug, "/"+slug+".upgrademe")
	}
	for i := range nastyThemes {
		slug := nastyThemes[i].slug
		ask("theme information", slug, "/"+slug+".json")
		ask("theme information", slug, "/branch/"+slug+".json")
		if answer := w.must("/" + slug + ".upgrademe"); answer.status != http.StatusNotFound {
			w.Errorf("%s.upgrademe: status %d", slug, answer.status)
		}
	}
	ask("collection", "", "/plugin_info.json")
	ask("theme collection", "", "/theme_info.json")
	ask("both", "", "/theme_info.json?slugs=theme-plain,no-readme,nobody-has-it")
	ask("both", "", "/plugin_info.json?slugs=nobody-has-it")
	return append(all, w.emitAPI()...)
}

// TestNothingThatIsAnsweredBreaksWordPress holds every answer, for plugins
// that were made to do harm, against what WordPress and other clients make of
// it: rules_test.go has the rules, each with what breaks without it.
func TestNothingThatIsAnsweredBreaksWordPress(t *testing.T) {
	answers := nastyWorld(t).emit()
	if *answersFile != "" {
		if err := os.WriteFile(*answersFile, linesOf(t, answers), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("read by PHP", func(t *testing.T) {
		if faults := readByPHP(t, answers); faults != "" {
			t.Error(faults)
		}
	})
	for _, answer := range answers {
		t.Run(answer.path[1:], func(t *testing.T) {
			for _, fault := range answer.faults() {
				t.Error(fault)
			}
		})
	}
}

// faults says what is wrong with an answer.
func (e *emitted) faults() []string {
	r := &rule{}
	if !utf8.Valid(e.body) {
		r.fault("", "is not valid UTF-8, and PHP's json_decode gives null for it")
	}
	if bytes.Contains(e.body, []byte(`\u0000`)) {
		r.fault("", "holds a NUL, which ends names in C and is refused as a member's first character by PHP")
	}
	if strings.HasSuffix(e.kind, "serialised") {
		return r.faults // PHP reads those
	}
	if key := doubled(e.body); key != "" {
		r.fault(key, "is there twice, and the last one counts")
	}
	var value any
	if err := json.Unmarshal(e.body, &value); err != nil {
		return append(r.faults, err.Error())
	}
	r.anything("", value)
	check, ok := rulesOf[e.kind]
	if !ok {
		return append(r.faults, "no rules for "+e.kind)
	}
	check(r, "", e.slug, value)
	return r.faults
}

// doubled is the first member of the outermost object that is there twice.
func doubled(body []byte) string {
	d := json.NewDecoder(bytes.NewReader(body))
	if token, err := d.Token(); err != nil || token != json.Delim('{') {
		return ""
	}
	seen := map[string]bool{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return ""
		}
		if seen[fmt.Sprint(key)] {
			return fmt.Sprint(key)
		}
		seen[fmt.Sprint(key)] = true
		var skipped json.RawMessage
		if d.Decode(&skipped) != nil {
			return ""
		}
	}
	return ""
}
