// Runs the scenarios over both versions of WordPress, side by side:
//
//   node main.mjs WORK PACKAGES OUT [PATTERN]
//
// A line for each, "ok 6.1 NAME"; the exit code is 1 if one failed.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startDatabase } from './database.mjs';
import { stopAll } from './process.mjs';
import { World } from './world.mjs';
import { scenarios } from './scenarios/index.mjs';

const [work, packages, out, pattern] = process.argv.slice(2);
const versions = [{ label: '6.1', source: join(packages, 'old') }, { label: '7.1', source: join(packages, 'new') }];

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => { stopAll(); process.exit(1); });
process.on('exit', stopAll);

const began = Date.now();
let passed = 0;
let failed = 0;

// tell prints what a scenario has to show, and keeps it in the transcript.
function teller(label) {
	const lines = [];
	return {
		tell(text) {
			const line = text.split('\n').map((part) => `   ${label} | ${part}`).join('\n');
			console.log(line);
			lines.push(line);
		},
		lines,
	};
}

async function go({ label, source }, socket) {
	const folder = join(work, label.replace('.', ''));
	mkdirSync(folder);
	const { tell, lines } = teller(label);
	const world = await World.make({
		label, source, folder, out, bin: join(work, 'bin'), cli: join(packages, 'wp-cli'),
		database: { socket, name: `wp${label.replace('.', '')}` },
	});
	if (!world.site.version.startsWith(label)) throw new Error(`WordPress is ${world.site.version}, not ${label}`);
	world.tell = tell;
	for (const { name, run, expected, before = ['hello-yard', 'garden-path'] } of scenarios) {
		if (pattern && !new RegExp(pattern).test(name)) continue;
		const start = Date.now();
		let error;
		try {
			for (const slug of before) await world.publish(slug, '1.1.0');
			await world.clear();
			await run(world);
			const faults = world.site.faults().split('\n').filter((line) => line && !expected?.test(line)).join('\n');
			if (faults) throw new Error(`PHP says:\n${faults}`);
		} catch (caught) {
			error = caught;
		}
		const line = `${error ? 'FAIL' : 'ok'} ${label} ${name}, ${((Date.now() - start) / 1000).toFixed(1)} s`;
		console.log(line);
		lines.push(line);
		if (!error) { passed++; continue; }
		failed++;
		console.log(`${error.stack}\n--- debug.log\n${world.site.faults()}\n--- the last of WP-CLI\n${world.site.take('cli.log').slice(-3000)}`);
		if (world.browser) {
			await world.browser.shoot(`failed-${label}`).catch(() => {});
			console.log(`--- page\n${(await world.browser.text()).slice(0, 3000)}`);
		}
	}
	await world.browser?.close();
	writeFileSync(join(out, `transcript-${label}.txt`), lines.join('\n') + '\n');
}

try {
	const socket = await startDatabase(work, versions.map(({ label }) => `wp${label.replace('.', '')}`));
	const ends = await Promise.allSettled(versions.map((version) => go(version, socket)));
	for (const [i, end] of ends.entries()) {
		if (end.status === 'rejected') {
			failed++;
			console.log(`FAIL ${versions[i].label}: ${end.reason.stack}`);
		}
	}
} catch (error) {
	failed++;
	console.log(error.stack);
}
console.log(`note: WordPress: ${passed} scenarios passed, ${failed} failed, ${Math.round((Date.now() - began) / 1000)} s`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);
