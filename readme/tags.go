package readme

import (
	"slices"
	"strings"
)

// MaxTags is how many tags WordPress.org shows; more only warn here.
const MaxTags = 5

// readTags splits the tags. Those that say nothing of a plugin are left out.
func (p *walker) readTags(h header) {
	var tags, ignored []string
	for tag := range strings.SplitSeq(h.value, ",") {
		switch tag = trim(tag); {
		case isEmpty(tag):
		case tag == "plugin", tag == "wordpress": // only as spelt here: "WordPress" stays
			ignored = append(ignored, plainText(tag))
		default:
			tags = append(tags, plainText(tag))
		}
	}
	p.readme.Headers.Tags = tags
	if len(ignored) > 0 {
		p.warn("ignored_tags", h.line, ignored...)
	}
	if len(tags) > MaxTags {
		p.warn("too_many_tags", h.line, slices.Clone(tags[MaxTags:])...)
	}
}
