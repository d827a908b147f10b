<?php
/**
 * Plugin Name:       Hello Yard
 * Plugin URI:        https://example.com/hello-yard
 * Description:       Greets whoever comes by with a kind word in the toolbar.
 * Version:           1.0.0
 * Requires at least: 6.0
 * Requires PHP:      7.4
 * Author:            Acme
 * Author URI:        https://example.com
 * License:           GPL-2.0-or-later
 * License URI:       https://www.gnu.org/licenses/gpl-2.0.html
 * Text Domain:       hello-yard
 * Update URI:        https://updates.example.com/hello-yard.json
 *
 * Hello Yard is free software: you can redistribute it and/or modify it under
 * the terms of the GNU General Public License as published by the Free Software
 * Foundation, either version 2 of the License, or (at your option) any later
 * version. It is distributed in the hope that it will be useful, but without
 * any warranty.
 *
 * @package HelloYard
 */

defined( 'ABSPATH' ) || exit;

( require __DIR__ . '/includes/updater.php' )->start( __FILE__ );

/**
 * Puts the greeting into the toolbar.
 *
 * @param WP_Admin_Bar $bar The toolbar.
 */
function hello_yard_toolbar( $bar ) {
	$user = wp_get_current_user();
	if ( $user->exists() ) {
		/* translators: %s: a name. */
		$words = sprintf( __( 'Hello, %s.', 'hello-yard' ), $user->display_name );
		$bar->add_node(
			array(
				'id'     => 'hello-yard',
				'parent' => 'top-secondary',
				'title'  => esc_html( $words ),
			)
		);
	}
}
add_action( 'admin_bar_menu', 'hello_yard_toolbar' );
