package main

import (
	"fmt"
	"strings"
	"testing/fstest"
	"time"

	"github.com/pluginyard/pluginyard/github/githubtest"
	"github.com/pluginyard/pluginyard/registry"
)

// nasty is a repository whose author means ill, or knows no better. Its name
// is the plugin's slug.
type nasty struct {
	slug   string
	files  map[string]string // instead of, or beside, a sample's; "" removes one
	header []string          // lines of the plugin's or theme's header, instead of a sample's
	theme  bool
	readme string   // instead of a sample's
	notes  string   // of the release
	tags   []string // further tags with a release each
	facts  func(*githubtest.Repo)
}

// script is what must never be run, in the forms that pass as text.
const script = `<script>alert(1)</script><img src=x onerror=alert(1)>`

var nastyOnes = []nasty{
	{slug: "script-everywhere", header: []string{
		"Plugin Name: Hello " + script + ` "quoted" 'single' &lt;b&gt;`, "Plugin URI: javascript:alert(1)", "Version: 1.0.0",
		"Description: " + script, "Author: <a href=\"javascript:alert(1)\" onclick=x>Eve</a>" + script, `Author URI: https://example.com/"onmouseover="alert(1)`,
		"Requires at least: <b>6.2</b>", "Requires PHP: <b>8</b>", "Tested up to: 6.9" + script, "Text Domain: " + script, "License: " + script,
		"License URI: javascript:alert(1)", "Update URI: https://example.com/" + script, "Requires Plugins: " + script,
	}, readme: "=== " + script + " ===\nContributors: " + script + "\nDonate link: javascript:alert(1)\nTags: " + script + ", <b>\n" +
		"Requires at least: " + script + "\nTested up to: " + script + "\nRequires PHP: <b>8</b>\nStable tag: 1.0.0\nLicense: " + script + "\n\n" + script +
		"\n\n== Description ==\n" + script + "\n[a](javascript:alert(1)) ![b](javascript:alert(1))\n\n== Screenshots ==\n\n1. " + script +
		"\n\n== Upgrade Notice ==\n\n= 1.0.0 =\n" + script + "\n\n== Changelog ==\n\n= 1.0.0 " + script + " =\n* " + script + "\n"},
	{slug: "entities", header: []string{
		"Plugin Name: &lt;script&gt;alert(1)&lt;/script&gt; &amp;lt;b&amp;gt; &#60;i&#62;", "Version: 1.0.0", "Author: &lt;script&gt;", "Requires PHP: &lt;b&gt;8",
	}},
	{slug: "contributors", readme: "=== C ===\nContributors: <b>ada</b>, , @acme, acme, 123, 0, __proto__, x y z, äöü, \"q\", constructor, \x00zero, " +
		strings.Repeat("someone-else, ", 300) + many1000("user") + "\nStable tag: 1.0.0\n\nShort.\n"},
	{slug: "no-contributor", readme: "=== C ===\nContributors: <b></b>, ,,\nStable tag: 1.0.0\n\nShort.\n"},
	{slug: "requires-plugins", header: []string{"Plugin Name: R", "Version: 1.0.0", "Requires Plugins: ../etc, Woo Commerce, woocommerce,,woocommerce, <script>, -x, 1, " + many1000("dep")}},
	{slug: "sections", readme: "=== S ===\nStable tag: 1.0.0\n\nShort.\n\n== Description ==\nText.\n\n== " + script + " ==\nText.\n\n== 0 ==\nText.\n\n== __proto__ ==\nText.\n\n" +
		"== Ünïcødé \u202e ==\nText.\n\n== \"quotes' & more ==\nText.\n\n== ==\nText.\n\n== - ==\nText.\n\n" + sectionsOf(200),
		facts: func(r *githubtest.Repo) {
			r.Properties = map[string]any{"wp-sections": "description, 0, __proto__, <script>, \"quotes', ünïcødé, 17, nope, " + many1000("part")}
		}},
	{slug: "sections-untold", readme: "=== S ===\nStable tag: 1.0.0\n\nShort.\n\n== <b>Other</b> Things \"here\" ==\nText.\n\n== Description ==\n\n== Changelog ==\n"},
	{slug: "empty-readme", readme: "\n"},
	{slug: "no-readme", files: map[string]string{"readme.txt": ""}},
	{slug: "no-images", files: noImages},
	{slug: "rating-alone", readme: "=== R ===\nStable tag: 1.0.0\nRating: 96\n\nShort.\n"},
	{slug: "ratings-alone", readme: "=== R ===\nStable tag: 1.0.0\nNum Ratings: 9\nRatings: 1,2,3\n\nShort.\n"},
	{slug: "rating-nan", readme: "=== R ===\nStable tag: 1.0.0\nRating: NaN\nNum Ratings: 12\nRatings: 99999999999999999999,1,1,1,1\n\nShort.\n"},
	{slug: "rating-inf", readme: "=== R ===\nStable tag: 1.0.0\nRating: +Inf\nNum Ratings: many\n\nShort.\n"},
	{slug: "rating-hex", readme: "=== R ===\nStable tag: 1.0.0\nRating: 0x1p-1074\nNum Ratings: 0x10\n\nShort.\n"},
	{slug: "numbers", readme: "=== N ===\nStable tag: 1.0.0\nActive Installs: many\nDownloaded: -5\nSupport Threads: 1e9\nSupport Threads Resolved: 99999999999999999999\nAdded: <b>never</b>\n\nShort.\n"},
	{slug: "not-utf8", header: []string{"Plugin Name: Gr\xfc\xdfe \xff\xfe\xc3\x28", "Version: 1.0.0", "Description: \xe9t\xe9", "Author: \xa0\xa1"},
		readme: "=== Gr\xfc\xdfe ===\nContributors: \xe9ric\nTags: \xe9t\xe9, \xff\nStable tag: 1.0.0\n\nGr\xfc\xdfe.\n\n== Description ==\n\xe9t\xe9 \xf0\x28\x8c\x28\n\n== \xff\xfe ==\nText\n"},
	{slug: "utf16", readme: "\xff\xfe=\x00=\x00=\x00 \x00H\x00i\x00 \x00=\x00=\x00=\x00\n\x00"},
	{slug: "control", header: []string{"Plugin Name: A\x00B\x1b[31mC\u2028D\ufeffE\x7f", "Version: 1.0.0", "Author: A\x00B\u2029"}},
	{slug: "right-to-left", header: []string{"Plugin Name: \u202egnp.exe\u202c שלום مرحبا", "Version: 1.0.0", "Author: \u2067مرحبا"},
		readme: "=== \u202eשלום ===\nTags: שלום, مرحبا\nStable tag: 1.0.0\n\n\u202eשלום\n\n== שלום ==\nשלום\n"},
	{slug: "many-tags", readme: "=== T ===\nTags: " + many1000("tag") + ", " + many1000("more") + ", " + many1000("and") + ", " + many1000("yet") + ", " + many1000("too") + "\nStable tag: 1.0.0\n\nShort.\n"},
	{slug: "huge-changelog", readme: "=== H ===\nStable tag: 1.0.0\n\nShort.\n\n== Changelog ==\n" + strings.Repeat("\n= 0.1 =\n* A *change* with `code` and [a link](https://example.com/)\n", 18_000)},
	{slug: "long-lines", header: []string{"Plugin Name: " + strings.Repeat("é", 3_000), "Version: 1.0.0", "Author: " + strings.Repeat("x", 3_000)}, readme: "=== L ===\nStable tag: 1.0.0\n\n" + strings.Repeat("word ", 20_000) + "\n"},
	{slug: "relative-links", readme: "=== L ===\nStable tag: 1.0.0\n\nShort.\n\n== Description ==\n[a](docs/a.md) [b](../../b) [c](//example.com/c) [d](#d) [e](/e) ![f](img/f.png) <a href=\"?x=1\">g</a> <img src=\"x.png\" style=\"x\" id=y class=z> <a href=' javascript:alert(1)'>h</a>\n"},
	{slug: "tags-of-releases", tags: []string{`v0.9.0"><b>x`, "0.8.0&x=1#y", "v0.7.0'", "nightly", "ü0.6", "v0.5.0%2f.."}},
	{slug: "notes", files: noChangelog, notes: script + "\n\n# <script>alert(1)</script>\n\n<details ontoggle=alert(1) open>x</details> <style>*{}</style> [x](javascript:alert(1)) [y](relative)\n"},
	{slug: "odd-version", header: []string{"Plugin Name: O", "Version: v1.0 beta 2"}, readme: "=== O ===\n\nShort.\n"},
	{slug: "facts", files: map[string]string{"readme.txt": ""}, header: []string{"Plugin Name: F", "Version: 1.0.0"}, facts: func(r *githubtest.Repo) {
		r.Description, r.Homepage, r.License = script, "javascript:alert(1)", "<b>GPL</b>"
		r.Topics = []string{"wordpress-plugin", "a-topic"}
		r.Properties = map[string]any{
			"wp-requires": script, "wp-tested-up-to": []string{"<b>", "6.9"}, "wp-requires-php": "<b>8</b>", "wp-tags": []string{script, "ok"},
			"wp-author": script, "wp-author-uri": "javascript:alert(1)", "wp-contributors": []string{"<b>ada</b>", ""}, "wp-rating": "NaN",
			"wp-support-url": "data:text/html,x", "wp-donate-link": "//example.com", "wp-requires-plugins": "<b>, x", "wp-homepage": "/relative", "wp-added": script,
		}
	}},
	{slug: "unlike-images", files: map[string]string{
		".wordpress-org/icon-256x256.png": "<?php", ".wordpress-org/banner-772x250.png": script, ".wordpress-org/screenshot-1.png": "GIF89a",
		".wordpress-org/icon.svg": `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8" onload="alert(1)"><script>alert(1)</script></svg>`,
	}},
	// Called like members of our documents, or of what clients read of them.
	{slug: "name"}, {slug: "sections-x"}, {slug: "slug"}, {slug: "error"}, {slug: "autoupdate"}, {slug: "disable_autoupdate"}, {slug: "filename"}, {slug: "id"},
	{slug: "author_homepage"}, {slug: "compatibility"}, {slug: "new_version"}, {slug: "package"}, {slug: "url"}, {slug: "details_url"},
	{slug: "contributors-x"}, {slug: "ratings"}, {slug: "digests"}, {slug: "0", header: []string{"Plugin Name: Nought", "Version: 1.0.0"}}, {slug: "17"}, {slug: "constructor"},
}

