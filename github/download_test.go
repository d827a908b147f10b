package github

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pluginyard/pluginyard/registry"
)

const zipped = "PK\x03\x04 and the rest of an archive"

// hop is one answer of a chain, by scheme, host and path.
type hop struct {
	status  int
	headers []string
	body    string
	length  int64 // in place of the body's own; 0 is the body's own, -1 none
}

// chain serves hops and notes who saw credentials.
type chain struct {
	hops  map[string]hop
	asked []string
	authd []string
}

func (c *chain) RoundTrip(req *http.Request) (*http.Response, error) {
	place := req.URL.Scheme + "://" + req.URL.Host + req.URL.EscapedPath()
	c.asked = append(c.asked, place)
	if req.Header.Get("Authorization") != "" {
		c.authd = append(c.authd, place)
	}
	h, ok := c.hops[place]
	if !ok {
		return reply(req, 404, `{}`), nil
	}
	resp := reply(req, h.status, h.body, h.headers...)
	if h.length != 0 {
		resp.ContentLength = h.length
	}
	return resp, nil
}

func TestArchive(t *testing.T) {
	const (
		api      = "https://api.github.com/repos/acme/hello-yard/zipball/v1/x"
		codeload = "https://codeload.github.com/acme/hello-yard/legacy.zip/v1"
	)
	to := func(location string) hop { return hop{status: 302, headers: []string{"Location", location}} }
	zip := hop{status: 200, headers: []string{"Content-Type", "application/zip"}, body: zipped}
	tests := []struct {
		name  string
		hops  map[string]hop
		err   error
		asked int
		authd int
	}{
		{"is redirected and credentials stay", map[string]hop{api: to(codeload + "?token=" + planted), codeload: zip}, nil, 2, 1},
		{"may come at once", map[string]hop{api: zip}, nil, 1, 1},
		{"of a renamed repository takes two redirects", map[string]hop{
			api: to("/repositories/7/zipball/v1"), "https://api.github.com/repositories/7/zipball/v1": to(codeload), codeload: zip}, nil, 3, 2},
		{"may be on the API's own host", map[string]hop{api: to("/_codeload/x"), "https://api.github.com/_codeload/x": zip}, nil, 2, 2},
		{"may come in pieces without a length", map[string]hop{api: {status: 200, body: zipped, length: -1}}, nil, 1, 1},
		{"that is empty is an archive", map[string]hop{api: {status: 200, body: "PK\x05\x06"}}, nil, 1, 1},
		{"of an unknown tag", nil, registry.ErrNotFound, 1, 1},
		{"of a tag that codeload does not know", map[string]hop{api: to(codeload)}, registry.ErrNotFound, 2, 1},
		{"whose link is too old is no matter of credentials", map[string]hop{api: to(codeload), codeload: {status: 403}}, registry.ErrUnavailable, 2, 1},
		{"that fails on the way is asked for again", map[string]hop{api: to(codeload), codeload: {status: 502}}, registry.ErrUnavailable, 4, 1},
		{"that ends early", map[string]hop{api: {status: 200, body: zipped, length: 100}}, registry.ErrUnavailable, 1, 1},
		{"that is a page", map[string]hop{api: {status: 200, headers: []string{"Content-Type", "text/html"}, body: "<!doctype html>"}}, registry.ErrUnavailable, 1, 1},
		{"that is nothing", map[string]hop{api: {status: 200}}, registry.ErrUnavailable, 1, 1},
		{"that is too large", map[string]hop{api: {status: 200, body: zipped, length: MaxArchiveBytes + 1}}, registry.ErrTooLarge, 1, 1},
		{"that is redirected for ever", map[string]hop{api: to("")}, registry.ErrUnavailable, 1, 1},
		{"that is redirected in a ring", map[string]hop{api: to(api)}, registry.ErrUnavailable, MaxRedirects + 1, MaxRedirects + 1},
		{"is not followed to http", map[string]hop{api: to("http://codeload.github.com/x")}, registry.ErrUnavailable, 1, 1},
		{"is not followed to a file", map[string]hop{api: to("file:///etc/passwd")}, registry.ErrUnavailable, 1, 1},
		{"is not followed to no host", map[string]hop{api: to("https:///x")}, registry.ErrUnavailable, 1, 1},
		{"is not followed to nonsense", map[string]hop{api: to("https://a b%zz?token=" + planted)}, registry.ErrUnavailable, 1, 1},
		{"takes no user from a redirect", map[string]hop{api: to("https://me:pw@codeload.github.com/x"), "https://codeload.github.com/x": zip}, nil, 2, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			chain, log := &chain{hops: test.hops}, &logBuffer{}
			c := newClient(t, Config{Token: planted, Transport: chain, Log: log.logger()})
			var b bytes.Buffer
			err := c.Archive(t.Context(), yard, "v1/x", &b)
			if !errors.Is(err, test.err) {
				t.Fatalf("error is %v, want %v", err, test.err)
			}
			if err == nil && b.Len() < 4 {
				t.Errorf("%d bytes", b.Len())
			}
			if err != nil {
				checkKind(t, err)
			}
			if len(chain.asked) != test.asked || len(chain.authd) != test.authd {
				t.Errorf("asked %q, with credentials %q", chain.asked, chain.authd)
			}
			if text := fmt.Sprint(err, log); strings.Contains(text, planted) {
				t.Errorf("a signed address shows: %s", text)
			}
		})
	}
}

