package main

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// journal keeps what is written to it line by line, and lets tests wait for a
// line to come. It may be used from many goroutines.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
	more chan struct{} // closed at the next write
}

func newJournal() *journal { return &journal{more: make(chan struct{})} }

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.text.Write(p)
	close(j.more)
	j.more = make(chan struct{})
	return len(p), nil
}

func (j *journal) String() string {
	text, _ := j.read()
	return text
}

// read gives what is there, and a channel that is closed when there is more.
func (j *journal) read() (string, <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String(), j.more
}

// mark is the present end, for [journal.find].
func (j *journal) mark() int { return len(j.String()) }

// find waits until something after a mark matches, and gives its groups.
func (j *journal) find(ctx context.Context, mark int, want *regexp.Regexp) ([]string, error) {
	for {
		text, more := j.read()
		if m := want.FindStringSubmatch(text[mark:]); m != nil {
			return m, nil
		}
		select {
		case <-more:
		case <-ctx.Done():
			return nil, fmt.Errorf("no line matches %s: %w", want, ctx.Err())
		}
	}
}

// await is find for tests that cannot go on without it.
func (j *journal) await(t testing.TB, mark int, want string) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	m, err := j.find(ctx, mark, regexp.MustCompile(want))
	if err != nil {
		t.Fatalf("%v; the log is\n%s", err, j.String()[mark:])
	}
	return m
}
