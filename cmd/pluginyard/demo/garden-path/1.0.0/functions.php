<?php
/**
 * All that this theme runs by itself: its updates.
 *
 * @package GardenPath
 */

( require __DIR__ . '/inc/updater.php' )->start( __FILE__ );
