package templates

import (
	"crypto/sha256"
	"encoding/base64"
	"html"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func popupCases() map[string]Popup {
	whole := Popup{
		Name: "Hello Yard & Gate", Description: "Says hello & goodbye in every yard.",
		Sections: sample().Sections,
		Facts: []Fact{
			{Label: "Version", Text: "1.2.0"}, {Label: "Compatible up to", Text: "7.1"},
			{Label: "License", Text: "GPLv2 or later", URL: "https://www.gnu.org/licenses/gpl-2.0.html"}, {Label: "License", URL: "https://example.com/"},
		},
		Contributors: []Fact{{Text: "acme", URL: "https://example.com/acme/"}, {Text: "alice"}},
		Tags:         []string{"greeting", "yard"},
		Donate:       "https://example.com/donate",
	}
	hostile := whole
	hostile.Name = `</title><script>alert(1)</script>`
	hostile.Facts = []Fact{{Label: "<b>", Text: "</style>", URL: "javascript:alert(1)"}}
	hostile.Contributors = []Fact{{Text: "<i>", URL: "data:text/html,x"}}
	hostile.Tags = []string{`"><img src=x onerror=alert(1)>`}
	hostile.Donate = "javascript:alert(1)"
	hostile.Sections = []Section{{Key: `x" onclick="alert(1)`, Title: "<b>", HTML: "<p>a</p>"}}
	return map[string]Popup{"popup": whole, "popup-hostile": hostile, "popup-bare": {Name: "Bare"}}
}

func renderPopup(t *testing.T, v Popup) string {
	t.Helper()
	return render(t, func(p *Pages, w io.Writer) error { return p.Popup(w, v) })
}

func TestPopupIsAsTheGoldenFiles(t *testing.T) {
	for name, v := range popupCases() {
		t.Run(name, func(t *testing.T) {
			got := strings.Replace(renderPopup(t, v), popupStyle, "STYLE", 1)
			got = regexp.MustCompile(`sha256-[^=]*=`).ReplaceAllString(got, "DIGEST")
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

// The page has to work from a disk, without a script and without a network.
func TestPopupNeedsNothingElse(t *testing.T) {
	outside := regexp.MustCompile(`(?i)<script|<link rel="stylesheet|<img|<iframe|<form|\sstyle=|\son[a-z]+="|@import|url\(|href="(javascript|data:t)`)
	for name, v := range popupCases() {
		t.Run(name, func(t *testing.T) {
			page := renderPopup(t, v)
			if found := outside.FindString(page); found != "" {
				t.Errorf("got %q", found)
			}
			_, style, _ := strings.Cut(page, "<style>")
			style, _, _ = strings.Cut(style, "</style>")
			digest := sha256.Sum256([]byte(style))
			policy := regexp.MustCompile(`Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(page)
			if policy == nil || !strings.Contains(html.UnescapeString(policy[1]), base64.StdEncoding.EncodeToString(digest[:])) {
				t.Errorf("the policy %q does not allow the page's own style sheet", policy)
			}
			if n := strings.Count(page, "<h1"); n != 1 {
				t.Errorf("got %d headings of the first level, want 1", n)
			}
			if tabs, labels := strings.Count(page, `type="radio"`), strings.Count(page, "<label for="); tabs != len(v.Sections) || labels != tabs {
				t.Errorf("got %d tabs with %d labels, want %d", tabs, labels, len(v.Sections))
			}
		})
	}
}

func TestPopupFetchesImagesOnlyWhenAsked(t *testing.T) {
	if page := renderPopup(t, Popup{}); strings.Contains(page, "https:") {
		t.Errorf("got a policy that allows other hosts: %s", page)
	}
	if page := renderPopup(t, Popup{Images: true}); !strings.Contains(page, "img-src https: http: data:;") {
		t.Errorf("got a policy that allows no images: %s", page)
	}
}

func TestPopupColoursHaveEnoughContrast(t *testing.T) {
	scheme := colours(t, popupStyle, 1)[0]
	for _, pair := range [][2]string{
		{"ink", "ground"}, {"soft", "ground"}, {"link", "ground"}, {"ink", "raised"}, {"soft", "raised"}, {"link", "raised"}, {"on-banner", "banner"},
	} {
		if ratio := contrast(scheme[pair[0]], scheme[pair[1]]); ratio < 4.5 {
			t.Errorf("%s on %s has a contrast of %.2f, want at least 4.5", pair[0], pair[1], ratio)
		}
	}
}
