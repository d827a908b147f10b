package markdown

// A node takes some 200 bytes and two bytes can ask for one, so a text has room
// for one node per bytesPerNode bytes and for nodesFloor on top, once for
// blocks and once for what is in their lines. A list of 2,500 items of a word,
// as long as a section may be on WordPress.org, has some 5,000. Where there is
// no more room the rest stays plain text.
const (
	bytesPerNode = 16
	nodesFloor   = 8192
)

// room reports whether there is room for more blocks, and takes it.
func (st *state) room(nodes int) bool {
	if st.blocks < nodes {
		return false
	}
	st.blocks -= nodes
	return true
}
