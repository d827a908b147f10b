package assets

import (
	"errors"
	"fmt"
	"image"
	"image/draw"
)

var errTruncatedGIF = errors.New("decode GIF: the file ends before its trailer")

// checkFrames walks the blocks of a GIF without decoding them: all frames must
// be whole and at most MaxFrames. gif.DecodeAll would hold every frame in
// memory. https://www.w3.org/Graphics/GIF/spec-gif89a.txt
func checkFrames(data []byte) error {
	const header, descriptor = 13, 10
	if len(data) < header {
		return errTruncatedGIF
	}
	pos := header + colorTable(data[10])
	for frames := 0; ; {
		if pos >= len(data) {
			return errTruncatedGIF
		}
		switch data[pos] {
		case 0x3b: // trailer
			return nil
		case 0x21: // extension: introducer, label, sub-blocks
			pos = skipSubBlocks(data, pos+2)
		case 0x2c: // image: descriptor, colours, code size, sub-blocks
			if frames++; frames > MaxFrames {
				return fmt.Errorf("it has more than %d frames; save it with fewer", MaxFrames)
			}
			if pos+descriptor > len(data) {
				return errTruncatedGIF
			}
			pos = skipSubBlocks(data, pos+descriptor+colorTable(data[pos+9])+1)
		default:
			return fmt.Errorf("decode GIF: unknown block 0x%02x", data[pos])
		}
	}
}

// colorTable is the length of the colour table that flags announce, in bytes.
func colorTable(flags byte) int {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

// skipSubBlocks finds the end of a chain of sub-blocks; it may lie beyond data.
func skipSubBlocks(data []byte, pos int) int {
	for pos < len(data) {
		n := int(data[pos])
		pos += 1 + n
		if n == 0 {
			break
		}
	}
	return pos
}

// onCanvas puts a GIF's first frame, which may be smaller, where it belongs.
func onCanvas(frame image.Image, width, height int) image.Image {
	canvas := image.Rect(0, 0, width, height)
	if frame.Bounds() == canvas {
		return frame
	}
	img := image.NewNRGBA(canvas)
	draw.Draw(img, frame.Bounds(), frame, frame.Bounds().Min, draw.Src)
	return img
}
