package readme

import (
	"fmt"
	"strings"
)

// Severity is how bad a problem is.
type Severity string

// The severities, as WordPress.org's readme validator has them.
const (
	SeverityError   Severity = "error"   // WordPress.org refuses the readme
	SeverityWarning Severity = "warning" // something the author wrote has no effect there
	SeverityNote    Severity = "note"    // something is missing that could be there
)

// Problem is what WordPress.org's readme validator would say. Its check for
// rarely used tags is left out: it needs the directory's own figures.
type Problem struct {
	Severity Severity
	Code     string   // WordPress.org's, such as "invalid_license"
	Values   []string // what it concerns, if anything, as the author wrote it
	Line     int      // from 1; of something missing, where it could go; 0 is the whole file
	Message  string   // what is wrong
	Remedy   string   // what to do about it
}

// Validate lists the problems in WordPress.org's order: errors, warnings,
// notes.
func (r *Readme) Validate() []Problem {
	return r.problems(func(key string) bool {
		s := r.Section(key)
		if s == nil {
			return true
		}
		switch key {
		case "screenshots":
			return len(r.screenshotsHTML(s, Options{Profile: r.profile})) == 0
		}
		return isEmpty(r.SectionHTML(key, Options{}))
	})
}

// problems is Validate; empty reports whether a section renders to nothing.
func (r *Readme) problems(empty func(key string) bool) []Problem {
	v := &validator{readme: r, warnings: map[string]*Warning{}}
	for i := range r.Warnings {
		v.warnings[r.Warnings[i].Key] = &r.Warnings[i]
	}
	v.errors()
	v.ignored()
	v.missing(empty)
	return v.found
}

// validator gathers the problems of one readme.
type validator struct {
	readme   *Readme
	warnings map[string]*Warning
	found    []Problem
}

// add files a problem that has no warning of its own.
func (v *validator) add(s Severity, code string, line int) {
	v.file(s, Warning{Key: code, Line: line})
}

// warned files a problem for the warning, if the parser gave it, and reports
// whether it did.
func (v *validator) warned(s Severity, code string) bool {
	w, ok := v.warnings[code]
	if ok {
		v.file(s, *w)
	}
	return ok
}

func (v *validator) file(s Severity, w Warning) {
	says := sayings[w.Key]
	if section, ok := strings.CutPrefix(w.Key, "trimmed_section_"); ok {
		says = saying{
			fmt.Sprintf("WordPress.org shows only the first %d words of the section %q.", wordLimit(section), section),
			"Shorten the section, or move old or detailed parts to your website.",
		}
	}
	message := says.message
	if len(w.Values) > 0 {
		message = fmt.Sprintf(says.message, strings.Join(w.Values, ", "))
	}
	v.found = append(v.found, Problem{Severity: s, Code: w.Key, Values: w.Values, Line: w.Line, Message: message, Remedy: says.remedy})
}

func (v *validator) errors() {
	r := v.readme
	if !v.warned(SeverityError, "invalid_plugin_name_header") && isEmpty(r.Name) {
		v.add(SeverityError, "invalid_plugin_name_header", r.places.name)
	}
	if names := trademarks(r.Name); len(v.found) == 0 && len(names) > 0 {
		v.file(SeverityError, Warning{Key: "trademarked_name", Values: names, Line: r.places.name})
	}
	if _, missing := v.warnings["license_missing"]; !missing {
		v.warned(SeverityError, "invalid_license")
	}
}

// ignored is what the author wrote in vain.
func (v *validator) ignored() {
	r := v.readme
	v.warned(SeverityWarning, "readme_too_large")
	v.warned(SeverityWarning, "requires_header_ignored")
	if !v.warned(SeverityWarning, "tested_header_ignored") && isEmpty(r.Headers.Tested) {
		v.add(SeverityWarning, "tested_header_missing", r.place(fieldTested))
	}
	v.warned(SeverityWarning, "requires_php_header_ignored")
	if tag := r.Headers.StableTag; isEmpty(tag) || strings.Contains(tag, "trunk") {
		v.add(SeverityWarning, "stable_tag_invalid", r.place(fieldStableTag))
	}
	v.warned(SeverityWarning, "contributor_ignored")
	if w, ok := v.warnings["license_missing"]; ok {
		missing := *w
		missing.Line = r.place(fieldLicense)
		v.file(SeverityWarning, missing)
	}
	v.warned(SeverityWarning, "too_many_tags")
	v.warned(SeverityWarning, "ignored_tags")
	if _, missing := v.warnings["no_short_description_present"]; !missing {
		v.warned(SeverityWarning, "trimmed_short_description")
	}
	for _, w := range r.Warnings {
		if strings.HasPrefix(w.Key, "trimmed_section_") {
			v.file(SeverityWarning, w)
		}
	}
}

// missing is what could be there.
func (v *validator) missing(empty func(key string) bool) {
	r := v.readme
	if _, ignored := v.warnings["contributor_ignored"]; !ignored && len(r.Headers.Contributors) == 0 {
		v.add(SeverityNote, "contributors_missing", r.place(fieldContributors))
	}
	_, noLicense := v.warnings["license_missing"]
	_, badLicense := v.warnings["invalid_license"]
	if !noLicense && !badLicense {
		v.warned(SeverityNote, "unknown_license")
	}
	if isEmpty(r.Headers.Requires) {
		v.add(SeverityNote, "requires_header_missing", r.place(fieldRequires))
	}
	if isEmpty(r.Headers.RequiresPHP) {
		v.add(SeverityNote, "requires_php_header_missing", r.place(fieldRequiresPHP))
	}
	if _, ok := v.warnings["no_short_description_present"]; ok {
		v.add(SeverityNote, "no_short_description_present", r.places.lastHeader)
	}
	if empty("faq") {
		v.add(SeverityNote, "faq_missing", r.sectionLine("faq"))
	}
	if empty("changelog") {
		v.add(SeverityNote, "changelog_missing", r.sectionLine("changelog"))
	}
	if len(r.UpgradeNotice) == 0 {
		v.add(SeverityNote, "upgrade_notice_missing", r.sectionLine("upgrade_notice"))
	}
	if empty("screenshots") {
		v.add(SeverityNote, "screenshots_missing", r.sectionLine("screenshots"))
	}
	if isEmpty(r.Headers.DonateLink) {
		v.add(SeverityNote, "donate_link_missing", r.place(fieldDonateLink))
	}
}

// place is the line of a header, or where it could go: below the others, or
// below the name.
func (r *Readme) place(f field) int {
	switch {
	case r.places.headers[f] > 0:
		return r.places.headers[f]
	case r.places.lastHeader > 0:
		return r.places.lastHeader
	}
	return r.places.name
}

// sectionLine is the line of a section, or 0.
func (r *Readme) sectionLine(key string) int {
	if s := r.Section(key); s != nil {
		return s.Line
	}
	return 0
}
