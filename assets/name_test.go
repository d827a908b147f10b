package assets

import "testing"

func TestWanted(t *testing.T) {
	for path, want := range map[string]bool{
		"assets/banner-772x250.png":               true,
		".wordpress-org/banner-1544x500.jpg":      true,
		".wp-assets/banner-772x250-rtl.gif":       true,
		"wp-assets/banner-1544x500-rtl.webp":      true,
		"assets/icon-128x128.bmp":                 true,
		"assets/icon-256x256.jpeg":                true,
		"assets/icon.svg":                         true,
		"assets/icon-256x256.svg":                 true,
		"assets/screenshot-1.png":                 true,
		"assets/screenshot-99.SVG":                true,
		"screenshot-1.png":                        true,
		"assets/Banner-772x250.PNG":               true,
		"assets/hello-yard-banner-772x250.png":    true,
		"assets/Hello-Yard-icon.svg":              true,
		"hello-yard-screenshot-2.png":             true,
		"assets/other-banner-772x250.png":         false,
		"assets/hello-yard-hello-yard-icon.svg":   false,
		"assets/banner-800x300.png":               false,
		"assets/banner-772x250.tiff":              false,
		"assets/banner-772x250":                   false,
		"assets/banner-772x250.min.png":           false,
		"assets/banner-772x250-rtl-rtl.png":       false,
		"assets/icon.png":                         false,
		"assets/icon-64x64.png":                   false,
		"assets/icon-128x128-rtl.png":             false,
		"assets/screenshot.png":                   false,
		"assets/screenshot-0.png":                 false,
		"assets/screenshot-01.png":                false,
		"assets/screenshot-+1.png":                false,
		"assets/screenshot-100.png":               false,
		"assets/screenshot-256.png":               false,
		"assets/screenshot-1-de_DE.png":           false,
		"assets/screenshot-99999999999999999.png": false,
		"assets/images/banner-772x250.png":        false,
		"assets//banner-772x250.png":              false,
		"Assets/banner-772x250.png":               false,
		"src/assets/banner-772x250.png":           false,
		"../assets/banner-772x250.png":            false,
		"/assets/banner-772x250.png":              false,
		"/screenshot-1.png":                       false,
		"banner-772x250.png":                      false,
		"icon.svg":                                false,
		"":                                        false,
		"assets/":                                 false,
		"assets/.png":                             false,
	} {
		if got := Wanted(path, "hello-yard"); got != want {
			t.Errorf("Wanted(%q) = %v, want %v", path, got, want)
		}
	}
}

func TestWantedOfPluginsNamedLikeImages(t *testing.T) {
	for _, tt := range []struct{ path, slug string }{
		{"assets/screenshot-1.png", "screenshot"},
		{"assets/icon-icon.svg", "icon"},
		{"assets/icon-256x256.png", "icon"},
		{"assets/banner-772x250.png", ""},
	} {
		if !Wanted(tt.path, tt.slug) {
			t.Errorf("Wanted(%q, %q) = false", tt.path, tt.slug)
		}
	}
	if Wanted("assets/-icon.svg", "") {
		t.Error("an empty slug is taken for a prefix")
	}
}
