// Packages that are not what was signed, where the updater is not the one that
// is asked: it is not loaded, or the package isn't the update on offer.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { rmSync } from 'node:fs';
import { plain } from '../site.mjs';
import { before, refused } from './tampering.mjs';

export const guard = [
	{ name: 'nothing is installed while the updater is not loaded', run: unloaded },
	{ name: 'no theme is installed while its updater is not loaded', run: unloadedTheme },
	{ name: 'refused: forged packages at any address of the registry', run: addresses },
];

const file = 'fence-post/fence-post.php';

async function unloaded(world) {
	const { site, stack } = world;
	const stays = async (text) => {
		assert.doesNotMatch(text, /updated successfully|Success: Updated/);
		assert.ok(site.files('plugins', 'fence-post').includes('only-in-1.1.0.txt'), text);
	};
	// WordPress notes only in a second check what it checked; until then it
	// would look again, and find nothing without the updater.
	const find = async (mode) => {
		await stack.truth();
		assert.equal((await world.check())[file], '1.2.0');
		await site.eval('wp_update_plugins();');
		await stack.lie(mode);
	};
	for (const mode of ['zip', 'unsigned', '']) {
		await before(world);
		await find(mode);
		const { out, err } = await site.try(['plugin', 'update', 'fence-post', '--skip-plugins']);
		world.tell(`$ wp plugin update fence-post --skip-plugins # ${mode || 'nobody lies'}\n${(out + err).trim()}`);
		await stays(out + err);
		await find(mode); // WP-CLI has it forgotten that there is an update
		await site.eval(`require_once ABSPATH . 'wp-admin/includes/plugin.php'; deactivate_plugins( '${file}' );`);
		assert.match(plain(await site.get('/wp-admin/plugins.php')), /Automatic update is unavailable for this plugin/);
		const page = await site.upgrade('plugin', file);
		await stays(page);
		assert.match(page, /Update package not available\./);
		await stack.truth();
	}
	// Once it is active again what was found is enough.
	await stack.forget();
	await site.wp('plugin', 'activate', 'fence-post');
	assert.match(await site.upgrade('plugin', file), /Fence Post updated successfully/);
	await world.installed('fence-post', '1.2.0');
}

async function unloadedTheme(world) {
	const { site, stack } = world;
	for (const mode of ['zip', '']) {
		await world.put('garden-path', '1.0.0');
		assert.equal((await world.check())['garden-path'], '1.1.0');
		await site.wp('theme', 'activate', 'plain');
		await stack.lie(mode);
		const page = await site.upgrade('theme', 'garden-path');
		assert.match(page, /Update package not available\./);
		assert.ok(site.files('themes', 'garden-path').includes('only-in-1.0.0.txt'), page);
		await stack.truth();
	}
	await site.wp('theme', 'activate', 'garden-path');
	await site.wp('theme', 'update', 'garden-path');
	await world.installed('garden-path', '1.1.0');
}

// addresses are those at which the registry has fence-post, but for the update
// itself.
async function addresses(world) {
	const { site, stack } = world;
	await before(world);
	const { versions } = await stack.document('/fence-post.json');
	const paths = ['/fence-post.zip', '/release/fence-post.zip?update_id=1.0.0', '/packages/fence-post.1.0.0.zip', '/plugin/fence-post.1.0.0.zip',
		'/wp-json/softwareregistry/v1/swupdate/fence-post.zip'];
	const installs = [['fence-post', '--version=1.0.0'], ...Object.entries(versions).filter(([version]) => version !== 'trunk').map(([, url]) => url).concat(paths.map((path) => stack.base + path)).map((url) => [url])];
	for (const mode of ['zip', 'unsigned']) {
		await stack.lie(mode);
		for (const what of installs) {
			rmSync(join(site.folder, 'cli-cache'), { recursive: true, force: true });
			const { code, out, err } = await site.try(['plugin', 'install', ...what, '--force']);
			assert.equal(code, 1, `${mode} ${what}: ${out}${err}`);
			refused(out + err, 'fence-post', '1.1.0', /could not be verified/);
			assert.ok(site.files('plugins', 'fence-post').includes('only-in-1.1.0.txt'), `${mode} ${what}: ${out}${err}`);
		}
	}
	await world.put('garden-path', '1.1.0');
	const { versions: themes } = await stack.document('/garden-path.json');
	for (const what of [['garden-path', '--version=1.0.0'], [themes['1.0.0']], [`${stack.base}/theme/garden-path.1.0.0.zip`], [`${stack.base}/garden-path.zip`]]) {
		const { code, out, err } = await site.try(['theme', 'install', ...what, '--force']);
		assert.equal(code, 1, `${what}: ${out}${err}`);
		refused(out + err, 'garden-path', '1.1.0', /could not be verified/);
		await world.installed('garden-path', '1.1.0');
	}
	world.tell(`wp plugin install refuses ${installs.map((what) => what.join(' ').replace(stack.base, '')).join(', ')}`);
	await stack.truth();
	for (const what of [installs[0], [stack.base + paths[2]]]) {
		await world.put('fence-post', '1.1.0');
		await site.wp('plugin', 'install', ...what, '--force');
		await world.installed('fence-post', '1.0.0');
	}
}
