package readme

import "github.com/pluginyard/pluginyard/readme/markdown"

// Options say how a readme is read and rendered.
type Options struct {
	Profile Profile // where to be better than WordPress.org; the zero value is exactly WordPress.org

	// Stable is WordPress's stable branch, such as "6.9". Versions beyond the
	// next one do not exist yet and are ignored; "" believes every version.
	Stable string

	LinkBase  string // what relative links are resolved against; "" leaves them out
	ImageBase string // the same for images
}

// StableWordPress is the branch of WordPress's newest release that was known
// when this was written.
const StableWordPress = "6.9"

// markdownRules are the rules of the profile that the Markdown parser has.
func (p Profile) markdownRules() markdown.Rules {
	var rules markdown.Rules
	for _, pair := range [...]struct {
		ours   Profile
		theirs markdown.Rules
	}{
		{KeepFences, markdown.KeepFences},
		{KeepCode, markdown.KeepCode},
		{KeepHash, markdown.KeepHash},
		{CloseHTML, markdown.CloseHTML},
	} {
		if p.has(pair.ours) {
			rules |= pair.theirs
		}
	}
	return rules
}
