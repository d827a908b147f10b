// Package readme reads WordPress's readme format (readme.txt, or the same in
// Markdown) into a value, renders its text as safe HTML, and says what is wrong
// with it. All is pure: bytes in, values out, no clock, no network, no state.
//
// The format is what WordPress.org's plugin directory makes of it
// (https://wordpress.org/plugins/readme.txt). The profile WPOrg is exactly
// that; a registry, which publishes what its authors wrote, is better in the
// places that the rules of the profile Serve name.
package readme

// MaxSize is how many bytes of a readme, or of one piece of Markdown, are
// read; what follows is left out. WordPress.org refuses plugins long before:
// the longest readmes in its directory have a quarter of that.
const MaxSize = 1 << 20

// Readme is a parsed readme. Strings are plain text unless a comment says
// otherwise. Without the rule PlainText, Name and ShortDescription are escaped
// HTML, and all else is as the author wrote it, which may be no UTF-8.
type Readme struct {
	Name             string
	Headers          Headers
	ShortDescription string
	Sections         []Section // in order of first appearance or of WordPress.org, aliases applied, repeats merged
	FAQ              []Entry
	UpgradeNotice    []Entry   // Heading is the version; text before the first heading has Heading ""
	Screenshots      []string  // captions as plain text, by position; none without the rule PopupHTML, see Document
	Warnings         []Warning // in WordPress.org's order

	profile Profile
	stable  string
	places  places
}

// places are the lines, from 1, where something stands or would have to; 0
// where the file does not say.
type places struct {
	name       int
	lastHeader int
	headers    [fields]int
	short      int
}

// Headers are the lines between the name and the short description.
type Headers struct {
	Tags         []string
	Contributors []string // user names as their profiles' addresses have them, without "@"
	Requires     string   // WordPress version, "6.2"
	Tested       string   // WordPress version
	RequiresPHP  string
	StableTag    string
	License      string
	LicenseURI   string
	DonateLink   string
	// Extra holds every other header line by its lower-case key, such as
	// "requires plugins", "homepage", "author" or "added": WordPress.org
	// ignores them, the reference registry does not.
	Extra map[string]string
}

// Section is one "== Title ==" part as its author wrote it.
type Section struct {
	Key      string // lower case, spaces as "_", aliases applied: "description", "faq"
	Title    string // as written
	Markdown string // the text, without its heading
	Line     int    // of the heading, from 1; 0 for a description taken from the short one
}

// Entry is one question, or one version's notice.
type Entry struct {
	Heading  string
	Markdown string
}

// Warning is something that WordPress.org would complain of.
type Warning struct {
	Key    string   // WordPress.org's key, such as "invalid_license"
	Values []string // what it concerns, if anything
	Line   int      // from 1; 0 is the whole file
}

// Parse reads a readme in any encoding and with any line ends. It never
// fails: what cannot be understood is left out, with a warning.
func Parse(src []byte, o Options) *Readme {
	p := &walker{readme: &Readme{profile: o.Profile, stable: o.Stable}}
	if len(src) > MaxSize {
		src = src[:MaxSize]
		p.warn("readme_too_large", 0)
	}
	p.lines = splitLines(src, o.Profile)
	p.parseName()
	p.parseHeaders()
	p.parseShortDescription()
	p.parseSections()
	p.settle()
	return p.readme
}

// Section returns the section with the key, or nil.
func (r *Readme) Section(key string) *Section {
	for i := range r.Sections {
		if r.Sections[i].Key == key {
			return &r.Sections[i]
		}
	}
	return nil
}
