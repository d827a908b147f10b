package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pluginyard/pluginyard/github/githubtest"
)

// answering has GitHub answer so from now on.
func answering(f githubtest.Fault) func(*world, *githubtest.Repository) {
	return func(w *world, _ *githubtest.Repository) { w.hub.SetFault(f) }
}

// next releases version 1.1.0, so that a warm registry has something to fetch,
// and has GitHub answer so from now on.
func next(f githubtest.Fault) func(*world, *githubtest.Repository) {
	return func(w *world, repo *githubtest.Repository) {
		release(repo, 1, "1.1.0", sample("hello-yard", "1.1.0", 3))
		w.hub.SetFault(f)
	}
}

// hang has GitHub answer nothing to requests with that in their path.
func hang(part string) func(*world, *githubtest.Repository) {
	return func(w *world, repo *githubtest.Repository) {
		next(githubtest.Only(part, githubtest.Hang()))(w, repo)
		w.hanging.Store(&part)
	}
}

// releasing releases files as version 1.1.0.
func releasing(files fstest.MapFS, assets ...githubtest.Asset) func(*world, *githubtest.Repository) {
	return func(_ *world, repo *githubtest.Repository) { release(repo, 1, "1.1.0", files, assets...) }
}

// sending answers 200 with bytes of that type.
func sending(contentType string, data []byte) githubtest.Fault {
	return func(w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("Content-Type", contentType)
		w.Write(data)
		return true
	}
}

// repeating answers like a proxy that repeats the request it could not pass on.
func repeating(status int, contentType, format string) githubtest.Fault {
	return func(w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		fmt.Fprintf(w, format, r.Header.Get("Authorization"))
		return true
	}
}

// limited uses up the rate limit.
func limited(status int) func(*world, *githubtest.Repository) {
	return func(w *world, _ *githubtest.Repository) {
		w.hub.LimitStatus(status)
		w.hub.Limit(0, w.clock.now().Add(100*time.Hour))
	}
}

// properties rewrites the custom properties in GitHub's answer, which the
// emulator would not declare so.
func properties(values map[string]any) func(*world, *githubtest.Repository) {
	return func(w *world, repo *githubtest.Repository) {
		w.before(func(hub http.Handler) http.Handler {
			return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/repos/acme/hello-yard" {
					hub.ServeHTTP(out, r)
					return
				}
				r.Header.Del("If-None-Match")
				got := httptest.NewRecorder()
				hub.ServeHTTP(got, r)
				var body map[string]any
				if err := json.Unmarshal(got.Body.Bytes(), &body); err != nil {
					http.Error(out, err.Error(), http.StatusInternalServerError)
					return
				}
				body["custom_properties"] = values
				json.NewEncoder(out).Encode(body)
			})
		})
		release(repo, 1, "1.1.0", sample("hello-yard", "1.1.0", 3))
	}
}

const (
	archives = "/codeload/"
	redirect = "/zipball/"
)

// What GitHub, or whatever stands in its place, may answer.
func TestTroubleWithGitHub(t *testing.T) { runTroubles(t, githubTroubles()) }

