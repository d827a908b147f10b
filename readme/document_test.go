package readme

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// documentJSON is the document as one prints it.
func documentJSON(t testing.TB, src string, o Options) string {
	t.Helper()
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(Parse([]byte(src), o).Document(o)); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// jsonField is the JSON of one of the document's keys.
func jsonField(t testing.TB, src string, o Options, key string) string {
	t.Helper()
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(documentJSON(t, src, o)), &fields); err != nil {
		t.Fatal(err)
	}
	return string(fields[key])
}

func TestDocumentKeepsTheOrderOfWordPressOrg(t *testing.T) {
	want := `{"name":false,"tags":[],"requires":"","tested":"","requires_php":"","contributors":[],"stable_tag":"","donate_link":"",` +
		`"license":"","license_uri":"","short_description":"","section_order":["description"],"sections":{"description":""},` +
		`"upgrade_notice":[],"screenshots":[],"faq":[],"warnings":{"license_missing":true},` +
		`"validator":{"errors":["invalid_plugin_name_header"],"warnings":["tested_header_missing","stable_tag_invalid","license_missing"],` +
		`"notes":["contributors_missing","requires_header_missing","requires_php_header_missing","faq_missing","changelog_missing",` +
		`"upgrade_notice_missing","screenshots_missing","donate_link_missing"]}}` + "\n"
	if diff := cmp.Diff(want, documentJSON(t, "", Options{})); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// Expected values are of WordPress.org's parser.
func TestDocumentFields(t *testing.T) {
	const head = "=== a ===\nLicense: MIT\n\nb\n"
	for _, c := range []struct{ name, src, key, want string }{
		{"warnings have values as WordPress.org gives them", "=== a ===\nTags: plugin, 1, 2, 3, 4, 5, 6\nTested up to: x\nContributors: acme, <b>\nLicense: Acme", "warnings",
			`{"ignored_tags":["plugin"],"too_many_tags":["6"],"tested_header_ignored":true,"contributor_ignored":["<b>"],"unknown_license":"Acme"}`},
		{"sections have WordPress.org's order", head + "== Changelog ==\nc\n== Installation ==\nd\n", "section_order",
			`["installation","changelog","description"]`},
		{"what has places of its own is no section", head + "== Description ==\nc\n== Screenshots ==\n1. d\n== Upgrade Notice ==\n= 1.0 =\ne\n", "section_order", `["description"]`},
		{"keys that look like numbers are keys", head + "== Upgrade Notice ==\n= 2 =\n\n= 1 =\n\n= 2 =\n\nb\n", "upgrade_notice",
			`[{"heading":"2","html":"<p>b</p>"},{"heading":"1","html":""}]`},
		{"text before the first notice has no heading", head + "== Upgrade Notice ==\nc & d\n", "upgrade_notice", `[{"heading":"","html":"<p>c &amp; d</p>"}]`},
		{"a name of nothing but bytes is none", "=== \xff ===\n", "name", "false"},
		{"what is no UTF-8 is replaced", "=== a ===\nTags: caf\xe9\n", "tags", `["caf` + "\ufffd" + `"]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, jsonField(t, c.src, Options{Stable: StableWordPress}, c.key)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestDocumentInServe(t *testing.T) {
	const src = "=== A & B ===\nTags: 1, 2, 3, 4, 5, 6\n\nc\n== FAQ ==\nd\n= E? =\n*f*\n== Screenshots ==\n1. *g*\n== Usage ==\nh"
	for key, want := range map[string]string{
		"name":          `"A & B"`,
		"tags":          `["1","2","3","4","5","6"]`,
		"section_order": `["faq","usage","description"]`,
		"faq":           `[{"heading":"E?","html":"<p><em>f</em></p>"}]`,
		"screenshots":   `["<em>g</em>"]`,
	} {
		if got := jsonField(t, src, serving, key); got != want {
			t.Errorf("%s: got %s, want %s", key, got, want)
		}
	}
}

func TestQuestionID(t *testing.T) {
	for question, want := range map[string]string{
		"Why? ": "why%3F", "a b+c~d": "a%20b%2Bc~d", "Ünï": "%C3%9Cn%C3%AF",
	} {
		if got := questionID(question); got != want {
			t.Errorf("%q: got %s, want %s", question, got, want)
		}
	}
}
