package registry

import (
	"context"
	"log/slog"
)

// Observer is told of each piece of work as it begins, with what is known of it
// then, and gives back a context for what is part of it and a function to call
// once at its end, with its error and what is known since. Metrics and traces
// are made of that; no secret may be among it. It is called from many
// goroutines and must be quick. A nil Observer is told nothing.
//
// The pieces of work are named by the constants Work….
type Observer func(ctx context.Context, work string, about ...slog.Attr) (context.Context, func(err error, about ...slog.Attr))

// The pieces of work that an [Observer] is told of, with their attributes.
const (
	WorkBuild    = "build"    // plugin, channel
	WorkCheck    = "check"    // plugin
	WorkDiscover = "discover" // owner
	WorkForge    = "forge"    // method, host, path; at the end status and bytes: one request on the wire
	WorkStore    = "store"    // operation: put, open, save, collect
)

// Begin tells of work that begins. The function it returns is never nil.
func (o Observer) Begin(ctx context.Context, work string, about ...slog.Attr) (context.Context, func(error, ...slog.Attr)) {
	if o == nil {
		return ctx, func(error, ...slog.Attr) {}
	}
	return o(ctx, work, about...)
}
