package assets

import (
	"reflect"
	"strings"
	"testing"
)

// FuzzComplete reads arbitrary bytes under any kind of wanted name: whatever
// comes out is what it says it is, fills a known place, and comes out again
// alike.
func FuzzComplete(f *testing.F) {
	seeds := []struct {
		path string
		data []byte
	}{
		{"assets/banner-1544x500.png", pngOf(f, 800, 260)},
		{"assets/banner-1544x500-rtl.svg", []byte(drawing)},
		{"assets/icon-256x256.webp", webpOf(f)},
		{"assets/icon-256x256.gif", gifOf(f, 256, 256, 2)},
		{"assets/icon.svg", iconSVG(iconLayers("hello-yard", 'H'))},
		{".wp-assets/hello-yard-screenshot-1.jpg", turned(jpegOf(f, 30, 20))},
		{"screenshot-2.bmp", bmpOf(f, 30, 20)},
		{"wp-assets/screenshot-3.webp", []byte(animated)},
		{"wp-assets/screenshot-4.PNG", pngHeader(70000, 70000)},
	}
	for i, s := range seeds {
		f.Add(uint8(i), s.data)
	}
	f.Fuzz(func(t *testing.T, n uint8, data []byte) {
		path := seeds[int(n)%len(seeds)].path
		files := []File{fileOf(path, data)}
		if !strings.Contains(path, "icon") {
			files = append(files, ownIcon()) // drawing one would take most of the time
		}
		images, problems, err := Complete(t.Context(), "hello-yard", "Hello Yard", files)
		if err != nil {
			t.Fatal(err)
		}
		own := 0
		seen, icon := map[string]bool{}, false
		for _, img := range images {
			stem := stemOf(img.Name)
			if placeOf(stem).stem == "" || seen[stem] {
				t.Errorf("no place for %s", img.Name)
			}
			seen[stem] = true
			icon = icon || strings.HasPrefix(stem, "icon")
			if !img.Generated {
				own++
			}
			checkImage(t, img)
		}
		if !icon {
			t.Error("no icon")
		}
		if own < len(files) && len(problems) == 0 {
			t.Error("left out without a word")
		}
		for _, p := range problems {
			if p.Path != path || p.Message == "" {
				t.Errorf("problem %q", p)
			}
		}
		again, _, _ := Complete(t.Context(), "hello-yard", "Hello Yard", files)
		if !reflect.DeepEqual(images, again) {
			t.Errorf("another time it differs: %q, then %q", summary(images, nil), summary(again, nil))
		}
	})
}

func checkImage(t *testing.T, img Image) {
	t.Helper()
	f, ok := sniff(img.Data)
	if !ok || f.mime != img.Type || !strings.HasSuffix(img.Name, "."+f.ext) || f.ext == "bmp" {
		t.Errorf("%s, %s, is %s", img.Name, img.Type, f.name)
		return
	}
	if f.decode == nil {
		checkAllowed(t, img.Data)
		return
	}
	if size := decodeAny(t, img).Bounds().Size(); size.X != img.Width || size.Y != img.Height {
		t.Errorf("%s is %v, want %d×%d", img.Name, size, img.Width, img.Height)
	}
}
