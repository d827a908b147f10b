package registry

import (
	"bytes"
	"image"
	"image/png"
	"slices"
	"strings"
	"testing"
)

func pictureOf(t *testing.T, width, height int) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestImagesThatAreMissing(t *testing.T) {
	const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8z"/></svg>`
	banner, large := pictureOf(t, 772, 250), pictureOf(t, 1544, 500)
	icon, icon2 := pictureOf(t, 128, 128), pictureOf(t, 256, 256)
	const folder = ".wordpress-org/"
	tests := []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"all of them", nil, "banner_missing icon_missing"},
		{"none", map[string]string{"banner-772x250.png": banner, "banner-1544x500.png": large, "icon-256x256.png": icon2}, ""},
		{"dense screens", map[string]string{"banner-772x250.png": banner, "icon-128x128.png": icon}, "banner_size_missing icon_size_missing"},
		{"the small banner, and all icons but a drawing", map[string]string{"banner-1544x500.png": large, "icon.svg": svg}, "banner_size_missing icon_size_missing"},
		{"a drawing for dense screens does", map[string]string{"banner-772x250.png": banner, "banner-1544x500.png": large, "icon.svg": svg, "icon-128x128.png": icon}, ""},
		{"another size", map[string]string{"banner-772x250.png": pictureOf(t, 772, 251), "banner-1544x500.png": large, "icon-256x256.png": icon2}, "image_size"},
		{"another name", map[string]string{"Banner.png": banner, "notes.png": banner, "icon-256x256.png": icon2}, "image_name banner_missing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := helloYard("1.2.0")
			for name, text := range tt.files {
				files[folder+name] = text
			}
			pkg, err := Check(t.Context(), localOf(t, files))
			if err != nil {
				t.Fatal(err)
			}
			got := slices.DeleteFunc(codes(pkg), func(code string) bool {
				return !strings.HasPrefix(code, "banner_") && !strings.HasPrefix(code, "icon_") && !strings.HasPrefix(code, "image")
			})
			if strings.Join(got, " ") != tt.want {
				t.Errorf("%v, want %q", got, tt.want)
			}
		})
	}
}
