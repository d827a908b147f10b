<?php
/**
 * Updates of one plugin or theme from a Pluginyard registry.
 *
 * Put this file into the plugin or theme, and start it with one line, in the
 * plugin's main file or in the theme's functions.php:
 *
 *     ( require __DIR__ . '/updater.php' )->start( __FILE__ );
 *
 * Nothing in here has to be changed. A newer copy is at REGISTRY/SLUG/updater.php.
 *
 * @package   Pluginyard
 * @copyright The Pluginyard authors
 * @license   MIT https://opensource.org/license/mit
 */

defined( 'ABSPATH' ) || exit;

// Every content has a name of its own, so copies of any age live side by side.
if ( ! class_exists( 'Pluginyard_Updater_Unrendered', false ) ) :

/**
 * Tells WordPress of updates and details, and has it verify what it downloads.
 *
 * When the registry is asked: only while WordPress itself looks for updates
 * (cron twice a day, the Updates and Plugins screens, WP-CLI, multisite's
 * network admin), which begins with storing the site transient
 * update_plugins or update_themes, and when someone opens the details. No
 * other page asks; where one reads these transients, as the admin bar does,
 * what is kept is put in. WordPress goes on to the filters update_plugins_HOST
 * and update_themes_HOST only if api.wordpress.org answers, for themes since
 * 6.1, for plugins since 5.8, and only with an Update URI header; what is
 * merged into the transient needs none of that.
 *
 * All copies of one registry on a site share one request and what was believed
 * of its answer, in a site transient. It is repeated after CHECK_EVERY at the
 * earliest, "Check again" and WP-CLI repeat it always; each time conditionally.
 *
 * On a multisite network the copy must be active for the network or on the main
 * site, since WordPress looks for updates nowhere else; a theme must be the
 * active one or its parent.
 */
class Pluginyard_Updater_Unrendered {

	/**
	 * The registry's address, what is asked for there, and the public keys that
	 * its packages are signed with: none if it does not sign.
	 */
	const REGISTRY = '__REGISTRY__';
	const SLUG     = '__SLUG__';
	const TYPE     = '__TYPE__';
	const KEYS     = array( '__KEYS__' );

	/**
	 * Times in seconds. WordPress looks twice a day, give or take some minutes.
	 */
	const CHECK_EVERY = 39600;
	const DETAILS_FOR = 300;
	const RETRY_AFTER = 300; // Doubled by each failure in a row.
	const MAX_RETRY   = 10800;
	const TIMEOUT     = 3;  // On a page of wp-admin, redirects included.
	const PATIENCE    = 10; // In cron and WP-CLI, where nobody waits.

	/**
	 * An answer's bytes, and its lists and maps, all and within each other: PHP
	 * takes some 400 bytes for each. A static host answers with 1,200 bytes and 7
	 * of them a plugin, whatever it is asked. Then how many redirects lead there,
	 * and how many slugs a registry lets one request name.
	 */
	const MAX_ANSWER    = 524288;
	const MAX_MAPS      = 20000;
	const MAX_DEPTH     = 8;
	const MAX_REDIRECTS = 2;
	const MAX_SLUGS     = 200;

	/**
	 * What is believed of an update, and how each field must look. WordPress is
	 * told all but the last two.
	 */
	const UPDATE = array(
		'version'          => 'version',
		'url'              => 'link',
		'package'          => 'package',
		'requires'         => 'version',
		'tested'           => 'version',
		'requires_php'     => 'version',
		'requires_plugins' => 'slugs',
		'upgrade_notice'   => 'html',
		'icons'            => 'links',
		'banners'          => 'links',
		'banners_rtl'      => 'links',

		'digests'            => 'digests',
		'disable_autoupdate' => 'flag',
	);

	/**
	 * What it is told in the details window.
	 */
	const DETAILS = array(
		'name'              => 'text',
		'version'           => 'version',
		'author'            => 'html',
		'author_profile'    => 'link',
		'contributors'      => 'people',
		'requires'          => 'version',
		'tested'            => 'version',
		'requires_php'      => 'version',
		'requires_plugins'  => 'slugs',
		'rating'            => 'number',
		'num_ratings'       => 'number',
		'ratings'           => 'numbers',
		'active_installs'   => 'number',
		'downloaded'        => 'number',
		'last_updated'      => 'text',
		'added'             => 'text',
		'homepage'          => 'link',
		'preview_url'       => 'link',
		'screenshot_url'    => 'link',
		'donate_link'       => 'link',
		'description'       => 'html',
		'short_description' => 'text',
		'sections'          => 'sections',
		'download_link'     => 'package',
		'versions'          => 'links',
		'banners'           => 'links',
		'banners_rtl'       => 'links',
		'icons'             => 'links',
	);

	/**
	 * A plugin's basename, "hello-yard/hello-yard.php", or a theme's stylesheet.
	 *
	 * @var string
	 */
	private $file = '';

	/**
	 * The package that is being downloaded, or ''.
	 *
	 * @var string
	 */
	private $package = '';

	/**
	 * The version that the package being installed was offered as, or ''.
	 *
	 * @var string
	 */
	private $expected = '';

	/**
	 * Whether the package being installed was verified, or lay on this server.
	 *
	 * @var bool
	 */
	private $trusted = false;

	/**
	 * Adds the hooks.
	 *
	 * @param string $file The plugin's main file, or the theme's functions.php.
	 */
	public function start( $file ) {
		$types      = self::TYPE . 's';
		$this->file = 'theme' === self::TYPE ? self::stylesheet( $file ) : plugin_basename( $file );

		add_filter( self::key(), array( $this, 'add_slug' ) );
		add_filter( "update_{$types}_" . wp_parse_url( self::REGISTRY, PHP_URL_HOST ), array( $this, 'answer' ), 10, 3 );
		add_filter( "pre_set_site_transient_update_{$types}", array( $this, 'store' ) );
		add_filter( "site_transient_update_{$types}", array( $this, 'read' ) );
		add_filter( "{$types}_api", array( $this, 'details' ), 20, 3 );
		add_filter( 'http_request_args', array( $this, 'conceal' ), 10, 2 );
		add_filter( 'http_headers_useragent', array( $this, 'user_agent' ), 10, 2 );
		add_filter( 'upgrader_pre_download', array( $this, 'download' ), PHP_INT_MAX, 4 );
		add_filter( 'upgrader_source_selection', array( $this, 'inspect' ), PHP_INT_MAX, 4 );
		add_filter( 'auto_update_' . self::TYPE, array( $this, 'stop' ), 10, 2 );
		add_action( 'admin_notices', array( $this, 'warn' ) );
		add_action( 'network_admin_notices', array( $this, 'warn' ) );
	}

