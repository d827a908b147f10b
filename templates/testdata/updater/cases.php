<?php
/**
 * What the updater does, a function for each case. Their names are sentences.
 *
 * @package Pluginyard
 */

const REGISTRY = 'https://updates.example.com/yard';
const PLUGIN   = 'hello-yard/hello-yard.php';
const PACKAGE  = 'https://updates.example.com/yard/packages/hello-yard/0123/hello-yard.1.1.0.zip';

/** The update object as the registry sends it. */
function update( $version = '1.1.0', $more = array() ) {
	return $more + array(
		'slug'             => 'hello-yard',
		'plugin'           => PLUGIN,
		'version'          => $version,
		'new_version'      => $version,
		'url'              => REGISTRY . '/hello-yard/',
		'package'          => PACKAGE,
		'requires'         => '6.0',
		'tested'           => '6.6',
		'requires_php'     => '7.4',
		'requires_plugins' => array(),
		'icons'            => array( 'default' => 'https://updates.example.com/yard/icon.svg' ),
		'banners'          => array(),
		'banners_rtl'      => array(),
		'digests'          => array( 'sha256' => 'unused', 'sha384' => hash( 'sha384', 'the zip' ) ),
	);
}

/** The collection's answer. */
function said( $updates, $headers = array() ) {
	return array( 200, json_encode( (object) $updates ), $headers + array( 'etag' => '"one"', 'cache-control' => 'public, max-age=300' ) );
}

function plugin_entry() {
	$updates = get_site_transient( 'update_plugins' );
	foreach ( array( 'response', 'no_update' ) as $list ) {
		if ( isset( $updates->$list[ PLUGIN ] ) ) {
			return array( $list, $updates->$list[ PLUGIN ] );
		}
	}
	return null;
}

/** A plugin of version 1.0.0 whose copy is started. */
function plugin( $keys = array(), $uri = 'https://updates.example.com/yard/hello-yard.json' ) {
	install( PLUGIN, '1.0.0', $uri );
	return start( 'hello-yard', 'plugin', WP_PLUGIN_DIR . '/' . PLUGIN, $keys );
}

// Looking for updates.

function case_an_update_is_offered_with_all_fields() {
	plugin();
	site()->answers = array( said( array( 'hello-yard' => update() ) ) );
	look_for_updates();
	list( $list, $entry ) = plugin_entry();
	same( 'response', $list );
	same( '1.1.0', $entry->new_version );
	same( PACKAGE, $entry->package );
	same( 'https://updates.example.com/yard/hello-yard.json', $entry->id );
	same( PLUGIN, $entry->plugin );
	same( array( 'default' => 'https://updates.example.com/yard/icon.svg' ), $entry->icons );
	same( false, isset( $entry->digests ) );
}

function case_one_that_is_up_to_date_is_listed_too() {
	plugin();
	site()->answers = array( said( array( 'hello-yard' => update( '1.0.0' ) ) ) );
	look_for_updates();
	same( 'no_update', plugin_entry()[0] );
	same( 'hello-yard', plugin_entry()[1]->slug );
}

function case_the_request_says_environment_and_cohort_and_no_address() {
	plugin();
	site()->answers = array( said( array( 'hello-yard' => update() ) ) );
	look_for_updates();
	list( $url, $args ) = site()->requests[0];
	same( 1, preg_match( '#^https://updates.example.com/yard/plugin_info.json\?slugs=hello-yard&environment=staging&cohort=\d{1,3}$#', $url ) );
	same( 'WordPress/6.6.2; pluginyard-updater', $args['user-agent'] );
	same( false, strpos( json_encode( $args ), 'site.example.com' ) );
	same( true, $args['timeout'] <= 3 );
	same( true, $args['limit_response_size'] > 0 );
}

function case_the_owner_may_allow_the_address() {
	plugin();
	add_filter( 'pluginyard_send_site', function () {
		return true;
	} );
	look_for_updates();
	same( 'WordPress/6.6.2; https://site.example.com/', site()->requests[0][1]['user-agent'] );
}

function case_one_request_serves_all_copies_of_a_registry() {
	plugin();
	install( 'fence-post/fence-post.php', '1.0.0', REGISTRY );
	start( 'fence-post', 'plugin', WP_PLUGIN_DIR . '/fence-post/fence-post.php' );
	theme();
	$fence          = array( 'slug' => 'fence-post' ) + update( '2.0' );
	site()->answers = array( said( array( 'hello-yard' => update(), 'fence-post' => $fence, 'garden-path' => theme_update() ) ) );
	look_for_updates();
	look_for_updates( 'themes' );
	same( 1, count( site()->requests ) );
	same( 1, preg_match( '#slugs=fence-post%2Cgarden-path%2Chello-yard&#', site()->requests[0][0] ) );
	$updates = get_site_transient( 'update_plugins' );
	same( array( PLUGIN, 'fence-post/fence-post.php' ), sorted( array_keys( $updates->response ), array( PLUGIN, 'fence-post/fence-post.php' ) ) );
	same( '1.1.0', get_site_transient( 'update_themes' )->response['garden-path']['new_version'] );
}

function case_copies_of_different_content_live_together() {
	install( PLUGIN, '1.0.0', REGISTRY );
	$one = start( 'hello-yard', 'plugin', WP_PLUGIN_DIR . '/' . PLUGIN );
	$two = start( 'hello-yard', 'plugin', WP_PLUGIN_DIR . '/' . PLUGIN, array( 'key' ) );
	same( true, get_class( $one ) !== get_class( $two ) );
	site()->answers = array( said( array( 'hello-yard' => update() ) ) );
	look_for_updates();
	same( 1, count( site()->requests ) );
	same( 'response', plugin_entry()[0] );
}

function case_a_page_view_asks_nobody() {
	plugin();
	site()->admin = false;
	get_site_transient( 'update_plugins' );
	set_site_transient( 'update_plugins', (object) array( 'response' => array() ) );
	get_site_transient( 'update_plugins' );
	same( 0, count( site()->requests ) );
}

