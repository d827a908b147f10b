package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// readByPHP gives answers to PHP, which reads them as WordPress does:
// testdata/wordpress/read.php. It returns what cannot be read, a line each. The
// test is skipped where there is no PHP.
func readByPHP(t *testing.T, answers []emitted) string {
	t.Helper()
	php, err := exec.LookPath("php")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("there is no php; Debian's package is php-cli")
		}
		t.Skip("there is no php; Debian's package is php-cli")
	}
	command := exec.CommandContext(t.Context(), php, "-n", "-d", "memory_limit=512M", "testdata/wordpress/read.php")
	command.Stdin = bytes.NewReader(linesOf(t, answers))
	out, err := command.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(out)
}

// linesOf has a JSON object for each answer, the body in base64.
func linesOf(t *testing.T, answers []emitted) []byte {
	t.Helper()
	var lines bytes.Buffer
	for _, answer := range answers {
		line := struct {
			Kind string `json:"kind"`
			Slug string `json:"slug"`
			Path string `json:"path"`
			Body []byte `json:"body"`
		}{answer.kind, answer.slug, answer.path, answer.body}
		if err := json.NewEncoder(&lines).Encode(line); err != nil {
			t.Fatal(err)
		}
	}
	return lines.Bytes()
}

// What is known to break WordPress or another client has to be found, or the
// test above proves nothing.
func TestPHPFindsWhatBreaksWordPress(t *testing.T) {
	const rest = `"slug":"a","version":"1.0","author":"b","last_updated":"2026-03-04 5:06am GMT","icons":{},"banners":{},"short_description":"c","download_url":"http://d"`
	const whole = `"name":"A","sections":{"description":"<p>x</p>"},` + rest
	tests := []struct{ name, kind, body, says string }{
		{"nothing wrong", "information", `{` + whole + `}`, ""},
		{"no name", "information", `{"sections":{"description":""},` + rest + `}`, "Undefined property: stdClass::$name"},
		{"contributors in the old form", "information", `{` + whole + `,"contributors":{"ada":"https://example.com"}}`, "on string"},
		{"contributors in the oldest form", "information", `{` + whole + `,"contributors":["ada"]}`, "on string"},
		{"required plugins as text", "information", `{` + whole + `,"requires_plugins":"woocommerce"}`, "requires_plugins is no list"},
		{"a rating without its count", "information", `{` + whole + `,"rating":96}`, "Undefined property: stdClass::$num_ratings"},
		{"objects in sections", "information", `{"name":"A","sections":{"faq":{"a":"b"}},` + rest + `}`, "must be of type string, array given"},
		{"a script in the name", "information", `{"name":"<script>","sections":{"a":""},` + rest + `}`, "name holds markup"},
		{"no time", "information", `{` + whole + `,"last_updated":"lately"}`, "57 years ago"},
		{"an object called autoupdate", "information", `{` + whole + `,"autoupdate":{"version":"1.0"}}`, "without the owner"},
		{"a lone surrogate", "information", `{` + whole + `,"homepage":"\ud800"}`, "json_decode: Single unpaired"},
		{"an update without version", "collection", `{"a":{"slug":"a"}}`, "Undefined property: stdClass::$new_version"},
		{"a package that is null", "collection", `{"a":{"slug":"a","plugin":"a/a.php","version":"1","new_version":"1","url":"","package":null}}`, "null given"},
		{"an error for an answer", "plugins/update-check", `{"error":"x"}`, `Undefined array key "plugins"`},
		{"no translations", "plugins/update-check", `{"plugins":{},"no_update":{}}`, `Undefined array key "translations"`},
		{"text that is not serialised", "plugins/update-check serialised", `a:1:{`, "unserialize"},
		{"another class", "plugins/update-check serialised", `a:1:{s:1:"a";O:9:"Exception":0:{}}`, "incomplete object"},
		{"a fifth member", "upgrademe", `{"new_version":"1","url":"","package":"","info":{},"more":1}`, "not four members"},
		{"info that is null", "upgrademe", `{"new_version":"1","url":"","package":"","info":null}`, "a member is missing"},
		{"a theme without details", "theme information", `{"version":"1.0"}`, "no version or details_url"},
	}
	var answers []emitted
	for _, test := range tests {
		answers = append(answers, emitted{kind: test.kind, path: test.name, body: []byte(test.body)})
	}
	said := map[string]string{}
	for line := range strings.Lines(readByPHP(t, answers)) {
		name, fault, _ := strings.Cut(line, ": ")
		said[name] = fault
	}
	for _, test := range tests {
		if got := said[test.name]; !strings.Contains(got, test.says) || (got == "") != (test.says == "") {
			t.Errorf("%s: got %q, want %q", test.name, got, test.says)
		}
	}
}
