// Command archive writes a repository's archive as GitHub makes it: a zip
// with one top-level folder.
//
//	archive -files 5000 -size 60000000 -o archive.zip
//
// One part of its bytes are images, which do not compress; the other, half of
// them unless -code says otherwise, is source code, which shrinks to about a
// third. Sizes vary as they do in real repositories: most files are small, few
// are large.
package main

import (
	"archive/zip"
	"flag"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/pluginyard/pluginyard/bench/sample"
)

func main() {
	files := flag.Int("files", 5000, "how many files there are")
	size := flag.Int64("size", 60_000_000, "of the archive, in bytes, about")
	code := flag.Float64("code", 0.5, "share of the archive that is source code, 0 to 1")
	name := flag.String("o", "archive.zip", "file to write")
	flag.Parse()
	if err := write(*name, *files, *size, *code); err != nil {
		log.Fatal(err)
	}
}

func write(name string, files int, size int64, code float64) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	z := zip.NewWriter(f)
	z.SetComment("0123456789abcdef0123456789abcdef01234567")
	plugin := sample.Plugin{Slug: "large-yard", Version: "1.0.0", Base: "https://updates.example.com", Readme: 3000}
	head, err := plugin.Files().Open("large-yard.php")
	if err != nil {
		return err
	}
	defer head.Close()
	main := make([]byte, 4096)
	n, err := head.Read(main)
	if err != nil {
		return err
	}
	if err := add(z, "large-yard.php", main[:n]); err != nil {
		return err
	}
	// A file's share grows with its rank to the fourth: half of the bytes are
	// in a tenth of the files. The shares' sum is about files/5.
	unit := float64(size) / (float64(files) / 5)
	for i := range files - 1 {
		rank := float64(i) / float64(files)
		share := unit * rank * rank * rank * rank
		if float64(i*7%100) < code*100 {
			err = add(z, fmt.Sprintf("includes/%d/class-%d.php", i%100, i), sample.Text(fmt.Sprint(i), int(share*3)))
		} else {
			err = add(z, fmt.Sprintf("images/%d/picture-%d.jpg", i%100, i), sample.Noise(fmt.Sprint(i), int(share)))
		}
		if err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	return f.Close()
}

func add(z *zip.Writer, name string, data []byte) error {
	w, err := z.CreateHeader(&zip.FileHeader{
		Name: "acme-large-yard-0123456/" + name, Method: zip.Deflate,
		Modified: time.Date(2025, 1, 1, 12, 0, 0, 0, time.UTC),
	})
	if err != nil {
		return err
	}
	_, err = w.Write(data)
	return err
}
