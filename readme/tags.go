package readme

import (
	"slices"
	"strings"
)

// MaxTags is how many tags WordPress.org shows.
const MaxTags = 5

// readTags splits the tags. Those that say nothing of a plugin are left out.
func (p *walker) readTags(h header) {
	var tags, ignored []string
	for tag := range strings.SplitSeq(h.value, ",") {
		switch tag = trim(tag); {
		case isEmpty(tag):
		case tag == "plugin", tag == "wordpress": // only as spelt here: "WordPress" stays
			ignored = append(ignored, tag)
		default:
			if tag = p.value(tag); tag != "" {
				tags = append(tags, tag)
			}
		}
	}
	if len(ignored) > 0 {
		p.warn("ignored_tags", h.line, ignored...)
	}
	if len(tags) > MaxTags {
		p.warn("too_many_tags", h.line, slices.Clone(tags[MaxTags:])...)
		if !p.has(AllTags) {
			tags = tags[:MaxTags:MaxTags]
		}
	}
	p.readme.Headers.Tags = tags
}
