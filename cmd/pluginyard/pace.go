package main

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// paceGrace is how far a client may fall behind the least rate in all, and so
// how long one that takes nothing is waited for.
const paceGrace = time.Minute

// pacedChunk is how much of a file goes to the kernel in one call, in bytes: it
// is the step in which the rate is measured.
const pacedChunk = 256 << 10

// paced drops clients that read more slowly than a rate. Only the time counts
// in which there is something to write, also that of earlier answers of the
// same connection: who takes a minute longer than its bytes may take is gone,
// within half a minute more.
// What the kernel holds for the client counts as read.
//
// It stands beneath TLS, and lets net/http hand files to the kernel.
type paced struct {
	*net.TCPConn
	rate  int64         // bytes a second; 0 is no bound
	grace time.Duration // how far behind it may be
	slow  *atomic.Int64 // counts connections whose client was too slow

	blocked atomic.Int64 // since when a step has been under way, Unix nanoseconds; 0 if none is

	write  sync.Mutex    // held to write, and to use what follows
	behind time.Duration // how far it is
	late   bool          // it was counted

	seen intake // guarded by the listener's lock

	limits sync.Mutex // guards what follows
	within time.Time  // the deadline that others have set; zero is none
	busy   time.Time  // the deadline of the last write
}

// intake is what a client was last seen to have taken. Steps don't tell: the
// kernel takes nothing more until a third of what it holds is gone, a minute's
// worth for who reads slowly.
type intake struct {
	taken  uint64    // bytes that the client's kernel has acknowledged
	since  time.Time // when that was first seen
	looked time.Time // the last time
}

// stalled reports whether the client has taken nothing for so long, though
// there is something to write, and since when there is. It takes a first look
// as its measure. Where the kernel doesn't tell, whole steps count.
func (c *paced) stalled(now time.Time, patience time.Duration) (since int64, ok bool) {
	if since = c.blocked.Load(); since == 0 {
		return 0, false
	}
	late := since <= now.Add(-patience).UnixNano()
	if now.Sub(c.seen.looked) >= patience/8 { // asking the kernel for each of thousands costs something
		taken, told := acknowledged(c.TCPConn)
		if !told {
			return since, late
		}
		if taken != c.seen.taken || c.seen.since.IsZero() {
			c.seen.taken, c.seen.since = taken, now
		}
		c.seen.looked = now
	}
	return since, late && c.seen.looked.Sub(c.seen.since) >= patience
}

func newPaced(conn *net.TCPConn, rate int64, grace time.Duration, slow *atomic.Int64) *paced {
	return &paced{TCPConn: conn, rate: rate, grace: grace, slow: slow}
}

func (c *paced) Write(p []byte) (int, error) {
	c.write.Lock()
	defer c.write.Unlock()
	total := 0
	for {
		chunk := p[total:min(len(p), total+pacedChunk)]
		n, err := c.step(int64(len(chunk)), func() (int64, error) {
			n, err := c.TCPConn.Write(chunk)
			return int64(n), err
		})
		if total += int(n); err != nil || total == len(p) {
			return total, err
		}
	}
}

// ReadFrom leads to the kernel's way from a file to a socket, a chunk at a
// time. What is no file is read here.
func (c *paced) ReadFrom(r io.Reader) (int64, error) {
	limited, ok := r.(*io.LimitedReader)
	if !ok {
		return io.Copy(writerOnly{c}, r)
	}
	file, ok := limited.R.(*os.File)
	if !ok {
		return io.Copy(writerOnly{c}, r)
	}
	c.write.Lock()
	defer c.write.Unlock()
	var total int64
	for limited.N > 0 {
		chunk := &io.LimitedReader{R: file, N: min(limited.N, pacedChunk)}
		n, err := c.step(chunk.N, func() (int64, error) { return c.TCPConn.ReadFrom(chunk) })
		total += n
		limited.N -= n
		if err != nil || chunk.N > 0 { // or the file has ended
			return total, err
		}
	}
	return total, nil
}

// writerOnly hides a connection's ReadFrom.
type writerOnly struct{ io.Writer }

// step writes so many bytes, in the time that they may take.
func (c *paced) step(size int64, write func() (int64, error)) (int64, error) {
	start := time.Now()
	var due time.Duration
	if c.rate > 0 {
		due = time.Duration(size) * time.Second / time.Duration(c.rate)
		if err := c.until(start.Add(due + c.grace - c.behind)); err != nil {
			return 0, err
		}
	}
	c.blocked.Store(start.UnixNano())
	n, err := write()
	c.blocked.Store(0)
	c.behind = max(0, c.behind+time.Since(start)-due)
	if errors.Is(err, os.ErrDeadlineExceeded) && !c.late {
		c.late = true
		c.slow.Add(1)
	}
	return n, err
}

// until sets the deadline of a write beside that of others, and up to half the
// grace later: to set one costs a small document a tenth of what it costs to
// write it, so one that is late enough stays. It is left to pass: the next write
// sets its own.
func (c *paced) until(deadline time.Time) error {
	c.limits.Lock()
	defer c.limits.Unlock()
	if later := c.busy.Sub(deadline); later >= 0 && later <= c.grace/2 {
		return nil
	}
	c.busy = deadline.Add(c.grace / 2)
	return c.set()
}

// SetWriteDeadline sets a deadline beside our own.
func (c *paced) SetWriteDeadline(deadline time.Time) error {
	c.limits.Lock()
	defer c.limits.Unlock()
	c.within = deadline
	return c.set()
}

// SetDeadline sets both deadlines.
func (c *paced) SetDeadline(deadline time.Time) error {
	if err := c.SetReadDeadline(deadline); err != nil {
		return err
	}
	return c.SetWriteDeadline(deadline)
}

// set sets the earlier of both.
func (c *paced) set() error {
	deadline := c.within
	if deadline.IsZero() || !c.busy.IsZero() && c.busy.Before(deadline) {
		deadline = c.busy
	}
	return c.TCPConn.SetWriteDeadline(deadline)
}
