// After one update a site is at rest, whatever tag, stable tag and header say.
import assert from 'node:assert/strict';

// What tag, header and stable tag say of a release after 1.0.0.
const disagreements = {
	'odd-tag': { tag: 'v3.0.0', header: '1.1.0', stable: '1.1.0' },
	'odd-stable': { tag: 'v1.1.0', header: '1.1.0', stable: '9.9.9' },
	'odd-header': { tag: 'v1.1.0', header: '1.0.5', stable: '1.1.0' },
	'odd-all': { tag: 'v4.0.0', header: '1.0.1', stable: '2.0.0' },
	'high-header': { tag: 'v1.1.0', header: '2.0.0', stable: '1.1.0' },
	'no-header': { tag: 'v1.1.0', header: '', stable: '1.1.0' }, // the registry writes one
	'late-suffix': { tag: 'v1.1.0-rc.1', header: '1.1.0-rc.1', stable: '1.1.0' },
	'suffix-off': { tag: 'v1.1.0-rc.1', header: '1.1.0', stable: '1.1.0' },
	'old-header': { tag: 'v1.1.0', header: '0.9.0', stable: '1.1.0' },
};

export const rest = [{ name: 'a site is at rest after one update, whatever tag, stable tag and header say', run: rests }];

async function rests(world) {
	const { site, stack } = world;
	for (const [slug, { tag, header, stable }] of Object.entries(disagreements)) {
		await world.release(slug, '1.1.0', { tag, header, stable });
		await stack.offers(slug, header || stable);
		await world.put(slug, '1.0.0');
	}
	const offered = await world.check();
	const wanted = Object.entries(disagreements).filter(([, { header }]) => header !== '0.9.0');
	assert.deepEqual(offered, Object.fromEntries(wanted.map(([slug, { header }]) => [`${slug}/${slug}.php`, header || '1.1.0'])));
	await site.wp('plugin', 'update', '--all');
	for (const [slug, { tag, header, stable }] of wanted) {
		assert.match(site.read('plugins', slug, `${slug}.php`), new RegExp(`Version: +${(header || '1.1.0').replaceAll('.', '\\.')}\\s`));
		world.tell(`tag ${tag}, header ${header || 'none'}, stable tag ${stable}: offered and installed as ${header || '1.1.0'}`);
	}
	for (let i = 0; i < 3; i++) assert.deepEqual(await world.check(), {}, 'offered again');
	assert.deepEqual(await world.check({ WP_ENVIRONMENT_TYPE: 'production' }), {});
}
