package assets

import (
	"encoding/binary"
	"image"
	"image/color"
	"strings"
	"testing"
)

// TestCompleteRefuses has hostile and broken images, each with a part of what
// the author is told.
func TestCompleteRefuses(t *testing.T) {
	gif65535 := gifOf(t, 4, 4, 1)
	binary.LittleEndian.PutUint16(gif65535[6:], 65535)
	binary.LittleEndian.PutUint16(gif65535[8:], 65535)
	bmpHuge := bmpOf(t, 4, 4)
	binary.LittleEndian.PutUint32(bmpHuge[18:], 1<<30)
	webpHuge := []byte(strings.Replace(animated, "\x0f\x00\x00\x0f\x00\x00", "\xff\xff\x00\xff\x3f\x00", 1))

	tests := []struct {
		name string
		file string
		data []byte
		want string
	}{
		{"an empty file", "screenshot-1.png", nil, "the file is empty"},
		{"text", "screenshot-1.png", []byte("hello"), "seems to be no image"},
		{"an HTML page with a drawing in it", "screenshot-1.svg", []byte("<!DOCTYPE html><html>" + drawing), "an HTML page"},
		{"a Git LFS pointer", "screenshot-1.png", []byte("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"), "Git LFS"},
		{"compressed SVG", "screenshot-1.svg", []byte("\x1f\x8b\x08"), "gzip"},
		{"SVG in UTF-16", "screenshot-1.svg", []byte("\xff\xfe<\x00s\x00v\x00g\x00"), "UTF-16"},
		{"TIFF", "screenshot-1.png", []byte("II*\x00\x08\x00\x00\x00"), "TIFF"},
		{"AVIF", "screenshot-1.webp", []byte("\x00\x00\x00\x20ftypavif"), "AVIF"},
		{"an icon file", "screenshot-1.bmp", []byte("\x00\x00\x01\x00\x01"), "ICO"},
		{"malformed SVG", "screenshot-1.svg", []byte("<svg><path></svg>"), "sanitise SVG: XML syntax error"},

		{"a PNG of four thousand million pixels", "screenshot-1.png", pngHeader(65536, 65536), "65536×65536 pixels, more than 16384×16384"},
		{"a PNG that is merely large", "screenshot-1.png", pngHeader(16384, 16384), "too many to be checked"},
		{"a PNG that is very wide", "screenshot-1.png", pngHeader(MaxWidth+1, 1), "more than"},
		{"a PNG that is very high", "screenshot-1.png", pngHeader(1, MaxHeight+1), "more than"},
		{"a PNG without pixels", "screenshot-1.png", pngHeader(0, 0), "decode PNG header"},
		{"a huge GIF", "screenshot-1.gif", gif65535, "more than"},
		{"a huge BMP", "screenshot-1.bmp", bmpHuge, "more than"},
		{"a huge WebP", "screenshot-1.webp", webpHuge, "more than"},

		{"a truncated PNG", "screenshot-1.png", pngOf(t, 90, 90)[:200], "decode PNG"},
		{"a PNG cut before its end", "screenshot-1.png", pngOf(t, 90, 90)[:len(pngOf(t, 90, 90))-8], "decode PNG"},
		{"a truncated JPEG", "screenshot-1.jpg", jpegOf(t, 90, 90)[:800], "decode JPEG"},
		{"a truncated GIF", "screenshot-1.gif", gifOf(t, 90, 90, 1)[:60], "ends before its trailer"},
		{"a GIF cut in its last frame", "screenshot-1.gif", gifOf(t, 9, 9, 3)[:len(gifOf(t, 9, 9, 3))-4], "ends before its trailer"},
		{"a truncated WebP", "screenshot-1.webp", webpOf(t)[:1500], "decode WebP"},
		{"a truncated BMP", "screenshot-1.bmp", bmpOf(t, 9, 9)[:90], "decode BMP"},
		{"a bare PNG signature", "screenshot-1.png", []byte("\x89PNG\r\n\x1a\n"), "decode PNG header"},
		{"a bare JPEG signature", "screenshot-1.jpg", []byte("\xff\xd8\xff"), "decode JPEG header"},
		{"a bare GIF signature", "screenshot-1.gif", []byte("GIF89a"), "decode GIF header"},

		{"a GIF of too many frames", "screenshot-1.gif", gifOf(t, 2, 2, MaxFrames+1), "more than 1000 frames"},
		{"a GIF without frames", "screenshot-1.gif", append(gifOf(t, 2, 2, 1)[:19:19], 0x3b), "decode GIF"},
		{"an animated WebP", "screenshot-1.webp", []byte(animated), "animated WebP"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			images, problems, err := Complete(t.Context(), "hello-yard", "", []File{ownIcon(), fileOf("assets/"+tt.file, tt.data)})
			if err != nil {
				t.Fatal(err)
			}
			if len(images) != 1 || len(problems) != 1 || !strings.Contains(problems[0].Message, tt.want) ||
				!strings.HasPrefix(problems[0].Message, "left out: ") {
				t.Errorf("got %q, want a problem with %q", summary(images, problems), tt.want)
			}
		})
	}
}

