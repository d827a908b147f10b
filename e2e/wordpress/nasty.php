<?php
/**
 * Plugin Name: Nasty
 * Description: Hands WordPress the registry's answers for repositories that were made to do harm.
 *
 * E2E_STATE/answers.jsonl has a JSON object a line: kind, path, and the body
 * in base64.
 *
 * @package Pluginyard
 */

function nasty_answers() {
	static $answers = array();
	if ( ! $answers ) {
		foreach ( file( E2E_STATE . '/answers.jsonl' ) as $line ) {
			$answer = json_decode( $line, true );
			if ( 'serialised' !== substr( $answer['kind'], -10 ) ) {
				$answers[ $answer['path'] ] = json_decode( base64_decode( $answer['body'] ), true );
			}
		}
	}
	return $answers;
}

// What the API answers for one, decoded as WordPress does.
function nasty_information( $slug ) {
	$answers = nasty_answers();
	return isset( $answers[ "/$slug.json" ] ) ? (object) $answers[ "/$slug.json" ] : new WP_Error( 'not_found', 'Not found.' );
}

add_filter(
	'plugins_api',
	function ( $answer, $action, $args ) {
		if ( 'query_plugins' === $action ) {
			return (object) nasty_answers()['/plugins/info/1.2/?action=query_plugins&request[per_page]=100'];
		}
		return 'plugin_information' === $action ? nasty_information( $args->slug ) : $answer;
	},
	99,
	3
);
add_filter(
	'themes_api',
	function ( $answer, $action, $args ) {
		return 'theme_information' === $action ? nasty_information( $args->slug ) : $answer;
	},
	99,
	3
);
add_filter(
	'update_plugins_updates.example.com',
	function ( $update, $plugin, $file ) {
		return nasty_answers()['/plugin_info.json'][ dirname( $file ) ] ?? false;
	},
	10,
	3
);
add_filter(
	'update_themes_updates.example.com',
	function ( $update, $theme, $stylesheet ) {
		return nasty_answers()['/theme_info.json'][ $stylesheet ] ?? false;
	},
	10,
	3
);
