package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"testing/fstest"
	"time"

	"github.com/pluginyard/pluginyard/github/githubtest"
)

// The credentials of an operator, who sees everything, and of a user.
const (
	token      = "Bearer example-token"
	aliceToken = "Bearer alice-token"
)

// world is an emulator with one of everything, and what is needed to ask for it.
type world struct {
	*githubtest.GitHub
	full   *githubtest.Repository
	commit string
	latest int64
	draft  int64
}

func newWorld() *world {
	w := &world{GitHub: githubtest.New()}
	w.RequireToken("example-token")
	w.WebHost("https://github.example.com")
	day := time.Date(2025, time.March, 1, 12, 0, 0, 0, time.UTC)

	w.full = w.AddRepo(githubtest.Repo{
		Owner: "acme", Name: "before", Description: "Says hello", Homepage: "https://example.com/hello",
		License: "GPL-2.0", Topics: []string{"wordpress-plugin", "hello"}, Archived: true, Created: day,
		Properties: map[string]any{"wp-requires": "6.2", "wp-tags": []string{"a", "b"}, "wp-none": []string{}, "wp-tested": nil},
	})
	files := fstest.MapFS{
		"hello-yard.php":   {Data: []byte("<?php\n// Plugin Name: Hello Yard\n")},
		"includes/a b.php": {Data: []byte("<?php\n")},
		"bin/run.sh":       {Data: []byte("#!/bin/sh\n"), Mode: 0o755},
		"empty.txt":        {},
	}
	first := w.full.Commit("main", "One", files, day)
	files["readme.txt"] = &fstest.MapFile{Data: []byte("=== Hello Yard ===\n")}
	w.commit = w.full.Commit("main", "Two", files, day.AddDate(0, 0, 1))
	w.full.Commit("feature/x", "Three", files, day.AddDate(0, 0, 2))
	w.full.Tag("v1.0.0", first)
	w.full.Tag("hello-yard/v1.1.0", w.commit)
	w.full.Release(githubtest.Release{Tag: "v1.0.0", Name: "One", Body: "- First"})
	w.latest = w.full.Release(githubtest.Release{Tag: "hello-yard/v1.1.0", Assets: []githubtest.Asset{
		{Name: "hello yard.zip", Data: []byte("PK")},
		{Name: "old.zip", Data: []byte("PK"), NoDigest: true},
		{Name: "notes.txt", Type: "text/plain", Data: []byte("notes")},
	}})
	w.draft = w.full.Release(githubtest.Release{Tag: "v2.0.0", Draft: true, Published: day})
	w.full.Set(func(r *githubtest.Repo) { r.Name = "hello-yard" })

	w.AddRepo(githubtest.Repo{Owner: "acme", Name: "empty"})
	w.AddRepo(githubtest.Repo{Owner: "acme", Name: "other", License: "NOASSERTION"}).Commit("main", "", files, day)
	w.AddRepo(githubtest.Repo{Owner: "acme", Name: "secret", Private: true}).Commit("main", "One", files, day)
	w.AddUser("alice")
	w.AddToken("alice-token", "alice")
	w.AddRepo(githubtest.Repo{Owner: "alice", Name: "own", Private: true}).Commit("main", "One", files, day)
	return w
}

// appToken is a JSON web token of a GitHub App that the emulator takes for good.
func appToken() string {
	now := time.Now().Unix()
	encode := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	claims := fmt.Sprintf(`{"iat":%d,"exp":%d,"iss":"1"}`, now-60, now+300)
	return "Bearer " + encode(`{"alg":"RS256","typ":"JWT"}`) + "." + encode(claims) + "." + encode("signature")
}

// fetch asks the emulator for something that further requests need.
func (w *world) fetch(method, path, auth string, into any) error {
	req := httptest.NewRequest(method, path, nil)
	req.Header.Set("Authorization", auth)
	res := httptest.NewRecorder()
	w.ServeHTTP(res, req)
	if err := json.Unmarshal(res.Body.Bytes(), into); err != nil {
		return fmt.Errorf("%s %s: status %d: %w", method, path, res.Code, err)
	}
	return nil
}

// assetID is the id of a file of the latest release.
func (w *world) assetID() (string, error) {
	var release struct {
		Assets []struct {
			ID int64 `json:"id"`
		} `json:"assets"`
	}
	err := w.fetch("GET", "/repos/acme/hello-yard/releases/latest", token, &release)
	if err != nil || len(release.Assets) == 0 {
		return "", fmt.Errorf("find a file of the latest release: %w", err)
	}
	return fmt.Sprint(release.Assets[0].ID), nil
}

// installation is the id of the App's installation at the owner, and a token
// of it.
func (w *world) installation() (id, secret string, err error) {
	var found struct {
		ID int64 `json:"id"`
	}
	if err := w.fetch("GET", "/repos/acme/hello-yard/installation", appToken(), &found); err != nil {
		return "", "", err
	}
	var issued struct {
		Token string `json:"token"`
	}
	id = fmt.Sprint(found.ID)
	err = w.fetch("POST", "/app/installations/"+id+"/access_tokens", appToken(), &issued)
	return id, "Bearer " + issued.Token, err
}
