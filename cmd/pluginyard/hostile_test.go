package main

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pluginyard/pluginyard/github/githubtest"
)

// A repository's own mistakes, and what may happen to it.
func TestTroubleWithTheRepository(t *testing.T) { runTroubles(t, repositoryTroubles()) }

func repositoryTroubles() []trouble {
	good := sample("hello-yard", "1.1.0", 3)
	return []trouble{
		{name: "it vanishes", make: func(_ *world, repo *githubtest.Repository) { repo.Delete() }, gone: true,
			cold: "503 unavailable", retry: "30", says: "GitHub has no .*acme/hello-yard, or our credentials may not see it"},
		{name: "it is renamed", make: func(_ *world, repo *githubtest.Repository) {
			release(repo, 1, "1.1.0", good)
			repo.Set(func(r *githubtest.Repo) { r.Name = "hello-garden" })
		}, cold: "200 1.1.0"},
		{name: "it turns private", make: func(_ *world, repo *githubtest.Repository) {
			repo.Set(func(r *githubtest.Repo) { r.Private = true })
		}, cold: "403 forbidden", says: "private", warm: "403 forbidden"},
		{name: "it is archived", make: func(_ *world, repo *githubtest.Repository) {
			repo.Set(func(r *githubtest.Repo) { r.Archived = true })
		}, cold: "200 1.0.0"},
		{name: "its tag moves", make: func(_ *world, repo *githubtest.Repository) {
			repo.Tag("v1.0.0", repo.Commit("main", "Another 1.0.0", sample("hello-yard", "1.0.0", 5), firstRelease))
		}, cold: "200 1.0.0", warm: "200 1.0.0", warmSays: "tag v1.0.0 (of acme/hello-yard )?was moved", logs: "tag was moved"},
		{name: "no version anywhere", make: func(_ *world, repo *githubtest.Repository) {
			files := with(good, map[string]string{
				"hello-yard.php": "<?php\n/* Plugin Name: Hello Yard */\n",
				"readme.txt":     "=== Hello Yard ===\nStable tag: trunk\n\nHello.\n\n== Description ==\nHello.\n",
			})
			repo.Tag("nightly", repo.Commit("main", "Nightly", files, firstRelease.Add(time.Hour)))
			repo.Release(githubtest.Release{Tag: "nightly", Name: "Nightly", Published: firstRelease.Add(time.Hour)})
		}, cold: "422 invalid", says: `acme/hello-yard at nightly names no version; add "Version:" to the plugin header`},
		{name: "no plugin header", make: releasing(with(good, map[string]string{"hello-yard.php": "<?php // nothing\n"})),
			cold: "422 invalid", says: `acme/hello-yard at v1.1.0 has no PHP file with a "Plugin Name:" header`},
		{name: "no PHP file at all", make: releasing(with(good, map[string]string{"hello-yard.php": ""})),
			cold: "422 invalid", says: `acme/hello-yard at v1.1.0 has no PHP file with a "Plugin Name:" header`},
		{name: "a version that is not the tag's", make: releasing(sample("hello-yard", "1.0.9", 3)),
			cold: "200 1.0.9", says: "The tag says 1.1.0, the plugin header 1.0.9"},
		{name: "an Update URI of somewhere else", make: releasing(with(good, map[string]string{
			"hello-yard.php": strings.ReplaceAll(string(good["hello-yard.php"].Data), siteURL, "https://elsewhere.example.org"),
		})), cold: "200 1.1.0", says: `the Update URI "https://elsewhere.example.org/hello-yard.json" is not of this registry`},
		{name: "HTML in Plugin Name", make: releasing(with(good, map[string]string{
			"hello-yard.php": strings.ReplaceAll(string(good["hello-yard.php"].Data), "Plugin Name: Hello yard", `Plugin Name: Hello <script>alert(1)</script><img src=x onerror=alert(1)> yard`),
		})), cold: "200 1.1.0", check: noScript},
		{name: "a main file of megabytes", make: releasing(with(good, map[string]string{
			"hello-yard.php": string(good["hello-yard.php"].Data) + strings.Repeat("// much\n", 1<<18),
		})), cold: "422 invalid", says: "hello-yard.php: .*it has .* bytes, more than"},

		{name: "another PHP file of megabytes at the top", make: releasing(with(good, map[string]string{
			"a-table.php": "<?php // much\n" + strings.Repeat("// much\n", 1<<18),
		})), cold: "200 1.1.0"},

		{name: "a readme of megabytes", make: releasing(with(good, map[string]string{
			"readme.txt": "=== Hello ===\n\nHello.\n\n== Description ==\n" + strings.Repeat("All work and no play. ", 200_000),
		})), cold: "422 invalid", says: "readme.txt: .*it has .* bytes, more than"},
		{name: "a readme with scripts and javascript: links", make: releasing(with(good, map[string]string{
			"readme.txt": "=== <script>alert(1)</script> ===\nDonate link: javascript:alert(1)\nTags: <b onclick=alert(1)>\n\nHello.\n\n== Description ==\n" +
				"<script>alert(1)</script><SCRIPT SRC=//example.org/x.js></SCRIPT><img src=x onerror=alert(1)>[click](javascript:alert(1)) [again](  JaVaScRiPt&colon;alert(1))\n" +
				"<a href=\"java\nscript:alert(1)\">x</a><svg onload=alert(1)><iframe src=javascript:alert(1)>\n",
		})), cold: "200 1.1.0", check: noScript},
		{name: "a readme nested without end", make: releasing(with(good, map[string]string{
			"readme.txt": "=== Hello ===\n\nHello.\n\n== Description ==\n" + strings.Repeat(">", 20_000) + strings.Repeat("[", 20_000) + strings.Repeat("<div>", 20_000) + "\n" + strings.Repeat("* ", 5_000),
		})), cold: "200 1.1.0", check: noScript},
		{name: "a readme that is no text", make: releasing(with(good, map[string]string{
			"readme.txt": "\xff\xfe=\x00=\x00=\x00 \x00H\x00i\x00 \x00=\x00=\x00=\x00\n\x00\xc3\x28\xa0\xa1\xf0\x28\x8c\x28\x00\x00\x1b[31m",
		})), cold: "200 1.1.0", check: noScript},
		{name: "no readme", make: releasing(with(good, map[string]string{"readme.txt": ""})),
			cold: "200 1.1.0", says: "there is no readme.txt"},

		{name: "an image that claims to be huge", make: releasing(with(good, map[string]string{".wordpress-org/icon-256x256.png": hugePNG()})),
			cold: "200 1.1.0", says: "icon-256x256.png .*pixels"},
		{name: "an image that is cut off", make: releasing(with(good, map[string]string{".wordpress-org/banner-772x250.png": string(good[".wordpress-org/banner-772x250.png"].Data[:80])})),
			cold: "200 1.1.0", says: "banner-772x250.png"},
		{name: "an image that is a program", make: releasing(with(good, map[string]string{".wordpress-org/icon-256x256.png": "<?php system($_GET['x']);"})),
			cold: "200 1.1.0", says: "icon-256x256.png"},
		{name: "an image that is another kind", make: releasing(with(good, map[string]string{".wordpress-org/icon-256x256.jpg": string(picture(256, 256).Data), ".wordpress-org/icon-256x256.png": ""})),
			cold: "200 1.1.0"},
		{name: "an image of 12 MB", make: releasing(with(good, map[string]string{".wordpress-org/screenshot-1.png": strings.Repeat("x", 12<<20)})),
			cold: "200 1.1.0", says: "screenshot-1.png"},
		{name: "an SVG with scripts", make: releasing(with(good, map[string]string{".wordpress-org/icon.svg": `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 8 8" onload="alert(1)"><script>alert(1)</script><a xlink:href="javascript:alert(1)"><path d="M0 0h8v8z"/></a><foreignObject><body onload="alert(1)"/></foreignObject></svg>`})),
			cold: "200 1.1.0", check: func(w *world) {
				noScript(w)
				link := w.mustWhole("hello-yard", "1.1.0").Icons["svg"]
				if link == "" {
					return // left out is safe too
				}
				if text := strings.ToLower(string(w.must(link).body)); strings.Contains(text, "script") || strings.Contains(text, "onload") {
					w.Errorf("the SVG is served as %s", text)
				}
			}},
		{name: "an SVG of entities", make: releasing(with(good, map[string]string{".wordpress-org/icon.svg": `<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><text>&b;&c;</text></svg>`})),
			cold: "200 1.1.0", says: "icon.svg"},
	}
}

