package registry

import (
	"fmt"
	"strings"
)

// findYanked looks for entries of yanked that take nothing back, which whoever
// wrote "1.3" for a release 1.3.0 would learn from its users. The order is the
// configuration's.
func (p *Plugin) findYanked(rec *record) []Finding {
	var found findings
	for _, entry := range p.Policy.Yanked {
		if p.yanksAny(rec, entry) {
			continue
		}
		found.add(Finding{
			Severity: SeverityWarning, Code: "yanked_unknown",
			Message: fmt.Sprintf("The registry's configuration takes back %q, and no release that is known has this version or tag, so nothing is taken back by it.", entry),
			Remedy:  "Write it as the release's tag or its Version header has it, such as 1.3.0, not 1.3; remove it if the release is gone.",
		})
	}
	return found.list
}

// yanksAny reports whether an entry of yanked names any release.
func (p *Plugin) yanksAny(rec *record, entry string) bool {
	alone := Policy{Yanked: []string{entry}}
	for i := range rec.Releases {
		release := &rec.Releases[i]
		if strings.HasPrefix(release.Tag, p.TagPrefix) && alone.yanks(rec.Versions[release.ID], release.Tag, TagVersion(release.Tag, p.TagPrefix)) {
			return true
		}
	}
	return false
}

// tellYanked tells the operator what findYanked found: when the record is read
// after a start, and after each survey.
func (s *Service) tellYanked(shelf *shelf, rec *record) {
	for _, found := range shelf.plugin.findYanked(rec) {
		s.log.Warn("a release that is to be taken back is not known", "plugin", shelf.plugin.Slug, "err", found.Message+" "+found.Remedy)
	}
}
