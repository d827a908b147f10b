<?php
/**
 * Updates from a registry: WordPress knows that the Update URI is not its own,
 * and leaves it to the plugin to ask there.
 *
 * @package HelloYard
 */

const HELLO_YARD_UPDATES = 'https://updates.example.com/hello-yard.json';

/**
 * Asks the registry, at most once per request.
 *
 * @return array What it says, or nothing if it does not answer.
 */
function hello_yard_registry() {
	static $answer = null;
	if ( null === $answer ) {
		$url      = add_query_arg( 'environment', wp_get_environment_type(), HELLO_YARD_UPDATES );
		$response = wp_remote_get( $url, array( 'timeout' => 10 ) );
		$answer   = array();
		if ( 200 === wp_remote_retrieve_response_code( $response ) ) {
			$answer = (array) json_decode( wp_remote_retrieve_body( $response ), true );
		}
	}
	return $answer;
}

/**
 * Answers WordPress's question for updates.
 *
 * @param array|false $update What others said.
 * @param array       $data   The plugin's headers.
 * @return array|false The registry's update, which lies under the slug.
 */
function hello_yard_update( $update, $data ) {
	if ( HELLO_YARD_UPDATES !== $data['UpdateURI'] ) {
		return $update;
	}
	return hello_yard_registry()['hello-yard'] ?? $update;
}
add_filter( 'update_plugins_' . wp_parse_url( HELLO_YARD_UPDATES, PHP_URL_HOST ), 'hello_yard_update', 10, 2 );

/**
 * Fills the window behind "View details".
 *
 * @param object|array|false $result What others said.
 * @param string             $action What is asked for.
 * @param object             $args   Of which plugin.
 * @return object|array|false The registry's information, its inner values arrays as WordPress wants them.
 */
function hello_yard_information( $result, $action, $args ) {
	if ( 'plugin_information' !== $action || 'hello-yard' !== ( $args->slug ?? '' ) ) {
		return $result;
	}
	$answer = hello_yard_registry();
	return isset( $answer['slug'] ) ? (object) $answer : $result;
}
add_filter( 'plugins_api', 'hello_yard_information', 10, 3 );