function case_adding_the_hooks_reads_and_asks_nothing() {
	install( PLUGIN, '1.0.0', REGISTRY );
	start( 'hello-yard', 'plugin', WP_PLUGIN_DIR . '/' . PLUGIN );
	same( array(), site()->transients );
	same( array(), site()->requests );
}

function case_updates_arrive_without_wordpress_org() {
	plugin();
	site()->wporg   = null;
	site()->answers = array( said( array( 'hello-yard' => update() ) ) );
	look_for_updates();
	same( 'response', plugin_entry()[0] );
}

function case_updates_arrive_before_wordpress_5_8_and_without_an_update_uri() {
	plugin( array(), '' );
	site()->answers = array( said( array( 'hello-yard' => update() ) ) );
	look_for_updates( 'plugins', false );
	same( 'response', plugin_entry()[0] );
	same( REGISTRY . '/hello-yard', plugin_entry()[1]->id );
}

function case_the_host_of_the_header_may_be_another_or_have_capitals() {
	foreach ( array( 'https://Elsewhere.Example.com:8443/x', 'https://UPDATES.example.com/x' ) as $uri ) {
		new_site();
		plugin( array(), $uri );
		site()->answers = array( said( array( 'hello-yard' => update() ) ) );
		look_for_updates();
		same( true, isset( site()->hooks[ 'update_plugins_' . parse_url( $uri, PHP_URL_HOST ) ] ) );
		same( 'response', plugin_entry()[0] );
		same( $uri, plugin_entry()[1]->id );
	}
}

function case_only_our_own_plugin_is_answered_for() {
	$copy           = plugin();
	site()->answers = array( said( array( 'hello-yard' => update() ) ) );
	same( false, $copy->answer( false, array(), 'other/other.php' ) );
	same( array( 'x' ), $copy->answer( array( 'x' ), array(), 'other/other.php' ) );
	same( '1.1.0', $copy->answer( false, array(), PLUGIN )['version'] );
}

function case_a_check_that_missed_us_is_completed_without_asking() {
	plugin();
	site()->answers = array( said( array( 'hello-yard' => update() ) ) );
	look_for_updates();
	site()->transients['update_plugins'] = array( serialize( (object) array( 'response' => array() ) ), 0 );
	same( 'response', plugin_entry()[0] );
	same( 1, count( site()->requests ) );
}

function case_wordpress_orgs_namesake_is_never_offered() {
	$theirs = '{"plugins":{"hello-yard/hello-yard.php":{"id":"w.org/plugins/hello-yard","slug":"hello-yard","new_version":"9.0","package":"https://downloads.wordpress.org/plugin/hello-yard.zip"}},"no_update":{},"translations":[]}';
	foreach ( array( true, false ) as $registry_answers ) {
		new_site();
		plugin();
		site()->wporg   = $theirs;
		site()->answers = $registry_answers ? array( said( array( 'hello-yard' => update() ) ) ) : array();
		look_for_updates();
		same( $registry_answers ? '1.1.0' : null, $registry_answers ? plugin_entry()[1]->new_version : plugin_entry() );
	}
}

function case_a_plugin_that_the_registry_no_longer_has_is_not_offered() {
	plugin();
	site()->answers = array( said( array( 'hello-yard' => update() ) ), said( array(), array( 'etag' => '"two"' ) ) );
	look_for_updates();
	later( 12 * 3600 );
	look_for_updates();
	same( null, plugin_entry() );
}

function case_versions_are_taken_as_headers_have_them() {
	foreach ( array( array( 'v1.0.0', 'v1.1.0', 'response' ), array( 'v1.1.0', 'v1.1.0', 'no_update' ), array( '1.0.0 beta', '1.0.0', 'response' ), array( '', '1.0.0', 'response' ), array( '1.0.0', '1.1.0 RC1', 'response' ) ) as $row ) {
		new_site();
		install( PLUGIN, $row[0], REGISTRY );
		start( 'hello-yard', 'plugin', WP_PLUGIN_DIR . '/' . PLUGIN );
		site()->answers = array( said( array( 'hello-yard' => update( $row[1] ) ) ) );
		look_for_updates();
		same( $row[2], plugin_entry()[0], $row[0] );
		same( 'response' === $row[2], is_string( unpacked( $row[1] ) ), $row[0] );
	}
}

function case_one_that_is_not_installed_where_updates_go_is_left_alone() {
	start( 'hello-yard', 'plugin', '/srv/mu-plugins/hello-yard.php' );
	site()->answers = array( said( array( 'hello-yard' => update() ) ) );
	look_for_updates();
	same( array(), site()->requests );
	same( array(), get_site_transient( 'update_plugins' )->response );
}

function case_a_sites_minor_release_counts_as_tested() {
	foreach ( array( array( '6.6', '6.6.2', '6.6.2' ), array( '6.6', '6.7', '6.6' ), array( '6.6.3', '6.6.2', '6.6.3' ), array( '6.6', '6.60.1', '6.6' ), array( '6.6.1', '6.6.2-alpha', '6.6.2-alpha' ) ) as $row ) {
		new_site();
		plugin();
		site()->version = $row[1];
		site()->answers = array( said( array( 'hello-yard' => update( '1.1.0', array( 'tested' => $row[0] ) ) ) ) );
		look_for_updates();
		same( $row[2], plugin_entry()[1]->tested );
	}
}

function case_background_updates_may_be_stopped_and_never_started() {
	plugin();
	site()->answers = array( said( array( 'hello-yard' => update( '1.1.0', array( 'autoupdate' => true, 'disable_autoupdate' => true ) ) ) ) );
	look_for_updates();
	same( false, isset( plugin_entry()[1]->disable_autoupdate ) ); // WordPress 6.5 takes it for the opposite
	same( false, apply_filters( 'auto_update_plugin', true, plugin_entry()[1] ) );
	same( true, apply_filters( 'auto_update_plugin', true, (object) array( 'plugin' => 'other/other.php' ) ) );
	same( false, isset( plugin_entry()[1]->autoupdate ) );
}

// Themes.

function theme_update() {
	return array( 'theme' => 'garden-path', 'slug' => 'garden-path', 'package' => REGISTRY . '/packages/garden-path/9/garden-path.zip' ) + update();
}

