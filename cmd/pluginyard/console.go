package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// plainEvery is how often progress is told where there is no terminal. Work
// that is done sooner is not told of at all.
const plainEvery = 5 * time.Second

// progress is how far long work has come.
type progress struct {
	what        string // "building plugins"
	done, total int64  // total 0 is unknown
	bytes       bool   // whether they count bytes
	over        bool
}

// String is the progress in a plain line: "building plugins: 3 of 120".
func (p progress) String() string {
	done, total := fmt.Sprint(p.done), fmt.Sprint(p.total)
	if p.bytes {
		const megabyte = 1_000_000
		done, total = fmt.Sprintf("%.1f MB", float64(p.done)/megabyte), fmt.Sprintf("%.1f MB", float64(p.total)/megabyte)
	}
	if p.total == 0 {
		return p.what + ": " + done
	}
	return p.what + ": " + done + " of " + total
}

// console is stderr, with the progress of long work: a bar where somebody is
// watching, else a line now and then. What is written to it goes above the bar.
type console struct {
	w        io.Writer
	terminal bool
	now      func() time.Time

	mu   sync.Mutex // guards what follows, and the order of writing
	bar  *progressbar.ProgressBar
	what string    // that the bar or the last line tells of
	told time.Time // when the last line was written, or that work began
}

func newConsole(w io.Writer) *console {
	file, ok := w.(*os.File)
	return &console{w: w, terminal: ok && term.IsTerminal(int(file.Fd())), now: time.Now}
}

// Write writes lines of the log.
func (c *console) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.bar != nil {
		c.bar.Clear() // it is drawn again with the next step
	}
	return c.w.Write(p)
}

// tell shows progress. It may be called from many goroutines; where they do
// different things at once, the bar is that of the last one.
func (c *console) tell(p progress) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch now := c.now(); {
	case c.terminal:
		c.draw(p)
	case p.what != c.what:
		c.what, c.told = p.what, now
	case now.Sub(c.told) >= plainEvery:
		c.told = now
		fmt.Fprintln(c.w, p)
	}
}

// draw draws the bar. Its errors are the terminal's, and no matter.
func (c *console) draw(p progress) {
	if p.over {
		if c.bar != nil && c.what == p.what {
			c.bar.Clear()
			c.bar = nil
		}
		return
	}
	total := p.total
	if total == 0 {
		total = -1 // the library's word for a spinner
	}
	if c.bar == nil || p.what != c.what {
		c.what = p.what
		c.bar = progressbar.NewOptions64(total,
			progressbar.OptionSetWriter(c.w),
			progressbar.OptionSetDescription(p.what),
			progressbar.OptionShowBytes(p.bytes),
			progressbar.OptionShowCount(),
			progressbar.OptionThrottle(100*time.Millisecond),
		)
	}
	c.bar.Set64(p.done)
}

// newLog is the log that a configuration asks for.
func newLog(w io.Writer, cfg logConfig) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.Level)); err != nil {
		level = slog.LevelInfo // [settings] let no other word through
	}
	options := &slog.HandlerOptions{Level: level}
	if cfg.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
