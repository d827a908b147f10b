package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/pluginyard/pluginyard/registry"
)

func TestEveryKindHasARow(t *testing.T) {
	table := newErrorTable()
	if got, want := len(table.kinds), len(registry.Kinds()); got != want {
		t.Errorf("the table has %d rows of kinds, want %d", got, want)
	}
	codes := make(map[string]error)
	for _, sentinel := range registry.Kinds() {
		k := table.kinds[sentinel]
		if k == nil {
			t.Errorf("kind %q has no row", sentinel)
			continue
		}
		if k.status < 400 || k.status > 599 || http.StatusText(k.status) == "" {
			t.Errorf("kind %q: got status %d", sentinel, k.status)
		}
		if k.code == "" || k.message == "" || strings.HasSuffix(k.message, ".") {
			t.Errorf("kind %q: got code %q, message %q; want both, without a full stop", sentinel, k.code, k.message)
		}
		if other := codes[k.code]; other != nil {
			t.Errorf("kinds %q and %q share the code %q", sentinel, other, k.code)
		}
		codes[k.code] = sentinel
		if k.status >= 500 && k.maxAge > 0 {
			t.Errorf("kind %q: a fault may be cached for %d s", sentinel, k.maxAge)
		}
		if k.status == http.StatusServiceUnavailable && k.retry == 0 {
			t.Errorf("kind %q: 503 without a Retry-After", sentinel)
		}
		if got := table.find(fmt.Errorf("fetch acme/hello-yard: %w", sentinel)); got != k {
			t.Errorf("kind %q: a wrapped error got the row %q", sentinel, got.code)
		}
	}
}

func TestCodesAreThoseOfAllRows(t *testing.T) {
	table, codes := newErrorTable(), Codes()
	rows := reflect.ValueOf(table)
	for i := range rows.NumField() {
		field := rows.Field(i)
		if field.Type() != reflect.TypeFor[*kind]() {
			continue
		}
		if code := field.Elem().FieldByName("code").String(); !slices.Contains(codes, code) {
			t.Errorf("%s is not among %v", code, codes)
		}
	}
	for _, k := range table.kinds {
		if !slices.Contains(codes, k.code) {
			t.Errorf("%s is not among %v", k.code, codes)
		}
	}
}

func TestFind(t *testing.T) {
	table := newErrorTable()
	for _, test := range []struct {
		name    string
		err     error
		status  int
		message string
	}{
		{"an unknown error is internal and tells nothing", errors.New("token-abc123"), 500, table.internal.message},
		{"an error's kind goes before its cause's", &registry.Error{Kind: registry.ErrUnavailable, Message: "no answer", Err: registry.ErrNotFound}, 503, "no answer"},
		{"an error of no known kind is asked for its cause", &registry.Error{Kind: errors.New("odd"), Message: "odd", Err: registry.ErrNotFound}, 404, "odd"},
		{"a message about credentials is for the operator", &registry.Error{Kind: registry.ErrCredentials, Message: "the token of acme expired"}, 503, "the registry cannot read this repository now"},
		{"a wrapped router's error is not internal", fmt.Errorf("route: %w", echo.ErrNotFound), 404, table.noRoute.message},
		{"a router's other client error is a bad request", echo.NewHTTPError(415), 400, table.badRequest.message},
		{"a router's fault is internal", echo.NewHTTPError(501), 500, table.internal.message},
		{"a deadline is a fault of the moment", context.DeadlineExceeded, 503, table.kinds[registry.ErrUnavailable].message},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := table.find(test.err).status; got != test.status {
				t.Errorf("got status %d, want %d", got, test.status)
			}
			if got := table.message(test.err); got != test.message {
				t.Errorf("got message %q, want %q", got, test.message)
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	for _, test := range []struct {
		name string
		row  int
		own  time.Duration
		want int64
	}{
		{"the error's own time is rounded up", 60, 1500 * time.Millisecond, 2},
		{"without one the row's counts", 60, 0, 60},
		{"a time that has passed is none", 60, -time.Second, 60},
		{"where asking again is of no use none is sent", 0, time.Minute, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := (&kind{retry: test.row}).retryAfter(test.own); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}

func TestHalfAnAnswerBreaksTheConnection(t *testing.T) {
	f := newFake()
	f.open = func(*fakeFile) registry.BlobReader { return brokenFile{} }
	server := httptest.NewServer(newTestHandler(t, f, nil))
	defer server.Close()
	res, err := http.Get(server.URL + "/updates/release/hello-yard.proxy")
	if err == nil {
		res.Body.Close()
		t.Errorf("got status %d, want a broken connection", res.StatusCode)
	}
}

// brokenFile panics once the answer is under way.
type brokenFile struct{ blob }

func (brokenFile) Seek(int64, int) (int64, error) { panic("the disk is gone") }
func (brokenFile) Close() error                   { return nil }
