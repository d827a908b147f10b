package readme

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
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

// profiles are what there is to compare.
var profiles = []struct {
	name string
	Options
}{
	{"wporg", Options{Profile: WPOrg, Stable: StableWordPress}},
	{"serve", testOptions},
}

func BenchmarkParse(b *testing.B) {
	src := []byte(typicalReadme())
	for _, p := range profiles {
		b.Run(p.name, func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				Parse(src, p.Options)
			}
		})
	}
}

// BenchmarkDocument parses and renders.
func BenchmarkDocument(b *testing.B) {
	src := []byte(typicalReadme())
	for _, p := range profiles {
		b.Run(p.name, func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				Parse(src, p.Options).Document(p.Options)
			}
		})
	}
}

var readmes = flag.String("readmes", "", "folder of readmes, *.txt, for BenchmarkReadmes")

// BenchmarkReadmes parses and renders all readmes of a folder, one after the
// other, and tells what 13 KB of them take on average.
func BenchmarkReadmes(b *testing.B) {
	files, err := filepath.Glob(filepath.Join(*readmes, "*.txt"))
	if err != nil || *readmes == "" || len(files) == 0 {
		b.Skipf("-readmes %q: no readmes", *readmes)
	}
	var sources [][]byte
	size := 0
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			b.Fatal(err)
		}
		sources = append(sources, src)
		size += len(src)
	}
	for _, p := range profiles {
		b.Run(p.name, func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				for _, src := range sources {
					Parse(src, p.Options).Document(p.Options)
				}
			}
			perByte := b.Elapsed().Seconds() / float64(b.N) / float64(size)
			b.ReportMetric(perByte*13e3*1e3, "ms/13KB")
		})
	}
}

// BenchmarkGrowth has each worst shape in four sizes: ns/B stays of one order for
// each of them. Of a readme the first megabyte is read (MaxSize).
func BenchmarkGrowth(b *testing.B) {
	for _, s := range worstShapes() {
		for _, size := range []int{1 << 10, 32 << 10, 1 << 20, 4 << 20} {
			src := s.grow(size)
			work := map[string]func(){"GitHub": func() { GitHubHTML(src, testOptions) }}
			for _, p := range profiles {
				work[p.name] = func() { HTML(src, p.Options) }
				work["readme-"+p.name] = func() { Parse([]byte("= a =\n\n== Description ==\n"+src), p.Options).Document(p.Options) }
			}
			for name, run := range work {
				b.Run(fmt.Sprintf("%s/%s/%dK", s.name, name, size>>10), func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						run()
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(src)), "ns/B")
				})
			}
		}
	}
}
