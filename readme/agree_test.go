package readme

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// headerRules are the rules that have a say in names and headers.
const headerRules = AllTags | UTF16 | ValidText | Preamble | PlainText | ExtraHeaders | PublishedVersions

// checkProfilesAgree fails unless both profiles read the same name and
// headers, but for what the rules say.
func checkProfilesAgree(t *testing.T, src []byte) {
	t.Helper()
	strict := Parse(src, wporg)
	loose := Parse(src, Options{Profile: Serve &^ headerRules, Stable: StableWordPress})
	if strict.Name != loose.Name {
		t.Fatalf("name %q is %q without any rule for it", strict.Name, loose.Name)
	}
	if diff := cmp.Diff(strict.Headers, loose.Headers); diff != "" {
		t.Fatalf("headers differ without any rule for them: -WPOrg +Serve\n%s", diff)
	}

	// PlainText changes how they are written, not what they are.
	plain := Parse(src, Options{Profile: Serve, Stable: StableWordPress})
	raw := Parse(src, Options{Profile: Serve &^ PlainText, Stable: StableWordPress})
	want := raw.Headers
	want.Tags = nil
	for _, tag := range raw.Headers.Tags {
		if tag = plainText(tag); tag != "" {
			want.Tags = append(want.Tags, tag)
		}
	}
	want.License, want.LicenseURI, want.DonateLink = plainText(want.License), address(want.LicenseURI), address(want.DonateLink)
	want.Extra = plain.Headers.Extra
	if diff := cmp.Diff(want, plain.Headers); diff != "" {
		t.Fatalf("headers differ: -raw +plain\n%s", diff)
	}

	// Versions that WordPress.org believes are published as they are.
	for _, v := range [][2]string{
		{loose.Headers.Requires, Parse(src, Options{Profile: Serve &^ (headerRules &^ PublishedVersions), Stable: StableWordPress}).Headers.Requires},
		{loose.Headers.Tested, Parse(src, Options{Profile: Serve &^ (headerRules &^ PublishedVersions), Stable: StableWordPress}).Headers.Tested},
	} {
		if v[0] != "" && v[0] != v[1] {
			t.Fatalf("version %q is published as %q", v[0], v[1])
		}
	}
}

// checkDocument fails unless the document is JSON in UTF-8 of a bounded size,
// and says the same as the readme.
func checkDocument(t *testing.T, src []byte, o Options) {
	t.Helper()
	r := Parse(src, o)
	d := r.Document(o)
	out, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	var fields struct {
		Order     []string          `json:"section_order"`
		Sections  map[string]string `json:"sections"`
		Warnings  map[string]any    `json:"warnings"`
		Validator map[string][]string
	}
	if err := json.Unmarshal(out, &fields); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if len(fields.Order) != len(fields.Sections) || len(fields.Warnings) != len(r.Warnings) {
		t.Fatalf("sections or warnings are there twice: %s", out)
	}
	for _, s := range d.Sections {
		if !utf8.ValidString(s.Key) || !utf8.ValidString(s.HTML) {
			t.Fatalf("section %q is no UTF-8: %q", s.Key, s.HTML)
		}
	}
	lines := len(cutLines(string(src), utf8.Valid(src)))
	for _, p := range d.Problems {
		if p.Line < 0 || p.Line > lines || p.Message == "" || p.Remedy == "" {
			t.Fatalf("problem %+v of %d lines", p, lines)
		}
	}
}

// print writes a readme of the profile Serve, without its extra headers, so
// that the parser reads the same again.
func (r *Readme) print() string {
	var out strings.Builder
	if r.Name != "" {
		out.WriteString("=== " + spelt(r.Name) + " ===\n")
	}
	var tags []string
	for _, tag := range r.Headers.Tags {
		tags = append(tags, spelt(tag))
	}
	h := r.Headers
	fmt.Fprintf(&out, "Tags: %s\n", strings.Join(tags, ","))
	fmt.Fprintf(&out, "Contributors: %s\n", strings.Join(h.Contributors, ","))
	fmt.Fprintf(&out, "Requires: %s\nTested: %s\nRequires PHP: %s\n", h.Requires, h.Tested, h.RequiresPHP)
	fmt.Fprintf(&out, "Stable tag: \"%s\"\nLicense: %s\n", h.StableTag, spelt(h.License))
	// Addresses have no entities; tags keep what would be trimmed.
	fmt.Fprintf(&out, "License URI: <b>%s<b>\nDonate link: <b>%s<b>\n\n", h.LicenseURI, h.DonateLink)
	if !slices.ContainsFunc(r.Warnings, func(w Warning) bool { return w.Key == "no_short_description_present" }) {
		if r.ShortDescription != "" {
			out.WriteString(spelt(r.ShortDescription) + "\n")
		} else if r.Section("description") != nil {
			out.WriteString("<b></b>\n") // there was one, of nothing to see
		}
	}
	for _, s := range r.Sections {
		out.WriteString("== " + spelt(s.Title) + " ==\n" + s.Markdown + "\n")
	}
	return out.String()
}

// spelt writes ASCII as entities, which no rule takes for anything else.
func spelt(s string) string {
	var out strings.Builder
	for _, r := range s {
		if r > ' ' && r < 0x7F {
			fmt.Fprintf(&out, "&#%d;", r)
		} else {
			out.WriteRune(r)
		}
	}
	return out.String()
}

// checkPrinted fails unless what is printed is read as the same.
func checkPrinted(t *testing.T, src []byte) {
	t.Helper()
	r := Parse(src, serving)
	if !utf8.Valid(src) || lower(r.Name) == "plugin name" || len(r.Sections) == MaxSections {
		return
	}
	// Fences without an end look at what follows, also in other sections, and
	// those may have moved together.
	if strings.Contains(string(src), "```") || strings.Contains(string(src), "~~~") {
		return
	}
	printed := r.print()
	again := Parse([]byte(printed), serving)
	if r.Name != again.Name {
		t.Fatalf("name %q became %q in\n%s", r.Name, again.Name, printed)
	}
	want := r.Headers
	want.Extra = nil
	for _, v := range []*string{&want.Requires, &want.Tested, &want.RequiresPHP} {
		if isEmpty(*v) {
			*v = ""
		}
	}
	if diff := cmp.Diff(want, again.Headers); diff != "" {
		t.Fatalf("headers: -want +got\n%s\nin\n%s", diff, printed)
	}
	if r.ShortDescription != again.ShortDescription {
		t.Fatalf("short description %q became %q in\n%s", r.ShortDescription, again.ShortDescription, printed)
	}
	for i := range r.Sections {
		r.Sections[i].Line = 0
	}
	for i := range again.Sections {
		again.Sections[i].Line = 0
	}
	if diff := cmp.Diff(r.Sections, again.Sections); diff != "" {
		t.Fatalf("sections: -want +got\n%s\nin\n%s", diff, printed)
	}
	if diff := cmp.Diff(r.FAQ, again.FAQ); diff != "" {
		t.Fatalf("FAQ: -want +got\n%s", diff)
	}
	if diff := cmp.Diff(r.UpgradeNotice, again.UpgradeNotice); diff != "" {
		t.Fatalf("upgrade notice: -want +got\n%s", diff)
	}
}