var noImages = map[string]string{".wordpress-org/icon-256x256.png": "", ".wordpress-org/banner-772x250.png": "", ".wordpress-org/screenshot-1.png": ""}

// noChangelog leaves the changelog to the release's notes.
var noChangelog = map[string]string{"readme.txt": "=== N ===\nStable tag: 1.0.0\n\nShort.\n"}

// many1000 is a list of a thousand names with commas between.
func many1000(name string) string {
	var b strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&b, "%s%d, ", name, i)
	}
	return strings.TrimSuffix(b.String(), ", ")
}

func sectionsOf(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "== Part%d ==\nText of part %d.\n\n", i, i)
	}
	return b.String()
}

// nastyThemes are the same of themes.
var nastyThemes = []nasty{
	{slug: "theme-plain"},
	{slug: "theme-script", header: []string{
		"Theme Name: Path " + script + ` "quoted" 'single' &lt;b&gt;`, "Theme URI: javascript:alert(1)", "Version: 1.0.0", "Description: " + script,
		"Author: <a href=\"javascript:alert(1)\" onclick=x>Eve</a>" + script, `Author URI: https://example.com/"onmouseover="alert(1)`,
		"Requires at least: <b>6.2</b>", "Requires PHP: <b>8</b>", "Tested up to: " + script, "Template: ../" + script, "Status: publish",
		"Tags: " + script + ", <b>, " + many1000("tag"), "Text Domain: " + script, "License: " + script, "License URI: javascript:alert(1)",
		"Update URI: https://example.com/" + script,
	}, readme: "=== " + script + " ===\nContributors: " + script + "\nStable tag: 1.0.0\nRating: NaN\n\n" + script + "\n\n== Description ==\n" + script +
		"\n[a](javascript:alert(1)) [b](relative)\n\n== Changelog ==\n\n= 1.0.0 " + script + " =\n* " + script + "\n\n== " + script + " ==\n" + script + "\n"},
	{slug: "theme-child", header: []string{"Theme Name: Child", "Version: 1.0.0", "Template: twentytwentyfive"}},
	{slug: "theme-bare", header: []string{"Theme Name: Bare", "Version: 1.0.0"}, files: map[string]string{"readme.txt": "", "screenshot.png": ""}},
	{slug: "theme-image", files: map[string]string{"screenshot.png": "<?php", "screenshot.svg": `<svg onload="alert(1)"/>`}},
	{slug: "theme-not-utf8", header: []string{"Theme Name: Gr\xfc\xdfe \xff\xfe", "Version: 1.0.0", "Author: \xe9", "Description: \xe9t\xe9"}},
	{slug: "theme-rated", readme: "=== T ===\nStable tag: 1.0.0\nRating: 96\nNum Ratings: 12\nRatings: 10,1,1,0,0\nActive Installs: 1,000+\n\nShort.\n"},
	{slug: "theme-version", header: []string{"Theme Name: V", "Version: v1.0 beta 2"}, readme: "=== V ===\n\nShort.\n"},
	{slug: "preview_url"}, {slug: "screenshot_url"}, {slug: "closed"}, {slug: "template"}, {slug: "parent"}, {slug: "extended_author"},
}