	/**
	 * Names what all copies of this registry share: the filter that collects
	 * their slugs and the transient of the answer. It holds lists and maps of
	 * texts and numbers, and may be changed only under another number.
	 *
	 * @return string
	 */
	private static function key() {
		return 'pluginyard_1_' . md5( self::REGISTRY );
	}

	/**
	 * Finds the stylesheet of the theme that has a file. A theme's folder may be
	 * a link, which __FILE__ has already followed.
	 *
	 * @param string $file The theme's functions.php.
	 * @return string
	 */
	private static function stylesheet( $file ) {
		$folder = dirname( $file );
		foreach ( array( get_stylesheet(), get_template() ) as $stylesheet ) {
			if ( realpath( get_theme_root( $stylesheet ) . '/' . $stylesheet ) === realpath( $folder ) ) {
				return $stylesheet;
			}
		}
		return basename( $folder );
	}

	/**
	 * Gives the file with the headers of what is installed. A plugin that must be
	 * used lies elsewhere, and is not updated.
	 *
	 * @return string '' if there is none where updates go.
	 */
	private function installed() {
		$file = 'theme' === self::TYPE
			? get_theme_root( $this->file ) . '/' . $this->file . '/style.css'
			: WP_PLUGIN_DIR . '/' . $this->file;
		return is_file( $file ) ? $file : '';
	}

	/**
	 * Reads a header of what is installed.
	 *
	 * @param string $name Such as "Version".
	 * @return string '' if there is none.
	 */
	private function header( $name ) {
		$file = $this->installed();
		return '' === $file ? '' : get_file_data( $file, array( $name ) )[0];
	}

	// What the registry says.

	/**
	 * Adds our slug to those that are asked for together.
	 *
	 * @param string[] $slugs Of the other copies.
	 * @return string[]
	 */
	public function add_slug( $slugs ) {
		$slugs   = (array) $slugs;
		$slugs[] = self::SLUG;
		return $slugs;
	}

	/**
	 * Gives the updates of this registry's plugins and themes.
	 *
	 * @param bool $may_ask Whether the registry may be asked now.
	 * @return array|null By slug; null if nobody knows about ours.
	 */
	private function updates( $may_ask ) {
		$kept  = self::kept( self::key() );
		$slugs = array_unique( self::values( (array) apply_filters( self::key(), array() ), 'slug', true ) );
		if ( $may_ask && self::may_wait() ) {
			// Screens and cron don't always load the same themes and plugins.
			$wanted = $slugs;
			if ( self::age( $kept['fetched'] ) < self::CHECK_EVERY ) {
				$wanted = array_unique( array_merge( $kept['slugs'], $slugs ) );
			}
			sort( $wanted );
			$wanted = array_slice( $wanted, 0, self::MAX_SLUGS );
			$url    = self::url( 'plugin_info.json', array( 'slugs' => implode( ',', $wanted ) ) );
			$old    = array_diff( $slugs, $kept['slugs'] ) || $url !== $kept['url'];
			if ( self::is_due( $kept, $old, self::CHECK_EVERY ) ) {
				$kept = self::ask( self::key(), $kept, $url, $wanted );
			}
		}
		return in_array( self::SLUG, $kept['slugs'], true ) ? $kept['entries'] : null;
	}

	/**
	 * Makes an address of the registry.
	 *
	 * @param string $path  What is asked for.
	 * @param array  $query Parameters beside those that every request has.
	 * @return string
	 */
	private static function url( $path, $query = array() ) {
		$query['environment'] = function_exists( 'wp_get_environment_type' ) ? wp_get_environment_type() : 'production';
		// For gradual rollouts: one of 1,000, always the same for a site, and
		// another for each registry. It says nothing of the site.
		$query['cohort'] = hexdec( substr( hash_hmac( 'sha256', self::key(), wp_salt() ), 0, 7 ) ) % 1000;
		return self::REGISTRY . '/' . $path . '?' . http_build_query( $query, '', '&' );
	}

	/**
	 * Whether whoever has sent this request expects it to take some time:
	 * wp-admin, cron, WP-CLI and the REST API do, visitors don't.
	 *
	 * @return bool
	 */
	private static function may_wait() {
		return is_admin() || wp_doing_cron() || self::is_cli() || ( defined( 'REST_REQUEST' ) && REST_REQUEST );
	}

	/**
	 * Whether this is WP-CLI.
	 *
	 * @return bool
	 */
	private static function is_cli() {
		return defined( 'WP_CLI' ) && WP_CLI;
	}

	/**
	 * Whether to ask again.
	 *
	 * @param array $kept     The last answer.
	 * @param bool  $old      Whether it cannot be the whole answer any more.
	 * @param int   $lifetime How long it may be used otherwise, in seconds.
	 * @return bool
	 */
	private static function is_due( $kept, $old, $lifetime ) {
		// phpcs:ignore WordPress.Security.NonceVerification.Recommended
		$forced  = self::is_cli() || ( is_admin() && ! empty( $_GET['force-check'] ) );
		$started = isset( $_SERVER['REQUEST_TIME_FLOAT'] ) ? (float) $_SERVER['REQUEST_TIME_FLOAT'] : microtime( true );
		if ( $forced && $kept['asked'] < $started ) {
			return true; // Once, however many copies and checks there are.
		}
		if ( $kept['failures'] > 0 ) {
			return self::age( $kept['asked'] ) >= $kept['retry'];
		}
		return $old || self::age( $kept['fetched'] ) >= $lifetime;
	}

