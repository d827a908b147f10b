// Package pluginyard carries the files of the repository's root that the
// program hands out. They lie there for people who browse the repository, and
// embedding can't reach upward from where they are used.
package pluginyard

import _ "embed"

// ReadmeTemplate is a readme for plugin authors to start from, with every
// header and section explained in its place. It is itself a readme that
// WordPress.org accepts without a warning.
//
//go:embed readme_template.txt
var ReadmeTemplate string
