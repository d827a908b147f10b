package github

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
)

// credential is what a request is sent with.
type credential interface {
	// identity tells whose eyes an answer is for, without revealing the
	// secret. It stays the same when a short-lived token is renewed.
	identity() string
	// secret is what follows "Bearer" in the header; "" sends none.
	secret(ctx context.Context) (Secret, error)
	// refused says that GitHub answered 401 to this secret.
	refused(Secret)
}

// token is a credential that never changes; an empty one is anonymous. It is
// a function since fmt does not ask a Secret in an unexported field how it
// wants to be printed.
type token func() Secret

// newToken checks that a token can be a header's value. Space around it is
// forgiven: files end with a line feed.
func newToken(s Secret) (token, error) {
	trimmed := Secret(strings.TrimSpace(string(s)))
	for _, r := range trimmed {
		if r <= ' ' || r > '~' {
			return nil, invalid("github: the token holds a space or another character that no token has; copy it again", nil)
		}
	}
	return func() Secret { return trimmed }, nil
}

func (t token) identity() string {
	if t() == "" {
		return "anonymous"
	}
	sum := sha256.Sum256([]byte(t()))
	return "token " + hex.EncodeToString(sum[:])
}

func (t token) secret(context.Context) (Secret, error) { return t(), nil }
func (t token) refused(Secret)                         {}

// call is what the round trippers must know of a request beyond HTTP. It
// travels in the request's context, since the client library stands between.
type call struct {
	credential credential
	// reduce cuts a JSON answer down to what is used of it, so that nothing
	// else is kept: GitHub's own holds short-lived clone tokens.
	reduce func(body []byte) ([]byte, error)
}

type callKey struct{}

func withCall(ctx context.Context, c call) context.Context {
	return context.WithValue(ctx, callKey{}, c)
}

func callOf(req *http.Request) call {
	if c, ok := req.Context().Value(callKey{}).(call); ok {
		return c
	}
	return call{credential: token(func() Secret { return "" })}
}

// authorized adds the credentials of a request's call, and that only for the
// API's own scheme and host: an object store that GitHub redirects to answers
// 400 to a foreign Authorization, and nobody else may read it.
type authorized struct {
	base *url.URL
	next http.RoundTripper
}

func (t *authorized) RoundTrip(req *http.Request) (*http.Response, error) {
	if !sameOrigin(req.URL, t.base) {
		return t.next.RoundTrip(req)
	}
	credential := callOf(req).credential
	secret, err := credential.secret(req.Context())
	if err != nil {
		return nil, err
	}
	if secret == "" {
		return t.next.RoundTrip(req)
	}
	req = req.Clone(req.Context())
	req.Header.Set("Authorization", "Bearer "+string(secret))
	resp, err := t.next.RoundTrip(req)
	if err == nil && resp.StatusCode == http.StatusUnauthorized {
		credential.refused(secret)
	}
	return resp, err
}
