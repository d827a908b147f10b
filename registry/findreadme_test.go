package registry

import (
	"slices"
	"strings"
	"testing"
)

// What the plugin's page shows cannot be said to be missing.
func TestWhatAnotherSourceSaysIsNotMissing(t *testing.T) {
	all := []string{"license_missing", "requires_header_missing", "requires_php_header_missing", "tested_header_missing"}
	tests := []struct {
		name, header string
		repository   Repository
		want         []string
	}{
		{"nobody says it", "", Repository{}, all},
		{"the header does", " * License: MIT\n * Tested up to: 6.8\n * Requires at least: 6.2\n * Requires PHP: 7.4\n", Repository{}, nil},
		{"the forge knows the licence", "", Repository{License: "MIT"}, all[1:]},
		{"properties do", "", Repository{Properties: map[string][]string{
			"wp-license": {"MIT"}, "wp-tested": {"6.8"}, "wp-requires": {"6.2"}, "wp-requires-php": {"7.4"},
		}}, nil},
		{"the header holds no version", " * Tested up to: latest\n", Repository{}, all},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t)
			b.forge.publish("v1.2.0", map[string]string{
				"hello-yard.php": "<?php\n/*\n * Plugin Name: Hello Yard\n * Version: 1.2.0\n" + tt.header + " */\n",
				"readme.txt":     "=== Hello Yard ===\nContributors: acme\nStable tag: 1.2.0\n\nGreets.\n",
			})
			b.forge.set(func() {
				b.forge.repo.License, b.forge.repo.Properties = tt.repository.License, tt.repository.Properties
			})
			got := slices.DeleteFunc(codes(b.pack(t)), func(code string) bool { return !slices.Contains(all, code) })
			slices.Sort(got)
			if strings.Join(got, " ") != strings.Join(tt.want, " ") {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}
