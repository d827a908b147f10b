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
		if !said[problem.Code] {
			b.add(Finding{
				Severity: severity, Code: problem.Code, Place: text.name, Line: problem.Line,
				Message: problem.Message, Remedy: problem.Remedy,
			})
		}
	}
}
