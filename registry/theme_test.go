package registry

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"image"
	"image/png"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// gardenPath is a small whole theme, in the repository that all tests have.
func gardenPath(version string) map[string]string {
	var shot bytes.Buffer
	if err := png.Encode(&shot, image.NewGray(image.Rect(0, 0, 1200, 900))); err != nil {
		panic(err)
	}
	return map[string]string{
		"style.css":            "/*\nTheme Name: Garden Path\nTheme URI: https://acme.example.com/garden-path\nAuthor: Acme\nAuthor URI: https://acme.example.com\nDescription: One column & a lot of green.\nVersion: " + version + "\nRequires at least: 6.2\nRequires PHP: 7.4\nTested up to: 6.8\nText Domain: hello-yard\nTags: one-column, blog\nUpdate URI: https://updates.example.com/hello-yard.json\n*/\n",
		"templates/index.html": "<!-- wp:post-content /-->",
		"assets/icon.svg":      `<svg xmlns="http://www.w3.org/2000/svg"/>`,
		"screenshot.png":       shot.String(),
		"readme.txt":           "=== Garden Path ===\nContributors: acme\nLicense: GPLv2 or later\n\n== Description ==\n\nIt is *green*.\n\n== Changelog ==\n\n= " + version + " =\n* Greener.\n\n== Screenshots ==\n\n1. Not shown.\n\n== Resources ==\n\nAll our own.\n",
	}
}

// with is files with others in them; an empty text takes one away.
func with(files map[string]string, pairs ...string) map[string]string {
	files = maps.Clone(files)
	for i := 0; i < len(pairs); i += 2 {
		if files[pairs[i]] = pairs[i+1]; pairs[i+1] == "" {
			delete(files, pairs[i])
		}
	}
	return files
}

// longText has at least so many bytes, and is no bomb when it is packed.
func longText(size int) string {
	var b strings.Builder
	for b.Len() < size {
		sum := sha256.Sum256([]byte{byte(b.Len()), byte(b.Len() >> 8), byte(b.Len() >> 16)})
		b.WriteString(hex.EncodeToString(sum[:4]) + strings.Repeat(" ", 120))
	}
	return b.String()
}

