package github_test

import (
	"context"
	"fmt"
	"io/fs"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pluginyard/pluginyard/github"
	"github.com/pluginyard/pluginyard/github/githubtest"
	"github.com/pluginyard/pluginyard/registry"
)

// emulator is GitHub with a public and a private repository of the same
// content.
type emulator struct {
	*githubtest.GitHub
	url    string
	public *githubtest.Repository
	v1, v2 string // commits
	latest int64  // a release's id
	draft  int64
}

func newEmulator(t testing.TB) *emulator {
	e := &emulator{GitHub: githubtest.New()}
	e.RequireToken(secret)
	files := func(version string) fs.FS {
		return fstest.MapFS{
			"hello-yard.php":           {Data: []byte("<?php // " + version)},
			"inc/data.json":            {Data: []byte(`{"a":1}`)},
			".wordpress-org/icon.svg":  {Data: []byte("<svg/>")},
			".wordpress-org/sub/x.txt": {Data: []byte("x")},
			".gitattributes":           {Data: []byte("/.wordpress-org export-ignore\n")},
		}
	}
	for _, r := range []githubtest.Repo{
		{Owner: "acme", Name: "secret", Private: true},
		{Owner: "acme", Name: "hello-yard", Description: "Greets.", License: "GPL-2.0", Topics: []string{"wordpress-plugin"}, Created: day,
			Properties: map[string]any{"wp-requires": "6.2", "wp-tags": []string{"a", "b"}, "wp-tested": nil}},
	} {
		repo := e.AddRepo(r)
		e.v1 = repo.Commit("main", "One", files("1"), day)
		repo.Tag("v1.0.0", e.v1)
		repo.Tag("hello-yard/1.0.0", e.v1)
		e.v2 = repo.Commit("main", "Two", files("2"), day.AddDate(0, 0, 1))
		repo.Tag("v1.1.0", e.v2)
		repo.Tag("v2.0.0-beta", e.v2)
		repo.Tag("v2.0.0", e.v2)
		repo.Commit("feature/x", "Three", files("3"), day.AddDate(0, 0, 2))
		repo.Release(githubtest.Release{Tag: "v1.0.0", Name: "One", Body: "First.", Published: day})
		e.latest = repo.Release(githubtest.Release{Tag: "v1.1.0", Published: day.AddDate(0, 0, 1), Assets: []githubtest.Asset{
			{Name: "hello-yard.zip", Data: []byte("PK the installer")},
			{Name: "old.zip", Data: []byte("PK old"), NoDigest: true},
			{Name: "false.zip", Data: []byte("PK false"), Digest: "sha256:" + strings.Repeat("0", 64)},
		}})
		repo.Release(githubtest.Release{Tag: "v2.0.0-beta", Prerelease: true, Published: day.AddDate(0, 0, 2)})
		e.draft = repo.Release(githubtest.Release{Tag: "v2.0.0", Draft: true, Published: day.AddDate(0, 0, 3)})
		e.public = repo
	}
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	e.url = server.URL
	return e
}

func (e *emulator) client(t testing.TB, change func(*github.Config)) *github.Client {
	t.Helper()
	cfg := github.Config{APIURL: e.url, Token: secret,
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }}
	if change != nil {
		change(&cfg)
	}
	c, err := github.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// sent lists the requests since the last call, each as "status path".
func (e *emulator) sent() []string {
	var sent []string
	for _, r := range e.Requests() {
		sent = append(sent, fmt.Sprintf("%d %s", r.Status, r.Path))
	}
	e.ResetRequests()
	return sent
}

// store is a Cache in memory.
type store struct {
	mu sync.Mutex
	m  map[string][]byte
}

func newStore() *store { return &store{m: make(map[string][]byte)} }

func (s *store) Load(_ context.Context, name string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if data, ok := s.m[name]; ok {
		return data, nil
	}
	return nil, registry.ErrNotFound
}

func (s *store) Save(_ context.Context, name string, data []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.m[name] = data
	return nil
}
