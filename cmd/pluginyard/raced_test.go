//go:build race

package main

// raced says that the race detector looks on: everything takes some ten times
// as long, so the longest tests do a part of what they do without it.
const raced = true
