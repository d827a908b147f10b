// The other ways in which an update reaches a site.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { plain } from '../site.mjs';

export const ways = [
	{ name: 'wp plugin update installs the new version', run: byCommand },
	{ name: 'the toggle of the Plugins screen lets the background update come', run: inBackground },
	{ name: 'a theme is offered, described and updated', run: theme },
	{ name: 'a theme is updated in the background', run: themeInBackground },
	{ name: 'a staging environment gets the branch', run: staging },
];

async function byCommand(world) {
	const { site } = world;
	await world.put('hello-yard', '1.0.0');
	const list = async () => JSON.parse(await site.wp('plugin', 'list', '--name=hello-yard', '--fields=name,version,update,update_version', '--format=json'));
	assert.deepEqual(await list(), [{ name: 'hello-yard', version: '1.0.0', update: 'available', update_version: '1.1.0' }]);
	const said = await site.wp('plugin', 'update', 'hello-yard');
	assert.match(said, /Updated 1 of 1 plugins/);
	world.tell(`$ wp plugin update hello-yard\n${said.trim()}`);
	await world.installed('hello-yard', '1.1.0');
	assert.equal((await list())[0].update, 'none');
}

// background runs what WordPress's cron does twice a day; the check of core's
// version is what begins background updates.
export async function background(world) {
	await world.know();
	const said = await world.site.wp('cron', 'event', 'run', 'wp_version_check', 'wp_update_plugins', 'wp_update_themes');
	assert.ok(!existsSync(join(world.site.root, '.maintenance')), 'the site is left closed for maintenance');
	return said;
}

async function inBackground(world) {
	const { site } = world;
	await world.put('hello-yard', '1.0.0');
	await background(world);
	await world.installed('hello-yard', '1.0.0'); // nobody asked for it
	const page = await site.get('/wp-admin/plugins.php');
	const [, nonce] = page.match(/"ajax_nonce":"(\w+)"/);
	const answer = await site.post('/wp-admin/admin-ajax.php', {
		action: 'toggle-auto-updates', _ajax_nonce: nonce, state: 'enable', type: 'plugin', asset: 'hello-yard/hello-yard.php',
	});
	assert.match(answer.body, /"success":true/);
	site.take('mail.log');
	world.tell(`$ wp cron event run …\n${(await background(world)).trim()}`);
	await world.installed('hello-yard', '1.1.0');
	const mail = site.take('mail.log');
	assert.match(mail, /Hello Yard \(from version 1\.0\.0 to 1\.1\.0\)/);
	assert.match(await site.get('/wp-admin/plugins.php'), /Disable auto-updates/, 'no toggle of what is up to date');
}

async function theme(world) {
	const { site, stack } = world;
	await world.put('garden-path', '1.0.0');
	assert.deepEqual(await world.check(), { 'garden-path': '1.1.0' });
	const page = plain(await site.get('/wp-admin/update-core.php'));
	assert.match(page, /Garden Path[\s\S]*You have version 1\.0\.0 installed\. Update to 1\.1\.0/);
	assert.match(await site.get('/wp-admin/themes.php'), /There is a new version of Garden Path available/);
	const details = await site.eval(`
		require_once ABSPATH . 'wp-admin/includes/theme.php';
		return themes_api( 'theme_information', array( 'slug' => 'garden-path', 'fields' => array( 'sections' => true ) ) );`);
	assert.equal(details.version, '1.1.0');
	assert.ok(details.screenshot_url.startsWith(stack.base), details.screenshot_url);
	assert.equal((await fetch(details.screenshot_url)).status, 200);
	assert.equal((await fetch((await site.eval(`return get_site_transient( 'update_themes' )->response['garden-path']['url'];`)))).status, 200, 'the details page');
	const said = await site.wp('theme', 'update', 'garden-path');
	world.tell(`$ wp theme update garden-path\n${said.trim()}`);
	const files = await world.installed('garden-path', '1.1.0');
	world.tell(`files of garden-path 1.1.0: ${files.join(' ')}`);
	assert.deepEqual(await world.check(), {});
}

async function themeInBackground(world) {
	const { site } = world;
	await world.put('garden-path', '1.0.0');
	await site.wp('theme', 'auto-updates', 'enable', 'garden-path');
	await background(world);
	await world.installed('garden-path', '1.1.0');
	await site.wp('theme', 'auto-updates', 'disable', 'garden-path');
}

async function staging(world) {
	const { site, stack } = world;
	await world.release('hello-yard', '1.2.0-dev', { branch: 'develop', release: '' });
	await stack.offers('hello-yard', '1.2.0-dev', '?environment=staging');
	await world.put('hello-yard', '1.0.0');
	assert.equal((await world.check())['hello-yard/hello-yard.php'], '1.1.0');
	const env = { WP_ENVIRONMENT_TYPE: 'staging' };
	assert.equal((await world.check(env))['hello-yard/hello-yard.php'], '1.2.0-dev');
	const { code, out, err } = await site.try(['plugin', 'update', 'hello-yard'], env);
	assert.equal(code, 0, out + err);
	await world.installed('hello-yard', '1.2.0-dev');
	assert.deepEqual(await world.check(env), {});
}
