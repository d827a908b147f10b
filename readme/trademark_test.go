package readme

import (
	"strings"
	"testing"
)

func TestTrademarks(t *testing.T) {
	for _, c := range []struct{ name, input, want string }{
		{"a name of one's own", "Hello Yard", ""},
		{"a mark at the start", "Google Yard", "google-"},
		{"a mark that only the start must not be", "Yard for Google", ""},
		{"a mark anywhere", "Yard and Facebook", "facebook"},
		{"the word that is always refused", "The WordPress Yard Plugin", "plugin wordpress"},
		{"the mark that may stand behind for", "Yard for WooCommerce", ""},
		{"the same without for", "Yard WooCommerce", "woocommerce"},
		{"a coined name", "Wooyard", "woo-"},
		{"accents and dots", "Gòogle. Yard", "google-"},
		{"signs that no slug has", "Goo(gle) Yard", "google-"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := strings.Join(trademarks(c.input), " "); got != c.want {
				t.Errorf("trademarks(%q) = %q, want %q", c.input, got, c.want)
			}
		})
	}
}
