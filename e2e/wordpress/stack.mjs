// What stands behind one WordPress: an emulated GitHub, the registry, and
// between it and WordPress a proxy that lies when it is told to.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, start, until } from './process.mjs';

export class Stack {
	// begin starts proxy and GitHub. Nothing is served before serve.
	static async begin(folder, bin) {
		const stack = new Stack();
		Object.assign(stack, { folder, bin, secret: 'e2e-secret' });
		mkdirSync(folder, { recursive: true });
		const tamper = start(join(folder, 'tamper.log'), join(bin, 'tamper'), []);
		stack.base = (await tamper.says(/^proxy (\S+)$/m))[1];
		stack.control = (await tamper.says(/^control (\S+)$/m))[1];
		const forge = start(join(folder, 'forge.log'), join(bin, 'forge'), ['-webhook', `${stack.base}/webhooks/github`, '-secret', stack.secret]);
		stack.forge = (await forge.says(/^listening on (\S+)$/m))[1];
		return stack;
	}

	get config() { return join(this.folder, 'pluginyard.yaml'); }

	// configure writes the configuration; YAML reads JSON.
	configure(plugins, more = {}) {
		writeFileSync(this.config, JSON.stringify({
			listen: '127.0.0.1:0', base_url: this.base, data: join(this.folder, 'data'), log: { level: 'debug' },
			github: { api_url: this.forge, token: 'e2e', webhook_secret: this.secret }, plugins, ...more,
		}, null, 2));
	}

	// command runs pluginyard to its end and resolves to what it printed.
	async command(...args) {
		const { code, out, err } = await run(join(this.bin, 'pluginyard'), args, { cwd: this.folder });
		if (code !== 0) throw new Error(`pluginyard ${args.join(' ')}: exit code ${code}\n${out}${err}`);
		return out;
	}

	// serve starts the registry with the configuration, in place of the one
	// that runs.
	async serve() {
		if (this.registry) await this.registry.stop();
		this.registry = start(join(this.folder, 'registry.log'), join(this.bin, 'pluginyard'), ['serve', '--config', this.config]);
		const [, address] = await this.registry.says(/^listening on http:\/\/([0-9.:]+)/m);
		await this.tell({ upstream: `http://${address}` });
		await until('the registry is ready', () => fetch(`${this.base}/readyz`).then((r) => r.ok, () => false));
	}

	// commit makes a folder's files a commit of a repository; see e2e/forge.
	async commit(slug, dir, more = {}) {
		const query = new URLSearchParams({ repo: `acme/${slug}`, dir, ...more });
		const answer = await fetch(`${this.forge}/_commit?${query}`, { method: 'POST' });
		if (!answer.ok) throw new Error(`commit ${slug}: ${await answer.text()}`);
	}

	// lie says what the proxy does to answers; see e2e/tamper. truth ends it.
	lie(mode, more = {}) { return this.tell({ mode, ...more }); }
	truth() { return this.tell({ mode: '' }); }
	async tell(query) {
		const answer = await fetch(`${this.control}/?${new URLSearchParams(query)}`, { method: 'POST' });
		if (!answer.ok) throw new Error(await answer.text());
	}

	// seen are the requests for documents and packages that came from WordPress
	// since the last forget.
	async seen() {
		const text = await (await fetch(`${this.control}/`)).text();
		return text.split('\n').filter(Boolean).map((line) => JSON.parse(line))
			.filter(({ header, path }) => /WordPress/.test(header['User-Agent'] ?? '') && !path.startsWith('/webhooks/'));
	}
	forget() { return this.tell({ reset: 1 }); }

	// document is what the registry says at a path.
	async document(path) {
		const answer = await fetch(this.base + path);
		if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
		return answer.json();
	}

	// offers waits until the registry offers a version of a package.
	offers(slug, version, query = '') {
		return until(`the registry offers ${slug} ${version}`, async () => {
			const answer = await fetch(`${this.base}/${slug}.json${query}`);
			return answer.ok && (await answer.json()).version === version;
		});
	}
}
