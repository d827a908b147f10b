package readme

import "strings"

// maxUserName is the length in bytes of WordPress's user_login column.
const maxUserName = 60

// readContributors splits the user names. Whether a user exists only
// WordPress.org knows; a name that no user can have is left out, with a
// warning.
func (p *walker) readContributors(h header) {
	if h.value == "" {
		return
	}
	var ignored []string
	for name := range strings.SplitSeq(h.value, ",") {
		name = strings.TrimLeft(trim(name), "@")
		if nice := niceName(name); nice != "" {
			p.readme.Headers.Contributors = append(p.readme.Headers.Contributors, nice)
		} else {
			ignored = append(ignored, p.value(name))
		}
	}
	if len(ignored) > 0 {
		p.warn("contributor_ignored", h.line, ignored...)
	}
}

// niceName is WordPress's user_nicename of a user name, which is what the
// address of a profile ends in: "Acme Inc." is "acme-inc". It is "" if no user
// can be called so.
func niceName(name string) string {
	if len(name) > maxUserName || name != trim(name) {
		return ""
	}
	nice := make([]byte, 0, maxUserName)
	named := false // whether there is a letter or a digit
	for _, c := range []byte(lower(name)) {
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			nice = append(nice, c)
			named = true
		case c == '_':
			nice = append(nice, c)
		case c == '.', c == ' ', c == '-':
			if len(nice) > 0 && nice[len(nice)-1] != '-' {
				nice = append(nice, '-')
			}
		case c == '@':
		default:
			return ""
		}
	}
	if !named {
		return ""
	}
	return strings.TrimRight(string(nice), "-")
}
