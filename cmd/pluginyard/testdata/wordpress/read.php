<?php
/**
 * Reads answers of the registry as WordPress and plugin-update-checker read
 * them: the same decoding, the same members, and the types that PHP's own
 * functions ask for. A warning is a failure, since it would stand in
 * somebody's wp-admin.
 *
 * Standard input has a JSON object a line: kind, path, and the body in base64.
 * A line is printed for each answer that cannot be read.
 */
declare( strict_types=1 );

error_reporting( E_ALL );
set_error_handler(
	function ( int $level, string $message, string $file, int $line ) {
		throw new ErrorException( $message, 0, $level, $file, $line );
	}
);

function need( bool $holds, string $what ): void {
	if ( ! $holds ) {
		throw new UnexpectedValueException( $what );
	}
}

/** A version as version_compare wants it. */
function version( string $version ): void {
	need( ! empty( $version ), 'an empty version' );
	version_compare( $version, '1.0', '>' );
}

/** What wp_kses does first to its text. */
function filtered( string $html ): void {
	preg_replace( '/[\x00-\x08]/', '', $html );
	need( null !== preg_replace( '/x/u', 'x', $html ), 'text that is not UTF-8' );
}

/** The details popup; everything within the object is an array. */
function popup( object $api ): void {
	filtered( $api->name );
	filtered( $api->slug );
	version( $api->version );
	foreach ( array( 'version', 'author', 'requires', 'tested', 'homepage', 'slug' ) as $key ) {
		if ( isset( $api->$key ) && false !== $api->$key ) {
			filtered( $api->$key );
		}
	}
	foreach ( $api->sections as $key => $html ) {
		filtered( ucwords( str_replace( '_', ' ', (string) $key ) ) );
		filtered( $html );
	}
	need( count( $api->sections ) > 0, 'no section' );
	foreach ( $api->contributors ?? array() as $name => $contributor ) {
		filtered( $contributor['display_name'] );
		filtered( $contributor['profile'] );
		filtered( $contributor['avatar'] );
	}
	if ( ! empty( $api->rating ) ) {
		number_format( (float) $api->rating );
		number_format( (float) $api->num_ratings );
	}
	foreach ( $api->ratings ?? array() as $stars => $count ) {
		number_format( $count / max( 1, (int) $api->num_ratings ) * (int) $stars );
	}
	if ( ! empty( $api->last_updated ) ) {
		need( strtotime( $api->last_updated ) > 0, 'last_updated is 57 years ago' );
	}
	foreach ( array( 'requires', 'tested', 'requires_php' ) as $key ) {
		if ( ! empty( $api->$key ) ) {
			version_compare( $api->$key, '7.1', '<=' );
			need( strip_tags( $api->$key ) === $api->$key, "$key holds markup" );
		}
	}
	need( strip_tags( $api->name ) === $api->name, 'name holds markup' );
	if ( ! empty( $api->active_installs ) ) {
		number_format( $api->active_installs );
	}
	foreach ( array( 'low', 'high' ) as $size ) {
		if ( ! empty( $api->banners[ $size ] ) ) {
			filtered( $api->banners[ $size ] );
		}
	}
	need( is_array( $api->requires_plugins ?? array() ), 'requires_plugins is no list' );
	foreach ( $api->requires_plugins ?? array() as $slug ) {
		filtered( $slug );
	}
}

/** Contributors before version 1.2 of the API: an address by name. */
function old_contributors( object $api ): void {
	foreach ( $api->contributors as $name => $profile ) {
		filtered( (string) $name );
		filtered( $profile );
	}
	unset( $api->contributors );
}

/** A theme on its screen, where the author is printed, and in lists, where a member of it is. */
function theme( array $theme, $author ): void {
	filtered( $author );
	filtered( $theme['name'] );
	filtered( $theme['slug'] );
	version( $theme['version'] );
	filtered( $theme['preview_url'] );
	filtered( $theme['screenshot_url'] ?? '' );
	number_format( (float) $theme['rating'] );
	number_format( (float) $theme['num_ratings'] );
	filtered( $theme['description'] ?? $theme['sections']['description'] ?? '' );
}

/** The list of Add Plugins, which reads more than the popup. */
function card( array $plugin ): void {
	filtered( $plugin['name'] );
	filtered( $plugin['short_description'] );
	filtered( $plugin['author'] );
	filtered( $plugin['slug'] );
	version( $plugin['version'] );
	filtered( $plugin['icons']['default'] ?? current( $plugin['icons'] ) ?: '' );
	number_format( (float) $plugin['rating'] );
	number_format( (float) $plugin['num_ratings'] );
	number_format( (float) $plugin['active_installs'] );
	need( strtotime( $plugin['last_updated'] ) > 0, 'last_updated is 57 years ago' );
}

