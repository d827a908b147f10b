package readme

import "strings"

// Summary is the Markdown of the description's subsection headed "Summary", or
// "". The reference registry shows it in place of the whole description where
// an author wrote one.
func (r *Readme) Summary() string {
	section := r.Section("description")
	if section == nil {
		return ""
	}
	var summary strings.Builder
	within := false
	fence := ""
	for line := range strings.Lines(section.Markdown) {
		trimmed := trim(line)
		switch {
		case fence != "":
			if isFenceEnd(trimmed, fence) {
				fence = ""
			}
		case strings.HasPrefix(trimmed, "=") || strings.HasPrefix(trimmed, "#"):
			if within {
				return trim(summary.String())
			}
			within = strings.EqualFold(strings.Trim(trimmed, "#= \t:"), "summary")
			continue
		default:
			fence = fenceMark(trimmed)
		}
		if within {
			summary.WriteString(line)
		}
	}
	return trim(summary.String())
}
