// A network of sites, which looks for updates on its main site alone.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { plain, Site } from '../site.mjs';
import { background } from './ways.mjs';

export const network = [
	{ name: 'a network of sites updates in its own admin, by command and in the background', run: updates },
];

const file = 'hello-yard/hello-yard.php';

async function updates(world) {
	const single = world.site;
	const site = await Site.install({
		folder: join(world.folder, 'network'), source: world.source, cli: world.cli, database: world.database, multisite: true,
	});
	world.site = site;
	try {
		await site.wp('site', 'create', '--slug=second');
		for (const part of [inAdmin, byCommand, inBackground, onMainSite, theme]) {
			await part(world, site);
			assert.equal(site.faults(), '');
		}
	} finally {
		await site.server.stop();
		world.site = single;
	}
}

// put makes Hello Yard 1.0.0 be active for the network.
async function put(world) {
	await world.put('hello-yard', '1.0.0');
	await world.site.wp('plugin', 'activate', 'hello-yard', '--network');
}

async function inAdmin(world, site) {
	await put(world);
	assert.equal((await world.check())[file], '1.1.0');
	const page = await site.get('/wp-admin/network/plugins.php');
	assert.match(plain(page), /There is a new version of Hello Yard available/);
	assert.match(page, /Enable auto-updates/);
	assert.match(await site.upgrade('plugin', file, '/wp-admin/network/'), /Hello Yard updated successfully/);
	await world.installed('hello-yard', '1.1.0');
}

async function byCommand(world, site) {
	await put(world);
	await site.wp('plugin', 'update', 'hello-yard');
	await world.installed('hello-yard', '1.1.0');
	assert.deepEqual(await world.check(), {});
}

async function inBackground(world, site) {
	await put(world);
	await background(world);
	await world.installed('hello-yard', '1.0.0');
	await site.wp('plugin', 'auto-updates', 'enable', 'hello-yard');
	await background(world);
	await world.installed('hello-yard', '1.1.0');
}

async function onMainSite(world, site) {
	await put(world);
	await site.wp('plugin', 'deactivate', 'hello-yard', '--network');
	await site.wp('plugin', 'activate', 'hello-yard');
	await world.know();
	assert.match(plain(await site.get('/wp-admin/network/update-core.php?force-check=1')), /Hello Yard[\s\S]*You have version 1\.0\.0 installed\. Update to 1\.1\.0/);
	await site.wp('plugin', 'update', 'hello-yard');
	await world.installed('hello-yard', '1.1.0');
}

async function theme(world, site) {
	await world.put('garden-path', '1.0.0');
	assert.equal((await world.check())['garden-path'], '1.1.0');
	assert.match(await site.upgrade('theme', 'garden-path', '/wp-admin/network/'), /Garden Path updated successfully/);
	await world.installed('garden-path', '1.1.0');
	await world.put('garden-path', '1.0.0');
	await site.wp('theme', 'update', 'garden-path');
	await world.installed('garden-path', '1.1.0');
}