/** An answer of update_plugins_{hostname}, or an entry of update-check. */
function update( $update ): void {
	$update = (object) $update;
	version( $update->version ?? $update->new_version );
	version( $update->new_version );
	filtered( $update->slug );
	filtered( $update->plugin );
	filtered( $update->url );
	filtered( $update->package );
	foreach ( array( 'svg', '2x', '1x', 'default' ) as $icon ) {
		if ( ! empty( $update->icons[ $icon ] ) ) {
			filtered( $update->icons[ $icon ] );
			break;
		}
	}
	strip_tags( $update->upgrade_notice ?? '' );
	version_compare( $update->tested ?? '', '7.1.1', '>=' );
	version_compare( $update->requires_php ?? '', '8.2', '<=' );
	need( empty( $update->autoupdate ), 'it asks to be installed without the owner' );
	need( is_array( $update->translations ?? array() ), 'translations is no list' );
	need( ! isset( $update->compatibility ) || is_array( $update->compatibility ) || is_object( $update->compatibility ), 'compatibility' );
}

/** An entry of themes/update-check, which stays an array. */
function theme_update( array $update ): void {
	version( $update['new_version'] );
	filtered( $update['theme'] );
	filtered( $update['url'] );
	filtered( $update['package'] ?? '' );
	version_compare( $update['requires'] ?? '', '7.1', '<=' );
	version_compare( $update['requires_php'] ?? '', '8.2', '<=' );
}

/** plugin-update-checker: members become fields, whatever they are called. */
function checker( string $body ): void {
	$api = json_decode( $body );
	need( is_object( $api ), 'no object' );
	need( ! empty( $api->name ) && ! empty( $api->version ), 'no name or version' );
	filtered( $api->name );
	version( $api->version );
	filtered( $api->download_url );
	foreach ( array_merge( array( 'description' => '' ), (array) $api->sections ) as $html ) {
		filtered( $html );
	}
	foreach ( array_intersect_key( (array) $api->icons, array_flip( array( 'svg', '1x', '2x', 'default' ) ) ) as $icon ) {
		filtered( $icon );
	}
	foreach ( array_intersect_key( get_object_vars( $api->banners ), array_flip( array( 'low', 'high' ) ) ) as $banner ) {
		filtered( $banner );
	}
	foreach ( array( 'slug', 'homepage', 'author', 'author_homepage', 'requires', 'tested', 'requires_php', 'upgrade_notice', 'last_updated', 'filename' ) as $key ) {
		filtered( $api->$key ?? '' );
	}
	foreach ( array( 'rating', 'num_ratings', 'downloaded', 'active_installs', 'id' ) as $key ) {
		number_format( $api->$key ?? 0 );
	}
	need( empty( $api->autoupdate ), 'it asks to be installed without the owner' );
	need( is_array( $api->translations ?? array() ), 'translations is no list' );
}

/** plugin-update-checker, for a theme. */
function theme_checker( string $body ): void {
	$api = json_decode( $body );
	need( is_object( $api ), 'no object' );
	need( ! empty( $api->version ) && ! empty( $api->details_url ), 'no version or details_url' );
	version( $api->version );
	filtered( $api->details_url );
	filtered( $api->download_url );
}

/** upgrademe: four members, none of them null. */
function upgrademe( string $body ): void {
	$vars = json_decode( $body, true );
	need( is_array( $vars ) && count( $vars ) === 4, 'not four members' );
	need( isset( $vars['new_version'], $vars['url'], $vars['package'], $vars['info'] ), 'a member is missing' );
	version( $vars['new_version'] );
	filtered( $vars['url'] );
	filtered( $vars['package'] );
	popup( (object) $vars['info'] );
}

/** WordPress decodes with true and makes an object of the outermost array. */
function decoded( string $body ): array {
	$value = json_decode( $body, true );
	need( is_array( $value ), 'json_decode: ' . json_last_error_msg() );
	return $value;
}

/** What PHP made of a serialised answer: arrays and stdClass alone. */
function unserialized( string $body ) {
	$value = unserialize( $body, array( 'allowed_classes' => array( 'stdClass' ) ) );
	need( serialize( false ) === $body || false !== $value, 'unserialize fails' );
	need( serialize( $value ) === $body, 'unserialize and serialize do not give the same bytes' );
	return $value;
}

/** update-check/1.1: WordPress walks over all three without looking. */
function update_check( string $body, string $what, callable $entry ): void {
	$answer = decoded( $body );
	foreach ( array( $what, 'no_update', 'translations' ) as $key ) {
		need( is_array( $answer[ $key ] ), "$key is no map" );
	}
	foreach ( array_merge( array_values( $answer[ $what ] ), array_values( $answer['no_update'] ) ) as $update ) {
		$entry( $update );
	}
}

