package readme

import (
	"fmt"
	"strings"
)

// shape is an input that is repeated to the size asked for.
type shape struct {
	name, head, repeat, end string
	closing                 string // repeated behind, as often as repeat
}

// worstShapes are inputs that have made one Markdown parser or another take
// quadratic time or memory: each is repeated to the size asked for.
func worstShapes() []shape {
	return []shape{
		{name: "open brackets", repeat: "["},
		{name: "bracket pairs", repeat: "[]"},
		{name: "open images", repeat: "!["},
		{name: "open links", repeat: "[a]("},
		{name: "open link titles", repeat: `[a](b "`},
		{name: "links", repeat: "[a](b)"},
		{name: "unclosed angle links", repeat: "[a](<b"},
		{name: "open emphasis", repeat: "*a "},
		{name: "closing emphasis", repeat: "a* "},
		{name: "both emphasis", repeat: "*a_ "},
		{name: "emphasis pairs", repeat: "a**b*c*"},
		{name: "emphasis in words", repeat: "a*b_"},
		{name: "strikes", repeat: "~~a ~b"},
		{name: "backticks", repeat: "`a``b```c"},
		{name: "line backticks", repeat: "\n`a``"},
		{name: "growing backticks", repeat: "`"},
		{name: "nested quotes", repeat: ">"},
		{name: "quote lines", repeat: "> > > > > > > > > > a\n"},
		{name: "deep quotes then lines", head: strings.Repeat("> ", 200) + "a\n", repeat: "a\n"},
		{name: "nested lists in a line", repeat: "* "},
		{name: "numbered lists in a line", repeat: "1. "},
		{name: "deep lists", head: deepList(60), repeat: "* a\n\n"},
		{name: "list and blank lines", head: "* a\n", repeat: "\n"},
		{name: "list items", repeat: "* a\n"},
		{name: "definitions", repeat: "a\n: b\n"},
		{name: "nested definitions", head: "a\n", repeat: ": "},
		{name: "definition lines", head: "a\n", repeat: ": a\n"},
		{name: "equals headings", repeat: "= a =\n"},
		{name: "equals signs", repeat: "= "},
		{name: "open equals headings", repeat: "= a\n"},
		{name: "rules", repeat: "* * *\n"},
		{name: "underlines", head: "a\n", repeat: "a\n-\n"},
		{name: "table columns", head: "|a", repeat: "|a", end: "\n"},
		{name: "wide table", head: strings.Repeat("|a", 500) + "\n" + strings.Repeat("|-", 500) + "\n", repeat: "|\n"},
		{name: "table rows", head: "a|b\n-|-\n", repeat: "a|b\n"},
		{name: "open tags", repeat: "<a "},
		{name: "tags", repeat: "<b>"},
		{name: "block tags", repeat: "<div>\n\n"},
		{name: "block tags in a line", repeat: "<div>"},
		{name: "attributes", head: "<a", repeat: " a=1"},
		{name: "open comments", repeat: "a <!--"},
		{name: "open comment lines", repeat: "<!--\n\n"},
		{name: "open declarations", repeat: "a <!A"},
		{name: "open instructions", repeat: "a <?"},
		{name: "open CDATA", repeat: "a <![CDATA["},
		{name: "code tags", repeat: "<code>"},
		{name: "code end tags", repeat: "</code>"},
		{name: "code pairs", repeat: "<code>a</code>"},
		{name: "scripts", repeat: "<script>"},
		{name: "references", head: "[a]: /" + strings.Repeat("x", 4000) + "\n\n", repeat: "[a]"},
		{name: "reference definitions", repeat: "[a]: b\n"},
		{name: "open definitions", repeat: "[a]:\n"},
		{name: "long labels", repeat: "[" + strings.Repeat("a", 900) + "]"},
		{name: "entities", repeat: "&amp;amp;"},
		{name: "open entities", repeat: "&"},
		{name: "fences", repeat: "```\n"},
		{name: "longer fences", repeat: "````a\n```\n"},
		{name: "autolinks", repeat: "<http://a"},
		{name: "bare links", repeat: "http://a.b/("},
		{name: "bare mail", repeat: "a@b.c_"},
		{name: "tabs", repeat: "\t"},
		{name: "tab lines", repeat: "\t\n"},
		{name: "backslashes", repeat: "\\"},
		{name: "spaces", repeat: " "},
		{name: "space lines", repeat: "a    \n"},
		{name: "sections", repeat: "== a ==\n"},
		{name: "sections with text", repeat: "== a ==\nb\n"},
		{name: "named sections", repeat: "== %d ==\nb\n"},
		{name: "named questions", head: "== FAQ ==\n", repeat: "= %d =\nb\n"},
		{name: "headers", head: "= a =\n", repeat: "a%d: b\n"},
		{name: "tags header", head: "= a =\nTags: ", repeat: "a,"},
		{name: "nested links", repeat: "[", closing: "](b)"},
		{name: "nested images", repeat: "![", closing: "](b)"},
		{name: "nested linked images", repeat: "[![", closing: "](b)](c)"},
		{name: "nested brackets", repeat: "[", closing: "]"},
		{name: "nested parentheses", head: "[a](", repeat: "(", closing: ")", end: ")"},
		{name: "nested emphasis", repeat: "*a **b ", closing: " c** d*"},
		{name: "nested underscores", repeat: "_a ", closing: " b_"},
		{name: "nested divisions", repeat: "<div>", closing: "</div>"},
		{name: "nested division lines", repeat: "<div>\n", closing: "</div>\n"},
		{name: "nested phrases", repeat: "<b>", closing: "</b>"},
		{name: "nested code", repeat: "<code>", closing: "</code>"},
		{name: "nested comments", repeat: "<!--", closing: "-->"},
		{name: "control characters", repeat: "\x00\x01"},
		{name: "broken UTF-8", repeat: "\xff\xfea"},
	}
}

// deepList nests one list in another, line by line.
func deepList(depth int) string {
	var out strings.Builder
	for i := range depth {
		out.WriteString(strings.Repeat("    ", i) + "* a\n")
	}
	return out.String()
}

// grow makes about size bytes of the shape; "%d" in it becomes a number.
func (s shape) grow(size int) string {
	var out strings.Builder
	out.WriteString(s.head)
	n := 0
	for ; out.Len()+n*len(s.closing) < size; n++ {
		if strings.Contains(s.repeat, "%d") {
			fmt.Fprintf(&out, s.repeat, n)
		} else {
			out.WriteString(s.repeat)
		}
	}
	out.WriteString(strings.Repeat(s.closing, n) + s.end)
	return out.String()
}
