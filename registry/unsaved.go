package registry

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// What the forge says is true whether it can be written down or not: with a
// disk that is full or read-only, checks go on, and what they find is served
// from memory. A package is published only once its record is safe.

// maxStuck bounds the wait after a build or check that our own disk has failed:
// the wait doubles from failedFor, since each try may cost a download.
const maxStuck = 10 * time.Minute

// stuck is how long to wait after one more failure, if the disk is to blame.
func (sh *shelf) stuck(err error) time.Duration {
	if !errors.Is(err, ErrStorage) {
		return failedFor
	}
	return min(failedFor<<min(sh.failures.Add(1)-1, 10), maxStuck)
}

// unbegun is why a build was not begun: it has cost nothing, and may be tried
// again soon.
type unbegun struct{ error }

func (u *unbegun) Unwrap() error { return u.error }

// save writes a record down, and its copy where it says something new or has
// none yet. Who calls it holds the shelf.
func (s *Service) save(ctx context.Context, shelf *shelf, rec *record, news bool) error {
	if err := saveRecord(ctx, s.cfg.Store, recordName(shelf.plugin.Slug), rec); err != nil {
		return err
	}
	if before := shelf.unsaved.Swap(nil); before != nil {
		s.log.Info("record could be saved at last", "plugin", shelf.plugin.Slug, "since", before.at)
	}
	shelf.durable = nil
	if shelf.copied && !news {
		return nil
	}
	err := saveRecord(ctx, s.cfg.Store, copyName(shelf.plugin.Slug), rec)
	if shelf.copied = err == nil; !shelf.copied && ctx.Err() == nil {
		s.log.Warn("the copy of a record cannot be saved", "plugin", shelf.plugin.Slug, "err", err)
	}
	return nil
}

// saveLater notes that a record is in memory alone. Who calls it holds the
// shelf.
func (s *Service) saveLater(shelf *shelf, before *record, err error) {
	if shelf.unsaved.Load() == nil {
		shelf.durable = before
		s.log.Error("record cannot be saved, what is new in it is served from memory", "plugin", shelf.plugin.Slug, "err", err)
		shelf.unsaved.Store(&fault{err, s.cfg.Now(), ""})
	}
}

// saveUnsaved tries to write down what could not be, one record first.
func (s *Service) saveUnsaved(ctx context.Context) {
	for _, shelf := range s.roster().all() {
		if shelf.unsaved.Load() == nil {
			continue
		}
		shelf.mu.Lock()
		var err error
		if shelf.unsaved.Load() != nil {
			err = s.save(ctx, shelf, shelf.record.Load(), true)
		}
		shelf.mu.Unlock()
		if err != nil {
			return // told when it first failed
		}
	}
}

// saveAll saves what could not be saved as soon as it can be, until the context
// ends.
func (s *Service) saveAll(ctx context.Context) {
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-time.After(failedFor):
			s.saveUnsaved(ctx)
		}
	}
}

// learn makes the next record as change does, of what the forge has said: that
// holds for readers even if it cannot be saved now.
func (s *Service) learn(ctx context.Context, shelf *shelf, edit func(*record) error) (*record, error) {
	return s.amend(ctx, shelf, edit, true)
}

// unwritable is a temporary file that our own disk did not take.
func unwritable(doing string, err error) error {
	message := "the registry's disk cannot be written; its log says more"
	if errno := syscall.Errno(0); errors.As(err, &errno) {
		message = "the registry's disk cannot be written: " + errno.Error()
	}
	return &Error{Kind: ErrUnavailable, Message: message, Err: fmt.Errorf("%w: %s: %w", ErrStorage, doing, err)}
}

// takenFile is a file that remembers why it could not be written, which is not
// the fault of who writes.
type takenFile struct {
	file *os.File
	err  error
}

func (t *takenFile) Write(p []byte) (int, error) {
	n, err := t.file.Write(p)
	if err != nil {
		t.err = err
	}
	return n, err
}
