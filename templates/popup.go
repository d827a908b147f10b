package templates

import (
	"crypto/sha256"
	_ "embed" // the style sheet
	"encoding/base64"
	"html/template"
	"io"
)

// Popup is a readme as WordPress's details popup shows it: one page that needs
// nothing else, neither a style sheet nor a script.
type Popup struct {
	Name         string
	Description  string    // one line of plain text, or ""
	Sections     []Section // the first is the one shown; keys are words
	Facts        []Fact    // beside the sections; without times
	Contributors []Fact    // names with their profiles, without labels
	Tags         []string
	Donate       string // address, or ""

	// Images lets the browser fetch the images that the sections name. Without
	// it the page asks the network for nothing.
	Images bool
}

//go:embed popup.css
var popupStyle string

// Popup writes the page of a readme alone.
func (p *Pages) Popup(w io.Writer, v Popup) error {
	return p.popup.Execute(w, struct {
		Popup
		Policy string
		Style  template.CSS
	}{v, popupPolicy(v.Images), template.CSS(popupStyle)})
}

// popupPolicy is the Content-Security-Policy that the page carries: its own
// style sheet, no script, no form, no base, and images as asked for.
func popupPolicy(images bool) string {
	digest := sha256.Sum256([]byte(popupStyle))
	sources := "data:"
	if images {
		sources = "https: http: data:"
	}
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(digest[:]) + "'; " +
		"img-src " + sources + "; form-action 'none'; base-uri 'none'"
}
