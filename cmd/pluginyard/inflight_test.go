package main

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pluginyard/pluginyard/github/githubtest"
)

// bigBytes is more than the kernel takes for a client that doesn't read.
const bigBytes = 32 << 20

// bigPlugin is a GitHub with one plugin whose release has a large zip.
func bigPlugin(t testing.TB) *githubtest.GitHub {
	t.Helper()
	const header = "<?php\n/*\n * Plugin Name: Big Barn\n * Version: 1.0.0\n */\n"
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, file := range []struct {
		name string
		r    io.Reader
	}{
		{"big-barn/big-barn.php", strings.NewReader(header)},
		{"big-barn/hay.bin", io.LimitReader(rand.NewChaCha8([32]byte{}), bigBytes)},
	} {
		f, err := w.CreateHeader(&zip.FileHeader{Name: file.name, Method: zip.Store})
		if err == nil {
			_, err = io.Copy(f, file.r)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	when := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	hub := githubtest.New()
	repo := hub.AddRepo(githubtest.Repo{Owner: "acme", Name: "big-barn"})
	repo.Tag("v1.0.0", repo.Commit("main", "Build the barn", fstest.MapFS{"big-barn.php": {Data: []byte(header)}}, when))
	repo.Release(githubtest.Release{
		Tag: "v1.0.0", Published: when,
		Assets: []githubtest.Asset{{Name: "big-barn-1.0.0.zip", Data: b.Bytes()}},
	})
	return hub
}

// The whole program: a client that reads slowly gets all of its download
// though the program was told to stop meanwhile.
func TestServeFinishesDownloadsBeforeItEnds(t *testing.T) {
	hub := httptest.NewServer(bigPlugin(t))
	defer hub.Close()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out := watched{more: make(chan struct{}, 1)}
	var log bytes.Buffer
	code := make(chan int, 1)
	go func() {
		args := []string{"serve", "--repo", "acme/big-barn", "--listen", "127.0.0.1:0", "--data", t.TempDir(), "--github-api-url", hub.URL}
		code <- run(ctx, args, strings.NewReader(""), &out, &log, nil)
	}()
	for listening.FindString(out.String()) == "" {
		select {
		case <-out.more:
		case got := <-code:
			t.Fatalf("ended with %d: %s", got, log.String())
		}
	}
	base := listening.FindStringSubmatch(out.String())[1]
	answer, err := http.Get(base + "/release/big-barn.proxy")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	stop()
	for {
		conn, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
		if err != nil {
			break // it accepts nothing more
		}
		conn.Close()
	}
	n, err := io.Copy(io.Discard, answer.Body)
	if err != nil || n != answer.ContentLength || n < bigBytes {
		t.Errorf("got %d of %d bytes: %v", n, answer.ContentLength, err)
	}
	if got := <-code; got != exitOK {
		t.Errorf("exit code %d: %s", got, log.String())
	}
}
