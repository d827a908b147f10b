package assets

import (
	"image/color"
	"math"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestGeneratedIconIsStable guards what sites have cached: a plugin's icon must
// not change with a new version of this program.
func TestGeneratedIconIsStable(t *testing.T) {
	const golden = "testdata/icon-hello-yard.svg"
	got := generatedIcons("hello-yard", "Hello Yard")[0].Data
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("icon (-want +got):\n%s", diff)
	}
}

func TestGeneratedIconsAreSafe(t *testing.T) {
	for _, slug := range []string{"", "hello-yard", "49-ways", "x", "ünïcode"} {
		images := generatedIcons(slug, slug)
		root, removed, err := sanitizeSVG(images[0].Data)
		if err != nil || len(removed) > 0 {
			t.Fatalf("%q: removed %q, error %v", slug, removed, err)
		}
		if diff := cmp.Diff(string(images[0].Data), string(root.bytes())); diff != "" {
			t.Errorf("%q is not as sanitised:\n%s", slug, diff)
		}
	}
}

func TestGeneratedIconsDiffer(t *testing.T) {
	seen := map[string]string{}
	for _, slug := range []string{"hello-yard", "hello-yarn", "hello", "help", "a", "b"} {
		svg := string(generatedIcons(slug, "H")[0].Data)
		if other, ok := seen[svg]; ok {
			t.Errorf("%s looks like %s", slug, other)
		}
		seen[svg] = slug
	}
}

// TestGeneratedRasterIsTheDrawing compares points within the tiles, where the
// PNG and the SVG must have the same colour.
func TestGeneratedRasterIsTheDrawing(t *testing.T) {
	layers := iconLayers("hello-yard", 'H')
	small, large := iconRaster(layers, 128), iconRaster(layers, 256)
	for y := range iconTiles {
		for x := range iconTiles {
			// A point beside the middle, off both diagonals.
			px, py := x*iconTile+iconTile/2, y*iconTile+iconTile/4
			want := colorAt(layers, px, py)
			if got := large.NRGBAAt(px, py); got != want {
				t.Errorf("256 pixels: at %d,%d %v, want %v", px, py, got, want)
			}
			if got := small.NRGBAAt(px/2, py/2); got != want {
				t.Errorf("128 pixels: at %d,%d %v, want %v", px/2, py/2, got, want)
			}
		}
	}
}

// colorAt finds the topmost shape at the middle of a unit by the polygons that
// the SVG has.
func colorAt(layers []iconLayer, x, y int) color.NRGBA {
	var c color.NRGBA
	for _, l := range layers {
		for _, s := range l.shapes {
			corners, in := s.corners(), true
			for i, p := range corners {
				q := corners[(i+1)%len(corners)]
				// Clockwise, with y downwards: the inside lies to the right.
				in = in && (q.X-p.X)*(2*y+1-2*p.Y)-(q.Y-p.Y)*(2*x+1-2*p.X) > 0
			}
			if in {
				c = l.color
			}
		}
	}
	return c
}

func TestIconColorsHaveContrast(t *testing.T) {
	for _, c := range iconColors {
		if ratio := 1.05 / (luminance(c) + 0.05); ratio < 4.5 {
			t.Errorf("white on %v has a contrast of %.2f, want 4.5", c, ratio)
		}
	}
}

// luminance is WCAG 2's relative luminance.
func luminance(c color.NRGBA) float64 {
	linear := func(v uint8) float64 {
		if s := float64(v) / 255; s > 0.04045 {
			return math.Pow((s+0.055)/1.055, 2.4)
		} else {
			return s / 12.92
		}
	}
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

func TestInitial(t *testing.T) {
	tests := []struct {
		name, slug string
		want       rune
	}{
		{"Hello Yard", "x", 'H'},
		{"hello yard", "x", 'H'},
		{"{eac}Registry", "x", 'E'},
		{"404 to 301", "x", '4'},
		{"Привет Yard", "hello-yard", 'H'},
		{"", "hello-yard", 'H'},
		{"", "-_-", 0},
		{"", "", 0},
	}
	for _, tt := range tests {
		if got := initial(tt.name, tt.slug); got != tt.want {
			t.Errorf("initial(%q, %q) = %c, want %c", tt.name, tt.slug, got, tt.want)
		}
	}
}

func TestGlyphsAreComplete(t *testing.T) {
	for _, r := range "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" {
		for i, s := range glyphShapes(r) {
			if !s.rect.In(tile(2, 2).Union(tile(5, 5))) {
				t.Errorf("%c: shape %d lies outside the plate: %v", r, i, s.rect)
			}
		}
		if len(glyphShapes(r)) < glyphRows {
			t.Errorf("%c has too few shapes", r)
		}
	}
}

func BenchmarkGeneratedIcons(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		generatedIcons("hello-yard", "Hello Yard")
	}
}
