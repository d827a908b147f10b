package registry

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// yardOfBuilders has builds that end when they are told to, and notes which
// were begun.
type yardOfBuilders struct {
	builders
	t     *testing.T
	begun []string
	gates sync.Map // key to chan struct{}
	crowd sync.WaitGroup
	mu    sync.Mutex
	told  []string // what was answered, in order
}

func newYardOfBuilders(t *testing.T, places, room int) *yardOfBuilders {
	return &yardOfBuilders{t: t, builders: builders{free: places, room: room}}
}

// ask has somebody ask for a build; what they are told is noted under their
// name. An older release's key begins with "old".
func (y *yardOfBuilders) ask(ctx context.Context, name, key string, priority Priority) {
	y.crowd.Go(func() {
		_, err := y.do(WithPriority(ctx, priority), key, key[:3] == "old", func(p Priority) (*served, error) {
			y.mu.Lock()
			y.begun = append(y.begun, fmt.Sprintf("%s/%d", key, p))
			y.mu.Unlock()
			gate, _ := y.gates.LoadOrStore(key, make(chan struct{}))
			<-gate.(chan struct{})
			return &served{}, nil
		})
		y.mu.Lock()
		defer y.mu.Unlock()
		switch {
		case err == nil:
			name += ": built"
		case errors.Is(err, errNoRoom):
			name += ": no room"
		default:
			name += ": gave up"
		}
		y.told = append(y.told, name)
	})
	synctest.Wait()
}

// end ends a build that is under way.
func (y *yardOfBuilders) end(key string) {
	gate, _ := y.gates.LoadAndDelete(key)
	close(gate.(chan struct{}))
	synctest.Wait()
}

func (y *yardOfBuilders) want(begun, told []string) {
	y.t.Helper()
	y.mu.Lock()
	defer y.mu.Unlock()
	if !slices.Equal(y.begun, begun) || !slices.Equal(y.told, told) {
		y.t.Errorf("begun are %q, told was %q; want %q, %q", y.begun, y.told, begun, told)
	}
}

func TestTheLineOfBuilds(t *testing.T) {
	const waiting, told, background = PriorityWaiting, PriorityTold, PriorityBackground
	tests := map[string]func(*testing.T){
		"who waits goes before who was told, and that before checks": func(t *testing.T) {
			y := newYardOfBuilders(t, 1, 8)
			y.ask(t.Context(), "a", "one", background)
			y.ask(t.Context(), "b", "two", background)
			y.ask(t.Context(), "c", "three", told)
			y.ask(t.Context(), "d", "four", waiting)
			for _, key := range []string{"one", "four", "three", "two"} {
				y.end(key)
			}
			y.want([]string{"one/2", "four/0", "three/1", "two/2"}, []string{"a: built", "d: built", "c: built", "b: built"})
		},
		"a client makes the check that it joins urgent": func(t *testing.T) {
			y := newYardOfBuilders(t, 1, 8)
			y.ask(t.Context(), "a", "one", background)
			y.ask(t.Context(), "b", "two", background)
			y.ask(t.Context(), "c", "three", background)
			y.ask(t.Context(), "d", "three", waiting)
			y.end("one")
			y.end("three")
			y.end("two")
			slices.Sort(y.told)
			y.want([]string{"one/2", "three/0", "two/2"}, []string{"a: built", "b: built", "c: built", "d: built"})
		},
		"whoever finds no room is told so at once, and checks need none": func(t *testing.T) {
			y := newYardOfBuilders(t, 1, 2)
			y.ask(t.Context(), "a", "one", waiting)
			y.ask(t.Context(), "b", "two", waiting)
			y.ask(t.Context(), "c", "three", waiting)
			y.ask(t.Context(), "d", "four", waiting)
			y.ask(t.Context(), "e", "five", background)
			y.ask(t.Context(), "f", "two", waiting) // joins
			y.want([]string{"one/0"}, []string{"d: no room"})
			for _, key := range []string{"one", "two", "three", "five"} {
				y.end(key)
			}
			if len(y.told) != 6 || len(y.pending) != 0 || len(y.line) != 0 || y.free != 1 {
				t.Errorf("told %q, %d pending, %d in line, %d free", y.told, len(y.pending), len(y.line), y.free)
			}
		},
		"older releases are built one at a time and leave half of the room": func(t *testing.T) {
			y := newYardOfBuilders(t, 2, 2)
			y.ask(t.Context(), "a", "old1", waiting)
			y.ask(t.Context(), "b", "old2", waiting)
			y.ask(t.Context(), "c", "old3", waiting)
			y.ask(t.Context(), "d", "one", waiting)
			y.ask(t.Context(), "e", "two", waiting)
			y.want([]string{"old1/0", "one/0"}, []string{"c: no room"})
			for _, key := range []string{"one", "two", "old1", "old2"} {
				y.end(key)
			}
			y.want([]string{"old1/0", "one/0", "two/0", "old2/0"}, []string{"c: no room", "d: built", "e: built", "a: built", "b: built"})
		},
		"what everybody has left is built in the end, unless others need its room": func(t *testing.T) {
			y := newYardOfBuilders(t, 1, 2)
			gone, leave := context.WithCancel(t.Context())
			y.ask(t.Context(), "a", "one", waiting)
			y.ask(gone, "b", "two", waiting)
			y.ask(gone, "c", "three", waiting)
			leave()
			synctest.Wait()
			y.ask(t.Context(), "d", "four", waiting) // in the place of two
			slices.Sort(y.told)
			y.want([]string{"one/0"}, []string{"b: gave up", "c: gave up"})
			for _, key := range []string{"one", "four", "three"} {
				y.end(key)
			}
			y.want([]string{"one/0", "four/0", "three/2"}, []string{"b: gave up", "c: gave up", "a: built", "d: built"})
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, test)
		})
	}
}

