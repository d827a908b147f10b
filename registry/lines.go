package registry

import (
	"bytes"
	"strings"
)

// line is where a field of the plugin header stands, from 1; 0 if nowhere.
func (m *mainSource) line(field string) int {
	text := bytes.ReplaceAll(m.text[:min(len(m.text), HeaderBytes)], []byte("\r"), []byte("\n"))
	at := headerPatterns[field].FindSubmatchIndex(text)
	if at == nil {
		return 0
	}
	return lineAt(m.text, at[2])
}

// lineAt is the number of the line, from 1, that an offset lies in, whatever
// the line ends.
func lineAt(text []byte, at int) int {
	text = text[:at]
	return 1 + bytes.Count(text, []byte("\n")) + bytes.Count(text, []byte("\r")) - bytes.Count(text, []byte("\r\n"))
}

// lines are the readme's, without their ends.
func (r *readmeSource) lines() []string {
	return strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(r.text)), "\n")
}

// headerLine is where the last header of that name (lower case) stands, which
// is the one that counts; from 1, 0 if nowhere.
func (r *readmeSource) headerLine(name string) int {
	found := 0
	for i, line := range r.lines() {
		if i > 0 && strings.HasPrefix(line, "==") && !strings.HasPrefix(line, "===") {
			break
		}
		key, _, ok := strings.Cut(line, ":")
		if ok && strings.ToLower(strings.Trim(key, " \t*-")) == name {
			found = i + 1
		}
	}
	return found
}
