package installer

import "testing"

func TestReleaseFile(t *testing.T) {
	tests := []struct {
		name    string
		names   []string
		tag     string
		version string
		pattern string
		want    string // "" is none
	}{
		{"a dot before the tag", []string{"notes.txt", "hello-yard.1.2.0.zip"}, "1.2.0", "", "", "hello-yard.1.2.0.zip"},
		{"a hyphen before the tag", []string{"hello-yard-1.2.0.zip"}, "1.2.0", "", "", "hello-yard-1.2.0.zip"},
		{"an underscore before the tag", []string{"hello-yard_1.2.0.zip"}, "1.2.0", "", "", "hello-yard_1.2.0.zip"},
		{"the slug alone", []string{"hello-yard.zip"}, "1.2.0", "", "", "hello-yard.zip"},
		{"a tag with v, a file without", []string{"hello-yard-1.2.0.zip"}, "v1.2.0", "", "", "hello-yard-1.2.0.zip"},
		{"a tag without v, a file with", []string{"hello-yard-v1.2.0.zip"}, "1.2.0", "", "", "hello-yard-v1.2.0.zip"},
		{"a tag that is a word, the version in the file", []string{"hello-yard.1.2.0.zip"}, "stable", "1.2.0", "", "hello-yard.1.2.0.zip"},
		{"the last element of a monorepo's tag", []string{"hello-yard-1.2.0.zip"}, "hello-yard/1.2.0", "", "", "hello-yard-1.2.0.zip"},
		{"another case", []string{"Hello-Yard.V1.2.0.ZIP"}, "v1.2.0", "", "", "Hello-Yard.V1.2.0.ZIP"},
		{"a versioned name before the slug alone", []string{"hello-yard.zip", "hello-yard-1.2.0.zip"}, "1.2.0", "", "", "hello-yard-1.2.0.zip"},
		{"the dot before the hyphen", []string{"hello-yard-1.2.0.zip", "hello-yard.1.2.0.zip"}, "1.2.0", "", "", "hello-yard.1.2.0.zip"},
		{"another version is not it", []string{"hello-yard-1.1.0.zip"}, "1.2.0", "1.2.0", "", ""},
		{"another plugin is not it", []string{"hello-yard-pro.1.2.0.zip", "source.zip"}, "1.2.0", "1.2.0", "", ""},
		{"no version at all", []string{"hello-yard-.zip", "hello-yard.v.zip"}, "", "", "", ""},
		{"no files at all", nil, "1.2.0", "", "", ""},
		{"a pattern", []string{"hello-yard.zip", "plugin-build-77.zip"}, "1.2.0", "", "plugin-build-*.zip", "plugin-build-77.zip"},
		{"a pattern in another case", []string{"Plugin-Build-77.zip"}, "1.2.0", "", "plugin-BUILD-*.zip", "Plugin-Build-77.zip"},
		{"a pattern that matches nothing hides the accepted names", []string{"hello-yard.zip"}, "1.2.0", "", "other-*.zip", ""},
		{"a malformed pattern matches nothing", []string{"hello-yard.zip"}, "1.2.0", "", "[", ""},
		{"a pattern that matches several takes the accepted one", []string{"hello-yard-1.2.0-src.zip", "hello-yard-1.2.0.zip"}, "v1.2.0", "", "hello-yard-*.zip", "hello-yard-1.2.0.zip"},
		{"else the zip", []string{"build.sha256", "build-long-name.zip"}, "v1.2.0", "", "build*", "build-long-name.zip"},
		{"else the shortest", []string{"build-2-debug.zip", "build-2.zip"}, "v1.2.0", "", "build*.zip", "build-2.zip"},
		{"else the first by the alphabet", []string{"build-b.zip", "build-a.zip"}, "v1.2.0", "", "build*.zip", "build-a.zip"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			if i := ReleaseFile(tt.names, "hello-yard", tt.tag, tt.version, tt.pattern); i >= 0 {
				got = tt.names[i]
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
