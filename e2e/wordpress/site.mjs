// One WordPress: its files, its database, its web server, WP-CLI, and an
// administrator who is logged in.
import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, run, start, until } from './process.mjs';

// 128 MB is what PHP takes unless it is told otherwise.
const php = ['-d', 'memory_limit=128M', '-d', 'opcache.revalidate_freq=0', '-d', 'display_errors=stderr', '-d', 'error_reporting=32767'];

export class Site {
	// install makes a WordPress out of the source folder. The database is
	// { socket, name }.
	static async install({ folder, source, cli, database, multisite = false }) {
		const site = new Site();
		Object.assign(site, { folder, cli, cookies: new Map(), root: join(folder, 'wordpress'), state: join(folder, 'state') });
		mkdirSync(site.state, { recursive: true });
		cpSync(source, site.root, { recursive: true });
		mkdirSync(join(site.root, 'wp-content/mu-plugins'));
		cpSync(new URL('stand-in.php', import.meta.url).pathname, join(site.root, 'wp-content/mu-plugins/stand-in.php'));
		site.theme('plain', { 'style.css': '/*\nTheme Name: Plain\nVersion: 1.0\n*/\n', 'index.php': '<?php wp_head(); wp_footer();\n' });
		site.api('up');
		site.port = await freePort();
		site.url = `http://127.0.0.1:${site.port}`;
		writeFileSync(join(site.root, 'wp-config.php'), `<?php
define( 'DB_NAME', '${database.name}' );
define( 'DB_USER', 'root' );
define( 'DB_PASSWORD', '' );
define( 'DB_HOST', 'localhost:${database.socket}' );
define( 'DB_CHARSET', 'utf8mb4' );
define( 'DB_COLLATE', '' );
$table_prefix = '${multisite ? 'ms_' : 'wp_'}';
foreach ( array( 'AUTH_KEY', 'SECURE_AUTH_KEY', 'LOGGED_IN_KEY', 'NONCE_KEY', 'AUTH_SALT', 'SECURE_AUTH_SALT', 'LOGGED_IN_SALT', 'NONCE_SALT' ) as $key ) {
	define( $key, getenv( 'E2E_SALT' ) . $key );
}
define( 'WP_HOME', '${site.url}' );
define( 'WP_SITEURL', '${site.url}' );
define( 'WP_DEBUG', true );
define( 'WP_DEBUG_LOG', '${site.state}/debug.log' );
define( 'WP_DEBUG_DISPLAY', false );
define( 'FS_METHOD', 'direct' );
define( 'DISABLE_WP_CRON', true );
define( 'WP_MAX_MEMORY_LIMIT', '128M' ); // or wp-admin would take 256 MB
define( 'E2E_STATE', '${site.state}' );
${multisite ? `define( 'WP_ALLOW_MULTISITE', true );` : ''}
/* That's all, stop editing! Happy publishing. */
defined( 'ABSPATH' ) || define( 'ABSPATH', __DIR__ . '/' );
require_once ABSPATH . 'wp-settings.php';
`);
		const admin = ['--title=Trial', '--admin_user=admin', '--admin_password=admin', '--admin_email=admin@example.com', '--skip-email'];
		await site.wp('core', 'install', ...admin);
		if (multisite) {
			await site.wp('core', 'multisite-convert', '--title=Network'); // writes into wp-config.php
		}
		await site.eval(`switch_theme( 'plain' ); update_option( 'show_avatars', 0 ); update_user_meta( 1, 'show_welcome_panel', 0 );`);
		site.version = (await site.wp('core', 'version')).trim();
		await site.serve();
		await site.login();
		return site;
	}

	async serve() {
		this.server = start(join(this.folder, 'server.log'), 'php', [...php, '-S', `127.0.0.1:${this.port}`, '-t', this.root], { PHP_CLI_SERVER_WORKERS: '4' });
		await until('PHP serves', async () => {
			if (this.server.ended) throw new Error(`php ended: ${this.server.text}`);
			return fetch(`${this.url}/wp-includes/images/blank.gif`).then((r) => r.ok, () => false);
		});
	}

	// try runs WP-CLI and resolves to { code, out, err }.
	async try(args, env = {}) {
		const done = await run('php', [...php, join(this.cli, 'wp-cli.phar'), '--allow-root', '--no-color', `--path=${this.root}`, `--url=${this.url}`, ...args], {
			cwd: this.folder,
			env: { ...process.env, HOME: this.folder, WP_CLI_CACHE_DIR: join(this.folder, 'cli-cache'), WP_CLI_DISABLE_AUTO_CHECK_UPDATE: '1', ...env },
		});
		// Deprecations are what WordPress says to a PHP that is newer than it.
		done.err = done.err.replace(/^(PHP )?Deprecated: .*\n/gm, '');
		appendFileSync(join(this.state, 'cli.log'), `$ wp ${args.join(' ')}\n${done.out}${done.err}\n`);
		return done;
	}

