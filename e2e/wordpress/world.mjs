// One WordPress with all that stands behind it, and what scenarios do with it
// again and again.
import assert from 'node:assert/strict';
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { plugin, theme } from './samples.mjs';
import { Site } from './site.mjs';
import { Stack } from './stack.mjs';

// What there is: the slugs of plugins and themes, and their names.
export const plugins = {
	'hello-yard': 'Hello Yard', 'fence-post': 'Fence Post',
	'odd-tag': 'Odd Tag', 'odd-stable': 'Odd Stable', 'odd-header': 'Odd Header', 'odd-all': 'Odd All', 'old-header': 'Old Header',
	'high-header': 'High Header', 'no-header': 'No Header', 'late-suffix': 'Late Suffix', 'suffix-off': 'Suffix Off',
};
export const themes = { 'garden-path': 'Garden Path' };

export class World {
	// make starts everything for one WordPress. label is "6.1".
	static async make({ label, folder, out, bin, source, cli, database }) {
		const world = new World();
		Object.assign(world, { label, folder, out, source, cli, database, key: join(folder, 'signing.pem') });
		world.stack = await Stack.begin(join(folder, 'stack'), bin);
		const { stack } = world;
		await stack.command('keys', 'generate', '--out', world.key);
		world.configure();
		await world.prepare();
		for (const slug of Object.keys({ ...plugins, ...themes })) await world.release(slug, '1.0.0', { days: 30 });
		await stack.serve();
		world.site = await Site.install({ folder: join(folder, 'site'), source, cli, database });
		return world;
	}

	// prepare has the updaters made that what is written from now on carries.
	async prepare() {
		this.updaters = {};
		for (const slug of Object.keys({ ...plugins, ...themes })) {
			this.updaters[slug] = await this.stack.command('updater', slug, '--config', this.stack.config, '--type', themes[slug] ? 'theme' : 'plugin');
		}
	}

	// configure writes the registry's configuration. more is added to the
	// entries of plugins and themes, by slug.
	configure(more = {}) {
		this.stack.configure(Object.keys({ ...plugins, ...themes }).map((slug) => ({
			repository: `acme/${slug}`, ref: 'develop', ...more[slug],
		})), { signing: { key: this.key } });
	}

	// under serves with more in hello-yard's entry, does something, and serves
	// as before again.
	async under(entry, what) {
		this.configure({ 'hello-yard': entry });
		await this.stack.serve();
		try {
			await what();
		} finally {
			this.configure();
			await this.stack.serve();
		}
	}

	// release publishes a version of a plugin or theme. more is as in samples
	// (header, stable, extra) and, for GitHub, as in e2e/forge (tag, branch,
	// release, days); release "" is a commit alone.
	async release(slug, version, { tag = `v${version}`, branch = 'main', release = 'stable', days = 0, ...sample } = {}) {
		this.write(slug, version, sample);
		const topic = themes[slug] ? 'wordpress-theme' : 'wordpress-plugin';
		await this.stack.commit(slug, this.sample(slug, version), { branch, days, topic, ...(release ? { tag, release } : {}) });
	}

	// publish releases a version, unless it is, and waits until it is offered.
	async publish(slug, version) {
		this.published ??= new Set();
		if (this.published.has(`${slug} ${version}`)) return;
		this.published.add(`${slug} ${version}`);
		await this.release(slug, version);
		await this.stack.offers(slug, version);
	}

	// write writes the files of a version.
	write(slug, version, sample = {}) {
		const folder = this.sample(slug, version);
		rmSync(folder, { recursive: true, force: true });
		const of = { slug, version, tested: this.label, base: this.stack.base, updater: this.updaters[slug], start: starting, ...sample };
		if (themes[slug]) theme(folder, { name: themes[slug], ...of });
		else plugin(folder, { name: plugins[slug], ...of });
	}

	sample(slug, version) { return join(this.folder, 'samples', slug, version); }

	// put makes a version be what is installed and active, with nothing known
	// of updates. The registry isn't asked.
	async put(slug, version) {
		const kind = themes[slug] ? 'themes' : 'plugins';
		const folder = join(this.site.root, 'wp-content', kind, slug);
		rmSync(folder, { recursive: true, force: true });
		cpSync(this.sample(slug, version), folder, { recursive: true, filter: (name) => !name.endsWith('.wordpress-org') });
		await this.know(themes[slug] ? `switch_theme( '${slug}' );` : `activate_plugin( '${slug}/${slug}.php' );`);
	}

