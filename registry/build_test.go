package registry

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// build builds the plugin's current package from files and release files.
func (b *bench) pack(t *testing.T) *Package {
	t.Helper()
	pkg, err := b.Package(t.Context(), "hello-yard", Query{})
	if err != nil {
		t.Fatal(err)
	}
	return pkg
}

func codes(pkg *Package) []string {
	var list []string
	for _, finding := range pkg.Findings {
		list = append(list, finding.Code)
	}
	return list
}

func TestVersionAdvertised(t *testing.T) {
	without := func(files map[string]string, line string) map[string]string {
		for name, text := range files {
			files[name] = strings.ReplaceAll(text, line, "")
		}
		return files
	}
	tests := []struct {
		name    string
		tag     string
		files   map[string]string
		want    string
		finding string
	}{
		{"the header's", "v1.2.0", helloYard("1.2.0"), "1.2.0", ""},
		{"the header's, whatever the tag says", "v1.3.0", helloYard("1.2.0"), "1.2.0", "tag_mismatch"},
		{"a tag with the plugin's name", "hello-yard/1.2.0", helloYard("1.2.0"), "1.2.0", ""},
		{"a header with a v is advertised as it is", "v1.2.0", helloYard("v1.2.0"), "v1.2.0", "tag_mismatch"},
		{"the readme's stable tag", "latest", without(helloYard("1.2.0"), " * Version: 1.2.0\n"), "1.2.0", "version_header_missing"},
		{"the tag", "v1.2.0", without(without(helloYard("1.2.0"), " * Version: 1.2.0\n"), "Stable tag: 1.2.0\n"), "1.2.0", "version_header_missing"},
		{"never trunk", "v1.2.0", map[string]string{"hello-yard.php": "// Plugin Name: A", "readme.txt": "=== A ===\nStable tag: trunk\n"}, "1.2.0", "version_header_missing"},
		{"none at all", "nightly", map[string]string{"hello-yard.php": "// Plugin Name: A"}, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t)
			b.forge.publish(tt.tag, tt.files)
			pkg, err := b.Package(t.Context(), "hello-yard", Query{})
			if tt.want == "" {
				if !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), "Version:") {
					t.Errorf("%v; want an error that names the header", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if pkg.Version != tt.want {
				t.Errorf("version %q, want %q", pkg.Version, tt.want)
			}
			if tt.finding != "" && !slices.Contains(codes(pkg), tt.finding) {
				t.Errorf("findings %v lack %s", codes(pkg), tt.finding)
			}
		})
	}
}

func TestTheReleasesOwnZipIsServed(t *testing.T) {
	built := map[string]string{"hello-yard.php": "<?php // Plugin Name: Hello Yard\n// Version: 1.2.1\n", "build/a.js": "1"}
	b := newBench(t)
	b.forge.publish("v1.2.0", helloYard("1.2.0"), ReleaseFile{ID: 7, Name: "notes.txt"}, ReleaseFile{ID: 8, Name: "Hello-Yard-1.2.0.ZIP"})
	b.forge.assets[8] = zipOf("hello-yard/", built, "")
	pkg := b.pack(t)
	if pkg.Version != "1.2.1" {
		t.Errorf("version %s, want that of the header in the served zip, 1.2.1", pkg.Version)
	}
	if got := b.unzip(t, pkg); len(got) != 2 || got["hello-yard/build/a.js"] != "1" {
		t.Errorf("installer holds %v", got)
	}
	if pkg.Details.Sections[0].HTML != "<p>It <em>greets</em>.</p>" {
		t.Errorf("the repository's readme is not used: %v", pkg.Details.Sections)
	}
}

