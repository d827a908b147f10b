package markdown

import (
	"fmt"
	"strings"
	"testing"
)

// shape is a text that is repeated to the size asked for.
type shape struct{ head, repeat string }

func (s shape) text(size int) string {
	return "x\n\n" + s.head + strings.Repeat(s.repeat, size/len(s.repeat)) + "\n"
}

// worstShapes are texts for which one rule or another might look at a line
// more often than once in each block that it stands in.
func worstShapes() map[string]shape {
	deep := nestedItems(MaxNesting + 8)
	indent := strings.Repeat("    ", MaxNesting+8)
	return map[string]shape{
		"blank lines":              {"a", "\n"},
		"lines of spaces":          {"> a\n", ">     \n"},
		"opening fences":           {"", "~~~ a\n\n"},
		"fences without code":      {"", "~~~\n"},
		"headings":                 {"", "# a\n"},
		"closing number signs":     {"# a", " #"},
		"attributes":               {"# ", "{#a} "},
		"open attributes":          {"# ", "{#a "},
		"underlines":               {"", "a\n-\n"},
		"underlines without text":  {"", "-\n"},
		"rules":                    {"", "* * *\n"},
		"table heads":              {"", "a|b\n-|-\n"},
		"lines of dashes":          {"", "|-\n"},
		"tables that do not end":   {"", "|a\n|-\n|b\nc\n"},
		"cells":                    {"a|b\n-|-\n", "|"},
		"short rows":               {strings.Repeat("|a", 500) + "\n" + strings.Repeat("|-", 500) + "\n", "|\n"},
		"code in cells":            {"a|b\n-|-\n", "`a``|"},
		"open tags in cells":       {"a|b\n-|-\n", "<a |"},
		"open attributes in cells": {"a|b\n-|-\n", "<a \"|"},
		"open comments in cells":   {"a|b\n-|-\n", "<!--|"},
		"markers":                  {"", "* "},
		"numbers":                  {"", "1. "},
		"items":                    {"", "* a\n"},
		"loose items":              {"", "* a\n\n"},
		"empty items":              {"", "*\n"},
		"both kinds of item":       {"", "* a\n\n1. b\n\n"},
		"items at many indents":    {"", "* a\n * b\n  * c\n   * d\n"},
		"nested items":             {"", deep},
		"lines below nested items": {deep, indent + "b\n\n"},
		"items below nested items": {deep, indent + "* b\n\n"},
		"many markers a line":      {"", strings.Repeat("* ", MaxNesting+8) + "a\n\n"},
		"quote marks":              {"", ">"},
		"quotes":                   {"", "> a\n\n"},
		"many quote marks a line":  {"", strings.Repeat("> ", MaxNesting+8) + "a\n"},
		"quotes and items":         {"", strings.Repeat("> * ", MaxNesting/2+4) + "a\n"},
		"terms":                    {"", "a\n"},
		"terms and definitions":    {"", "a\n: b\n\n"},
		"definitions":              {"a\n", ": a\n"},
		"nested definitions":       {"a\n\n", ": "},
		"indented code":            {"", "    a\n\n"},
		"labels":                   {"[a", "]: x"},
		"targets":                  {"[a]: <", ">"},
		"link definitions":         {"", "[a]: b \"c\"\n"},
		"open titles":              {"", "[a]: b \"c\n"},
		"abbreviation labels":      {"*[a", "]"},
		"abbreviations":            {"", "*[a]: b\n"},
		"links to a long address":  {"[a]: " + strings.Repeat("x", 4<<10) + "\n\n", "[a] "},
		"long abbreviations":       {"*[a]: " + strings.Repeat("x", 4<<10) + "\n\n", "a "},
		"footnotes":                {"", "[^a]: b\n"},
		"footnote labels":          {"[^a", "]:"},
		"blank lines of footnotes": {"[^a]: x\n", "\n\n\n\n    x"},
		"footnote references":      {"[^1]: a [^1]\n", "a [^1] "},
	}
}

// nestedItems is a list of one item in a list of one item, and so on.
func nestedItems(depth int) string {
	var out strings.Builder
	for i := range depth {
		out.WriteString(strings.Repeat("    ", i) + "* a\n\n")
	}
	return out.String()
}

// A text grows by this many bytes for each of its own, and by the floor: a
// reference to a footnote becomes two links, and definitions and the empty
// cells of tables have budgets of their own.
const (
	maxGrowth   = 48 + referenceFactor
	growthFloor = 16*maxEmptyCells + referenceFloor
)

func TestWorstShapesStayBounded(t *testing.T) {
	for name, shape := range worstShapes() {
		t.Run(name, func(t *testing.T) {
			in := shape.text(16 << 10)
			if out := WordPress(in, 0); len(out) > maxGrowth*len(in)+growthFloor {
				t.Errorf("%d bytes became %d", len(in), len(out))
			}
		})
	}
}

// BenchmarkWorstShapes shows that time grows as the text does: MB/s stays
// about the same from one size to the next.
func BenchmarkWorstShapes(b *testing.B) {
	for name, shape := range worstShapes() {
		for _, size := range []int{1 << 10, 64 << 10, 4 << 20} {
			b.Run(fmt.Sprintf("%s/%dKB", name, size>>10), func(b *testing.B) {
				in := shape.text(size)
				b.SetBytes(int64(len(in)))
				for b.Loop() {
					WordPress(in, 0)
				}
			})
		}
	}
}
