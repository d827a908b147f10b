package github

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pluginyard/pluginyard/registry"
)

// tagged serves a repository whose entity tag and body are changed by edition,
// and counts the whole answers.
type tagged struct {
	edition int
	whole   int
}

func (s *tagged) RoundTrip(req *http.Request) (*http.Response, error) {
	etag := fmt.Sprintf(`W/"%d"`, s.edition)
	if req.Header.Get("If-None-Match") == etag {
		return reply(req, 304, ``, "ETag", etag), nil
	}
	s.whole++
	body := strings.Replace(repositoryJSON, `"Greets."`, fmt.Sprintf(`"Edition %d"`, s.edition), 1)
	return reply(req, 200, body, "ETag", etag, "Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT"), nil
}

func description(t *testing.T, c *Client) string {
	t.Helper()
	r, err := c.Repository(t.Context(), yard)
	if err != nil {
		t.Fatal(err)
	}
	return r.Description
}

func TestUnchangedAnswerCostsAConditionalRequest(t *testing.T) {
	s, cache := &tagged{}, newRecords()
	cfg := Config{Transport: s, Cache: cache, Token: planted}
	c := newClient(t, cfg)
	for range 3 {
		if got := description(t, c); got != "Edition 0" {
			t.Errorf("got %q", got)
		}
	}
	if s.whole != 1 {
		t.Errorf("%d whole answers, want 1", s.whole)
	}

	c = newClient(t, cfg) // a restart
	if got := description(t, c); got != "Edition 0" || s.whole != 1 {
		t.Errorf("after a restart: %q, %d whole answers", got, s.whole)
	}
	s.edition++
	for range 2 {
		if got := description(t, c); got != "Edition 1" || s.whole != 2 {
			t.Errorf("after a change: %q, %d whole answers", got, s.whole)
		}
	}
}

func TestAnswersAreKeptApartByCredentials(t *testing.T) {
	s, cache := &tagged{}, newRecords()
	for i, token := range []Secret{planted, "other", ""} {
		description(t, newClient(t, Config{Transport: s, Cache: cache, Token: token}))
		if s.whole != i+1 {
			t.Errorf("credentials %d: %d whole answers, want %d", i, s.whole, i+1)
		}
	}
	// A token that lost its rights is told so, whatever is remembered.
	gone := trips(func(req *http.Request) (*http.Response, error) { return reply(req, 404, `{}`), nil })
	_, err := newClient(t, Config{Transport: gone, Cache: cache, Token: planted}).Repository(t.Context(), yard)
	if !errors.Is(err, registry.ErrNotFound) {
		t.Errorf("error is %v, want %v", err, registry.ErrNotFound)
	}
}

func TestLastModifiedServesWithoutAnEntityTag(t *testing.T) {
	const modified = "Thu, 01 Jan 2026 00:00:00 GMT"
	asked := ""
	c := newClient(t, Config{Transport: trips(func(req *http.Request) (*http.Response, error) {
		if asked = req.Header.Get("If-Modified-Since"); asked == modified {
			return reply(req, 304, ``), nil
		}
		return reply(req, 200, repositoryJSON, "Last-Modified", modified), nil
	})})
	description(t, c)
	if got := description(t, c); got != "Greets." || asked != modified {
		t.Errorf("got %q, asked since %q", got, asked)
	}
}

func TestDamagedRecordsAreIgnored(t *testing.T) {
	tests := []struct {
		name   string
		change func([]byte) []byte
	}{
		{"empty", func([]byte) []byte { return nil }},
		{"half", func(b []byte) []byte { return b[:len(b)/2] }},
		{"noise", func(b []byte) []byte { return []byte("\x00\xff{}") }},
		{"a flipped bit of the body", func(b []byte) []byte { b[len(b)-5] ^= 1; return b }},
		{"no tag", func(b []byte) []byte {
			b = regexp.MustCompile(`"etag":"[^,]*",`).ReplaceAll(b, nil)
			return regexp.MustCompile(`"last_modified":"[^"]*",`).ReplaceAll(b, nil)
		}},
		{"a tag over two lines", func(b []byte) []byte { return bytes.Replace(b, []byte(`W/`), []byte(`W\r\nX-Evil: /`), 1) }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, cache, log := &tagged{}, newRecords(), &logBuffer{}
			description(t, newClient(t, Config{Transport: s, Cache: cache}))
			cache.change(test.change)
			if got := description(t, newClient(t, Config{Transport: s, Cache: cache, Log: log.logger()})); got != "Edition 0" || s.whole != 2 {
				t.Errorf("got %q, %d whole answers", got, s.whole)
			}
			if !strings.Contains(log.String(), "entity tag ignored") {
				t.Errorf("nothing in the log: %s", log)
			}
		})
	}
}

