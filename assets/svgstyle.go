package assets

import "strings"

// rule is one rule of a style sheet.
type rule struct {
	selectors    []string
	declarations string
}

// parseStyle reads a style sheet as drawing programs write it, keeping the
// rules with plain selectors (names, classes, ids, *, and combinators) and
// their safe declarations. whole is false if anything was left out: at-rules
// are, with their blocks.
func parseStyle(css string) (rules []rule, whole bool) {
	css, whole = cutComments(css)
	for {
		selector, rest, ok := strings.Cut(css, "{")
		if !ok {
			return rules, whole && strings.TrimSpace(selector) == ""
		}
		// An at-rule without a block ends at a semicolon, and would otherwise
		// swallow the rule behind it.
		if strings.HasPrefix(strings.TrimSpace(selector), "@") {
			whole = false
			if statement, after, ok := strings.Cut(css, ";"); ok && len(statement) < len(selector) {
				css = after
			} else {
				css = afterBlock(rest)
			}
			continue
		}
		body, after, ok := strings.Cut(rest, "}")
		if !ok || strings.Contains(body, "{") {
			return rules, false
		}
		css = after
		declarations, safe := safeDeclarations(body)
		selectors, plain := parseSelectors(selector)
		whole = whole && safe && plain
		if plain && declarations != "" {
			rules = append(rules, rule{selectors, declarations})
		}
	}
}

// formatStyle writes rules, one a line.
func formatStyle(rules []rule) string {
	var b strings.Builder
	for _, r := range rules {
		b.WriteString(strings.Join(r.selectors, ",") + "{" + r.declarations + "}\n")
	}
	return b.String()
}

// cutComments removes comments. An open one takes the rest with it.
func cutComments(css string) (string, bool) {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(css, "/*")
		b.WriteString(before)
		if !ok {
			return b.String(), true
		}
		b.WriteString(" ")
		if _, css, ok = strings.Cut(rest, "*/"); !ok {
			return b.String(), false
		}
	}
}

// afterBlock skips to the end of a block whose opening brace was read.
func afterBlock(css string) string {
	depth := 1
	for i := range len(css) {
		switch css[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return css[i+1:]
			}
		}
	}
	return ""
}

// parseSelectors reads a list of plain selectors.
func parseSelectors(list string) ([]string, bool) {
	var selectors []string
	for s := range strings.SplitSeq(list, ",") {
		s = strings.Join(strings.Fields(s), " ")
		if s == "" || strings.ContainsFunc(s, func(r rune) bool {
			return !isWordRune(r) && !strings.ContainsRune(".#*>+~ ", r)
		}) {
			return nil, false
		}
		selectors = append(selectors, s)
	}
	return selectors, true
}

func isWordRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_'
}

// subject is what an element must have for a selector to choose it: ".class",
// "#id", a name, or "*".
func subject(selector string) string {
	last := selector[strings.LastIndexAny(selector, " >+~")+1:]
	if i := strings.LastIndexAny(last, ".#"); i >= 0 {
		return last[i:]
	}
	if last == "" {
		return "*"
	}
	return last
}

// safeDeclarations keeps the properties of a style attribute or of a rule that
// are in svgStyles and load nothing. whole is false if any was unsafe; one that
// is merely unknown, such as an editor's own, is left out without a word.
func safeDeclarations(list string) (kept string, whole bool) {
	list, whole = cutComments(list)
	var b strings.Builder
	for declaration := range strings.SplitSeq(list, ";") {
		name, value, _ := strings.Cut(declaration, ":")
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		switch {
		case !isSafeValue(value):
			whole = false
		case svgStyles[name] && value != "":
			if b.Len() > 0 {
				b.WriteString(";")
			}
			b.WriteString(name + ":" + value)
		}
	}
	return b.String(), whole
}