func TestTruncatedStreams(t *testing.T) {
	for _, declared := range []bool{true, false} {
		f := newFake(t)
		f.handle("/", func(w http.ResponseWriter, _ *http.Request) {
			if declared {
				w.Header().Set("Content-Length", "100000")
			}
			io.WriteString(w, zipped)
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		})
		err := newClient(t, Config{APIURL: f.URL}).Archive(t.Context(), yard, "main", io.Discard)
		checkKind(t, err)
		if !errors.Is(err, registry.ErrUnavailable) {
			t.Errorf("length declared %v: error is %v, want %v", declared, err, registry.ErrUnavailable)
		}
	}
}

func TestReleaseFile(t *testing.T) {
	const data = "the file"
	digest := fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(data)))
	tests := []struct {
		name   string
		file   registry.ReleaseFile
		media  string
		length int64
		err    error
	}{
		{"with its digest", registry.ReleaseFile{Size: 8, Digest: digest}, "", 0, nil},
		{"with its digest in capitals", registry.ReleaseFile{Size: 8, Digest: "sha256:" + strings.ToUpper(digest[7:])}, "", 0, nil},
		{"from before there were digests", registry.ReleaseFile{Size: 8}, "", 0, nil},
		{"without a length on the way", registry.ReleaseFile{Size: 8, Digest: digest}, "", -1, nil},
		{"with a digest of another kind", registry.ReleaseFile{Size: 8, Digest: "sha999:00"}, "", 0, nil},
		{"with another digest", registry.ReleaseFile{Size: 8, Digest: "sha256:00"}, "", 0, registry.ErrInvalid},
		{"shorter than declared", registry.ReleaseFile{Size: 9}, "", 0, registry.ErrInvalid},
		{"longer than declared", registry.ReleaseFile{Size: 7}, "", 0, registry.ErrInvalid},
		{"longer than declared, without a length", registry.ReleaseFile{Size: 7}, "", -1, registry.ErrInvalid},
		{"cut on the way", registry.ReleaseFile{Size: 20}, "", 20, registry.ErrUnavailable},
		{"a page in its place", registry.ReleaseFile{Size: 5000}, "text/html; charset=utf-8", 0, registry.ErrUnavailable},
		{"a small file and a page in its place", registry.ReleaseFile{Size: 2}, "text/html", 0, registry.ErrUnavailable},
		{"declared too large", registry.ReleaseFile{Size: MaxArchiveBytes + 1}, "", 0, registry.ErrTooLarge},
		{"declared less than nothing", registry.ReleaseFile{Size: -1}, "", 0, registry.ErrNotFound},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			chain := &chain{hops: map[string]hop{
				"https://api.github.com/repos/acme/hello-yard/releases/assets/21": {status: 302, headers: []string{"Location", "https://objects.example.com/x?sig=" + planted}},
				"https://objects.example.com/x":                                   {status: 200, body: data, length: test.length, headers: []string{"Content-Type", test.media}},
			}}
			test.file.ID, test.file.Name = 21, "hello-yard.zip"
			var b bytes.Buffer
			err := newClient(t, Config{Token: planted, Transport: chain}).ReleaseFile(t.Context(), yard, test.file, &b)
			if !errors.Is(err, test.err) {
				t.Fatalf("error is %v, want %v", err, test.err)
			}
			if int64(b.Len()) > max(test.file.Size, 0) {
				t.Errorf("%d bytes were written of a file of %d", b.Len(), test.file.Size)
			}
			if len(chain.authd) > 1 {
				t.Errorf("with credentials: %q", chain.authd)
			}
			if err == nil {
				return
			}
			checkKind(t, err)
			if !strings.Contains(err.Error(), "hello-yard.zip") {
				t.Errorf("%v does not name the file", err)
			}
		})
	}
}

