package kses

import "testing"

func TestStripTags(t *testing.T) {
	check(t, StripTags, []example{
		{"tags go", `<p>a <b class="c">d</b></p>e<br/>`, "a de"},
		{"text stays", `a & b &lt; c "d" 'e'`, `a & b &lt; c "d" 'e'`},
		{`a "<" before white space stays`, "1 < 2 <\n3 <", "1 < 2 <\n3 "},
		{`a "<" before anything else takes all that follows`, "a <3 b", "a "},
		{`a ">" alone stays`, "a > b", "a > b"},
		{"a quote hides the end of a tag", `<a title=">">b</a><a title='"'>c</a>`, "bc"},
		{"a quote without its end takes all that follows", `<a title=">b</a>c`, ""},
		{"tags within tags", "a<b <c> d>e", "ae"},
		{"comments", "a<!-- b > <c> -->d<!---->e<!-->f-->g", "adef-->g"},
		{"a comment without an end", "a<!-- b", "a"},
		{"a comment with a quote", "a<!-- it's -->b", "ab"},
		{"a declaration", `<!DOCTYPE html "a>b">c<!a '>' >d`, "cd"},
		{"a declaration with a backslash", `<!a \" >b`, "b"},
		{"an instruction", `a<?php echo "?>"; f( ?> ) ?>b`, "ab"},
		{"an instruction with a backslash", `a<? "\"" ?>b`, "ab"},
		{"XML", `a<?xml version="1.0"?>b<?xml ->c>d`, "abd"},
		{"XML at the start", `<?xml version="1.0"?>b`, "b"},
		{"NUL goes", "a\x00b<\x00c>d", "abd"},
		{"white space is C's", "<\x0ba>b<\xa0c>d", "<\x0ba>bd"},
		{"bytes that are not UTF-8", "\xff<a\xfe>\x85", "\xff\x85"},
		{"nothing", "", ""},
	})
}
