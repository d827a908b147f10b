package main

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxFaults bounds how many faults of one configuration are told: more are
// not read, and a file that is no configuration at all would give thousands.
const maxFaults = 50

// maxShown bounds how many bytes of a wrong value are repeated in a fault.
const maxShown = 80

// place says where a value was given: "pluginyard.yaml:12", "--listen",
// "PLUGINYARD_LISTEN". The zero value is nowhere.
type place struct {
	source string // the file's name, the flag or the variable
	line   int    // of the file, from 1; 0 for the others, or the file as a whole
}

func (p place) String() string {
	if p.line == 0 {
		return p.source
	}
	return fmt.Sprintf("%s:%d", p.source, p.line)
}

// fault is one mistake in the configuration.
type fault struct {
	place   place
	key     string // "refresh.every", "plugins[2].source"; may be empty
	value   string // as it was written, before variables; "" is not shown
	message string // what is wrong and the remedy
}

func (f fault) String() string {
	var b strings.Builder
	if f.place != (place{}) {
		fmt.Fprintf(&b, "%s: ", f.place)
	}
	if f.key != "" {
		fmt.Fprintf(&b, "%s: ", f.key)
	}
	if f.value != "" {
		fmt.Fprintf(&b, "%s: ", shown(f.value))
	}
	b.WriteString(f.message)
	return b.String()
}

// shown quotes a value, cut to [maxShown] bytes at a rune's border.
func shown(value string) string {
	short := cut(value)
	if short == value {
		return fmt.Sprintf("%q", value)
	}
	return fmt.Sprintf("%q…", short)
}

// cut is at most [maxShown] bytes of a text.
func cut(text string) string {
	if len(text) <= maxShown {
		return text
	}
	end := maxShown
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}

// faults are all mistakes of one configuration: those of the file in the order
// of its lines, then the others in the order in which they were found.
type faults []fault

// Error is one line per fault, at most [maxFaults].
func (fs faults) Error() string {
	var lines []string
	for i, f := range fs {
		if i == maxFaults {
			lines = append(lines, fmt.Sprintf("and %d more", len(fs)-maxFaults))
			break
		}
		lines = append(lines, f.String())
	}
	return strings.Join(lines, "\n")
}

// errorOrNil puts the faults in order. It is nil if there are none: a nil
// slice in an error is not.
func (fs faults) errorOrNil() error {
	if len(fs) == 0 {
		return nil
	}
	slices.SortStableFunc(fs, func(a, b fault) int {
		if a.place.line == 0 || b.place.line == 0 {
			return b.place.line - a.place.line // whatever has a line first
		}
		return a.place.line - b.place.line
	})
	return fs
}
