package assets

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"strings"
)

// The generated icon is laid out on a square of 256 units: 8×8 tiles of 32,
// the right half mirroring the left one, and in the middle a plate of 4×4 tiles
// with the initial, in cells of 14. All numbers are even, so that the 128 pixel
// icon needs no rounding.
const (
	iconUnits = 256
	iconTile  = 32
	iconTiles = iconUnits / iconTile
	iconCell  = 14
)

// iconColors are backgrounds on which white text has a contrast of at least
// 4.5:1, as WCAG 2 asks for.
var iconColors = []color.NRGBA{
	{0x1d, 0x4e, 0x89, 0xff}, {0x0f, 0x5c, 0x5c, 0xff}, {0x2d, 0x6a, 0x4f, 0xff}, {0x5b, 0x3a, 0x8c, 0xff},
	{0x8c, 0x2f, 0x5f, 0xff}, {0x9b, 0x2c, 0x2c, 0xff}, {0x8a, 0x4b, 0x12, 0xff}, {0x3c, 0x49, 0x6b, 0xff},
	{0x1f, 0x5f, 0x8b, 0xff}, {0x4a, 0x5a, 0x17, 0xff}, {0x6b, 0x3f, 0x2a, 0xff}, {0x33, 0x41, 0x9e, 0xff},
	{0x7a, 0x2e, 0x7a, 0xff}, {0x14, 0x65, 0x3d, 0xff}, {0x85, 0x35, 0x4a, 0xff}, {0x45, 0x4f, 0x59, 0xff},
}

// iconShape is a part of the icon of one colour: half a square of tiles, cut
// from corner to corner, or a rectangle.
type iconShape struct {
	rect   image.Rectangle // in units
	corner int             // 0 is the whole rectangle; 1 to 4 the half at a corner, clockwise from the upper left
}

// iconLayer is drawn as one path, so that neighbouring shapes show no seam.
type iconLayer struct {
	color  color.NRGBA
	shapes []iconShape
}

// generatedIcons draws the icon of a plugin that has none: icon.svg, which
// WordPress takes first, and both sizes as PNG for other clients. It depends
// on the slug and the initial of the name alone.
func generatedIcons(slug, name string) []Image {
	layers := iconLayers(slug, initial(name, slug))
	images := []Image{{
		Name: "icon.svg", Type: "image/svg+xml", Width: iconUnits, Height: iconUnits,
		Data: iconSVG(layers), Generated: true,
	}}
	for _, p := range places {
		if p.width == 0 || !strings.HasPrefix(p.stem, "icon-") {
			continue
		}
		// Encoding to memory can't fail for an image of fixed size; were it to,
		// the SVG would still be there.
		if data, err := encodePNG(iconRaster(layers, p.width)); err == nil {
			images = append(images, Image{
				Name: p.stem + ".png", Type: "image/png", Width: p.width, Height: p.height,
				Data: data, Generated: true,
			})
		}
	}
	return images
}

// initial is the first letter or digit with a glyph, of the name or else of the
// slug; 0 if neither has one.
func initial(name, slug string) rune {
	for _, r := range strings.ToUpper(name) {
		// A name in another script has no initial here, wherever Latin letters
		// may follow.
		if r > 0x7f {
			break
		}
		if _, ok := glyphs[r]; ok {
			return r
		}
	}
	for _, r := range strings.ToUpper(slug) {
		if _, ok := glyphs[r]; ok {
			return r
		}
	}
	return 0
}

