<?php
/**
 * Checks the greetings without WordPress: php tests/greetings-test.php
 *
 * @package HelloYard
 */

if ( ! function_exists( '__' ) ) {
	/**
	 * Stands in for WordPress's translation.
	 *
	 * @param string $text Text.
	 * @return string The same.
	 */
	function __( $text ) {
		return $text;
	}
}
require __DIR__ . '/../includes/greetings.php';

$expected = array(
	0  => 'Still up, Kim?',
	5  => 'Good morning, Kim.',
	12 => 'Good afternoon, Kim.',
	18 => 'Good evening, Kim.',
	23 => 'Good evening, Kim.',
);
foreach ( $expected as $hour => $words ) {
	$got = hello_yard_greeting( $hour, 'Kim' );
	if ( $got !== $words ) {
		fwrite( STDERR, "at $hour: got $got, want $words\n" );
		exit( 1 );
	}
}