func githubTroubles() []trouble {
	whole := sample("hello-yard", "1.1.0", 3)
	packed := (&demoYard{}).zip("hello-yard", whole, firstRelease)
	own := func(a githubtest.Asset) githubtest.Asset {
		a.Name = "hello-yard.zip"
		return a
	}
	const (
		unreadable = "the registry cannot read this repository now"
		unusable   = "GitHub gave no usable answer about (repository|releases of|latest release of) acme/hello-yard"
		noArchive  = "GitHub gave no usable answer about archive of acme/hello-yard at (v1.[01].0|[0-9a-f]{40})"
		noFile     = "GitHub gave no usable answer about release file hello-yard.zip of acme/hello-yard"
	)
	return []trouble{
		{name: "401: the token is wrong", make: answering(githubtest.Status(401)), cold: "503 repository_unreadable", says: unreadable, logs: "refused our credentials for .*acme/hello-yard; renew the token", retry: "300"},
		{name: "403 without a limit", make: answering(githubtest.Status(403)), cold: "503 repository_unreadable", says: unreadable, logs: "forbids our credentials to read .*acme/hello-yard; grant them", retry: "300"},
		{name: "404: no such repository, or not for us", make: answering(githubtest.Status(404)), cold: "503 unavailable", retry: "30", says: "GitHub has no .*acme/hello-yard, or our credentials may not see it"},
		{name: "429", make: answering(githubtest.Status(429)), cold: "503 rate_limited", says: "GitHub's rate limit is used up; asking again in 1m0s", retry: "60"},
		{name: "primary limit, 403", make: limited(403), cold: "503 rate_limited", says: "GitHub's rate limit is used up; asking again in 1h0m0s", retry: "3600"},
		{name: "primary limit, 429", make: limited(429), cold: "503 rate_limited", says: "GitHub's rate limit is used up; asking again in 1h0m0s", retry: "3600"},
		{name: "secondary limit with Retry-After", make: answering(githubtest.SecondaryLimit(90 * time.Second)), cold: "503 rate_limited", says: "GitHub's rate limit is used up; asking again in 1m30s", retry: "90"},
		{name: "secondary limit without", make: answering(githubtest.SecondaryLimit(0)), cold: "503 rate_limited", says: "GitHub's rate limit is used up; asking again in 1m0s", retry: "60"},
		{name: "500", make: answering(githubtest.Status(500)), cold: "503 unavailable", says: "GitHub answered 500 about .*acme/hello-yard", retry: "30"},
		{name: "502", make: answering(githubtest.Status(502)), cold: "503 unavailable", says: "GitHub answered 502 about .*acme/hello-yard", retry: "30"},
		{name: "503", make: answering(githubtest.Status(503)), cold: "503 unavailable", says: "GitHub answered 503 about .*acme/hello-yard", retry: "30"},
		{name: "a web page in place of JSON", make: answering(githubtest.HTML()), cold: "503 unavailable", says: unusable, logs: "the answer is a web page, not JSON", retry: "30"},
		{name: "JSON that breaks off", make: answering(githubtest.BadJSON()), cold: "503 unavailable", says: unusable, logs: "is not whole JSON", retry: "30"},
		{name: "JSON of another shape", make: answering(sending("application/json", []byte(`"hello"`))), cold: "503 unavailable", says: unusable, retry: "30"},
		{name: "an empty answer", make: answering(githubtest.Empty()), cold: "503 unavailable", says: unusable, logs: "the answer is empty", retry: "30"},
		{name: "no answer", make: hang("/"), cold: "503 unavailable", says: "GitHub did not answer in time about .*acme/hello-yard", logs: "timeout awaiting response headers", retry: "30"},
		{name: "a connection that is reset", make: answering(githubtest.Reset()), cold: "503 unavailable", says: unusable, retry: "30"},
		{name: "an answer that is cut off", make: next(githubtest.Truncate(100)), cold: "503 unavailable", says: unusable, logs: "unexpected EOF", retry: "30"},
		{name: "502 that repeats the token", make: answering(repeating(502, "text/html", "<p>cannot pass on %s</p>")), cold: "503 unavailable", says: "GitHub answered 502 about .*acme/hello-yard", retry: "30"},
		{name: "401 that repeats the token", make: answering(repeating(401, "application/json", `{"message":"bad credentials: %s"}`)), cold: "503 repository_unreadable", says: unreadable, logs: "refused our credentials", retry: "300"},

		{name: "no such archive", make: next(githubtest.Only(archives, githubtest.Status(404))), cold: "503 unavailable", retry: "30", says: "GitHub has no archive of acme/hello-yard at (v1.1.0|[0-9a-f]{40})"},
		{name: "archive forbidden", make: next(githubtest.Only(redirect, githubtest.Status(403))), cold: "503 repository_unreadable", says: unreadable, logs: "forbids our credentials to read archive of acme/hello-yard at (v1.1.0|[0-9a-f]{40})", retry: "300"},
		{name: "archive's host answers 500", make: next(githubtest.Only(archives, githubtest.Status(500))), cold: "503 unavailable", says: "GitHub answered 500 about archive of acme/hello-yard at (v1.1.0|[0-9a-f]{40})", retry: "30"},
		{name: "archive cut off on the way", make: next(githubtest.Only(archives, githubtest.Truncate(700))), cold: "503 unavailable", says: noArchive, retry: "30"},
		{name: "archive that is short", make: next(githubtest.Only(archives, sending("application/zip", packed[:len(packed)/2]))), cold: "422 invalid", says: "archive of acme/hello-yard at v1.1.0: zip: "},
		{name: "archive that is a web page", make: next(githubtest.Only(archives, githubtest.HTML())), cold: "503 unavailable", says: noArchive, logs: "is not a zip archive", retry: "30"},
		{name: "archive that is empty", make: next(githubtest.Only(archives, githubtest.Empty())), cold: "503 unavailable", says: noArchive, logs: "is not a zip archive", retry: "30"},
		{name: "archive that never comes", make: hang(archives), cold: "503 unavailable", says: "GitHub did not answer in time about archive of acme/hello-yard at (v1.1.0|[0-9a-f]{40})", retry: "30"},
		{name: "archive redirected in a circle", make: next(githubtest.Only(redirect, func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, r.URL.Path, http.StatusFound)
			return true
		})), cold: "503 unavailable", says: noArchive, logs: "redirected more than", retry: "30"},

		{name: "release file with a wrong digest", make: releasing(whole, own(githubtest.Asset{Data: packed, Digest: "sha256:" + strings.Repeat("0", 64)})), cold: "422 invalid", says: "release file hello-yard.zip of acme/hello-yard does not match the digest"},
		{name: "release file that is a web page", make: releasing(whole, own(githubtest.Asset{Data: []byte("<!DOCTYPE html><title>Sign in</title>")})), cold: "422 invalid", says: "release file hello-yard.zip: zip: "},
		{name: "release file that vanished", make: func(w *world, repo *githubtest.Repository) {
			releasing(whole, own(githubtest.Asset{Data: packed}))(w, repo)
			w.hub.SetFault(githubtest.Only("/releases/assets/", githubtest.Status(404)))
		}, cold: "503 unavailable", retry: "30", says: "GitHub has no release file hello-yard.zip of acme/hello-yard"},
		{name: "release file cut off on the way", make: func(w *world, repo *githubtest.Repository) {
			releasing(whole, own(githubtest.Asset{Data: packed}))(w, repo)
			w.hub.SetFault(githubtest.Only("/objects/", githubtest.Truncate(100)))
		}, cold: "503 unavailable", says: noFile, retry: "30"},
		{name: "release file of another size", make: func(w *world, repo *githubtest.Repository) {
			releasing(whole, own(githubtest.Asset{Data: packed}))(w, repo)
			w.hub.SetFault(githubtest.Only("/objects/", sending("application/zip", packed[:len(packed)-1])))
		}, cold: "422 invalid", says: "release file hello-yard.zip of acme/hello-yard has not the .* bytes that the release declares"},

		{name: "custom properties of odd types", make: properties(map[string]any{
			"wp-tested": 6.9, "wp-requires": []any{"6.2", nil, 7}, "wp-requires_php": map[string]any{"min": "8.0"}, "wp-donate_link": true,
			"wp-tags": []any{[]any{"deep"}}, "wp-license": nil, "": "nameless", "wp-": "empty", "wp-sections": "<script>alert(1)</script>",
		}), cold: "200 1.1.0"},
		{name: "custom properties that are no object", make: func(w *world, repo *githubtest.Repository) {
			properties(nil)(w, repo)
			w.hub.SetFault(nil)
		}, cold: "200 1.1.0"},
	}
}
