// Which release a site gets: older ones, yanked ones, gradual rollouts, betas.
import assert from 'node:assert/strict';
import { refused } from './tampering.mjs';
import { background } from './ways.mjs';

export const releases = [
	{ name: 'wp plugin install takes any release by its address', run: byAddress },
	{ name: 'a yanked release is not offered, and can still be installed', run: yanked },
	{ name: 'versions below the lowest are not offered', run: lowest },
	{ name: 'a halted rollout is offered to nobody', run: halted },
	{ name: 'a rollout reaches a part of the sites, always the same', run: gradual },
	{ name: 'betas reach the environment that is configured', run: beta },
	{ name: 'background updates can be switched off', run: manual },
];

const file = 'hello-yard/hello-yard.php';

async function byAddress(world) {
	const { site, stack } = world;
	await world.put('hello-yard', '1.0.0');
	const { versions } = await stack.document('/hello-yard.json');
	assert.ok(versions['1.0.0'] && versions['1.1.0'], Object.keys(versions).join());
	await site.wp('plugin', 'update', 'hello-yard');
	await world.installed('hello-yard', '1.1.0');
	world.tell(`$ wp plugin install ${versions['1.0.0']} --force\n${(await site.wp('plugin', 'install', versions['1.0.0'], '--force')).trim()}`);
	await world.installed('hello-yard', '1.0.0');
	await site.wp('plugin', 'update', 'hello-yard');
	world.tell(`$ wp plugin install hello-yard --version=1.0.0 --force\n${(await site.wp('plugin', 'install', 'hello-yard', '--version=1.0.0', '--force')).trim()}`);
	await world.installed('hello-yard', '1.0.0');
	const gone = await site.try(['plugin', 'install', 'hello-yard', '--version=8.8.8', '--force']);
	assert.equal(gone.code, 1, gone.out + gone.err);
	await world.installed('hello-yard', '1.0.0');
}

async function yanked(world) {
	const { site, stack } = world;
	await world.under({ yanked: ['1.1.0'] }, async () => {
		await world.put('hello-yard', '1.0.0');
		assert.deepEqual(await world.check(), {});
		const { versions } = await stack.document('/hello-yard.json');
		await site.wp('plugin', 'install', versions['1.1.0'], '--force');
		await world.installed('hello-yard', '1.1.0');
		assert.deepEqual(await world.check(), {}, 'back to a lower version');
	});
	await world.put('hello-yard', '1.0.0');
	assert.equal((await world.check())[file], '1.1.0', 'after it was given free');
}

async function lowest(world) {
	const { site, stack } = world;
	world.write('hello-yard', '0.9.0');
	await world.put('hello-yard', '0.9.0');
	await world.under({ yanked: ['1.1.0'] }, async () => {
		assert.equal((await world.check())[file], '1.0.0', 'the next lower one');
	});
	await world.under({ yanked: ['1.1.0'], min_version: '1.0.1' }, async () => {
		await world.know();
		assert.deepEqual(await world.check(), {});
		await site.try(['plugin', 'update', 'hello-yard']);
		await world.installed('hello-yard', '0.9.0');
	});
	await world.under({ min_version: '1.0.1' }, async () => {
		assert.equal((await world.check())[file], '1.1.0');
	});
	await stack.offers('hello-yard', '1.1.0');
}

async function halted(world) {
	await world.under({ rollout: { percent: 100, halt: true } }, async () => {
		await world.put('hello-yard', '1.0.0');
		assert.deepEqual(await world.check(), {});
	});
}

async function gradual(world) {
	const { site, stack } = world;
	await world.under({ rollout: { percent: 50 } }, async () => {
		await world.put('hello-yard', '1.0.0');
		const of = { new: 0, old: 0 };
		for (let cohort = 0; cohort < 1000; cohort += 10) {
			(await stack.document(`/hello-yard.json?cohort=${cohort}`)).version === '1.1.0' ? of.new++ : of.old++;
		}
		world.tell(`of 100 cohorts ${of.new} are offered 1.1.0, ${of.old} 1.0.0, at 50 percent`);
		assert.ok(of.new > 25 && of.old > 25);
		// The salt tells sites apart; two that are told apart by the registry.
		const found = {};
		for (let i = 0; i < 20 && Object.keys(found).length < 2; i++) {
			await world.know();
			await stack.forget();
			const env = { E2E_SALT: `salt ${i}` };
			const version = (await world.check(env))[file] ?? '1.0.0';
			const [{ path }] = await stack.seen();
			const cohort = new URL(path, stack.base).searchParams.get('cohort');
			assert.equal((await stack.document(`/hello-yard.json?cohort=${cohort}`)).version, version);
			found[version] = { cohort, env };
		}
		assert.deepEqual(Object.keys(found).sort(), ['1.0.0', '1.1.0']);
		for (const [version, { cohort, env }] of Object.entries(found)) {
			world.tell(`cohort ${cohort} is offered ${version}`);
			for (let i = 0; i < 2; i++) assert.equal((await world.check(env))[file] ?? '1.0.0', version, 'another answer for the same site');
		}
	});
}

async function beta(world) {
	const { site, stack } = world;
	await world.release('hello-yard', '1.2.0-beta.1', { release: 'prerelease' });
	await stack.offers('hello-yard', '1.2.0-beta.1', '?channel=beta');
	await world.under({ environments: { staging: 'beta' } }, async () => {
		await world.put('hello-yard', '1.0.0');
		assert.equal((await world.check())[file], '1.1.0');
		const env = { WP_ENVIRONMENT_TYPE: 'staging' };
		assert.equal((await world.check(env))[file], '1.2.0-beta.1');
		const { code, out, err } = await site.try(['plugin', 'update', 'hello-yard'], env);
		assert.equal(code, 0, out + err);
		await world.installed('hello-yard', '1.2.0-beta.1');
		assert.deepEqual(await world.check(env), {});
		// A site that has it and is no longer among those that get betas keeps it,
		// in each of the ways in which updates come.
		assert.deepEqual(await world.check(), {}, 'production takes a beta back');
		const kept = await site.try(['plugin', 'update', 'hello-yard']);
		assert.match(kept.out + kept.err, /version higher than expected/);
		await site.wp('plugin', 'auto-updates', 'enable', 'hello-yard');
		await background(world);
		await site.wp('plugin', 'auto-updates', 'disable', 'hello-yard');
		await world.installed('hello-yard', '1.2.0-beta.1');
	});
	// Nor when what is on offer calls itself newer.
	await stack.lie('rewrite', { old: '"version":"1.1.0"', new: '"version":"1.2.0"' });
	assert.equal((await world.check())[file], '1.2.0');
	const { code, err } = await site.try(['plugin', 'update', 'hello-yard']);
	assert.equal(code, 1, err);
	refused(err, 'hello-yard', '1.2.0-beta.1', /The package holds version 1\.1\.0, which is not newer than 1\.2\.0-beta\.1\./);
	await world.installed('hello-yard', '1.2.0-beta.1');
}

async function manual(world) {
	const { site } = world;
	await world.under({ disable_autoupdate: true }, async () => {
		await world.put('hello-yard', '1.0.0');
		await background(world);
		await world.installed('hello-yard', '1.0.0'); // nor does it begin what nobody asked for
		await site.wp('plugin', 'auto-updates', 'enable', 'hello-yard');
		await background(world);
		await world.installed('hello-yard', '1.0.0');
		assert.match(await site.get('/wp-admin/plugins.php'), /Auto-updates disabled/);
		await site.wp('plugin', 'update', 'hello-yard');
		await world.installed('hello-yard', '1.1.0');
	});
}
