package installer

import (
	"archive/zip"
	"bytes"
	stdflate "compress/flate"
	"context"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/klauspost/compress/flate"
)

// synthetic writes an archive as GitHub makes them of a large plugin: files
// entries of compressed bytes altogether, two thirds of them source code that
// shrinks to about a quarter, the rest images that don't shrink.
func synthetic(tb testing.TB, w io.Writer, files int, compressed int64) {
	tb.Helper()
	rnd := rand.New(rand.NewPCG(1, 2))
	z := zip.NewWriter(w)
	each := int(compressed / int64(files))
	var text bytes.Buffer
	words := make([]string, 3000)
	for i := range words {
		words[i] = strconv.FormatUint(rnd.Uint64()>>uint(20+rnd.IntN(40)), 36)
	}
	for i := range files {
		name := fmt.Sprintf("acme-large-yard-0a1b2c3/src/%02d/%03d/file-%05d", i/500, i/20%25, i)
		size := each/2 + rnd.IntN(each)
		text.Reset()
		if i%3 == 2 {
			name += ".png"
			for range size / 8 {
				v := rnd.Uint64()
				text.Write([]byte{byte(v), byte(v >> 8), byte(v >> 16), byte(v >> 24), byte(v >> 32), byte(v >> 40), byte(v >> 48), byte(v >> 56)})
			}
		} else {
			name += ".php"
			for text.Len() < 4*size {
				fmt.Fprintf(&text, "\tif ( isset( $%s['%s'] ) ) {\n\t\treturn $this->%s( $%[1]s );\n\t}\n",
					words[min(rnd.IntN(3000), rnd.IntN(3000))], words[rnd.IntN(3000)], words[min(rnd.IntN(3000), rnd.IntN(300))])
			}
		}
		f, err := z.Create(name)
		if err == nil {
			_, err = f.Write(text.Bytes())
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	f, err := z.Create("acme-large-yard-0a1b2c3/large-yard.php")
	if err == nil {
		_, err = io.WriteString(f, "<?php // Plugin Name: Large Yard")
	}
	if err == nil {
		err = z.SetComment("0a1b2c3d4e5f60718293a4b5c6d7e8f901234567")
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		tb.Fatal(err)
	}
}

// syntheticFile makes such an archive as a file. PLUGINYARD_BENCH_DIR keeps it,
// and the installer made from it, to be compared with cp and unzip -t.
func syntheticFile(b *testing.B, name string, files int, compressed int64) (archive *os.File, dir string) {
	b.Helper()
	if dir = os.Getenv("PLUGINYARD_BENCH_DIR"); dir == "" {
		dir = b.TempDir()
	}
	archive, err := os.OpenFile(dir+"/"+name, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { archive.Close() })
	if info, err := archive.Stat(); err != nil {
		b.Fatal(err)
	} else if info.Size() == 0 {
		synthetic(b, archive, files, compressed)
	}
	return archive, dir
}

// BenchmarkFromArchive makes installers out of archives on disk, into a file.
//
//	go test -run '^$' -bench FromArchive ./registry/installer
func BenchmarkFromArchive(b *testing.B) {
	for _, size := range []struct {
		name       string
		files      int
		compressed int64
	}{
		{"50KB-30files", 30, 50 << 10},
		{"60MB-5000files", 5000, 60 << 20},
	} {
		for _, skip := range []bool{false, true} {
			name := size.name + "/verified"
			if skip {
				name = size.name + "/unverified"
			}
			b.Run(name, func(b *testing.B) {
				archive, dir := syntheticFile(b, size.name+".zip", size.files, size.compressed)
				info, err := archive.Stat()
				if err != nil {
					b.Fatal(err)
				}
				out, err := os.Create(dir + "/" + size.name + ".installer.zip")
				if err != nil {
					b.Fatal(err)
				}
				defer out.Close()
				b.SetBytes(info.Size())
				b.ReportAllocs()
				for b.Loop() {
					if err := out.Truncate(0); err != nil {
						b.Fatal(err)
					}
					if _, err := out.Seek(0, io.SeekStart); err != nil {
						b.Fatal(err)
					}
					if _, err := FromArchive(context.Background(), archive, info.Size(), out, Options{Slug: "large-yard", SkipVerify: skip}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkVerify inflates and sums up one file of source code on one core, to
// choose the inflater.
func BenchmarkVerify(b *testing.B) {
	var buf bytes.Buffer
	synthetic(b, &buf, 4, 64<<10)
	rd, err := Open(bytes.NewReader(buf.Bytes()), int64(buf.Len()), "")
	if err != nil {
		b.Fatal(err)
	}
	e := &rd.entries[1]
	data := buf.Bytes()[e.offset+localSize+int64(len(e.name)):][:e.compressed]
	b.Run("klauspost", func(b *testing.B) {
		v := newVerifier()
		b.SetBytes(e.size)
		b.ReportAllocs()
		for b.Loop() {
			if err := v.bytes(e, data); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("standard", func(b *testing.B) {
		var src bytes.Reader
		r := stdflate.NewReader(&src)
		chunk := make([]byte, 32<<10)
		b.SetBytes(e.size)
		b.ReportAllocs()
		for b.Loop() {
			src.Reset(data)
			if err := r.(flate.Resetter).Reset(&src, nil); err != nil {
				b.Fatal(err)
			}
			sum := crc32.NewIEEE()
			if _, err := io.CopyBuffer(struct{ io.Writer }{sum}, r, chunk); err != nil || sum.Sum32() != e.crc {
				b.Fatal(err, sum.Sum32())
			}
		}
	})
}

// BenchmarkOpen reads and checks a directory of 5,000 entries.
func BenchmarkOpen(b *testing.B) {
	var buf bytes.Buffer
	synthetic(b, &buf, 5000, 1<<20)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Open(bytes.NewReader(buf.Bytes()), int64(buf.Len()), ""); err != nil {
			b.Fatal(err)
		}
	}
}
