package templates

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden pages")

// sample is a plugin that has everything.
func sample() PluginPage {
	day := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return PluginPage{
		Site:    Site{Root: "/updates/", Style: "/updates/assets/style.css", Version: "1.0.0"},
		Name:    "Hello Yard",
		Slug:    "hello-yard",
		Version: "1.2.0", Description: "Says hello & goodbye in every yard.",
		Author: "Acme", AuthorURL: "https://example.com/",
		Icon: "/updates/assets/icon.svg", Banner: "/updates/assets/banner-772x250.png", Banner2x: "/updates/assets/banner-1544x500.png",
		Download: "/updates/packages/hello-yard.1.2.0.zip", DownloadSize: 48213, Branch: "/updates/branch/hello-yard.zip",
		Checksum:      strings.Repeat("0123456789abcdef", 4),
		UpgradeNotice: "<p>Save your greetings first.</p>",
		Sections: []Section{
			{Key: "description", Title: "Description", HTML: "<p>It <strong>greets</strong> whoever enters, in the language of the visitor, and says goodbye when they leave.</p>\n<h3>What it does</h3>\n<ul><li>Greets</li><li>Waves</li><li>Says <code>goodbye()</code></li></ul>\n<pre><code>[hello yard=&quot;back&quot;]</code></pre>"},
			{Key: "installation", Title: "Installation", HTML: "<ol><li>Upload the folder to <code>wp-content/plugins</code>.</li><li>Activate it on the Plugins screen.</li></ol>"},
			{Key: "faq", Title: "FAQ", HTML: "<h4>Does it greet cats?</h4><p>Only those that answer.</p><blockquote><p>Meow.</p></blockquote>"},
			{Key: "changelog", Title: "Changelog", HTML: "<h4>1.2.0</h4><ul><li>Greets twice.</li></ul><h4>1.1.0</h4><ul><li>Greets.</li></ul>"},
		},
		Screenshots: []Screenshot{
			{URL: "/updates/assets/screenshot-1.png", Caption: "The greeting <at the gate>", Width: 1200, Height: 800},
			{URL: "/updates/assets/screenshot-2.png"},
		},
		Versions: []Version{
			{Name: "1.2.0", URL: "/updates/release/hello-yard.zip?update_id=v1.2.0", Notes: "https://github.com/acme/hello-yard/releases/tag/v1.2.0", Published: day},
			{Name: "1.2.0-beta", URL: "/updates/release/hello-yard.zip?update_id=v1.2.0-beta", Published: day.AddDate(0, 0, -9), Prerelease: true},
			{Name: "1.1.0", URL: "/updates/release/hello-yard.zip?update_id=v1.1.0"},
		},
		Facts: []Fact{
			{Label: "Version", Text: "1.2.0"}, {Label: "Last updated", Time: day}, {Label: "WordPress version", Text: "6.1 or higher"},
			{Label: "Tested up to", Text: "7.1"}, {Label: "PHP version", Text: "7.4 or higher"},
			{Label: "Licence", Text: "GPL-2.0-or-later", URL: "https://www.gnu.org/licenses/gpl-2.0.html"},
			{Label: "Source", Text: "acme/hello-yard", URL: "https://github.com/acme/hello-yard"},
		},
		Tags:      []string{"greeting", "yard"},
		UpdateURI: "https://updates.example.com/updates/hello-yard.json",
		Document:  "/updates/hello-yard.json",
		Findings: []Finding{
			{Severity: "error", Place: "readme.txt:3", Message: "tested up to is not a version", Remedy: "Write it as 7.1."},
			{Severity: "warning", Place: "hello-yard.php", Message: "there is no Update URI, so WordPress.org could offer a plugin of the same name; add the line above"},
			{Severity: "note", Message: "there is no banner"},
		},
		Notices: []string{"Version 1.3.0 is taken back (yanked); 1.2.0 takes its place.", "Background updates are switched off: a site is updated when somebody there asks for it."},
		Note:    "GitHub did not answer; the last good package is served",
		Checked: day,
	}
}

