package main

import (
	"fmt"
	"strings"
)

// expand replaces each ${NAME} of a value by the environment's variable of
// that name. $${ stands for ${ itself. A variable that is not set is an error:
// an empty one would silently switch off what it was meant to configure.
func expand(value string, getenv func(string) (string, bool)) (string, error) {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(value, "${")
		if !ok {
			b.WriteString(value)
			return b.String(), nil
		}
		if literal, ok := strings.CutSuffix(before, "$"); ok {
			b.WriteString(literal + "${")
			value = rest
			continue
		}
		b.WriteString(before)
		name, after, ok := strings.Cut(rest, "}")
		if !ok || !isVariable(name) {
			return "", fmt.Errorf("%s is no variable; write ${NAME}, or $${ for the two characters themselves", shown("${"+name))
		}
		text, ok := getenv(name)
		if !ok {
			return "", fmt.Errorf("the environment has no variable %s; set it, or write the value here", name)
		}
		b.WriteString(text)
		value = after
	}
}

// isVariable reports whether s is a variable's name as a shell has it.
func isVariable(s string) bool {
	for i, c := range []byte(s) {
		letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}