	/**
	 * Gives the age of something. The clock may have been put back.
	 *
	 * @param float $time When it happened.
	 * @return float Seconds.
	 */
	private static function age( $time ) {
		$age = microtime( true ) - $time;
		return $age < 0 ? PHP_INT_MAX : $age;
	}

	/**
	 * Reads what is kept of earlier answers.
	 *
	 * @param string $key The transient.
	 * @return array All fields, each of its type.
	 */
	private static function kept( $key ) {
		$empty = array(
			'url'      => '',      // What was asked for when the entries came.
			'slugs'    => array(), // Of which plugins and themes they tell.
			'etag'     => '',
			'entries'  => array(), // By slug, of the fields in UPDATE or DETAILS.
			'fetched'  => 0.0,     // When the registry last said so.
			'asked'    => 0.0,     // When it was last asked, in vain or not.
			'failures' => 0,       // In vain since fetched.
			'retry'    => 0,       // Seconds to wait after the last one.
			'error'    => '',
		);
		$kept  = get_site_transient( $key );
		foreach ( $empty as $field => $value ) {
			if ( ! is_array( $kept ) || ! isset( $kept[ $field ] ) || gettype( $kept[ $field ] ) !== gettype( $value ) ) {
				return $empty;
			}
		}
		return $kept;
	}

	/**
	 * Asks the registry, and keeps what is believed of its answer. Where it fails
	 * the last good answer stays.
	 *
	 * @param string   $key   The transient.
	 * @param array    $kept  What it holds.
	 * @param string   $url   What to ask for: a map by slug, or of a single one.
	 * @param string[] $slugs Which plugins and themes that tells of.
	 * @return array What the transient holds now.
	 */
	private static function ask( $key, $kept, $url, $slugs ) {
		$timeout = wp_doing_cron() || self::is_cli() ? self::PATIENCE : self::TIMEOUT;
		if ( get_site_transient( $key . '_lock' ) ) {
			return $kept; // Another page is asking.
		}
		set_site_transient( $key . '_lock', 1, $timeout + 5 );
		$etag     = $url === $kept['url'] ? $kept['etag'] : '';
		$response = self::fetch( $url, $etag, $timeout );
		$code     = (int) wp_remote_retrieve_response_code( $response );
		$said     = 200 === $code ? self::decode( wp_remote_retrieve_body( $response ) ) : null;

		$kept['asked'] = microtime( true );
		if ( null !== $said || ( 304 === $code && '' !== $etag ) ) {
			$kept['fetched']  = $kept['asked'];
			$kept['failures'] = 0;
			$kept['retry']    = 0;
			$kept['error']    = '';
		} else {
			$wait             = self::RETRY_AFTER * pow( 2, min( $kept['failures'], 10 ) );
			$asked_for        = (int) self::one_line( wp_remote_retrieve_header( $response, 'retry-after' ) );
			$kept['retry']    = (int) min( self::MAX_RETRY, max( $wait, $asked_for ) );
			$kept['error']    = self::ascii( is_wp_error( $response ) ? $response->get_error_message() : ( 200 === $code ? 'its answer cannot be used' : "HTTP $code" ) );
			$kept['failures'] = $kept['failures'] + 1;
		}
		if ( null !== $said ) {
			$kept['url']     = $url;
			$kept['slugs']   = array_values( $slugs );
			$kept['etag']    = self::one_line( wp_remote_retrieve_header( $response, 'etag' ) );
			$kept['entries'] = self::key() === $key ? self::entries( $said, $slugs, self::UPDATE ) : self::entries( array( $slugs[0] => $said ), $slugs, self::DETAILS );
		}
		// Where it cannot be stored, all copies know it in this process at least.
		add_filter(
			"pre_site_transient_$key",
			function () use ( $kept ) {
				return $kept;
			}
		);
		set_site_transient( $key, $kept, MONTH_IN_SECONDS );
		delete_site_transient( $key . '_lock' );
		return $kept;
	}

	/**
	 * Takes from an answer what was asked for.
	 *
	 * @param array    $said   By slug.
	 * @param string[] $slugs  Of which plugins and themes.
	 * @param string[] $fields As of shape.
	 * @return array By slug; only those that have a version.
	 */
	private static function entries( $said, $slugs, $fields ) {
		$entries = array();
		foreach ( $slugs as $slug ) {
			$entry = isset( $said[ $slug ] ) && is_array( $said[ $slug ] ) ? self::shape( $said[ $slug ], $fields ) : array();
			if ( isset( $entry['version'] ) ) {
				$entries[ $slug ] = $entry;
			}
		}
		return $entries;
	}

	/**
	 * Sends a request. Redirects share the time, which WordPress would give to
	 * each of them. The body goes through a file: one in memory WordPress would
	 * decompress once more, to whatever size.
	 *
	 * @param string $url     Where to.
	 * @param string $etag    Of the answer that is kept, or ''.
	 * @param int    $timeout Seconds.
	 * @return array|WP_Error As of wp_remote_get.
	 */
	private static function fetch( $url, $etag, $timeout ) {
		$ends = microtime( true ) + $timeout;
		$file = tempnam( get_temp_dir(), 'pluginyard' );
		if ( false === $file ) {
			return new WP_Error( 'pluginyard_no_room', 'There is no room for temporary files.' );
		}
		$headers = array(
			'Accept'          => 'application/json',
			'Accept-Encoding' => 'identity', // Without cURL nothing decompresses files.
		);
		if ( '' !== $etag ) {
			$headers['If-None-Match'] = $etag;
		}
		for ( $redirects = 0; ; $redirects++ ) {
			$response = wp_remote_get(
				$url,
				array(
					'timeout'             => max( 0.1, $ends - microtime( true ) ),
					'redirection'         => 0,
					'limit_response_size' => self::MAX_ANSWER,
					'stream'              => true,
					'filename'            => $file,
					'user-agent'          => self::agent(),
					'headers'             => $headers,
				)
			);
			$code     = (int) wp_remote_retrieve_response_code( $response );
			$location = self::one_line( wp_remote_retrieve_header( $response, 'location' ) );
			if ( ! in_array( $code, array( 301, 302, 303, 307, 308 ), true ) || '' === $location || $redirects >= self::MAX_REDIRECTS ) {
				break;
			}
			$url = WP_Http::make_absolute_url( $location, $url );
			if ( null === self::link( $url, true ) ) {
				break;
			}
		}
		if ( is_array( $response ) ) {
			$response['body'] = (string) file_get_contents( $file, false, null, 0, self::MAX_ANSWER );
		}
		unlink( $file );
		return $response;
	}