// sampleTheme is a theme's files.
func sampleTheme(slug, version string) fstest.MapFS {
	return fstest.MapFS{
		"style.css": file(fmt.Sprintf("/*\nTheme Name: %s\nVersion: %s\nAuthor: Acme\nDescription: Gravel and box.\nRequires at least: 6.2\nRequires PHP: 7.4\n"+
			"License: GPL-2.0-or-later\nUpdate URI: %s/%s.json\n*/\n", slug, version, siteURL, slug)),
		"index.php":            file("<?php\n"),
		"templates/index.html": file("<!-- wp:post-content /-->\n"),
		"screenshot.png":       picture(1200, 900),
		"readme.txt":           file(fmt.Sprintf("=== %s ===\nContributors: acme\nStable tag: %s\n\nGravel and box.\n\n== Description ==\n\nA path.\n\n== Changelog ==\n\n= %s =\n* Release.\n", slug, version, version)),
	}
}

// add puts the repository on the GitHub, with a release 1.0.0.
func (n *nasty) add(w *world) registry.Plugin {
	facts := githubtest.Repo{Owner: "acme", Name: n.slug, Description: "A kind word at the gate", License: "GPL-2.0", Created: firstRelease}
	if n.facts != nil {
		n.facts(&facts)
	}
	repo := w.hub.AddRepo(facts)
	files := sample(n.slug, "1.0.0", 0)
	if n.theme {
		files = sampleTheme(n.slug, "1.0.0")
	}
	switch {
	case n.header != nil && n.theme:
		files["style.css"] = file("/*\n" + strings.Join(n.header, "\n") + "\n*/\n")
	case n.header != nil:
		files[n.slug+".php"] = file("<?php\n/*\n" + strings.Join(n.header, "\n") + "\n*/\n")
	}
	if n.readme != "" {
		files["readme.txt"] = file(n.readme)
	}
	files = with(files, n.files)
	releaseNotes(repo, "v1.0.0", n.notes, files, 9)
	for i, tag := range n.tags {
		releaseNotes(repo, tag, n.notes, files, i)
	}
	return registry.Plugin{Repo: registry.Repo{Owner: "acme", Name: n.slug}, Slug: registry.Slug(n.slug)}
}

func releaseNotes(repo *githubtest.Repository, tag, notes string, files fstest.MapFS, hours int) {
	when := firstRelease.Add(time.Duration(hours) * time.Hour)
	repo.Tag(tag, repo.Commit("main", "Release "+tag, files, when))
	repo.Release(githubtest.Release{Tag: tag, Name: tag, Body: notes, Published: when})
}