func pageCases() map[string]func(*Pages, io.Writer) error {
	site := sample().Site
	bare := PluginPage{Site: site, Name: "unbuilt", Slug: "unbuilt", UpdateURI: "https://updates.example.com/updates/unbuilt.json", Document: "/updates/unbuilt.json", Note: "no plugin header in acme/unbuilt"}
	hostile := sample()
	hostile.Name = `<script>alert(1)</script>`
	hostile.Notices = []string{`Version 1.0<script>alert(1)</script> is taken back.`}
	hostile.AuthorURL = "javascript:alert(1)"
	hostile.Facts = []Fact{{Label: "Homepage", Text: "here", URL: "javascript:alert(1)"}}
	hostile.Tags = []string{`"><img src=x onerror=alert(1)>`}
	hostile.Sections = nil
	hostile.Findings = []Finding{{Severity: `x" onclick="alert(1)`, Message: "<b>", Remedy: "<i>"}}
	theme := sample()
	theme.Name, theme.Slug, theme.Theme, theme.Parent = "Garden Path", "garden-path", true, "twentytwentyfive"
	theme.Icon, theme.Banner, theme.Banner2x, theme.Screenshots = "", "", "", nil
	theme.Picture = &Screenshot{URL: "/updates/assets/screenshot.png", Width: 1200, Height: 900}
	theme.UpdateURI, theme.Document, theme.Findings, theme.Note, theme.Notices = "https://updates.example.com/updates/garden-path.json", "/updates/garden-path.json", nil, "", nil
	return map[string]func(*Pages, io.Writer) error{
		"catalogue": func(p *Pages, w io.Writer) error {
			return p.Catalogue(w, Catalogue{Site: site, Withheld: 2, Collection: "/updates/plugin_info.json", Cards: []Card{
				{Name: "Hello Yard", URL: "/updates/hello-yard/", Icon: "/updates/assets/icon.svg", Description: "Says hello & goodbye in every yard.", Author: "Acme", Version: "1.2.0", Updated: sample().Checked, Tested: "7.1"},
				{Name: "garden gate", URL: "/updates/garden-gate/", Note: "no plugin header in acme/garden-gate"},
			}})
		},
		"catalogue-themes": func(p *Pages, w io.Writer) error {
			return p.Catalogue(w, Catalogue{Site: site, Collection: "/updates/plugin_info.json", Themes: "/updates/theme_info.json", Cards: []Card{
				{Name: "Hello Yard", URL: "/updates/hello-yard/", Version: "1.2.0"},
				{Name: "Garden Path", Theme: true, Screenshot: "/updates/assets/screenshot.png", URL: "/updates/garden-path/", Version: "1.1.0"},
				{Name: "Bare", Theme: true, URL: "/updates/bare/", Version: "1.0"},
			}})
		},
		"theme":           func(p *Pages, w io.Writer) error { return p.Plugin(w, theme) },
		"catalogue-empty": func(p *Pages, w io.Writer) error { return p.Catalogue(w, Catalogue{Site: site}) },
		"catalogue-looking": func(p *Pages, w io.Writer) error {
			return p.Catalogue(w, Catalogue{Site: site, Looking: true, Cards: []Card{{Name: "Hello Yard", URL: "/updates/hello-yard/", Version: "1.2.0"}}})
		},
		"plugin":         func(p *Pages, w io.Writer) error { return p.Plugin(w, sample()) },
		"plugin-unbuilt": func(p *Pages, w io.Writer) error { return p.Plugin(w, bare) },
		"plugin-hostile": func(p *Pages, w io.Writer) error { return p.Plugin(w, hostile) },
		"status":         func(p *Pages, w io.Writer) error { return p.Status(w, sampleStatus()) },
		"status-nothing": func(p *Pages, w io.Writer) error {
			return p.Status(w, Status{Site: Site{Root: "https://updates.example.com/", Style: "style.css"}, Now: sample().Checked})
		},
		"error": func(p *Pages, w io.Writer) error {
			return p.Error(w, ErrorPage{Site: site, Status: 404, Title: "Not Found", Message: "no such plugin"})
		},
	}
}

