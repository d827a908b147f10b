package readme

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSplitLines(t *testing.T) {
	for _, c := range []struct {
		name, src string
		want      []string
	}{
		{"nothing is one empty line", "", []string{""}},
		{"LF, CRLF and CR mix", "a\nb\r\nc\rd", []string{"a", "b", "c", "d"}},
		{"VT, FF and Unicode's line ends", "a\vb\fc\u0085d\u2028e\u2029f", []string{"a", "b", "c", "d", "e", "f"}},
		{"a byte order mark goes", "\ufeffa\nb", []string{"a", "b"}},
		{"UTF-16, little end first", "\xff\xfea\x00\r\x00\n\x00\xe9\x00", []string{"a", "é"}},
		{"UTF-16, big end first", "\xfe\xff\x00a\x00\n\xd8\x3d\xde\x00", []string{"a", "😀"}},
		{"UTF-16 with half a character", "\xff\xfea\x00b", []string{"a"}},
		{"what is no UTF-8 is replaced", "caf\xe9\xe8 a\nb", []string{"caf\ufffd a", "b"}},
		{"without UTF-8, 0x85 ends a line", "\xe9\x85a", []string{"\ufffd", "a"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, splitLines([]byte(c.src), Serve)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// WordPress.org splits a file in UTF-16 before it decodes the lines.
func TestSplitLinesAsWordPressOrg(t *testing.T) {
	for _, c := range []struct {
		name, src string
		want      []string
	}{
		{"a byte is left over", utf16LE("a\r\nb\n"), []string{"a", "?", "b?", "?"}},
		{"half a pair means nothing", "\xff\xfea\x00\x3d\xd8", []string{"a?"}},
		{"a pair is one character", "\xff\xfe\x3d\xd8\x00\xde", []string{"😀"}},
		{"bytes go through", "caf\xe9", []string{"caf\xe9"}},
		{"big end first is not known", "\xfe\xff\x00a", []string{"\xfe\xff\x00a"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, splitLines([]byte(c.src), WPOrg)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