function theme( $keys = array() ) {
	install( 'garden-path/style.css', '1.0.0', REGISTRY );
	return start( 'garden-path', 'theme', get_theme_root() . '/garden-path/functions.php', $keys );
}

function case_a_theme_is_offered_as_an_array() {
	theme();
	site()->answers = array( said( array( 'garden-path' => theme_update() ) ) );
	look_for_updates( 'themes' );
	$entry = get_site_transient( 'update_themes' )->response['garden-path'];
	same( 'garden-path', $entry['theme'] );
	same( false, isset( $entry['plugin'] ) );
	same( REGISTRY . '/hello-yard/', $entry['url'] );
}

function case_a_theme_is_updated_before_wordpress_6_1() {
	theme();
	site()->answers = array( said( array( 'garden-path' => theme_update() ) ) );
	look_for_updates( 'themes', false );
	same( '1.1.0', get_site_transient( 'update_themes' )->response['garden-path']['new_version'] );
}

function case_a_parent_theme_behind_a_link_is_found() {
	site()->stylesheet = 'child';
	mkdir( site()->folder . '/elsewhere' );
	file_put_contents( site()->folder . '/elsewhere/style.css', "/*\nTheme Name: Garden Path\nVersion: 1.0.0\n*/" );
	mkdir( get_theme_root() . '/child', 0777, true );
	symlink( site()->folder . '/elsewhere', get_theme_root() . '/garden-path' );
	start( 'garden-path', 'theme', site()->folder . '/elsewhere/functions.php' );
	site()->answers = array( said( array( 'garden-path' => theme_update() ) ) );
	look_for_updates( 'themes' );
	same( '1.1.0', get_site_transient( 'update_themes' )->response['garden-path']['new_version'] );
}

// What is kept, and for how long.

function case_unasked_for_checks_ask_once_in_twelve_hours() {
	plugin();
	site()->cron    = true;
	site()->answers = array( said( array( 'hello-yard' => update() ) ), array( 304 ) );
	look_for_updates();
	later( 3600 );
	look_for_updates();
	same( 1, count( site()->requests ) );
	same( 'response', plugin_entry()[0] );
	later( 11 * 3600 - 60 ); // Cron comes twice a day, give or take.
	look_for_updates();
	same( 2, count( site()->requests ) );
	same( '"one"', site()->requests[1][1]['headers']['If-None-Match'] );
	same( '1.1.0', plugin_entry()[1]->new_version );
}

function case_no_screen_asks_more_often() {
	plugin();
	site()->answers = array( said( array( 'hello-yard' => update() ), array( 'cache-control' => 'no-store' ) ), array( 304 ) );
	$screens        = array( 'load-plugins.php', 'load-themes.php', 'load-update.php', 'load-update-core.php', 'upgrader_process_complete' );
	foreach ( $screens as $screen ) {
		add_action(
			$screen,
			function () {
				look_for_updates();
			}
		);
	}
	look_for_updates();
	later( 10 * 3600 );
	foreach ( $screens as $screen ) {
		do_action( $screen );
	}
	same( 1, count( site()->requests ) );
	later( 2 * 3600 );
	foreach ( $screens as $screen ) {
		do_action( $screen );
	}
	same( 2, count( site()->requests ) );
}

function case_what_cannot_be_stored_is_asked_for_once_in_a_process() {
	foreach ( array( true, false ) as $answers ) {
		new_site();
		plugin();
		install( 'fence-post/fence-post.php', '1.0.0', REGISTRY );
		start( 'fence-post', 'plugin', WP_PLUGIN_DIR . '/fence-post/fence-post.php' );
		theme();
		site()->unstorable = array( 'pluginyard_1_' . md5( REGISTRY ) );
		site()->answers    = $answers ? array( said( array( 'hello-yard' => update(), 'garden-path' => theme_update() ) ) ) : array();
		look_for_updates();
		look_for_updates( 'themes' );
		same( 1, count( site()->requests ) );
		same( $answers ? 'response' : null, plugin_entry() ? plugin_entry()[0] : null );
		same( $answers, isset( get_site_transient( 'update_themes' )->response['garden-path'] ) );
		new_process();
		look_for_updates();
		same( 2, count( site()->requests ) );
	}
}

function case_a_table_without_emoji_can_store_what_was_said() {
	plugin();
	$more           = array( 'upgrade_notice' => "<p>Größer \u{1F600}漢</p>", 'icons' => array( 'default' => 'https://updates.example.com/ü.svg' ) );
	site()->answers = array( said( array( 'hello-yard' => update( '1.1.0', $more ) ) ), array( 200, json_encode( details( array( 'name' => "Grüße \"\u{10FFFF}\"" ) ) ) ) );
	look_for_updates();
	same( '<p>Gr&#246;&#223;er &#128512;&#28450;</p>', plugin_entry()[1]->upgrade_notice );
	same( 'https://updates.example.com/%C3%BC.svg', plugin_entry()[1]->icons['default'] );
	same( 'Gr&#252;&#223;e &quot;&#1114111;&quot;', ask_for_details()->name );
	same( 0, preg_match( '/[^\x00-\x7f]/', serialize( site()->transients ) ) );
}

function case_no_answer_fills_the_memory() {
	$deep = str_repeat( '[', 26 ) . str_repeat( ']', 26 );
	$body = json_encode( array( 'hello-yard' => update() ) );
	foreach ( array(
		'deep'        => '{"hello-yard":[' . substr( str_repeat( "$deep,", 37000 ), 0, -1 ) . ']}',
		'long'        => substr( $body, 0, -1 ) . ',"x":"' . str_repeat( 'x', 524288 ) . '"}',
		'many lists'  => substr( $body, 0, -1 ) . ',"x":[' . substr( str_repeat( '[1],', 120000 ), 0, -1 ) . ']}',
		'a deep list' => substr( $body, 0, -1 ) . ',"x":' . $deep . '}',
	) as $what => $hostile ) {
		new_site();
		plugin();
		site()->answers = array( array( 200, $hostile ), said( array( 'hello-yard' => update() ) ) );
		$before         = memory_get_usage();
		look_for_updates();
		same( null, plugin_entry(), $what );
		same( true, memory_get_usage() - $before < 65536, $what );
		later( 3600 );
		look_for_updates();
		same( 'response', plugin_entry()[0], $what );
	}
	// What nobody asked for is not even kept: the file of a static host has all.
	$all = array();
	for ( $i = 0; $i < 400; $i++ ) {
		$all[ "other-$i" ] = update();
	}
	new_site();
	plugin();
	site()->answers = array( said( $all + array( 'hello-yard' => update( '1.1.0', array( 'x' => str_repeat( 'x', 9999 ) ) ) ) ) );
	look_for_updates();
	same( 'response', plugin_entry()[0] );
	same( true, strlen( serialize( site()->transients ) ) < 5000 );
}

