package registry

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestFilesThatShouldNotShip(t *testing.T) {
	tests := []struct{ name, file, code, about string }{
		{"an ordinary file", "includes/class-a.php", "", ""},
		{"a word that only holds another", "includes/latest/testimonials.php", "", ""},
		{"composer.json, which WordPress.org wants beside vendor", "composer.json", "", ""},
		{"a folder of tests", "tests/unit/a.php", "tests_shipped", "tests/"},
		{"in any case", "Tests/a.php", "tests_shipped", "Tests/"},
		{"of a library", "vendor/acme/lib/test/a.php", "tests_shipped", "vendor/acme/lib/test/"},
		{"the outermost folder is named", "node_modules/a/tests/b.js", "dependencies_shipped", "node_modules/"},
		{"a test among the sources", "src/edit.test.js", "tests_shipped", "src/edit.test.js"},
		{"version control", ".github/dependabot.yml", "version_control_shipped", ".github/"},
		{"of a library", "vendor/acme/.gitattributes", "version_control_shipped", "vendor/acme/.gitattributes"},
		{"an archive", "data/Old.ZIP", "archive_shipped", "data/Old.ZIP"},
		{"an archive that a library needs", "vendor/acme/data.gz", "", ""},
		{"a design", "art/banner.psd", "source_shipped", "art/banner.psd"},
		{"build configuration", "package-lock.json", "build_configuration_shipped", "package-lock.json"},
		{"of a library", "vendor/acme/package.json", "", ""},
		{"litter", "includes/Thumbs.db", "litter_shipped", "includes/Thumbs.db"},
		{"letters that are longer in lower case", "ȺȺȺȺ/Tests/x", "tests_shipped", "ȺȺȺȺ/Tests/"},
		{"letters that are shorter in lower case", "KKİ/tests/x", "tests_shipped", "KKİ/tests/"},
		{"such letters in a file's name", "İ/Ⱥ.BAK", "litter_shipped", "İ/Ⱥ.BAK"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			kind, about := shippedKindOf(tt.file)
			code := ""
			if kind != nil {
				code = kind.code
			}
			if code != tt.code || about != tt.about {
				t.Errorf("%s: %q of %q, want %q of %q", tt.file, code, about, tt.code, tt.about)
			}
		})
	}
}

// Whatever a file is called, what is told of is the file or a folder it is in.
func FuzzShipped(f *testing.F) {
	for _, name := range []string{"a.php", "ȺȺȺȺ/tests/x", "Kİ/node_modules/tests/x", "lib/a/package.json", "\xff/TESTS/\xc8", "/", "tests//"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		kind, about := shippedKindOf(name)
		if kind == nil {
			if about != "" {
				t.Errorf("%q: nothing is wrong with %q", name, about)
			}
			return
		}
		if about != name && !(strings.HasSuffix(about, "/") && strings.HasPrefix(name, about)) {
			t.Errorf("%q does not lie in %q", name, about)
		}
	})
}

func TestSecretsAreToldByNameAndContent(t *testing.T) {
	tests := []struct {
		file, text string
		secret     bool
	}{
		{"config/.env", "TOKEN=1", true},
		{"config/.env.production", "TOKEN=1", true},
		{"config/.env.example", "TOKEN=", false},
		{"wp-config.php", "<?php", true},
		{"wp-config-sample.php", "<?php", false},
		{"ID_RSA", "1", true},
		{"key.pem", "anything", true},
		{"key.pem", "-----BEGIN RSA PRIVATE KEY-----", true},
		{"ca.pem", "-----BEGIN CERTIFICATE-----", false},
		{"ca.pem", "-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----", true},
		{"updates.key", "-----BEGIN PUBLIC KEY-----", false},
		{"empty.key", "", false},
		{"class-credentials.php", "<?php", false},
		{"credentials.json", "{}", true},
	}
	for _, tt := range tests {
		files := helloYard("1.2.0")
		files[".distignore"] = "/none"
		files[tt.file] = tt.text
		pkg, err := Check(t.Context(), localOf(t, files))
		if err != nil {
			t.Fatal(err)
		}
		if got := slices.Contains(codes(pkg), "secret_shipped"); got != tt.secret {
			t.Errorf("%s with %q: %v, want %v", tt.file, tt.text, got, tt.secret)
		}
	}
}

func TestManyFilesOfOneKindAreCounted(t *testing.T) {
	files := helloYard("1.2.0")
	for i := range maxOfKind + 3 {
		files[fmt.Sprintf("lib%02d/tests/a.php", i)] = "1"
	}
	pkg, err := Check(t.Context(), localOf(t, files))
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	for _, found := range pkg.Findings {
		if found.Code == "tests_shipped" {
			told++
			if found.Place == "" && !strings.HasPrefix(found.Message, "3 files or folders more of the same kind: ") {
				t.Errorf("it says %q", found.Message)
			}
		}
	}
	if told != maxOfKind+1 {
		t.Errorf("%d findings, want %d", told, maxOfKind+1)
	}
}

func TestTheRemedyFitsWhereTheInstallerComesFrom(t *testing.T) {
	tests := []struct{ name, file, ignore, installer, want string }{
		{"a .distignore is there", "tests/a.php", "x", "", `Add "/tests/" to .distignore.`},
		{"none is there", "tests/a.php", "", "", `Add "/tests export-ignore" to .gitattributes`},
		{"a name that is a pattern", "a b.zip", "x", "", "Leave it out by .distignore"},
		{"an installer", "tests/a.php", "", "hello-yard.zip", "Leave tests/ out when the zip is packed."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := helloYard("1.2.0")
			files[tt.file] = "1"
			if tt.ignore != "" {
				files[".distignore"] = tt.ignore
			}
			local := localOf(t, files)
			local.Name = tt.installer
			pkg, err := Check(t.Context(), local)
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(pkg.Findings, func(f Finding) bool { return f.Place == tt.file })
			if i < 0 || !strings.HasPrefix(pkg.Findings[i].Remedy, tt.want) {
				t.Errorf("findings %+v", pkg.Findings)
			}
		})
	}
}