func TestWhatMakesAPackageAPluginOrATheme(t *testing.T) {
	plugin := "<?php\n// Plugin Name: Hello Yard\n// Version: 3.0\n"
	tests := []struct {
		name  string
		entry Plugin
		files map[string]string
		want  string // type, file and version, or a part of the error
		codes string // that are among the findings
	}{
		{"a theme header in style.css", Plugin{}, gardenPath("1.0"), "theme hello-yard 1.0", ""},
		{"a plugin header", Plugin{}, helloYard("1.0"), "plugin hello-yard/hello-yard.php 1.0", ""},
		{"a plugin with a style.css that is no theme's", Plugin{}, with(helloYard("1.0"), "style.css", "/* The yard's */"), "plugin hello-yard/hello-yard.php 1.0", ""},
		{"both is a plugin", Plugin{}, with(gardenPath("1.0"), "yard.php", plugin), "plugin hello-yard/yard.php 3.0", "plugin_and_theme"},
		{"both, and the configuration says plugin", Plugin{File: "yard.php"}, with(gardenPath("1.0"), "yard.php", plugin), "plugin hello-yard/yard.php 3.0", ""},
		{"both, and the configuration says theme", Plugin{File: "hello-yard/style.css"}, with(gardenPath("1.0"), "yard.php", plugin), "theme hello-yard 1.0", ""},
		{"the configured file is not there", Plugin{File: "yard.php"}, gardenPath("1.0"), `yard.php in acme/hello-yard at v1.0 is missing or has no "Plugin Name:"`, ""},
		{"the configured theme is none", Plugin{File: "style.css"}, helloYard("1.0"), `style.css in acme/hello-yard at v1.0 is missing or has no "Theme Name:"`, ""},
		{"neither", Plugin{}, map[string]string{"style.css": "/* Name: A */", "index.php": "<?php"}, `no style.css with a "Theme Name:"`, ""},
		{"a style sheet of another case is none", Plugin{}, with(gardenPath("1.0"), "Style.css", gardenPath("1.0")["style.css"], "style.css", ""), `no style.css with a "Theme Name:"`, ""},
		{"a header after 8 KB is none", Plugin{}, with(gardenPath("1.0"), "style.css", strings.Repeat(" ", HeaderBytes)+"Theme Name: A"), `no style.css with a "Theme Name:"`, ""},
		{"a style sheet of a megabyte", Plugin{}, with(gardenPath("1.0"), "style.css", gardenPath("1.0")["style.css"]+strings.Repeat("a{b:c}\n", 1<<18)), "theme hello-yard 1.0", ""},
		{"one of more than there can be", Plugin{}, with(gardenPath("1.0"), "style.css", gardenPath("1.0")["style.css"]+longText(MaxStylesheet)), "bytes, more than", ""},
		{"a classic theme", Plugin{}, with(gardenPath("1.0"), "templates/index.html", "", "index.php", "<?php"), "theme hello-yard 1.0", ""},
		{"a theme of the first block editor", Plugin{}, with(gardenPath("1.0"), "templates/index.html", "", "block-templates/index.html", "x"), "theme hello-yard 1.0", ""},
		{"a theme without a template", Plugin{}, with(gardenPath("1.0"), "templates/index.html", ""), "has neither templates/index.html nor index.php", ""},
		{"a template that does not ship", Plugin{}, with(gardenPath("1.0"), ".distignore", "/templates\n.*\n"), "has neither templates/index.html nor index.php", ""},
		{"a style sheet that does not ship", Plugin{}, with(gardenPath("1.0"), ".distignore", "*.css\n.*\n"), "style.css of acme/hello-yard at v1.0 is not in the installer", ""},
		{"a child theme needs none", Plugin{}, with(gardenPath("1.0"), "templates/index.html", "", "style.css", "Theme Name: A\nVersion: 1.0\nTemplate: twentytwentyfive"), "theme hello-yard 1.0", "text_domain"},
		{"a theme of its own parent", Plugin{}, with(gardenPath("1.0"), "style.css", "Theme Name: A\nVersion: 1.0\nTemplate: hello-yard"), "theme hello-yard 1.0", "template_invalid"},
		{"a parent that is no directory", Plugin{}, with(gardenPath("1.0"), "style.css", "Theme Name: A\nVersion: 1.0\nTemplate: ../a"), "theme hello-yard 1.0", "template_invalid"},
		{"no version but the tag's", Plugin{}, with(gardenPath("1.0"), "style.css", "Theme Name: A"), "theme hello-yard 1.0", "version_header_missing"},
		{"no picture", Plugin{}, with(gardenPath("1.0"), "screenshot.png", ""), "theme hello-yard 1.0", "theme_screenshot_missing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.entry.Repo = Repo{"acme", "hello-yard"}
			b := newBench(t, tt.entry)
			b.forge.publish("v1.0", tt.files)
			pkg, err := b.Package(t.Context(), "hello-yard", Query{})
			if err != nil {
				if !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("%v; want %s", err, tt.want)
				}
				return
			}
			if got := string(pkg.Type) + " " + pkg.File + " " + pkg.Version; got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
			if !strings.Contains(strings.Join(codes(pkg), " "), tt.codes) {
				t.Errorf("findings %v lack %s", codes(pkg), tt.codes)
			}
			if name := pkg.MainFile(); b.unzip(t, pkg)["hello-yard/"+name] == "" {
				t.Errorf("%s is not installed", name)
			}
		})
	}
}

func TestAThemeIsInstalledWithItsPictureAndItsAssets(t *testing.T) {
	b := newBench(t)
	b.forge.publish("v1.0", gardenPath("1.0"))
	pkg := b.pack(t)
	files := b.unzip(t, pkg)
	for name := range gardenPath("1.0") {
		if files["hello-yard/"+name] == "" {
			t.Errorf("%s is not in the installer: %v", name, slices.Sorted(maps.Keys(files)))
		}
	}
	if len(pkg.Images) != 1 || pkg.Images[0].Name != "screenshot.png" || pkg.Images[0].Width != 1200 {
		t.Errorf("images %+v, want the screenshot alone", pkg.Images)
	}
	file, err := b.OpenFile(t.Context(), "hello-yard", pkg.Images[0].Digest)
	if err != nil {
		t.Fatal(err)
	}
	file.Close()
	if got := codes(pkg); len(got) != 0 {
		t.Errorf("findings %v of a theme that is as it should be", got)
	}
}

