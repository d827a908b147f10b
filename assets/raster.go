package assets

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"
)

// load makes one file an image that is safe to serve. pixels is nil for SVG.
// The notes are what the author should know of an image that is served
// nevertheless.
func load(cand candidate, data []byte) (img Image, pixels image.Image, notes []Problem, err error) {
	f, ok := sniff(data)
	if !ok {
		return Image{}, nil, nil, fmt.Errorf("its content seems to be %s", f.name)
	}
	if f.decode == nil {
		img, notes, err = loadSVG(cand, data)
		return img, nil, notes, err
	}
	if cand.stem == "icon" {
		return Image{}, nil, nil, fmt.Errorf("it is named .svg but holds %s; name it icon-256x256.%s", f.name, f.ext)
	}
	if named := strings.Replace(cand.ext, "jpeg", "jpg", 1); named != f.ext {
		notes = append(notes, notef(ProblemType, "it is named .%s but holds %s; name it .%s", cand.ext, f.name, f.ext))
	}

	pixels, err = decode(f, data)
	if err != nil {
		return Image{}, nil, nil, err
	}
	size := pixels.Bounds().Size()
	if cand.width > 0 && (size.X != cand.width || size.Y != cand.height) {
		notes = append(notes, notef(ProblemSize, "it is %d×%d pixels, but by its name %d×%d; save it in that size, or it is shown stretched or blurred",
			size.X, size.Y, cand.width, cand.height))
	}
	if f.ext == "bmp" {
		f = formatOf("PNG")
		if data, err = encodePNG(pixels); err != nil {
			return Image{}, nil, nil, err
		}
	}
	img = Image{Name: cand.stem + "." + f.ext, Type: f.mime, Width: size.X, Height: size.Y, Data: data}
	return img, pixels, notes, nil
}

// notef is a problem with an image that is served nevertheless.
func notef(code, format string, args ...any) Problem {
	return Problem{Code: code, Message: fmt.Sprintf(format, args...)}
}

// decode reads a raster image whole, after its declared size was found to be
// bearable. An animated GIF yields its first frame on its canvas.
func decode(f format, data []byte) (img image.Image, err error) {
	// A panic in a decoder is a hostile image, not a reason to stop serving.
	defer func() {
		if r := recover(); r != nil {
			img, err = nil, fmt.Errorf("decode %s: the decoder gave up: %v", f.name, r)
		}
	}()
	config, err := f.config(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("decode %s header: %w", f.name, err)
	}
	if err := bearable(config, data); err != nil {
		return nil, err
	}
	switch f.ext {
	case "gif":
		if err := checkFrames(data); err != nil {
			return nil, err
		}
	case "webp":
		if animatedWebP(data) {
			return nil, errors.New("animated WebP is not understood; save it as GIF, or as a single image")
		}
	}
	img, err = f.decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("decode %s: %w", f.name, err)
	}
	if f.ext == "gif" {
		img = onCanvas(img, config.Width, config.Height)
	}
	return img, nil
}

// bearable checks the declared size of an image against the limits.
func bearable(c image.Config, data []byte) error {
	switch {
	case c.Width <= 0 || c.Height <= 0:
		return fmt.Errorf("it is %d×%d pixels", c.Width, c.Height)
	case c.Width > MaxWidth || c.Height > MaxHeight:
		return fmt.Errorf("it is %d×%d pixels, more than %d×%d; make it smaller", c.Width, c.Height, MaxWidth, MaxHeight)
	}
	pixels := int64(c.Width) * int64(c.Height)
	if pixels > MaxPixels || pixels*weight(c, data) > MaxMemory {
		return fmt.Errorf("it is %d×%d pixels, too many to be checked; make it smaller", c.Width, c.Height)
	}
	return nil
}

// weight is how many bytes per pixel the decoder needs at most.
func weight(c image.Config, data []byte) int64 {
	// A progressive JPEG keeps 4 bytes of coefficient per sample besides the
	// sample. Its marker can't occur within entropy-coded data; in metadata it
	// can, and then the weight is merely too high.
	progressive := bytes.HasPrefix(data, []byte("\xff\xd8")) && bytes.Contains(data, []byte("\xff\xc2"))
	switch c.ColorModel {
	case color.RGBA64Model, color.NRGBA64Model, color.Gray16Model:
		return 8
	case color.YCbCrModel, color.RGBAModel:
		if progressive {
			return 3 * 5
		}
	case color.GrayModel:
		if progressive {
			return 5
		}
	case color.CMYKModel:
		if progressive {
			return 4 * 5
		}
	}
	return 4
}

// animatedWebP reports whether the extended header says so.
// https://developers.google.com/speed/webp/docs/riff_container#extended_file_format
func animatedWebP(data []byte) bool {
	return len(data) > 20 && string(data[12:16]) == "VP8X" && data[20]&2 != 0
}

// encodePNG writes the same bytes for the same pixels. Best compression would
// take up to forty times as long on flat areas and gain little there.
func encodePNG(img image.Image) ([]byte, error) {
	var buf bytes.Buffer
	e := png.Encoder{CompressionLevel: png.DefaultCompression}
	if err := e.Encode(&buf, img); err != nil {
		return nil, fmt.Errorf("encode PNG: %w", err)
	}
	return buf.Bytes(), nil
}
