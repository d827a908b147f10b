package registry

// Details are what a package's author tells its users, gathered from the
// plugin header, the readme, the repository's custom properties and the
// forge's facts, in that order of precedence. Strings are plain text unless a
// comment says otherwise; an unknown value is empty.
type Details struct {
	Name             string        `json:"name"`
	Description      string        `json:"description,omitempty"` // short, one line
	Author           string        `json:"author,omitempty"`
	AuthorURI        string        `json:"author_uri,omitempty"`
	AuthorProfile    string        `json:"author_profile,omitempty"`
	Homepage         string        `json:"homepage,omitempty"`
	Requires         string        `json:"requires,omitempty"` // WordPress version
	Tested           string        `json:"tested,omitempty"`   // WordPress version
	RequiresPHP      string        `json:"requires_php,omitempty"`
	RequiresPlugins  []string      `json:"requires_plugins,omitempty"` // slugs
	Template         string        `json:"template,omitempty"`         // directory of a child theme's parent
	TextDomain       string        `json:"text_domain,omitempty"`
	UpdateURI        string        `json:"update_uri,omitempty"`
	License          string        `json:"license,omitempty"`
	LicenseURI       string        `json:"license_uri,omitempty"`
	DonateLink       string        `json:"donate_link,omitempty"`
	SupportURL       string        `json:"support_url,omitempty"`
	Added            string        `json:"added,omitempty"`
	Tags             []Tag         `json:"tags,omitempty"`
	Contributors     []Contributor `json:"contributors,omitempty"`
	Sections         []Section     `json:"sections"`
	UpgradeNotice    string        `json:"upgrade_notice,omitempty"` // HTML, of this version
	Screenshots      []string      `json:"screenshots,omitempty"`    // captions, plain text, by position
	Ratings          *Ratings      `json:"ratings,omitempty"`
	Downloaded       int64         `json:"downloaded,omitempty"`
	ActiveInstalls   int64         `json:"active_installs,omitempty"`
	SupportThreads   int64         `json:"support_threads,omitempty"`
	SupportThreadsOK int64         `json:"support_threads_resolved,omitempty"`
}

// Tag is a readme tag or a topic.
type Tag struct {
	Slug string `json:"slug"`
	Name string `json:"name"`
}

// Contributor is somebody who works on a plugin.
type Contributor struct {
	Slug    string `json:"slug"`
	Name    string `json:"name"`
	Profile string `json:"profile"` // address of a page
	Avatar  string `json:"avatar"`  // address of an image
}

// Section is one tab of the details popup.
type Section struct {
	Key   string `json:"key"`   // "description", "changelog"
	Title string `json:"title"` // "Description"
	HTML  string `json:"html"`  // safe HTML
}

// Ratings are passed on only when the readme gives them.
type Ratings struct {
	Rating float64        `json:"rating"` // 0 to 100
	Count  int64          `json:"count"`
	Stars  map[string]int `json:"stars,omitempty"` // "5" to "1"
}
