package markdown

import "bytes"

// MaxAddress is how many bytes an e-mail address in angle brackets may have.
// Mail allows 254; the bound keeps the search for its end short.
const MaxAddress = 320

// takeAutoLinks takes the addresses in angle brackets in text[from:to].
func (s *spans) takeAutoLinks(from, to int) {
	stop := -1 // where the next URL must end
	for i := from; i < to && s.st.inlines > 0; i++ {
		next := bytes.IndexByte(s.mask[i:to], '<')
		if next < 0 {
			return
		}
		i += next
		size := schemeLength(s.mask[i+1 : to])
		if size > 0 {
			if stop < i+1+size {
				stop = i + 1 + size
				for stop < to && !endsURL(s.mask[stop]) {
					stop++
				}
			}
			if stop > i+1+size && stop < to && s.mask[stop] == '>' {
				s.takeURL(i, stop)
				i = stop
				continue
			}
		}
		start, end := mailAddress(s.mask[i:min(to, i+MaxAddress)])
		if end > 0 {
			s.takeMail(i, i+start, i+end)
			i += end
		}
	}
}

// takeURL takes the URL between "<" at i and ">" at end.
func (s *spans) takeURL(i, end int) {
	tag := s.appendTaken(s.openTag(false), i+1, end, appendAddress)
	s.takeAddress(i, end+1, tag, "tel:")
}

// takeMail takes the e-mail address text[start:end] in a "<" at i and a ">".
func (s *spans) takeMail(i, start, end int) {
	address := append([]byte("mailto:"), s.text[start:end]...)
	s.takeAddress(i, end+1, appendAddress(s.openTag(false), address), "mailto:")
}

// takeAddress takes text[from:to] for a link whose text is the address at the
// end of its tag, without the scheme hidden.
func (s *spans) takeAddress(from, to int, tag []byte, hidden string) {
	visible := tag[len(s.memory)+len(`<a href="`):]
	if hasPrefixFold(visible, hidden) {
		visible = visible[len(hidden):]
	}
	node := &anchor{tag: s.keep(append(tag, `">`...))}
	node.AppendChild(node, s.raw(visible))
	s.take(from, to, node)
}

// schemeLength returns the length of the scheme at the start of b with its
// colon, 0 if it is none that is linked.
func schemeLength(b []byte) int {
	for _, scheme := range [...]string{"http:", "https:", "ftp:", "dict:", "tel:"} {
		if hasPrefixFold(b, scheme) {
			return len(scheme)
		}
	}
	return 0
}

// endsURL reports whether c cannot stand in a URL in angle brackets.
func endsURL(c byte) bool { return c == '\'' || c == '"' || c == '>' || isSpace(c) }

// mailAddress returns where the e-mail address starts and ends that stands in
// angle brackets at the start of b; the end is 0 if there is none.
func mailAddress(b []byte) (start, end int) {
	start = 1
	if hasPrefixFold(b[1:], "mailto:") {
		start = 8
	}
	if start < len(b) && b[start] == '"' {
		for i := start + 1; i < len(b) && b[i] != '\n'; i++ {
			if b[i] == '"' {
				if end := mailHost(b, i+1); end > 0 {
					return start, end
				}
			}
		}
		return 0, 0
	}
	i := start
	for i < len(b) && isMailName(b[i]) {
		i++
	}
	if i == start {
		return 0, 0
	}
	return start, mailHost(b, i)
}

// mailHost returns the offset of the ">" behind "@" and a host at i, 0 if that
// is not there.
func mailHost(b []byte, i int) int {
	if i+1 >= len(b) || b[i] != '@' {
		return 0
	}
	i++
	start := i
	if b[i] == '[' {
		for i++; i < len(b) && isAddressDigit(b[i]); i++ {
		}
		if i > start+1 && i+1 < len(b) && b[i] == ']' && b[i+1] == '>' {
			return i + 1
		}
		return 0
	}
	for i < len(b) && (isAlphanumeric(b[i]) || b[i] == '-' || b[i] == '.' || b[i] >= 0x80) {
		i++
	}
	if i == len(b) || b[i] != '>' {
		return 0
	}
	labels := bytes.Split(b[start:i], []byte("."))
	for _, label := range labels {
		if len(label) == 0 {
			return 0
		}
	}
	top := labels[len(labels)-1]
	for _, c := range top {
		if c|0x20 < 'a' || c|0x20 > 'z' {
			return 0
		}
	}
	if len(labels) < 2 {
		return 0
	}
	return i
}

// isMailName reports whether c may stand before the "@" of an e-mail address.
func isMailName(c byte) bool {
	return isAlphanumeric(c) || c >= 0x80 || bytes.IndexByte([]byte("-!#$%&'*+/=?^_`.{|}~"), c) >= 0
}

// isAddressDigit reports whether c may stand in an address of IPv4 or IPv6.
func isAddressDigit(c byte) bool {
	return '0' <= c && c <= '9' || c == '.' || c == ':' || 'a' <= c|0x20 && c|0x20 <= 'f'
}