	/**
	 * Reads a document.
	 *
	 * @param string $body What the registry sent.
	 * @return array|null Null if it is none.
	 */
	private static function decode( $body ) {
		$maps    = substr_count( $body, '{' ) + substr_count( $body, '[' );
		$decoded = $maps <= self::MAX_MAPS ? json_decode( $body, true, self::MAX_DEPTH ) : null;
		// A list is nobody's answer, but PHP writes an empty map as one.
		return is_array( $decoded ) && ( '{' === substr( ltrim( $body ), 0, 1 ) || array() === $decoded ) ? $decoded : null;
	}

	/**
	 * Takes a header that must be one short line.
	 *
	 * @param mixed $value A list if there were several.
	 * @return string '' if it is nothing of the kind.
	 */
	private static function one_line( $value ) {
		return is_string( $value ) && preg_match( '/^[\x21-\x7e][\x20-\x7e]{0,2000}$/D', $value ) ? $value : '';
	}

	// What WordPress is told of updates.

	/**
	 * Answers update_plugins_HOST and update_themes_HOST. It answers for what is
	 * up to date too, or there would be no switch for automatic updates.
	 *
	 * @param array|false $update What others said.
	 * @param array       $data   Headers.
	 * @param string      $file   Of which plugin or theme.
	 * @return array|false
	 */
	public function answer( $update, $data, $file = '' ) {
		unset( $data );
		$offer = $file === $this->file ? $this->offer( $this->updates( true ) ) : null;
		return null === $offer ? $update : $offer;
	}

	/**
	 * Merges our update into what is about to be stored: WordPress stores once
	 * before it asks api.wordpress.org, and once after that answered.
	 *
	 * @param mixed $updates The transient's value.
	 * @return mixed
	 */
	public function store( $updates ) {
		if ( ! is_object( $updates ) || '' === $this->installed() ) {
			return $updates;
		}
		// WordPress takes the host as the header has it, which may not be ours.
		$host = wp_parse_url( esc_url_raw( $this->header( 'Update URI' ) ), PHP_URL_HOST );
		if ( is_string( $host ) && '' !== $host ) {
			add_filter( 'update_' . self::TYPE . "s_$host", array( $this, 'answer' ), 10, 3 );
		}
		return $this->merge( $updates, $this->updates( true ), ! self::KEYS );
	}

	/**
	 * Merges our update into what was stored without it: by a check during which
	 * the plugin was not active yet, or by someone else. Where packages are signed
	 * it was stored without its package, so that WordPress has nothing to install
	 * while nobody here would verify it. It asks nobody.
	 *
	 * @param mixed $updates The transient's value.
	 * @return mixed
	 */
	public function read( $updates ) {
		if ( ! is_object( $updates ) || isset( $updates->no_update[ $this->file ] ) ) {
			return $updates;
		}
		$entry = isset( $updates->response[ $this->file ] ) ? (array) $updates->response[ $this->file ] : array();
		if ( ! empty( $entry['package'] ) || ( $entry && ! self::KEYS ) || '' === $this->installed() ) {
			return $updates;
		}
		return $this->merge( $updates, $this->updates( false ), true );
	}

	/**
	 * Puts our entry in the place of any other.
	 *
	 * @param object     $updates The transient's value.
	 * @param array|null $all     What the registry says, if it ever did.
	 * @param bool       $package Whether to tell where the package is.
	 * @return object
	 */
	private function merge( $updates, $all, $package ) {
		$updates = clone $updates;
		foreach ( array( 'response', 'no_update' ) as $list ) {
			if ( ! isset( $updates->$list ) || ! is_array( $updates->$list ) ) {
				$updates->$list = array();
			}
			if ( null !== $all || self::is_from_elsewhere( $updates->$list, $this->file ) ) {
				unset( $updates->{$list}[ $this->file ] );
			}
		}
		$offer = $this->offer( $all );
		if ( null !== $offer ) {
			$uri         = $this->header( 'Update URI' );
			$offer['id'] = '' === $uri ? self::REGISTRY . '/' . self::SLUG : $uri;

			$offer['package'] = $package ? $offer['package'] : '';

			$list = version_compare( $offer['new_version'], $this->header( 'Version' ), '>' ) ? 'response' : 'no_update';

			$updates->{$list}[ $this->file ] = 'theme' === self::TYPE ? $offer : (object) $offer;
		}
		return $updates;
	}

