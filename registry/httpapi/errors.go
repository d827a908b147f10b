package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/pluginyard/pluginyard/registry"
	"github.com/pluginyard/pluginyard/templates"
)

// Errors of requests that never reach the registry.
var (
	errNoRoute = echo.NewHTTPError(http.StatusNotFound)
	errNoFile  = &registry.Error{Kind: registry.ErrNotFound, Message: "no such file; ask the document of the plugin or theme for its present address"}
)

// kind is what one kind of error becomes.
type kind struct {
	status  int
	code    string     // for programs, in the manner of WordPress's REST errors
	level   slog.Level // Error: the operator has to act. Warn: odd, coped with.
	maxAge  int        // seconds that a cache may keep the answer; 0 is not at all
	retry   int        // Retry-After in seconds where the error has none; 0 sends none
	plain   bool       // the message is for the operator alone: answer with ours
	message string     // where the error has none for the client
}

// errorTable is the one place where errors become statuses.
type errorTable struct {
	kinds map[error]*kind // by registry.Kinds

	internal        *kind // of no kind
	noRoute         *kind
	noMethod        *kind
	pathTooLong     *kind
	badRequest      *kind
	unsigned        *kind
	bodyTooLarge    *kind
	formTooLarge    *kind
	notAForm        *kind
	busy            *kind
	crowded         *kind
	rangeRefused    *kind
	conditionFailed *kind
}

// newErrorTable says what each kind becomes, and why where it is not plain.
func newErrorTable() errorTable {
	const debug, info, warn, fault = slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError
	return errorTable{
		kinds: map[error]*kind{
			registry.ErrNotFound: {status: 404, code: "plugin_not_found", level: debug, maxAge: 60, message: "no such plugin, theme, release, branch or file"},
			// It may come back: caches ask again as they do for what was never here.
			registry.ErrGone:      {status: 410, code: "plugin_withdrawn", level: debug, maxAge: 60, message: "this is not served any more"},
			registry.ErrForbidden: {status: 403, code: "forbidden", level: info, maxAge: 60, message: "this may not be given to you"},
			// Whatever the client asked for was understood, but what it names
			// cannot be made: by the request's fault or the repository's.
			registry.ErrInvalid:  {status: 422, code: "invalid", level: info, maxAge: 60, message: "the request, or the plugin or theme that it names, is not valid"},
			registry.ErrConflict: {status: 409, code: "conflict", level: warn, message: "two entries claim the same slug; the registry's configuration has to be mended"},
			// The bound was exceeded by what the forge sent, never by the
			// client, whom 413 would blame. A cache serves stale on 503.
			registry.ErrTooLarge: {status: 503, code: "too_large", level: warn, retry: 3600, message: "this exceeds a limit of the registry"},
			// The operator's fault, and for the operator's eyes alone.
			registry.ErrCredentials: {status: 503, code: "repository_unreadable", level: fault, retry: 300, plain: true, message: "the registry cannot read this repository now"},
			// Not 429: it is not this client who asked too often.
			registry.ErrLimited: {status: 503, code: "rate_limited", level: warn, retry: 60, message: "the registry has used up its rate limit; try again later"},
			// This client alone; others are answered.
			registry.ErrTooOften:    {status: 429, code: "too_many_requests", level: info, retry: 60, message: "your address asks too often; ask again later"},
			registry.ErrUnavailable: {status: 503, code: "unavailable", level: warn, retry: 30, message: "the registry cannot answer for this now; try again later"},
			registry.ErrHeld:        {status: 503, code: "held", level: warn, retry: 300, message: "this is held until the registry's operator agrees to a change"},
			registry.ErrCorrupt:     {status: 500, code: "corrupt", level: fault, plain: true, message: "the registry's copy of this file is damaged"},
		},
		internal:        &kind{status: 500, code: CodeInternal, level: fault, plain: true, message: "something went wrong in the registry; its log says what"},
		noRoute:         &kind{status: 404, code: "rest_no_route", level: debug, maxAge: 60, message: "nothing is served at this address"},
		noMethod:        &kind{status: 405, code: "method_not_allowed", level: debug, message: "this address does not take this method; the Allow header names those that it takes"},
		pathTooLong:     &kind{status: 414, code: "address_too_long", level: debug, message: "the address is longer than any that is served"},
		badRequest:      &kind{status: 400, code: "bad_request", level: debug, message: "the request is not understood"},
		unsigned:        &kind{status: 401, code: "bad_signature", level: warn, message: "the webhook's signature is missing or wrong; the secret has to be the same on both sides"},
		bodyTooLarge:    &kind{status: 413, code: "body_too_large", level: warn, message: "the body is larger than any that GitHub sends"},
		formTooLarge:    &kind{status: 413, code: "body_too_large", level: debug, message: "the body is larger than any that WordPress sends"},
		notAForm:        &kind{status: 415, code: "not_a_form", level: debug, message: "the body has to be application/x-www-form-urlencoded, and not compressed"},
		crowded:         &kind{status: 503, code: "busy", level: warn, retry: 10, message: "too many large requests at once; try again later"},
		busy:            &kind{status: 503, code: "busy", level: warn, retry: 10, message: "too many webhooks at once; deliver this one again"},
		rangeRefused:    &kind{status: 416, code: "range_not_satisfiable", message: "the range lies outside of the file"},
		conditionFailed: &kind{status: 412, code: "precondition_failed", message: "the file is not the one that If-Match or If-Unmodified-Since asks for"},
	}
}

// all lists the rows.
func (t *errorTable) all() []*kind {
	return slices.AppendSeq([]*kind{
		t.internal, t.noRoute, t.noMethod, t.pathTooLong, t.badRequest, t.unsigned, t.bodyTooLarge,
		t.formTooLarge, t.notAForm, t.busy, t.crowded, t.rangeRefused, t.conditionFailed,
	}, maps.Values(t.kinds))
}

