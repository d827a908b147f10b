package wporg

import (
	"context"
	"fmt"
)

// MaxTurns is how many requests are worked on at once. One takes a millisecond
// usually; the worst take tens of milliseconds, and memory of some times what
// they read and write.
const MaxTurns = 8

// turn is a request's place among those that are worked on. It is given up
// while the registry makes what was asked for, which may take minutes.
type turn struct {
	slots chan struct{}
	held  bool
}

// take waits for a place.
func (t *turn) take(ctx context.Context) error {
	select {
	case t.slots <- struct{}{}:
		t.held = true
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for a turn: %w", ctx.Err())
	}
}

func (t *turn) end() {
	if t.held {
		<-t.slots
		t.held = false
	}
}

// without gives up a request's turn while the call waits for something.
func without[T any](ctx context.Context, t *turn, wait func() (T, error)) (T, error) {
	t.end()
	value, err := wait()
	if full := t.take(ctx); full != nil {
		return value, full
	}
	return value, err
}
