package registry

import (
	"bytes"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// HeaderBytes is how much of a file WordPress's get_file_data reads.
const HeaderBytes = 8 << 10

// Header is the header comment of a plugin or a theme: the value of each field
// that is present, by WordPress's name for it ("Plugin Name", "Requires at
// least").
type Header map[string]string

// pluginFields are get_plugin_data's fields and those that authors add for
// registries. License is not WordPress's, but every plugin has it.
var pluginFields = []string{
	"Plugin Name", "Plugin URI", "Version", "Description", "Author", "Author URI",
	"Text Domain", "Domain Path", "Network", "Requires at least", "Requires PHP",
	"Requires Plugins", "Update URI", "Tested up to", "License", "License URI", "Donate link",
}

// themeFields are WP_Theme's fields and those that WordPress.org asks themes
// for besides.
var themeFields = []string{
	"Theme Name", "Theme URI", "Version", "Description", "Author", "Author URI",
	"Template", "Status", "Tags", "Text Domain", "Domain Path", "Requires at least", "Requires PHP",
	"Update URI", "Tested up to", "License", "License URI", "Donate link",
}

var headerPatterns = func() map[string]*regexp.Regexp {
	patterns := make(map[string]*regexp.Regexp, len(pluginFields)+len(themeFields))
	for _, field := range slices.Concat(pluginFields, themeFields) {
		patterns[field] = regexp.MustCompile(`(?mi)^(?:[ \t]*<\?php)?[ \t/*#@]*` + regexp.QuoteMeta(field) + `:(.*)$`)
	}
	return patterns
}()

// headerEnd is where a comment or PHP ends within a header's line.
var headerEnd = regexp.MustCompile(`\s*(?:\*/|\?>).*`)

// ParseHeader reads the header of a plugin's PHP file as WordPress's
// get_file_data does: the first 8 KB, any comment style, the first match of each
// field. Text is made plain: no tags, no control characters, valid UTF-8.
func ParseHeader(src []byte) Header { return parseHeader(src, pluginFields) }

// ParseThemeHeader reads the header of a theme's style.css in the same way.
func ParseThemeHeader(src []byte) Header { return parseHeader(src, themeFields) }

func parseHeader(src []byte, fields []string) Header {
	text := strings.ReplaceAll(string(src[:min(len(src), HeaderBytes)]), "\r", "\n")
	header := Header{}
	for _, field := range fields {
		if match := headerPatterns[field].FindStringSubmatch(text); match != nil {
			if value := plainText(headerEnd.ReplaceAllString(match[1], "")); value != "" {
				header[field] = value
			}
		}
	}
	return header
}

// rawVersion is the Version header as WordPress compares it, which makes no
// text of it.
func rawVersion(src []byte) string {
	text := strings.ReplaceAll(string(src[:min(len(src), HeaderBytes)]), "\r", "\n")
	match := headerPatterns["Version"].FindStringSubmatch(text)
	if match == nil {
		return ""
	}
	return strings.Trim(headerEnd.ReplaceAllString(match[1], ""), " \t\n\r\x00\x0b")
}

var phpTag = regexp.MustCompile(`(?i)<\?php\b`)

// withVersion is a main file with a Version header that it lacks, as a comment
// of its own: behind PHP's first tag, or in a style sheet at the top, behind
// its @charset. Nil where WordPress would not read it there, or would read
// something else differently.
func withVersion(src []byte, version string) []byte {
	at, comment := 0, "/* Version: "+version+" */\n"
	if tag := phpTag.FindIndex(src[:min(len(src), HeaderBytes)]); tag != nil {
		at, comment = tag[1], "\n"+comment
	} else if charset := bytes.IndexByte(src, ';'); bytes.HasPrefix(src, []byte("@charset ")) && charset > 0 {
		at, comment = charset+1, "\n"+comment
	}
	with := slices.Concat(src[:at], []byte(comment), src[at:])
	fields := slices.Concat(pluginFields, themeFields)
	before, after := parseHeader(src, fields), parseHeader(with, fields)
	if after["Version"] != version || rawVersion(with) != version {
		return nil
	}
	delete(after, "Version")
	if !maps.Equal(before, after) {
		return nil
	}
	return with
}

// MaxText bounds one plain text value, in bytes: names and descriptions are
// one line.
const MaxText = 2 << 10

var tagPattern = regexp.MustCompile(`</?[A-Za-z!][^<>]*>`)

// plainText makes one line of text that can do no harm where WordPress prints
// it unescaped: tags go, and so does what is left of angle brackets, control
// characters and invalid bytes.
func plainText(s string) string {
	if len(s) > MaxText {
		s = s[:MaxText]
	}
	s = strings.ToValidUTF8(s, "")
	s = tagPattern.ReplaceAllString(s, "")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			return ' '
		case r == '<' || r == '>' || r == utf8.RuneError || unicode.IsControl(r):
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}
