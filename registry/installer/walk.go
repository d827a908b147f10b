package installer

import (
	"context"
	"io"
	"runtime"
	"sync"
	"sync/atomic"
)

// batchBytes is how much of the zip is read at once. Compressed entries mostly
// stand in the order of their names, so one read serves dozens of files.
const batchBytes = 512 << 10

// gapBytes is how much between two kept entries is read for nothing rather
// than reading twice.
const gapBytes = 16 << 10

// maxWorkers bounds the goroutines that verify, and so the memory.
const maxWorkers = 16

// batch is a run of entries whose bytes were read at once. The goroutine that
// read it and the one that verifies it use it at the same time, both reading.
type batch struct {
	buf     []byte
	base    int64 // of buf within the zip
	first   int   // index of the first entry
	entries []*entry
	data    [][]byte // by entry: its compressed bytes within buf
	users   atomic.Int32
}

// walk calls emit with the compressed bytes of each entry in the order given,
// from one goroutine; large entries come in several pieces. Each entry's own
// header is checked against the directory before. If verify is set, the
// contents are inflated and checked beside that, on all processors; what emit
// got is good only if walk returns nil. Of several faults, the first entry's is
// returned.
func (rd *Reader) walk(ctx context.Context, entries []*entry, verify bool, emit func(*entry, []byte) error) error {
	workers := 0
	if verify {
		workers = min(runtime.GOMAXPROCS(0), maxWorkers, len(entries))
	}
	p := newPool(rd.r, workers)
	err := rd.feed(ctx, p, entries, emit)
	return p.wait(err)
}

// feed reads batch after batch, hands each to the verifiers and to emit.
func (rd *Reader) feed(ctx context.Context, p *pool, entries []*entry, emit func(*entry, []byte) error) error {
	for i := 0; i < len(entries) && !p.failed(); {
		if err := ctx.Err(); err != nil {
			return err
		}
		if entries[i].span() > batchBytes {
			if err := rd.feedLarge(ctx, p, i, entries[i], emit); err != nil {
				return err
			}
			i++
			continue
		}
		b := <-p.free
		n, err := b.fill(rd.r, i, entries[i:])
		if n > 0 {
			p.send(b)
			for j := range n {
				if err := emit(b.entries[j], b.data[j]); err != nil {
					p.release(b)
					return err
				}
			}
		}
		p.release(b)
		if err != nil {
			return err
		}
		i += n
	}
	return nil
}

// feedLarge hands on an entry that does not fit into a batch. Who verifies it
// reads it on their own.
func (rd *Reader) feedLarge(ctx context.Context, p *pool, i int, e *entry, emit func(*entry, []byte) error) error {
	b := <-p.free
	defer p.release(b)
	head := b.buf[:localSize+len(e.name)]
	if err := readFull(rd.r, head, e.offset); err != nil {
		return err
	}
	at, err := e.parseLocal(head)
	if err != nil {
		return err
	}
	if p.workers > 0 {
		p.jobs <- job{index: i, large: e}
	}
	for done := int64(0); done < e.compressed && !p.failed(); {
		if err := ctx.Err(); err != nil {
			return err
		}
		piece := b.buf[:min(int64(len(b.buf)), e.compressed-done)]
		if err := readFull(rd.r, piece, e.offset+at+done); err != nil {
			return err
		}
		if err := emit(e, piece); err != nil {
			return err
		}
		done += int64(len(piece))
	}
	return nil
}

// span is how many bytes must be read at most to have the entry whole.
func (e *entry) span() int64 {
	return min(e.limit-e.offset, localSize+int64(len(e.name))+mostExtra+e.compressed)
}

// fill reads as many of the entries as follow one another and fit. It returns
// how many are whole; an error belongs to the one after them.
func (b *batch) fill(r io.ReaderAt, first int, entries []*entry) (int, error) {
	b.first, b.base, b.entries, b.data = first, entries[0].offset, b.entries[:0], b.data[:0]
	end := b.base
	for _, e := range entries {
		if e.offset < end || e.offset-end > gapBytes || e.offset+e.span()-b.base > batchBytes {
			break
		}
		end = e.offset + e.span()
		b.entries = append(b.entries, e)
	}
	if len(b.entries) == 0 {
		b.entries = append(b.entries, entries[0])
		end = b.base + entries[0].span()
	}
	buf := b.buf[:end-b.base]
	if err := readFull(r, buf, b.base); err != nil {
		b.entries = b.entries[:0]
		return 0, err
	}
	for i, e := range b.entries {
		own := buf[e.offset-b.base:]
		at, err := e.parseLocal(own)
		if err != nil {
			b.entries = b.entries[:i]
			return i, err
		}
		b.data = append(b.data, own[at:at+e.compressed])
	}
	return len(b.entries), nil
}

// job is a batch, or one large entry, to be verified.
type job struct {
	batch *batch
	index int // of the large entry
	large *entry
}

// pool is the verifiers and the buffers. There are as many buffers as can be
// read, verified and written at once, so memory does not grow with the zip.
type pool struct {
	workers int
	free    chan *batch
	jobs    chan job
	running sync.WaitGroup
	broken  atomic.Bool

	mu    sync.Mutex
	err   error // of the entry with the lowest index
	index int
}

func newPool(r io.ReaderAt, workers int) *pool {
	buffers := workers + 2
	p := &pool{workers: workers, free: make(chan *batch, buffers), jobs: make(chan job, buffers)}
	for range buffers {
		p.free <- &batch{buf: make([]byte, batchBytes)}
	}
	for range workers {
		p.running.Go(func() {
			v := newVerifier()
			for j := range p.jobs {
				p.verify(v, r, j)
			}
		})
	}
	return p
}

func (p *pool) verify(v *verifier, r io.ReaderAt, j job) {
	if j.large != nil {
		if err := v.stream(r, j.large, nil); err != nil {
			p.fail(j.index, err)
		}
		return
	}
	for i, e := range j.batch.entries {
		if err := v.bytes(e, j.batch.data[i]); err != nil {
			p.fail(j.batch.first+i, err)
			break
		}
	}
	p.release(j.batch)
}

// send gives a batch to the verifiers. The caller keeps its own use of it.
func (p *pool) send(b *batch) {
	b.users.Store(1)
	if p.workers > 0 {
		b.users.Store(2)
		p.jobs <- job{batch: b}
	}
}

// release ends one use of a batch; after the last, its buffer is free.
func (p *pool) release(b *batch) {
	if b.users.Add(-1) <= 0 {
		b.users.Store(0)
		p.free <- b
	}
}

func (p *pool) fail(index int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil || index < p.index {
		p.err, p.index = err, index
	}
	p.broken.Store(true)
}

func (p *pool) failed() bool { return p.broken.Load() }

// wait lets the verifiers finish. What they found belongs to entries before the
// one at which reading stopped with err.
func (p *pool) wait(err error) error {
	close(p.jobs)
	p.running.Wait()
	if p.err != nil {
		return p.err
	}
	return err
}
