package githubtest

import (
	"strings"
)

// accepts reports whether the Accept header names the media type.
func (c *call) accepts(mediaType string) bool {
	for _, header := range c.r.Header.Values("Accept") {
		for part := range strings.SplitSeq(header, ",") {
			name, _, _ := strings.Cut(part, ";")
			if strings.EqualFold(strings.TrimSpace(name), mediaType) {
				return true
			}
		}
	}
	return false
}

// asksFor reports whether the Accept header names one of GitHub's own forms,
// such as "raw" or "sha", with or without a version:
// https://docs.github.com/rest/using-the-rest-api/getting-started-with-the-rest-api#media-types
func (c *call) asksFor(form string) bool {
	for _, version := range []string{"", "v3."} {
		for _, suffix := range []string{"", "+json"} {
			if c.accepts("application/vnd.github." + version + form + suffix) {
				return true
			}
		}
	}
	return false
}
