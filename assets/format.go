package assets

import (
	"bytes"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"github.com/disintegration/imaging"
	"golang.org/x/image/bmp"
	"golang.org/x/image/webp"
)

// format is a kind of image that is understood.
type format struct {
	name string // for people
	mime string
	ext  string // canonical
	// config and decode read a raster image; nil for SVG.
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

// formats are tried by their own decoders alone. image.Decode would also try
// whatever other packages have registered, such as TIFF.
var formats = []format{
	{"PNG", "image/png", "png", png.DecodeConfig, png.Decode},
	{"JPEG", "image/jpeg", "jpg", jpeg.DecodeConfig, decodeJPEG},
	{"GIF", "image/gif", "gif", gif.DecodeConfig, gif.Decode},
	{"WebP", "image/webp", "webp", webp.DecodeConfig, webp.Decode},
	{"BMP", "image/bmp", "bmp", bmp.DecodeConfig, bmp.Decode},
	{"SVG", "image/svg+xml", "svg", nil, nil},
}

// formatOf finds a format by its name.
func formatOf(name string) format {
	for _, f := range formats {
		if f.name == name {
			return f
		}
	}
	return format{}
}

// decodeJPEG turns the image as its EXIF orientation says, since browsers do.
func decodeJPEG(r io.Reader) (image.Image, error) {
	return imaging.Decode(r, imaging.AutoOrientation(true))
}

// sniffBytes is how much of a file is looked at to find an SVG's root element,
// beyond a licence in a comment or the entities that Illustrator declares.
const sniffBytes = 4096

// sniff tells from the content what a file is. If it is no image that is
// understood, the format's name says what else it seems to be.
func sniff(data []byte) (f format, ok bool) {
	switch {
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		return formatOf("PNG"), true
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		return formatOf("JPEG"), true
	case bytes.HasPrefix(data, []byte("GIF87a")), bytes.HasPrefix(data, []byte("GIF89a")):
		return formatOf("GIF"), true
	case len(data) >= 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
		return formatOf("WebP"), true
	case bytes.HasPrefix(data, []byte("BM")):
		return formatOf("BMP"), true
	case isSVG(data):
		return formatOf("SVG"), true
	}
	return format{name: seems(data)}, false
}

func head(data []byte) []byte {
	data = data[:min(len(data), sniffBytes)]
	return bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
}

// isSVG reports whether data looks like SVG, whatever the prefix of its
// namespace.
func isSVG(data []byte) bool {
	h := head(data)
	return bytes.HasPrefix(h, []byte("<")) && !isHTML(h) &&
		(bytes.Contains(h, []byte("<svg")) || bytes.Contains(h, []byte(":svg")))
}

func isHTML(head []byte) bool {
	h := bytes.ToLower(head)
	return bytes.HasPrefix(h, []byte("<!doctype html")) || bytes.HasPrefix(h, []byte("<html"))
}

// seems names what authors are known to ship by mistake.
func seems(data []byte) string {
	h := head(data)
	switch {
	case bytes.HasPrefix(h, []byte("version https://git-lfs.github.com/")):
		return "a Git LFS pointer: the image itself is not in the repository; commit it without LFS"
	case isHTML(h):
		return "an HTML page"
	case bytes.HasPrefix(data, []byte("\x1f\x8b")):
		return "gzip; unpack it"
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		return "text in UTF-16; save it as UTF-8"
	case bytes.HasPrefix(data, []byte("II*\x00")), bytes.HasPrefix(data, []byte("MM\x00*")):
		return "TIFF; save it as PNG"
	case len(data) >= 12 && string(data[4:8]) == "ftyp":
		return "AVIF, HEIC or a video; save it as PNG"
	case bytes.HasPrefix(data, []byte("%PDF")):
		return "PDF; save it as PNG"
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return "a zip"
	case bytes.HasPrefix(data, []byte("\x00\x00\x01\x00")):
		return "ICO; save it as PNG"
	default:
		return "no image"
	}
}
