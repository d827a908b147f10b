package assets

import (
	"bytes"
	"fmt"
	"image"

	"github.com/disintegration/imaging"
)

// jpegQuality of images made smaller: the highest before files grow without
// visible gain.
const jpegQuality = 90

// shrink makes the image of a place from its larger twin: JPEG from JPEG, PNG
// from any other raster, and a copy of an SVG, which fits every size. ok is
// false if the twin is not larger, for nothing is ever enlarged. A twin of
// other proportions is cut to the middle, as browsers show a banner.
//
// The same pixels give the same bytes on one architecture; another one may
// round a pixel differently.
func shrink(high Image, pixels image.Image, low place) (img Image, ok bool, err error) {
	img = Image{Name: low.stem + ".png", Type: "image/png", Width: low.width, Height: low.height, Generated: true}
	if pixels == nil {
		img.Name, img.Type, img.Data = low.stem+".svg", high.Type, high.Data
		img.Width, img.Height = high.Width, high.Height
		return img, true, nil
	}
	size := pixels.Bounds().Size()
	if size.X < low.width || size.Y < low.height {
		return Image{}, false, nil
	}
	if err := checkPalette(pixels); err != nil {
		return Image{}, false, err
	}
	var small *image.NRGBA
	if size.X*low.height == size.Y*low.width {
		small = imaging.Resize(pixels, low.width, low.height, imaging.Lanczos)
	} else {
		small = imaging.Fill(pixels, low.width, low.height, imaging.Center, imaging.Lanczos)
	}

	if high.Type != "image/jpeg" {
		img.Data, err = encodePNG(small)
		return img, err == nil, err
	}
	var buf bytes.Buffer
	if err := imaging.Encode(&buf, small, imaging.JPEG, imaging.JPEGQuality(jpegQuality)); err != nil {
		return Image{}, false, fmt.Errorf("encode JPEG: %w", err)
	}
	img.Name, img.Type, img.Data = low.stem+".jpg", high.Type, buf.Bytes()
	return img, true, nil
}

// checkPalette makes sure that every pixel has a colour. imaging trusts the
// indices, and panics in goroutines of its own, where no recover of ours
// reaches (CVE-2023-36308).
func checkPalette(img image.Image) error {
	p, ok := img.(*image.Paletted)
	if !ok {
		return nil
	}
	for _, index := range p.Pix {
		if int(index) >= len(p.Palette) {
			return fmt.Errorf("a pixel has colour %d of a palette of %d", index, len(p.Palette))
		}
	}
	return nil
}
