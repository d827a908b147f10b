package kses

import "testing"

func TestStripAllTags(t *testing.T) {
	check(t, StripAllTags, []example{
		{"tags go", " <p>a <b>c</b></p> ", "a c"},
		{"scripts and styles go with their text", `a<script>b</script>c<style type="x">d</style>e`, "ace"},
		{"whatever the case", "a<SCRIPT src=x>b</Script>c", "ac"},
		{"over lines", "a<script\n>b\n</script>c", "ac"},
		{"without an end the text stays", "a<script>b</style>c", "abc"},
		{"the end must be plain", "a<script>b</script >c<script>d</script>e", "ae"},
		{"any name that begins so", "a<scripty>b</script>c<styles>d</style>e", "ace"},
		{"a script within a script", "a<script><script>b</script>c</script>d", "acd"},
		{"a style within a script", "a<script><style>b</script>c</style>d", "acd"},
		{"a style without an end before a script", "a<style>b<script>c</script>d", "abd"},
		{"in a comment", "a<!-- <script>b</script> -->c", "ac"},
		{"white space at the ends goes", "\n\t\x0b a \x0d\n\x00", "a"},
		{"bytes that are not UTF-8", "\xff<script>\xfe</script>\xfd", "\xff\xfd"},
	})
}
