<?php
/**
 * As much of WordPress as the updater touches, written for its cases: hooks,
 * transients, HTTP with answers prepared by a case, downloads, and how updates
 * are looked for. What WordPress itself does was read and tried; none of its
 * code is here.
 *
 * @package Pluginyard
 */

define( 'ABSPATH', '/' );
define( 'MINUTE_IN_SECONDS', 60 );
define( 'MONTH_IN_SECONDS', 2592000 );

/**
 * One site and what has happened to it. A case begins with a new one.
 */
class Site {
	public $folder;
	public $hooks      = array();
	public $doing      = array();
	public $transients = array();
	public $unstorable = array(); // Names of transients.
	public $version    = '6.6.2';
	public $admin      = true;
	public $cron       = false;
	public $active     = array();
	public $can        = true;
	public $screen     = 'plugins';
	public $answers    = array();
	public $requests   = array();
	public $wporg      = '{"plugins":{},"themes":{},"no_update":{},"translations":[]}';
	public $wporg_saw  = null;
	public $package    = null; // What a download of a package brings.
	public $signatures = array();
	public $downloads  = array();
	public $stylesheet = 'garden-path';
	public $template   = 'garden-path';
}

class WP_Error {
	public $code;
	public $message;
	public function __construct( $code = '', $message = '' ) {
		$this->code    = $code;
		$this->message = $message;
	}
	public function get_error_code() {
		return $this->code;
	}
	public function get_error_message() {
		return $this->message;
	}
}

class WP_Http {
	public static function make_absolute_url( $location, $url ) {
		$parts = parse_url( $url );
		return '/' === $location[0] ? $parts['scheme'] . '://' . $parts['host'] . $location : $location;
	}
}

/** What the upgrader tells the person who watches. */
class Skin {
	public $said = array();
	public function feedback( $text, ...$values ) {
		$this->said[] = implode( ' ', array_merge( array( $text ), $values ) );
	}
}

class Upgrader {
	public $skin;
	public function __construct() {
		$this->skin = new Skin();
	}
}

class Filesystem {
	public function wp_content_dir() {
		return site()->folder . '/wp-content/';
	}
	public function move( $from, $to ) {
		return rename( rtrim( $from, '/' ), rtrim( $to, '/' ) );
	}
}

function site() {
	return $GLOBALS['site'];
}

// Hooks.

function add_filter( $hook, $callback, $priority = 10, $args = 1 ) {
	$id = is_array( $callback ) ? spl_object_hash( $callback[0] ) . $callback[1] : ( is_object( $callback ) ? spl_object_hash( $callback ) : $callback );
	site()->hooks[ $hook ][ $priority ][ $id ] = array( $callback, $args );
}
function add_action( $hook, $callback, $priority = 10, $args = 1 ) {
	add_filter( $hook, $callback, $priority, $args );
}
function remove_filter( $hook, $callback, $priority = 10 ) {
	foreach ( site()->hooks[ $hook ][ $priority ] as $id => $entry ) {
		if ( $entry[0] === $callback ) {
			unset( site()->hooks[ $hook ][ $priority ][ $id ] );
		}
	}
}
function apply_filters( $hook, $value, ...$more ) {
	$priorities = isset( site()->hooks[ $hook ] ) ? site()->hooks[ $hook ] : array();
	ksort( $priorities );
	site()->doing[] = $hook;
	foreach ( $priorities as $callbacks ) {
		foreach ( $callbacks as $callback ) {
			$value = call_user_func_array( $callback[0], array_slice( array_merge( array( $value ), $more ), 0, $callback[1] ) );
		}
	}
	array_pop( site()->doing );
	return $value;
}
function do_action( $hook ) {
	apply_filters( $hook, '' );
}
function doing_action( $hook ) {
	return in_array( $hook, site()->doing, true );
}

// What is kept.