function case_no_body_is_left_for_wordpress_to_decompress() {
	plugin();
	site()->answers = array( said( array( 'hello-yard' => update() ) ) );
	look_for_updates();
	$args = site()->requests[0][1];
	same( true, $args['stream'] );
	same( 'identity', $args['headers']['Accept-Encoding'] );
	same( 0, strpos( $args['filename'], get_temp_dir() . 'pluginyard' ) );
	same( false, is_file( $args['filename'] ) );
}

function case_check_again_asks_always_but_once_in_a_process() {
	plugin();
	$_GET['force-check'] = '1';
	site()->answers      = array( said( array( 'hello-yard' => update() ) ), said( array( 'hello-yard' => update( '1.2.0' ) ), array( 'etag' => '"two"' ) ) );
	look_for_updates();
	look_for_updates();
	same( 1, count( site()->requests ) );
	new_process();
	look_for_updates();
	same( 2, count( site()->requests ) );
	same( '1.2.0', plugin_entry()[1]->new_version );
}

function case_a_failure_is_remembered_longer_each_time() {
	plugin();
	look_for_updates();
	look_for_updates();
	later( 240 );
	look_for_updates();
	same( 1, count( site()->requests ) );
	later( 120 );
	look_for_updates();
	same( 2, count( site()->requests ) );
	later( 360 );
	look_for_updates();
	same( 2, count( site()->requests ) );
	later( 300 );
	look_for_updates();
	same( 3, count( site()->requests ) );
}

function case_a_failure_leaves_the_last_good_answer() {
	foreach ( array( new WP_Error( 'http', 'down' ), array( 500, '{}' ), array( 200, '<html>' ), array( 200, '[1]' ), array( 200, '"x"' ), array( 200, '{"hello-yard":' ), array( 404, '{"code":"x"}' ) ) as $failure ) {
		new_site();
		plugin();
		site()->answers = array( said( array( 'hello-yard' => update() ) ), $failure );
		look_for_updates();
		later( 12 * 3600 );
		look_for_updates();
		same( 2, count( site()->requests ) );
		same( 'response', plugin_entry()[0] );
	}
}

function case_the_registry_may_ask_for_patience() {
	plugin();
	site()->answers = array( array( 503, '', array( 'retry-after' => '3600' ) ) );
	look_for_updates();
	later( 3000 );
	look_for_updates();
	same( 1, count( site()->requests ) );
	later( 900 );
	look_for_updates();
	same( 2, count( site()->requests ) );
}

function case_a_new_plugin_is_asked_for_at_the_next_check() {
	plugin();
	site()->answers = array( said( array( 'hello-yard' => update() ) ), said( array( 'hello-yard' => update(), 'fence-post' => update( '2.0' ) ) ) );
	look_for_updates();
	install( 'fence-post/fence-post.php', '1.0.0', REGISTRY );
	start( 'fence-post', 'plugin', WP_PLUGIN_DIR . '/fence-post/fence-post.php' );
	look_for_updates();
	same( 2, count( site()->requests ) );
	same( false, isset( site()->requests[1][1]['headers']['If-None-Match'] ) );
	same( '2.0', get_site_transient( 'update_plugins' )->response['fence-post/fence-post.php']->new_version );
}

function case_a_process_that_loads_fewer_plugins_uses_the_same_answer() {
	plugin();
	install( 'fence-post/fence-post.php', '1.0.0', REGISTRY );
	$fence = start( 'fence-post', 'plugin', WP_PLUGIN_DIR . '/fence-post/fence-post.php' );
	site()->answers = array( said( array( 'hello-yard' => update(), 'fence-post' => update( '2.0' ) ) ) );
	look_for_updates();
	site()->hooks = array();
	start( 'hello-yard', 'plugin', WP_PLUGIN_DIR . '/' . PLUGIN );
	look_for_updates();
	same( 1, count( site()->requests ) );
	same( 'response', plugin_entry()[0] );
}

function case_only_one_page_asks_at_a_time() {
	plugin();
	site()->answers = array(
		function () {
			look_for_updates(); // Another page meanwhile.
			return said( array( 'hello-yard' => update() ) );
		},
	);
	look_for_updates();
	same( 1, count( site()->requests ) );
	same( 'response', plugin_entry()[0] );
}

function case_redirects_share_the_time_and_are_few() {
	plugin();
	$moved          = array( 301, '', array( 'location' => 'https://new.example.com/plugin_info.json' ) );
	site()->answers = array( $moved, said( array( 'hello-yard' => update() ) ) );
	look_for_updates();
	same( 'https://new.example.com/plugin_info.json', site()->requests[1][0] );
	same( 0, site()->requests[1][1]['redirection'] );
	same( 'response', plugin_entry()[0] );

	new_site();
	plugin();
	site()->answers = array( $moved, $moved, $moved, $moved, $moved );
	look_for_updates();
	same( 3, count( site()->requests ) );

	new_site();
	plugin();
	site()->answers = array( array( 302, '', array( 'location' => 'http://plain.example.com/' ) ) );
	look_for_updates();
	same( 1, count( site()->requests ) );
}