// Whatever is made of its header, a style sheet is installed to its last rule.
func TestALongStyleSheetIsInstalledWhole(t *testing.T) {
	rules := longText(4*HeaderBytes) + ".last{}"
	for _, version := range []string{"Version: 1.0\n", ""} {
		b := newBench(t)
		b.forge.publish("v1.0", with(gardenPath("1.0"), "style.css", "/*\nTheme Name: Garden Path\n"+version+"*/\n"+rules))
		style := b.unzip(t, b.pack(t))["hello-yard/style.css"]
		if !strings.HasSuffix(style, rules) || ParseThemeHeader([]byte(style))["Theme Name"] != "Garden Path" {
			t.Errorf("with header %q, style.css has %d bytes of %d", version, len(style), len(rules))
		}
	}
}

func TestAThemeIsReleasedAndUpdated(t *testing.T) {
	b := newBench(t)
	b.forge.publish("v1.0", gardenPath("1.0"))
	b.pack(t)
	b.forge.publish("v1.1", gardenPath("1.1"))
	if err := b.check(t.Context(), b.roster().bySlug["hello-yard"]); err != nil {
		t.Fatal(err)
	}
	themes, err := b.Collection(t.Context(), Selection{Type: TypeTheme}, Query{})
	if err != nil {
		t.Fatal(err)
	}
	var updates map[string]map[string]any
	if err := json.Unmarshal(themes.Identity, &updates); err != nil {
		t.Fatal(err)
	}
	if got := updates["hello-yard"]; got["theme"] != "hello-yard" || got["new_version"] != "1.1" || got["url"] != "https://updates.example.com/hello-yard/" {
		t.Errorf("the update is %+v", got)
	}
	if plugins, err := b.Collection(t.Context(), Selection{Type: TypePlugin}, Query{}); err != nil || string(plugins.Identity) != "{}" {
		t.Errorf("the theme is among the plugins: %s, %v", plugins.Identity, err)
	}
	if state := b.roster().bySlug["hello-yard"].record.Load().Channels["release"]; state.Type != TypeTheme || state.File != "hello-yard" || state.Version != "1.1" {
		t.Errorf("the record says %+v", state)
	}
	b.open(t, Plugin{Repo: Repo{"acme", "hello-yard"}})
	if again, err := b.Collection(t.Context(), Selection{Type: TypeTheme}, Query{}); err != nil || !bytes.Equal(again.Identity, themes.Identity) {
		t.Errorf("after a restart: %s, %v", again.Identity, err)
	}
	listing, err := b.Listing(t.Context(), "hello-yard", Query{})
	if err != nil || listing.Type != TypeTheme || listing.File != "hello-yard" {
		t.Errorf("listed as %+v, %v", listing, err)
	}
}

func TestARecordOfATimeWithoutThemesIsOfPlugins(t *testing.T) {
	b := newBench(t)
	b.forge.publish("v1.0", helloYard("1.0"))
	b.pack(t)
	data, err := b.store.Load(t.Context(), recordName("hello-yard"))
	if err != nil {
		t.Fatal(err)
	}
	data = bytes.ReplaceAll(data, []byte(`"type":"plugin",`), nil)
	if err := b.store.Save(t.Context(), recordName("hello-yard"), data); err != nil {
		t.Fatal(err)
	}
	b.open(t, Plugin{Repo: Repo{"acme", "hello-yard"}})
	plugins, err := b.Collection(t.Context(), Selection{Type: TypePlugin}, Query{})
	if err != nil || !strings.Contains(string(plugins.Identity), `"plugin":"hello-yard/hello-yard.php"`) {
		t.Errorf("the plugins are %s, %v", plugins.Identity, err)
	}
}

