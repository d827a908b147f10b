<?php
/**
 * Plugin Name:       Hello Yard
 * Plugin URI:        https://example.com/hello-yard
 * Description:       Greets whoever comes by with a kind word for the hour: in the toolbar, on the dashboard, and wherever you put [hello_yard].
 * Version:           1.3.0-dev
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
 * Remembers the day on which the yard was opened.
 */
function hello_yard_activate() {
	add_option( 'hello_yard_opened', time(), '', false );
}
register_activation_hook( __FILE__, 'hello_yard_activate' );

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
 * Prints the dashboard's box: the greeting, and how long the yard has been open.
 */
function hello_yard_dashboard_box() {
	$days = (int) floor( ( time() - (int) get_option( 'hello_yard_opened', time() ) ) / DAY_IN_SECONDS );
	printf(
		'<p><strong>%s</strong></p><p>%s</p>',
		esc_html( hello_yard_greeting( hello_yard_hour(), wp_get_current_user()->display_name ) ),
		esc_html(
			sprintf(
				/* translators: %s: number of days. */
				_n( 'The yard has been open for %s day.', 'The yard has been open for %s days.', $days, 'hello-yard' ),
				number_format_i18n( $days )
			)
		)
	);
}

/**
 * Renders [hello_yard to="neighbour"].
 *
 * @param array|string $attributes The shortcode's attributes.
 * @return string HTML.
 */
function hello_yard_shortcode( $attributes ) {
	$attributes = shortcode_atts( array( 'to' => __( 'neighbour', 'hello-yard' ) ), $attributes, 'hello_yard' );
	wp_enqueue_style( 'hello-yard', plugins_url( 'css/hello-yard.css', __FILE__ ), array(), '1.3.0-dev' );
	return sprintf(
		'<p class="hello-yard">%s</p>',
		esc_html( hello_yard_greeting( hello_yard_hour(), $attributes['to'] ) )
	);
}
add_shortcode( 'hello_yard', 'hello_yard_shortcode' );

/**
 * Gives the hour of the day in the site's own time zone.
 *
 * @return int 0 to 23.
 */
function hello_yard_hour() {
	return (int) current_datetime()->format( 'G' );
}
