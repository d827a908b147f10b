// Programs that are started, waited for, and ended.
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const running = new Set();

// start runs a program in a process group of its own. What it says goes to
// the file log; says(pattern) resolves to the first match in it.
export function start(log, command, args, env = {}) {
	const child = spawn(command, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
	const file = createWriteStream(log, { flags: 'a' });
	const it = { ended: false, text: '', child };
	for (const stream of [child.stdout, child.stderr]) {
		stream.setEncoding('utf8');
		stream.on('data', (data) => { it.text += data; file.write(data); });
	}
	child.on('error', (error) => { it.ended = true; it.text += error.message; });
	child.on('exit', () => { it.ended = true; running.delete(it); });
	running.add(it);
	it.says = (pattern) => until(`${command} says ${pattern}`, () => {
		const found = it.text.match(pattern);
		if (!found && it.ended) throw new Error(`${command} ended: ${it.text}`);
		return found;
	});
	it.stop = async (signal = 'SIGTERM') => {
		if (it.ended) return;
		try { process.kill(-child.pid, signal); } catch { return; }
		await until(`${command} ends`, () => it.ended);
	};
	return it;
}

// stopAll ends all that was started and still runs.
export function stopAll() {
	for (const { child } of running) {
		try { process.kill(-child.pid, 'SIGKILL'); } catch { /* it has ended */ }
	}
}

// run runs a program to its end: { code, out, err }.
export function run(command, args, options = {}) {
	return new Promise((resolve, reject) => {
		const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
		const deadline = setTimeout(() => child.kill('SIGKILL'), 120_000);
		let out = '';
		let err = '';
		child.stdout.setEncoding('utf8').on('data', (data) => { out += data; });
		child.stderr.setEncoding('utf8').on('data', (data) => { err += data; });
		child.on('error', reject);
		child.on('close', (code) => { clearTimeout(deadline); resolve({ code, out, err }); });
	});
}

// until asks until the answer is true, and resolves to it.
export async function until(what, question, seconds = 30) {
	const end = Date.now() + seconds * 1000;
	for (;;) {
		const answer = await question();
		if (answer) return answer;
		if (Date.now() > end) throw new Error(`waited ${seconds} s in vain: ${what}`);
		await pause(50);
	}
}

// freePort is a port that nobody listens at.
export function freePort() {
	return new Promise((resolve, reject) => {
		const server = createServer().on('error', reject);
		server.listen(0, '127.0.0.1', () => {
			const { port } = server.address();
			server.close(() => resolve(port));
		});
	});
}