function case_a_damaged_transient_is_as_none() {
	foreach ( array( 'text', array( 'url' => 1 ), array( 'slugs' => 'x' ), new stdClass() ) as $damaged ) {
		new_site();
		plugin();
		set_site_transient( 'pluginyard_1_' . md5( REGISTRY ), $damaged );
		site()->answers = array( said( array( 'hello-yard' => update() ) ) );
		look_for_updates();
		same( 'response', plugin_entry()[0] );
	}
}

// What the registry says is not believed.

function case_an_update_without_a_plain_version_is_none() {
	foreach ( array( null, '', '-1', '1.1<script>', array( '2' ), 2, true, str_repeat( '1', 99 ), "1.1\n" ) as $version ) {
		new_site();
		plugin();
		site()->answers = array( said( array( 'hello-yard' => array( 'version' => $version ) + update() ) ) );
		look_for_updates();
		same( null, plugin_entry() );
	}
}

function case_fields_of_the_wrong_type_are_dropped() {
	$wrong = array( null, false, true, 1, 'text', array(), array( array() ), array( 'x' => array( 'y' => 1 ) ) );
	foreach ( array( 'url', 'package', 'requires', 'tested', 'requires_php', 'requires_plugins', 'upgrade_notice', 'icons', 'banners', 'slug', 'plugin', 'id', 'translations', 'digests' ) as $field ) {
		foreach ( $wrong as $value ) {
			new_site();
			plugin();
			site()->answers = array( said( array( 'hello-yard' => array( $field => $value ) + update() ) ) );
			look_for_updates();
			$entry = plugin_entry()[1];
			same( 'hello-yard', $entry->slug );
			same( PLUGIN, $entry->plugin );
			foreach ( array( 'url', 'package', 'requires', 'tested', 'requires_php', 'upgrade_notice' ) as $text ) {
				same( true, ! isset( $entry->$text ) || is_string( $entry->$text ), $field );
			}
			foreach ( array( 'requires_plugins', 'icons', 'banners' ) as $map ) {
				foreach ( isset( $entry->$map ) ? $entry->$map : array() as $item ) {
					same( true, is_string( $item ), $field );
				}
			}
			same( true, isset( $entry->package ) );
			same( false, isset( $entry->translations ) );
		}
	}
}

function case_a_signed_package_is_not_told_of_in_the_database() {
	foreach ( array( 'plugin', 'theme' ) as $type ) {
		foreach ( array( array( 'key' ), array() ) as $keys ) {
			new_site();
			$name = 'plugin' === $type ? PLUGIN : 'garden-path';
			'plugin' === $type ? plugin( $keys ) : theme( $keys );
			$package = 'plugin' === $type ? PACKAGE : theme_update()['package'];
			$stored  = function () use ( $type, $name ) {
				$updates = get_site_transient( "update_{$type}s" );
				set_site_transient( "update_{$type}s", $updates ); // As many do; it is read and written.
				$kept = unserialize( site()->transients[ "update_{$type}s" ][0] )->response[ $name ];
				return array( ( (array) $updates->response[ $name ] )['package'], ( (array) $kept )['package'] );
			};

			site()->answers = array( said( array( 'hello-yard' => update(), 'garden-path' => theme_update() ) ) );
			look_for_updates( "{$type}s" );
			same( array( $package, $keys ? '' : $package ), $stored() );
			site()->hooks = array(); // The copy is not loaded.
			same( array( $keys ? '' : $package, $keys ? '' : $package ), $stored() );
		}
	}
}

function case_a_package_must_come_as_safely_as_the_registry() {
	foreach ( array( 'http://updates.example.com/x.zip', 'ftp://updates.example.com/x.zip', '/x.zip', 'https:///x.zip', 'file:///etc/passwd', 'https://user@evil.example.com/x.zip' ) as $package ) {
		new_site();
		plugin();
		site()->answers = array( said( array( 'hello-yard' => update( '1.1.0', array( 'package' => $package ) ) ) ) );
		look_for_updates();
		same( '', plugin_entry()[1]->package );
	}
}

// The details window.

function details( $more = array() ) {
	return $more + array(
		'name'         => 'Hello Yard',
		'slug'         => 'hello-yard',
		'version'      => '1.1.0',
		'author'       => '<a href="https://example.com">Acme</a>',
		'contributors' => array( 'acme' => array( 'display_name' => 'Acme', 'profile' => 'https://example.com', 'avatar' => 'https://example.com/a.png' ) ),
		'requires_plugins' => array(),
		'rating'       => 90,
		'num_ratings'  => 10,
		'tested'       => '6.6',
		'sections'     => array( 'description' => '<p>It greets.</p>', 'changelog' => '<h4>1.1.0</h4>' ),
		'download_link' => PACKAGE,
		'banners'      => array( 'low' => 'https://updates.example.com/low.png' ),
		'versions'     => array( '1.0.0' => REGISTRY . '/release/hello-yard.zip?update_id=1.0.0' ),
	);
}

function ask_for_details( $slug = 'hello-yard' ) {
	return apply_filters( 'plugins_api', false, 'plugin_information', (object) array( 'slug' => $slug ) );
}

function case_details_are_an_object_of_arrays() {
	plugin();
	site()->answers = array( array( 200, json_encode( details() ), array( 'etag' => '"d"' ) ) );
	$details        = ask_for_details();
	same( 'stdClass', get_class( $details ) );
	same( '<p>It greets.</p>', $details->sections['description'] );
	same( 'Acme', $details->contributors['acme']['display_name'] );
	same( '6.6.2', $details->tested );
	same( true, $details->external );
	same( array( '1.0.0' ), array_keys( $details->versions ) );
	same( 1, preg_match( '#/yard/hello-yard.json\?environment=staging&cohort=\d+$#', site()->requests[0][0] ) );
}

function case_details_of_others_are_left_to_others() {
	plugin();
	same( false, ask_for_details( 'other' ) );
	same( 'x', apply_filters( 'plugins_api', 'x', 'query_plugins', (object) array() ) );
	same( false, apply_filters( 'plugins_api', false, 'plugin_information', null ) );
	same( array(), site()->requests );
}

