package githubtest

import (
	"strings"
)

// attributeRule is one line of a .gitattributes file that speaks of
// export-ignore, after https://git-scm.com/docs/gitattributes.
type attributeRule struct {
	pattern  string // without leading and trailing slash
	anchored bool   // matched from the file's folder, not against the last name
	folder   bool   // matches folders only
	ignore   bool   // false: the line takes export-ignore back
}

// attributes are the rules of the file in one folder.
type attributes struct {
	dir   string // "" or ends in a slash
	rules []attributeRule
}

// parseAttributes reads the lines that set or unset export-ignore; it has no
// other interest in the file. Git takes no negated patterns here.
func parseAttributes(data string) []attributeRule {
	var rules []attributeRule
	for line := range strings.Lines(data) {
		line = strings.Trim(line, " \t\r\n")
		if line == "" || line[0] == '#' || line[0] == '!' || strings.HasPrefix(line, "[attr]") {
			continue
		}
		pattern, rest := cutPattern(line)
		ignore, known := false, false
		for _, attr := range strings.Fields(rest) {
			switch attr {
			case "export-ignore":
				ignore, known = true, true
			case "-export-ignore", "!export-ignore":
				ignore, known = false, true
			}
		}
		if !known || pattern == "" {
			continue
		}
		rule := attributeRule{ignore: ignore}
		pattern, rule.folder = strings.CutSuffix(pattern, "/")
		rule.anchored = strings.Contains(pattern, "/")
		rule.pattern = strings.TrimPrefix(pattern, "/")
		rules = append(rules, rule)
	}
	return rules
}

// cutPattern splits a line after its pattern, which is quoted as in C if it
// has a space.
func cutPattern(line string) (pattern, rest string) {
	if line[0] != '"' {
		i := strings.IndexAny(line, " \t")
		if i < 0 {
			return line, ""
		}
		return line[:i], line[i:]
	}
	var b strings.Builder
	for i := 1; i < len(line); i++ {
		switch c := line[i]; {
		case c == '"':
			return b.String(), line[i+1:]
		case c == '\\' && i+1 < len(line) && (line[i+1] == '"' || line[i+1] == '\\'):
			i++
			b.WriteByte(line[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", ""
}

// ignored reports whether the rules on the way to name leave it out of
// archives. The deepest file decides, and in it the last line that matches.
func ignored(stack []attributes, name string, folder bool) bool {
	for i := len(stack) - 1; i >= 0; i-- {
		inside := strings.TrimPrefix(name, stack[i].dir)
		rules := stack[i].rules
		for j := len(rules) - 1; j >= 0; j-- {
			if rules[j].matches(inside, folder) {
				return rules[j].ignore
			}
		}
	}
	return false
}

func (r attributeRule) matches(name string, folder bool) bool {
	if r.folder && !folder {
		return false
	}
	if !r.anchored {
		name = name[strings.LastIndexByte(name, '/')+1:]
	}
	// Git takes off what has no wildcard first, so that the rest begins
	// anew: "x**" reaches into folders.
	pattern := r.pattern
	if i := strings.IndexAny(pattern, `*?[\`); i >= 0 {
		if !strings.HasPrefix(name, pattern[:i]) {
			return false
		}
		pattern, name = pattern[i:], name[i:]
	}
	return wildmatch(pattern, name)
}

// wildmatch matches as git does: "*" and "?" stop at slashes, "**" between
// slashes is any number of folders, "[…]" a class, "\" takes the next as it is.
func wildmatch(pattern, name string) bool { return match(pattern, name, true) }

// match is wildmatch from within a pattern; begins tells whether a part of the
// path begins here.
func match(pattern, name string, begins bool) bool {
	for pattern != "" {
		c := pattern[0]
		switch c {
		case '*':
			return matchStar(pattern, name, begins)
		case '?':
			if name == "" || name[0] == '/' {
				return false
			}
			pattern, name = pattern[1:], name[1:]
		case '[':
			rest, ok := matchClass(pattern, name)
			if !ok {
				return false
			}
			pattern, name = rest, name[1:]
		default:
			if c == '\\' {
				pattern = pattern[1:]
			}
			if pattern == "" || name == "" || name[0] != pattern[0] {
				return false
			}
			pattern, name = pattern[1:], name[1:]
		}
		begins = c == '/'
	}
	return name == ""
}

// matchStar matches a pattern that begins with one star or more. More than one
// reach across slashes only where they are a whole part of the path.
func matchStar(pattern, name string, begins bool) bool {
	rest := strings.TrimLeft(pattern, "*")
	deep := len(pattern)-len(rest) > 1 && begins && (rest == "" || rest[0] == '/')
	if deep && rest != "" && match(rest[1:], name, true) {
		return true // "**/x" is also x here
	}
	for {
		if match(rest, name, false) {
			return true
		}
		if name == "" || name[0] == '/' && !deep {
			return false
		}
		name = name[1:]
	}
}

// matchClass matches the first byte of name with the class that pattern begins
// with, and returns the pattern after it.
func matchClass(pattern, name string) (rest string, ok bool) {
	if name == "" || name[0] == '/' {
		return "", false
	}
	c, i := name[0], 1
	negated := i < len(pattern) && (pattern[i] == '!' || pattern[i] == '^')
	if negated {
		i++
	}
	found := false
	for first := true; i < len(pattern); first = false {
		if pattern[i] == ']' && !first {
			return pattern[i+1:], found != negated
		}
		if pattern[i] == '\\' && i+1 < len(pattern) {
			i++
		}
		low, high := pattern[i], pattern[i]
		if i+2 < len(pattern) && pattern[i+1] == '-' && pattern[i+2] != ']' {
			high = pattern[i+2]
			i += 2
		}
		i++
		found = found || low <= c && c <= high
	}
	return "", false // no closing bracket: git matches nothing
}
