// A MariaDB of our own: its data and socket in the working folder, no port.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, start, until } from './process.mjs';
import { existsSync } from 'node:fs';

// startDatabase starts it with empty databases of these names, and resolves to
// its socket.
export async function startDatabase(work, names) {
	const data = join(work, 'mariadb');
	const socket = join(work, 'mariadb.sock');
	mkdirSync(data);
	const user = process.getuid() === 0 ? ['--user=root'] : [];
	const made = await run('mariadb-install-db', ['--no-defaults', ...user, `--datadir=${data}`,
		'--auth-root-authentication-method=normal', '--skip-test-db', '--skip-name-resolve']);
	if (made.code !== 0) throw new Error(`mariadb-install-db: ${made.out}${made.err}`);
	writeFileSync(join(work, 'init.sql'), names.map((name) => `CREATE DATABASE ${name};\n`).join(''));
	const server = start(join(work, 'mariadb.log'), 'mariadbd', ['--no-defaults', ...user, `--datadir=${data}`,
		`--socket=${socket}`, '--skip-networking', `--init-file=${join(work, 'init.sql')}`, '--skip-log-bin',
		'--innodb-flush-log-at-trx-commit=0', '--innodb-doublewrite=0', '--innodb-buffer-pool-size=64M']);
	await until('MariaDB listens', () => {
		if (server.ended) throw new Error(`mariadbd ended: ${server.text}`);
		return existsSync(socket) && /ready for connections/.test(server.text);
	});
	return socket;
}
