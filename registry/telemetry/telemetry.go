// Package telemetry makes numbers and traces of what the registry does:
// metrics in Prometheus's text format, and spans for a collector that speaks
// OTLP over HTTP.
//
// Both are told of work as a [registry.Observer]. Nothing that comes from
// outside becomes a label or an attribute: neither addresses, user agents nor
// texts of errors; an error is known by its kind alone. The labels there are
// (routes, kinds, the configured plugins and credentials) are few and bounded.
package telemetry

import (
	"context"
	"errors"
	"log/slog"
	"strings"

	"github.com/pluginyard/pluginyard/registry"
)

// Join tells several observers of the same work. Those that are nil are left
// out; without any it is nil.
func Join(observers ...registry.Observer) registry.Observer {
	var all []registry.Observer
	for _, o := range observers {
		if o != nil {
			all = append(all, o)
		}
	}
	switch len(all) {
	case 0:
		return nil
	case 1:
		return all[0]
	}
	return func(ctx context.Context, work string, about ...slog.Attr) (context.Context, func(error, ...slog.Attr)) {
		ends := make([]func(error, ...slog.Attr), len(all))
		for i, o := range all {
			ctx, ends[i] = o(ctx, work, about...)
		}
		return ctx, func(err error, about ...slog.Attr) {
			for _, end := range ends {
				end(err, about...)
			}
		}
	}
}

// The results that are none of [registry.Kinds].
const (
	resultOK       = "ok"
	resultEnded    = "ended"    // whoever waited for it, or the program, did not go on
	resultInternal = "internal" // of no kind: a fault of the program
)

// result names how work ended: "ok", or the kind of its error, such as
// "rate_limited".
func result(err error) string {
	if err == nil {
		return resultOK
	}
	if errors.Is(err, registry.ErrPanic) {
		return resultInternal // whatever kind it goes by
	}
	for _, kind := range registry.Kinds() {
		if kind != registry.ErrUnavailable && errors.Is(err, kind) {
			return kindName(kind)
		}
	}
	switch {
	case errors.Is(err, context.Canceled):
		return resultEnded
	case errors.Is(err, registry.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		return kindName(registry.ErrUnavailable)
	}
	return resultInternal
}

// results are all that result names.
func results() []string {
	all := []string{resultOK, resultEnded, resultInternal}
	for _, kind := range registry.Kinds() {
		all = append(all, kindName(kind))
	}
	return all
}

func kindName(kind error) string { return strings.ReplaceAll(kind.Error(), " ", "_") }

// textOf is an attribute's text, "" if it is not given.
func textOf(about []slog.Attr, key string) string {
	for _, a := range about {
		if a.Key == key {
			return a.Value.String()
		}
	}
	return ""
}

// numberOf is an attribute's number, 0 if it is not given.
func numberOf(about []slog.Attr, key string) int64 {
	for _, a := range about {
		if a.Key == key && a.Value.Kind() == slog.KindInt64 {
			return a.Value.Int64()
		}
	}
	return 0
}