function case_details_are_kept_and_asked_for_again_conditionally() {
	plugin();
	site()->answers = array( array( 200, json_encode( details() ), array( 'etag' => '"d"', 'cache-control' => 'max-age=300' ) ), array( 304 ) );
	ask_for_details();
	ask_for_details();
	same( 1, count( site()->requests ) );
	later( 400 );
	same( 'Hello Yard', ask_for_details()->name );
	same( '"d"', site()->requests[1][1]['headers']['If-None-Match'] );
}

function case_details_that_cannot_be_had_are_an_error_that_says_why() {
	plugin();
	$error = ask_for_details();
	same( 'plugins_api_failed', $error->get_error_code() );
	same( 'The registry https://updates.example.com/yard could not tell about hello-yard: Connection refused.', $error->get_error_message() );
	ask_for_details();
	same( 1, count( site()->requests ) );
}

function case_details_cannot_break_the_window() {
	$wrong = array( null, false, 1, 'text', array(), array( 'acme' ), array( 'acme' => 'https://example.com' ), array( 'acme' => array() ), array( 'x' => array( 'y' => array( 'z' => 1 ) ) ) );
	foreach ( array_keys( details() ) as $field ) {
		foreach ( $wrong as $value ) {
			if ( 'version' === $field ) {
				continue;
			}
			new_site();
			plugin();
			site()->answers = array( array( 200, json_encode( array( $field => $value ) + details() ) ) );
			$details        = ask_for_details();
			same( true, is_string( $details->name ) && is_string( $details->author ) && is_array( $details->sections ), $field );
			foreach ( $details->sections as $section ) {
				same( true, is_string( $section ) );
			}
			foreach ( isset( $details->contributors ) ? $details->contributors : array() as $person ) {
				same( true, isset( $person['display_name'], $person['profile'], $person['avatar'] ) );
			}
			same( true, ! isset( $details->requires_plugins ) || is_array( $details->requires_plugins ) );
			same( isset( $details->rating ), isset( $details->num_ratings ) );
		}
	}
}

function case_what_the_window_prints_as_it_is_holds_no_markup() {
	plugin();
	site()->answers = array( array( 200, json_encode( details( array( 'name' => 'Hello <script>alert(1)</script>"', 'requires_php' => '8<script>', 'sections' => array( 'a<script>b' => '<p>x</p><script>y</script>' ) ) ) ) ) );
	$details        = ask_for_details();
	same( 'Hello &quot;', $details->name );
	same( false, isset( $details->requires_php ) );
	same( array( 'ascriptb' ), array_keys( $details->sections ) );
	same( false, strpos( $details->sections['ascriptb'], '<script' ) );
}

function case_a_themes_details_are_answered_too() {
	theme();
	site()->answers = array( array( 200, json_encode( details( array( 'slug' => 'garden-path', 'screenshot_url' => 'https://updates.example.com/s.png' ) ) ) ) );
	$details        = apply_filters( 'themes_api', false, 'theme_information', (object) array( 'slug' => 'garden-path' ) );
	same( 'garden-path', $details->slug );
	same( 'https://updates.example.com/s.png', $details->screenshot_url );
}

// What WordPress.org is told.

function case_wordpress_org_does_not_hear_of_us() {
	plugin();
	install( 'other/other.php', '1.0.0', '' );
	site()->active = array( PLUGIN, 'other/other.php' );
	look_for_updates();
	$asked = json_decode( site()->wporg_saw['plugins'], true );
	same( array( 'other/other.php' ), array_keys( $asked['plugins'] ) );
	same( array( 'other/other.php' ), $asked['active'] );
	same( '{"other":{"de_DE":1}}', site()->wporg_saw['translations'] );
}

function case_nor_of_our_theme() {
	theme();
	install( 'other/style.css', '1.0.0', '' );
	look_for_updates( 'themes' );
	same( array( 'other' ), array_keys( json_decode( site()->wporg_saw['themes'], true )['themes'] ) );
	same( false, strpos( json_encode( site()->wporg_saw ), 'garden-path' ) );
}

function case_other_requests_are_left_as_they_are() {
	$copy = plugin();
	$body = json_encode( array( 'plugins' => array( PLUGIN => array() ) ) );
	foreach ( array( 'https://api.example.com/plugins/update-check/1.1/', 'https://api.wordpress.org/core/version-check/1.7/', 'https://api.wordpress.org.example.com/plugins/update-check/1.1/', '', null, array() ) as $url ) {
		$args = array( 'body' => array( 'plugins' => $body ) );
		same( $args, $copy->conceal( $args, $url ) );
	}
	$check = 'https://api.wordpress.org/plugins/update-check/1.1/';
	foreach ( array( null, 'text', array(), array( 'body' => null ), array( 'body' => 'x' ), array( 'body' => array( 'plugins' => array() ) ), array( 'body' => array( 'plugins' => 'no JSON' ) ), array( 'body' => array( 'plugins' => '[]' ) ), array( 'body' => array( 'plugins' => '{"plugins":[]}' ) ), array( 'body' => array( 'plugins' => '{"plugins":{},"active":{"1":"a"}}' ) ) ) as $args ) {
		same( json_encode( $args ), json_encode( $copy->conceal( $args, $check ) ) );
	}
}

// What is downloaded.

function keypair() {
	$pair = sodium_crypto_sign_seed_keypair( str_repeat( 'k', 32 ) );
	return array( base64_encode( sodium_crypto_sign_publickey( $pair ) ), sodium_crypto_sign_secretkey( $pair ) );
}

function sign( $zip, $secret ) {
	return base64_encode( sodium_crypto_sign_detached( hash( 'sha384', $zip, true ), $secret ) );
}

/** Downloads the package as the upgrader does, for our plugin unless told otherwise. */
function upgrade( $package = PACKAGE, $extra = array( 'plugin' => PLUGIN ) ) {
	$upgrader = new Upgrader();
	$reply    = apply_filters( 'upgrader_pre_download', false, $package, $upgrader, $extra );
	return false === $reply ? download_url( $package, 300, true ) : $reply;
}

