package registry

import "github.com/pluginyard/pluginyard/readme"

// checkReadme says what WordPress.org's validator would say of the readme.
func (b *builder) checkReadme(text *readmeSource, main *mainSource) {
	if text.name == "" {
		return
	}
	// What another source says need not be said again.
	others := facts{plugin: b.plugin, readme: &readme.Readme{}, repository: b.repo}
	if main != nil {
		others.header = main.header
	}
	requires, tested, requiresPHP, license := others.claims(others.values())
	kind := TypePlugin
	if main != nil {
		kind = main.kind
	}
	said := map[string]bool{
		"requires_header_missing": requires != "", "tested_header_missing": tested != "",
		"requires_php_header_missing": requiresPHP != "", "license_missing": license != "",
	}
	read := readme.Parse(text.text, readme.Options{Profile: readme.WPOrg, Stable: b.stable})
	for _, problem := range read.Validate() {
		severity := string(problem.Severity)
		if problem.Code == "trademarked_name" {
			// WordPress.org refuses it; whoever publishes here need not care.
			severity = SeverityNote
		}
		if !said[problem.Code] && (kind == TypePlugin || themeRules[problem.Code]) {
			b.add(Finding{
				Severity: severity, Code: problem.Code, Place: text.name, Line: problem.Line,
				Message: problem.Message, Remedy: problem.Remedy,
			})
		}
	}
}

// themeRules are the validator's rules that a theme's readme has to follow too.
// Its tags stand in style.css, it has one screenshot, and nobody shows its
// questions or notices.
var themeRules = map[string]bool{
	"readme_too_large": true, "requires_header_ignored": true, "requires_php_header_ignored": true,
	"tested_header_ignored": true, "tested_header_missing": true, "requires_header_missing": true, "requires_php_header_missing": true,
	"license_missing": true, "invalid_license": true, "unknown_license": true,
	"contributor_ignored": true, "contributors_missing": true, "changelog_missing": true,
}
