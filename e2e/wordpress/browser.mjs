// An administrator's browser: pages of one WordPress in headless Chromium,
// with what went wrong in them.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launch } from '../chromium.mjs';
import { until } from './process.mjs';

export class Browser {
	// open starts a browser that reaches this machine alone and has the site's
	// cookies.
	static async open(site, profile, out) {
		const browser = new Browser();
		const chromium = launch('chromium', profile, '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1');
		Object.assign(browser, { chromium, site, out, faults: [], loaded: new Map() });
		const { targetId } = await chromium.send('Target.createTarget', { url: 'about:blank' });
		const { sessionId } = await chromium.send('Target.attachToTarget', { targetId, flatten: true });
		browser.call = (method, params) => chromium.send(method, params, sessionId);
		chromium.listeners.add((message) => browser.hear(message));
		for (const domain of ['Page', 'Network', 'Log', 'Runtime']) await browser.call(`${domain}.enable`);
		await browser.call('Emulation.setDeviceMetricsOverride', { width: 1280, height: 1000, deviceScaleFactor: 1, mobile: false });
		await browser.call('Network.setCookies', { cookies: [...site.cookies].map(([name, value]) => ({ name, value, url: site.url })) });
		return browser;
	}

	hear({ method, params }) {
		switch (method) {
		case 'Log.entryAdded': // avatars are out of reach, and the site has no icon
			if (params.entry.level === 'error' && !/favicon\.ico$|^https:\/\/secure\.gravatar\.com\//.test(params.entry.url)) this.faults.push(`${params.entry.text} ${params.entry.url ?? ''}`);
			break;
		case 'Runtime.consoleAPICalled':
			if (params.type === 'error') this.faults.push(params.args.map((a) => a.value ?? a.description).join(' '));
			break;
		case 'Runtime.exceptionThrown':
			this.faults.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
			break;
		case 'Network.responseReceived':
			this.loaded.set(params.response.url, params.response.status);
			break;
		}
	}

	// visit opens a path of the site and waits until it is loaded.
	async visit(path) {
		const { errorText } = await this.call('Page.navigate', { url: this.site.url + path });
		if (errorText) throw new Error(`${path}: ${errorText}`);
		await this.ready(path);
	}

	ready(what) { return this.wait(`${what} is loaded`, `document.readyState === 'complete' && location.href !== 'about:blank'`); }

	// ask is the value of a JavaScript expression in the page.
	async ask(expression) {
		const { result, exceptionDetails } = await this.call('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });
		if (exceptionDetails) throw new Error(`${expression}: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
		return result.value;
	}

	// wait waits until an expression is true, while pages may come and go.
	wait(what, expression) {
		return until(what, () => this.ask(expression).catch((error) => {
			if (/context|navigated|undefined|null/i.test(error.message)) return false;
			throw error;
		}));
	}

	click(selector) {
		return this.ask(`(() => {
			const found = document.querySelector(${JSON.stringify(selector)});
			if (!found) throw new Error('there is no ' + ${JSON.stringify(selector)});
			found.click();
		})()`);
	}

	async shoot(name) {
		const { data } = await this.call('Page.captureScreenshot', { format: 'png' });
		writeFileSync(join(this.out, `${name}.png`), Buffer.from(data, 'base64'));
	}

	text() { return this.ask(`(document.querySelector('#wpbody-content') ?? document.body).innerText`).catch((error) => error.message); }

	async close() {
		await this.chromium.send('Browser.close').catch(() => {});
		this.chromium.kill();
	}
}
