<?php
/**
 * Plugin Name: Gate Keeper
 * Plugin URI:  https://example.com/gate-keeper
 * Description: Closes the gate for a quarter of an hour after five wrong passwords from one address.
 * Version:     0.4.0
 * Requires at least: 6.0
 * Requires PHP: 7.4
 * Author:      Acme
 * Author URI:  https://example.com
 * License:     GPL-2.0-or-later
 * License URI: https://www.gnu.org/licenses/gpl-2.0.html
 * Text Domain: gate-keeper
 * Update URI:  https://updates.example.com/gate-keeper.json
 *
 * Gate Keeper is free software: you can redistribute it and/or modify it under
 * the terms of the GNU General Public License as published by the Free Software
 * Foundation, either version 2 of the License, or (at your option) any later
 * version. It is distributed in the hope that it will be useful, but without
 * any warranty.
 *
 * @package GateKeeper
 */

defined( 'ABSPATH' ) || exit;

const GATE_KEEPER_TRIES = 5;

/**
 * Names the record of the visitor's address.
 *
 * @return string A transient's name.
 */
function gate_keeper_key() {
	$address = isset( $_SERVER['REMOTE_ADDR'] ) ? sanitize_text_field( wp_unslash( $_SERVER['REMOTE_ADDR'] ) ) : '';
	return 'gate_keeper_' . md5( $address );
}

/**
 * Counts a wrong password.
 */
function gate_keeper_count() {
	set_transient( gate_keeper_key(), (int) get_transient( gate_keeper_key() ) + 1, 15 * MINUTE_IN_SECONDS );
}
add_action( 'wp_login_failed', 'gate_keeper_count' );

/**
 * Refuses to look at a password once there were too many wrong ones.
 *
 * @param WP_User|WP_Error|null $user What the others say.
 * @return WP_User|WP_Error|null The same, or an error.
 */
function gate_keeper_check( $user ) {
	if ( (int) get_transient( gate_keeper_key() ) < GATE_KEEPER_TRIES ) {
		return $user;
	}
	return new WP_Error( 'gate_keeper', __( 'The gate is closed. Try again in a quarter of an hour.', 'gate-keeper' ) );
}
add_filter( 'authenticate', 'gate_keeper_check', 100 );
