// Answers that are made to bring a site down, and sites that can't keep any.
import assert from 'node:assert/strict';
import { plain } from '../site.mjs';

export const hostile = [
	{ name: 'an answer made to exhaust the memory leaves wp-admin alive, then and after', run: exhausting },
	{ name: 'a site that cannot store answers asks once a check', run: unstorable },
	{ name: 'an emoji that the database cannot hold hides no update', run: emoji },
	{ name: 'visits to the Plugins screen an hour apart ask once in half a day', run: hourly },
];

const screens = ['/', '/wp-admin/', '/wp-admin/plugins.php', '/wp-admin/themes.php', '/wp-admin/update-core.php?force-check=1'];
const popup = '/wp-admin/plugin-install.php?tab=plugin-information&plugin=hello-yard&section=changelog';
const file = 'hello-yard/hello-yard.php';

async function exhausting(world) {
	const { site, stack } = world;
	for (const mode of ['nested', 'bomb']) {
		for (const known of [false, true]) {
			await world.put('hello-yard', '1.0.0');
			if (known) assert.equal((await world.check())[file], '1.1.0');
			await stack.lie(mode, { new: 'hello-yard' });
			const began = Date.now();
			const offers = await world.check();
			if (known) assert.equal(offers[file], '1.1.0', 'the last good answer is forgotten');
			for (const path of screens) await site.get(path);
			assert.match(plain((await site.request(popup)).body), /The registry \S+ could not tell about hello-yard/);
			world.tell(`${mode}, ${known ? 'with' : 'without'} an earlier answer: ${screens.length} screens in ${Date.now() - began} ms`);
			await stack.truth();
			for (const path of screens) await site.get(path);
			assert.equal((await world.check())[file], '1.1.0', `nothing is offered after ${mode}`);
			await world.later(3600); // or the details' failure is remembered
			assert.match(await site.get(popup), /What is new in 1\.1\.0/);
		}
	}
}

async function unstorable(world) {
	const { site, stack } = world;
	for (const slug of ['hello-yard', 'fence-post', 'odd-tag', 'garden-path']) await world.put(slug, '1.0.0');
	await world.deaf(async () => {
		await stack.forget();
		assert.equal((await world.check())[file], '1.1.0');
		assert.equal((await stack.seen()).length, 1, 'one check of plugins and themes');
		for (const mode of ['', 'error']) {
			await stack.lie(mode);
			for (const path of ['/wp-admin/plugins.php', '/wp-admin/update-core.php?force-check=1']) {
				await world.know();
				await stack.forget();
				await site.get(path);
				const asked = (await stack.seen()).length;
				assert.ok(asked <= 1, `${asked} requests for ${path}`);
			}
		}
	});
}

async function emoji(world) {
	const { site, stack } = world;
	const charset = (name) => site.eval(`global $wpdb; $wpdb->query( "ALTER TABLE {$wpdb->options} MODIFY option_value longtext CHARACTER SET ${name} NOT NULL" );`);
	await world.publish('fence-post', '1.1.0');
	await world.put('hello-yard', '1.0.0');
	await world.put('fence-post', '1.0.0');
	await stack.lie('rewrite', { old: 'Better than', new: 'Better \u{1f600} than' });
	await charset('utf8mb3');
	try {
		assert.deepEqual(Object.keys(await world.check()).sort(), ['fence-post/fence-post.php', file]);
		assert.match(await site.get('/wp-admin/update-core.php'), /Better (\u{1f600}|&#128512;|&#x1f600;) than what was before 1\.1\.0/u);
	} finally {
		await charset('utf8mb4');
	}
}

async function hourly(world) {
	const { site, stack } = world;
	await world.put('hello-yard', '1.0.0');
	await world.put('fence-post', '1.0.0');
	await stack.forget();
	const asked = [];
	for (let visit = 0; visit < 3; visit++) {
		if (visit > 0) await world.later(3660);
		const before = (await site.eval(`return get_site_transient( 'update_plugins' )->last_checked ?? 0;`));
		await site.get('/wp-admin/plugins.php');
		const after = (await site.eval(`return get_site_transient( 'update_plugins' )->last_checked ?? 0;`));
		assert.ok(after > before, 'WordPress itself did not look');
		asked.push((await stack.seen()).length);
	}
	assert.deepEqual(asked, [1, 1, 1]);
	await world.later(12 * 3600);
	await site.get('/wp-admin/plugins.php');
	assert.equal((await stack.seen()).length, 2, 'half a day later it is not asked');
	assert.match(await site.get('/wp-admin/plugins.php'), /There is a new version of Hello Yard available/);
}
