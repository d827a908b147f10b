package githubtest

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Fault decides on the answer of a request. It returns true if it has answered.
type Fault func(w http.ResponseWriter, r *http.Request) bool

// Status answers with an error of GitHub's shape.
func Status(code int) Fault {
	text := http.StatusText(code)
	switch {
	case code == http.StatusUnauthorized:
		text = "Bad credentials"
	case code >= 500:
		text = "Server Error"
	}
	return func(w http.ResponseWriter, r *http.Request) bool {
		(&call{r: r}).write(w, message(code, text))
		return true
	}
}

// HTML answers 200 with a page, as a proxy's or a portal's login does.
func HTML() Fault {
	const page = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><h1>Sign in to continue</h1></body></html>\n"
	return fixed("text/html; charset=utf-8", page)
}

// BadJSON answers 200 with JSON that breaks off, though the length is right.
func BadJSON() Fault {
	return fixed("application/json; charset=utf-8", `{"id": 1296269, "name": "hello-yard", "owner": {"login": "ac`)
}

// Empty answers 200 with nothing.
func Empty() Fault { return fixed("application/json; charset=utf-8", "") }

func fixed(contentType, body string) Fault {
	return func(w http.ResponseWriter, r *http.Request) bool {
		(&call{r: r}).write(w, answer{status: http.StatusOK, raw: []byte(body), contentType: contentType, etag: `W/"fault"`})
		return true
	}
}

// SecondaryLimit answers 403 as GitHub does to those who ask too much at once.
// Retry-After is in whole seconds, rounded up; at 0 there is none.
func SecondaryLimit(retryAfter time.Duration) Fault {
	return func(w http.ResponseWriter, r *http.Request) bool {
		a := message(http.StatusForbidden, "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.")
		a.body.(object)["documentation_url"] = "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"
		if retryAfter > 0 {
			seconds := (retryAfter + time.Second - 1) / time.Second
			a.header = http.Header{"Retry-After": {strconv.Itoa(int(seconds))}}
		}
		(&call{r: r}).write(w, a)
		return true
	}
}

// Hang answers nothing until the client goes away.
func Hang() Fault {
	return func(w http.ResponseWriter, r *http.Request) bool {
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	}
}

// Delay waits for d before the request goes on.
func Delay(d time.Duration) Fault {
	return func(w http.ResponseWriter, r *http.Request) bool {
		return !pause(r, d)
	}
}

// pause waits for d; it returns false if the client went away first.
func pause(r *http.Request, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// Reset closes the connection without an answer.
func Reset() Fault {
	return func(w http.ResponseWriter, r *http.Request) bool {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(http.ErrAbortHandler) // HTTP/2: the stream is reset
		}
		if tcp, ok := conn.(*net.TCPConn); ok {
			tcp.SetLinger(0) // a reset, not an end
		}
		conn.Close()
		return true
	}
}

// Truncate lets the true answer begin, with its length declared, and closes
// the connection after n bytes of its body. Shorter answers come whole.
func Truncate(n int) Fault {
	return func(w http.ResponseWriter, r *http.Request) bool {
		answer, ok := r.Context().Value(answererKey{}).(http.HandlerFunc)
		if !ok {
			return false
		}
		whole := &capture{header: w.Header()}
		answer(whole, r)
		body := whole.body.Bytes()
		if whole.status == 0 {
			whole.status = http.StatusOK
		}
		if len(body) > n {
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		}
		w.WriteHeader(whole.status)
		w.Write(body[:min(n, len(body))])
		if len(body) > n {
			http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}
		return true
	}
}

// capture keeps an answer that is to be sent otherwise.
type capture struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (c *capture) Header() http.Header { return c.header }

func (c *capture) WriteHeader(status int) {
	if c.status == 0 {
		c.status = status
	}
}

func (c *capture) Write(p []byte) (int, error) { return c.body.Write(p) }

var _ io.Writer = (*capture)(nil)

// answererKey is where a fault finds the true answer in the request's context.
type answererKey struct{}

func withAnswerer(ctx context.Context, answer http.HandlerFunc) context.Context {
	return context.WithValue(ctx, answererKey{}, answer)
}

// Only keeps a fault to requests whose path and query contain the text, such
// as "/releases" or "/codeload/".
func Only(pathSubstring string, f Fault) Fault {
	return func(w http.ResponseWriter, r *http.Request) bool {
		return strings.Contains(r.URL.RequestURI(), pathSubstring) && f(w, r)
	}
}

// Times keeps a fault to the first n requests that reach it.
func Times(n int, f Fault) Fault {
	var mu sync.Mutex
	left := n
	return func(w http.ResponseWriter, r *http.Request) bool {
		mu.Lock()
		spent := left <= 0
		if !spent {
			left--
		}
		mu.Unlock()
		return !spent && f(w, r)
	}
}

// First tries faults in order until one has answered.
func First(faults ...Fault) Fault {
	return func(w http.ResponseWriter, r *http.Request) bool {
		for _, f := range faults {
			if f(w, r) {
				return true
			}
		}
		return false
	}
}
