package assets

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

// summary is one line per image and problem, as the tables below have them.
func summary(images []Image, problems []Problem) []string {
	var lines []string
	for _, img := range images {
		line := fmt.Sprintf("%s %s %d×%d", img.Name, img.Type, img.Width, img.Height)
		if img.Generated {
			line += " generated"
		}
		lines = append(lines, line)
	}
	for _, p := range problems {
		lines = append(lines, p.Path+": "+p.Message)
	}
	return lines
}

// ownIcon keeps the generated icons out of a table.
func ownIcon() File { return fileOf("assets/icon.svg", []byte(drawing)) }

const ownIconLine = "icon.svg image/svg+xml 64×64"

func TestComplete(t *testing.T) {
	tests := []struct {
		name  string
		files []File
		want  []string
	}{
		{
			name: "a plugin without images gets an icon",
			want: []string{
				"icon.svg image/svg+xml 256×256 generated",
				"icon-128x128.png image/png 128×128 generated",
				"icon-256x256.png image/png 256×256 generated",
			},
		},
		{
			name: "a whole set is passed on in the order of places",
			files: []File{
				fileOf("assets/screenshot-10.png", pngOf(t, 20, 10)),
				fileOf("assets/screenshot-2.jpg", jpegOf(t, 20, 10)),
				fileOf("assets/icon-256x256.png", pngOf(t, 256, 256)),
				fileOf("assets/icon-128x128.png", pngOf(t, 128, 128)),
				ownIcon(),
				fileOf("assets/banner-772x250-rtl.png", pngOf(t, 772, 250)),
				fileOf("assets/banner-1544x500.png", pngOf(t, 1544, 500)),
				fileOf("assets/banner-772x250.png", pngOf(t, 772, 250)),
			},
			want: []string{
				"banner-772x250.png image/png 772×250",
				"banner-1544x500.png image/png 1544×500",
				"banner-772x250-rtl.png image/png 772×250",
				ownIconLine,
				"icon-128x128.png image/png 128×128",
				"icon-256x256.png image/png 256×256",
				"screenshot-2.jpg image/jpeg 20×10",
				"screenshot-10.png image/png 20×10",
			},
		},
		{
			name: "low resolutions are made from high ones, in their format",
			files: []File{
				fileOf("assets/banner-1544x500.jpg", jpegOf(t, 1544, 500)),
				fileOf("assets/banner-1544x500-rtl.gif", gifOf(t, 1544, 500, 2)),
				fileOf("assets/icon-256x256.webp", webpOf(t)),
			},
			want: []string{
				"banner-772x250.jpg image/jpeg 772×250 generated",
				"banner-1544x500.jpg image/jpeg 1544×500",
				"banner-772x250-rtl.png image/png 772×250 generated",
				"banner-1544x500-rtl.gif image/gif 1544×500",
				"icon-128x128.png image/png 128×128 generated",
				"icon-256x256.webp image/webp 256×256",
			},
		},
		{
			name: "high resolutions are not made from low ones",
			files: []File{
				fileOf("assets/banner-772x250.png", pngOf(t, 772, 250)),
				fileOf("assets/icon-128x128.png", pngOf(t, 128, 128)),
			},
			want: []string{
				"banner-772x250.png image/png 772×250",
				"icon-128x128.png image/png 128×128",
			},
		},
		{
			name:  "a high resolution that is small in truth is not enlarged",
			files: []File{ownIcon(), fileOf("assets/banner-1544x500.png", pngOf(t, 700, 250))},
			want: []string{
				"banner-1544x500.png image/png 700×250",
				ownIconLine,
				"assets/banner-1544x500.png: it is 700×250 pixels, but by its name 1544×500; save it in that size, or it is shown stretched or blurred",
			},
		},
		{
			name:  "a high resolution of other proportions is cut to the middle",
			files: []File{fileOf("assets/icon-256x256.png", pngOf(t, 300, 260))},
			want: []string{
				"icon-128x128.png image/png 128×128 generated",
				"icon-256x256.png image/png 300×260",
				"assets/icon-256x256.png: it is 300×260 pixels, but by its name 256×256; save it in that size, or it is shown stretched or blurred",
			},
		},
		{
			name: "a broken low resolution is replaced",
			files: []File{
				fileOf("assets/icon-128x128.png", pngOf(t, 128, 128)[:60]),
				fileOf("assets/icon-256x256.png", pngOf(t, 256, 256)),
			},
			want: []string{
				"icon-128x128.png image/png 128×128 generated",
				"icon-256x256.png image/png 256×256",
				"assets/icon-128x128.png: left out: decode PNG: png: invalid format: not enough pixel data",
			},
		},
		{
			name:  "an SVG banner fits both sizes",
			files: []File{ownIcon(), fileOf("assets/banner-1544x500.svg", []byte(drawing))},
			want: []string{
				"banner-772x250.svg image/svg+xml 64×64 generated",
				"banner-1544x500.svg image/svg+xml 64×64",
				ownIconLine,
			},
		},
		{
			name:  "an SVG under the name of a sized icon is the icon without a size",
			files: []File{fileOf("assets/icon-128x128.svg", []byte(drawing))},
			want:  []string{ownIconLine},
		},
		{
			name: "the folder is preferred first, then the extension, then the bare name",
			files: []File{
				ownIcon(),
				fileOf("assets/screenshot-1.png", pngOf(t, 1, 1)),
				fileOf(".wordpress-org/screenshot-1.jpg", jpegOf(t, 2, 2)),
				fileOf("assets/screenshot-2.jpg", jpegOf(t, 3, 3)),
				fileOf("assets/screenshot-2.png", pngOf(t, 4, 4)),
				fileOf("assets/hello-yard-screenshot-3.png", pngOf(t, 5, 5)),
				fileOf("assets/screenshot-3.png", pngOf(t, 6, 6)),
				fileOf("screenshot-4.png", pngOf(t, 7, 7)),
				fileOf("assets/screenshot-4.gif", gifOf(t, 8, 8, 1)),
			},
			want: []string{
				ownIconLine,
				"screenshot-1.jpg image/jpeg 2×2",
				"screenshot-2.png image/png 4×4",
				"screenshot-3.png image/png 6×6",
				"screenshot-4.gif image/gif 8×8",
				"assets/screenshot-1.png: ignored, since .wordpress-org/screenshot-1.jpg is used; remove one of them",
				"assets/screenshot-2.jpg: ignored, since assets/screenshot-2.png is used; remove one of them",
				"assets/hello-yard-screenshot-3.png: ignored, since assets/screenshot-3.png is used; remove one of them",
				"screenshot-4.png: ignored, since assets/screenshot-4.gif is used; remove one of them",
			},
		},
		{
			name: "the next candidate steps in for a broken one",
			files: []File{
				ownIcon(),
				fileOf("assets/screenshot-1.png", []byte("<html>Not found</html>")),
				unreadable("assets/screenshot-1.gif"),
				fileOf("assets/screenshot-1.webp", webpOf(t)),
			},
			want: []string{
				ownIconLine,
				"screenshot-1.webp image/webp 256×256",
				"assets/screenshot-1.png: left out: its content seems to be an HTML page",
				"assets/screenshot-1.gif: left out: read: no answer",
			},
		},
		{
			name: "the content decides the type",
			files: []File{
				fileOf("assets/banner-772x250.png", jpegOf(t, 772, 250)),
				fileOf("assets/icon-128x128.png", []byte(drawing)),
				fileOf("assets/icon-256x256.JPEG", jpegOf(t, 256, 256)),
			},
			want: []string{
				"banner-772x250.jpg image/jpeg 772×250",
				ownIconLine,
				"icon-128x128.jpg image/jpeg 128×128 generated",
				"icon-256x256.jpg image/jpeg 256×256",
				"assets/banner-772x250.png: it is named .png but holds JPEG; name it .jpg",
				"assets/icon-128x128.png: it is named .png but holds SVG; name it .svg",
			},
		},
		{
			name: "a sized icon that holds SVG yields to icon.svg",
			files: []File{
				ownIcon(),
				fileOf("assets/icon-128x128.png", []byte(strings.Replace(drawing, "64 64", "9 9", 1))),
			},
			want: []string{
				ownIconLine,
				"assets/icon-128x128.png: it is named .png but holds SVG; name it .svg",
				"assets/icon-128x128.png: ignored, since assets/icon.svg is used; remove one of them",
			},
		},
		{
			name:  "a raster image has no place at icon.svg",
			files: []File{fileOf("assets/icon.svg", pngOf(t, 256, 256))},
			want: []string{
				"icon.svg image/svg+xml 256×256 generated",
				"icon-128x128.png image/png 128×128 generated",
				"icon-256x256.png image/png 256×256 generated",
				"assets/icon.svg: left out: it is named .svg but holds PNG; name it icon-256x256.png",
			},
		},
		{
			name:  "what SVG loses is told",
			files: []File{fileOf("assets/icon.svg", []byte(strings.Replace(drawing, "<path", "<script/><path onclick=''", 1)))},
			want:  []string{ownIconLine, "assets/icon.svg: not safe or not supported, and removed: <script>, onclick"},
		},
		{
			name:  "BMP becomes PNG",
			files: []File{ownIcon(), fileOf("assets/screenshot-1.bmp", bmpOf(t, 30, 20))},
			want:  []string{ownIconLine, "screenshot-1.png image/png 30×20"},
		},
		{
			name:  "a JPEG lying on its side has the size that is seen",
			files: []File{ownIcon(), fileOf("assets/screenshot-1.jpg", turned(jpegOf(t, 30, 20)))},
			want:  []string{ownIconLine, "screenshot-1.jpg image/jpeg 20×30"},
		},
		{
			name:  "files that are not wanted are passed over",
			files: []File{ownIcon(), unreadable("assets/logo.png"), unreadable("readme.txt")},
			want:  []string{ownIconLine},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for range 2 {
				images, problems, err := Complete(t.Context(), "hello-yard", "Hello Yard", tt.files)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tt.want, summary(images, problems)); diff != "" {
					t.Errorf("Complete (-want +got):\n%s", diff)
				}
				// The order of the files makes no difference.
				slices.Reverse(tt.files)
			}
		})
	}
}

