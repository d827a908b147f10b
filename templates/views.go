package templates

import (
	"html/template"
	"time"
)

// Site is what every page knows of the place it is served from.
type Site struct {
	Root    string // path of the catalogue, with a slash at its end
	Style   string // address of the style sheet
	Version string // of the program; "" is not shown
}

// Catalogue is the list of all plugins and themes.
type Catalogue struct {
	Site
	Cards      []Card
	Withheld   int    // those of private repositories, which are not listed
	Looking    bool   // there may be more: nobody has looked for them yet
	Collection string // address of plugin_info.json
	Themes     string // address of theme_info.json; "" if there are none
}

// Card is one plugin or theme of the catalogue.
type Card struct {
	Name        string
	Theme       bool   // it is no plugin
	Screenshot  string // of a theme, in place of the icon
	URL         string // of its page
	Icon        string // address of an image; "" shows the name's initial
	Description string
	Author      string
	Version     string // "" if nothing is served yet
	Updated     time.Time
	Tested      string // WordPress version
	Note        string // what is wrong, in one line; "" if nothing is
}

// PluginPage is one plugin or theme as its users and its author see it.
type PluginPage struct {
	Site
	Name        string
	Theme       bool   // it is no plugin
	Parent      string // directory of the theme that a child theme needs; "" is none
	Slug        string
	Version     string // "" if nothing is served yet
	Description string
	Author      string
	AuthorURL   string

	Icon     string      // address of an image; "" shows the name's initial
	Banner   string      // 772 by 250; "" shows none
	Banner2x string      // 1544 by 500, or ""
	Picture  *Screenshot // of a theme; nil shows none

	Download     string // address of the current package; "" hides the button
	DownloadSize int64  // bytes
	Branch       string // address of the development version; "" if not offered
	Checksum     string // SHA-256 of the package, in hex

	UpgradeNotice template.HTML // safe HTML
	Sections      []Section
	Screenshots   []Screenshot
	Versions      []Version
	Facts         []Fact
	Tags          []string

	UpdateURI string // what the plugin's header has to name
	Document  string // address of the information document
	Findings  []Finding
	Notices   []string  // what is to know of the newest version and of updates, a sentence each
	Note      string    // why the last check failed; "" if it did not
	Checked   time.Time // when the forge was last asked; zero is never
}

// Section is one part of the readme.
type Section struct {
	Key   string // "description"
	Title string
	HTML  template.HTML // safe HTML
}

// Screenshot is one image with its caption.
type Screenshot struct {
	URL           string
	Caption       string
	Width, Height int // pixels; 0 is unknown
}

// Version is one release that can be downloaded.
type Version struct {
	Name       string // the tag without a leading v
	URL        string // of its installer
	Notes      string // address of the release's own page, or ""
	Published  time.Time
	Prerelease bool
	Standing   string // what its registry makes of it: "taken back"; may be empty
}

// Fact is one line of the table beside the sections: a text, with a link or a
// time if they are given.
type Fact struct {
	Label string
	Text  string
	URL   string
	Time  time.Time
}

// Finding is what the plugin's author should know.
type Finding struct {
	Severity string // "error", "warning" or "note"
	Place    string // file, or file:line; may be empty
	Message  string // what is wrong
	Remedy   string // what to do; may be empty
}

// ErrorPage says what went wrong.
type ErrorPage struct {
	Site
	Status  int    // HTTP status
	Title   string // the status in words
	Message string // what is wrong and what to do
}