$readers = array(
	'information'            => function ( string $body ) {
		popup( (object) decoded( $body ) );
		checker( $body );
	},
	'collection'             => function ( string $body ) {
		array_map( 'update', decoded( $body ) );
	},
	'both'                   => function ( string $body ) {
		foreach ( decoded( $body ) as $update ) {
			isset( $update['theme'] ) ? theme_update( $update ) : update( $update );
		}
	},
	'upgrademe'              => 'upgrademe',
	'theme information'      => function ( string $body ) {
		theme_checker( $body );
		$theme = (object) decoded( $body );
		filtered( $theme->name );
		filtered( $theme->slug );
		version( $theme->version );
		filtered( $theme->sections['description'] );
		filtered( $theme->download_link );
		filtered( $theme->screenshot_url ?? '' );
		filtered( $theme->author );
	},
	'theme collection'       => function ( string $body ) {
		array_map( 'theme_update', decoded( $body ) );
	},
	'plugins/info'           => function ( string $body ) {
		popup( (object) decoded( $body ) );
	},
	'plugins/info serialised' => function ( string $body ) {
		$plugin = unserialized( $body );
		need( is_object( $plugin ), 'no object' );
		old_contributors( $plugin );
		popup( (object) json_decode( json_encode( $plugin ), true ) );
		foreach ( $plugin->sections as $html ) {
			filtered( $html );
		}
		need( is_array( $plugin->sections ), 'sections is no array, which is fatal' );
	},
	'plugins/info old'       => function ( string $body ) {
		$plugin = (object) decoded( $body );
		old_contributors( $plugin );
		popup( $plugin );
	},
	'query_plugins serialised' => function ( string $body ) {
		$answer = unserialized( $body );
		number_format( $answer->info['results'] );
		foreach ( $answer->plugins as $plugin ) {
			filtered( $plugin->name );
			version( $plugin->version );
			filtered( $plugin->description );
			number_format( $plugin->num_ratings );
			filtered( $plugin->slug );
		}
	},
	'hot_tags'               => function ( string $body ) {
		foreach ( decoded( $body ) as $tag ) {
			filtered( $tag['name'] );
			number_format( $tag['count'] );
		}
	},
	'themes/info'            => function ( string $body ) {
		$theme = decoded( $body );
		theme( $theme, $theme['author'] );
	},
	'themes/info serialised' => function ( string $body ) {
		$theme = unserialized( $body );
		need( is_object( $theme ), 'no object' );
		theme( (array) $theme, $theme->author );
	},
	'query_themes'           => function ( string $body ) {
		$answer = decoded( $body );
		number_format( $answer['info']['results'] );
		foreach ( $answer['themes'] as $theme ) {
			theme( $theme, $theme['author']['display_name'] );
		}
	},
	'checksums'              => function ( string $body ) {
		foreach ( decoded( $body )['files'] as $name => $sums ) {
			filtered( (string) $name );
			foreach ( (array) $sums['md5'] as $sum ) {
				need( 32 === strlen( $sum ), 'no MD5' );
			}
			foreach ( (array) $sums['sha256'] as $sum ) {
				need( 64 === strlen( $sum ), 'no SHA-256' );
			}
		}
	},
	'query_plugins'          => function ( string $body ) {
		$answer = decoded( $body );
		number_format( $answer['info']['results'] );
		number_format( $answer['info']['pages'] );
		array_map( 'card', $answer['plugins'] );
	},
	'plugins/update-check'   => function ( string $body ) {
		update_check( $body, 'plugins', 'update' );
	},
	'plugins/update-check serialised' => function ( string $body ) {
		$answer = unserialized( $body );
		need( is_array( $answer ), 'no array' );
		array_map( 'update', $answer );
	},
	'themes/update-check'    => function ( string $body ) {
		update_check( $body, 'themes', 'theme_update' );
	},
	'themes/update-check serialised' => function ( string $body ) {
		$answer = unserialized( $body );
		need( is_array( $answer ), 'no array' );
		array_map( 'theme_update', $answer );
	},
);

$status = 0;
while ( false !== ( $line = fgets( STDIN ) ) ) {
	$answer = json_decode( $line );
	try {
		need( isset( $readers[ $answer->kind ] ), 'nobody reads ' . $answer->kind );
		$readers[ $answer->kind ]( base64_decode( $answer->body, true ) );
	} catch ( Throwable $e ) {
		echo $answer->path, ': ', get_class( $e ), ': ', $e->getMessage(), ' (line ', $e->getLine(), ")\n";
		$status = 1;
	}
}
exit( $status );
