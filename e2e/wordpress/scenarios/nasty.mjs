// Whatever an author writes, wp-admin must neither break nor run it.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const nasty = [
	{ name: 'answers for plugins that were made to do harm break no screen', run: harmless },
];

// What the nasty repositories would have a browser run.
const danger = /<script>alert|onerror=alert|<img src=x|href=\\?"javascript:|ontoggle=|onmouseover=/i;

// PHP's complaints are looked for after every scenario.
async function harmless(world) {
	const { site } = world;
	const answers = join(world.folder, '..', 'answers.jsonl');
	const lines = readFileSync(answers, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
	const slugs = (kind) => lines.filter((line) => line.kind === kind && !line.path.startsWith('/branch/')).map((line) => line.slug);
	const plugins = slugs('information').filter((slug) => slug !== '0'); // PHP's word for nothing
	const themes = slugs('theme information');
	const body = (slug) => JSON.parse(Buffer.from(lines.find((line) => line.path === `/${slug}.json`).body, 'base64'));
	const content = join(site.root, 'wp-content');
	const header = (kind, slug) => `/*\n${kind} Name: ${slug}\nVersion: 0.1\nUpdate URI: http://updates.example.com/plugins/${slug}.json\n*/\n`;
	const added = [join(content, 'mu-plugins/nasty.php'), join(site.state, 'answers.jsonl')];
	const put = (folder, files) => {
		mkdirSync(folder, { recursive: true });
		added.push(folder);
		for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
	};
	try {
		cpSync(answers, join(site.state, 'answers.jsonl'));
		cpSync(new URL('../nasty.php', import.meta.url).pathname, join(content, 'mu-plugins/nasty.php'));
		for (const slug of plugins) put(join(content, 'plugins', slug), { [`${slug}.php`]: `<?php\n${header('Plugin', slug)}` });
		for (const slug of themes) put(join(content, 'themes', slug), { 'style.css': header('Theme', slug), 'index.php': '<?php\n' });
		await world.know();

		let seen = 0;
		const look = async (path, text) => {
			const page = await site.get(path);
			const found = page.match(danger);
			assert.ok(!found, `${path}: …${page.slice(Math.max(0, found?.index - 200), found?.index + 100)}…`);
			assert.ok(page.includes('</html>'), `${path} is cut off`);
			if (text) assert.ok(page.includes(text), `${path} has no ${text}`);
			seen++;
			return page;
		};
		const updates = await look('/wp-admin/update-core.php?force-check=1', 'Update to 1.0.0');
		const offered = updates.split('Update to 1.0.0').length - 1;
		assert.ok(offered > (plugins.length + themes.length) * 0.9, `${offered} updates are offered`);
		await look('/wp-admin/plugins.php', 'There is a new version');
		await look('/wp-admin/themes.php', 'There is a new version');
		await look('/wp-admin/plugin-install.php?s=a&tab=search&type=term', 'plugin-card');
		for (const slug of plugins) {
			for (const section of Object.keys(body(slug).sections).slice(0, 4)) {
				await look(`/wp-admin/plugin-install.php?tab=plugin-information&plugin=${slug}&section=${encodeURIComponent(section)}&TB_iframe=true`, 'plugin-information-tabs');
			}
		}
		for (const slug of themes) await look(`/wp-admin/theme-install.php?tab=theme-information&theme=${slug}&TB_iframe=true`);
		world.tell(`${plugins.length} nasty plugins and ${themes.length} themes on ${seen} screens: ${offered} updates offered, nothing run`);
	} finally {
		for (const name of added) rmSync(name, { recursive: true, force: true });
		await world.know();
	}
}
