package registry

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// HeaderBytes is how much of a file WordPress's get_file_data reads.
const HeaderBytes = 8 << 10

// Header is a plugin's header comment: the value of each field that is present,
// by WordPress's name for it ("Plugin Name", "Requires at least").
type Header map[string]string

// headerFields are get_plugin_data's fields and those that authors add for
// registries. License is not WordPress's, but every plugin has it.
var headerFields = []string{
	"Plugin Name", "Plugin URI", "Version", "Description", "Author", "Author URI",
	"Text Domain", "Domain Path", "Network", "Requires at least", "Requires PHP",
	"Requires Plugins", "Update URI", "Tested up to", "License", "License URI", "Donate link",
}

var headerPatterns = func() map[string]*regexp.Regexp {
	patterns := make(map[string]*regexp.Regexp, len(headerFields))
	for _, field := range headerFields {
		patterns[field] = regexp.MustCompile(`(?mi)^(?:[ \t]*<\?php)?[ \t/*#@]*` + regexp.QuoteMeta(field) + `:(.*)$`)
	}
	return patterns
}()

// headerEnd is where a comment or PHP ends within a header's line.
var headerEnd = regexp.MustCompile(`\s*(?:\*/|\?>).*`)

// ParseHeader reads the header of a PHP file as WordPress's get_file_data
// does: the first 8 KB, any comment style, the first match of each field. Text
// is made plain: no tags, no control characters, valid UTF-8.
func ParseHeader(src []byte) Header {
	text := strings.ReplaceAll(string(src[:min(len(src), HeaderBytes)]), "\r", "\n")
	header := Header{}
	for _, field := range headerFields {
		if match := headerPatterns[field].FindStringSubmatch(text); match != nil {
			if value := plainText(headerEnd.ReplaceAllString(match[1], "")); value != "" {
				header[field] = value
			}
		}
	}
	return header
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
