package markdown

import (
	"os"
	"regexp"
	"testing"
)

// BenchmarkTypical renders the sections of a typical readme of 13 KB.
func BenchmarkTypical(b *testing.B) {
	readme, err := os.ReadFile("testdata/typical.txt")
	if err != nil {
		b.Fatal(err)
	}
	sections := regexp.MustCompile(`(?m)^== .* ==$`).Split(string(readme), -1)[1:]
	b.SetBytes(int64(len(readme)))
	b.ReportAllocs()
	for b.Loop() {
		for _, section := range sections {
			WordPress(section, 0)
		}
	}
}
