package github

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

// StallTimeout is how long a download may go without a byte. It bounds the
// wait for the first one too: GitHub makes an archive when it is asked for.
const StallTimeout = 60 * time.Second

var errStalled = fmt.Errorf("no byte came for %s", StallTimeout)

// watched ends a request when nothing came for StallTimeout: no header, or no
// further byte of the body. The time that the reader takes does not count.
type watched struct{ next http.RoundTripper }

func (t *watched) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(req.Context())
	timer := time.AfterFunc(StallTimeout, func() { cancel(errStalled) })
	resp, err := t.next.RoundTrip(req.WithContext(ctx))
	timer.Stop()
	if err != nil {
		if context.Cause(ctx) == errStalled {
			err = errStalled
		}
		cancel(nil)
		return nil, err
	}
	resp.Request = req
	inner := resp.Body
	resp.Body = &body{
		Reader: &watchedBody{ctx: ctx, timer: timer, r: inner},
		Closer: closer(func() error {
			timer.Stop()
			defer cancel(nil)
			return inner.Close()
		}),
	}
	return resp, nil
}

type watchedBody struct {
	ctx   context.Context
	timer *time.Timer
	r     io.Reader
}

func (b *watchedBody) Read(p []byte) (int, error) {
	b.timer.Reset(StallTimeout)
	n, err := b.r.Read(p)
	b.timer.Stop()
	if err != nil && err != io.EOF && context.Cause(b.ctx) == errStalled {
		err = errStalled
	}
	return n, err
}
