package registry

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// checkClaims compares what header, readme and code say of versions.
func (b *builder) checkClaims(main *mainSource, text *readmeSource) {
	b.checkWordPressVersion(main, "Tested up to", "tested_unknown", "sites are told nothing about newer versions then")
	b.checkWordPressVersion(main, "Requires at least", "requires_unknown", "no site could install it")
	b.checkPHPVersion(main)
	b.checkSame(main, text, "Requires at least", text.readme.Headers.Requires, "requires_mismatch")
	b.checkSame(main, text, "Requires PHP", text.readme.Headers.RequiresPHP, "requires_php_mismatch")
	b.checkSame(main, text, "Tested up to", text.readme.Headers.Tested, "tested_mismatch")
	b.checkRequiresAboveTested(main, text)
	if main.kind == TypePlugin {
		b.checkConstant(main)
	}
	b.checkChangelog(main, text)
}

var claimedVersionPattern = regexp.MustCompile(`^\d+(?:\.\d+){1,2}$`)

// checkWordPressVersion looks at a header that names a version of WordPress:
// it must be one, and at most the one after the newest known branch.
func (b *builder) checkWordPressVersion(main *mainSource, field, code, consequence string) {
	value := main.header[field]
	found := Finding{Severity: SeverityWarning, Code: code, Place: main.name, Line: main.line(field)}
	switch {
	case value == "":
		return
	case !claimedVersionPattern.MatchString(value):
		found.Message = fmt.Sprintf("%s: %q is not a version of WordPress.", field, value)
		found.Remedy = fmt.Sprintf("Write the number alone, such as \"%s: %s\".", field, b.stable)
	case branchNumber(value) > branchNumber(b.stable)+1:
		found.Message = fmt.Sprintf("%s names WordPress %s, but the newest that is known is %s; %s.", field, value, b.stable, consequence)
		found.Remedy = fmt.Sprintf("Write the version that you tried it with, such as \"%s: %s\".", field, b.stable)
	default:
		return
	}
	b.add(found)
}

// branchNumber numbers WordPress's branches: 6.9 is followed by 7.0.
func branchNumber(version string) int {
	major, rest, _ := strings.Cut(version, ".")
	minor, _, _ := strings.Cut(rest, ".")
	x, _ := strconv.Atoi(major)
	y, _ := strconv.Atoi(minor)
	const most = 1 << 20 // any number of a stranger's, times ten
	return min(x, most)*10 + min(y, most)
}

func (b *builder) checkPHPVersion(main *mainSource) {
	value := main.header["Requires PHP"]
	if value == "" || claimedVersionPattern.MatchString(value) {
		return
	}
	b.add(Finding{
		Severity: SeverityWarning, Code: "requires_php_invalid", Place: main.name, Line: main.line("Requires PHP"),
		Message: fmt.Sprintf("Requires PHP: %q is not a version of PHP.", value),
		Remedy:  "Write the number alone, with its minor version, such as \"Requires PHP: 7.4\".",
	})
}

// checkSame compares a header with the same one in the readme, where it is
// valid in both.
func (b *builder) checkSame(main *mainSource, text *readmeSource, field, inReadme, code string) {
	inHeader := main.header[field]
	if inHeader == "" || inReadme == "" || !claimedVersionPattern.MatchString(inHeader) || CompareVersions(inHeader, inReadme) == 0 {
		return
	}
	b.add(Finding{
		Severity: SeverityWarning, Code: code, Place: main.name, Line: main.line(field),
		Message: fmt.Sprintf("%s is %s in the %s header and %s in %s; WordPress itself and this registry go by the header, WordPress.org may not.", field, inHeader, main.kind, inReadme, text.name),
		Remedy:  "Write the same version into both.",
	})
}

func (b *builder) checkRequiresAboveTested(main *mainSource, text *readmeSource) {
	requires, place, line := main.header["Requires at least"], main.name, main.line("Requires at least")
	if requires == "" {
		requires, place, line = text.readme.Headers.Requires, text.name, text.headerLine("requires at least")
	}
	tested := main.header["Tested up to"]
	if tested == "" {
		tested = text.readme.Headers.Tested
	}
	if !claimedVersionPattern.MatchString(requires) || !claimedVersionPattern.MatchString(tested) || branchNumber(requires) <= branchNumber(tested) {
		return
	}
	b.add(Finding{
		Severity: SeverityWarning, Code: "requires_above_tested", Place: place, Line: line,
		Message: fmt.Sprintf("It requires WordPress %s, but was tested up to %s only.", requires, tested),
		Remedy:  "Raise \"Tested up to\", or lower \"Requires at least\".",
	})
}

