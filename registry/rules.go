package registry

// Rule says what a code of findings stands for.
type Rule struct {
	Code  string
	Title string // a few words
	Help  string // why it matters, in general
}

// Rules lists the rules that are the registry's own, by what they look at.
// Those about the readme's text are WordPress.org's.
func Rules() []Rule {
	return []Rule{
		{"archive_refused", "The archive cannot be read", "An archive that is damaged, hostile or beyond the registry's bounds is refused as a whole."},
		{"installer_refused", "No installer can be made", "Nothing is served of a plugin whose files could not be unpacked by every site."},
		{"installer", "The installer was changed", "Something had to be left out or renamed to make a zip that every site can unpack."},
		{"asset_missing", "The release lacks its zip", "The configuration names a file of the release, and no file has that name."},

		{"main_file_missing", "No plugin or theme header", "WordPress knows a plugin by a PHP file in its folder with Plugin Name in its first 8 KB, a theme by a style.css with Theme Name."},
		{"main_file_refused", "The main file cannot be read", "The file that WordPress reads the header from is damaged or too large."},
		{"several_main_files", "Several plugin headers", "Each file with a plugin header at the top is a plugin of its own for WordPress."},
		{"plugin_and_theme", "A plugin and a theme", "One folder is installed as a plugin or as a theme, and WordPress would take it for either."},
		{"theme_incomplete", "A part of the theme is missing", "WordPress installs a theme only with style.css, and with templates/index.html or index.php unless it has a parent."},
		{"template_invalid", "No such parent theme", "A child theme names the directory of its parent, and is broken without it."},
		{"text_domain", "The text domain is another one", "Translations are looked for under the theme's directory name."},
		{"readme_missing", "No readme", "The details popup, the plugin's page and WordPress.org show what the readme says."},
		{"readme_refused", "The readme cannot be read", "The readme is missing where the configuration says, damaged or too large."},

		{"version_missing", "No version", "Without a version there is nothing to compare, and no update is ever offered."},
		{"version_header_missing", "The header has no version", "WordPress compares the Version header of what is installed with what is advertised."},
		{"tag_mismatch", "Tag and header disagree", "Sites are offered the version of the header, whatever the tag says."},
		{"stable_tag_mismatch", "Stable tag and header disagree", "WordPress.org serves the version that the stable tag names."},
		{"version_constant_mismatch", "Constant and header disagree", "Code that goes by the constant, such as addresses of scripts, goes on with the old version."},
		{"changelog_mismatch", "The changelog lacks the version", "Who updates wants to know what is new."},
		{"update_uri_missing", "No Update URI", "Without it a plugin of the same slug on WordPress.org could replace yours."},
		{"update_uri_foreign", "A foreign Update URI", "WordPress asks only the host of the Update URI for updates."},
		{"tested_unknown", "Tested with an unknown WordPress", "A version that does not exist yet is ignored, and so is what is no version."},
		{"requires_unknown", "Requires an unknown WordPress", "A version that does not exist yet keeps every site from installing it."},
		{"requires_php_invalid", "Requires PHP is no version", "What is no version is ignored or misread."},
		{"requires_mismatch", "Requires at least disagrees", "The header and the readme say different things."},
		{"requires_php_mismatch", "Requires PHP disagrees", "The header and the readme say different things."},
		{"tested_mismatch", "Tested up to disagrees", "The header and the readme say different things."},
		{"requires_above_tested", "Requires more than it was tested with", "A plugin was tried at least with the oldest WordPress that it requires."},

		{"yanked_unknown", "Nothing is taken back", "A version under yanked is compared whole: 1.3 is not 1.3.0, which goes on being offered."},

		{"secret_shipped", "A secret is shipped", "Who can download the plugin can read what is in it."},
		{"version_control_shipped", "Files of version control are shipped", "They are of no use to a site, and may tell more than you want."},
		{"dependencies_shipped", "Packages for building are shipped", "They make every download long, and are reachable from outside."},
		{"tests_shipped", "Tests are shipped", "Test code that can be reached from outside has been a way into sites."},
		{"litter_shipped", "Leftovers are shipped", "Editors and systems leave files that tell more than you want."},
		{"archive_shipped", "An archive is shipped", "WordPress.org refuses archives within the zip; nobody sees what is in them."},
		{"source_shipped", "Design sources are shipped", "Every site downloads them with every update, and none can open them."},
		{"build_configuration_shipped", "Build configuration is shipped", "It is of no use to a site."},
		{"large_file_shipped", "A large file is shipped", "Every site downloads it with every update."},

		{"banner_missing", "No banner", "The popup and the plugin's page show it at the top."},
		{"banner_size_missing", "A banner lacks a size", "WordPress.org wants 772×250 pixels, and 1544×500 for dense screens."},
		{"icon_missing", "No icon", "Lists of plugins and updates show it."},
		{"icon_size_missing", "An icon lacks a size", "WordPress.org wants 128×128 pixels, and 256×256 for dense screens."},
		{"screenshot_missing", "A screenshot is missing", "A caption without an image is shown to nobody, or alone."},
		{"theme_screenshot_missing", "No screenshot", "WordPress shows it among the themes, and so does the theme's page."},
		{"image_name", "An image has an unknown name", "Images are found by WordPress.org's names."},
		{"image_refused", "An image cannot be shown", "What is no image, damaged or too large is left out."},
		{"image_ignored", "An image is there twice", "Only one image has a place."},
		{"image_size", "An image has another size", "It is shown stretched or blurred."},
		{"image_type", "An image has another type", "The name's extension and the content differ."},
		{"image_format", "An image has an unwelcome format", "Not every directory takes every format."},
		{"image_cleaned", "An SVG was cleaned", "What could run script or load something is removed."},
		{"image_not_reduced", "An image cannot be reduced", "The small size is made from the large one where it can be."},

		{"more_findings", "There are more findings", "A report is bounded."},
	}
}
