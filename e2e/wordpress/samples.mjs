// The plugins and themes that are released: folders as they lie in their
// repositories, with the updater within.
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const images = new URL('../../cmd/pluginyard/demo/hello-yard/common/.wordpress-org', import.meta.url).pathname;

function write(folder, files) {
	for (const [name, text] of Object.entries(files)) {
		mkdirSync(dirname(join(folder, name)), { recursive: true });
		writeFileSync(join(folder, name), text);
	}
}

// plugin writes a plugin of a version to a folder. updater is the text of its
// updater and start the line that starts it; header and stable are what the file's header and
// the readme say; without header it has none. tested is a WordPress.
export function plugin(folder, { slug, name, version, header = version, stable = version, tested, base, updater, start, extra = {} }) {
	write(folder, {
		[`${slug}.php`]: `<?php
/**
 * Plugin Name:       ${name}
 * Plugin URI:        https://example.com/${slug}
 * Description:       A sample of ${slug}.
 * Requires at least: 5.8${header && `\n * Version:           ${header}`}
 * Requires PHP:      7.4
 * Author:            Acme
 * Author URI:        https://example.com
 * License:           GPL-2.0-or-later
 * Update URI:        ${base}/${slug}.json
 */

defined( 'ABSPATH' ) || exit;

${start}

add_shortcode( '${slug}', function () { return '${slug} ${version}'; } );
`,
		'includes/updater.php': updater,
		[`only-in-${version}.txt`]: `${version}\n`,
		'readme.txt': `=== ${name} ===
Contributors: acme
Tags: greeting, sample
Requires at least: 5.8
Tested up to: ${tested}
Requires PHP: 7.4
Stable tag: ${stable}
License: GPLv2 or later

A sample of ${slug}.

== Description ==

What ${slug} does, in **${version}**.

* one
* two

== Installation ==

1. Upload it.
2. Activate it.

== Frequently Asked Questions ==

= Why? =

Because.

== Screenshots ==

1. The first picture.
2. The second picture.

== Changelog ==

= ${version} =
* What is new in ${version}.

== Upgrade Notice ==

= ${version} =
Better than what was before ${version}.
`,
		...extra,
	});
	cpSync(images, join(folder, '.wordpress-org'), { recursive: true });
}

// theme writes a theme of a version to a folder.
export function theme(folder, { slug, name, version, tested, base, updater, start }) {
	write(folder, {
		'style.css': `/*
Theme Name: ${name}
Theme URI: https://example.com/${slug}
Author: Acme
Author URI: https://example.com
Description: A sample of ${slug}.
Version: ${version}
Requires at least: 5.8
Tested up to: ${tested}
Requires PHP: 7.4
License: GPL-2.0-or-later
License URI: https://www.gnu.org/licenses/gpl-2.0.html
Text Domain: ${slug}
Update URI: ${base}/${slug}.json
*/
`,
		'index.php': `<?php wp_head(); ?>${slug} ${version}<?php wp_footer();\n`,
		'functions.php': `<?php\n${start}\n`,
		'includes/updater.php': updater,
		[`only-in-${version}.txt`]: `${version}\n`,
	});
	cpSync(join(images, 'screenshot-1.png'), join(folder, 'screenshot.png'));
}
