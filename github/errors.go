package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	gogithub "github.com/google/go-github/v60/github"

	"github.com/pluginyard/pluginyard/registry"
)

// maxCauseBytes is how much of GitHub's own message an error repeats.
const maxCauseBytes = 300

func invalid(message string, cause error) error {
	return &registry.Error{Kind: registry.ErrInvalid, Message: message, Err: cause}
}

// fail makes whatever went wrong with what into an error of one of
// [registry.Kinds]. It keeps what already is one.
func fail(what string, err error) error {
	var decided *registry.Error
	if errors.As(err, &decided) {
		return decided
	}
	var status *statusError
	if errors.As(err, &status) {
		return status.kind(what)
	}
	// An address may be signed; the error of an HTTP client repeats it.
	var address *url.Error
	for errors.As(err, &address) {
		err = address.Err
	}
	message := "GitHub gave no usable answer about " + what + "; it will be asked again"
	if errors.Is(err, context.DeadlineExceeded) {
		message = "GitHub did not answer in time about " + what + "; it will be asked again"
	}
	return &registry.Error{Kind: registry.ErrUnavailable, Message: message, Err: err}
}

// statusError is an answer that is not what was asked for.
type statusError struct {
	status  int
	message string        // GitHub's own, without secrets
	code    string        // of the first detail, "too_large"
	after   time.Duration // of Retry-After
	foreign bool          // from a host that is not the API's
}

func (e *statusError) Error() string {
	text := fmt.Sprintf("%d %s", e.status, http.StatusText(e.status))
	if e.message != "" {
		text += ": " + e.message
	}
	return text
}

// kind is the one table from GitHub's statuses to kinds of error. A limit is
// not in it: limits.go tells it from a refusal.
func (e *statusError) kind(what string) error {
	kind, message := registry.ErrUnavailable, fmt.Sprintf("GitHub answered %d about %s; it will be asked again", e.status, what)
	switch {
	case e.status == http.StatusNotFound, e.status == http.StatusGone, e.status == http.StatusUnavailableForLegalReasons:
		kind, message = registry.ErrNotFound, fmt.Sprintf("GitHub has no %s, or our credentials may not see it", what)
	case e.status == http.StatusConflict:
		kind, message = registry.ErrNotFound, fmt.Sprintf("GitHub has no %s: the repository is empty", what)
	case e.status == http.StatusUnprocessableEntity, e.status == http.StatusBadRequest && !e.foreign:
		// That is how a commit that does not exist is answered.
		kind, message = registry.ErrNotFound, fmt.Sprintf("GitHub has no %s", what)
	case e.status == http.StatusForbidden && e.code == "too_large":
		kind, message = registry.ErrTooLarge, what+" is larger than GitHub gives"
	case e.foreign:
		// Only the API knows our credentials.
	case e.status == http.StatusUnauthorized:
		kind, message = registry.ErrCredentials, fmt.Sprintf("GitHub refused our credentials for %s; renew the token or the app's key", what)
	case e.status == http.StatusForbidden:
		kind, message = registry.ErrCredentials, fmt.Sprintf("GitHub forbids our credentials to read %s; grant them metadata and contents", what)
	}
	return &registry.Error{Kind: kind, Message: message, RetryAfter: e.after, Err: e}
}

// newStatusError describes an answer that the client library called err.
func newStatusError(resp *http.Response, err error, now time.Time) *statusError {
	e := &statusError{status: resp.StatusCode, after: retryAfter(resp.Header, now)}
	var detailed *gogithub.ErrorResponse
	if errors.As(err, &detailed) {
		e.message = detailed.Message
		if len(detailed.Errors) > 0 {
			e.code = detailed.Errors[0].Code
		}
	}
	if resp.Request != nil {
		e.message = scrub(resp.Request, e.message)
	}
	e.message = withoutTokens(e.message)
	if len(e.message) > maxCauseBytes {
		e.message = strings.ToValidUTF8(e.message[:maxCauseBytes], "") + "…"
	}
	return e
}

// tokenlike is a word that nobody says: a token, a key, a signature.
var tokenlike = regexp.MustCompile(`[A-Za-z0-9_+/=%.~-]{20,}`)

// withoutTokens masks what may be a secret in a text that is not ours: GitHub,
// or what stands before it, may repeat a credential that we do not know as one.
func withoutTokens(text string) string { return tokenlike.ReplaceAllString(text, mask) }

// scrub removes a request's own credentials from a text that came back.
func scrub(req *http.Request, text string) string {
	secret := strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer ")
	if secret == "" {
		return text
	}
	return strings.ReplaceAll(text, secret, mask)
}
