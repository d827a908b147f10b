package github

import (
	"io"
	"net/http"
	"net/url"
	"sync"
)

// gate bounds the requests in flight. A request has its slot until its answer
// is read to the end or closed: go-github reads an error's answer whole, but
// closes another body in its place.
type gate struct {
	base     *url.URL
	accounts *accounts
	slots    chan struct{}
	next     http.RoundTripper
}

func (t *gate) RoundTrip(req *http.Request) (*http.Response, error) {
	select {
	case t.slots <- struct{}{}:
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
	release := sync.OnceFunc(func() { <-t.slots })
	if sameOrigin(req.URL, t.base) {
		// Whoever waited learns of a limit that was met meanwhile.
		if err := t.accounts.paused(callOf(req).credential); err != nil {
			release()
			return nil, err
		}
	}
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		release()
		return nil, err
	}
	inner := resp.Body
	resp.Body = &body{Reader: &ended{inner, release}, Closer: closer(func() error {
		defer release()
		return inner.Close()
	})}
	return resp, nil
}

// ended tells of the end of what is read, good or bad.
type ended struct {
	io.Reader
	tell func()
}

func (r *ended) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil {
		r.tell()
	}
	return n, err
}

// body is a response's body put together from its two halves.
type body struct {
	io.Reader
	io.Closer
}

// closer is a function as an [io.Closer].
type closer func() error

func (c closer) Close() error { return c() }
