// Speaks Chromium's DevTools protocol over its pipe, so that it needs no
// package.
import { spawn } from 'node:child_process';

// launch starts headless Chromium with a profile folder and further arguments.
// send(method, params, sessionId) resolves to the protocol's result; listeners
// are called with each event; kill ends it at once.
export function launch(chromium, profile, ...more) {
	const browser = spawn(chromium, [
		'--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
		'--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-extensions',
		...more, `--user-data-dir=${profile}`, '--remote-debugging-pipe', 'about:blank',
	], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
	const [, , , to, from] = browser.stdio;
	const waiting = new Map();
	const listeners = new Set();
	let last = 0;
	let rest = '';
	from.setEncoding('utf8');
	from.on('data', (data) => {
		const messages = (rest + data).split('\0');
		rest = messages.pop();
		for (const text of messages) {
			const message = JSON.parse(text);
			if (message.id === undefined) {
				for (const listener of listeners) listener(message);
				continue;
			}
			const { resolve, reject } = waiting.get(message.id);
			waiting.delete(message.id);
			message.error ? reject(new Error(message.error.message)) : resolve(message.result);
		}
	});
	to.on('error', () => {}); // told by exit
	browser.on('exit', (code) => {
		for (const { reject } of waiting.values()) reject(new Error(`chromium ended with ${code}`));
	});
	return {
		listeners,
		send(method, params = {}, sessionId = undefined) {
			const id = ++last;
			to.write(JSON.stringify({ id, method, params, sessionId }) + '\0');
			return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
		},
		kill: () => browser.kill('SIGKILL'),
	};
}