// failing is a writer whose disk is full.
type failing struct{}

var errFull = errors.New("no space left on device")

func (failing) Write([]byte) (int, error) { return 0, errFull }

func TestWriterThatFailsIsNotTheForgesFault(t *testing.T) {
	c := newClient(t, Config{Transport: trips(func(req *http.Request) (*http.Response, error) { return reply(req, 200, zipped), nil })})
	err := c.Archive(t.Context(), yard, "main", failing{})
	if !errors.Is(err, errFull) || errors.Is(err, registry.ErrUnavailable) {
		t.Errorf("error is %v", err)
	}
}

// slow gives a byte, or the first time four, after each pause, and hangs at
// the end until the request's context does.
type slow struct {
	ctx   context.Context
	pause time.Duration
	left  int
}

func (s *slow) Read(p []byte) (int, error) {
	if s.left == 0 {
		<-s.ctx.Done()
		return 0, s.ctx.Err()
	}
	if err := sleep(s.ctx, s.pause); err != nil {
		return 0, err
	}
	s.left--
	return copy(p, zipped[:4]), nil
}

func (s *slow) Close() error { return nil }

func TestDownloadThatStallsEnds(t *testing.T) {
	tests := []struct {
		name   string
		header time.Duration // until the header
		pieces int           // 50 s apart, then nothing
		want   time.Duration
	}{
		{"before its header", time.Hour, 0, StallTimeout},
		{"after its header", 0, 0, StallTimeout},
		{"in the middle, slow as it is", 50 * time.Second, 10, 11*50*time.Second + StallTimeout},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tries := 0
				c := newClient(t, Config{Transport: trips(func(req *http.Request) (*http.Response, error) {
					tries++
					if err := sleep(req.Context(), test.header); err != nil {
						return nil, err
					}
					resp := reply(req, 200, "")
					resp.Body, resp.ContentLength = &slow{req.Context(), 50 * time.Second, test.pieces}, -1
					return resp, nil
				})})
				start := time.Now()
				err := c.Archive(t.Context(), yard, "main", io.Discard)
				checkKind(t, err)
				if !errors.Is(err, registry.ErrUnavailable) || !errors.Is(err, errStalled) {
					t.Errorf("error is %v", err)
				}
				if got := time.Since(start); got != test.want || tries != 1 {
					t.Errorf("ended after %s and %d tries, want %s", got, tries, test.want)
				}
			})
		})
	}
}

// pausing is a writer that takes its time.
type pausing struct{ d time.Duration }

func (p pausing) Write(b []byte) (int, error) { time.Sleep(p.d); return len(b), nil }

func TestSlowWriterIsNoStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, Config{Transport: trips(func(req *http.Request) (*http.Response, error) {
			resp := reply(req, 200, "", "Content-Type", "application/zip")
			resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(zipped), strings.NewReader(strings.Repeat("x", 100_000))))
			resp.ContentLength = -1
			return resp, nil
		})})
		if err := c.Archive(t.Context(), yard, "main", pausing{2 * StallTimeout}); err != nil {
			t.Error(err)
		}
	})
}

func TestDownloadsInFlightAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		open, most := make(chan struct{}, 1000), 0
		c := newClient(t, Config{Transport: trips(func(req *http.Request) (*http.Response, error) {
			open <- struct{}{}
			resp := reply(req, 200, "")
			resp.Body = &body{Reader: &slow{req.Context(), time.Second, 1 << 30}, Closer: closer(func() error { <-open; return nil })}
			resp.ContentLength = -1
			return resp, nil
		})})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		for range 3 * MaxDownloads {
			go func() {
				if err := c.Archive(ctx, yard, "main", io.Discard); err == nil {
					t.Error("an endless archive ended")
				}
			}()
		}
		synctest.Wait()
		if most = len(open); most != MaxDownloads {
			t.Errorf("%d downloads at once, want %d", most, MaxDownloads)
		}
		<-ctx.Done()
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(open) != 0 {
			t.Errorf("%d downloads are left open", len(open))
		}
	})
}

func BenchmarkArchive(b *testing.B) {
	const size = 8 << 20
	f := newFake(b)
	data := append([]byte(zipped[:4]), make([]byte, size-4)...)
	f.handle("/", func(w http.ResponseWriter, _ *http.Request) { w.Write(data) })
	c := newClient(b, Config{APIURL: f.URL})
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		if err := c.Archive(b.Context(), yard, "main", io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}
