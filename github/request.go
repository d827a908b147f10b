package github

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/pluginyard/pluginyard/registry"
)

// get asks for a JSON answer about a repository, conditionally. T is both how
// it is decoded and all that is kept of it: what T encodes, T must decode
// again. The int is the number of the next page, 0 after the last.
func get[T any](ctx context.Context, c *Client, repo registry.Repo, what, path string) (*T, int, error) {
	credential, err := c.credential(ctx, repo)
	if err != nil {
		return nil, 0, err
	}
	return getAs[T](ctx, c, credential, what, path)
}

// getAs is get with a credential that is known.
func getAs[T any](ctx context.Context, c *Client, credential credential, what, path string) (*T, int, error) {
	reduce := func(body []byte) ([]byte, error) {
		var v T
		if err := json.Unmarshal(body, &v); err != nil {
			return nil, err
		}
		return json.Marshal(&v)
	}
	v := new(T)
	next, err := c.do(ctx, call{credential: credential, reduce: reduce}, what, http.MethodGet, path, nil, v)
	if err != nil {
		return nil, 0, err
	}
	return v, next, nil
}

// send asks for a JSON answer that is not kept.
func (c *Client) send(ctx context.Context, credential credential, what, method, path string, body, v any) (int, error) {
	return c.do(ctx, call{credential: credential}, what, method, path, body, v)
}

func (c *Client) do(ctx context.Context, call call, what, method, path string, body, v any) (next int, err error) {
	req, err := c.api.NewRequest(method, path, body)
	if err != nil {
		return 0, invalid(fmt.Sprintf("%s cannot be asked for", what), nil)
	}
	resp, err := c.api.Do(withCall(ctx, call), req, v)
	switch {
	case err == nil:
		return resp.NextPage, nil
	case resp != nil && resp.Response != nil && (resp.StatusCode < 200 || resp.StatusCode >= 300 || resp.StatusCode == http.StatusAccepted):
		return 0, fail(what, newStatusError(resp.Response, err, c.now()))
	}
	return 0, fail(what, err)
}

// repoPath is the API's path of something in a repository; the elements may
// hold slashes. ok is false where no such thing can exist.
func repoPath(repo registry.Repo, kind string, elements ...string) (path string, ok bool) {
	if again, err := registry.ParseRepo(repo.String()); err != nil || again != repo {
		return "", false
	}
	path = "repos/" + repo.Owner + "/" + repo.Name
	if kind != "" {
		path += "/" + kind
	}
	for _, element := range elements {
		escaped, ok := escapePath(element)
		if !ok {
			return "", false
		}
		path += "/" + escaped
	}
	return path, true
}

// escapePath escapes a ref or a file's path for use in an address and keeps its
// slashes. ok is false for what would lead elsewhere, "../installation", and
// for what git allows no name to be.
func escapePath(s string) (escaped string, ok bool) {
	if len(s) > maxPathBytes || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return "", false
	}
	elements := strings.Split(s, "/")
	for i, element := range elements {
		if element == "" || element == "." || element == ".." {
			return "", false
		}
		elements[i] = url.PathEscape(element)
	}
	return strings.Join(elements, "/"), true
}

// maxPathBytes is how long a ref or a path may be: Linux's own limit.
const maxPathBytes = 4096

// noSuch is the error for what cannot exist, found without asking.
func noSuch(what string) error {
	return &registry.Error{Kind: registry.ErrNotFound, Message: "GitHub has no " + what}
}