func TestCompletePassesOriginalsOn(t *testing.T) {
	for name, data := range map[string][]byte{
		"screenshot-1.png":  append(pngOf(t, 9, 9), "trailing"...),
		"screenshot-1.jpg":  turned(jpegOf(t, 9, 9)),
		"screenshot-1.gif":  gifOf(t, 9, 9, 3),
		"screenshot-1.webp": webpOf(t),
	} {
		images, problems, err := Complete(t.Context(), "hello-yard", "", []File{ownIcon(), fileOf("assets/"+name, data)})
		if err != nil || len(images) != 2 || len(problems) > 0 {
			t.Fatalf("%s: %v, %v", name, summary(images, problems), err)
		}
		if got := images[1]; got.Name != name || !slices.Equal(got.Data, data) {
			t.Errorf("%s became %s of %d bytes, want the same %d bytes", name, got.Name, len(got.Data), len(data))
		}
	}
}

func TestCompleteMakesTheSameBytesAgain(t *testing.T) {
	files := []File{
		fileOf("assets/banner-1544x500.jpg", jpegOf(t, 1544, 500)),
		fileOf("assets/screenshot-1.bmp", bmpOf(t, 30, 20)),
	}
	first, _, _ := Complete(t.Context(), "hello-yard", "Hello Yard", files)
	second, _, _ := Complete(t.Context(), "hello-yard", "Hello Yard", files)
	if !reflect.DeepEqual(first, second) {
		t.Errorf("first %q, then %q, or other bytes", summary(first, nil), summary(second, nil))
	}
}