// iconLayers chooses colour and pattern by the slug's SHA-256.
func iconLayers(slug string, letter rune) []iconLayer {
	sum := sha256.Sum256([]byte(slug))
	base := iconColors[int(sum[0])%len(iconColors)]
	background := iconLayer{base, []iconShape{{rect: image.Rect(0, 0, iconUnits, iconUnits)}}}
	tones := []iconLayer{{color: lighten(base, 14)}, {color: lighten(base, 30)}}

	for row := range iconTiles {
		for column := range iconTiles / 2 {
			// Half of a byte's values leave a tile empty; the others choose
			// one of five shapes and one of two tones.
			b := int(sum[(1+row*iconTiles/2+column)%len(sum)])
			if b&1 == 0 {
				continue
			}
			shape := iconShape{tile(column, row), (b >> 2) % 5}
			mirror := iconShape{tile(iconTiles-1-column, row), []int{0, 2, 1, 4, 3}[shape.corner]}
			tone := &tones[b>>1&1]
			tone.shapes = append(tone.shapes, shape, mirror)
		}
	}
	layers := append([]iconLayer{background}, tones...)
	if letter == 0 {
		return layers
	}
	plate := image.Rect(2, 2, iconTiles-2, iconTiles-2)
	plate.Min, plate.Max = plate.Min.Mul(iconTile), plate.Max.Mul(iconTile)
	return append(layers,
		iconLayer{base, []iconShape{{rect: plate}}},
		iconLayer{color.NRGBA{0xff, 0xff, 0xff, 0xff}, glyphShapes(letter)})
}

func tile(column, row int) image.Rectangle {
	return image.Rect(column*iconTile, row*iconTile, (column+1)*iconTile, (row+1)*iconTile)
}

// lighten mixes a colour with white.
func lighten(c color.NRGBA, percent int) color.NRGBA {
	mix := func(v uint8) uint8 { return uint8((int(v)*(100-percent) + 0xff*percent) / 100) }
	return color.NRGBA{mix(c.R), mix(c.G), mix(c.B), 0xff}
}

// corners are the corners of a shape, clockwise.
func (s iconShape) corners() []image.Point {
	r := s.rect
	all := []image.Point{r.Min, {r.Max.X, r.Min.Y}, r.Max, {r.Min.X, r.Max.Y}}
	if s.corner == 0 {
		return all
	}
	// The half at a corner lacks the one opposite.
	opposite := (s.corner + 1) % 4
	return append(all[:opposite:opposite], all[opposite+1:]...)
}

// iconSVG writes the layers as paths, in the very form that sanitising gives.
func iconSVG(layers []iconLayer) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="%s" width="%d" height="%[2]d" viewBox="0 0 %[2]d %[2]d">`, svgSpace, iconUnits)
	for _, l := range layers {
		if len(l.shapes) == 0 {
			continue
		}
		fmt.Fprintf(&b, `<path fill="#%02x%02x%02x" d="`, l.color.R, l.color.G, l.color.B)
		for _, s := range l.shapes {
			command := 'M'
			for _, p := range s.corners() {
				fmt.Fprintf(&b, "%c%d %d", command, p.X, p.Y)
				command = 'L'
			}
			b.WriteByte('z')
		}
		b.WriteString(`"/>`)
	}
	b.WriteString("</svg>")
	return b.Bytes()
}

// iconRaster draws the layers as a square image of that size, which divides
// iconUnits. A cut from corner to corner covers half of each pixel on it.
func iconRaster(layers []iconLayer, size int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, size, size))
	units := iconUnits / size
	for _, l := range layers {
		for _, s := range l.shapes {
			r := image.Rectangle{s.rect.Min.Div(units), s.rect.Max.Div(units)}
			if s.corner == 0 {
				draw.Draw(img, r, image.NewUniform(l.color), image.Point{}, draw.Src)
				continue
			}
			drawHalf(img, r, s.corner, l.color)
		}
	}
	return img
}

// drawHalf draws the half of a square at a corner.
func drawHalf(img *image.NRGBA, r image.Rectangle, corner int, c color.NRGBA) {
	last := r.Dx() - 1
	for y := range r.Dy() {
		for x := range r.Dx() {
			// Seen from the corner, pixels nearer than the diagonal are in.
			dx, dy := x, y
			if corner == 2 || corner == 3 {
				dx = last - x
			}
			if corner == 3 || corner == 4 {
				dy = last - y
			}
			at := r.Min.Add(image.Pt(x, y))
			switch {
			case dx+dy < last:
				img.SetNRGBA(at.X, at.Y, c)
			case dx+dy == last:
				under := img.NRGBAAt(at.X, at.Y)
				half := func(a, b uint8) uint8 { return uint8((int(a) + int(b)) / 2) }
				img.SetNRGBA(at.X, at.Y, color.NRGBA{half(c.R, under.R), half(c.G, under.G), half(c.B, under.B), 0xff})
			}
		}
	}
}