func TestAReleasesZipOfAnotherFolderIsReRooted(t *testing.T) {
	b := newBench(t, Plugin{Repo: Repo{"acme", "hello-yard"}, Asset: "built-*.zip"})
	b.forge.publish("v1.2.0", helloYard("1.2.0"), ReleaseFile{ID: 8, Name: "built-x.zip"})
	b.forge.assets[8] = zipOf("some-name/", helloYard("1.2.0"), "")
	pkg := b.pack(t)
	for name := range b.unzip(t, pkg) {
		if !strings.HasPrefix(name, "hello-yard/") {
			t.Errorf("entry %s is not in the slug's folder", name)
		}
	}
	if !slices.Contains(codes(pkg), "installer") {
		t.Errorf("findings %v say nothing of it", codes(pkg))
	}
}

func TestImagesThatArchivesLackAreReadFromTheTree(t *testing.T) {
	icon := `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8z"/></svg>`
	b := newBench(t)
	b.forge.excluded[""] = map[string]string{".wordpress-org/icon.svg": icon, ".wordpress-org/notes.txt": "x"}
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	pkg := b.pack(t)
	if len(pkg.Images) != 1 || pkg.Images[0].Name != "icon.svg" || pkg.Images[0].Generated {
		t.Errorf("images %+v, want the author's icon", pkg.Images)
	}
	if got := b.forge.count("File"); got != 1 {
		t.Errorf("%d files were fetched, want 1", got)
	}
}

func TestAnImageThatCannotBeFetchedFailsTheBuild(t *testing.T) {
	b := newBench(t)
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	b.forge.excluded[""] = map[string]string{".wordpress-org/icon.svg": "x"}
	b.forge.broken = map[string]error{"File": ErrUnavailable}
	if _, err := b.Package(t.Context(), "hello-yard", Query{}); !errors.Is(err, ErrUnavailable) {
		t.Errorf("%v; an icon must not be lost for good because one request failed", err)
	}
}

func TestAnAssetsFolderWithCodeIsInstalled(t *testing.T) {
	files := helloYard("1.2.0")
	files["assets/icon-128x128.png"] = "not really"
	files["assets/app.js"] = "1"
	b := newBench(t)
	b.forge.publish("v1.2.0", files)
	if got := b.unzip(t, b.pack(t)); got["hello-yard/assets/app.js"] != "1" {
		t.Errorf("installer holds %v", got)
	}
}

func TestMonorepo(t *testing.T) {
	b := newBench(t, Plugin{Repo: Repo{"acme", "all"}, Path: "plugins/hello-yard", TagPrefix: "hello-yard/"})
	files := map[string]string{"README.md": "# All", "other.php": "// Plugin Name: Other"}
	for name, text := range helloYard("2.0.0") {
		files["plugins/hello-yard/"+name] = text
	}
	b.forge.publish("hello-yard/v2.0.0", files)
	b.forge.publish("other/9.0", files)
	pkg := b.pack(t)
	if pkg.Version != "2.0.0" || pkg.Details.Name != "Hello Yard" {
		t.Errorf("%s %s is served", pkg.Details.Name, pkg.Version)
	}
	if got := b.unzip(t, pkg); got["hello-yard/hello-yard.php"] == "" || len(got) != 3 {
		t.Errorf("installer holds %v", got)
	}
}

func TestUpdateURI(t *testing.T) {
	header := func(uri string) map[string]string {
		files := helloYard("1.2.0")
		files["hello-yard.php"] = strings.Replace(files["hello-yard.php"], " * Update URI: https://updates.example.com/hello-yard\n", uri, 1)
		return files
	}
	tests := []struct{ name, line, finding string }{
		{"ours", " * Update URI: https://updates.example.com/hello-yard.json\n", ""},
		{"ours, with a port", " * Update URI: https://updates.example.com:8443/hello-yard\n", ""},
		{"missing", "", "update_uri_missing"},
		{"of another host", " * Update URI: https://other.example.com/\n", "update_uri_foreign"},
		{"no address", " * Update URI: false\n", "update_uri_foreign"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t)
			b.forge.publish("v1.2.0", header(tt.line))
			got := slices.DeleteFunc(codes(b.pack(t)), func(code string) bool { return !strings.HasPrefix(code, "update_uri") })
			if strings.Join(got, " ") != tt.finding {
				t.Errorf("findings %v, want %s", got, tt.finding)
			}
		})
	}
}
