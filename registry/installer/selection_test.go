package installer

import (
	"bytes"
	"strings"
	"testing"
)

// One file is written with another content: a small one, a large one that is
// read in pieces, and one of a zip that would have been taken as it is.
func TestReplacedContentIsWritten(t *testing.T) {
	large := strings.Repeat("x", batchBytes+1)
	for _, tt := range []struct {
		name    string
		top     string
		release bool
		text    string
	}{
		{"an archive's", "acme-hello-yard-abc1234/", false, "<?php // old"},
		{"an archive's that is large", "acme-hello-yard-abc1234/", false, large},
		{"a release's", "hello-yard/", true, "<?php // old"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			entries := files(tt.top+"a.txt", "a", tt.top+"hello-yard.php", tt.text, tt.top+"z.txt", "z")
			entries[1].stored = true
			zip := rawZip(t, end{}, entries...)
			rd, err := Open(bytes.NewReader(zip), int64(len(zip)), "")
			if err != nil {
				t.Fatal(err)
			}
			choose := func() (*Selection, error) { return rd.SelectFromArchive(t.Context(), Options{Slug: "hello-yard"}) }
			if tt.release {
				choose = func() (*Selection, error) { return rd.SelectFromRelease(Options{Slug: "hello-yard"}) }
			}
			selection, err := choose()
			if err != nil {
				t.Fatal(err)
			}
			if selection.Replace("none.php", nil) || selection.Replace("a.txt", make([]byte, MaxReplaced+1)) {
				t.Error("what is not there, or is too large, is replaced")
			}
			if !selection.Replace("hello-yard.php", []byte("<?php // new")) {
				t.Fatal("the file is not replaced")
			}
			var out bytes.Buffer
			result, err := selection.Write(t.Context(), &out)
			if err != nil || result.Files != 3 {
				t.Fatalf("Write: %+v, %v", result, err)
			}
			_, texts := contents(t, out.Bytes())
			want := map[string]string{"hello-yard/a.txt": "a", "hello-yard/hello-yard.php": "<?php // new", "hello-yard/z.txt": "z"}
			for name, text := range want {
				if texts[name] != text {
					t.Errorf("%s holds %.40q, want %q", name, texts[name], text)
				}
			}
		})
	}
}
