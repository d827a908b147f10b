package kses

import "strings"

// stripper is where strip_tags stands in the HTML.
type stripper struct {
	in    construct
	depth int  // how many "<" are open within a tag
	quote byte // the quote that is open, 0 if none
	last  byte // the bracket or quote that counted last; PHP code asks for it
	paren int  // how many parentheses are open in PHP code
	xml   bool // the tag began as "<?xml"
}

type construct uint8

const (
	inText        construct = iota
	inTag                   // "<a ..."
	inCode                  // "<? ..."
	inDeclaration           // "<! ..."
	inComment               // "<!-- ..."
)

// StripTags takes the tags out of HTML as PHP's strip_tags does, comments, PHP
// code and NUL bytes with them. A "<" before white space is text, and a tag
// without an end takes all that follows.
func StripTags(s string) string {
	start := strings.IndexAny(s, "<\x00")
	if start < 0 {
		return s
	}
	dst := append(make([]byte, 0, len(s)), s[:start]...)
	var p stripper
	for i := start; i < len(s); i++ {
		switch p.in {
		case inText:
			if p.text(s, i) {
				dst = append(dst, s[i])
			}
		case inTag:
			p.tag(s, i)
		case inCode:
			p.code(s, i)
		case inDeclaration:
			p.declaration(s, i)
		case inComment:
			if s[i] == '>' && p.quote == 0 && s[i-1] == '-' && s[i-2] == '-' {
				p.in = inText
			}
		}
	}
	return string(dst)
}

// text reads s[i] outside of tags and reports whether it stays.
func (p *stripper) text(s string, i int) bool {
	switch s[i] {
	case 0:
		return false
	case '<':
		if p.quote != 0 {
			return false
		}
		if spaceAt(s, i+1) {
			return true
		}
		p.last = '<'
		p.in = inTag
		return false
	case '>':
		if p.depth > 0 {
			p.depth--
			return false
		}
		return p.quote == 0
	}
	return true
}

func (p *stripper) tag(s string, i int) {
	switch c := s[i]; c {
	case '<':
		if p.quote == 0 && !spaceAt(s, i+1) {
			p.depth++
		}
	case '>':
		if p.depth > 0 {
			p.depth--
		} else if p.quote == 0 {
			p.last = '>'
			if p.xml && s[i-1] == '-' {
				return
			}
			p.in, p.xml = inText, false
		}
	case '"', '\'':
		p.toggle(c)
	case '!':
		if s[i-1] == '<' {
			p.in, p.last = inDeclaration, c
		}
	case '?':
		if s[i-1] == '<' {
			p.in, p.paren = inCode, 0
		}
	}
}

func (p *stripper) code(s string, i int) {
	quoted := p.last == '"' || p.last == '\''
	switch c := s[i]; c {
	case '(':
		if !quoted {
			p.last = c
			p.paren++
		}
	case ')':
		if !quoted {
			p.last = c
			p.paren--
		}
	case '>':
		if p.depth > 0 {
			p.depth--
		} else if p.quote == 0 && p.paren == 0 && p.last != '"' && s[i-1] == '?' {
			p.in = inText
		}
	case '"', '\'':
		if s[i-1] == '\\' {
			return
		}
		if p.last == c {
			p.last = 0
		} else if p.last != '\\' {
			p.last = c
		}
		p.toggle(c)
	case 'l', 'L':
		// PHP looks five bytes back before it looks at them.
		if i > 4 && hasPrefixFold(s[i-4:], "<?xml") {
			p.in, p.xml = inTag, true
		}
	}
}

func (p *stripper) declaration(s string, i int) {
	switch c := s[i]; c {
	case '>':
		if p.depth > 0 {
			p.depth--
		} else if p.quote == 0 {
			p.in = inText
		}
	case '"', '\'':
		if s[i-1] != '\\' {
			p.toggle(c)
		}
	case '-':
		if s[i-1] == '-' && s[i-2] == '!' {
			p.in = inComment
		}
	case 'e', 'E':
		if i > 6 && hasPrefixFold(s[i-6:], "doctype") {
			p.in = inTag
		}
	}
}

// toggle opens or closes a quote.
func (p *stripper) toggle(c byte) {
	switch p.quote {
	case 0:
		p.quote = c
	case c:
		p.quote = 0
	}
}

// spaceAt reports whether white space, as C has it, stands at i.
func spaceAt(s string, i int) bool { return i < len(s) && isSpace(s[i]) }
