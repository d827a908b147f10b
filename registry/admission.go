package registry

import (
	"context"
	"errors"
)

// ErrLater is what a request whose context is [AtOnce] gets where the answer
// would have to be waited for.
var ErrLater = errors.New("this cannot be answered at once")

// Admission is asked before a request has something made for it: the forge is
// asked about a plugin that is not known yet, or a package is built. Its error
// is the request's, should be of one of [Kinds], and concerns nobody else. It
// is not asked of who joins what is being made already. It must be quick.
type Admission func() error

type admissionKey struct{}

// WithAdmission has a request's work admitted by whoever knows who asks.
func WithAdmission(ctx context.Context, admission Admission) context.Context {
	return context.WithValue(ctx, admissionKey{}, admission)
}

// Begin is what a request's work begins with, where nobody makes already what it
// needs: ErrLater, the error of its admission, or nil.
func Begin(ctx context.Context) error {
	if atOnce(ctx) {
		return ErrLater
	}
	if admission, _ := ctx.Value(admissionKey{}).(Admission); admission != nil {
		return admission()
	}
	return nil
}

type atOnceKey struct{}

// AtOnce is a context for requests that wait for nothing but the store: what is
// neither known nor built is ErrLater. It costs nothing to ask with it first.
func AtOnce() context.Context {
	return context.WithValue(context.Background(), atOnceKey{}, true)
}

func atOnce(ctx context.Context) bool { return ctx.Value(atOnceKey{}) != nil }
