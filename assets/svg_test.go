package assets

import (
	"bytes"
	"encoding/xml"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestSanitizeSVG runs testdata/svg: in.svg gives want, which is the size, what
// was removed, and the drawing; or the error.
func TestSanitizeSVG(t *testing.T) {
	for _, c := range svgCases(t) {
		t.Run(c.name, func(t *testing.T) {
			got := describeSVG(file(c.archive, "in.svg"))
			if *update {
				c.write(t, got)
			}
			if diff := cmp.Diff(string(file(c.archive, "want")), got); diff != "" {
				t.Errorf("sanitised (-want +got):\n%s", diff)
			}
		})
	}
}

func describeSVG(data []byte) string {
	root, removed, err := sanitizeSVG(data)
	if err != nil {
		return "error: " + err.Error() + "\n"
	}
	width, height := root.size()
	return fmt.Sprintf("size: %d×%d\nremoved: %s\n%s\n", width, height, strings.Join(removed, ", "), root.bytes())
}

func TestSanitizeSVGLimits(t *testing.T) {
	const open, end = `<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h1"/>`, `</svg>`
	var attrs strings.Builder
	for i := range MaxSVGAttributes + 1 {
		fmt.Fprintf(&attrs, ` a%d=""`, i)
	}
	tests := []struct {
		name string
		svg  string
		want string // part of the error; "" is none
	}{
		{"as many elements as allowed", open + strings.Repeat("<g/>", MaxSVGElements-2) + end, ""},
		{"one element too many", open + strings.Repeat("<g/>", MaxSVGElements-1) + end, "elements"},
		{"elements left out count", open + "<metadata>" + strings.Repeat("<g/>", MaxSVGElements) + "</metadata>" + end, "elements"},
		{"as deep as allowed", open + strings.Repeat("<g>", MaxSVGDepth-1) + strings.Repeat("</g>", MaxSVGDepth-1) + end, ""},
		{"one too deep", open + strings.Repeat("<g>", MaxSVGDepth) + strings.Repeat("</g>", MaxSVGDepth) + end, "deep"},
		{"too deep in what is left out", open + "<metadata>" + strings.Repeat("<g>", MaxSVGDepth) + strings.Repeat("</g>", MaxSVGDepth) + "</metadata>" + end, "deep"},
		{"too many attributes", open + "<g" + attrs.String() + "/>" + end, "attributes"},
		{"too large", open + strings.Repeat(" ", MaxSVGBytes) + end, "save it as PNG"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := sanitizeSVG([]byte(tt.svg))
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("error = %v, want one with %q", err, tt.want)
			}
		})
	}
}

func TestIsSafeValue(t *testing.T) {
	for value, want := range map[string]bool{
		"":                                  true,
		"none":                              true,
		"url(#a)":                           true,
		`url( "#a" ) red`:                   true,
		"translate(1 2) rotate(3)":          true,
		"calc((1px + 2px) * 3)":             true,
		"'Open Sans', serif":                true,
		"url(a)":                            false,
		"url(//example.com)":                false,
		"url(#a) url(https://example.com)":  false,
		"URL(https://example.com)":          false,
		"url(#a":                            false,
		"url(#a b)":                         false,
		`u\72l(https://example.com)`:        false,
		"url/**/(https://example.com)":      false,
		"image('https://example.com')":      false,
		"image-set('https://example.com')":  false,
		"-webkit-image-set('x')":            false,
		"src('https://example.com')":        false,
		"expression(alert(1))":              false,
		"éurl(#a)":                          false,
		"var(--x)":                          false,
		"red;fill:blue":                     false,
		"red}@import 'https://example.com'": false,
		`"open`:                             false,
		"</style><script>":                  false,
	} {
		if got := isSafeValue(value); got != want {
			t.Errorf("isSafeValue(%q) = %v, want %v", value, got, want)
		}
	}
}

func TestPixels(t *testing.T) {
	for length, want := range map[string]int{
		"128": 128, "128px": 128, " 12.5 PX ": 13, "1in": 96, "72pt": 96, "6pc": 96, "2.54cm": 96, "25.4mm": 96,
		"": 0, "100%": 0, "10em": 0, "-5": 0, "0": 0, "NaN": 0, "Inf": 0, "1e9": 0, "px": 0, "0x10": 0,
	} {
		if got := pixels(length); got != want {
			t.Errorf("pixels(%q) = %d, want %d", length, got, want)
		}
	}
}

