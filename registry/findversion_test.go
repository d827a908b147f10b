package registry

import (
	"slices"
	"strings"
	"testing"
)

func TestAnUpdateURIOfWordPressOrgIsNoRegistrys(t *testing.T) {
	const ours = "https://updates.example.com/hello-yard"
	tests := []struct{ base, uri, want string }{
		{"https://updates.example.com", ours, ""},
		{"", ours, ""},
		{"https://wordpress.org", ours, ""}, // a mistaken base is not the header's fault
		{"https://wordpress.org", "https://wordpress.org/plugins/hello-yard/", "update_uri_foreign"},
		{"https://w.org", "https://w.org/plugin/hello-yard", "update_uri_foreign"},
		{"", "https://API.WordPress.org/plugins/", "update_uri_foreign"},
		{"https://updates.example.com", "https://wordpress.org/", "update_uri_foreign"},
		{"", "https://wordpress.org.example.com/", ""},
	}
	for _, tt := range tests {
		files := helloYard("1.2.0")
		files["hello-yard.php"] = strings.Replace(files["hello-yard.php"], ours, tt.uri, 1)
		local := localOf(t, files)
		local.Base = tt.base
		pkg, err := Check(t.Context(), local)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if i := slices.IndexFunc(pkg.Findings, func(f Finding) bool { return strings.HasPrefix(f.Code, "update_uri") }); i >= 0 {
			got = pkg.Findings[i].Code
			if remedy := pkg.Findings[i].Remedy; !strings.Contains(remedy, "https://updates.example.com/hello-yard.json") {
				t.Errorf("%s for %s: the remedy is %q", tt.uri, tt.base, remedy)
			}
		}
		if got != tt.want {
			t.Errorf("%s for %q: %q, want %q", tt.uri, tt.base, got, tt.want)
		}
	}
}
