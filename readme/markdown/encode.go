package markdown

import "bytes"

// appendAttribute appends text for an attribute in quotation marks: "&quot;"
// for a quotation mark, "&lt;" for "<", and "&amp;" for an "&" that starts no
// entity. ">" stays.
func appendAttribute(dst, text []byte) []byte {
	from := 0
	for i, c := range text {
		if c != '&' && c != '<' && c != '"' || c == '&' && startsEntity(text[i:]) {
			continue
		}
		dst = append(append(dst, text[from:i]...), escape(c)...)
		from = i + 1
	}
	return append(dst, text[from:]...)
}

// writePlain writes text as appendAttribute does, but for quotation marks,
// which stay.
func writePlain(w writer, text []byte) {
	from := 0
	for i, c := range text {
		if c != '&' && c != '<' || c == '&' && startsEntity(text[i:]) {
			continue
		}
		_, _ = w.Write(text[from:i])
		_, _ = w.WriteString(escape(c))
		from = i + 1
	}
	_, _ = w.Write(text[from:])
}

// writeEscaped writes text with an entity for every "&", "<" and ">".
func writeEscaped(w writer, text []byte) {
	from := 0
	for i, c := range text {
		if c != '&' && c != '<' && c != '>' {
			continue
		}
		_, _ = w.Write(text[from:i])
		_, _ = w.WriteString(escape(c))
		from = i + 1
	}
	_, _ = w.Write(text[from:])
}

// escape returns the entity for c.
func escape(c byte) string {
	switch c {
	case '&':
		return "&amp;"
	case '<':
		return "&lt;"
	case '>':
		return "&gt;"
	default:
		return "&quot;"
	}
}

// startsEntity reports whether the "&" at the start of text starts what looks
// like an entity. No list of names is asked.
func startsEntity(text []byte) bool {
	i := 1
	if i < len(text) && text[i] == '#' {
		i++
	}
	start := i
	for i < len(text) && (isAlphanumeric(text[i]) || text[i] == '_') {
		i++
	}
	return i > start && i < len(text) && text[i] == ';'
}

// appendAddress appends a URL for an attribute in quotation marks. In one of
// mail an "&" is always taken by itself: WordPress.org makes an entity of
// each byte.
func appendAddress(dst, url []byte) []byte {
	if !hasPrefixFold(url, "mailto:") {
		return appendAttribute(dst, url)
	}
	for _, c := range url {
		switch c {
		case '&': // "&amp;#1;" would be "&#1;" to the filter
			dst = append(dst, "&#38;"...)
		case '<', '>', '"':
			dst = append(dst, escape(c)...)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// hasPrefixFold reports whether b starts with prefix, whatever the case of its
// letters.
func hasPrefixFold(b []byte, prefix string) bool {
	return len(b) >= len(prefix) && bytes.EqualFold(b[:len(prefix)], []byte(prefix))
}

// appendTaken appends text[from:to] as part of an attribute: HTML where
// something was taken, plain text as plain does.
func (s *spans) appendTaken(dst []byte, from, to int, plain func(dst, text []byte) []byte) []byte {
	for from < to {
		if s.mask[from] == taken {
			a := s.atoms[s.at[from]]
			var html bytes.Buffer
			writeNode(&html, a.node)
			dst = append(dst, html.Bytes()...)
			from = a.end
			continue
		}
		end := to
		if i := bytes.IndexByte(s.mask[from:to], taken); i >= 0 {
			end = from + i
		}
		dst = plain(dst, s.text[from:end])
		from = end
	}
	return dst
}
