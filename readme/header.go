package readme

import "strings"

// headerTrim is taken off both ends of a header's key and value, so that
// "* **Tags:** a, b" is a header too.
const headerTrim = " \t*-\r\n"

// Limits of what is gathered in Headers.Extra. A readme that opens with prose
// full of colons must not turn into a map of it.
const (
	MaxExtraHeaders   = 64 // header lines
	MaxExtraHeaderKey = 40 // bytes
)

// header is one "Key: value" line.
type header struct {
	key, value string
	line       int
}

// headerField maps a lower-case key to the one that WordPress.org files it
// under.
func headerField(key string) (field string, known bool) {
	switch key {
	case "tested", "tested up to":
		return "tested", true
	case "requires", "requires at least":
		return "requires", true
	case "requires php", "tags", "contributors", "donate link", "stable tag", "license", "license uri":
		return key, true
	}
	return key, false
}

// splitHeader reads a line as a header, known or not.
func splitHeader(line string) (h header, ok bool) {
	key, value, ok := strings.Cut(line, ":")
	if !ok || line[0] == '#' || line[0] == '=' {
		return header{}, false
	}
	return header{key: lower(strings.Trim(key, headerTrim)), value: strings.Trim(value, headerTrim)}, true
}

func isKnownHeader(line string) bool {
	h, ok := splitHeader(line)
	if !ok {
		return false
	}
	_, known := headerField(h.key)
	return known
}

// parseHeaders reads header lines up to the first line that is none. An
// unknown key ends them too if a blank line precedes it: then it is prose with
// a colon. Of repeated headers the last one counts.
func (p *walker) parseHeaders() {
	p.skipBlank()
	found := map[string]header{}
	afterBlank := false
	for ; p.next < len(p.lines); p.next++ {
		line := p.lines[p.next]
		if isEmpty(line) {
			afterBlank = true
			continue
		}
		h, ok := splitHeader(line)
		if !ok {
			break
		}
		h.line = p.next + 1
		field, known := headerField(h.key)
		if known {
			found[field] = h
		} else if afterBlank {
			break
		} else {
			p.keepExtra(h)
		}
		afterBlank = false
	}
	for field, h := range found {
		if isEmpty(h.value) {
			delete(found, field)
		}
	}
	p.readTags(found["tags"])
	p.readVersions(found)
	p.readContributors(found["contributors"])
	p.readStableTag(found["stable tag"])
	p.readLicense(found["license"], found["license uri"])
	p.readme.Headers.DonateLink = address(found["donate link"].value)
}

// keepExtra files a header line that WordPress.org does not know.
func (p *walker) keepExtra(h header) {
	extra := p.readme.Headers.Extra
	if len(extra) >= MaxExtraHeaders || !isHeaderKey(h.key) || h.value == "" {
		return
	}
	if extra == nil {
		extra = map[string]string{}
		p.readme.Headers.Extra = extra
	}
	extra[h.key] = plainText(h.value)
}

// isHeaderKey tells a header's key from the beginning of a sentence, a badge
// or an address.
func isHeaderKey(key string) bool {
	if key == "" || len(key) > MaxExtraHeaderKey || strings.Count(key, " ") > 3 {
		return false
	}
	return !strings.ContainsFunc(key, func(r rune) bool {
		return !('a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == ' ' || r == '-' || r == '_' || r >= 0x80)
	})
}

// readStableTag reduces a stable tag to what can name a folder in Subversion:
// "/tags/1.0" is "1.0", ".5" is "0.5".
func (p *walker) readStableTag(h header) {
	tag := strings.Trim(trim(h.value), `"'`)
	for _, prefix := range []string{"/tags/", "tags/"} {
		if len(tag) >= len(prefix) && lower(tag[:len(prefix)]) == prefix {
			tag = tag[len(prefix):]
			break
		}
	}
	tag = strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("_.-", r) {
			return r
		}
		return -1
	}, tag)
	if strings.HasPrefix(tag, ".") {
		tag = "0" + tag
	}
	p.readme.Headers.StableTag = tag
}
