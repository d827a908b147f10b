package templates

import (
	"fmt"
	"math"
	"regexp"
	"testing"
)

// colours reads the custom properties of a style sheet's colour schemes.
func colours(t *testing.T, css string, want int) []map[string][3]float64 {
	t.Helper()
	block := regexp.MustCompile(`(?s):root \{(.*?)\}`)
	property := regexp.MustCompile(`--([a-z-]+): #([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2});`)
	var schemes []map[string][3]float64
	for _, b := range block.FindAllStringSubmatch(css, -1) {
		scheme := make(map[string][3]float64)
		for _, m := range property.FindAllStringSubmatch(b[1], -1) {
			var rgb [3]float64
			for i, digits := range m[2:] {
				var n int
				if _, err := fmt.Sscanf(digits, "%x", &n); err != nil {
					t.Fatal(err)
				}
				rgb[i] = float64(n) / 255
			}
			scheme[m[1]] = rgb
		}
		schemes = append(schemes, scheme)
	}
	if len(schemes) != want {
		t.Fatalf("got %d colour schemes, want %d", len(schemes), want)
	}
	return schemes
}

// contrast is WCAG 2.2's ratio of two colours, 1 to 21.
func contrast(a, b [3]float64) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// luminance is WCAG 2.2's relative luminance of an sRGB colour.
func luminance(c [3]float64) float64 {
	for i, v := range c {
		if v <= 0.04045 {
			c[i] = v / 12.92
		} else {
			c[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2]
}
