// Packages that are not what was signed, and where WordPress says so.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { background } from './ways.mjs';

const forged = /The authenticity of (fence-post|garden-path)\.1\.[12]\.0\.zip could not be verified\./;
const modes = [
	{ name: 'one byte of the zip is another', mode: 'zip', says: forged },
	{ name: 'one byte of the signature is another', mode: 'signature', says: forged },
	{ name: 'another key has signed', mode: 'key', says: forged },
	{ name: 'nobody has signed', mode: 'unsigned', says: /could not be verified as no signature was found\./ },
	{ name: 'an older package is served as the new version', mode: 'downgrade', says: /The file is not the one that the registry told about; its SHA-384 is another\./ },
	{ name: 'an older package is served as the new version, and its digests are told', mode: 'downgrade', digests: true, says: /The package holds version 1\.0\.0, which is not newer than 1\.[01]\.0\./ },
];

export const tampering = [
	...modes.map((how) => ({ name: `refused: ${how.name}`, run: (world) => refuses(world, how) })),
	{ name: 'refused of a theme: all of these', run: refusesTheme },
	{ name: 'without tampering the same update goes through', run: accepts },
];

export const keys = [
	{ name: 'sites update while keys change, and those that know the new key after it', run: rotates },
];

// before makes fence-post 1.1.0 be installed and 1.2.0 be on offer.
export async function before(world) {
	await world.publish('fence-post', '1.1.0');
	await world.publish('fence-post', '1.2.0');
	await world.put('fence-post', '1.1.0');
}

// tamper has the proxy do as a mode says, with the update to a version.
async function tamper({ stack }, slug, version, { mode, digests }) {
	const lie = {};
	if (mode === 'downgrade') {
		const [older, newer] = await Promise.all(['1.0.0', version].map((v) => stack.document(`/${slug}.json?update_id=v${v}`)));
		lie.with = new URL(older.download_link).pathname;
		if (digests) Object.assign(lie, { old: newer.digests.sha384, new: older.digests.sha384 });
	}
	await stack.lie(mode, lie);
}

// refused wants a text to say that nothing was updated, and why.
export function refused(text, slug, version, says) {
	assert.doesNotMatch(text, /updated successfully|Success: (Updated|Installed)/);
	assert.ok(text.includes(`${slug} was not updated and stays at version ${version}.`), text);
	assert.match(text, says);
	return text.split('\n').filter((line) => line.includes('was not updated')).join('\n').replace(/Disabling Maintenance mode…$/, '');
}

async function refuses(world, how) {
	const { site } = world;
	await before(world);
	await tamper(world, 'fence-post', '1.2.0', how);
	const file = 'fence-post/fence-post.php';
	assert.equal((await world.check())[file], '1.2.0');

	world.tell(`wp-admin: ${refused(await site.upgrade('plugin', file), 'fence-post', '1.1.0', how.says)}`);
	await world.installed('fence-post', '1.1.0');

	const { code, out, err } = await site.try(['plugin', 'update', 'fence-post']);
	assert.equal(code, 1, out + err);
	world.tell(`$ wp plugin update fence-post\n${refused(err, 'fence-post', '1.1.0', how.says)}`);

	await site.wp('plugin', 'auto-updates', 'enable', 'fence-post');
	site.take('mail.log');
	const cron = await background(world);
	await site.wp('plugin', 'auto-updates', 'disable', 'fence-post');
	assert.match(site.take('mail.log'), /Fence Post \(from version 1\.1\.0 to 1\.2\.0\)/, `no mail says that the background update failed: ${cron}`);
	await world.installed('fence-post', '1.1.0');
}

async function refusesTheme(world) {
	const { site } = world;
	await world.put('garden-path', '1.0.0');
	for (const how of modes) {
		await tamper(world, 'garden-path', '1.1.0', how);
		assert.equal((await world.check())['garden-path'], '1.1.0');
		const { code, out, err } = await site.try(['theme', 'update', 'garden-path']);
		assert.equal(code, 1, out + err);
		world.tell(`$ wp theme update garden-path # ${how.name}\n${refused(err, 'garden-path', '1.0.0', how.says)}`);
		await world.installed('garden-path', '1.0.0');
	}
	refused(await site.upgrade('theme', 'garden-path'), 'garden-path', '1.0.0', modes.at(-1).says);
	await world.installed('garden-path', '1.0.0');
}

async function accepts(world) {
	await before(world);
	await world.check();
	assert.match(await world.site.upgrade('plugin', 'fence-post/fence-post.php'), /Fence Post updated successfully/);
	await world.installed('fence-post', '1.2.0');
	assert.deepEqual(await world.check(), {});
}

// rotates leaves the registry with a key that no earlier sample knows.
async function rotates(world) {
	const { site, stack } = world;
	const copies = { old: world.updaters };
	const update = async (copy) => {
		world.updaters = copies[copy];
		world.write('fence-post', '1.1.0');
		rmSync(join(site.folder, 'cli-cache'), { recursive: true, force: true });
		await before(world);
		await world.check();
		const { code, err } = await site.try(['plugin', 'update', 'fence-post']);
		world.tell(`a copy with ${copy} keys: ${code === 0 ? 'updates' : refused(err, 'fence-post', '1.1.0', forged)}`);
		await world.installed('fence-post', code === 0 ? '1.2.0' : '1.1.0');
		return code === 0;
	};
	const learn = async (copy) => {
		await world.prepare();
		copies[copy] = world.updaters;
	};
	await world.publish('fence-post', '1.2.0');
	await stack.command('keys', 'rotate', world.key);
	await stack.serve();
	world.tell(`two keys: ${(await stack.command('keys', 'show', world.key)).trim()}`);
	await learn('both');
	assert.ok(await update('old'), 'both keys sign, and the old one is not enough');
	assert.ok(await update('both'), 'both keys sign and are known');

	await stack.command('keys', 'retire', world.key);
	await stack.serve();
	await learn('new');
	assert.ok(await update('both'), 'the new key is known');
	assert.ok(await update('new'));
	assert.ok(!await update('old'), 'the old key is gone, and nobody minds');
}