// FuzzSVG: what comes out is well-formed, holds only what is allowed, and
// sanitising it again changes nothing and finds nothing to remove.
func FuzzSVG(f *testing.F) {
	for _, c := range svgCases(f) {
		f.Add(file(c.archive, "in.svg"))
	}
	f.Add(iconSVG(iconLayers("hello-yard", 'H')))
	f.Fuzz(func(t *testing.T, data []byte) {
		root, _, err := sanitizeSVG(data)
		if err != nil {
			return
		}
		out := root.bytes()
		checkAllowed(t, out)
		again, removed, err := sanitizeSVG(out)
		if err != nil {
			t.Fatalf("sanitise again: %v\n%s", err, out)
		}
		if len(removed) > 0 {
			t.Errorf("sanitising again removed %q\n%s", removed, out)
		}
		if diff := cmp.Diff(string(out), string(again.bytes())); diff != "" {
			t.Errorf("sanitised twice (-once +twice):\n%s", diff)
		}
		if w, h := root.size(); w < 0 || h < 0 || w > MaxWidth || h > MaxHeight {
			t.Errorf("size %d×%d", w, h)
		}
	})
}

// checkAllowed reads a sanitised drawing anew, by rules written apart from
// those of the sanitiser where that is possible.
func checkAllowed(t *testing.T, svg []byte) {
	t.Helper()
	lower := strings.ToLower(string(svg))
	for _, word := range []string{"<script", "<foreignobject", "<image", "<animate", "<set", "<!doctype", "<!entity", "<?", "<!--"} {
		if strings.Contains(lower, word) {
			t.Errorf("holds %s\n%s", word, svg)
		}
	}
	d := xml.NewDecoder(bytes.NewReader(svg))
	element := ""
	for {
		token, err := d.Token()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatalf("not well-formed: %v\n%s", err, svg)
		}
		switch token := token.(type) {
		case xml.EndElement:
			element = ""
		case xml.CharData:
			if element == "style" {
				checkLoadsNothing(t, "style sheet", string(token))
			}
		case xml.StartElement:
			element = token.Name.Local
			if token.Name.Space != svgSpace || !svgElements[element] {
				t.Errorf("holds element %v\n%s", token.Name, svg)
			}
			checkAttributes(t, token.Attr)
		default:
			t.Errorf("holds %T\n%s", token, svg)
		}
	}
}

func checkAttributes(t *testing.T, attrs []xml.Attr) {
	t.Helper()
	seen := map[string]bool{}
	for _, a := range attrs {
		name := a.Name.Local
		if seen[name] {
			t.Errorf("attribute %s twice", name)
		}
		seen[name] = true
		switch {
		case strings.HasPrefix(strings.ToLower(name), "on"):
			t.Errorf("holds attribute %s", name)
		case name == "href" && !strings.HasPrefix(a.Value, "#"):
			t.Errorf("refers to %q", a.Value)
		case name != "d" && name != "class":
			checkLoadsNothing(t, name, a.Value)
		}
	}
}

var loads = regexp.MustCompile(`(?i)@|\\|/\*|url\(\s*["']?[^#"'\s]|(image|image-set|src|element|expression|attr|var|cross-fade)\(`)

func checkLoadsNothing(t *testing.T, what, css string) {
	t.Helper()
	if found := loads.FindString(css); found != "" {
		t.Errorf("%s holds %q in %q", what, found, css)
	}
}

func BenchmarkSanitizeSVG(b *testing.B) {
	svg := []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><style>.a{fill:url(#g)}</style><linearGradient id="g"/>` +
		strings.Repeat(`<path class="a" transform="rotate(3)" d="M0 0h1v1z" style="fill:red;stroke:#fff"/>`, 500) + `</svg>`)
	b.SetBytes(int64(len(svg)))
	b.ReportAllocs()
	for b.Loop() {
		root, _, err := sanitizeSVG(svg)
		if err != nil {
			b.Fatal(err)
		}
		root.bytes()
	}
}

type svgCase struct {
	name    string
	path    string
	archive *txtar.Archive
}

func svgCases(tb testing.TB) []svgCase {
	tb.Helper()
	paths, err := filepath.Glob("testdata/svg/*.txtar")
	if err != nil || len(paths) == 0 {
		tb.Fatalf("no cases in testdata/svg: %v", err)
	}
	var cases []svgCase
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			tb.Fatal(err)
		}
		cases = append(cases, svgCase{strings.TrimSuffix(filepath.Base(path), ".txtar"), path, archive})
	}
	return cases
}

// write puts want into the case's file.
func (c svgCase) write(t *testing.T, want string) {
	t.Helper()
	c.archive.Files = append(c.archive.Files[:1:1], txtar.File{Name: "want", Data: []byte(want)})
	if err := os.WriteFile(c.path, txtar.Format(c.archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

func file(a *txtar.Archive, name string) []byte {
	for _, f := range a.Files {
		if f.Name == name {
			return f.Data
		}
	}
	return nil
}
