package github

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pluginyard/pluginyard/registry"
)

// bookable is a client of whose allowance of 5,000 so much remains; the reserve
// is 500.
func bookable(t *testing.T, remaining int) *Client {
	t.Helper()
	reset := time.Now().Add(20 * time.Minute)
	c := newClient(t, Config{Token: planted, Transport: trips(func(req *http.Request) (*http.Response, error) {
		resp := reply(req, 200, repositoryJSON)
		for name, values := range rate(remaining, reset) {
			resp.Header[name] = values
		}
		return resp, nil
	})})
	if _, err := c.Repository(t.Context(), yard); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNoWorkBeginsThatCannotBeEnded(t *testing.T) {
	for _, tt := range []struct {
		name      string
		remaining int
		priority  registry.Priority
		requests  int
		may       bool
	}{
		{"as many as are left", 505, registry.PriorityBackground, 5, true},
		{"one less is left", 504, registry.PriorityBackground, 5, false},
		{"nobody waits for fewer", 501, registry.PriorityBackground, 1, true},
		{"a client waits", 501, registry.PriorityWaiting, 5, true},
		{"the forge told of it", 501, registry.PriorityTold, 5, true},
		{"more than there ever are, of all that there are", 5000, registry.PriorityBackground, 9000, true},
		{"more than there ever are, of less", 4999, registry.PriorityBackground, 9000, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := bookable(t, tt.remaining)
				ctx := registry.WithPriority(t.Context(), tt.priority)
				done, err := c.Book(ctx, yard, tt.requests)
				if tt.may {
					if err != nil {
						t.Fatal(err)
					}
					done()
					return
				}
				if !errors.Is(err, registry.ErrReserve) || retryAfterOf(err) != 20*time.Minute {
					t.Errorf("%v, to wait %s", err, retryAfterOf(err))
				}
				time.Sleep(20 * time.Minute)
				if _, err := c.Book(ctx, yard, tt.requests); err != nil {
					t.Errorf("after the reset: %v", err)
				}
			})
		})
	}
}

// What others may give back is waited for: a check asks for more than is counted
// in the end.
func TestWorkWaitsForWhatOthersHaveBooked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := bookable(t, 509)
		ctx := registry.WithPriority(t.Context(), registry.PriorityBackground)
		done, err := c.Book(ctx, yard, 5)
		if err != nil {
			t.Fatal(err)
		}
		impatient, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		if _, err := c.Book(impatient, yard, 5); !errors.Is(err, registry.ErrUnavailable) || errors.Is(err, registry.ErrLimited) {
			t.Errorf("the impatient: %v", err)
		}
		second := make(chan error)
		go func() {
			_, err := c.Book(ctx, yard, 5)
			second <- err
		}()
		synctest.Wait()
		select {
		case err := <-second:
			t.Fatalf("the second did not wait: %v", err)
		default:
		}
		done()
		if err := <-second; err != nil {
			t.Error(err)
		}
	})
}