func render(t *testing.T, write func(*Pages, io.Writer) error) string {
	t.Helper()
	p, err := Parse()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := write(p, &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPagesAreAsTheGoldenFiles(t *testing.T) {
	for name, write := range pageCases() {
		t.Run(name, func(t *testing.T) {
			got := render(t, write)
			golden := filepath.Join("testdata", name+".html")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("page differs from %s (-want +got):\n%s", golden, diff)
			}
		})
	}
}

// What the policy forbids must not be asked for, and what a screen reader or a
// keyboard needs must be there.
func TestPagesKeepTheirPromises(t *testing.T) {
	inline := regexp.MustCompile(`(?i)<script|<style|\sstyle=|\son[a-z]+="|<form|<iframe`)
	id := regexp.MustCompile(`\sid="([^"]*)"`)
	anchor := regexp.MustCompile(`(?:href="#|aria-labelledby=")([^"]+)"`)
	for name, write := range pageCases() {
		t.Run(name, func(t *testing.T) {
			page := render(t, write)
			if found := inline.FindString(page); found != "" {
				t.Errorf("got %q, which the policy forbids", found)
			}
			if strings.Contains(page, `href="javascript:`) {
				t.Error("got a javascript: link")
			}
			for _, want := range []string{`<html lang="en">`, `name="viewport"`, `href="#main"`, `<main id="main"`, "<title>"} {
				if !strings.Contains(page, want) {
					t.Errorf("the page lacks %s", want)
				}
			}
			if n := strings.Count(page, "<h1>"); n != 1 {
				t.Errorf("got %d headings of the first level, want 1", n)
			}
			ids := make(map[string]bool)
			for _, m := range id.FindAllStringSubmatch(page, -1) {
				if ids[m[1]] {
					t.Errorf("id %q is given twice", m[1])
				}
				ids[m[1]] = true
			}
			for _, m := range anchor.FindAllStringSubmatch(page, -1) {
				if !ids[m[1]] {
					t.Errorf("nothing has the id %q that is pointed to", m[1])
				}
			}
		})
	}
}

func TestSentence(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"a message of the registry gets a capital and a full stop", "no such plugin", "No such plugin."},
		{"a whole sentence stays", "Is it? Yes!", "Is it? Yes!"},
		{"a letter beyond ASCII has a capital too", "över", "Över."},
		{"nothing stays nothing", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := sentence(test.in); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestFormatBytes(t *testing.T) {
	for _, test := range []struct {
		n    int64
		want string
	}{{0, "0 bytes"}, {999, "999 bytes"}, {7_300_000_000, "7.3 GB"}, {48213, "48 kB"}, {61_500_000, "61.5 MB"}} {
		if got := formatBytes(test.n); got != test.want {
			t.Errorf("%d: got %q, want %q", test.n, got, test.want)
		}
	}
}

// Text has to be read by people who see little contrast: WCAG 2.2 asks for 4.5
// to 1.
func TestColoursHaveEnoughContrast(t *testing.T) {
	schemes := colours(t, string(Style()), 2) // a light one and a dark one
	for i, scheme := range schemes {
		for _, pair := range [][2]string{
			{"ink", "ground"}, {"soft", "ground"}, {"link", "ground"}, {"ink", "raised"}, {"soft", "raised"},
			{"on-button", "button"}, {"ink", "note"}, {"link", "note"}, {"bad", "ground"},
		} {
			if ratio := contrast(scheme[pair[0]], scheme[pair[1]]); ratio < 4.5 {
				t.Errorf("scheme %d: %s on %s has a contrast of %.2f, want at least 4.5", i, pair[0], pair[1], ratio)
			}
		}
	}
}

func BenchmarkPlugin(b *testing.B) {
	p, err := Parse()
	if err != nil {
		b.Fatal(err)
	}
	page := sample()
	b.ReportAllocs()
	for b.Loop() {
		if err := p.Plugin(io.Discard, page); err != nil {
			b.Fatal(err)
		}
	}
}
