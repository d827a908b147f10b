package assets

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"testing"

	"golang.org/x/image/bmp"
)

// picture is a test image whose quarters differ.
func picture(width, height int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.SetNRGBA(x, y, color.NRGBA{uint8(x * 255 / width), uint8(y * 255 / height), 80, 255})
		}
	}
	return img
}

func encodeWith(tb testing.TB, encode func(*bytes.Buffer) error) []byte {
	tb.Helper()
	var buf bytes.Buffer
	if err := encode(&buf); err != nil {
		tb.Fatal(err)
	}
	return buf.Bytes()
}

func pngOf(tb testing.TB, width, height int) []byte {
	return encodeWith(tb, func(b *bytes.Buffer) error { return png.Encode(b, picture(width, height)) })
}

func jpegOf(tb testing.TB, width, height int) []byte {
	return encodeWith(tb, func(b *bytes.Buffer) error { return jpeg.Encode(b, picture(width, height), nil) })
}

func bmpOf(tb testing.TB, width, height int) []byte {
	return encodeWith(tb, func(b *bytes.Buffer) error { return bmp.Encode(b, picture(width, height)) })
}

// gifOf is an animation whose frames cover a corner of its canvas.
func gifOf(tb testing.TB, width, height, frames int) []byte {
	g := &gif.GIF{Config: image.Config{Width: width, Height: height, ColorModel: color.Palette{color.Black, color.White}}}
	frame := image.NewPaletted(image.Rect(0, 0, (width+1)/2, (height+1)/2), color.Palette{color.Black, color.White})
	for range frames {
		g.Image = append(g.Image, frame)
		g.Delay = append(g.Delay, 10)
	}
	return encodeWith(tb, func(b *bytes.Buffer) error { return gif.EncodeAll(b, g) })
}

// webpOf is 256×256; there is no encoder to make others with.
func webpOf(tb testing.TB) []byte {
	tb.Helper()
	data, err := os.ReadFile("testdata/icon.webp")
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

const drawing = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><path d="M0 0h1v1z"/></svg>`

// pngHeader is a PNG that declares a size and holds nothing.
func pngHeader(width, height uint32) []byte {
	ihdr := []byte("IHDR\x00\x00\x00\x00\x00\x00\x00\x00\x08\x06\x00\x00\x00")
	binary.BigEndian.PutUint32(ihdr[4:], width)
	binary.BigEndian.PutUint32(ihdr[8:], height)
	data := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), ihdr...)
	return binary.BigEndian.AppendUint32(data, crc32.ChecksumIEEE(ihdr))
}

// turned gives a JPEG an EXIF block saying that it lies on its side.
func turned(jpeg []byte) []byte {
	exif := []byte("\xff\xe1\x00\x22Exif\x00\x00MM\x00*\x00\x00\x00\x08" +
		"\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00")
	return append(append([]byte("\xff\xd8"), exif...), jpeg[2:]...)
}

// animated is the header of an animated WebP of 16×16 pixels.
const animated = "RIFF\x1e\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02\x00\x00\x00\x0f\x00\x00\x0f\x00\x00ANIM\x00\x00\x00\x00"

// fileOf is a file whose content is at hand.
func fileOf(path string, data []byte) File {
	return File{Path: path, Size: int64(len(data)), Read: func(context.Context) ([]byte, error) { return data, nil }}
}

func unreadable(path string) File {
	return File{Path: path, Size: 10, Read: func(context.Context) ([]byte, error) { return nil, errors.New("no answer") }}
}

// decodeAny decodes an image as a client would.
func decodeAny(tb testing.TB, img Image) image.Image {
	tb.Helper()
	f, ok := sniff(img.Data)
	if !ok || f.mime != img.Type || f.decode == nil {
		tb.Fatalf("%s: %s is %s", img.Name, img.Type, f.name)
	}
	pixels, err := decode(f, img.Data)
	if err != nil {
		tb.Fatalf("%s: %v", img.Name, err)
	}
	return pixels
}
