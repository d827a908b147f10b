// Opens pages in headless Chromium and wants them faultless: nothing on the
// console, no request that fails or leaves the page's own host, no script
// needed, nothing wider than the window.
//
//   node browse.mjs CHROMIUM PROFILE OUT BASE NAME=PATH...
//
// Each page is drawn on a screen and on a phone, light and dark; OUT gets the
// screenshots.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launch } from './chromium.mjs';

const [chromium, profile, out, base, ...pages] = process.argv.slice(2);
const views = [
	{ name: 'screen', width: 1280, height: 900, mobile: false },
	{ name: 'phone', width: 360, height: 780, mobile: true },
];

const browser = launch(chromium, profile);
const { send, listeners } = browser;

// What is wrong with a message of the browser, if anything.
function fault({ method, params }) {
	switch (method) {
	case 'Log.entryAdded':
		return `${params.entry.level}: ${params.entry.text} ${params.entry.url ?? ''}`;
	case 'Runtime.consoleAPICalled':
		return `console: ${params.args.map((a) => a.value ?? a.description).join(' ')}`;
	case 'Runtime.exceptionThrown':
		return `exception: ${params.exceptionDetails.text}`;
	case 'Network.requestWillBeSent':
		return /^(data:|about:)/.test(params.request.url) || params.request.url.startsWith(base + '/')
			? '' : `reaches for ${params.request.url}`;
	case 'Network.responseReceived':
		return params.response.status >= 400 ? `${params.response.status} for ${params.response.url}` : '';
	case 'Network.loadingFailed':
		return `not loaded: ${params.errorText}`;
	}
	return '';
}

async function look(name, path, view, scheme) {
	const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
	const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
	const call = (method, params) => send(method, params, sessionId);
	const faults = [];
	let loaded;
	const whenLoaded = new Promise((resolve) => { loaded = resolve; });
	const listener = (message) => {
		if (message.sessionId !== sessionId) return;
		if (message.method === 'Page.loadEventFired') loaded();
		const text = fault(message);
		if (text) faults.push(text);
	};
	listeners.add(listener);
	for (const domain of ['Page', 'Network', 'Log', 'Runtime']) await call(`${domain}.enable`);
	await call('Emulation.setDeviceMetricsOverride', { width: view.width, height: view.height, deviceScaleFactor: 1, mobile: view.mobile });
	await call('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
	await call('Emulation.setScriptExecutionDisabled', { value: true });
	const { errorText } = await call('Page.navigate', { url: base + path });
	if (errorText) throw new Error(`${path}: ${errorText}`);
	await whenLoaded;
	const { cssLayoutViewport: window, cssContentSize: content } = await call('Page.getLayoutMetrics');
	if (content.width > window.clientWidth) faults.push(`${content.width} px wide in a window of ${window.clientWidth}`);
	const { nodes } = await call('Accessibility.getFullAXTree');
	const roles = nodes.filter((n) => !n.ignored).map((n) => [n.role?.value, n.name?.value]);
	if (!roles.some(([role]) => role === 'main')) faults.push('no main landmark');
	if (!roles.some(([role]) => role === 'heading')) faults.push('no heading');
	for (const [role, label] of roles) {
		if ((role === 'link' || role === 'button') && !label) faults.push(`a ${role} without a name`);
	}
	const { data } = await call('Page.captureScreenshot', { format: 'png', captureBeyondViewport: true });
	writeFileSync(join(out, `${name}-${view.name}-${scheme}.png`), Buffer.from(data, 'base64'));
	listeners.delete(listener);
	await send('Target.closeTarget', { targetId });
	return faults.map((text) => `${path} on a ${view.name}, ${scheme}: ${text}`);
}

let failed = false;
const deadline = setTimeout(() => {
	console.error('the browser took more than two minutes');
	browser.kill();
	process.exit(1);
}, 120_000);
try {
	for (const page of pages) {
		const [name, path] = page.split('=');
		for (const view of views) {
			for (const scheme of ['light', 'dark']) {
				for (const text of await look(name, path, view, scheme)) {
					failed = true;
					console.error(text);
				}
			}
		}
	}
	await send('Browser.close');
} catch (error) {
	failed = true;
	console.error(error.message);
	browser.kill();
}
clearTimeout(deadline);
process.exit(failed ? 1 : 0);
