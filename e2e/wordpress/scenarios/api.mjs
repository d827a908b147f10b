// A WordPress that takes the registry for api.wordpress.org.
import assert from 'node:assert/strict';
import { writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { plain } from '../site.mjs';
import { background } from './ways.mjs';

export const api = [
	{ name: 'the registry answers in place of api.wordpress.org', run: inPlace },
	{ name: 'in its place it stops background updates, and never begins one', run: switched },
];

// bare makes Hello Yard without its updater be what is installed, and the
// registry what the site takes for api.wordpress.org.
async function bare(world) {
	const { site, stack } = world;
	const folder = join(site.root, 'wp-content/plugins/hello-yard');
	mkdirSync(folder);
	writeFileSync(join(folder, 'hello-yard.php'), '<?php\n/* Plugin Name: Hello Yard\nVersion: 1.0.0 */\n');
	await world.know(`activate_plugin( 'hello-yard/hello-yard.php' );`);
	site.api(stack.base);
}

async function inPlace(world) {
	const { site, stack } = world;
	await bare(world);
	const offers = await world.check();
	assert.equal(offers['hello-yard/hello-yard.php'], '1.1.0');
	const found = await site.wp('plugin', 'search', 'yard', '--fields=name,slug,rating');
	assert.match(found, /Hello Yard\s+hello-yard/);
	world.tell(`$ wp plugin search yard\n${found.trim()}`);
	const screen = plain(await site.get('/wp-admin/plugin-install.php?tab=search&type=term&s=yard'));
	assert.match(screen, /Hello Yard/);
	assert.match(screen, /Update Now|Updating/);
	for (const path of ['plugin-install.php', 'plugin-install.php?tab=popular', 'plugin-install.php?tab=search&type=tag&s=greeting',
		'plugin-install.php?tab=search&type=author&s=acme', 'plugin-install.php?tab=plugin-information&plugin=fence-post',
		'theme-install.php', 'theme-install.php?browse=popular', 'theme-install.php?theme=garden-path', 'theme-install.php?tab=theme-information&theme=garden-path',
		'update-core.php?force-check=1', 'index.php']) {
		await site.get(`/wp-admin/${path}`);
	}
	const themes = await site.post('/wp-admin/admin-ajax.php', { action: 'query-themes', 'request[per_page]': '100', 'request[browse]': 'popular' });
	assert.match(themes.body, /"success":true/);
	assert.match(themes.body, /garden-path/);
	world.tell(`$ wp plugin install fence-post --activate\n${(await site.wp('plugin', 'install', 'fence-post', '--activate')).trim()}`);
	await world.installed('fence-post', (await stack.document('/fence-post.json')).version);
	await site.wp('theme', 'install', 'garden-path');
	await site.wp('plugin', 'update', 'hello-yard');
	await world.installed('hello-yard', '1.1.0');
	world.tell(`$ wp plugin verify-checksums fence-post\n${(await site.wp('plugin', 'verify-checksums', 'fence-post')).trim()}`);
}

async function switched(world) {
	const { site, stack } = world;
	const version = () => site.read('plugins', 'hello-yard', 'hello-yard.php').match(/Version: +(\S+)/)[1];
	await world.under({ disable_autoupdate: true }, async () => {
		await bare(world);
		site.api(`${stack.base} plugins`); // the check of core begins background updates
		await background(world);
		assert.equal(version(), '1.0.0', 'updated though nobody asked for it');
		if (world.label !== '6.1') { // which knows of no such switch
			await site.wp('plugin', 'auto-updates', 'enable', 'hello-yard');
			await background(world);
			assert.equal(version(), '1.0.0', 'the switch is not heeded');
		}
	});
	await site.try(['plugin', 'auto-updates', 'enable', 'hello-yard']);
	await background(world);
	assert.equal(version(), '1.1.0', 'without the switch');
}
