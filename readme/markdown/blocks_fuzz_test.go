package markdown

import (
	"bytes"
	"testing"
)

// FuzzWordPress renders any text: the same each time, and bounded.
func FuzzWordPress(f *testing.F) {
	for _, shape := range worstShapes() {
		f.Add(shape.text(64), uint8(0))
	}
	f.Add("# a {#b}\n\n* c\n    * d\n\n> e\n\n    f\n\n[g]: h\n", uint8(Better))
	f.Add("a[^1] | b\n--|--\n~~~\n\nc\n~~~\n\n[^1]: d\n\n    e\n\nf\n: g\n", uint8(KeepHash))
	f.Fuzz(func(t *testing.T, source string, rules uint8) {
		got := WordPress(source, Rules(rules))
		if again := WordPress(source, Rules(rules)); !bytes.Equal(got, again) {
			t.Errorf("%q\nonce  %q\nagain %q", source, got, again)
		}
		if most := maxGrowth*len(source) + growthFloor; len(got) > most {
			t.Errorf("%d bytes became %d", len(source), len(got))
		}
	})
}
