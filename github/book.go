package github

import (
	"context"
	"fmt"

	"github.com/pluginyard/pluginyard/registry"
)

// Book sets requests aside for a piece of work of the background until done is
// called, or refuses it with ErrLimited: what could not be ended is not begun.
// Where others may give back what they have booked, it waits for them. Work that
// is more urgent, and what nothing is known of yet, is not held up.
func (c *Client) Book(ctx context.Context, repo registry.Repo, requests int) (done func(), err error) {
	nothing := func() {}
	if registry.PriorityOf(ctx) != registry.PriorityBackground {
		return nothing, nil
	}
	who, err := c.credential(ctx, repo)
	if err != nil {
		return nothing, nil // the work itself finds out why
	}
	return c.accounts.book(ctx, who, requests)
}

func (a *accounts) book(ctx context.Context, c credential, requests int) (done func(), err error) {
	for {
		a.mu.Lock()
		acc := a.of(c)
		may, err := acc.mayBook(a, requests)
		if may {
			acc.booked += requests
			a.mu.Unlock()
			return func() {
				a.mu.Lock()
				defer a.mu.Unlock()
				acc.booked -= requests
				a.tell()
			}, nil
		}
		changed := a.changed
		a.mu.Unlock()
		if err != nil {
			return nil, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for others to ask GitHub: %w: %w", registry.ErrUnavailable, ctx.Err())
		}
	}
}

// mayBook says whether so many requests may be set aside now; neither is to wait
// for others. Of an allowance that is smaller than that all has to do.
func (acc *account) mayBook(a *accounts, requests int) (bool, error) {
	now := a.now()
	if wait := acc.pause.until.Sub(now); wait > 0 {
		return false, limitError(wait)
	}
	if acc.limit == 0 {
		return true, nil
	}
	floor, left := a.reserve.of(acc.limit), acc.left(now)
	requests = min(requests, acc.limit-floor)
	switch {
	case left-floor < requests:
		return false, reserveError(floor, acc.limit, acc.reset, acc.reset.Sub(now))
	case left-floor-acc.flying-acc.booked < requests:
		return false, nil
	}
	return true, nil
}