func TestWhatAStrangerWritesIntoAThemeHeaderDoesNoHarm(t *testing.T) {
	style := "/*\nTheme Name: <script>alert(1)</script>Gar\xff\xfeden\x1b[2J\u202e\nTheme URI: javascript:alert(1)\nAuthor: <img src=x onerror=alert(1)>\"Acme\nAuthor URI: https://acme.example.com/\"><script>\nDescription: </p><iframe src=//x> & more\nVersion: 1.0\nRequires PHP: <b>8.0</b>\nRequires at least: \"><script>\nTags: <u>a</u>, " + strings.Repeat("t,", 2000) + "\nTemplate: ../../<b>\nText Domain: \x00\n*/"
	b := newBench(t)
	b.forge.publish("v1.0", with(gardenPath("1.0"), "style.css", style))
	document, err := b.Information(t.Context(), "hello-yard", Query{})
	if err != nil {
		t.Fatal(err)
	}
	var info map[string]any
	if err := json.Unmarshal(document.Identity, &info); err != nil {
		t.Fatal(err)
	}
	themeShape(t, info)
	for _, key := range []string{"name", "version", "requires", "requires_php", "description"} {
		if text := info[key].(string); strings.ContainsAny(text, "<>\x1b\x00") {
			t.Errorf("%s is %q", key, text)
		}
	}
	if author := info["author"].(string); strings.Contains(author, "<img") || strings.Contains(author, "script") {
		t.Errorf("author is %q", author)
	}
	if homepage := info["homepage"].(string); !strings.HasPrefix(homepage, "https://") {
		t.Errorf("homepage is %q", homepage)
	}
	if info["template"] != nil || len(info["tags"].(map[string]any)) > MaxTags {
		t.Errorf("template %v, %d tags", info["template"], len(info["tags"].(map[string]any)))
	}
}

func TestAThemesPageIsOneThatWordPressMayFrame(t *testing.T) {
	tests := []struct {
		name     string
		static   bool
		homepage string
		images   []Image
		want     string
	}{
		{"ours, whatever its homepage", false, "https://acme.example.com/", nil, "https://updates.example.com/garden-path/"},
		{"a static host has none, so its homepage", true, "https://acme.example.com/", nil, "https://acme.example.com/"},
		{"or its picture", true, "", []Image{{Name: "screenshot.png", Blob: Blob{Digest: "d"}}}, "https://updates.example.com/assets/garden-path/d/screenshot.png"},
		{"never nothing", true, "", nil, "https://updates.example.com/garden-path/"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := &Package{Slug: "garden-path", Links: Links{Base: "https://updates.example.com", Static: tt.static}, Images: tt.images}
			p.Details.Homepage = tt.homepage
			if got := p.themePage(); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

func TestASlugNeverHidesAFieldOfATheme(t *testing.T) {
	kind := reflect.TypeFor[themeInformation]()
	want := map[string]bool{"provenance": true}
	for i := range kind.NumField() {
		name, _, _ := strings.Cut(kind.Field(i).Tag.Get("json"), ",")
		want[name] = true
	}
	if !maps.Equal(want, themeInformationKeys) {
		t.Errorf("themeInformationKeys are %v, the document has %v", themeInformationKeys, want)
	}
}

// themeShape holds a theme's document against what WordPress reads unguarded.
func themeShape(t *testing.T, doc map[string]any) {
	t.Helper()
	noNulls(t, "", doc)
	for _, key := range []string{"name", "slug", "version", "preview_url", "author", "homepage", "download_link", "last_updated", "details_url"} {
		if text, ok := doc[key].(string); !ok || text == "" {
			t.Errorf("%s is %v, want a text", key, doc[key])
		}
	}
	for _, key := range []string{"description", "requires", "requires_php"} {
		if _, ok := doc[key].(string); !ok {
			t.Errorf("%s is %v, want a text", key, doc[key])
		}
	}
	for _, key := range []string{"rating", "num_ratings"} {
		if _, ok := doc[key].(float64); !ok {
			t.Errorf("%s is %v, want a number", key, doc[key])
		}
	}
	for _, key := range []string{"sections", "tags", "versions", "extended_author", "digests"} {
		if _, ok := doc[key].(map[string]any); !ok {
			t.Errorf("%s is %T, want an object", key, doc[key])
		}
	}
	update, ok := doc["hello-yard"].(map[string]any)
	if !ok {
		t.Fatal("no update object under the slug")
	}
	for _, key := range []string{"theme", "slug", "version", "new_version", "url", "package"} {
		if text, ok := update[key].(string); !ok || text == "" {
			t.Errorf("update has no %s", key)
		}
	}
	if update["package"] != doc["download_link"] || update["version"] != doc["version"] || update["plugin"] != nil {
		t.Error("update and information disagree")
	}
}