	/**
	 * Whether an entry is WordPress.org's, of a namesake.
	 *
	 * @param array  $entries Of the transient.
	 * @param string $file    Which one.
	 * @return bool
	 */
	private static function is_from_elsewhere( $entries, $file ) {
		$entry = isset( $entries[ $file ] ) ? (array) $entries[ $file ] : array();
		foreach ( array( 'id', 'package', 'url' ) as $field ) {
			if ( isset( $entry[ $field ] ) && is_string( $entry[ $field ] ) && preg_match( '#^(https?://)?([a-z]+\.)?(w|wordpress)\.org/#i', $entry[ $field ] ) ) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Makes the update that WordPress is told of.
	 *
	 * @param array|null $all What the registry says.
	 * @return array|null Null if it offers nothing.
	 */
	private function offer( $all ) {
		if ( ! isset( $all[ self::SLUG ]['version'] ) ) {
			return null;
		}
		$made   = array_diff_key( self::raised( $all[ self::SLUG ] ), array_flip( array( 'digests', 'disable_autoupdate' ) ) );
		$fixed  = array(
			'slug'        => self::SLUG,
			self::TYPE    => $this->file,
			'new_version' => $made['version'],
		);
		$needed = array(
			'url'     => self::REGISTRY . '/' . self::SLUG . '/',
			'package' => '',
		);
		return array_merge( $needed, $made, $fixed );
	}

	/**
	 * Stops background updates where the registry says so, whatever the owner
	 * chose. The field disable_autoupdate of an update would be shorter, but
	 * WordPress 6.5 takes it for the opposite and starts them.
	 *
	 * @param bool|null $update Whether to update; null asks what the screens show.
	 * @param object    $item   The update.
	 * @return bool|null
	 */
	public function stop( $update, $item = null ) {
		$type = self::TYPE;
		if ( ! isset( $item->$type ) || $item->$type !== $this->file ) {
			return $update;
		}
		$all = $this->updates( false );
		return isset( $all[ self::SLUG ]['disable_autoupdate'] ) ? false : $update;
	}

	/**
	 * Fills the details window.
	 *
	 * @param object|array|false|WP_Error $result What others said.
	 * @param string                      $action What is asked for.
	 * @param object                      $args   Of which plugin or theme.
	 * @return object|array|false|WP_Error
	 */
	public function details( $result, $action = '', $args = null ) {
		$args = (array) $args;
		if ( self::TYPE . '_information' !== $action || ! isset( $args['slug'] ) || self::SLUG !== $args['slug'] ) {
			return $result;
		}
		$kept = $this->information();
		if ( ! isset( $kept['entries'][ self::SLUG ]['version'] ) ) {
			$why = '' === $kept['error'] ? 'its answer has no version' : rtrim( $kept['error'], '.' );
			return new WP_Error( self::TYPE . 's_api_failed', esc_html( sprintf( 'The registry %1$s could not tell about %2$s: %3$s.', self::REGISTRY, self::SLUG, $why ) ) );
		}
		$made = self::raised( $kept['entries'][ self::SLUG ] );
		if ( ! isset( $made['rating'], $made['num_ratings'] ) ) {
			unset( $made['rating'], $made['num_ratings'], $made['ratings'] );
		}
		$needed = array( // WordPress reads these unguarded.
			'name'     => self::SLUG,
			'author'   => '',
			'sections' => array( 'description' => '' ),
		);
		$fixed  = array(
			'slug'     => self::SLUG,
			'external' => true,
		);
		return (object) array_merge( $needed, $made, $fixed );
	}

	/**
	 * Gets the information document.
	 *
	 * @return array What is kept of it.
	 */
	private function information() {
		$key  = self::key() . '_' . md5( self::SLUG );
		$kept = self::kept( $key );
		$url  = self::url( self::SLUG . '.json' );
		$old  = $url !== $kept['url'];
		if ( self::age( $kept['fetched'] ) >= MINUTE_IN_SECONDS ) {
			// WordPress starts a whole check where details and update disagree.
			$offer = $this->offer( $this->updates( false ) );
			$said  = isset( $kept['entries'][ self::SLUG ]['version'] ) ? $kept['entries'][ self::SLUG ]['version'] : '';
			$old   = $old || ( null !== $offer && $said !== $offer['version'] );
		}
		return self::is_due( $kept, $old, self::DETAILS_FOR ) ? self::ask( $key, $kept, $url, array( self::SLUG ) ) : $kept;
	}

	/**
	 * Takes from what the registry says the fields that are as they must be:
	 * wp-admin prints and iterates many of them as they are.
	 *
	 * @param array    $said   Decoded JSON.
	 * @param string[] $fields Their names, and how they must look.
	 * @return array
	 */
	private static function shape( $said, $fields ) {
		$made = array();
		foreach ( $fields as $name => $kind ) {
			$value = isset( $said[ $name ] ) ? self::value( $said[ $name ], $kind ) : null;
			if ( null !== $value ) {
				$made[ $name ] = $value;
			}
		}
		return $made;
	}

	/**
	 * Checks one value.
	 *
	 * @param mixed  $value Whatever was sent.
	 * @param string $kind  How it must look.
	 * @return mixed Null if it does not.
	 */
	private static function value( $value, $kind ) {
		$kinds = array(
			'links'    => 'link',
			'numbers'  => 'number',
			'people'   => 'person',
			'sections' => 'html',
			'slugs'    => 'slug',
			'digests'  => 'digest',
		);
		if ( isset( $kinds[ $kind ] ) ) {
			return is_array( $value ) ? self::values( $value, $kinds[ $kind ], 'slugs' === $kind ) : null;
		}
		if ( 'person' === $kind ) {
			return is_array( $value ) ? self::person( $value ) : null;
		}
		if ( 'number' === $kind ) {
			return is_numeric( $value ) ? $value + 0 : null;
		}
		if ( 'flag' === $kind ) {
			return true === $value ? 1 : null;
		}
		return is_string( $value ) ? self::text( $value, $kind ) : null;
	}

	/**
	 * Checks one text.
	 *
	 * @param string $value Whatever was sent.
	 * @param string $kind  How it must look.
	 * @return string|null Null if it does not.
	 */
	private static function text( $value, $kind ) {
		switch ( $kind ) {
			case 'version': // As headers have it, "v1.0" and "1.0 beta" among them.
				return preg_match( '/^[0-9A-Za-z][0-9A-Za-z.+_~ -]{0,63}$/D', $value ) ? $value : null;
			case 'slug':
				return preg_match( '/^[a-z0-9_-]{1,200}$/D', $value ) ? $value : null;
			case 'digest':
				return preg_match( '/^[0-9a-f]{64,128}$/D', $value ) ? $value : null;
			case 'link':
			case 'package':
				return self::link( $value, 'package' === $kind );
			case 'html':
				return self::ascii( wp_kses_post( $value ) );
			default: // WordPress prints the name as it is.
				return self::ascii( esc_html( wp_strip_all_tags( $value ) ) );
		}
	}

	/**
	 * Writes HTML without characters that a table of the database may not hold: an
	 * emoji would keep WordPress from storing its updates, of all plugins.
	 *
	 * @param string $html In UTF-8.
	 * @return string
	 */
	private static function ascii( $html ) {
		return preg_replace_callback(
			'/[\xc2-\xf4][\x80-\xbf]{1,3}/',
			function ( $found ) {
				$bytes = array_map( 'ord', str_split( $found[0] ) );
				$code  = array_shift( $bytes ) & ( 0x7f >> strlen( $found[0] ) );
				foreach ( $bytes as $byte ) {
					$code = $code << 6 | ( $byte & 0x3f );
				}
				return "&#$code;";
			},
			$html
		);
	}

	/**
	 * Checks a list or a map.
	 *
	 * @param array  $values Whatever was sent.
	 * @param string $kind   How each value must look.
	 * @param bool   $list   Whether keys do not matter.
	 * @return array Those that do.
	 */
	private static function values( $values, $kind, $list ) {
		$made = array();
		foreach ( $values as $key => $value ) {
			$value = self::value( $value, $kind );
			if ( null !== $value ) {
				$made[ preg_replace( '/[^0-9A-Za-z.+_-]/', '', (string) $key ) ] = $value;
			}
		}
		unset( $made[''] );
		return $list ? array_values( $made ) : $made;
	}

	/**
	 * Checks a contributor, of whom WordPress reads three fields unguarded.
	 *
	 * @param array $said Whatever was sent.
	 * @return array|null
	 */
	private static function person( $said ) {
		$fields = array(
			'display_name' => 'text',
			'profile'      => 'link',
			'avatar'       => 'link',
		);
		$made   = self::shape( $said, $fields ) + array_fill_keys( array_keys( $fields ), '' );
		return '' === $made['display_name'] ? null : $made;
	}

	/**
	 * Checks an address. What is downloaded from a registry with TLS needs TLS.
	 *
	 * @param string $value  Whatever was sent.
	 * @param bool   $secure Whether that matters.
	 * @return string|null
	 */
	private static function link( $value, $secure ) {
		$scheme = $secure && 0 === strpos( self::REGISTRY, 'https:' ) ? 'https' : 'https?';
		$value  = preg_replace_callback(
			'/[^\x00-\x7f]+/',
			function ( $found ) {
				return rawurlencode( $found[0] );
			},
			$value
		);
		$value  = strlen( $value ) <= 2000 && preg_match( "~^$scheme://[^/?#\\s@]+([/?#]|$)~i", $value ) ? esc_url_raw( $value, array( 'http', 'https' ) ) : '';
		return '' === $value ? null : $value;
	}

	/**
	 * Raises "tested up to" to the running version of the same branch, as
	 * WordPress.org does: 6.6 was tested on all of 6.6.1, 6.6.2 and so on.
	 *
	 * @param array $entry With "tested" such as "6.6", where WordPress is "6.6.2" or
	 *                     "6.6-RC1-58000".
	 * @return array
	 */
	private static function raised( $entry ) {
		$branch  = '/^\d+\.\d+/';
		$running = get_bloginfo( 'version' );
		if ( isset( $entry['tested'] ) && preg_match( $branch, $entry['tested'], $a ) && preg_match( $branch, $running, $b )
			&& $a[0] === $b[0] && version_compare( $running, $entry['tested'], '>' ) ) {
			$entry['tested'] = $running;
		}
		return $entry;
	}

	// What others are told of the site.

	/**
	 * Takes our plugin or theme out of what WordPress.org is asked about.
	 *
	 * @param array  $args Of the request.
	 * @param string $url  Of the request.
	 * @return array
	 */
	public function conceal( $args, $url = '' ) {
		$types = self::TYPE . 's';
		$check = "#^https?://api\\.wordpress\\.org/$types/update-check/1\\.1/#";
		if ( ! is_string( $url ) || ! preg_match( $check, $url ) || ! isset( $args['body'] ) || ! is_array( $args['body'] ) ) {
			return $args;
		}
		$names = array(
			$types         => $this->file,
			'translations' => self::SLUG,
		);
		foreach ( $names as $field => $name ) {
			if ( isset( $args['body'][ $field ] ) ) {
				$args['body'][ $field ] = self::without( $args['body'][ $field ], $name );
			}
		}
		return $args;
	}

	/**
	 * Takes a name out of JSON: {"plugins":{NAME:…},"active":[NAME]},
	 * {"themes":{NAME:…},"active":NAME} or {NAME:…}.
	 *
	 * @param mixed  $json What WordPress sends.
	 * @param string $name What it shall not.
	 * @return mixed The same if it is not understood.
	 */
	private static function without( $json, $name ) {
		// Objects stay objects: an empty one is not an empty list.
		$asked = is_string( $json ) ? json_decode( $json ) : null;
		$types = self::TYPE . 's';
		if ( ! is_object( $asked ) ) {
			return $json;
		}
		unset( $asked->$name );
		if ( isset( $asked->$types ) && is_object( $asked->$types ) ) {
			unset( $asked->$types->$name );
		}
		if ( isset( $asked->active ) && $asked->active === $name ) {
			$asked->active = '';
		}
		if ( isset( $asked->active ) && is_array( $asked->active ) && in_array( $name, $asked->active, true ) ) {
			array_splice( $asked->active, array_search( $name, $asked->active, true ), 1 );
		}
		$encoded = wp_json_encode( $asked );
		return is_string( $encoded ) ? $encoded : $json;
	}

	/**
	 * Gives the User-Agent of requests to the registry: WordPress would name the
	 * site's address in it.
	 *
	 * @param string $agent WordPress's own.
	 * @param string $url   Of the request.
	 * @return string
	 */
	public function user_agent( $agent, $url = '' ) {
		$ours = is_string( $url ) && ( 0 === strpos( $url, self::REGISTRY . '/' ) || ( '' !== $this->package && 0 === strpos( $url, $this->package ) ) );
		return $ours ? self::agent() : $agent;
	}

	/**
	 * Says who asks.
	 *
	 * @return string
	 */
	private static function agent() {
		/**
		 * Filters whether the registry may know the site's address.
		 *
		 * @param bool   $allowed  False unless the site's owner says otherwise.
		 * @param string $registry The registry's address.
		 */
		$site = apply_filters( 'pluginyard_send_site', false, self::REGISTRY ) ? home_url( '/' ) : 'pluginyard-updater';
		return 'WordPress/' . get_bloginfo( 'version' ) . '; ' . $site;
	}

	// What is downloaded and installed.

	/**
	 * Whether an upgrade is of our plugin or theme.
	 *
	 * @param mixed $extra What the upgrader says of it.
	 * @return bool
	 */
	private function is_update( $extra ) {
		return is_array( $extra ) && isset( $extra[ self::TYPE ] ) && $extra[ self::TYPE ] === $this->file;
	}

	/**
	 * Downloads our packages, and no others, such that WordPress verifies their
	 * signature: until 6.5 it installs nevertheless, since 6.6 it does not look.
	 * A package that the registry told the digest of must have that, too.
	 *
	 * @param false|string|WP_Error $reply    A file that someone else downloaded.
	 * @param string                $package  Where it is.
	 * @param WP_Upgrader           $upgrader Whom to tell.
	 * @param array                 $extra    Which plugin or theme is updated, since WordPress 5.5.
	 * @return false|string|WP_Error
	 */
	public function download( $reply, $package = '', $upgrader = null, $extra = array() ) {
		$this->trusted  = false;
		$this->expected = '';
		if ( is_wp_error( $reply ) || ! is_string( $package ) || '' === $package ) {
			return $reply;
		}
		// What someone uploaded, or has here, is their own affair.
		$this->trusted = ! preg_match( '#^(https?|ftp)://#i', $package );
		$all           = $this->updates( false );
		$offer         = $this->offer( $all );
		$known         = null !== $offer && $offer['package'] === $package;
		$digest        = $known && isset( $all[ self::SLUG ]['digests']['sha384'] ) ? $all[ self::SLUG ]['digests']['sha384'] : '';

		$this->expected = $known ? $offer['version'] : '';
		if ( ! $known && ! $this->is_update( $extra ) && ! self::is_package( $package, $offer ) ) {
			return $reply;
		}
		if ( ! self::KEYS && ( '' === $digest || false !== $reply ) ) {
			return $reply;
		}
		$file          = $this->verified( $package, $digest, $upgrader );
		$this->trusted = ! is_wp_error( $file );
		return $file;
	}

	/**
	 * Whether an address is of our packages, by its host, which is the registry's
	 * or the one that it has packages on, and by its path: there a folder is the
	 * slug, as in /packages/SLUG/, or the file is, with a version or without, as in
	 * /release/SLUG.zip and /plugin/SLUG.1.0.0.zip. No slug has a dot or a plus.
	 *
	 * @param string     $address Of a package.
	 * @param array|null $offer   The update that is known.
	 * @return bool
	 */
	private static function is_package( $address, $offer ) {
		$hosts = array();
		foreach ( array( $address, self::REGISTRY, null === $offer ? '' : $offer['package'] ) as $one ) {
			$hosts[] = strtolower( (string) wp_parse_url( $one, PHP_URL_HOST ) );
		}
		$path = rawurldecode( (string) wp_parse_url( $address, PHP_URL_PATH ) );
		return '' !== $hosts[0] && in_array( $hosts[0], array_slice( $hosts, 1 ), true )
			&& 1 === preg_match( '#/' . preg_quote( self::SLUG, '#' ) . '([/.+]|-(zip|proxy)$)#', $path );
	}

	/**
	 * Downloads and verifies.
	 *
	 * @param string      $package  Where it is.
	 * @param string      $digest   Its SHA-384 in hex, '' if that is not known.
	 * @param WP_Upgrader $upgrader Whom to tell.
	 * @return string|WP_Error The file.
	 */
	private function verified( $package, $digest, $upgrader ) {
		if ( self::KEYS && ! self::can_verify() ) {
			return $this->refusal( self::lack() );
		}
		if ( isset( $upgrader->skin ) && is_callable( array( $upgrader->skin, 'feedback' ) ) ) {
			$upgrader->skin->feedback( 'downloading_package', $package );
		}
		// WP-CLI keeps what it downloads, without the signature, and even if it
		// was refused; by an address that it does not know it keeps nothing.
		$address       = self::is_cli() ? $package . '#verified' : $package;
		$this->package = $package;
		try {
			$file = self::KEYS ? self::download_signed( $address ) : download_url( $address, 300 );
		} finally {
			$this->package = '';
		}
		if ( is_wp_error( $file ) ) {
			return $this->refusal( wp_strip_all_tags( $file->get_error_message() ), $file->get_error_code() );
		}
		if ( '' !== $digest && hash_file( 'sha384', $file ) !== $digest ) {
			unlink( $file );
			return $this->refusal( 'The file is not the one that the registry told about; its SHA-384 is another.' );
		}
		return $file;
	}

	/**
	 * Downloads a package that must be signed by one of our keys. Nothing else is
	 * downloaded while these filters hold.
	 *
	 * @param string $package Where it is.
	 * @return string|WP_Error The file.
	 */
	private static function download_signed( $package ) {
		$filters = array(
			'wp_signature_hosts'    => array( wp_parse_url( $package, PHP_URL_HOST ) ),
			'wp_trusted_keys'       => self::KEYS,
			'wp_signature_softfail' => false,
		);
		foreach ( $filters as $name => $value ) {
			$filters[ $name ] = function () use ( $value ) {
				return $value;
			};
			add_filter( $name, $filters[ $name ], PHP_INT_MAX );
		}
		try {
			return download_url( $package, 300, true );
		} finally {
			foreach ( $filters as $name => $filter ) {
				remove_filter( $name, $filter, PHP_INT_MAX );
			}
		}
	}

	/**
	 * Whether WordPress can verify signatures here; it asks the same.
	 *
	 * @return bool
	 */
	private static function can_verify() {
		return function_exists( 'verify_file_signature' ) && function_exists( 'sodium_crypto_sign_verify_detached' )
			&& in_array( 'sha384', hash_algos(), true )
			&& ( extension_loaded( 'sodium' ) || ( is_callable( array( 'ParagonIE_Sodium_Compat', 'polyfill_is_fast' ) ) && ParagonIE_Sodium_Compat::polyfill_is_fast() ) );
	}

	/**
	 * Says what is missing where it cannot.
	 *
	 * @return string
	 */
	private static function lack() {
		return 'Its packages are signed, and this server cannot verify signatures: PHP lacks the extension sodium, or WordPress is older than 5.2. Ask whoever runs the server for it.';
	}

	/**
	 * Looks into an unpacked update before it replaces what is installed: a
	 * signature says who made a package, not that it is this plugin or newer. What
	 * is installed by hand may be older, but it must be signed, too, unless it is
	 * a namesake of someone else.
	 *
	 * @param string|WP_Error $source   The folder.
	 * @param string          $remote   The folder around it.
	 * @param WP_Upgrader     $upgrader Who updates.
	 * @param array           $extra    Which plugin or theme is updated.
	 * @return string|WP_Error
	 */
	public function inspect( $source, $remote = '', $upgrader = null, $extra = array() ) {
		global $wp_filesystem;
		$trusted       = $this->trusted;
		$this->trusted = false;
		if ( ! is_string( $source ) ) {
			return $source;
		}
		$update = $this->is_update( $extra );
		$why    = $this->objection( $source, $update, $trusted );
		if ( '' !== $why ) {
			// In cron WordPress has closed the site by now, and until 6.5 opens it
			// again only after an update that went well.
			if ( wp_doing_cron() && is_callable( array( $upgrader, 'maintenance_mode' ) ) ) {
				$upgrader->maintenance_mode( false );
			}
			return $this->refusal( $why );
		}
		$folder = 'theme' === self::TYPE ? basename( $this->file ) : dirname( $this->file );
		if ( ! $update || self::SLUG === $folder ) {
			return $source;
		}
		// It is installed in a folder of another name, and has to stay there.
		$target = trailingslashit( $remote ) . $folder;
		if ( '.' === $folder || ! $wp_filesystem->move( $source, $target ) ) {
			return $this->refusal( sprintf( 'It is not installed in the folder %s.', self::SLUG ) );
		}
		return trailingslashit( $target );
	}

	/**
	 * Says what is wrong with an unpacked update or installation.
	 *
	 * @param string $source  The folder.
	 * @param bool   $update  Whether it is an update of ours.
	 * @param bool   $trusted Whether it was verified, or need not be.
	 * @return string '' if nothing is.
	 */
	private function objection( $source, $update, $trusted ) {
		global $wp_filesystem;
		$folder = basename( $source );
		if ( self::SLUG !== $folder ) {
			return $update ? sprintf( 'The package holds the folder %1$s, not %2$s.', $folder, self::SLUG ) : '';
		}
		// Over FTP, WordPress's path is not PHP's.
		$local   = trailingslashit( str_replace( $wp_filesystem->wp_content_dir(), trailingslashit( WP_CONTENT_DIR ), $source ) );
		$headers = self::headers_in( $local, 'theme' === self::TYPE ? 'style.css' : basename( $this->file ) );
		if ( self::KEYS && ! $trusted && ( $update || self::is_ours( $headers['Update URI'] ) ) ) {
			return 'Nobody verified its signature.';
		}
		return $update ? $this->difference( $headers['Version'] ) : '';
	}

	/**
	 * Says why an unpacked update is not the one that should be installed.
	 *
	 * @param string $version Of what was unpacked.
	 * @return string '' if it is.
	 */
	private function difference( $version ) {
		$expected       = $this->expected;
		$this->expected = '';
		$current        = $this->header( 'Version' );
		if ( ! version_compare( $version, $current, '>' ) ) {
			return sprintf( 'The package holds version %1$s, which is not newer than %2$s.', '' === $version ? 'unknown' : $version, $current );
		}
		if ( '' !== $expected && 0 !== version_compare( $version, $expected ) ) {
			return sprintf( 'The package holds version %1$s, but %2$s was offered.', $version, $expected );
		}
		return '';
	}

	/**
	 * Whether an Update URI names the registry.
	 *
	 * @param string $uri The header.
	 * @return bool
	 */
	private static function is_ours( $uri ) {
		$host = wp_parse_url( esc_url_raw( $uri ), PHP_URL_HOST );
		return is_string( $host ) && strtolower( $host ) === strtolower( wp_parse_url( self::REGISTRY, PHP_URL_HOST ) );
	}

	/**
	 * Reads the headers of an unpacked plugin or theme.
	 *
	 * @param string $folder With a slash at its end.
	 * @param string $file   Where they were until now.
	 * @return string[] By name, '' where there is none.
	 */
	private static function headers_in( $folder, $file ) {
		$names   = array( 'Version', 'Update URI', 'Plugin Name', 'Theme Name' );
		$names   = array_combine( $names, $names );
		$missing = array_fill_keys( $names, '' );
		$files   = 'style.css' === $file ? array() : (array) glob( $folder . '*.php' );
		array_unshift( $files, $folder . $file );
		foreach ( $files as $file ) {
			$headers = is_file( $file ) ? get_file_data( $file, $names ) : $missing;
			if ( '' !== $headers['Version'] && '' !== $headers['Plugin Name'] . $headers['Theme Name'] ) {
				return $headers;
			}
		}
		return $missing;
	}

	/**
	 * Makes the error that the upgrader shows.
	 *
	 * @param string $why  A sentence or several.
	 * @param string $code WordPress's own, if it has one.
	 * @return WP_Error
	 */
	private function refusal( $why, $code = '' ) {
		$current = $this->header( 'Version' );
		return new WP_Error(
			'' === $code ? 'pluginyard_refused' : $code,
			esc_html( sprintf( '%1$s was not updated%2$s. %3$s', self::SLUG, '' === $current ? '' : " and stays at version $current", $why ) )
		);
	}

	/**
	 * Tells those who may update that this site cannot verify what it downloads.
	 */
	public function warn() {
		$screen = function_exists( 'get_current_screen' ) ? get_current_screen() : null;
		$base   = isset( $screen->base ) ? preg_replace( '/-network$/', '', $screen->base ) : '';
		if ( ! self::KEYS || ! in_array( $base, array( 'plugins', 'themes', 'update-core' ), true )
			|| ! current_user_can( 'update_' . self::TYPE . 's' ) || self::can_verify() ) {
			return;
		}
		printf( '<div class="notice notice-warning"><p>%s</p></div>', esc_html( sprintf( '%1$s cannot be updated. %2$s', self::SLUG, self::lack() ) ) );
	}
}

endif;

return new Pluginyard_Updater_Unrendered();
