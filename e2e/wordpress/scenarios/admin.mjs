// What an administrator does in a browser.
import assert from 'node:assert/strict';
import { Browser } from '../browser.mjs';
import { join } from 'node:path';

export const admin = [
	{ name: 'an administrator sees the update, reads its details and installs it', run: installs, before: [] },
];

// frame is the document of the popup in the page that is open.
const frame = `document.querySelector('#TB_iframeContent').contentDocument`;

async function installs(world) {
	const { site, stack } = world;
	await world.put('hello-yard', '1.0.0');
	world.browser ??= await Browser.open(site, join(world.folder, 'profile'), world.out);
	const { browser } = world;
	const shoot = (name) => browser.shoot(`${world.label}-${name}`);

	// Up to date: nothing is offered, and background updates can be had.
	await browser.visit('/wp-admin/update-core.php?force-check=1');
	await browser.visit('/wp-admin/plugins.php');
	assert.equal(await browser.ask(`document.querySelectorAll('.plugin-update-tr').length`), 0, 'an update is offered of what is up to date');
	assert.equal(await browser.ask(`document.querySelector('tr[data-slug="hello-yard"] .column-auto-updates a').innerText.trim()`), 'Enable auto-updates');
	assert.ok(await browser.ask(`!!document.querySelector('tr[data-slug="hello-yard"] a.open-plugin-details-modal')`), 'no details of what is up to date');

	await world.publish('hello-yard', '1.1.0');
	await world.know(); // as if a day had passed

	// Offered on both screens.
	await browser.visit('/wp-admin/update-core.php?force-check=1');
	const row = await browser.ask(`document.querySelector('#update-plugins-table tbody tr').innerText`);
	assert.match(row, /You have version 1\.0\.0 installed\. Update to 1\.1\.0\./);
	assert.match(row, new RegExp(`Compatibility with WordPress ${site.version.replaceAll('.', '\\.')}: (100%|Yes)`), 'tested was not raised to the site’s minor release');
	assert.match(row, /Better than what was before 1\.1\.0\./, 'no upgrade notice');
	await browser.wait('the icon is drawn', `document.querySelector('#update-plugins-table img.updates-table-screenshot, #update-plugins-table .plugin-title img').naturalWidth > 0`);
	await shoot('updates');
	await browser.visit('/wp-admin/plugins.php');
	assert.match(await browser.ask(`document.querySelector('.plugin-update-tr[data-slug="hello-yard"]').innerText`), /There is a new version of Hello Yard available\./);
	await shoot('plugins');

	// The details, tab by tab.
	await browser.click('.plugin-update-tr[data-slug="hello-yard"] a.open-plugin-details-modal');
	await browser.wait('the popup opens', `!!${frame}.querySelector('#plugin-information-tabs') && ${frame}.readyState === 'complete'`);
	const tabs = await browser.ask(`[...${frame}.querySelectorAll('#plugin-information-tabs a')].map((a) => a.innerText.trim())`);
	assert.deepEqual(tabs, ['Description', 'Installation', 'FAQ', 'Screenshots', 'Changelog', 'Upgrade Notice']);
	const words = {
		description: 'in 1.1.0', installation: 'Activate it', faq: 'Because', screenshots: 'The second picture',
		changelog: 'What is new in 1.1.0', upgrade_notice: 'Better than what was before 1.1.0',
	};
	for (const [tab, word] of Object.entries(words)) {
		await browser.ask(`${frame}.querySelector('#plugin-information-tabs a[name="${tab}"]').click()`);
		const section = `${frame}.querySelector('#section-${tab}')`;
		await browser.wait(`tab ${tab} shows`, `${section}.offsetHeight > 0`);
		assert.ok((await browser.ask(`${section}.innerText`)).includes(word), `tab ${tab} lacks ${word}`);
		if (tab === 'screenshots') await browser.wait('screenshots are drawn', `[...${section}.querySelectorAll('img')].filter((i) => i.naturalWidth > 0).length === 2`);
		await shoot(`details-${tab}`);
	}
	const banner = await browser.ask(`getComputedStyle(${frame}.querySelector('#plugin-information-title.with-banner')).backgroundImage`);
	const [, address] = banner.match(/url\("(.*)"\)/);
	assert.ok(address.startsWith(stack.base), banner);
	assert.equal(browser.loaded.get(address), 200, `the banner ${address} was not loaded`);
	const aside = await browser.ask(`${frame}.querySelector('.fyi').innerText`);
	assert.match(aside, /Version:\s*1\.1\.0[\s\S]*Author:\s*Acme[\s\S]*Requires WordPress Version:\s*5\.8 or higher/);
	assert.doesNotMatch(await browser.ask(`${frame}.body.innerText`), /has not been tested|not been marked as compatible/);

	// Installed from the row, as most people do.
	await browser.visit('/wp-admin/plugins.php');
	await browser.click('.plugin-update-tr[data-slug="hello-yard"] a.update-link');
	await browser.wait('the row says that it is updated', `/Updated!/.test(document.querySelector('.plugin-update-tr[data-slug="hello-yard"], tr[data-slug="hello-yard"]').parentElement.innerText)`);
	await shoot('updated');
	const files = await world.installed('hello-yard', '1.1.0');
	world.tell(`files of hello-yard 1.1.0: ${files.join(' ')}`);
	await browser.visit('/wp-admin/plugins.php');
	assert.equal(await browser.ask(`document.querySelectorAll('.plugin-update-tr').length`), 0, 'still on offer');
	assert.deepEqual(browser.faults.splice(0), []);
}