	// clear makes everything as it was in the beginning, but for what was
	// published: nothing of ours installed, nobody lying, nothing known.
	async clear() {
		for (const kind of ['plugins', 'themes']) {
			for (const slug of Object.keys({ ...plugins, ...themes })) {
				rmSync(join(this.site.root, 'wp-content', kind, slug), { recursive: true, force: true });
			}
		}
		// WP-CLI keeps a package before anybody has verified it.
		rmSync(join(this.site.folder, 'cli-cache'), { recursive: true, force: true });
		rmSync(join(this.site.root, '.maintenance'), { force: true });
		this.site.api('up');
		await this.stack.truth();
		await this.know(`
			switch_theme( 'plain' );
			update_option( 'active_plugins', array() );
			foreach ( array( 'auto_update_plugins', 'auto_update_themes', 'auto_plugin_theme_update_emails' ) as $name ) { delete_site_option( $name ); }`);
		for (const name of ['debug.log', 'cli.log', 'api.log', 'mail.log']) this.site.take(name);
		await this.stack.forget();
	}

	// know forgets what the site knows of updates, after some PHP.
	know(code = '') {
		return this.site.eval(`${code}
			global $wpdb;
			foreach ( array( 'update_core', 'update_plugins', 'update_themes' ) as $name ) { delete_site_transient( $name ); }
			$wpdb->query( "DELETE FROM {$wpdb->options} WHERE option_name LIKE '%pluginyard%'" );
			if ( is_multisite() ) { $wpdb->query( "DELETE FROM {$wpdb->sitemeta} WHERE meta_key LIKE '%pluginyard%'" ); }
			wp_clean_plugins_cache();
			wp_clean_themes_cache();
			wp_cache_flush();`);
	}

	// later makes the site believe that time has passed since all that it knows
	// of updates: every time in it is put back.
	later(seconds) {
		return this.site.eval(`
			global $wpdb;
			$back = function ( $value ) use ( &$back ) {
				if ( is_array( $value ) || is_object( $value ) ) {
					foreach ( $value as &$part ) { $part = $back( $part ); }
					return $value;
				}
				return ( is_int( $value ) || is_float( $value ) ) && abs( $value - time() ) < YEAR_IN_SECONDS ? $value - ${seconds} : $value;
			};
			$names = $wpdb->get_col( "SELECT option_name FROM {$wpdb->options} WHERE option_name LIKE '\\_site\\_transient\\_%'" );
			foreach ( preg_grep( '/update_(core|plugins|themes)$|pluginyard/', $names ) as $name ) {
				$value = get_option( $name );
				$wpdb->update( $wpdb->options, array( 'option_value' => maybe_serialize( $back( is_numeric( $value ) ? $value + 0 : $value ) ) ), array( 'option_name' => $name ) );
			}
			wp_cache_flush();`);
	}

	// deaf makes the site forget at once what copies of the updater store, as
	// where it is more than the object cache takes.
	async deaf(what) {
		const plugin = join(this.site.root, 'wp-content/mu-plugins/deaf.php');
		writeFileSync(plugin, `<?php
add_filter( 'all', function ( $name ) {
	if ( 0 === strpos( $name, 'pre_site_transient_pluginyard_' ) && ! has_filter( $name ) ) { add_filter( $name, '__return_null' ); }
} );
`);
		try {
			await what();
		} finally {
			rmSync(plugin);
		}
	}

	// check makes the site look for updates at once, and resolves to the
	// versions on offer by file or stylesheet.
	check(env) {
		return this.site.eval(`
			delete_site_transient( 'update_plugins' );
			delete_site_transient( 'update_themes' );
			wp_update_plugins();
			wp_update_themes();
			$offers = array();
			foreach ( array( 'update_plugins', 'update_themes' ) as $name ) {
				foreach ( (array) ( get_site_transient( $name )->response ?? array() ) as $key => $offer ) {
					$offers[ $key ] = ( (array) $offer )['new_version'];
				}
			}
			return (object) $offers;`, env);
	}

	// installed wants a version to be installed whole and active.
	async installed(slug, version) {
		const kind = themes[slug] ? 'themes' : 'plugins';
		const files = this.site.files(kind, slug);
		const only = files.filter((name) => name.startsWith('only-in-'));
		assert.deepEqual(only, [`only-in-${version}.txt`], `files of ${slug}: ${files}`);
		assert.ok(files.includes('includes/updater.php'), `files of ${slug}: ${files}`);
		assert.ok(!files.some((name) => name.startsWith('.')), `hidden files of ${slug}: ${files}`);
		const [seen, active] = await this.site.eval(themes[slug]
			? `return array( wp_get_theme( '${slug}' )->get( 'Version' ), get_stylesheet() === '${slug}' );`
			: `require_once ABSPATH . 'wp-admin/includes/plugin.php'; $file = '${slug}/${slug}.php';
				return array( get_plugin_data( WP_PLUGIN_DIR . '/' . $file )['Version'], is_plugin_active( $file ) );`);
		assert.equal(seen, version, `version of ${slug}`);
		assert.ok(active, `${slug} is not active`);
		return files;
	}
}

// starting is the line with which a plugin or theme starts its updater.
const starting = `( require __DIR__ . '/includes/updater.php' )->start( __FILE__ );`;
