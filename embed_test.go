package pluginyard

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestReadmeTemplateIsAccepted has the rules of WordPress.org's parser and
// validator that a readme written by hand most often breaks.
func TestReadmeTemplateIsAccepted(t *testing.T) {
	head, body, ok := strings.Cut(ReadmeTemplate, "\n== ")
	if !ok {
		t.Fatal("no section")
	}
	parts := strings.Split(strings.TrimSpace(head), "\n\n")
	if len(parts) != 2 {
		t.Fatalf("%d paragraphs before the first section, want headers and short description", len(parts))
	}
	lines := strings.Split(parts[0], "\n")
	if !regexp.MustCompile(`^=== .+ ===$`).MatchString(lines[0]) || strings.Contains(strings.ToLower(lines[0]), "plugin name") {
		t.Errorf("name is %q", lines[0])
	}

	wantHeaders := map[string]string{
		"Contributors":      `^[a-z0-9-]+$`,
		"Tags":              `^[a-z]+(, [a-z]+){0,4}$`,
		"Requires at least": `^\d+\.\d(\.\d+)?$`,
		"Tested up to":      `^\d+\.\d(\.\d+)?$`,
		"Requires PHP":      `^\d+(\.\d+){1,2}$`,
		"Stable tag":        `^\d+(\.\d+)+$`,
		"License":           `^GPLv2 or later$`,
		"License URI":       `^https://`,
		"Donate link":       `^https://`,
	}
	for _, line := range lines[1:] {
		key, value, ok := strings.Cut(line, ": ")
		if want := wantHeaders[key]; !ok || !regexp.MustCompile(want).MatchString(value) {
			t.Errorf("header %q, want its value like %s", line, want)
		}
		delete(wantHeaders, key)
	}
	if len(wantHeaders) > 0 {
		t.Errorf("headers missing: %v", wantHeaders)
	}
	if short := parts[1]; len(short) > 150 || strings.ContainsAny(short, "\n*`<[") {
		t.Errorf("short description of %d bytes: %q", len(short), short)
	}

	var titles []string
	for section := range strings.SplitSeq(body, "\n== ") {
		title, text, _ := strings.Cut(section, " ==\n")
		titles = append(titles, title)
		if words := len(strings.Fields(text)); words == 0 || words > 2500 {
			t.Errorf("section %s has %d words", title, words)
		}
	}
	wantTitles := []string{"Description", "Installation", "Frequently Asked Questions", "Screenshots", "Changelog", "Upgrade Notice"}
	if !slices.Equal(titles, wantTitles) {
		t.Errorf("sections are %q, want %q", titles, wantTitles)
	}
}

// TestReadmeTemplateExplainsItsHeaders keeps a header from being added without
// a word about it.
func TestReadmeTemplateExplainsItsHeaders(t *testing.T) {
	head, body, _ := strings.Cut(ReadmeTemplate, "\n== ")
	for _, line := range strings.Split(head, "\n") {
		if key, _, ok := strings.Cut(line, ": "); ok && !strings.Contains(body, "**"+key+"**") {
			t.Errorf("%s is not explained", key)
		}
	}
}
