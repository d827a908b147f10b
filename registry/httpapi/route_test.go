package httpapi

import (
	"testing"

	"github.com/pluginyard/pluginyard/registry"
)

func TestSplitName(t *testing.T) {
	for _, test := range []struct {
		name, in, slug string
		format         format
		separator      byte
	}{
		{"a dot", "hello-yard.json", "hello-yard", formatJSON, '.'},
		{"a hyphen", "hello-yard-zip", "hello-yard", formatZip, '-'},
		{"upgrademe", "hello-yard.upgrademe", "hello-yard", formatUpgrademe, '.'},
		{"a plus", "hello-yard+proxy", "hello-yard", formatProxy, '+'},
		{"signatures of a zip", "hello-yard.zip.sig", "hello-yard", formatSig, '.'},
		{"signatures of a zip, with a hyphen", "hello-yard-zip.sig", "hello-yard", formatSig, '-'},
		{"signatures of something else are part of a name", "hello-yard.json.sig", "hello-yard.json.sig", formatNone, 0},
		{"the last ending counts", "hello-json.zip", "hello-json", formatZip, '.'},
		{"another separator is part of a name", "hello_json", "hello_json", formatNone, 0},
		{"an ending alone is a name", "json", "json", formatNone, 0},
		{"an ending with nothing before it is a name", ".json", ".json", formatNone, 0},
		{"another ending is part of a name", "hello.txt", "hello.txt", formatNone, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			slug, format, separator := splitName(test.in)
			if slug != test.slug || format != test.format || separator != test.separator {
				t.Errorf("got %q, %d, %q; want %q, %d, %q", slug, format, separator, test.slug, test.format, test.separator)
			}
		})
	}
}

func TestParseQueryOfAPlainRequestAllocatesNothing(t *testing.T) {
	allocs := testing.AllocsPerRun(100, func() {
		if _, _, err := parseQuery("environment=production&other=%20&update_id=v1.2.0", registry.KindRelease); err != nil {
			t.Fatal(err)
		}
	})
	if allocs != 0 {
		t.Errorf("got %v allocations, want none", allocs)
	}
}

func TestTokenOf(t *testing.T) {
	for in, want := range map[string]string{
		"hello-yard.1.2.0.zip":            "hello-yard.1.2.0.zip",
		"hello yard\".1; x=y\r\n.zip":     "hello-yard-.1--x-y--.zip",
		"größe.zip":                       "gr--e.zip",
		"hello-yard.1.2.0+build.~rc1.zip": "hello-yard.1.2.0+build.~rc1.zip",
	} {
		if got := tokenOf(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestNegotiate(t *testing.T) {
	for _, test := range []struct {
		name  string
		lines []string
		want  encoding
	}{
		{"no header means the bytes themselves", nil, identity},
		{"an empty one too", []string{""}, identity},
		{"brotli is preferred among equals", []string{"gzip, br"}, brotli},
		{"a higher weight wins", []string{"gzip;q=1, br;q=0.9"}, gzip},
		{"lines are one list", []string{"gzip;q=0.1", "br;q=0.2"}, brotli},
		{"a star stands for what is not named", []string{"br;q=0, *"}, gzip},
		{"identity wins where it is named and liked better", []string{"identity, gzip;q=0.5"}, identity},
		{"identity comes last where it is not named", []string{"gzip;q=0.001"}, gzip},
		{"nothing acceptable is answered with identity", []string{"*;q=0"}, identity},
		{"names are compared without case", []string{"GZip"}, gzip},
		{"the old name of gzip is known", []string{"x-gzip"}, gzip},
		{"a malformed weight is no offer", []string{"br;q=2, gzip"}, gzip},
		{"an unknown coding is passed over", []string{"zstd, deflate"}, identity},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := negotiate(test.lines); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}
