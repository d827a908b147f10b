package registry

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// builders are the places in which packages are built, a few at once, and the
// line before them. What stands in line is a few words each: there is neither a
// goroutine nor a file for it.
//
// A free place goes to the build that somebody waits for most urgently, by
// [Priority], among equals to the one that came first; of older releases, which
// anybody may ask for, only one is built at a time.
type builders struct {
	room int // how many builds may stand in line that clients asked for

	mu      sync.Mutex // guards what follows
	free    int        // places
	older   bool       // one of the others is an older release's
	line    []*job     // in the order in which they came
	pending map[string]*job
}

// job is one build, in line or under way, for all who ask for it.
type job struct {
	key    string
	older  bool
	client bool                        // a client asked first, so it takes room
	asking [PriorityBackground + 1]int // how many wait for it
	run    func(Priority) (*served, error)
	begun  Priority      // at which it was begun
	done   chan struct{} // closed when the result is there
	result *served
	err    error
}

// urgency is the priority of the most urgent of those who wait for a job;
// nobody's comes last.
func (j *job) urgency() Priority {
	i := slices.IndexFunc(j.asking[:], func(n int) bool { return n > 0 })
	if i < 0 {
		return Priority(len(j.asking))
	}
	return Priority(i)
}

// errNoRoom is what a client is told whose build finds no place in the line.
var errNoRoom = &Error{Kind: ErrUnavailable, RetryAfter: 30 * time.Second, Message: "too many packages wait to be built for the first time; try again later"}

// do has a job run, once for all who ask for its key at the same time, and
// waits for it, or until the context ends. The job goes on when those who wait
// give up; but while it stands in line it gives way then to one that somebody
// waits for, where there is no room for both.
func (b *builders) do(ctx context.Context, key string, older bool, run func(Priority) (*served, error)) (*served, error) {
	if atOnce(ctx) {
		return nil, ErrLater
	}
	for {
		j, err := b.ask(ctx, key, older, run)
		if err != nil {
			return nil, err
		}
		asked := PriorityOf(ctx)
		select {
		case <-j.done:
		case <-ctx.Done():
			b.leave(j, asked)
			return nil, fmt.Errorf("wait for %s: %w: %w", key, ErrUnavailable, ctx.Err())
		}
		b.leave(j, asked)
		if errors.Is(j.err, ErrReserve) && asked < j.begun {
			continue // it was not urgent enough for the forge; this is
		}
		return j.result, j.err
	}
}

// ask joins a job, or puts it into the line.
func (b *builders) ask(ctx context.Context, key string, older bool, run func(Priority) (*served, error)) (*job, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	priority := PriorityOf(ctx)
	j := b.pending[key]
	if j == nil {
		if err := Begin(ctx); err != nil {
			return nil, err
		}
		j = &job{key: key, older: older, client: priority == PriorityWaiting, run: run, done: make(chan struct{})}
		if j.client && !b.makeRoom(older) {
			return nil, errNoRoom
		}
		if b.pending == nil {
			b.pending = map[string]*job{}
		}
		b.pending[key] = j
		b.line = append(b.line, j)
	}
	j.asking[priority]++
	b.begin()
	return j, nil
}

// leave is called by whoever does not wait for a job any more.
func (b *builders) leave(j *job, asked Priority) {
	b.mu.Lock()
	defer b.mu.Unlock()
	j.asking[asked]--
}

// makeRoom reports whether one more build may stand in line for a client. Older
// releases may take half of the room, so that they never keep out what is new.
func (b *builders) makeRoom(older bool) bool {
	if b.free > 0 && !older {
		return true // it is begun at once
	}
	taken, takenByOlder := 0, 0
	var deserted, desertedOlder *job
	for _, j := range b.line {
		if !j.client {
			continue
		}
		left := j.urgency() > PriorityBackground
		if taken++; left {
			deserted = cmp.Or(deserted, j)
		}
		if !j.older {
			continue
		}
		if takenByOlder++; left {
			desertedOlder = cmp.Or(desertedOlder, j)
		}
	}
	switch {
	case older && takenByOlder >= max(1, b.room/2):
		return b.giveUp(desertedOlder)
	case taken >= b.room:
		return b.giveUp(deserted)
	}
	return true
}

// giveUp drops a job from the line that nobody waits for; false if it is nil.
func (b *builders) giveUp(j *job) bool {
	if j == nil {
		return false
	}
	b.line = slices.DeleteFunc(b.line, func(other *job) bool { return other == j })
	delete(b.pending, j.key)
	j.err = errNoRoom
	close(j.done)
	return true
}

// begin gives the free places to those in line.
func (b *builders) begin() {
	for b.free > 0 {
		next := -1
		for i, j := range b.line {
			if !(j.older && b.older) && (next < 0 || j.urgency() < b.line[next].urgency()) {
				next = i
			}
		}
		if next < 0 {
			return
		}
		j := b.line[next]
		b.line = slices.Delete(b.line, next, next+1)
		j.begun = min(j.urgency(), PriorityBackground)
		b.free--
		b.older = b.older || j.older
		go func() {
			result, err := j.run(j.begun)
			b.end(j, result, err)
		}()
	}
}

func (b *builders) end(j *job, result *served, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	j.result, j.err = result, err
	b.free++
	b.older = b.older && !j.older
	delete(b.pending, j.key)
	close(j.done)
	b.begin()
}

// counts says how many are built, and how many stand in line.
func (b *builders) counts() (building, waiting int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.pending) - len(b.line), len(b.line)
}
