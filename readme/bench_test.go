package readme

import (
	"fmt"
	"strings"
	"testing"
)

// typicalReadme is one of about 13 KB, as plugins have them.
func typicalReadme() string {
	var out strings.Builder
	out.WriteString("=== Hello Yard ===\nContributors: acme, yard\nTags: yard, fence, gate\nRequires at least: 5.8\n" +
		"Tested up to: 6.8\nStable tag: 1.2.0\nRequires PHP: 7.4\nLicense: GPLv2 or later\n\nA yard for your dashboard.\n\n" +
		"== Description ==\n\n")
	for i := range 24 {
		fmt.Fprintf(&out, "= Part %d =\n\nThe yard has a **fence**, a *gate* and a [shed](https://example.com/shed/%d), "+
			"and it is `hello_yard( %d )` that grows it.\n\n* Grass\n* Weeds & flowers\n    * of *all* kinds\n\n", i, i, i)
	}
	out.WriteString("== Installation ==\n\n1. Upload `hello-yard`.\n2. Activate it.\n\n`\nhello_yard();\n`\n\n== Frequently Asked Questions ==\n\n")
	for i := range 30 {
		fmt.Fprintf(&out, "= Question %d? =\n\nAn answer of some length, with a [link](https://example.com/%d) in it.\n\n", i, i)
	}
	out.WriteString("== Changelog ==\n\n")
	for i := range 60 {
		fmt.Fprintf(&out, "= 1.%d =\n* Fixed: the gate no longer squeaks when it rains.\n* New: `fence_%d` filter.\n\n", i, i)
	}
	return out.String()
}

func BenchmarkParse(b *testing.B) {
	src := []byte(typicalReadme())
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		Parse(src)
	}
}

func BenchmarkRender(b *testing.B) {
	src := typicalReadme()
	r := Parse([]byte(src))
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		for _, s := range r.Sections {
			r.SectionHTML(s.Key, testOptions)
		}
	}
}

// BenchmarkGrowth has each worst shape in two sizes: the MB/s of both are of
// the same order, whatever the shape.
func BenchmarkGrowth(b *testing.B) {
	for _, s := range worstShapes() {
		for _, size := range []int{16 << 10, 256 << 10} {
			src := s.grow(size)
			for name, run := range map[string]func(){
				"Parse":  func() { Parse([]byte(src)) },
				"HTML":   func() { HTML(src, testOptions) },
				"GitHub": func() { GitHubHTML(src, testOptions) },
			} {
				b.Run(fmt.Sprintf("%s/%s/%dK", s.name, name, size>>10), func(b *testing.B) {
					b.SetBytes(int64(len(src)))
					b.ReportAllocs()
					for b.Loop() {
						run()
					}
				})
			}
		}
	}
}
