package readme

// saying is what to tell the author of a problem. The message has a %s if the
// problem concerns values.
type saying struct{ message, remedy string }

// sayings has one for every code but those of sections, which name theirs.
var sayings = map[string]saying{
	"readme_too_large": {
		"The readme is longer than 1 MB; what follows is not read.",
		"Keep to what people read before they install: move the rest to your website.",
	},
	"invalid_plugin_name_header": {
		"The readme does not begin with the plugin's name.",
		`Make the first line "=== Your Plugin's Name ===", with the name that the plugin's main file has.`,
	},
	"invalid_license": {
		`The licence "%s" cannot be combined with the GPL, under which WordPress is.`,
		`Choose one that can, such as "License: GPLv2 or later".`,
	},
	"unknown_license": {
		`The licence "%s" is none that WordPress.org knows to be compatible with the GPL.`,
		`Give its usual short name, such as "GPLv2 or later", "MIT" or "Apache 2.0".`,
	},
	"trademarked_name": {
		`WordPress.org refuses a name with "%s" in it, or at its beginning, from anybody but the owner of the trademark.`,
		`Choose another, or put your own name first: "Hello Yard for ...".`,
	},
	"license_missing": {
		"The readme names no licence.",
		`Add "License: GPLv2 or later", or the licence that you chose, to the lines below the name.`,
	},
	"requires_header_ignored": {
		`"Requires at least" is no version of WordPress that exists, and has no effect.`,
		`Write a number such as 6.2 or 6.2.1 and nothing else; the second part has one digit.`,
	},
	"requires_header_missing": {
		`The readme does not say which WordPress the plugin needs.`,
		`Add "Requires at least: 6.2" with your version, here or in the main file.`,
	},
	"tested_header_ignored": {
		`"Tested up to" is no version of WordPress that exists, and has no effect.`,
		`Write the newest version that you tried, as a number such as 6.8 and nothing else; the second part has one digit.`,
	},
	"tested_header_missing": {
		"The readme does not say up to which WordPress the plugin was tested.",
		`Add "Tested up to: 6.8" with the newest version that you tried.`,
	},
	"requires_php_header_ignored": {
		`"Requires PHP" is no version of PHP, and has no effect.`,
		`Write a number of two or three parts such as 7.4 and nothing else: no "+", no ">=".`,
	},
	"requires_php_header_missing": {
		"The readme does not say which PHP the plugin needs.",
		`Add "Requires PHP: 7.4" with your version, here or in the main file.`,
	},
	"stable_tag_invalid": {
		`"Stable tag" names no release.`,
		`Set it to the version in the main file, such as "Stable tag: 1.0.0"; "trunk" cannot be rolled back.`,
	},
	"contributor_ignored": {
		`No user of WordPress.org can be called "%s".`,
		"List user names of WordPress.org, parted by commas: the last part of the address of a profile.",
	},
	"contributors_missing": {
		"The readme names no contributors.",
		`Add "Contributors:" with the user names on WordPress.org of those who work on the plugin.`,
	},
	"too_many_tags": {
		`WordPress.org reads five tags, and leaves out "%s".`,
		"Keep the five that people would search for.",
	},
	"ignored_tags": {
		`The tags "%s" say nothing of a plugin and are left out.`,
		"Replace them by what the plugin does.",
	},
	"trimmed_short_description": {
		"The short description has more than 150 characters, and WordPress.org cuts it.",
		"Say in one short sentence what the plugin does; the rest belongs into the description.",
	},
	"no_short_description_present": {
		"There is no short description; WordPress.org takes the first line of the description.",
		"Write a sentence of at most 150 characters between the headers and the first section.",
	},
	"faq_missing": {
		"There are no frequently asked questions.",
		`Add a section "== Frequently Asked Questions ==" with a "= Question? =" and its answer.`,
	},
	"changelog_missing": {
		"There is no changelog.",
		`Add a section "== Changelog ==" with a "= 1.0.0 =" for each version and what it changed.`,
	},
	"upgrade_notice_missing": {
		"There is no upgrade notice.",
		`Add a section "== Upgrade Notice ==" if there is a reason to update, with the version as its heading.`,
	},
	"screenshots_missing": {
		"There are no captions for screenshots.",
		`Add a section "== Screenshots ==" with a numbered list, one item for each image.`,
	},
	"donate_link_missing": {
		"There is no link for donations.",
		`Add "Donate link:" with an address if people can give something.`,
	},
}