	// wp runs WP-CLI, wants it to succeed, and resolves to what it printed.
	async wp(...args) {
		const { code, out, err } = await this.try(args);
		if (code !== 0) throw new Error(`wp ${args.join(' ')}: exit code ${code}\n${out}${err}`);
		return out;
	}

	// eval runs PHP within WordPress as the administrator; what the code
	// returns comes back.
	async eval(code, env = {}) {
		const file = join(this.state, 'eval.php');
		writeFileSync(file, `<?php\n$e2e = ( function () {\n${code}\n} )();\necho "\\n=>", wp_json_encode( $e2e );\n`);
		const { code: status, out, err } = await this.try(['eval-file', file, '--user=1'], env);
		const at = out.lastIndexOf('\n=>');
		if (status !== 0 || at < 0) throw new Error(`${code}: exit code ${status}\n${out}${err}`);
		return JSON.parse(out.slice(at + 3));
	}

	// api says how api.wordpress.org behaves; see stand-in.php.
	api(mode) { writeFileSync(join(this.state, 'api'), mode); }

	// theme writes a theme's files.
	theme(name, files) {
		const folder = join(this.root, 'wp-content/themes', name);
		mkdirSync(folder, { recursive: true });
		for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
	}

	// files are the names of all files of a plugin or theme, sorted.
	files(kind, slug) {
		const root = join(this.root, 'wp-content', kind, slug);
		if (!existsSync(root)) return [];
		return readdirSync(root, { recursive: true }).filter((name) => statSync(join(root, name)).isFile()).sort();
	}

	read(kind, slug, name) { return readFileSync(join(this.root, 'wp-content', kind, slug, name), 'utf8'); }

	// take is what was written to a file of the state folder since it was last
	// taken.
	take(name) {
		const file = join(this.state, name);
		if (!existsSync(file)) return '';
		const text = readFileSync(file, 'utf8');
		rmSync(file);
		return text;
	}

	// faults are the lines in which PHP or the database complain, but for what
	// WordPress itself says to a PHP that is newer than it.
	faults() {
		return this.take('debug.log').split('\n').filter((line) => /PHP |WordPress database error/.test(line) &&
			!/PHP Deprecated: .* in (?!.*wp-content\/(plugins|themes))/.test(line)).join('\n');
	}

	async request(path, options = {}) {
		const headers = { cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '), ...options.headers };
		const answer = await fetch(path.startsWith('http') ? path : this.url + path, { ...options, headers, redirect: 'manual', signal: AbortSignal.timeout(60_000) });
		for (const line of answer.headers.getSetCookie()) {
			const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
			this.cookies.set(name, value);
		}
		const body = await answer.text();
		const to = answer.headers.get('location');
		if (answer.status >= 300 && answer.status < 400 && to) return this.request(new URL(to, answer.url).href);
		return { status: answer.status, body, url: answer.url };
	}

	// get is the body of a page that WordPress answers well.
	async get(path) {
		const { status, body } = await this.request(path);
		if (status !== 200) throw new Error(`${path}: status ${status}: ${plain(body)}`);
		if (/Fatal error|There has been a critical error/.test(body)) throw new Error(`${path}: ${plain(body)}`);
		return body;
	}

	post(path, form) { return this.request(path, { method: 'POST', body: new URLSearchParams(form) }); }

	// upgrade follows the update link of a plugin or theme as a browser without
	// scripts would, and resolves to the text of the page that says how it went.
	async upgrade(kind, name, admin = '/wp-admin/') {
		const page = await this.get(`${admin}update-core.php`);
		const [, nonce] = page.match(/name="_wpnonce" value="(\w+)"/);
		const screen = kind === 'theme' ? 'themes' : 'plugins';
		const form = new URLSearchParams({ _wpnonce: nonce, 'checked[]': name });
		const frame = await this.post(`${admin}update-core.php?action=do-${kind}-upgrade`, form);
		const inner = frame.body.match(/<iframe src=["']([^"']*)["']/);
		if (!inner) throw new Error(`no update of ${name} is begun: ${plain(frame.body)}`);
		return plain(await this.get(new URL(inner[1].replaceAll('&#038;', '&').replaceAll('&amp;', '&'), `${this.url}${admin}`).href));
	}

	async login() {
		await this.get('/wp-login.php'); // its test cookie
		await this.post('/wp-login.php', { log: 'admin', pwd: 'admin', testcookie: '1' });
		if (![...this.cookies.keys()].some((name) => name.startsWith('wordpress_logged_in'))) throw new Error('cannot log in');
	}
}

// plain is the text of a page, without tags, scripts and empty lines.
export function plain(html) {
	return html.replace(/<(script|style)\b.*?<\/\1>/gs, '').replace(/<[^>]*>/g, '')
		.replaceAll('&#8220;', '“').replaceAll('&#8221;', '”').replaceAll('&#8217;', '’').replaceAll('&hellip;', '…').replaceAll('&#8230;', '…')
		.replaceAll('&amp;', '&').replaceAll('&nbsp;', ' ').replace(/\s*\n\s*/g, '\n').trim();
}
