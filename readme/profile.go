package readme

// Profile is a set of rules, each of which is one place where a readme is
// deliberately understood better than WordPress.org does.
type Profile uint32

// WPOrg has no rule: what WordPress.org's parser makes of a readme, nothing
// else. It is for comparing and for telling authors what to expect there.
const WPOrg Profile = 0

// Serve has every rule: what a registry publishes.
const Serve = endOfRules - 1

const (
	// WholeText cuts nothing: a short description of more than 150
	// characters and a section of more than 2500 or 5000 words only warn.
	WholeText Profile = 1 << iota

	// AllTags keeps the tags after the fifth, with the warning.
	AllTags

	// UTF16 decodes a file in UTF-16 of either byte order. WordPress.org
	// splits it into lines first, which leaves "?" at their ends and voids
	// most headers, and does not know big-endian files.
	UTF16

	// ValidText reads bytes that are not UTF-8 as U+FFFD. WordPress.org drops
	// a whole name or short description for one of them.
	ValidText

	// Preamble passes over badges, images and comments above a "# heading",
	// as README.md files have them. WordPress.org takes them for the name.
	Preamble

	// PlainText makes names, headings and every header plain text on one
	// line, and leaves out of section keys what HTML could read.
	// WordPress.org gives escaped HTML for some and raw text for others, and
	// WordPress prints several of them unescaped.
	PlainText

	// ExtraHeaders keeps the header lines that WordPress.org ignores in
	// Headers.Extra.
	ExtraHeaders

	// PublishedVersions publishes the number in a version of another shape,
	// "8.1" of "8.1+", with the warning. WordPress.org drops it.
	PublishedVersions

	// PartedSections puts a blank line between the texts of sections of the
	// same title. WordPress.org runs them together.
	PartedSections

	// OwnSections keeps sections of other titles than WordPress.org's, and
	// all in the order of the file. WordPress.org appends theirs to the
	// description, loses text between the short description and the first
	// section, and has a fixed order.
	OwnSections

	// KeepLines keeps the lines of a text that stands in for a missing
	// description. WordPress.org joins them, and so loses lists and tables.
	KeepLines

	// FencedHeadings takes a heading between fences for the code it is.
	FencedHeadings

	// RuledEntries takes a line of nothing but asterisks between questions or
	// notices for the ruler it is. WordPress.org takes it for a heading
	// without text, and so loses text.
	RuledEntries

	// KeepFences is markdown.KeepFences.
	KeepFences
	// KeepCode is markdown.KeepCode.
	KeepCode
	// KeepHash is markdown.KeepHash.
	KeepHash
	// CloseHTML is markdown.CloseHTML.
	CloseHTML

	// PopupHTML lets through what WordPress's details popup shows: images,
	// tables' text and headings of all levels too, and lays out questions as
	// headings with their answers. WordPress.org's list is shorter, and its
	// questions are a list of definitions.
	PopupHTML

	// Links makes relative links and images absolute.
	Links

	// Videos makes links of the shortcodes and addresses of videos, which
	// only WordPress.org's own pages embed.
	Videos

	endOfRules
)

// has reports whether the rule is in the profile.
func (p Profile) has(rule Profile) bool { return p&rule != 0 }
