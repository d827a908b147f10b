<?php
/**
 * The greetings, and which one fits the hour.
 *
 * @package HelloYard
 */

/**
 * Greets somebody as one does at that hour.
 *
 * @param int    $hour 0 to 23.
 * @param string $name Whom to greet.
 * @return string Plain text.
 */
function hello_yard_greeting( $hour, $name ) {
	if ( $hour < 5 ) {
		/* translators: %s: a name. */
		$words = __( 'Still up, %s?', 'hello-yard' );
	} elseif ( $hour < 12 ) {
		/* translators: %s: a name. */
		$words = __( 'Good morning, %s.', 'hello-yard' );
	} elseif ( $hour < 18 ) {
		/* translators: %s: a name. */
		$words = __( 'Good afternoon, %s.', 'hello-yard' );
	} else {
		/* translators: %s: a name. */
		$words = __( 'Good evening, %s.', 'hello-yard' );
	}
	return sprintf( $words, $name );
}
