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

// header is one "Key: value" line; the zero value is a header that is absent.
type header struct {
	key, value string
	line       int // from 1
}

// field is a header that WordPress.org knows.
type field int

const (
	fieldContributors field = iota
	fieldTags
	fieldRequires
	fieldTested
	fieldRequiresPHP
	fieldStableTag
	fieldLicense
	fieldLicenseURI
	fieldDonateLink
	fields
)

// headerField maps a lower-case key to the field that WordPress.org files it
// under.
func headerField(key string) (f field, known bool) {
	switch key {
	case "contributors":
		return fieldContributors, true
	case "tags":
		return fieldTags, true
	case "requires", "requires at least":
		return fieldRequires, true
	case "tested", "tested up to":
		return fieldTested, true
	case "requires php":
		return fieldRequiresPHP, true
	case "stable tag":
		return fieldStableTag, true
	case "license":
		return fieldLicense, true
	case "license uri":
		return fieldLicenseURI, true
	case "donate link":
		return fieldDonateLink, true
	}
	return 0, false
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
	var found [fields]header
	places := &p.readme.places
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
		f, known := headerField(h.key)
		switch {
		case known:
			found[f] = h
			places.headers[f] = h.line
		case afterBlank:
			p.readHeaders(&found)
			return
		case p.has(ExtraHeaders):
			p.keepExtra(h)
		}
		places.lastHeader = h.line
		afterBlank = false
	}
	p.readHeaders(&found)
}

// readHeaders makes values of the lines, in the order of WordPress.org's
// warnings.
func (p *walker) readHeaders(found *[fields]header) {
	for i := range found {
		if isEmpty(found[i].value) {
			found[i].value = ""
		}
	}
	headers := &p.readme.Headers
	p.readTags(found[fieldTags])
	p.readVersions(found)
	p.readContributors(found[fieldContributors])
	headers.StableTag = stableTag(found[fieldStableTag].value)
	headers.DonateLink = p.address(found[fieldDonateLink].value)
	p.readLicense(found[fieldLicense], found[fieldLicenseURI])
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
	extra[h.key] = p.value(h.value)
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

// stableTag reduces a stable tag to what can name a folder in Subversion:
// "/tags/1.0" is "1.0", ".5" is "0.5".
func stableTag(value string) string {
	tag := strings.Trim(trim(value), `"'`)
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
	return tag
}
