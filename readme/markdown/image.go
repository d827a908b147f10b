package markdown

import "bytes"

// takeImages takes images: first all with a label, then all with an address.
// They are read like links, but for a blank that may stand before "(" and an
// address that may hold no blank in angle brackets.
func (s *spans) takeImages() {
	if !bytes.Contains(s.mask, []byte("![")) {
		return
	}
	if len(s.st.links) > 0 {
		s.takeReferences(true)
	}
	s.takeInline(true)
}
