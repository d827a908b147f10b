package registry

import (
	"context"
	"errors"
)

// Priority says who waits for a request to the forge, so that what is left of
// its allowance goes to those who need it most.
type Priority int

// The priorities, the most urgent first. The zero value is somebody's first
// request, which waits.
const (
	PriorityWaiting    Priority = iota // a client waits for the answer
	PriorityTold                       // the forge told us, by webhook, that something is new
	PriorityBackground                 // a periodic check, or discovery: never out of the reserve
)

type priorityKey struct{}

// WithPriority marks the work of a context. A [Forge] may refuse what is not
// urgent, with ErrLimited, while it could still answer what is.
func WithPriority(ctx context.Context, p Priority) context.Context {
	return context.WithValue(ctx, priorityKey{}, p)
}

// PriorityOf is the priority of a context's work.
func PriorityOf(ctx context.Context) Priority {
	p, _ := ctx.Value(priorityKey{}).(Priority)
	return p
}

// ErrReserve is in the chain of an ErrLimited beside its kind where the forge
// could still be asked for what is more urgent.
var ErrReserve = errors.New("kept in reserve")