// CodeInternal is the code of a fault of our own.
const CodeInternal = "internal_error"

// Codes lists what errors are called in answers, "rest_no_route".
func Codes() []string {
	table := newErrorTable()
	var codes []string
	for _, k := range table.all() {
		codes = append(codes, k.code)
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

// refusal is an error of a request that never reached the registry.
type refusal struct {
	kind *kind
	err  error // for the log; may be nil
}

// badRequest refuses a request for a reason that the client is told.
func (s *server) badRequest(err error) error {
	return &refusal{kind: s.errors.badRequest, err: err}
}

func (e *refusal) Error() string {
	if e.err == nil {
		return e.kind.message
	}
	return e.kind.message + ": " + e.err.Error()
}

func (e *refusal) Unwrap() error { return e.err }

// find gives an error's row.
func (t *errorTable) find(err error) *kind {
	var (
		refused *refusal
		known   *registry.Error
		routed  *echo.HTTPError
	)
	switch {
	case errors.As(err, &refused):
		return refused.kind
	case errors.As(err, &known) && t.kinds[known.Kind] != nil:
		// Its own kind, not one of its cause.
		return t.kinds[known.Kind]
	}
	for _, sentinel := range registry.Kinds() {
		if errors.Is(err, sentinel) {
			return t.kinds[sentinel]
		}
	}
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return t.kinds[registry.ErrUnavailable]
	case errors.As(err, &routed):
		switch {
		case routed.Code == http.StatusNotFound:
			return t.noRoute
		case routed.Code == http.StatusMethodNotAllowed:
			return t.noMethod
		case routed.Code >= 400 && routed.Code < 500:
			return t.badRequest
		}
	}
	return t.internal
}

// message is what anyone may be told of an error.
func (t *errorTable) message(err error) string {
	k := t.find(err)
	var known *registry.Error
	if !k.plain && errors.As(err, &known) && known.Message != "" {
		return known.Message
	}
	return k.message
}

// answerError is Echo's error handler: every error of every route ends here.
func (s *server) answerError(err error, c echo.Context) {
	r := c.Request()
	k := s.errors.find(err)
	s.noteFailure(c.Response().Writer, r, err, k)
	if c.Response().Committed {
		return
	}
	var retry time.Duration
	if known := (*registry.Error)(nil); errors.As(err, &known) {
		retry = known.RetryAfter
	}
	message := s.errors.message(err)
	w := direct(c)
	if !isPage(c) {
		k.write(w, r.Method, message, retry)
		return
	}
	w.Header().Set("Vary", "Accept")
	if !wantsHTML(r.Header.Values("Accept")) {
		k.write(w, r.Method, message, retry)
		return
	}
	var page bytes.Buffer
	view := templates.ErrorPage{Site: s.site, Status: k.status, Title: http.StatusText(k.status), Message: message}
	if err := s.views.Error(&page, view); err != nil {
		s.log.Error("error page not rendered", "err", err)
		k.write(w, r.Method, message, retry)
		return
	}
	h := w.Header()
	setPageHeaders(h, templates.Policy)
	k.writeBody(w, r.Method, "text/html; charset=utf-8", page.Bytes(), retry)
}

// write answers in the shape of WordPress's REST errors.
func (k *kind) write(w http.ResponseWriter, method, message string, retry time.Duration) {
	type data struct {
		Status int `json:"status"`
	}
	body, err := json.Marshal(struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Data    data   `json:"data"`
	}{k.code, message, data{k.status}})
	if err != nil {
		panic(err) // strings and numbers can always be encoded
	}
	w.Header()["Access-Control-Allow-Origin"] = anyOrigin
	k.writeBody(w, method, "application/json; charset=utf-8", append(body, '\n'), retry)
}

// writeBody writes status, headers and, unless the method is HEAD, the body.
func (k *kind) writeBody(w http.ResponseWriter, method, contentType string, body []byte, retry time.Duration) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if k.maxAge > 0 {
		h.Set("Cache-Control", "public, max-age="+strconv.Itoa(k.maxAge))
	} else {
		h.Set("Cache-Control", "no-store")
	}
	if seconds := k.retryAfter(retry); seconds > 0 {
		h.Set("Retry-After", strconv.FormatInt(seconds, 10))
	}
	w.WriteHeader(k.status)
	if method != http.MethodHead {
		w.Write(body) // an error means that the client went away
	}
}

// retryAfter is the error's own time in whole seconds, rounded up, or the
// row's; 0 where asking again is of no use.
func (k *kind) retryAfter(own time.Duration) int64 {
	if k.retry == 0 || own <= 0 {
		return int64(k.retry)
	}
	return int64((own + time.Second - 1) / time.Second)
}

// isPage reports whether people look at this address in a browser: the pages,
// and whatever no route knows.
func isPage(c echo.Context) bool {
	path := c.Path()
	if strings.HasSuffix(path, "/:name") && c.Param("digest") == "" {
		_, f, _ := splitName(param(c, "name"))
		return f == formatNone
	}
	return path == "" || strings.HasSuffix(path, "/")
}

// wantsHTML reports whether an Accept header names HTML, as every browser's
// does and no update client's.
func wantsHTML(lines []string) bool {
	for _, line := range lines {
		for member := range strings.SplitSeq(line, ",") {
			mediaType, parameters, _ := strings.Cut(member, ";")
			if strings.EqualFold(strings.TrimSpace(mediaType), "text/html") {
				weight := strings.TrimSpace(parameters)
				return !strings.HasPrefix(weight, "q=0") || strings.Trim(weight[len("q=0"):], ".0") != ""
			}
		}
	}
	return false
}