// noScript wants nothing in document and page that a browser would run.
func noScript(w *world) {
	w.Helper()
	doc := w.mustWhole("hello-yard", "1.1.0")
	texts := []string{doc.Name}
	for _, section := range doc.Sections {
		texts = append(texts, section)
	}
	// Escaped it is text, and may be told of.
	texts = append(texts, string(w.must("/hello-yard/", "Accept: text/html").body))
	for _, text := range texts {
		for _, run := range []string{"<script", "<iframe", "<svg", "<img src=x", "href=\"javascript:", "href=\"java"} {
			if strings.Contains(strings.ToLower(text), run) {
				w.Errorf("%q is served in %.300s", run, text)
			}
		}
	}
}

// hugePNG is a whole PNG but for its picture, which would take 14 GB.
func hugePNG() string {
	var b bytes.Buffer
	b.WriteString("\x89PNG\r\n\x1a\n")
	chunk := func(kind string, data []byte) {
		binary.Write(&b, binary.BigEndian, uint32(len(data)))
		b.WriteString(kind)
		b.Write(data)
		binary.Write(&b, binary.BigEndian, crc32.ChecksumIEEE(append([]byte(kind), data...)))
	}
	chunk("IHDR", []byte{0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60, 8, 6, 0, 0, 0})
	chunk("IDAT", []byte{0x78, 0x9c, 3, 0, 0, 0, 0, 1})
	chunk("IEND", nil)
	return b.String()
}

