package templates

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const updaterKey = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="

func validUpdater() UpdaterData {
	return UpdaterData{Registry: "https://updates.example.com/yard", Slug: "hello-yard", Type: "plugin", Keys: []string{updaterKey}}
}

func renderUpdater(t testing.TB, d UpdaterData) string {
	t.Helper()
	var b bytes.Buffer
	if err := Updater(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestUpdaterHasItsValues(t *testing.T) {
	text := renderUpdater(t, validUpdater())
	for _, want := range []string{
		"const REGISTRY = 'https://updates.example.com/yard';\n",
		"const SLUG     = 'hello-yard';\n",
		"const TYPE     = 'plugin';\n",
		"const KEYS     = array( '" + updaterKey + "' );\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s", want)
		}
	}
	for _, left := range []string{"__REGISTRY__", "__SLUG__", "__TYPE__", "__KEYS__", "Unrendered"} {
		if strings.Contains(text, left) {
			t.Errorf("%s is left", left)
		}
	}
	theme := validUpdater()
	theme.Type, theme.Keys = "theme", nil
	if text := renderUpdater(t, theme); !strings.Contains(text, "const KEYS     = array();\n") || !strings.Contains(text, "'theme';\n") {
		t.Error("a theme without keys is not made")
	}
}

func TestUpdatersNameTellsItsContent(t *testing.T) {
	name := regexp.MustCompile(`class (Pluginyard_Updater_[0-9a-f]{12}) \{`)
	seen := map[string]bool{}
	for _, change := range []func(*UpdaterData){
		func(*UpdaterData) {},
		func(d *UpdaterData) { d.Registry = "https://updates.example.com" },
		func(d *UpdaterData) { d.Slug = "fence-post" },
		func(d *UpdaterData) { d.Type = "theme" },
		func(d *UpdaterData) { d.Keys = nil },
		func(d *UpdaterData) { d.Keys = append(d.Keys, updaterKey) },
	} {
		d := validUpdater()
		change(&d)
		text := renderUpdater(t, d)
		if text != renderUpdater(t, d) {
			t.Errorf("%+v is not always made the same", d)
		}
		m := name.FindStringSubmatch(text)
		if m == nil || seen[m[1]] {
			t.Fatalf("%+v: class %v", d, m)
		}
		seen[m[1]] = true
		if got := strings.Count(text, m[1]); got != 3 {
			t.Errorf("%s is named %d times, want 3", m[1], got)
		}
	}
}

func TestUpdaterRefusesWhatItCannotTrust(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*UpdaterData)
	}{
		{"an address without a scheme", func(d *UpdaterData) { d.Registry = "updates.example.com" }},
		{"an address of another scheme", func(d *UpdaterData) { d.Registry = "ftp://updates.example.com" }},
		{"an address with a slash at its end", func(d *UpdaterData) { d.Registry += "/" }},
		{"an address with a password", func(d *UpdaterData) { d.Registry = "https://a:b@example.com" }},
		{"an address with a query", func(d *UpdaterData) { d.Registry += "?a" }},
		{"a line break in the address", func(d *UpdaterData) { d.Registry = "https://example.com\n/" }},
		{"no slug", func(d *UpdaterData) { d.Slug = "" }},
		{"a slug with a quote", func(d *UpdaterData) { d.Slug = "a'b" }},
		{"another type", func(d *UpdaterData) { d.Type = "core" }},
		{"a key that is none", func(d *UpdaterData) { d.Keys = []string{"');eval($_GET[0]);('"} }},
		{"a key that is too short", func(d *UpdaterData) { d.Keys = []string{"AAAA"} }},
		{"too many keys", func(d *UpdaterData) { d.Keys = make([]string, MaxUpdaterKeys+1) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := validUpdater()
			test.change(&d)
			var b bytes.Buffer
			if err := Updater(&b, d); err == nil || b.Len() > 0 {
				t.Errorf("got %v and %d bytes, want an error", err, b.Len())
			}
		})
	}
}

// PHP itself reads what was written, where there is one. The cases run in CI
// by themselves, under several of its versions.
func TestUpdaterIsPHP(t *testing.T) {
	php, err := exec.LookPath("php")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("there is no php")
		}
		t.Skip("there is no php")
	}
	for _, registry := range []string{"https://updates.example.com/yard", "https://updates.example.com/it's/%3F%3E", `https://updates.example.com/\`} {
		d := validUpdater()
		d.Registry = registry
		file := filepath.Join(t.TempDir(), "updater.php")
		if err := os.WriteFile(file, []byte(renderUpdater(t, d)), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(php, "-r", `define('ABSPATH', 1); $o = require $argv[1]; echo constant(get_class($o).'::REGISTRY');`, "--", file).CombinedOutput()
		if err != nil || string(out) != registry {
			t.Errorf("%s: %v: %s", registry, err, out)
		}
	}
}

func TestUpdatersCases(t *testing.T) {
	php, err := exec.LookPath("php")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("there is no php")
		}
		t.Skip("there is no php")
	}
	out, err := exec.Command(php, "testdata/updater/run.php").CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}

// FuzzPHPString holds that no text ends its literal, and that PHP's rules give
// the same text back.
func FuzzPHPString(f *testing.F) {
	for _, s := range []string{"", "'", `\`, `\'`, `\\'`, "?>", "a\nb", "$x {$y}", "*/", "'; phpinfo(); '", "\x00", "é"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		literal := phpString(s)
		if len(literal) < 2 || literal[0] != '\'' || literal[len(literal)-1] != '\'' {
			t.Fatalf("%q is no literal", literal)
		}
		var back strings.Builder
		inner := literal[1 : len(literal)-1]
		for i := 0; i < len(inner); i++ {
			switch {
			case inner[i] == '\'':
				t.Fatalf("%q ends at byte %d", literal, i)
			case inner[i] == '\\' && i+1 < len(inner) && (inner[i+1] == '\\' || inner[i+1] == '\''):
				i++
			case inner[i] == '\\':
				t.Fatalf("%q has a backslash that means nothing at byte %d", literal, i)
			}
			back.WriteByte(inner[i])
		}
		if back.String() != s {
			t.Fatalf("%q reads as %q", literal, back.String())
		}
	})
}
