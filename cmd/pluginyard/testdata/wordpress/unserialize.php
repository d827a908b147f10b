<?php
/**
 * Prints what PHP makes of a serialised answer on standard input: a line for
 * each value, its path, its type, and what it is. WordPress before 3.7 has
 * nothing but this function between the answer and the screen.
 */
declare( strict_types=1 );

error_reporting( E_ALL );
set_error_handler(
	function ( int $level, string $message ) {
		echo "PHP says: $message\n";
		exit( 1 );
	}
);

function show( string $path, $value ): void {
	$type = get_debug_type( $value );
	if ( is_array( $value ) || is_object( $value ) ) {
		echo $path, ' ', $type, "\n";
		foreach ( is_object( $value ) ? get_object_vars( $value ) : $value as $key => $member ) {
			show( "$path/$key", $member );
		}
		return;
	}
	$text = json_encode( $value, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE );
	echo $path, ' ', $type, ' ', strlen( $text ) > 140 ? substr( $text, 0, 140 ) . '…' : $text, "\n";
}

show( '', unserialize( stream_get_contents( STDIN ), array( 'allowed_classes' => array( 'stdClass' ) ) ) );
