// Package templates holds what is served as pages: HTML templates and a style
// sheet, embedded, and the values that they show. The pages need no script,
// ask no other host for anything but images, and work under a policy that
// allows only a style sheet and images ([Policy]).
package templates

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Policy is the Content-Security-Policy that every page works under: one style
// sheet of our own, images from anywhere that is encrypted, nothing else.
const Policy = policy + "frame-ancestors 'none'; base-uri 'none'"

// FramedPolicy is that of a theme's page, which wp-admin shows in a frame as the
// theme's details. Any site may: there is nothing to be done by a click.
const FramedPolicy = policy + "frame-ancestors *; base-uri 'none'"

const policy = "default-src 'none'; img-src 'self' https: data:; style-src 'self'; " +
	"form-action 'none'; "

//go:embed style.css
var style []byte

// Style is the style sheet of all pages, to be served as text/css at the
// address that [Site] names.
func Style() []byte { return style }

//go:embed pages
var files embed.FS

// Pages renders the pages. It may be used from many goroutines.
type Pages struct {
	catalogue, plugin, problem, popup, status *template.Template
}

// Parse makes the pages out of the embedded templates.
func Parse() (*Pages, error) {
	layout, err := template.New("layout.html").Funcs(template.FuncMap{
		"day":      day,
		"machine":  machine,
		"sentence": sentence,
		"bytes":    formatBytes,
		"initial":  initial,
		"web":      web,
		"moment":   moment,
		"since":    since,
		"short":    short,
	}).ParseFS(files, "pages/layout.html")
	if err != nil {
		return nil, fmt.Errorf("parse page layout: %w", err)
	}
	page := func(name string) *template.Template {
		if err != nil {
			return nil
		}
		var t *template.Template
		if t, err = layout.Clone(); err == nil {
			t, err = t.ParseFS(files, "pages/"+name)
		}
		if err != nil {
			return nil
		}
		return t.Lookup(name)
	}
	p := &Pages{catalogue: page("catalogue.html"), plugin: page("plugin.html"), problem: page("error.html"), popup: page("popup.html"), status: page("status.html")}
	if err != nil {
		return nil, fmt.Errorf("parse pages: %w", err)
	}
	return p, nil
}

// Catalogue writes the list of all plugins.
func (p *Pages) Catalogue(w io.Writer, v Catalogue) error { return p.catalogue.Execute(w, v) }

// Plugin writes the page of one plugin.
func (p *Pages) Plugin(w io.Writer, v PluginPage) error { return p.plugin.Execute(w, v) }

// Error writes a page that says what went wrong.
func (p *Pages) Error(w io.Writer, v ErrorPage) error { return p.problem.Execute(w, v) }

// day is a date as people read it.
func day(t time.Time) string { return t.UTC().Format("2 January 2006") }

// machine is a time as the datetime attribute wants it.
func machine(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// sentence makes a message of the registry, which starts in lower case and has
// no full stop, into one that stands alone.
func sentence(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return ""
	}
	s = string(unicode.ToUpper(first)) + s[size:]
	if !strings.ContainsRune(".!?", rune(s[len(s)-1])) {
		s += "."
	}
	return s
}

// formatBytes is a size in the units that download pages use, 1 kB being
// 1,000 bytes.
func formatBytes(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d bytes", n)
	case n < 1000*1000:
		return fmt.Sprintf("%.0f kB", float64(n)/1000)
	case n < 1000*1000*1000:
		return fmt.Sprintf("%.1f MB", float64(n)/1000/1000)
	default:
		return fmt.Sprintf("%.1f GB", float64(n)/1000/1000/1000)
	}
}

// initial is the first letter of a name, for a plugin whose icon is not known.
func initial(s string) string {
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return string(unicode.ToUpper(r))
		}
	}
	return "?"
}

// web gives an address back if a browser may be sent there: one of our own, or
// http or https. Anything else is "", and shown without a link.
func web(address string) string {
	for _, start := range []string{"/", "https://", "http://"} {
		if strings.HasPrefix(address, start) {
			return address
		}
	}
	return ""
}
