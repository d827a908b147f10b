package readme

import "strings"

// parseEntries splits an FAQ or the upgrade notices. If any line starts with
// "#" or "=" those lines are the headings, of whatever level; if none does,
// lines that are "**bold**" from end to end are. Text before the first heading
// has the heading "". Of headings that occur twice the first gives the place
// and the last the text; one followed at once by another heading is dropped.
func parseEntries(markdown string) []Entry {
	lines := strings.Split(markdown, "\n")
	heading := boldHeading
	for _, line := range lines {
		if line = trim(line); strings.HasPrefix(line, "#") || strings.HasPrefix(line, "=") {
			heading = signHeading
			break
		}
	}
	var entries []Entry
	index := map[string]int{}
	key, text := "", []string(nil)
	store := func() {
		at, ok := index[key]
		if !ok {
			at = len(entries)
			index[key] = at
			entries = append(entries, Entry{Heading: key})
		}
		entries[at].Markdown = trim(strings.Join(text, "\n"))
	}
	for _, line := range lines {
		title, ok := heading(trim(line))
		if !ok {
			text = append(text, line)
			continue
		}
		if len(text) > 0 {
			store()
		}
		key, text = plainText(title), nil
	}
	if !isEmpty(key) || !isEmpty(trim(strings.Join(text, "\n"))) {
		store()
	}
	return entries
}

// signHeading reads "= Question =" and "# Question" of any level.
func signHeading(line string) (string, bool) {
	if line == "" || line[0] != '#' && line[0] != '=' {
		return "", false
	}
	return strings.Trim(line, line[:1]+" \t"), true
}

// boldHeading reads a line that is "**Question**".
func boldHeading(line string) (string, bool) {
	if len(line) < 4 || !strings.HasPrefix(line, "**") || !strings.HasSuffix(line, "**") {
		return "", false
	}
	return strings.Trim(line, "* \t"), true
}