function case_a_signed_package_is_downloaded_once() {
	list( $public, $secret ) = keypair();
	plugin( array( base64_encode( str_repeat( 'o', 32 ) ), $public ) );
	site()->package    = 'the zip';
	site()->signatures = array( base64_encode( str_repeat( 's', 64 ) ), sign( 'the zip', $secret ) );
	same( 'the zip', file_get_contents( upgrade() ) );
	same( 1, count( site()->downloads ) );
	same( 'WordPress/6.6.2; pluginyard-updater', site()->downloads[0][1] );
}

function case_tampered_packages_are_refused() {
	list( $public, $secret ) = keypair();
	$other = sodium_crypto_sign_secretkey( sodium_crypto_sign_seed_keypair( str_repeat( 'x', 32 ) ) );
	foreach ( array(
		'one byte of the zip'       => array( 'the zIp', array( sign( 'the zip', $secret ) ), 'signature_verification_failed' ),
		'one byte of the signature' => array( 'the zip', array( base64_encode( strrev( base64_decode( sign( 'the zip', $secret ) ) ) ) ), 'signature_verification_failed' ),
		'another key'               => array( 'the zip', array( sign( 'the zip', $other ) ), 'signature_verification_failed' ),
		'no signature'              => array( 'the zip', array(), 'signature_verification_no_signature' ),
	) as $what => $row ) {
		new_site();
		plugin( array( $public ) );
		site()->package    = $row[0];
		site()->signatures = $row[1];
		$error             = upgrade();
		same( true, is_wp_error( $error ), $what );
		same( $row[2], $error->get_error_code(), $what );
		same( 0, strpos( $error->get_error_message(), 'hello-yard was not updated and stays at version 1.0.0. The authenticity' ), $what );
		same( array(), glob( site()->folder . '/package*' ), $what );
	}
}

function case_packages_of_others_are_not_verified() {
	list( $public ) = keypair();
	plugin( array( $public ) );
	site()->package = 'their zip';
	foreach ( array( REGISTRY . '/packages/fence-post/1/fence-post.zip', 'https://downloads.wordpress.org/plugin/other.zip', REGISTRY . '/hello-yard-too.zip', REGISTRY . '/hello-yard-zip.zip', REGISTRY . '/plugin/hello-yard-2.1.0.zip', 'https://files.example.com/hello-yard.zip' ) as $package ) {
		$copy = upgrade( $package, array( 'plugin' => 'other/other.php' ) );
		same( true, is_string( $copy ) || strpos( $package, 'wordpress.org' ) > 0, $package );
	}
	// Nothing of ours is left behind by a download of ours either.
	upgrade();
	foreach ( array( 'wp_signature_hosts' => array( 'h' ), 'wp_trusted_keys' => array( 'k' ), 'wp_signature_softfail' => true ) as $hook => $value ) {
		same( $value, apply_filters( $hook, $value ) );
	}
}

function case_our_packages_are_verified_however_they_are_asked_for() {
	list( $public ) = keypair();
	foreach ( array( '/hello-yard.zip', '/release/hello-yard.zip?update_id=1.0.0', '/branch/hello-yard.proxy', '/hello-yard-zip', '/hello-yard+zip', '/packages/hello-yard.1.0.0.zip', '/plugin/hello-yard.1.0.0.zip', '/theme/hello-yard.1.0.0.zip', '/hello%2Dyard.zip', '/packages/hello-yard/9/x.zip' ) as $path ) {
		foreach ( array( REGISTRY, 'https://UPDATES.example.com/wp-json/softwareregistry/v1/swupdate', 'http://updates.example.com:80', 'https://files.example.com/packages/9' ) as $where ) {
			new_site();
			plugin( array( $public ) );
			site()->answers = array( said( array( 'hello-yard' => update( '1.1.0', array( 'package' => 'https://files.example.com/9.zip' ) ) ) ) );
			look_for_updates();
			site()->package = 'the zip';
			same( true, is_wp_error( upgrade( $where . $path, array() ) ), $where . $path );
		}
	}
	new_site();
	plugin( array( $public ) );
	site()->package = 'the zip';
	same( true, is_wp_error( upgrade( 'https://elsewhere.example.com/x.zip' ) ) );
	same( true, is_wp_error( apply_filters( 'upgrader_pre_download', '/tmp/fetched-by-someone', PACKAGE, null, array( 'plugin' => PLUGIN ) ) ) );
}

function case_what_nobody_signs_is_checked_by_its_digest() {
	plugin();
	site()->answers = array( said( array( 'hello-yard' => update() ) ) );
	look_for_updates();
	site()->package = 'the zip';
	same( 'the zip', file_get_contents( upgrade() ) );
	site()->package = 'the zIp';
	$error          = upgrade();
	same( 'pluginyard_refused', $error->get_error_code() );
	same( 1, count( glob( site()->folder . '/package*' ) ) );
	same( false, apply_filters( 'upgrader_pre_download', false, REGISTRY . '/hello-yard.zip', null, array( 'plugin' => PLUGIN ) ) );
}

function case_a_failed_download_says_so() {
	list( $public ) = keypair();
	plugin( array( $public ) );
	same( 'hello-yard was not updated and stays at version 1.0.0. Not Found', upgrade()->get_error_message() );
}

function case_who_watches_is_told_of_the_download() {
	list( $public ) = keypair();
	plugin( array( $public ) );
	$upgrader = new Upgrader();
	apply_filters( 'upgrader_pre_download', false, PACKAGE, $upgrader, array( 'plugin' => PLUGIN ) );
	same( array( 'downloading_package ' . PACKAGE ), $upgrader->skin->said );
}

// What is installed.

/** Unpacks an update of a version and has it looked at. */
function unpacked( $version, $folder = 'hello-yard', $extra = array( 'plugin' => PLUGIN ), $name = 'hello-yard.php', $uri = '' ) {
	$remote = site()->folder . '/wp-content/upgrade/x';
	@mkdir( "$remote/$folder", 0777, true );
	file_put_contents( "$remote/$folder/$name", "<?php\n/*\n * Plugin Name: Hello Yard\n * Version: $version\n" . ( '' === $uri ? '' : " * Update URI: $uri\n" ) . ' */' );
	return apply_filters( 'upgrader_source_selection', "$remote/$folder/", $remote, new Upgrader(), $extra );
}

