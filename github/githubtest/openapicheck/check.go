package main

import (
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"
)

// maxAnswer bounds an answer's body, in bytes.
const maxAnswer = 16 << 20

// request is one request and the status that it has to have.
type request struct {
	route  string // as the description names it
	path   string
	status int
	accept string
	auth   string // Authorization header
	body   string
	header string // one more header, "Name: value"
	prefix string // "/api/v3": as to an Enterprise server
}

func (r request) String() string {
	method, _, _ := strings.Cut(r.route, " ")
	s := method + " " + r.prefix + r.path
	if r.accept != "" {
		s += " as " + r.accept
	}
	return s
}

// client follows no redirect: those are answers to check.
var client = &http.Client{
	Timeout:       time.Minute,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// check sends a request and lists what differs from the description.
func check(api *description, base string, ask request) ([]string, error) {
	method, _, _ := strings.Cut(ask.route, " ")
	req, err := http.NewRequest(method, base+ask.prefix+ask.path, strings.NewReader(ask.body))
	if err != nil {
		return nil, err
	}
	for name, value := range map[string]string{"Accept": ask.accept, "Authorization": ask.auth} {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	if name, value, ok := strings.Cut(ask.header, ": "); ok {
		req.Header.Set(name, value)
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	if res.StatusCode != ask.status {
		return []string{fmt.Sprintf("status %d, expected %d: %.200s", res.StatusCode, ask.status, body)}, nil
	}
	mediaType := ""
	if len(body) > 0 {
		if mediaType, _, err = mime.ParseMediaType(res.Header.Get("Content-Type")); err != nil {
			return []string{"media type: " + err.Error()}, nil
		}
	}
	described := mediaType
	if ask.accept == "application/vnd.github.object" {
		described = ask.accept // described as its own type, sent as JSON
	}
	if mediaType == "application/vnd.github.raw" {
		return nil, nil // a file as it is; the description has no such answer
	}
	pointer, err := api.response(ask.route, res.StatusCode, described)
	if err != nil {
		return []string{err.Error()}, nil
	}
	found := checkHeaders(res)
	if pointer == "" || mediaType != "application/json" {
		return found, nil
	}
	differences, err := api.validate(pointer, body)
	return append(found, differences...), err
}

// checkHeaders looks for what every answer of the API has, which the
// description mostly leaves to GitHub's prose.
func checkHeaders(res *http.Response) []string {
	var found []string
	needed := []string{"X-Github-Request-Id", "X-Github-Media-Type"}
	if res.StatusCode != http.StatusUnauthorized {
		needed = append(needed, "X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset")
	}
	switch res.StatusCode {
	case http.StatusOK, http.StatusNotModified:
		needed = append(needed, "Etag")
	case http.StatusFound, http.StatusMovedPermanently:
		needed = append(needed, "Location")
	}
	for _, name := range needed {
		if res.Header.Get(name) == "" {
			found = append(found, "header "+name+" is missing")
		}
	}
	return found
}
