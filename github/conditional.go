package github

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"sync"

	"github.com/pluginyard/pluginyard/registry"
)

// Cache keeps small records over a restart; [registry.Store] is one. A record
// may be lost at any time: that costs one request of the rate limit.
type Cache interface {
	// Load reads a record; an error of any kind counts as none.
	Load(ctx context.Context, name string) ([]byte, error)
	// Save replaces a record. A name is slash separated and of [a-z0-9._-].
	Save(ctx context.Context, name string, data []byte) error
}

// Bounds on remembered answers. They are kept reduced to what is used of them:
// a page of 100 releases has about 100 KB.
const (
	MaxCachedBytes = 4 << 20  // of one answer; larger ones are asked for anew
	MaxMemoryBytes = 32 << 20 // of all answers in memory; the others are in the Cache
)

// cachePrefix begins the names of all records.
const cachePrefix = "github/etags/"

// cacheVersion is part of every name. Raise it whenever the structures that
// answers are reduced to gain a field: GitHub would go on answering 304, and
// the field would stay empty.
const cacheVersion = 2

// conditional asks only for what has changed since the last answer: it sends
// that answer's entity tag, and gives the answer again when GitHub says 304.
// A 304 to a request with credentials costs nothing of the rate limit.
// https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate
type conditional struct {
	log   *slog.Logger
	cache Cache // nil: memory alone
	next  http.RoundTripper

	mu     sync.Mutex // guards the two below, never held over a request
	memory map[string]*answer
	bytes  int
}

// answer is what GitHub said last. It never changes.
type answer struct {
	ETag     string `json:"etag,omitempty"`
	Modified string `json:"last_modified,omitempty"`
	Link     string `json:"link,omitempty"` // to further pages
	Sum      string `json:"sum"`            // SHA-256 of the body, hex
	body     []byte
}

func (t *conditional) RoundTrip(req *http.Request) (*http.Response, error) {
	call := callOf(req)
	if req.Method != http.MethodGet || call.reduce == nil {
		return t.next.RoundTrip(req)
	}
	name := cacheName(call.credential.identity(), req)
	last := t.load(req.Context(), name)
	if last != nil {
		req = req.Clone(req.Context())
		if last.ETag != "" {
			req.Header.Set("If-None-Match", last.ETag)
		} else {
			req.Header.Set("If-Modified-Since", last.Modified)
		}
	}
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	switch {
	case resp.StatusCode == http.StatusNotModified && last != nil:
		resp.Body.Close()
		return last.response(req), nil
	case resp.StatusCode != http.StatusOK:
		return resp, nil
	}
	text, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil {
		return nil, err
	}
	if text, err = call.reduce(text); err != nil {
		return nil, fmt.Errorf("decode answer: %w", err)
	}
	now := newAnswer(resp.Header, text)
	if now.ETag != "" || now.Modified != "" {
		t.save(req.Context(), name, now)
	}
	return now.response(req), nil
}

func newAnswer(h http.Header, body []byte) *answer {
	sum := sha256.Sum256(body)
	return &answer{
		ETag: h.Get("ETag"), Modified: h.Get("Last-Modified"), Link: h.Get("Link"),
		Sum: hex.EncodeToString(sum[:]), body: body,
	}
}

// response is the answer as if GitHub had just given it.
func (a *answer) response(req *http.Request) *http.Response {
	h := http.Header{"Content-Type": {"application/json; charset=utf-8"}}
	if a.Link != "" {
		h.Set("Link", a.Link)
	}
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: h, Body: io.NopCloser(bytes.NewReader(a.body)), ContentLength: int64(len(a.body)),
		Request: req,
	}
}

// cacheName is a record's name: one for each address, form of answer, and
// identity, so that nobody is given what others may see.
func cacheName(identity string, req *http.Request) string {
	h := sha256.New()
	for _, part := range []string{strconv.Itoa(cacheVersion), identity, req.Header.Get("Accept"), req.URL.String()} {
		fmt.Fprintf(h, "%d:%s\n", len(part), part)
	}
	return cachePrefix + hex.EncodeToString(h.Sum(nil))
}

// load finds the last answer, nil if there is none that can be trusted.
func (t *conditional) load(ctx context.Context, name string) *answer {
	t.mu.Lock()
	a := t.memory[name]
	t.mu.Unlock()
	if a != nil || t.cache == nil {
		return a
	}
	record, err := t.cache.Load(ctx, name)
	if err != nil {
		if !errors.Is(err, registry.ErrNotFound) && ctx.Err() == nil {
			t.log.WarnContext(ctx, "entity tag not read", "record", name, "err", err)
		}
		return nil
	}
	if a, err = decodeAnswer(record); err != nil {
		t.log.WarnContext(ctx, "entity tag ignored", "record", name, "err", err)
		return nil
	}
	t.remember(name, a)
	return a
}

// save keeps an answer. That it could not be kept is no failure of the
// request.
func (t *conditional) save(ctx context.Context, name string, a *answer) {
	if len(a.body) > MaxCachedBytes {
		return
	}
	t.remember(name, a)
	if t.cache == nil {
		return
	}
	if err := t.cache.Save(ctx, name, a.encode()); err != nil {
		t.log.WarnContext(ctx, "entity tag not saved", "record", name, "err", err)
	}
}

func (t *conditional) remember(name string, a *answer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.memory == nil {
		t.memory = make(map[string]*answer)
	}
	if old := t.memory[name]; old != nil {
		t.bytes -= len(old.body)
	}
	t.memory[name] = a
	t.bytes += len(a.body)
	for other, old := range t.memory {
		if t.bytes <= MaxMemoryBytes {
			return
		}
		if other != name {
			delete(t.memory, other)
			t.bytes -= len(old.body)
		}
	}
}

// encode is a line of JSON about the body, then the body.
func (a *answer) encode() []byte {
	head, err := json.Marshal(a)
	if err != nil {
		panic(err) // strings alone
	}
	return append(append(head, '\n'), a.body...)
}

func decodeAnswer(record []byte) (*answer, error) {
	head, body, ok := bytes.Cut(record, []byte("\n"))
	if !ok {
		return nil, errors.New("no body")
	}
	a := &answer{body: body}
	if err := json.Unmarshal(head, a); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	switch {
	case a.Sum != hex.EncodeToString(sum[:]):
		return nil, errors.New("the body does not match its digest")
	case a.ETag == "" && a.Modified == "":
		return nil, errors.New("no entity tag")
	case len(body) > MaxCachedBytes:
		return nil, errors.New("the body is too large")
	}
	// Headers are not to be made by records.
	for _, value := range []string{a.ETag, a.Modified, a.Link} {
		if bytes.ContainsAny([]byte(value), "\r\n\x00") {
			return nil, errors.New("a header's value is broken over lines")
		}
	}
	return a, nil
}