// constantPattern finds constants that are named like a version and hold one.
var constantPattern = regexp.MustCompile(`(?:\bdefine\(\s*['"](\w*VERSION)['"]\s*,|\bconst\s+(?:string\s+)?(\w*VERSION)\s*=)\s*['"]v?(\d[\w.+-]*)['"]`)

// otherVersions are words in names of constants that hold another version than
// the plugin's own.
var otherVersions = regexp.MustCompile(`(?:^|_)(?:PHP|WP|WORDPRESS|WC|WOOCOMMERCE|ELEMENTOR|MIN|MINIMUM|MAX|REQUIRED?|REQUIRES|DB|DATABASE|SCHEMA|TABLE|API|ASSETS?|STABLE|TESTED|JQUERY|SDK|PRO|LATEST|PREVIOUS|OLD)_`)

// checkConstant compares the version with the one constant of the main file
// that is clearly meant to be the same.
func (b *builder) checkConstant(main *mainSource) {
	version := main.header["Version"]
	matches := constantPattern.FindAllSubmatchIndex(main.text, 10)
	var found []int
	for _, m := range matches {
		name := string(main.text[max(m[2], m[4]):max(m[3], m[5])])
		if otherVersions.MatchString(name) {
			continue
		}
		if found != nil {
			return // which of them is meant is not clear
		}
		found = m
	}
	if found == nil || version == "" {
		return
	}
	name, value := string(main.text[max(found[2], found[4]):max(found[3], found[5])]), string(main.text[found[6]:found[7]])
	if len(value) > MaxVersion || sameNumber(value, version) {
		return
	}
	b.add(Finding{
		Severity: SeverityWarning, Code: "version_constant_mismatch", Place: main.name, Line: lineAt(main.text, found[6]),
		Message: fmt.Sprintf("%s is %s, but the %s header's version is %s.", name, value, main.kind, version),
		Remedy:  fmt.Sprintf("Set %s to '%s'.", name, version),
	})
}

// sameNumber reports whether two versions are the same for people: 1.2 is
// 1.2.0, which WordPress takes for newer.
func sameNumber(a, b string) bool {
	return CompareVersions(withoutZeros(a), withoutZeros(b)) == 0
}

func withoutZeros(version string) string {
	for strings.HasSuffix(version, ".0") {
		version = strings.TrimSuffix(version, ".0")
	}
	return version
}

var entryVersionPattern = regexp.MustCompile(`\d+(?:\.\d+)+(?:[.-]?(?:alpha|beta|rc|dev|a|b)[.-]?\d*)?`)

// checkChangelog looks whether the changelog's newest entry is the version's.
// It says nothing where the changelog has no headings with versions, or while
// the next version is under way.
func (b *builder) checkChangelog(main *mainSource, text *readmeSource) {
	version := main.header["Version"]
	section := text.readme.Section("changelog")
	if section == nil || !isPlainVersion(version) || !entryVersionPattern.MatchString(version) {
		return
	}
	newest, heading := "", ""
	for line := range strings.Lines(section.Markdown) {
		line = strings.TrimSpace(line)
		bold := strings.HasPrefix(line, "**") && strings.HasSuffix(line, "**")
		if !bold && !strings.HasPrefix(line, "=") && !strings.HasPrefix(line, "#") {
			continue
		}
		entry := entryVersionPattern.FindString(line)
		switch {
		case entry == "" || len(entry) > MaxVersion:
		case sameNumber(entry, version):
			return
		case newest == "" || CompareVersions(entry, newest) > 0:
			newest, heading = entry, line
		}
	}
	if newest == "" {
		return
	}
	found := Finding{Severity: SeverityNote, Code: "changelog_mismatch", Place: text.name, Line: text.lineOf(heading, section.Line)}
	found.Message = fmt.Sprintf("The changelog's newest entry is %s; version %s has none.", newest, version)
	found.Remedy = fmt.Sprintf("Add an entry under \"= %s =\".", version)
	if CompareVersions(newest, version) > 0 {
		found.Severity = SeverityWarning
		found.Message = fmt.Sprintf("The changelog's newest entry is %s, but the %s header's version is %s.", newest, main.kind, version)
		found.Remedy = fmt.Sprintf("Set \"Version: %s\" in the header, or correct the changelog.", newest)
	}
	b.add(found)
}

// lineOf is the number of the first line after a given one that holds that
// text, trimmed; else the given one.
func (r *readmeSource) lineOf(text string, after int) int {
	for i, line := range r.lines() {
		if i >= after && strings.TrimSpace(line) == text {
			return i + 1
		}
	}
	return after
}
