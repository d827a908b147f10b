// Command forge emulates a GitHub whose repositories are filled while it runs.
// It prints its address, "listening on http://127.0.0.1:PORT", and answers one
// request that GitHub doesn't:
//
//	POST /_commit?repo=acme/hello-yard&dir=/some/folder
//
// makes the folder's files the content of a branch, in a repository that is
// added if there is none. Further parameters: branch (default main); tag, which
// names the commit; release=stable or prerelease, which publishes the tag; days,
// how long ago that was; notes, the release's text; topic.
//
// With -webhook it tells what changes, as GitHub would.
package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/pluginyard/pluginyard/github/githubtest"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "address to listen at")
	webhook := flag.String("webhook", "", "address that is told of changes")
	secret := flag.String("secret", "", "what webhooks are signed with")
	flag.Parse()

	hub := githubtest.New()
	hub.Limit(1<<40, time.Now().AddDate(1, 0, 0))
	if *webhook != "" {
		hub.OnChange(func(d githubtest.Delivery) { tell(*webhook, *secret, d) })
	}
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("listening on http://%s\n", listener.Addr())
	log.Fatal(http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path != "/_commit" {
			hub.ServeHTTP(w, r)
			return
		}
		if err := commit(hub, r.URL.Query()); err != nil {
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		}
	})))
}

// commit does what one request to /_commit says.
func commit(hub *githubtest.GitHub, q url.Values) error {
	owner, name, found := strings.Cut(q.Get("repo"), "/")
	dir := q.Get("dir")
	if !found || dir == "" {
		return errors.New("commit: give repo=OWNER/NAME and dir")
	}
	if _, err := os.ReadDir(dir); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	days, err := strconv.Atoi("0" + q.Get("days"))
	if err != nil {
		return fmt.Errorf("commit: days: %w", err)
	}
	when := time.Now().AddDate(0, 0, -days)
	repo := hub.Repository(owner, name)
	if repo == nil {
		repo = hub.AddRepo(githubtest.Repo{
			Owner: owner, Name: name, License: "GPL-2.0", Description: "A sample",
			Topics: []string{q.Get("topic")}, Created: when,
		})
	}
	branch, tag := q.Get("branch"), q.Get("tag")
	if branch == "" {
		branch = "main"
	}
	sha := repo.Commit(branch, "Work on "+branch+tag, os.DirFS(dir), when)
	if tag == "" {
		return nil
	}
	repo.Tag(tag, sha)
	if kind := q.Get("release"); kind != "" {
		repo.Release(githubtest.Release{
			Tag: tag, Name: tag, Body: q.Get("notes"), Prerelease: kind == "prerelease", Published: when,
		})
	}
	return nil
}

// tell delivers one webhook and waits for the answer, so that a commit's
// request ends when the registry knows of it.
func tell(address, secret string, d githubtest.Delivery) {
	request, err := http.NewRequest(http.MethodPost, address, bytes.NewReader(d.Payload))
	if err != nil {
		log.Print(err)
		return
	}
	sum := hmac.New(sha256.New, []byte(secret))
	sum.Write(d.Payload)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-GitHub-Event", d.Event)
	request.Header.Set("X-GitHub-Delivery", d.GUID)
	request.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(sum.Sum(nil)))
	client := http.Client{Timeout: 10 * time.Second} // GitHub's own patience
	answer, err := client.Do(request)
	if err != nil {
		log.Print(err)
		return
	}
	answer.Body.Close()
}
