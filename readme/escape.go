package readme

import (
	"strings"

	htmlrenderer "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"
)

// fewEscapes writes text as goldmark does, except that a backslash escapes
// only what it does in PHP Markdown Extra; before anything else it stays. For
// CommonMark it escapes all punctuation: C:\"x" would lose one.
type fewEscapes struct{ htmlrenderer.Writer }

// escapable are the characters that a backslash makes literal.
const escapable = "\\`*_{}[]()>#+-.!:|"

// Write implements html.Writer.
func (w fewEscapes) Write(out util.BufWriter, source []byte) {
	start := 0
	for i := 0; i+1 < len(source); i++ {
		if source[i] != '\\' {
			continue
		}
		if !util.IsPunct(source[i+1]) || strings.IndexByte(escapable, source[i+1]) >= 0 {
			i++
			continue
		}
		w.Writer.Write(out, source[start:i])
		_ = out.WriteByte('\\')
		start = i + 1
	}
	w.Writer.Write(out, source[start:])
}
