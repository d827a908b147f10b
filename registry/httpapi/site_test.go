package httpapi

import (
	"net/http"
	"strings"
	"testing"
)

func TestSitesHaveNamesThatStay(t *testing.T) {
	same := siteName("WordPress/6.8; https://example.com/shop/")
	if len(same) != 33 || strings.Contains(same, "example") {
		t.Errorf("the name is %q", same)
	}
	for _, userAgent := range []string{
		"WordPress/7.1.1; https://example.com/shop/", "WordPress/6.8; https://example.com/shop", "WordPress/6.8; http://example.com/shop/",
		"WordPress/6.8; https://Example.com/shop/", "WordPress/6.8; https://example.com/shop/; Extra/1.0",
	} {
		if got := siteName(userAgent); got != same {
			t.Errorf("%s: another name", userAgent)
		}
	}
	for _, userAgent := range []string{"WordPress/6.8; https://example.com/", "WordPress/6.8; https://example.org/shop/"} {
		if got := siteName(userAgent); got == same || got == "" {
			t.Errorf("%s: %q", userAgent, got)
		}
	}
	for _, userAgent := range []string{
		"", "curl/8.0", "WordPress/6.8", "WordPress/6.8; ", "WordPress/6.8; example.com", "WordPress/6.8; https:///",
		"Mozilla/5.0 WordPress/6.8; https://example.com/", "WordPress/6.8; https://" + strings.Repeat("x", maxSite),
	} {
		if got := siteName(userAgent); got != "" {
			t.Errorf("%.40q: got %q, want none", userAgent, got)
		}
	}
}

func TestCohorts(t *testing.T) {
	for text, want := range map[string]int{"0": 0, "7": 7, "999": 999, "007": 7} {
		if got, ok := parseCohort(text); !ok || got != want {
			t.Errorf("%q: got %d, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "1000", "-1", "+1", "1.0", " 1", "x", "0x1"} {
		if got, ok := parseCohort(text); ok {
			t.Errorf("%q: got %d, want none", text, got)
		}
	}
}

// FuzzSiteName: a name is that of one site, of one form, and tells nothing.
func FuzzSiteName(f *testing.F) {
	f.Add("WordPress/6.8; https://example.com/")
	f.Add("WordPress/6.8; http://127.0.0.1:8171/; x")
	f.Add("WordPress/; https://;")
	f.Fuzz(func(t *testing.T, userAgent string) {
		got := siteName(userAgent)
		if got == "" {
			return
		}
		if len(got) != 33 || got[0] != 'u' || strings.Trim(got[1:], "0123456789abcdef") != "" {
			t.Errorf("%q: %q", userAgent, got)
		}
		if !strings.HasPrefix(userAgent, "WordPress/") {
			t.Errorf("%q has a name", userAgent)
		}
		if again := siteName("WordPress/1; " + strings.SplitN(userAgent, "; ", 2)[1]); again != got {
			t.Errorf("%q: %q, and with another version %q", userAgent, got, again)
		}
	})
}

func mustRequest(t *testing.T, path string) *http.Request {
	t.Helper()
	r, err := http.NewRequest("GET", "http://updates.example.com"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