// entry is one entry of a zip that no honest tool would write.
type zipEntry struct {
	name  string
	data  []byte
	mode  fs.FileMode
	flags uint16
	size  uint64 // claimed, if not zero
}

// hostileZip packs the plugin beneath a folder, and more.
func hostileZip(folder string, more ...zipEntry) []byte {
	var entries []zipEntry
	for name, f := range sample("hello-yard", "1.1.0", 3) {
		entries = append(entries, zipEntry{name: folder + name, data: f.Data})
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range append(entries, more...) {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		if len(e.data) == 0 {
			h.Method = zip.Store
		}
		if e.mode != 0 {
			h.SetMode(e.mode)
		}
		var out interface{ Write([]byte) (int, error) }
		var err error
		if e.flags != 0 || e.size != 0 {
			h.Method, h.Flags = zip.Store, e.flags
			h.CRC32, h.CompressedSize64, h.UncompressedSize64 = crc32.ChecksumIEEE(e.data), uint64(len(e.data)), uint64(len(e.data))
			if e.size != 0 {
				h.UncompressedSize64 = e.size
			}
			out, err = w.CreateRaw(h)
		} else {
			out, err = w.CreateHeader(h)
		}
		if err == nil {
			_, err = out.Write(e.data)
		}
		if err != nil {
			panic(err) // a bytes.Buffer takes every write
		}
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// Zips that somebody made by hand, as the archive that GitHub sends and as a
// release's own file.
func TestTroubleWithZips(t *testing.T) {
	var list []trouble
	for _, tc := range []struct {
		name string
		more []zipEntry // names are beneath the plugin's folder unless they begin with !
		cold string     // of both; default a refusal
		says string
	}{
		{"a path that leads out", []zipEntry{{name: "!../../evil.php", data: []byte("<?php")}}, "", `zip entry .*evil.php.*`},
		{"a path that leads out further down", []zipEntry{{name: "inc/../../../evil.php", data: []byte("<?php")}}, "", `zip entry .*evil.php`},
		{"an absolute path", []zipEntry{{name: "!/etc/cron.d/evil", data: []byte("*")}}, "", `zip entry .*cron.d/evil`},
		{"a path with backslashes", []zipEntry{{name: `..\..\evil.php`, data: []byte("<?php")}}, "", `zip entry .*evil.php`},
		{"a name that stands there twice", []zipEntry{{name: "hello-yard.php", data: []byte("<?php // another")}}, "", `zip entry .*hello-yard.php`},
		{"a name that differs in case", []zipEntry{{name: "Hello-Yard.PHP", data: []byte("<?php // another")}}, "200 1.1.0", `differ in case alone`},
		{"a symbolic link", []zipEntry{{name: "secrets", data: []byte("/etc/passwd"), mode: fs.ModeSymlink | 0o777}}, "200 1.1.0", `secrets`},
		{"an encrypted file", []zipEntry{{name: "inc/locked.php", data: []byte("0123456789abcdef"), flags: 1}}, "", `zip entry .*locked.php.*encrypted`},
		{"a size that is a lie", []zipEntry{{name: "inc/small.php", data: []byte("<?php"), size: 4096}}, "", `zip entry .*small.php`},
		{"a size of 4 GB", []zipEntry{{name: "inc/large.php", data: []byte("<?php"), size: 1<<32 - 2}}, "", `zip entry .*large.php`},
		{"a bomb of zeros", []zipEntry{{name: "inc/zeros.bin", data: make([]byte, 16<<20)}}, "", `zip.*times`},
		{"a bomb of files", many(70_000), "", `zip: .*entries`},
	} {
		under := func(folder string) []byte {
			var more []zipEntry
			for _, e := range tc.more {
				if out, ok := strings.CutPrefix(e.name, "!"); ok {
					e.name = out
				} else {
					e.name = folder + e.name
				}
				more = append(more, e)
			}
			return hostileZip(folder, more...)
		}
		cold := tc.cold
		if cold == "" {
			cold = "422 invalid"
		}
		list = append(list, trouble{
			name: "archive: " + tc.name, cold: cold, says: tc.says,
			make: next(githubtest.Only(archives, sending("application/zip", under("acme-hello-yard-0123456/")))),
		}, trouble{
			name: "release file: " + tc.name, cold: cold, says: tc.says,
			make: releasing(sample("hello-yard", "1.1.0", 3), githubtest.Asset{Name: "hello-yard.zip", Data: under("hello-yard/")}),
		})
	}
	runTroubles(t, list)
}

func many(n int) []zipEntry {
	list := make([]zipEntry, n)
	for i := range list {
		list[i] = zipEntry{name: fmt.Sprintf("inc/%d.php", i)}
	}
	return list
}

// Two plugins that claim one slug are refused before anything starts, and what
// is stored stays as it is.
func TestTwoPluginsThatClaimOneSlug(t *testing.T) {
	for _, state := range []string{"cold", "warm"} {
		t.Run(state, func(t *testing.T) {
			w, _ := (&trouble{}).world(t)
			if state == "warm" {
				w.start()
				w.mustWhole("hello-yard", "1.0.0")
				w.stop()
			}
			config := filepath.Join(t.TempDir(), "pluginyard.yaml")
			text := fmt.Sprintf("listen: 127.0.0.1:0\ndata: %s\ngithub:\n  api_url: %s\n  token: %s\nplugins:\n  - repository: acme/hello-yard\n  - repository: other/Hello-Yard\n", w.data, w.api.URL, plantedToken)
			if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			var stdout, stderr bytes.Buffer
			if code := run(t.Context(), []string{"serve", "--config", config}, nil, &stdout, &stderr, nil); code != exitUsage {
				t.Errorf("exit code %d, want %d", code, exitUsage)
			}
			got := stderr.String()
			if !strings.Contains(got, "slug hello-yard is claimed at "+config) || !strings.Contains(got, "give one of the two another slug") || plantedIn(got+stdout.String()) != "" {
				t.Errorf("it says: %s%s", &stdout, got)
			}
			t.Logf("%s: exit code %d: %s", state, exitUsage, strings.ReplaceAll(got, config, "pluginyard.yaml"))
			if state == "warm" {
				w.hub.SetFault(githubtest.Reset())
				w.start()
				w.mustWhole("hello-yard", "1.0.0")
			}
		})
	}
}
