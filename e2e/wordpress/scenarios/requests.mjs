// How often the registry and WordPress.org are asked, and what they are told.
import assert from 'node:assert/strict';

export const requests = [
	{ name: 'a check asks the registry once for all, and page views never do', run: counted },
	{ name: 'copies of different versions share one request and do not collide', run: copies },
	{ name: 'WordPress.org does not learn of what the registry updates', run: concealed },
];

const views = ['/', '/?p=1', '/?feed=rss2', '/wp-admin/', '/wp-admin/profile.php', '/wp-admin/edit.php', '/wp-admin/options-general.php'];

async function all(world) {
	await world.put('hello-yard', '1.0.0');
	await world.put('fence-post', '1.0.0');
	await world.put('garden-path', '1.0.0');
}

async function counted(world) {
	const { site, stack } = world;
	await all(world);
	for (const what of ['first', 'second']) {
		await stack.forget();
		await world.check();
		const seen = await stack.seen();
		assert.equal(seen.length, 1, `${what} check: ${seen.map(({ path }) => path)}`);
		const { searchParams, pathname } = new URL(seen[0].path, stack.base);
		assert.equal(pathname, '/plugin_info.json');
		assert.equal(searchParams.get('slugs'), 'fence-post,garden-path,hello-yard');
		assert.equal(searchParams.get('environment'), 'production');
		assert.doesNotMatch(JSON.stringify(seen), new RegExp(`:${site.port}\\b`), 'the site’s address is told');
		assert.equal(seen[0].status, what === 'first' ? 200 : 304);
		world.tell(`the ${what} check: GET ${seen[0].path} ${seen[0].status}`);
	}
	await stack.forget();
	for (const path of [...views, '/wp-admin/plugins.php', '/wp-admin/themes.php', '/wp-admin/update-core.php']) await site.get(path);
	assert.deepEqual((await stack.seen()).map(({ path }) => path), []);
	world.tell(`${views.length + 3} pages after it: 0 requests`);

	// Visitors don't wait for it either where nothing is known yet.
	await world.know();
	await stack.forget();
	for (const path of ['/', '/?p=1', '/?feed=rss2']) await site.get(path);
	assert.deepEqual((await stack.seen()).map(({ path }) => path), [], 'a visitor waits for the registry');
}

async function copies(world) {
	const { site, stack } = world;
	await world.publish('fence-post', '1.1.0');
	const updater = world.updaters['fence-post'];
	// Another version of the class: another name, as its content is another.
	const [name] = updater.match(/Pluginyard_Updater_\w+/);
	world.updaters['fence-post'] = updater.replaceAll(name, `${name}_older`).replace(/const RETRY_AFTER\s*= 300/, 'const RETRY_AFTER = 301');
	assert.notEqual(world.updaters['fence-post'].length, updater.length);
	world.write('fence-post', '1.0.0');
	try {
		await all(world);
		await stack.forget();
		const offers = await world.check();
		assert.deepEqual(Object.keys(offers).sort(), ['fence-post/fence-post.php', 'garden-path', 'hello-yard/hello-yard.php']);
		assert.equal((await stack.seen()).length, 1);
		const classes = await site.eval(`return array_values( preg_grep( '/^Pluginyard_Updater/', get_declared_classes() ) );`);
		assert.ok(new Set(classes).size >= 2, classes.join());
		world.tell(`classes: ${classes.join(' ')}`);
		await site.wp('plugin', 'update', '--all');
		await site.wp('theme', 'update', '--all');
		assert.deepEqual(await world.check(), {});
	} finally {
		world.updaters['fence-post'] = updater;
		world.write('fence-post', '1.0.0');
	}
}

async function concealed(world) {
	const { site } = world;
	await all(world);
	site.take('api.log');
	await world.check();
	const asked = site.take('api.log').split('\n').filter(Boolean).map((line) => JSON.parse(line)).filter(({ url }) => /update-check/.test(url));
	assert.equal(asked.length, 2, 'plugins and themes');
	assert.doesNotMatch(JSON.stringify(asked), /hello-yard|fence-post|garden-path/);
	assert.match(JSON.stringify(asked), /akismet|plain/, 'of others it is asked');
}
