package registry

import (
	"io"
	"sync/atomic"
	"time"
)

// MaxScratchBytes bounds the archives that all builds together hold on the disk
// at once: two builds of the largest that there may be, each with its release's
// own zip.
const MaxScratchBytes = 2 << 30

// scratch counts the bytes of archives that lie on the disk. The zero value is
// ready; nil counts nothing.
type scratch struct{ taken atomic.Int64 }

// errNoScratch ends a build whose archives would not fit beside the others'.
var errNoScratch = &Error{Kind: ErrUnavailable, RetryAfter: time.Minute, Message: "too many large archives are being downloaded at once; try again later"}

// scratchWriter takes room for all that it writes. Whoever has it gives the room
// back, also after an error.
type scratchWriter struct {
	io.Writer
	scratch *scratch
	taken   int64
}

func (w *scratchWriter) Write(p []byte) (int, error) {
	if w.scratch != nil {
		w.taken += int64(len(p))
		if w.scratch.taken.Add(int64(len(p))) > MaxScratchBytes {
			return 0, errNoScratch
		}
	}
	return w.Writer.Write(p)
}

// free gives back what was taken.
func (w *scratchWriter) free() {
	if w.scratch != nil {
		w.scratch.taken.Add(-w.taken)
		w.taken = 0
	}
}
