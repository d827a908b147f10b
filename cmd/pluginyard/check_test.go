package main

import (
	"archive/zip"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// scriptPicture writes a PNG of one colour: picture FILE WIDTH HEIGHT
func scriptPicture(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: picture FILE WIDTH HEIGHT")
	}
	width, err := strconv.Atoi(args[1])
	ts.Check(err)
	height, err := strconv.Atoi(args[2])
	ts.Check(err)
	name := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(filepath.Dir(name), 0o777))
	file, err := os.Create(name)
	ts.Check(err)
	defer file.Close()
	ts.Check(png.Encode(file, image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{color.RGBA{R: 90, G: 120, B: 60, A: 255}})))
}

// scriptPack packs a folder: pack ZIP FOLDER TOP [COMMENT]
func scriptPack(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: pack ZIP FOLDER TOP [COMMENT]")
	}
	file, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	defer file.Close()
	w := zip.NewWriter(file)
	tree := os.DirFS(ts.MkAbs(args[1]))
	ts.Check(fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		f, err := w.Create(args[2] + "/" + name)
		if err != nil {
			return err
		}
		_, err = f.Write(data)
		return err
	}))
	ts.Check(w.SetComment(strings.Join(args[3:], " ")))
	ts.Check(w.Close())
}

// scriptBig writes a file of so many kilobytes: big FILE KILOBYTES
func scriptBig(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: big FILE KILOBYTES")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	name := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(filepath.Dir(name), 0o777))
	ts.Check(os.WriteFile(name, []byte(strings.Repeat("0123456789abcde\n", n*64)), 0o666))
}

// scriptReplace replaces text in a file: replace FILE OLD NEW. \n is a line's end.
func scriptReplace(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: replace FILE OLD NEW")
	}
	text := ts.ReadFile(args[0])
	old := strings.ReplaceAll(args[1], `\n`, "\n")
	if !strings.Contains(text, old) {
		ts.Fatalf("%s does not hold %q", args[0], old)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Replace(text, old, strings.ReplaceAll(args[2], `\n`, "\n"), 1)), 0o666))
}