// broken is a cache that fails.
type broken struct{}

func (broken) Load(context.Context, string) ([]byte, error) { return nil, errors.New("disk on fire") }
func (broken) Save(context.Context, string, []byte) error   { return errors.New("disk on fire") }

func TestBrokenCacheBreaksNothing(t *testing.T) {
	log := &logBuffer{}
	s := &tagged{}
	c := newClient(t, Config{Transport: s, Cache: broken{}, Log: log.logger()})
	description(t, c)
	if got := description(t, c); got != "Edition 0" || s.whole != 1 {
		t.Errorf("got %q, %d whole answers", got, s.whole)
	}
	if !strings.Contains(log.String(), "entity tag not saved") {
		t.Errorf("nothing in the log: %s", log)
	}
}

var recordName = regexp.MustCompile(`^[a-z0-9._/-]+$`)

func TestRecordsHoldNoSecrets(t *testing.T) {
	cache := newRecords()
	description(t, newClient(t, Config{Transport: &tagged{}, Cache: cache, Token: planted}))
	if len(cache.m) != 1 {
		t.Fatalf("%d records, want 1", len(cache.m))
	}
	for name, data := range cache.m {
		if !recordName.MatchString(name) || !strings.HasPrefix(name, cachePrefix) {
			t.Errorf("record is called %q", name)
		}
		// The answer held the token as its temp_clone_token.
		if strings.Contains(name+string(data), planted) || strings.Contains(string(data), "temp_clone_token") {
			t.Errorf("record holds a token: %s", data)
		}
	}
}

func TestDownloadsAreNotKept(t *testing.T) {
	cache := newRecords()
	c := newClient(t, Config{Cache: cache, Transport: trips(func(req *http.Request) (*http.Response, error) {
		if req.Header.Get("If-None-Match") != "" {
			t.Error("a conditional download")
		}
		return reply(req, 200, "PK\x03\x04", "ETag", `"x"`), nil
	})})
	for range 2 {
		if err := c.Archive(t.Context(), yard, "main", &bytes.Buffer{}); err != nil {
			t.Error(err)
		}
	}
	if len(cache.m) != 0 {
		t.Errorf("%d records", len(cache.m))
	}
}

func TestMemoryIsBounded(t *testing.T) {
	c := &conditional{}
	for i := range 100 {
		c.remember(fmt.Sprint(i), &answer{body: make([]byte, MaxCachedBytes)})
		c.remember(fmt.Sprint(i), &answer{body: make([]byte, MaxCachedBytes)})
	}
	total := 0
	for _, a := range c.memory {
		total += len(a.body)
	}
	if total != c.bytes || total > MaxMemoryBytes || c.memory["99"] == nil {
		t.Errorf("%d bytes, counted as %d", total, c.bytes)
	}
	c.save(t.Context(), "large", &answer{body: make([]byte, MaxCachedBytes+1)})
	if c.memory["large"] != nil {
		t.Error("too large an answer was kept")
	}
}

func FuzzDecodeAnswer(f *testing.F) {
	f.Add(newAnswer(http.Header{"Etag": {`W/"x"`}, "Link": {`<https://example.com/?page=2>; rel="next"`}}, []byte(`{"a":1}`)).encode())
	f.Add(newAnswer(http.Header{"Last-Modified": {`Thu, 01 Jan 2026 00:00:00 GMT`}}, []byte("a\nb")).encode())
	f.Add([]byte("{}\n"))
	f.Add([]byte("null\n{}"))
	f.Fuzz(func(t *testing.T, record []byte) {
		a, err := decodeAnswer(record)
		if err != nil {
			return
		}
		req, _ := http.NewRequest(http.MethodGet, "https://example.com/", nil)
		if resp := a.response(req); resp.ContentLength != int64(len(a.body)) || strings.ContainsAny(resp.Header.Get("Link"), "\r\n") {
			t.Errorf("%q makes the response %v", record, resp.Header)
		}
		again, err := decodeAnswer(a.encode())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(a, again, cmp.AllowUnexported(answer{})); diff != "" {
			t.Errorf("(-first +again):\n%s", diff)
		}
	})
}
