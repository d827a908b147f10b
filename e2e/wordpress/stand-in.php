<?php
/**
 * Plugin Name: Stand-in
 * Description: Plays api.wordpress.org for the end-to-end suite, and lets nothing else out of the machine.
 *
 * The folder E2E_STATE tells it what to do, and hears what it saw: the file
 * "api" is "up", "down" or the address of a registry that answers in its
 * place, but for what is asked about core if " plugins" follows; requests to it are appended to "api.log", mails to "mail.log".
 *
 * @package Pluginyard
 */

// The registry of the suite is on this machine, at any port.
add_filter( 'http_request_host_is_external', '__return_true' );
add_filter(
	'http_allowed_safe_ports',
	function ( $ports, $host, $url ) {
		$ports[] = (int) wp_parse_url( $url, PHP_URL_PORT );
		return $ports;
	},
	10,
	3
);

add_filter(
	'pre_http_request',
	function ( $answer, $args, $url ) {
		$host = wp_parse_url( $url, PHP_URL_HOST );
		if ( '127.0.0.1' === $host ) {
			// WP-CLI asks for a plugin's versions with TLS, whatever the link says.
			return 0 === strpos( $url, 'https:' ) ? wp_remote_request( 'http' . substr( $url, 5 ), $args ) : $answer;
		}
		$request = array(
			'method' => $args['method'],
			'url'    => $url,
			'body'   => $args['body'],
		);
		file_put_contents( E2E_STATE . '/api.log', wp_json_encode( $request ) . "\n", FILE_APPEND );
		$mode = trim( file_get_contents( E2E_STATE . '/api' ) );
		if ( 'api.wordpress.org' !== $host || 'down' === $mode ) {
			return new WP_Error( 'http_request_failed', 'cURL error 7: Failed to connect' );
		}
		list( $base, $part ) = explode( ' ', "$mode " );
		if ( 'up' !== $mode && ( '' === $part || false === strpos( $url, '/core/' ) ) ) {
			return wp_remote_request( preg_replace( '~^https?://api\.wordpress\.org~', $base, $url ), $args );
		}
		$known = false === strpos( $url, '/info/' );
		return array(
			'headers'  => array(),
			'body'     => $known
				? '{"plugins":{},"no_update":{},"themes":{},"offers":[],"translations":[],"upgrade":false,"insecure":false}'
				: '{"error":"Not found."}',
			'response' => array(
				'code'    => $known ? 200 : 404,
				'message' => $known ? 'OK' : 'Not Found',
			),
			'cookies'  => array(),
			'filename' => null,
		);
	},
	10,
	3
);

add_filter(
	'pre_wp_mail',
	function ( $sent, $mail ) {
		file_put_contents( E2E_STATE . '/mail.log', $mail['subject'] . "\n" . $mail['message'] . "\n\n", FILE_APPEND );
		return true;
	},
	10,
	2
);
