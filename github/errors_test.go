package github

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pluginyard/pluginyard/registry"
)

func TestAnswersBecomeKinds(t *testing.T) {
	tests := []struct {
		name    string
		status  int
		headers []string
		body    string
		kind    error
		tries   int
		after   time.Duration
	}{
		{"401", 401, nil, `{"message":"Bad credentials"}`, registry.ErrCredentials, 1, 0},
		{"401 that wants a second factor", 401, []string{"X-GitHub-OTP", "required; app"}, `{}`, registry.ErrCredentials, 1, 0},
		{"403 without a limit", 403, []string{"X-RateLimit-Remaining", "12"}, `{"message":"Resource not accessible by personal access token"}`, registry.ErrCredentials, 1, 0},
		{"403 that is HTML", 403, nil, `<html>`, registry.ErrCredentials, 1, 0},
		{"403 of the primary limit", 403, []string{"X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "1767225720", "Date", "Thu, 01 Jan 2026 00:00:00 GMT"}, `{}`, registry.ErrLimited, 1, 2 * time.Minute},
		{"403 with a time to wait", 403, []string{"Retry-After", "30"}, `{}`, registry.ErrLimited, 1, 30 * time.Second},
		{"403 of the secondary limit by its text", 403, nil, `{"message":"You have exceeded a secondary rate limit."}`, registry.ErrLimited, 1, time.Minute},
		{"403 of the secondary limit by its link", 403, nil, `{"message":"x","documentation_url":"https://docs.github.com/x#about-secondary-rate-limits"}`, registry.ErrLimited, 1, time.Minute},
		{"429", 429, nil, ``, registry.ErrLimited, 1, time.Minute},
		{"429 with a date", 429, []string{"Retry-After", "Thu, 01 Jan 2026 00:05:00 GMT", "Date", "Thu, 01 Jan 2026 00:00:00 GMT"}, ``, registry.ErrLimited, 1, 5 * time.Minute},
		{"429 until next year", 429, []string{"Retry-After", "31536000"}, ``, registry.ErrLimited, 1, time.Hour},
		{"429 with nonsense", 429, []string{"Retry-After", "-5", "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "-1"}, ``, registry.ErrLimited, 1, time.Minute},
		{"404", 404, nil, `{"message":"Not Found"}`, registry.ErrNotFound, 1, 0},
		{"410", 410, nil, `{}`, registry.ErrNotFound, 1, 0},
		{"451", 451, nil, `{"message":"Repository access blocked","block":{"reason":"dmca"}}`, registry.ErrNotFound, 1, 0},
		{"409 of an empty repository", 409, nil, `{"message":"Git Repository is empty."}`, registry.ErrNotFound, 1, 0},
		{"422 of an unknown commit", 422, nil, `{"message":"No commit found for SHA: x"}`, registry.ErrNotFound, 1, 0},
		{"403 of a file too large", 403, nil, `{"message":"too large","errors":[{"code":"too_large"}]}`, registry.ErrTooLarge, 1, 0},
		{"418", 418, nil, ``, registry.ErrUnavailable, 1, 0},
		{"500", 500, nil, `oops`, registry.ErrUnavailable, 3, 0},
		{"502 as a page", 502, []string{"Content-Type", "text/html"}, `<html>`, registry.ErrUnavailable, 3, 0},
		{"503 with a time to wait", 503, []string{"Retry-After", "7"}, ``, registry.ErrUnavailable, 3, 7 * time.Second},
		{"202", 202, nil, `{}`, registry.ErrUnavailable, 1, 0},
		{"204", 204, nil, ``, registry.ErrUnavailable, 3, 0},
		{"304 that nobody asked for", 304, nil, ``, registry.ErrUnavailable, 1, 0},
		{"302 to nowhere", 302, nil, ``, registry.ErrUnavailable, 1, 0},
		{"200 without a body", 200, nil, ``, registry.ErrUnavailable, 3, 0},
		{"200 with a page", 200, []string{"Content-Type", "text/html; charset=utf-8"}, `<!doctype html>`, registry.ErrUnavailable, 3, 0},
		{"200 with half of the JSON", 200, nil, repositoryJSON[:200], registry.ErrUnavailable, 3, 0},
		{"200 with two values", 200, nil, `{}{}`, registry.ErrUnavailable, 3, 0},
		{"200 with another shape", 200, nil, `{"id":"seven"}`, registry.ErrUnavailable, 1, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tries := 0
			c := newClient(t, Config{Transport: trips(func(req *http.Request) (*http.Response, error) {
				tries++
				return reply(req, test.status, test.body, test.headers...), nil
			})})
			got, err := c.Repository(t.Context(), yard)
			if !errors.Is(err, test.kind) || got != nil {
				t.Fatalf("%v, error %v; want %v", got, err, test.kind)
			}
			checkKind(t, err)
			if tries != test.tries {
				t.Errorf("%d tries, want %d", tries, test.tries)
			}
			var e *registry.Error
			if errors.As(err, &e) && e.RetryAfter != test.after {
				t.Errorf("retry after %s, want %s", e.RetryAfter, test.after)
			}
		})
	}
}

// checkKind checks that an error is of exactly one kind and can be shown.
func checkKind(t *testing.T, err error) {
	t.Helper()
	var kinds []error
	for _, kind := range registry.Kinds() {
		if errors.Is(err, kind) {
			kinds = append(kinds, kind)
		}
	}
	if len(kinds) != 1 {
		t.Errorf("%v is of the kinds %v, want one", err, kinds)
	}
	var e *registry.Error
	if !errors.As(err, &e) || e.Message == "" || strings.HasSuffix(e.Message, ".") {
		t.Errorf("%v has no text to show", err)
	}
}

func TestBrokenConnections(t *testing.T) {
	tests := []struct {
		name  string
		err   error
		tries int
	}{
		{"reset", errors.New("connection reset by peer"), 3},
		{"cut", io.ErrUnexpectedEOF, 3},
		{"time-out", context.DeadlineExceeded, 1},
		{"time-out of the network", timeout{}, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tries := 0
			c := newClient(t, Config{Transport: trips(func(*http.Request) (*http.Response, error) { tries++; return nil, test.err })})
			_, err := c.LatestRelease(t.Context(), yard)
			checkKind(t, err)
			if !errors.Is(err, registry.ErrUnavailable) || !errors.Is(err, test.err) {
				t.Errorf("error is %v", err)
			}
			if tries != test.tries {
				t.Errorf("%d tries, want %d", tries, test.tries)
			}
		})
	}
}

type timeout struct{}

func (timeout) Error() string   { return "i/o timeout" }
func (timeout) Timeout() bool   { return true }
func (timeout) Temporary() bool { return true }

func TestTruncatedAnswerIsAskedForAgain(t *testing.T) {
	f := newFake(t)
	tries := 0
	f.handle("/", func(w http.ResponseWriter, _ *http.Request) {
		if tries++; tries < 3 {
			w.Header().Set("Content-Length", "5000")
			io.WriteString(w, repositoryJSON[:100])
			panic(http.ErrAbortHandler)
		}
		io.WriteString(w, repositoryJSON)
	})
	if _, err := newClient(t, Config{APIURL: f.URL}).Repository(t.Context(), yard); err != nil {
		t.Error(err)
	}
	if tries != 3 {
		t.Errorf("%d tries, want 3", tries)
	}
}

func TestAnswerTooLarge(t *testing.T) {
	c := newClient(t, Config{Transport: trips(func(req *http.Request) (*http.Response, error) {
		resp := reply(req, 200, "")
		resp.Body, resp.ContentLength = io.NopCloser(endless{}), -1
		return resp, nil
	})})
	_, err := c.Repository(t.Context(), yard)
	checkKind(t, err)
	if !errors.Is(err, registry.ErrTooLarge) {
		t.Errorf("error is %v, want %v", err, registry.ErrTooLarge)
	}
}

// endless is a body of spaces, which is how valid JSON may begin.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestCancelledCallsEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	tries := 0
	c := newClient(t, Config{Transport: trips(func(*http.Request) (*http.Response, error) {
		tries++
		cancel()
		return nil, errors.New("broken")
	})})
	_, err := c.Repository(ctx, yard)
	if !errors.Is(err, context.Canceled) || !errors.Is(err, registry.ErrUnavailable) || tries != 1 {
		t.Errorf("error is %v after %d tries", err, tries)
	}
}

func TestNoRequestIsMadeOfWhatCannotBeAName(t *testing.T) {
	c := newClient(t, Config{Transport: trips(func(req *http.Request) (*http.Response, error) {
		t.Errorf("asked %s", req.URL)
		return reply(req, 404, ""), nil
	})})
	ctx := t.Context()
	for _, repo := range []registry.Repo{{}, {Owner: "acme"}, {Owner: "..", Name: "x"}, {Owner: "acme", Name: ".."}, {Owner: "a/b", Name: "c"}, {Owner: "a", Name: "b/c"}, {Owner: "a", Name: "b.git"}, {Owner: "a?", Name: "b"}} {
		_, err := c.Repository(ctx, repo)
		if !errors.Is(err, registry.ErrNotFound) {
			t.Errorf("%s: %v", repo, err)
		}
	}
	for _, ref := range []string{"..", "a/../b", "../../user", "a//b", "/a", "a/", "a\x00b", "a\nb", ".", strings.Repeat("x", 5000)} {
		_, commit := c.Commit(ctx, yard, ref)
		archive := c.Archive(ctx, yard, ref, io.Discard)
		file := c.File(ctx, yard, "main", ref, 1, io.Discard)
		for _, err := range []error{commit, archive, file} {
			if !errors.Is(err, registry.ErrNotFound) {
				t.Errorf("%.20q: %v", ref, err)
			}
		}
	}
}

func FuzzEscapePath(f *testing.F) {
	for _, seed := range []string{"main", "feature/x", "v1.2.0", "a b", "a#b?c%2f", "..", "a/../b", "%2e%2e", "ü/ß", "a:b", "\\", "{}", "~", "+", "//x"} {
		f.Add(seed)
	}
	c := newClient(f, Config{APIURL: "https://ghe.example.com/api/v3"})
	f.Fuzz(func(t *testing.T, ref string) {
		path, ok := repoPath(yard, "zipball", ref)
		if !ok {
			return
		}
		req, err := c.api.NewRequest(http.MethodGet, path, nil)
		if err != nil {
			t.Fatalf("%q: %v", ref, err)
		}
		if want := "/api/v3/repos/acme/hello-yard/zipball/" + ref; req.URL.Path != want || req.URL.RawQuery != "" || req.URL.Fragment != "" || req.URL.Host != "ghe.example.com" {
			t.Errorf("%q leads to %s", ref, req.URL)
		}
	})
}

func TestWhatMayBeATokenIsMasked(t *testing.T) {
	for in, want := range map[string]string{
		"Resource not accessible by personal access token":     "Resource not accessible by personal access token",
		"Bad credentials: ghp_0123456789abcdefghijABCD, renew": "Bad credentials: " + mask + ", renew",
		"see https://example.com/?token=YWxpY2U6c2VjcmV0":      "see https://example.com/?" + mask,
	} {
		if got := withoutTokens(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}
