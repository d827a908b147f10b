package assets

import (
	"context"
	"errors"
	"fmt"
)

// content is what reading one file gave.
type content struct {
	data []byte
	err  error
}

// check reports why a content can't be an image, whatever it holds.
func (c content) check(declared int64) error {
	switch {
	case c.err != nil:
		return c.err
	case declared > MaxBytes || len(c.data) > MaxBytes:
		return fmt.Errorf("it has %d bytes, more than the %d MB that an image may have",
			max(declared, int64(len(c.data))), MaxBytes>>20)
	case len(c.data) == 0:
		return errors.New("the file is empty")
	default:
		return nil
	}
}

// reader reads candidates, ReadAhead of them at a time, so at most
// ReadAhead·MaxBytes wait to be decoded. Only the first candidate of each place
// is read before it is asked for: the others are seldom needed.
type reader struct {
	candidates []candidate
	ahead      map[int]chan content // by index; each receives once
	slots      chan struct{}        // one per content read ahead and not yet taken
}

// newReader starts to read. It stops when the context ends; what was not read
// then yields the context's error.
func newReader(ctx context.Context, candidates []candidate) *reader {
	r := &reader{
		candidates: candidates,
		ahead:      map[int]chan content{},
		slots:      make(chan struct{}, ReadAhead),
	}
	var order []int
	for i, cand := range candidates {
		if i == 0 || cand.stem != candidates[i-1].stem {
			r.ahead[i] = make(chan content, 1)
			order = append(order, i)
		}
	}
	go func() {
		for _, i := range order {
			select {
			case r.slots <- struct{}{}:
				go func() { r.ahead[i] <- read(ctx, candidates[i].File) }()
			case <-ctx.Done():
				r.ahead[i] <- content{err: ctx.Err()}
			}
		}
	}()
	return r
}

// take gives the content of one candidate. Those read ahead must be taken in
// order, each once.
func (r *reader) take(ctx context.Context, i int) content {
	ahead, ok := r.ahead[i]
	if !ok {
		return read(ctx, r.candidates[i].File)
	}
	select {
	case c := <-ahead:
		if ctx.Err() == nil {
			<-r.slots
		}
		return c
	case <-ctx.Done():
		return content{err: ctx.Err()}
	}
}

// read reads one file, unless it says itself that it is too large.
func read(ctx context.Context, f File) content {
	if f.Size > MaxBytes {
		return content{}
	}
	data, err := f.Read(ctx)
	if err != nil {
		return content{err: fmt.Errorf("read: %w", err)}
	}
	return content{data: data}
}
