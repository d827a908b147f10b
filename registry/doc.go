// Package registry knows what a plugin, a channel, a revision and a package
// are, how a revision becomes a package, and when a package is stale. It knows
// neither HTTP servers nor GitHub's API: those reach it through [Forge], and
// what it keeps goes through [Store].
package registry