func TestCompleteBoundsTheImages(t *testing.T) {
	var files []File
	small := pngOf(t, 1, 1)
	for n := 1; n <= MaxScreenshot; n++ {
		files = append(files,
			fileOf(fmt.Sprintf("assets/screenshot-%d.png", n), small),
			fileOf(fmt.Sprintf("assets/screenshot-%d.webp", n), small))
	}
	images, problems, err := Complete(t.Context(), "hello-yard", "", files)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(images), 3+MaxImages/2; got != want {
		t.Errorf("%d images, want %d", got, want)
	}
	want := Problem{"assets/screenshot-81.png", ProblemRefused, "this and all later images are left out: a plugin may have at most 160; remove some"}
	if problems[0] != want {
		t.Errorf("first problem is %v, want %v", problems[0], want)
	}
}

func TestCompleteBoundsTheBytes(t *testing.T) {
	large := append(pngOf(t, 1, 1), make([]byte, MaxBytes-1000)...)
	files := []File{ownIcon()}
	for n := 1; n <= 8; n++ {
		files = append(files, fileOf(fmt.Sprintf("assets/screenshot-%d.png", n), large))
	}
	files = append(files, fileOf("assets/screenshot-9.png", pngOf(t, 1, 1)))
	images, problems, err := Complete(t.Context(), "hello-yard", "", files)
	if err != nil {
		t.Fatal(err)
	}
	const message = "left out: the plugin's images take more than 64 MB together; make them smaller"
	want := []Problem{{"assets/screenshot-7.png", ProblemRefused, message}, {"assets/screenshot-8.png", ProblemRefused, message}}
	if diff := cmp.Diff(want, problems); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	if last := images[len(images)-1].Name; last != "screenshot-9.png" {
		t.Errorf("last image is %s: a small one should still find room", last)
	}
}

func TestCompleteReadsAheadWithinBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reading, answer := make(chan string), make(chan struct{})
		var files []File
		data := pngOf(t, 1, 1)
		for n := 1; n <= ReadAhead+2; n++ {
			path := fmt.Sprintf("assets/screenshot-%d.png", n)
			files = append(files, File{Path: path, Read: func(context.Context) ([]byte, error) {
				reading <- path
				<-answer
				return data, nil
			}})
		}
		done := make(chan []Image)
		go func() {
			images, _, _ := Complete(t.Context(), "hello-yard", "", files)
			done <- images
		}()
		for range ReadAhead {
			<-reading
		}
		synctest.Wait()
		select {
		case path := <-reading:
			t.Errorf("%s is read too, with %d under way", path, ReadAhead)
		default:
		}
		close(answer)
		<-reading
		<-reading
		if got, want := len(<-done), 3+ReadAhead+2; got != want {
			t.Errorf("%d images, want %d", got, want)
		}
	})
}

func TestCompleteDoesNotReadWhatItWillNotUse(t *testing.T) {
	unused := File{Path: "assets/screenshot-1.webp", Read: func(context.Context) ([]byte, error) {
		t.Error("the second choice is read")
		return nil, nil
	}}
	huge := File{Path: "assets/screenshot-2.png", Size: MaxBytes + 1, Read: func(context.Context) ([]byte, error) {
		t.Error("a file that is too large by its own account is read")
		return nil, nil
	}}
	_, problems, err := Complete(t.Context(), "hello-yard", "", []File{unused, huge, fileOf("assets/screenshot-1.png", pngOf(t, 1, 1))})
	if err != nil || len(problems) != 2 {
		t.Errorf("problems %v, error %v", problems, err)
	}
}

func TestCompleteReturnsTheContextsError(t *testing.T) {
	t.Run("ended before", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, _, err := Complete(ctx, "hello-yard", "", nil); !errors.Is(err, context.Canceled) {
			t.Errorf("error = %v", err)
		}
	})
	t.Run("ended while files are read", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var files []File
		for n := 1; n <= 2*ReadAhead; n++ {
			files = append(files, File{Path: fmt.Sprintf("assets/screenshot-%d.png", n), Read: func(ctx context.Context) ([]byte, error) {
				cancel()
				<-ctx.Done()
				return nil, ctx.Err()
			}})
		}
		if images, _, err := Complete(ctx, "hello-yard", "", files); !errors.Is(err, context.Canceled) || images != nil {
			t.Errorf("%d images, error = %v", len(images), err)
		}
	})
}

func BenchmarkComplete(b *testing.B) {
	files := []File{
		fileOf("assets/banner-1544x500.png", pngOf(b, 1544, 500)),
		fileOf("assets/icon-256x256.png", pngOf(b, 256, 256)),
		ownIcon(),
	}
	for n := 1; n <= 4; n++ {
		files = append(files, fileOf(fmt.Sprintf("assets/screenshot-%d.png", n), pngOf(b, 1280, 800)))
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, problems, err := Complete(b.Context(), "hello-yard", "Hello Yard", files); err != nil || len(problems) > 0 {
			b.Fatal(problems, err)
		}
	}
}
