<?php
/**
 * Plugin Name:       Hello Yard
 * Plugin URI:        https://example.com/hello-yard
 * Description:       Greets whoever comes by with a kind word for the hour, in the toolbar and on the dashboard.
 * Version:           1.1.0
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

require __DIR__ . '/includes/greetings.php';
( require __DIR__ . '/includes/updater.php' )->start( __FILE__ );

/**
 * Puts the greeting into the toolbar.
 *
 * @param WP_Admin_Bar $bar The toolbar.
 */
function hello_yard_toolbar( $bar ) {
	$user = wp_get_current_user();
	if ( ! $user->exists() ) {
		return;
	}
	$bar->add_node(
		array(
			'id'     => 'hello-yard',
			'parent' => 'top-secondary',
			'title'  => esc_html( hello_yard_greeting( hello_yard_hour(), $user->display_name ) ),
		)
	);
}
add_action( 'admin_bar_menu', 'hello_yard_toolbar' );

/**
 * Adds the dashboard's box.
 */
function hello_yard_dashboard() {
	wp_add_dashboard_widget( 'hello_yard', __( 'Hello Yard', 'hello-yard' ), 'hello_yard_dashboard_box' );
}
add_action( 'wp_dashboard_setup', 'hello_yard_dashboard' );

/**
 * Prints the dashboard's box.
 */
function hello_yard_dashboard_box() {
	printf( '<p><strong>%s</strong></p>', esc_html( hello_yard_greeting( hello_yard_hour(), wp_get_current_user()->display_name ) ) );
}

/**
 * Gives the hour of the day in the site's own time zone.
 *
 * @return int 0 to 23.
 */
function hello_yard_hour() {
	return (int) current_datetime()->format( 'G' );
}
