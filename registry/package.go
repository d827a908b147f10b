package registry

import (
	"encoding/json"
	"time"
)

// Package is what was built from one revision for one plugin. It is immutable
// and named by its content; a record says which one a channel serves.
type Package struct {
	Slug       Slug       `json:"slug"`
	Type       Type       `json:"type"`
	File       string     `json:"file"` // WordPress's plugin basename, "hello-yard/hello-yard.php", or a theme's stylesheet, "my-theme"
	Version    string     `json:"version"`
	Revision   Revision   `json:"revision"`
	Repository Repository `json:"repository"`
	Details    Details    `json:"details"`
	Installer  Installer  `json:"installer"`
	Images     []Image    `json:"images"`
	Findings   []Finding  `json:"findings,omitempty"`

	// What clients read, encoded for Links in the form of documentFormat.
	Format int   `json:"format"`
	Links  Links `json:"links"`
	// DisableAutoupdate is [Policy]'s, as the documents say it.
	DisableAutoupdate bool            `json:"disable_autoupdate,omitempty"`
	Update            json.RawMessage `json:"update"` // the update_plugins object
	Information       DocumentBlobs   `json:"information"`
}

// Revision is one commit of a repository as the forge describes it.
type Revision struct {
	Channel  Channel   `json:"channel"`
	Ref      string    `json:"ref"`               // the tag or the branch
	Release  *Release  `json:"release,omitempty"` // nil for a branch
	Commit   string    `json:"commit"`            // SHA
	Modified time.Time `json:"modified"`          // published (release) or committed (branch)
}

// Installer is the zip that WordPress unpacks.
type Installer struct {
	Blob
	Name string `json:"name"` // file name, "hello-yard.1.2.0.zip"
	MD5  string `json:"md5"`  // base64, as Content-MD5 wants it
	// SHA384 is the digest that signatures are made of, as 96 hex digits.
	SHA384 string `json:"sha384"`
	Files  int    `json:"files"`
	// From is "archive", or the name of the release file it was made from.
	From string `json:"from"`
}

// Image is a banner, icon or screenshot ready to be served.
type Image struct {
	Blob
	Name      string `json:"name"` // canonical: "banner-772x250.png", "icon.svg", "screenshot-1.jpg"
	Type      string `json:"type"` // MIME type
	Width     int    `json:"width,omitempty"`
	Height    int    `json:"height,omitempty"`
	Generated bool   `json:"generated,omitempty"` // made by us, not by the author
}

// Links says what the addresses in documents are built from.
type Links struct {
	Base string `json:"base"`          // base_url without a trailing slash
	CDN  string `json:"cdn,omitempty"` // replaces Base for packages and images; "" is Base
	// Static says that documents are served by a static host, where there is
	// nothing but their own package.
	Static bool `json:"static,omitempty"`
}

// DocumentBlobs are the stored forms of one document.
type DocumentBlobs struct {
	Identity Blob `json:"identity"`
	Gzip     Blob `json:"gzip"`
	Brotli   Blob `json:"brotli"`
}

// Document is an encoded document, ready to be written to many clients at
// once. Nobody changes it after it was made.
type Document struct {
	Type     string    // MIME type
	Identity []byte    // the bytes themselves
	Gzip     []byte    // nil where it would not be smaller
	Brotli   []byte    // nil where it would not be smaller
	ETag     string    // strong, quoted, of the identity form
	Modified time.Time // whole seconds, UTC
}

// bytes is about how much memory it takes.
func (d *Document) bytes() int64 {
	return int64(len(d.Identity) + len(d.Gzip) + len(d.Brotli) + 512)
}
