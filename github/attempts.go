package github

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"mime"
	"net"
	"net/http"
	"time"

	"github.com/pluginyard/pluginyard/registry"
)

// Bounds on one request.
const (
	// MaxTries is how often a request is sent at most. What fails three times
	// within seconds is better left to the next check.
	MaxTries = 3
	// RequestTimeout is how long one try of a JSON request may take, its
	// answer read: three times what GitHub gives itself.
	RequestTimeout = 30 * time.Second
	// MaxJSONBytes is how large a JSON answer may be: a page of 100 releases
	// with 100 files each has about 20 MB.
	MaxJSONBytes = 32 << 20
	// maxErrorBytes is how much of an error's text is looked at.
	maxErrorBytes = 64 << 10
	// firstBackoff is waited after the first try; each further wait is four
	// times as long. Up to half is added at random, so that a hundred plugins
	// that failed together do not come back together.
	firstBackoff = 250 * time.Millisecond
)

// attempts sends a request again after a broken connection, a broken answer or
// a server's error. Time-outs are not tried again: whoever waits has waited
// long enough.
type attempts struct {
	sleep func(context.Context, time.Duration) error
	next  http.RoundTripper
}

func (t *attempts) RoundTrip(req *http.Request) (*http.Response, error) {
	backoff := firstBackoff
	for try := 1; ; try++ {
		resp, err := t.next.RoundTrip(req)
		if try == MaxTries || !transient(req.Context(), resp, err) {
			return resp, err
		}
		if err == nil {
			resp.Body.Close()
		}
		if err := t.sleep(req.Context(), backoff+rand.N(backoff/2)); err != nil {
			return nil, err
		}
		backoff *= 4
		if req.GetBody != nil {
			again, err := req.GetBody()
			if err != nil {
				return nil, err
			}
			req = req.Clone(req.Context())
			req.Body = again
		}
	}
}

func transient(ctx context.Context, resp *http.Response, err error) bool {
	if err == nil {
		return resp.StatusCode >= http.StatusInternalServerError
	}
	var decided *registry.Error
	var network net.Error
	return ctx.Err() == nil && !errors.As(err, &decided) &&
		!errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, errStalled) && !(errors.As(err, &network) && network.Timeout())
}

// whole reads a JSON answer into memory within RequestTimeout, so that a
// broken one is known before anybody uses it.
type whole struct{ next http.RoundTripper }

func (t *whole) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(req.Context(), RequestTimeout)
	defer cancel()
	resp, err := t.next.RoundTrip(req.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	ok := resp.StatusCode >= 200 && resp.StatusCode < 300
	limit := int64(maxErrorBytes)
	if ok {
		limit = MaxJSONBytes
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	switch {
	case err != nil && ok:
		return nil, fmt.Errorf("read answer: %w", err)
	case ok && int64(len(text)) > limit:
		return nil, &registry.Error{Kind: registry.ErrTooLarge,
			Message: fmt.Sprintf("GitHub's answer is larger than %d MiB", MaxJSONBytes>>20)}
	case ok && !json.Valid(text):
		return nil, notJSON(resp, text)
	}
	// The request as it was sent, since ours ends with the context.
	resp.Request = req
	resp.Body = io.NopCloser(bytes.NewReader(text))
	return resp, nil
}

func notJSON(resp *http.Response, text []byte) error {
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	switch {
	case len(text) == 0:
		return errors.New("the answer is empty")
	case kind == "text/html":
		return errors.New("the answer is a web page, not JSON")
	}
	return fmt.Errorf("the answer of %d bytes is not whole JSON", len(text))
}
