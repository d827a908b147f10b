package markdown

// seen are the marks that takeTokens leaves to later rules.
type seen uint8

const (
	sawBracket seen = 1 << iota
	sawAngle
	sawEmphasis
)

// takeTokens takes escaped characters, code and tags, whichever starts first.
// It returns what else there is to look for.
func (s *spans) takeTokens() seen {
	var saw seen
	mask := s.mask
	for i := 0; i < len(mask) && s.st.inlines > 0; {
		c := mask[i]
		if !marks[c] {
			i++
			continue
		}
		switch c {
		case '\\':
			i = s.takeEscape(i)
		case '`':
			i = s.takeCode(i)
		case '<':
			end := s.tagEnd(i)
			if end < 0 {
				saw |= sawAngle
				i++
				continue
			}
			s.take(i, end, s.raw(s.text[i:end]))
			i = end
		case taken:
			i = s.atoms[s.at[i]].end
		case '[':
			saw |= sawBracket
			i++
		default:
			saw |= sawEmphasis
			i++
		}
	}
	return saw
}

// marks are the bytes that takeTokens looks at.
var marks = [256]bool{'\\': true, '`': true, '<': true, taken: true, '[': true, '*': true, '_': true}
