package installer

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func isKind(err, kind error) bool {
	var e *Error
	return errors.Is(err, kind) && errors.As(err, &e)
}

func TestFromRelease(t *testing.T) {
	tests := []struct {
		name     string
		release  []byte
		same     bool // byte for byte
		want     []string
		warnings []string // what each holds
	}{
		{"with the slug as its top folder it is taken as it is",
			rawZip(t, end{comment: "by hand"}, files("hello-yard/", "", "hello-yard/z.php", "z", "hello-yard/.hidden", "h", "hello-yard/empty/", "")...),
			true, []string{"hello-yard/", "hello-yard/z.php", "hello-yard/.hidden", "hello-yard/empty/"}, nil},
		{"a .distignore in there does nothing",
			rawZip(t, end{}, files("hello-yard/.distignore", "*", "hello-yard/z.php", "z")...),
			true, []string{"hello-yard/.distignore", "hello-yard/z.php"}, nil},
		{"another top folder is renamed",
			rawZip(t, end{}, files("hello-yard-1.2.0/z.php", "z", "hello-yard-1.2.0/a/b.php", "b")...),
			false, []string{"hello-yard/a/b.php", "hello-yard/z.php"}, []string{`"hello-yard-1.2.0"`}},
		{"another case of the slug is another folder",
			rawZip(t, end{}, files("Hello-Yard/z.php", "z")...),
			false, []string{"hello-yard/z.php"}, []string{`"Hello-Yard"`}},
		{"a flat zip gets a folder",
			rawZip(t, end{}, files("z.php", "z", "a/b.php", "b")...),
			false, []string{"hello-yard/a/b.php", "hello-yard/z.php"}, []string{"no single top-level folder"}},
		{"a file beside the folder makes it flat",
			rawZip(t, end{}, files("hello-yard/z.php", "z", "install.txt", "b")...),
			false, []string{"hello-yard/hello-yard/z.php", "hello-yard/install.txt"}, []string{"no single top-level folder"}},
		{"what macOS adds is left out",
			rawZip(t, end{}, files("hello-yard/z.php", "z", "hello-yard/.DS_Store", "x", "__MACOSX/hello-yard/._z.php", "x", ".DS_Store", "x")...),
			false, []string{"hello-yard/z.php"}, []string{"3 files that macOS added"}},
		{"a link is left out",
			rawZip(t, end{}, append(files("hello-yard/z.php", "z"), raw{name: "hello-yard/l", text: "/etc/passwd", mode: 0o120777})...),
			false, []string{"hello-yard/z.php"}, []string{"left out l: it is a symbolic link"}},
		{"a device is left out",
			rawZip(t, end{}, append(files("hello-yard/z.php", "z"), raw{name: "hello-yard/d", mode: 0o060644})...),
			false, []string{"hello-yard/z.php"}, []string{"left out d: it is no regular file"}},
		{"bytes behind its end are left out",
			rawZip(t, end{trailing: "<html>"}, files("hello-yard/z.php", "z")...),
			false, []string{"hello-yard/z.php"}, []string{"followed by 6 bytes"}},
		{"bytes before its end are left out",
			rawZip(t, end{gap: "PK\x05\x06"}, files("hello-yard/z.php", "z")...),
			false, []string{"hello-yard/z.php"}, []string{"more in its end"}},
		{"a difference in case alone is a warning",
			rawZip(t, end{}, files("hello-yard/A.php", "z", "hello-yard/a.php", "z", "hello-yard/B", "", "hello-yard/b/c", "")...),
			true, []string{"hello-yard/A.php", "hello-yard/a.php", "hello-yard/B", "hello-yard/b/c"}, []string{"A.php and a.php", "the file B and a folder"}},
		{"a name that Windows has not is a warning",
			rawZip(t, end{}, files("hello-yard/z.php", "z", "hello-yard/aux.php", "", "hello-yard/a?", "", "hello-yard/b.", "", "hello-yard/com1", "")...),
			true, []string{"hello-yard/z.php", "hello-yard/aux.php", "hello-yard/a?", "hello-yard/b.", "hello-yard/com1"}, []string{"a? cannot", "aux.php cannot", "b. cannot", "com1 cannot"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := fromRelease(t, tt.release, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if same := bytes.Equal(got.zip, tt.release); same != tt.same {
				t.Errorf("byte for byte: got %v, want %v", same, tt.same)
			}
			names, _ := contents(t, got.zip)
			if diff := cmp.Diff(tt.want, names); diff != "" {
				t.Errorf("want -, got +\n%s", diff)
			}
			if len(got.Warnings) != len(tt.warnings) {
				t.Fatalf("warnings %q", got.Warnings)
			}
			for i, want := range tt.warnings {
				if !strings.Contains(got.Warnings[i], want) {
					t.Errorf("warning %q lacks %q", got.Warnings[i], want)
				}
			}
		})
	}
}
