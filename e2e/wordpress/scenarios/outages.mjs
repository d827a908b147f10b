// What happens when WordPress.org or the registry is away.
import assert from 'node:assert/strict';
import { plain } from '../site.mjs';

// WordPress itself warns when api.wordpress.org is away.
const warning = /An unexpected error occurred\. Something may be wrong with WordPress\.org/;

export const outages = [
	{ name: 'updates arrive while api.wordpress.org is away', run: withoutApi, expected: warning },
	{ name: 'a registry that is away breaks nothing', run: withoutRegistry },
	{ name: 'a registry that never answers breaks nothing', run: hanging },
	{ name: 'a registry that answers nonsense breaks nothing', run: nonsense },
];

const pages = ['/', '/wp-admin/', '/wp-admin/plugins.php', '/wp-admin/themes.php', '/wp-admin/update-core.php'];

async function withoutApi(world) {
	const { site } = world;
	await world.put('garden-path', '1.0.0');
	await world.put('hello-yard', '1.0.0');
	site.api('down');
	const offers = await world.check();
	assert.equal(offers['hello-yard/hello-yard.php'], '1.1.0');
	assert.equal(offers['garden-path'], '1.1.0');
	assert.match(await site.get('/wp-admin/plugins.php'), /There is a new version of Hello Yard available/);
	assert.match(await site.upgrade('plugin', 'hello-yard/hello-yard.php'), /Hello Yard updated successfully/);
	await world.installed('hello-yard', '1.1.0');
	await site.wp('theme', 'update', 'garden-path');
	await world.installed('garden-path', '1.1.0');
	assert.deepEqual(await world.check(), {});
}

async function withoutRegistry(world) {
	const { stack } = world;
	await world.put('hello-yard', '1.0.0');
	for (const mode of ['down', 'error']) {
		await stack.lie(mode);
		await world.know();
		assert.deepEqual(await world.check(), {}, 'nothing is known');
		await quick(world);
		await stack.truth();
		assert.equal((await world.check())['hello-yard/hello-yard.php'], '1.1.0');
		await stack.lie(mode);
		assert.equal((await world.check())['hello-yard/hello-yard.php'], '1.1.0', 'the last good answer is forgotten');
		await quick(world);
	}
}

async function hanging(world) {
	const { site, stack } = world;
	await world.put('hello-yard', '1.0.0');
	await stack.lie('hang');
	await bounded(site, '/wp-admin/update-core.php?force-check=1'); // waits as long as the updater does
	await quick(world);
	await world.know();
	await quick(world);
	assert.ok((await stack.seen()).length <= 1, 'an updater that gives up tries again at once');
}

// bounded wants a page within the three seconds that the updater waits for the
// registry, and ten for a slow machine.
async function bounded(site, page) {
	const began = Date.now();
	await site.get(page);
	const took = Date.now() - began;
	assert.ok(took < 13_000, `${page} took ${took} ms`);
}

// quick wants every page to be answered without the registry.
async function quick({ site, stack, tell }) {
	await stack.forget();
	const began = Date.now();
	for (const page of pages) await bounded(site, page);
	const asked = (await stack.seen()).length;
	assert.ok(asked <= 1, `${asked} requests to a registry that is away, for ${pages.length} pages`);
	tell(`${pages.length} pages in ${Date.now() - began} ms, the registry away, ${asked} requests to it`);
}

async function nonsense(world) {
	const { site, stack } = world;
	await world.put('hello-yard', '1.0.0');
	const version = '"version":"';
	const lies = ['"version":[', '"version":"<script>', '"version":{"x":1},"y":"', '"version":null,"y":"'].map((text) => ['rewrite', { old: version, new: text }]);
	// Other things in the place of every field that wp-admin prints or iterates.
	const fields = ['new_version', 'url', 'package', 'icons', 'banners', 'requires', 'tested', 'upgrade_notice', 'sections', 'versions', 'contributors', 'digests', 'name', 'author'];
	for (const value of ['7', '{"a":{"b":[null]}}', '[["<script>1.1.0</script>"]]', '"<script>1.1.0</script>"', 'true']) {
		const entry = `{"version":"9.9.9",${fields.map((field) => `"${field}":${value}`).join()}`;
		lies.push(['answer', { new: `${entry},"hello-yard":${entry}}}` }]);
	}
	for (const text of ['null', '[]', '"1.1.0"', '{"hello-yard":', '<html>1.1.0', '{"hello-yard":null}', '{"hello-yard":[]}', '{"hello-yard":{"version":"9.9.9"}}']) {
		lies.push(['answer', { new: text }]);
	}
	for (const [mode, lie] of lies) {
		await stack.lie(mode, lie);
		await world.know();
		await world.check();
		for (const page of ['/wp-admin/plugins.php', '/wp-admin/update-core.php']) assert.ok(!(await site.get(page)).includes('<script>1.1.0'), lie.new);
		const { body } = await site.request('/wp-admin/plugin-install.php?tab=plugin-information&plugin=hello-yard&section=changelog');
		assert.ok(!body.includes('<script>1.1.0'), body);
		assert.match(plain(body), /What is new in 1\.1\.0|The registry \S+ could not tell about hello-yard|9\.9\.9/, lie.new);
	}
	world.tell(`${lies.length} nonsensical answers`);
}