function get_site_transient( $name ) {
	$value = apply_filters( "pre_site_transient_$name", false, $name );
	if ( false !== $value ) {
		return $value;
	}
	$kept  = isset( site()->transients[ $name ] ) ? site()->transients[ $name ] : null;
	$value = $kept && ( ! $kept[1] || $kept[1] > microtime( true ) ) ? unserialize( $kept[0] ) : false;
	return apply_filters( "site_transient_$name", $value, $name );
}
function set_site_transient( $name, $value, $seconds = 0 ) {
	$value                     = apply_filters( "pre_set_site_transient_$name", $value, $name );
	if ( ! in_array( $name, site()->unstorable, true ) ) {
		site()->transients[ $name ] = array( serialize( $value ), $seconds ? microtime( true ) + $seconds : 0 );
	}
}
function delete_site_transient( $name ) {
	unset( site()->transients[ $name ] );
}

// Requests. An answer is array( code, body, headers ), a WP_Error, or a
// function of URL and arguments that gives one.

function wp_remote_get( $url, $args ) {
	$args   = apply_filters( 'http_request_args', $args, $url );
	$agent  = apply_filters( 'http_headers_useragent', 'WordPress/' . site()->version . '; ' . home_url( '/' ), $url );
	$args  += array( 'user-agent' => $agent, 'headers' => array() );
	site()->requests[] = array( $url, $args );

	$answer = array_shift( site()->answers );
	if ( $answer instanceof Closure ) {
		$answer = $answer( $url, $args );
	}
	if ( null === $answer ) {
		$answer = new WP_Error( 'http_request_failed', 'Connection refused' );
	}
	if ( $answer instanceof WP_Error ) {
		return $answer;
	}
	$body = isset( $answer[1] ) ? $answer[1] : '';
	if ( ! empty( $args['stream'] ) ) {
		file_put_contents( $args['filename'], substr( $body, 0, $args['limit_response_size'] ) );
		$body = '';
	}
	return array(
		'response' => array( 'code' => $answer[0] ),
		'body'     => $body,
		'headers'  => isset( $answer[2] ) ? $answer[2] : array(),
	);
}
function wp_remote_retrieve_response_code( $response ) {
	return is_array( $response ) ? $response['response']['code'] : '';
}
function wp_remote_retrieve_body( $response ) {
	return is_array( $response ) ? $response['body'] : '';
}
function wp_remote_retrieve_header( $response, $name ) {
	return is_array( $response ) && isset( $response['headers'][ $name ] ) ? $response['headers'][ $name ] : '';
}

/** Downloads a package as WordPress does: verified if the host is listed, refused only if nobody is soft. */
function download_url( $url, $timeout = 300, $verify = false ) {
	site()->downloads[] = array( $url, apply_filters( 'http_headers_useragent', 'WordPress/' . site()->version . '; ' . home_url( '/' ), $url ) );
	if ( null === site()->package ) {
		return new WP_Error( 'http_404', 'Not Found' );
	}
	$file = tempnam( site()->folder, 'package' );
	file_put_contents( $file, site()->package );
	if ( ! $verify || ! in_array( parse_url( $url, PHP_URL_HOST ), apply_filters( 'wp_signature_hosts', array( 'downloads.wordpress.org' ) ), true ) ) {
		return $file;
	}
	foreach ( site()->signatures as $signature ) {
		foreach ( apply_filters( 'wp_trusted_keys', array() ) as $key ) {
			if ( sodium_crypto_sign_verify_detached( base64_decode( $signature ), hash_file( 'sha384', $file, true ), base64_decode( $key ) ) ) {
				return $file;
			}
		}
	}
	if ( apply_filters( 'wp_signature_softfail', true, $url ) ) {
		return $file; // WordPress goes on with it.
	}
	unlink( $file );
	return site()->signatures
		? new WP_Error( 'signature_verification_failed', 'The authenticity of package.zip could not be verified.' )
		: new WP_Error( 'signature_verification_no_signature', 'The authenticity of package.zip could not be verified as no signature was found.' );
}
function verify_file_signature() {
}

// What is installed.

function plugin_basename( $file ) {
	return ltrim( str_replace( WP_PLUGIN_DIR, '', $file ), '/' );
}
function get_stylesheet() {
	return site()->stylesheet;
}
function get_template() {
	return site()->template;
}
function get_theme_root() {
	return site()->folder . '/wp-content/themes';
}
function get_file_data( $file, $headers ) {
	$text = file_get_contents( $file );
	foreach ( $headers as $key => $name ) {
		$headers[ $key ] = preg_match( '/^[ \t\/*#@]*' . preg_quote( $name, '/' ) . ':(.*)$/mi', $text, $found ) ? trim( $found[1] ) : '';
	}
	return $headers;
}

