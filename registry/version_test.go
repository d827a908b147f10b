package registry

import "testing"

func TestCompareVersions(t *testing.T) {
	// What PHP 8.2's version_compare answers.
	tests := []struct {
		a, b string
		want int
	}{
		{"1.0", "1.0", 0},
		{"", "", 0},
		{"", "1", -1},
		{"1", "", 1},
		{"1.0.0", "1.0", 1},
		{"1.2", "1.10", -1},
		{"1.0-dev", "1.0-alpha", -1},
		{"1.0-alpha", "1.0-beta", -1},
		{"1.0-beta", "1.0-RC", -1},
		{"1.0-RC", "1.0", -1},
		{"1.0", "1.0-pl", -1},
		{"1.0RC1", "1.0-rc.1", 0},
		{"1.0-beta2", "1.0-beta10", -1},
		{"v1.1.0", "0.1", -1},
		{"1.0-foo", "1.0-dev", -1},
		{"5.2+a", "5.2", -1},
		{"1.0.", "1.0", -1},
		{"1..0", "1.0", 0},
		{"2.9.4-lite", "2.9.4", -1},
		{"1.0p1", "1.0", 1},
		{"99999999999999999999", "99999999999999999998", 0},
	}
	for _, tt := range tests {
		if got := CompareVersions(tt.a, tt.b); got != tt.want {
			t.Errorf("CompareVersions(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
		if got := CompareVersions(tt.b, tt.a); got != -tt.want {
			t.Errorf("CompareVersions(%q, %q) = %d, want %d", tt.b, tt.a, got, -tt.want)
		}
	}
}

func TestTagVersion(t *testing.T) {
	tests := []struct{ tag, prefix, want string }{
		{"v1.2.0", "", "1.2.0"},
		{"1.2.0", "", "1.2.0"},
		{"V2", "", "2"},
		{"hello-yard/1.2.0", "", "1.2.0"},
		{"hello-yard/v1.2.0", "hello-yard/", "1.2.0"},
		{"hello-yard-1.2.0", "hello-yard-", "1.2.0"},
		{"1.2.0-beta.1+7", "", "1.2.0-beta.1+7"},
		{"nightly", "", ""},
		{"version", "", ""},
		{"v", "", ""},
		{"1.2.0<b>", "", ""},
	}
	for _, tt := range tests {
		if got := TagVersion(tt.tag, tt.prefix); got != tt.want {
			t.Errorf("TagVersion(%q, %q) = %q, want %q", tt.tag, tt.prefix, got, tt.want)
		}
	}
}