function case_a_newer_version_goes_on() {
	plugin();
	same( site()->folder . '/wp-content/upgrade/x/hello-yard/', unpacked( '1.1.0' ) );
}

function case_a_downgrade_is_refused() {
	foreach ( array( '1.0.0', '0.9', '', '1.0.0-beta' ) as $version ) {
		new_site();
		plugin();
		$error = unpacked( $version );
		same( 'pluginyard_refused', $error->get_error_code() );
		same( true, false !== strpos( $error->get_error_message(), 'which is not newer than 1.0.0.' ) );
	}
}

function case_another_version_than_was_offered_is_refused() {
	plugin();
	site()->answers = array( said( array( 'hello-yard' => update( '1.3.0' ) ) ) );
	look_for_updates();
	site()->package = 'the zip';
	upgrade();
	$error = unpacked( '1.1.0' );
	same( 'hello-yard was not updated and stays at version 1.0.0. The package holds version 1.1.0, but 1.3.0 was offered.', $error->get_error_message() );
}

function case_another_plugin_of_the_same_registry_is_refused() {
	plugin();
	same( 'hello-yard was not updated and stays at version 1.0.0. The package holds the folder fence-post, not hello-yard.', unpacked( '9.0', 'fence-post' )->get_error_message() );
}

function case_a_main_file_may_have_a_new_name() {
	plugin();
	same( true, is_string( unpacked( '1.1.0', 'hello-yard', array( 'plugin' => PLUGIN ), 'greetings.php' ) ) );
}

function case_a_plugin_keeps_the_folder_that_it_has() {
	install( 'hello-yard-main/hello-yard.php', '1.0.0', '' );
	start( 'hello-yard', 'plugin', WP_PLUGIN_DIR . '/hello-yard-main/hello-yard.php' );
	$source = unpacked( '1.1.0', 'hello-yard', array( 'plugin' => 'hello-yard-main/hello-yard.php' ) );
	same( site()->folder . '/wp-content/upgrade/x/hello-yard-main/', $source );
	same( true, is_file( $source . 'hello-yard.php' ) );
}

function case_installs_and_updates_of_others_are_not_looked_at() {
	plugin();
	same( true, is_string( unpacked( '0.1', 'hello-yard', array( 'type' => 'plugin', 'action' => 'install' ) ) ) );
	same( true, is_string( unpacked( '0.1', 'other', array( 'plugin' => 'other/other.php' ) ) ) );
	$error = new WP_Error( 'x', 'y' );
	same( $error, apply_filters( 'upgrader_source_selection', $error, '', null, array( 'plugin' => PLUGIN ) ) );
}

function case_what_is_installed_by_hand_must_be_signed_too() {
	list( $public, $secret ) = keypair();
	$elsewhere = 'https://elsewhere.example.com/latest.zip';
	$upload    = '/srv/uploads/hello-yard.zip';
	foreach ( array(
		'from elsewhere'                    => array( $elsewhere, REGISTRY . '/hello-yard', false ),
		'from elsewhere, host in capitals'  => array( $elsewhere, 'https://UPDATES.example.com', false ),
		'from elsewhere, without a package' => array( '', REGISTRY, false ),
		'signed, though it is older'        => array( REGISTRY . '/packages/hello-yard.0.9.zip', REGISTRY, true ),
		'uploaded'                          => array( $upload, REGISTRY, true ),
		'a namesake of someone else'        => array( $elsewhere, 'https://example.com/', true ),
		'a namesake without Update URI'     => array( $elsewhere, '', true ),
	) as $what => $row ) {
		new_site();
		plugin( array( $public ) );
		site()->package    = 'the zip';
		site()->signatures = array( sign( 'the zip', $secret ) );
		$install           = array( 'type' => 'plugin', 'action' => 'install' );
		upgrade( $row[0], $install );
		$source = unpacked( '0.9', 'hello-yard', $install, 'hello-yard.php', $row[1] );
		same( $row[2], is_string( $source ), $what );
		same( $row[2] ? '' : 'hello-yard was not updated and stays at version 1.0.0. Nobody verified its signature.', $row[2] ? '' : $source->get_error_message(), $what );
		// Nobody profits from what was verified before.
		same( true, is_wp_error( unpacked( '0.9', 'hello-yard', $install, 'hello-yard.php', REGISTRY ) ) );
	}
	new_site();
	plugin();
	upgrade( $elsewhere, $install );
	same( true, is_string( unpacked( '0.9', 'hello-yard', $install, 'hello-yard.php', REGISTRY ) ) );
}

function case_a_theme_is_looked_at_too() {
	theme();
	$remote = site()->folder . '/wp-content/upgrade/x';
	mkdir( "$remote/garden-path", 0777, true );
	foreach ( array( '1.1.0' => true, '0.9' => false ) as $version => $good ) {
		file_put_contents( "$remote/garden-path/style.css", "/*\nTheme Name: Garden Path\nVersion: $version\n*/" );
		same( $good, is_string( apply_filters( 'upgrader_source_selection', "$remote/garden-path/", $remote, null, array( 'theme' => 'garden-path' ) ) ) );
	}
}

// What administrators are told.

function case_nobody_is_warned_where_signatures_can_be_verified() {
	list( $public ) = keypair();
	plugin( array( $public ) );
	same( '', notices() );
}

function case_a_server_without_sodium_is_told_of() {
	plugin( array( 'a key' ) );
	same( true, strpos( notices(), 'hello-yard cannot be updated. Its packages are signed' ) > 0 );
	site()->can = false;
	same( '', notices() );
	site()->can    = true;
	site()->screen = 'edit';
	same( '', notices() );
	site()->package = 'the zip';
	$error          = upgrade();
	same( 'pluginyard_refused', $error->get_error_code() );
	same( true, strpos( $error->get_error_message(), 'PHP lacks the extension sodium' ) > 0 );
	same( array(), site()->downloads );
}

function case_no_keys_need_no_sodium() {
	plugin();
	same( '', notices() );
	same( false, apply_filters( 'upgrader_pre_download', false, PACKAGE, null, array( 'plugin' => PLUGIN ) ) );
}
