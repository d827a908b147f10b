<?php
/**
 * Plugin Name: Fence Post
 * Plugin URI:  https://example.com/fence-post
 * Description: Puts up a fence while you work on the site: visitors are told to come back later, whoever is logged in walks through.
 * Version:     2.0.1
 * Author:      Acme
 * Author URI:  https://example.com
 * License:     GPL-2.0-or-later
 * License URI: https://www.gnu.org/licenses/gpl-2.0.html
 * Text Domain: fence-post
 * Update URI:  https://updates.example.com/fence-post.json
 *
 * Fence Post is free software: you can redistribute it and/or modify it under
 * the terms of the GNU General Public License as published by the Free Software
 * Foundation, either version 2 of the License, or (at your option) any later
 * version. It is distributed in the hope that it will be useful, but without
 * any warranty.
 *
 * @package FencePost
 */

defined( 'ABSPATH' ) || exit;

/**
 * Stops visitors at the fence: 503 with a time to come back, so that search
 * engines keep what they know.
 */
function fence_post_stop() {
	if ( is_user_logged_in() || ! get_option( 'fence_post_closed' ) ) {
		return;
	}
	header( 'Retry-After: 3600' );
	wp_die(
		'<p>' . esc_html__( 'We are mending the fence. Please come back in an hour.', 'fence-post' ) . '</p>',
		esc_html( get_bloginfo( 'name' ) ),
		array( 'response' => 503 )
	);
}
add_action( 'template_redirect', 'fence_post_stop' );

/**
 * Adds the switch to Settings, Reading.
 */
function fence_post_settings() {
	register_setting( 'reading', 'fence_post_closed', array( 'type' => 'boolean' ) );
	add_settings_field( 'fence_post_closed', __( 'Fence', 'fence-post' ), 'fence_post_switch', 'reading' );
}
add_action( 'admin_init', 'fence_post_settings' );

/**
 * Prints the switch.
 */
function fence_post_switch() {
	printf(
		'<label><input type="checkbox" name="fence_post_closed" value="1" %s> %s</label>',
		checked( (bool) get_option( 'fence_post_closed' ), true, false ),
		esc_html__( 'The fence is up: only whoever is logged in sees the site', 'fence-post' )
	);
}

/**
 * Loads the style sheet that the build makes.
 */
function fence_post_style() {
	wp_enqueue_style( 'fence-post', plugins_url( 'build/fence.css', __FILE__ ), array(), '2.0.1' );
}
add_action( 'login_enqueue_scripts', 'fence_post_style' );