/**
 * Looks for updates as wp_update_plugins and wp_update_themes do, without their
 * schedule. Filters are asked only if api.wordpress.org answers, and since some
 * version of WordPress.
 */
function look_for_updates( $types = 'plugins', $filters = true ) {
	$installed = array();
	foreach ( glob( 'plugins' === $types ? WP_PLUGIN_DIR . '/*/*.php' : get_theme_root() . '/*/style.css' ) as $file ) {
		$headers = get_file_data( $file, array( 'Version', 'Update URI' ) );
		$name    = 'plugins' === $types ? plugin_basename( $file ) : basename( dirname( $file ) );
		if ( '' !== $headers[0] ) {
			$installed[ $name ] = array( 'Version' => $headers[0], 'UpdateURI' => $headers[1] );
		}
	}
	$current = get_site_transient( "update_$types" );
	if ( ! is_object( $current ) ) {
		$current = new stdClass();
	}
	$current->last_checked = time();
	set_site_transient( "update_$types", $current );

	$active = 'plugins' === $types ? site()->active : site()->stylesheet;
	$args   = apply_filters(
		'http_request_args',
		array( 'body' => array( $types => json_encode( array( $types => $installed, 'active' => $active ) ), 'translations' => json_encode( array( 'hello-yard' => array( 'de_DE' => 1 ), 'other' => array( 'de_DE' => 1 ) ) ) ) ),
		"https://api.wordpress.org/$types/update-check/1.1/"
	);
	site()->wporg_saw = $args['body'];
	if ( null === site()->wporg ) {
		return;
	}
	$answer  = json_decode( site()->wporg, true );
	$updates = (object) array( 'last_checked' => time(), 'response' => array(), 'no_update' => $answer['no_update'] );
	foreach ( $answer[ $types ] as $name => $entry ) {
		$updates->response[ $name ] = 'plugins' === $types ? (object) $entry : $entry;
	}
	foreach ( $installed as $name => $headers ) {
		if ( ! $filters || '' === $headers['UpdateURI'] || isset( $updates->response[ $name ] ) ) {
			continue;
		}
		$update = apply_filters( "update_{$types}_" . parse_url( $headers['UpdateURI'], PHP_URL_HOST ), false, $headers, $name, array() );
		if ( ! $update || ! isset( $update['version'] ) ) {
			continue;
		}
		$update['id']          = $headers['UpdateURI'];
		$update['new_version'] = $update['version'];
		$list                  = version_compare( $update['version'], $headers['Version'], '>' ) ? 'response' : 'no_update';
		$updates->$list       += array( $name => 'plugins' === $types ? (object) $update : $update );
	}
	set_site_transient( "update_$types", $updates );
}

// The small ones.

function is_admin() {
	return site()->admin;
}
function wp_doing_cron() {
	return site()->cron;
}
function is_wp_error( $value ) {
	return $value instanceof WP_Error;
}
function wp_get_environment_type() {
	return 'staging';
}
function wp_salt() {
	return 'salt of the site';
}
function get_bloginfo() {
	return site()->version;
}
function home_url( $path = '' ) {
	return 'https://site.example.com' . $path;
}
function wp_parse_url( $url, $part ) {
	return parse_url( $url, $part );
}
function wp_json_encode( $value ) {
	return json_encode( $value );
}
function esc_url_raw( $url ) {
	return preg_replace( '/[\s<>"\']/', '', $url );
}
function esc_html( $text ) {
	return htmlspecialchars( $text, ENT_QUOTES, 'UTF-8', false );
}
function get_temp_dir() {
	return site()->folder . '/';
}
function wp_strip_all_tags( $text ) {
	return trim( strip_tags( preg_replace( '#<(script|style)[^>]*>.*?</\1>#si', '', $text ) ) );
}
function wp_kses_post( $html ) {
	return strip_tags( $html, '<p><a><strong><em><ul><li><h4><img><code>' );
}
function trailingslashit( $path ) {
	return rtrim( $path, '/' ) . '/';
}
function current_user_can() {
	return site()->can;
}
function get_current_screen() {
	return (object) array( 'base' => site()->screen );
}