// What the forge refuses to a check, out of its reserve, it may do for a client
// that has joined the check's build.
func TestAClientAsksAgainWhereACheckWasNotUrgentEnough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := builders{free: 1, room: 1}
		gate := make(chan struct{})
		build := func(p Priority) (*served, error) {
			if p > PriorityWaiting {
				<-gate
				return nil, ErrReserve
			}
			return &served{}, nil
		}
		var check, client error
		go func() {
			_, check = b.do(WithPriority(t.Context(), PriorityBackground), "one", false, build)
		}()
		synctest.Wait()
		go func() { _, client = b.do(t.Context(), "one", false, build) }()
		synctest.Wait()
		close(gate)
		synctest.Wait()
		if !errors.Is(check, ErrReserve) || client != nil {
			t.Errorf("the check got %v, the client %v", check, client)
		}
	})
}

// A request that may not begin anything joins what is being made, and one whose
// context is AtOnce waits for nothing.
func TestAdmissionIsAskedOfWhoBegins(t *testing.T) {
	b := newBench(t)
	b.forge.publish("v1.1.0", helloYard("1.1.0"))
	b.forge.publish("v1.2.0", helloYard("1.2.0"))
	if _, err := b.Information(AtOnce(), "hello-yard", Query{}); !errors.Is(err, ErrLater) {
		t.Errorf("at once: %v", err)
	}
	refusal := &Error{Kind: ErrTooOften, Message: "too often", RetryAfter: time.Minute}
	asked := 0
	refused := WithAdmission(t.Context(), func() error { asked++; return refusal })
	if _, err := b.Information(refused, "hello-yard", Query{}); !errors.Is(err, ErrTooOften) {
		t.Errorf("refused: %v", err)
	}
	if _, err := b.Entry(refused, "hello-yard"); !errors.Is(err, ErrTooOften) {
		t.Errorf("its page, refused: %v", err)
	}
	if n := b.forge.count("Archive") + b.forge.count("Repository"); n != 0 || asked != 2 {
		t.Errorf("the forge was asked %d times, the admission %d times", n, asked)
	}
	b.document(t, Query{})
	for _, ctx := range []context.Context{refused, AtOnce()} {
		if _, err := b.Information(ctx, "hello-yard", Query{}); err != nil {
			t.Errorf("what is built: %v", err)
		}
	}
	for name, want := range map[string]error{"v1.2.0": nil, "v1.1.0": ErrTooOften} {
		if _, err := b.Information(refused, "hello-yard", Query{Kind: KindRelease, UpdateID: name}); !errors.Is(err, want) {
			t.Errorf("%s, refused: %v, want %v", name, err, want)
		}
	}
}
