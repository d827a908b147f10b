package assets

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCompleteTheme(t *testing.T) {
	good := pngOf(t, ThemeScreenshotWidth, ThemeScreenshotHeight)
	const whole = "screenshot.png image/png 1200×900"
	tests := []struct {
		name  string
		files []File
		want  []string
	}{
		{"no screenshot, and nothing is drawn", nil, nil},
		{"the screenshot", []File{fileOf("screenshot.png", good)}, []string{whole}},
		{"the one that WordPress would show", []File{fileOf("screenshot.jpg", []byte("x")), fileOf("screenshot.webp", nil), fileOf("screenshot.png", good)}, []string{whole}},
		{"others are a plugin's", []File{fileOf("screenshot-1.png", good), fileOf("assets/screenshot.png", good), fileOf("Screenshot.png", good), fileOf("icon.svg", []byte(drawing))}, nil},
		{"a JPEG named jpeg", []File{fileOf("screenshot.jpeg", jpegOf(t, 1200, 900))}, []string{"screenshot.jpg image/jpeg 1200×900"}},
		{"too large", []File{fileOf("screenshot.png", pngOf(t, 1600, 1200))}, []string{"screenshot.png image/png 1600×1200",
			"screenshot.png: it is 1600×1200 pixels, larger than the 1200×900 that WordPress.org takes; save it as 1200×900"}},
		{"another shape", []File{fileOf("screenshot.png", pngOf(t, 1200, 600))}, []string{"screenshot.png image/png 1200×600",
			"screenshot.png: it is 1200×600 pixels, not four to three, so WordPress crops it; save it as 1200×900"}},
		{"too small", []File{fileOf("screenshot.png", pngOf(t, 400, 300))}, []string{"screenshot.png image/png 400×300",
			"screenshot.png: it is 400×300 pixels, too small for dense screens; save it as 1200×900"}},
		{"the size of old themes", []File{fileOf("screenshot.png", pngOf(t, 880, 660))}, []string{"screenshot.png image/png 880×660"}},
		{"a GIF", []File{fileOf("screenshot.gif", gifOf(t, 1200, 900, 1))}, []string{"screenshot.gif image/gif 1200×900",
			"screenshot.gif: WordPress.org takes a theme's screenshot as PNG or JPEG alone; save it as screenshot.png"}},
		{"a page", []File{fileOf("screenshot.png", []byte("<!doctype html>"))}, []string{"screenshot.png: left out: its content seems to be an HTML page"}},
		{"what is not understood", []File{fileOf("screenshot.avif", []byte("\x00\x00\x00\x1cftypavif"))}, []string{"screenshot.avif: left out: its content seems to be AVIF, HEIC or a video; save it as PNG"}},
		{"nothing in it", []File{fileOf("screenshot.png", nil)}, []string{"screenshot.png: left out: the file is empty"}},
		{"too many bytes", []File{{Path: "screenshot.png", Size: MaxBytes + 1}}, []string{"screenshot.png: left out: it has 10485761 bytes, more than the 10 MB that an image may have"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			images, problems, err := CompleteTheme(t.Context(), tt.files)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, summary(images, problems)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, p := range problems {
				if p.Code == "" {
					t.Errorf("%+v has no code", p)
				}
			}
		})
	}
}

func TestCompleteThemeEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	file := File{Path: "screenshot.png", Read: func(context.Context) ([]byte, error) { cancel(); return nil, errors.New("gone") }}
	if _, _, err := CompleteTheme(ctx, []File{file}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want the context's error", err)
	}
}
