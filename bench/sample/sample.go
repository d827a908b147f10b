// Package sample makes the plugins and archives that are measured. Every
// function gives the same bytes each time for the same arguments.
package sample

import (
	"fmt"
	"hash/fnv"
	"io/fs"
	"math/rand/v2"
	"strings"
	"testing/fstest"
)

// words are what prose and code are made of: deflate shrinks them to about a
// third, as it does with source code.
var words = strings.Fields(`the yard gate fence post site plugin option value hook filter action query
	user role page post meta cache table row field form nonce token escape sanitize register enqueue
	script style block editor theme widget menu shortcode transient cron schedule option update notice
	version release branch archive zip folder file name slug header readme section banner icon image`)

// random is a source of numbers of its own for every name.
func random(name string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(name))
	return rand.New(rand.NewPCG(h.Sum64(), 1))
}

// Text is n bytes of words, in lines of about 80 bytes.
func Text(name string, n int) []byte {
	r := random(name)
	b := make([]byte, 0, n+32)
	for line := 0; len(b) < n; {
		w := words[r.IntN(len(words))]
		b = append(b, w...)
		if r.IntN(8) == 0 {
			b = fmt.Appendf(b, "_%d", r.IntN(10_000))
		}
		if line += len(w) + 1; line > 80 {
			b, line = append(b, '\n'), 0
			continue
		}
		b = append(b, ' ')
	}
	return b[:n]
}

// Noise is n bytes that do not compress, as images don't.
func Noise(name string, n int) []byte {
	r := random(name)
	b := make([]byte, 0, n+8)
	for len(b) < n {
		v := r.Uint64()
		b = append(b, byte(v), byte(v>>8), byte(v>>16), byte(v>>24), byte(v>>32), byte(v>>40), byte(v>>48), byte(v>>56))
	}
	return b[:n]
}

// Plugin describes one plugin's repository.
type Plugin struct {
	Slug    string
	Version string
	Base    string // of the registry, for the Update URI
	Readme  int    // bytes of prose in the readme
	Code    int    // bytes of PHP that compress
	Images  int    // files of 1 MiB that don't
	Icon    bool   // whether the archive holds an icon
}

// Files are the files of the plugin.
func (p Plugin) Files() fs.FS {
	files := fstest.MapFS{}
	add := func(name string, data []byte) { files[name] = &fstest.MapFile{Data: data, Mode: 0o644} }
	add(p.Slug+".php", fmt.Appendf(nil, "<?php\n/**\n * Plugin Name: %s\n * Description: One of many.\n * Version: %s\n"+
		" * Requires at least: 6.0\n * Requires PHP: 7.4\n * Author: Acme\n * Update URI: %s/%s.json\n */\n",
		p.Slug, p.Version, p.Base, p.Slug))
	add("readme.txt", p.readme())
	if p.Icon {
		add(".wordpress-org/icon.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M1 1h6v6H1z"/></svg>`))
	}
	for i := range (p.Code + 16383) / 16384 {
		name := fmt.Sprintf("includes/class-%02d.php", i)
		add(name, append([]byte("<?php // "), Text(p.Slug+name, min(16384, p.Code-i*16384))...))
	}
	for i := range p.Images {
		name := fmt.Sprintf("images/picture-%02d.jpg", i)
		add(name, Noise(p.Slug+name, 1<<20))
	}
	return files
}

// readme has two parts of prose, a third of questions and a third of changes.
func (p Plugin) readme() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "=== %s ===\nContributors: acme\nTags: yard, gate\nRequires at least: 6.0\nTested up to: 6.9\n"+
		"Stable tag: %s\nLicense: GPLv2 or later\n\nOne of many.\n", p.Slug, p.Version)
	third := p.Readme / 3
	b.WriteString("\n== Description ==\n\n")
	b.Write(Text(p.Slug+" description", third))
	b.WriteString("\n\n== Frequently Asked Questions ==\n")
	for i := range third / 300 {
		fmt.Fprintf(&b, "\n= How does part %d work? =\n\n%s\n", i, Text(fmt.Sprint(p.Slug, " question ", i), 260))
	}
	b.WriteString("\n== Changelog ==\n")
	for i := range third / 150 {
		fmt.Fprintf(&b, "\n= 0.%d =\n* %s\n", i, strings.ReplaceAll(string(Text(fmt.Sprint(p.Slug, " change ", i), 120)), "\n", " "))
	}
	return []byte(b.String())
}
