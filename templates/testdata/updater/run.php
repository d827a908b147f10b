<?php
/**
 * Runs the updater's cases: php run.php. Where PHP has no sodium, the cases
 * that sign are left out, and the ones about its absence run in their place.
 *
 * @package Pluginyard
 */

error_reporting( E_ALL );
ini_set( 'display_errors', '1' );
set_error_handler(
	function ( $number, $text, $file, $line ) {
		if ( error_reporting() & $number ) {
			throw new ErrorException( $text, 0, $number, $file, $line );
		}
	}
);

require __DIR__ . '/wordpress.php';
require __DIR__ . '/cases.php';

define( 'WORK', sys_get_temp_dir() . '/pluginyard-updater-' . getmypid() );
define( 'WP_CONTENT_DIR', WORK . '/site/wp-content' );
define( 'WP_PLUGIN_DIR', WP_CONTENT_DIR . '/plugins' );

$GLOBALS['wp_filesystem'] = new Filesystem();
$GLOBALS['faults']        = array();

/** Compares what is wanted with what was got. */
function same( $want, $got, $about = '' ) {
	if ( $want !== $got ) {
		$line                = debug_backtrace( DEBUG_BACKTRACE_IGNORE_ARGS, 1 )[0]['line'];
		$GLOBALS['faults'][] = "cases.php:$line: $about want " . var_export( $want, true ) . ', got ' . var_export( $got, true );
	}
}

/** Sorts a list as another one is. */
function sorted( $list, $like ) {
	return array_values( array_intersect( $like, $list ) );
}

/** Begins anew, in a process that began a moment ago. */
function new_site() {
	remove_folder( WORK . '/site' );
	$GLOBALS['site']         = new Site();
	$GLOBALS['site']->folder = WORK . '/site';
	mkdir( WP_PLUGIN_DIR, 0777, true );
	mkdir( WP_CONTENT_DIR . '/themes', 0777, true );
	$_GET = array();
	new_process();
}

function new_process() {
	$before = microtime( true );
	do { // A coarse clock may stand still.
		$_SERVER['REQUEST_TIME_FLOAT'] = microtime( true );
	} while ( $_SERVER['REQUEST_TIME_FLOAT'] <= $before );
	foreach ( array_keys( site()->hooks ) as $hook ) {
		if ( 0 === strpos( $hook, 'pre_site_transient_' ) ) {
			unset( site()->hooks[ $hook ] );
		}
	}
}

/** Lets time pass: everything that is kept gets older. */
function later( $seconds ) {
	foreach ( site()->transients as $name => $kept ) {
		$value = unserialize( $kept[0] );
		if ( 0 === strpos( $name, 'pluginyard_' ) && is_array( $value ) ) {
			$value['asked']   -= $seconds;
			$value['fetched'] -= $seconds;
		}
		site()->transients[ $name ] = array( serialize( $value ), $kept[1] ? $kept[1] - $seconds : 0 );
	}
	new_process();
}

function remove_folder( $folder ) {
	foreach ( is_dir( $folder ) ? array_diff( scandir( $folder ), array( '.', '..' ) ) : array() as $name ) {
		$path = "$folder/$name";
		is_dir( $path ) && ! is_link( $path ) ? remove_folder( $path ) : unlink( $path );
	}
	is_dir( $folder ) && rmdir( $folder );
}

/** Installs a plugin, or a theme by its style.css. */
function install( $file, $version, $uri ) {
	$theme = 'style.css' === basename( $file );
	$path  = ( $theme ? get_theme_root() : WP_PLUGIN_DIR ) . '/' . $file;
	mkdir( dirname( $path ), 0777, true );
	file_put_contents( $path, ( $theme ? "/*\n" : "<?php\n/*\n" ) . ( $theme ? 'Theme' : 'Plugin' ) . " Name: Sample\n * Version: $version\n" . ( '' === $uri ? '' : " * Update URI: $uri\n" ) . ' */' );
}

/** Starts a copy of the updater, rendered as the registry renders it. */
function start( $slug, $type, $file, $keys = array() ) {
	$quoted = array();
	foreach ( $keys as $key ) {
		$quoted[] = var_export( $key, true );
	}
	$text = str_replace(
		array( '__REGISTRY__', '__SLUG__', '__TYPE__', "array( '__KEYS__' )" ),
		array( REGISTRY, $slug, $type, 'array( ' . implode( ', ', $quoted ) . ' )' ),
		file_get_contents( getenv( 'UPDATER' ) ? getenv( 'UPDATER' ) : dirname( __DIR__, 2 ) . '/updater.php' )
	);
	$text = str_replace( 'Pluginyard_Updater_Unrendered', 'Pluginyard_Updater_' . md5( $text ), $text );
	static $classes = array(); // By text: what PHP has compiled, it keeps in memory.
	if ( ! isset( $classes[ $text ] ) ) {
		$copy = WORK . '/' . md5( $text ) . '.php';
		file_put_contents( $copy, $text );
		$classes[ $text ] = get_class( require $copy );
		same( $classes[ $text ], get_class( require $copy ) ); // Twice does no harm.
	}
	$updater = new $classes[ $text ]();
	$updater->start( $file );
	return $updater;
}

/** What is shown on a screen of wp-admin. */
function notices() {
	ob_start();
	do_action( 'admin_notices' );
	return ob_get_clean();
}

mkdir( WORK );
$run     = 0;
$skipped = 0;
$failed  = 0;
$sodium  = function_exists( 'sodium_crypto_sign_verify_detached' );
$source  = file_get_contents( __DIR__ . '/cases.php' );
foreach ( get_defined_functions()['user'] as $name ) {
	if ( 0 !== strpos( $name, 'case_' ) ) {
		continue;
	}
	$of   = new ReflectionFunction( $name );
	$body = implode( '', array_slice( explode( "\n", $source ), $of->getStartLine() - 1, $of->getEndLine() - $of->getStartLine() + 1 ) );
	if ( false !== strpos( $body, 'keypair()' ) && ! $sodium || 'case_a_server_without_sodium_is_told_of' === $name && $sodium ) {
		$skipped++;
		continue;
	}
	new_site();
	$GLOBALS['faults'] = array();
	try {
		$name();
	} catch ( Throwable $thrown ) {
		$GLOBALS['faults'][] = basename( $thrown->getFile() ) . ':' . $thrown->getLine() . ': ' . $thrown->getMessage();
	}
	$run++;
	if ( $GLOBALS['faults'] ) {
		$failed++;
		echo 'FAIL ', str_replace( '_', ' ', substr( $name, 5 ) ), "\n  ", implode( "\n  ", array_slice( $GLOBALS['faults'], 0, 5 ) ), "\n";
	}
}
remove_folder( WORK );
printf( "PHP %s: %d cases, %d failed, %d left out (sodium is %s)\n", PHP_VERSION, $run, $failed, $skipped, $sodium ? 'there' : 'not there' );
exit( $failed ? 1 : 0 );