func TestBearable(t *testing.T) {
	const side = 4096 // 16 of the 24 million pixels
	plain, progressive := []byte("\xff\xd8\xff\xc0"), []byte("\xff\xd8\xff\xc2")
	tests := []struct {
		name   string
		model  color.Model
		height int
		data   []byte
		want   bool
	}{
		{"8 bits per channel", color.NRGBAModel, side, nil, true},
		{"as many pixels as allowed", color.NRGBAModel, MaxPixels / side, nil, true},
		{"one line more", color.NRGBAModel, MaxPixels/side + 1, nil, false},
		{"16 bits per channel", color.NRGBA64Model, MaxPixels / side, nil, true},
		{"a palette", color.Palette{color.Black}, side, nil, true},
		{"a baseline JPEG", color.YCbCrModel, side, plain, true},
		{"a progressive JPEG", color.YCbCrModel, side, progressive, false},
		{"a progressive JPEG in grey", color.GrayModel, side, progressive, true},
		{"a progressive JPEG for print", color.CMYKModel, side, progressive, false},
		{"a progressive JPEG of ordinary size", color.YCbCrModel, 2160, progressive, true},
		{"the marker of progression in another format", color.YCbCrModel, side, []byte("RIFF\xff\xc2"), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := bearable(image.Config{ColorModel: tt.model, Width: side, Height: tt.height}, tt.data)
			if (err == nil) != tt.want {
				t.Errorf("error = %v", err)
			}
		})
	}
}

func TestDecodeSurvivesPanics(t *testing.T) {
	f := formatOf("PNG")
	f.decode = nil
	if _, err := decode(f, pngOf(t, 1, 1)); err == nil || !strings.Contains(err.Error(), "gave up") {
		t.Errorf("error = %v", err)
	}
}

// TestShrinkSurvivesWildPalettes would end the test binary, not fail, if the
// image reached imaging (CVE-2023-36308).
func TestShrinkSurvivesWildPalettes(t *testing.T) {
	img := image.NewPaletted(image.Rect(0, 0, 256, 256), color.Palette{color.Black})
	img.Pix[9] = 7
	if _, ok, err := shrink(Image{}, img, placeOf("icon-128x128")); ok || err == nil {
		t.Errorf("ok = %v, error = %v", ok, err)
	}
}

func TestShrinkKeepsThePicture(t *testing.T) {
	tests := []struct {
		name string
		data []byte
		file string
	}{
		{"PNG", pngOf(t, 1544, 500), "banner-1544x500.png"},
		{"JPEG", jpegOf(t, 1544, 500), "banner-1544x500.jpg"},
		{"BMP", bmpOf(t, 1544, 500), "banner-1544x500.bmp"},
	}
	want := picture(772, 250)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			images, _, err := Complete(t.Context(), "hello-yard", "", []File{ownIcon(), fileOf("assets/"+tt.file, tt.data)})
			if err != nil || !images[0].Generated {
				t.Fatalf("%q, %v", summary(images, nil), err)
			}
			got := decodeAny(t, images[0])
			for _, at := range []image.Point{{0, 0}, {771, 0}, {386, 125}, {0, 249}, {771, 249}} {
				g := color.NRGBAModel.Convert(got.At(at.X, at.Y)).(color.NRGBA)
				w := want.NRGBAAt(at.X, at.Y)
				if far(g.R, w.R) || far(g.G, w.G) || far(g.B, w.B) || g.A != 255 {
					t.Errorf("at %v is %v, want about %v", at, g, w)
				}
			}
		})
	}
}

func far(a, b uint8) bool { return max(a, b)-min(a, b) > 8 }

// TestShrinkUsesTheCanvas has a GIF whose first frame is the upper left
// quarter.
func TestShrinkUsesTheCanvas(t *testing.T) {
	images, _, err := Complete(t.Context(), "hello-yard", "", []File{fileOf("assets/icon-256x256.gif", gifOf(t, 256, 256, 2))})
	if err != nil {
		t.Fatal(err)
	}
	got := decodeAny(t, images[0])
	_, _, _, inside := got.At(20, 20).RGBA()
	_, _, _, outside := got.At(100, 100).RGBA()
	if inside != 0xffff || outside != 0 {
		t.Errorf("alpha within the frame %#x, beyond it %#x", inside, outside)
	}
}
