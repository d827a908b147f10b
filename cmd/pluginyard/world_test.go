package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pluginyard/pluginyard/github"
	"github.com/pluginyard/pluginyard/github/githubtest"
	"github.com/pluginyard/pluginyard/registry"
	"github.com/pluginyard/pluginyard/registry/httpapi"
	"github.com/pluginyard/pluginyard/registry/store"
	"github.com/pluginyard/pluginyard/registry/store/s3test"
)

// world is all the real parts together: an emulated GitHub, its client, the
// store in a directory, the registry, its HTTP surface, and a visitor. Only
// the clock is not real, and nobody waits between two tries.
type world struct {
	testing.TB
	*visitor
	hub     *githubtest.GitHub
	api     *httptest.Server
	front   atomic.Pointer[http.Handler] // of the GitHub
	entered atomic.Pointer[func()]       // called for each request of a visitor
	data    string
	clock   clock
	log     *journal
	plugins []registry.Plugin
	owners  []registry.Owner
	work    httpapi.Rate                      // of one client; the zero value is no bound
	builds  int                               // at once; 0 is the default
	queue   int                               // that wait for one of those; 0 is the default
	hanging atomic.Pointer[string]            // requests with this in their path are given up at once
	wire    atomic.Pointer[http.RoundTripper] // the way to GitHub, if it is not the usual one
	disk    *faultyStore                      // stands before the store; nil is none
	bucket  *s3test.S3                        // in which the store is; nil is the directory
	service *registry.Service                 // that was started last
	inside  atomic.Int64                      // requests of visitors that are being answered
	slow    atomic.Int64                      // answers of GitHub that took their time
	served  atomic.Int64                      // of a crowd
	crowd   func()                            // waits for a crowd that a fault made; nil is none
	newest  int64                             // the release that a fault takes away
	stop    func()
}

// clock is the real time, put forward, or back, at will.
type clock struct{ ahead, back atomic.Int64 }

func (c *clock) now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

func (c *clock) advance(d time.Duration) {
	c.ahead.Add(int64(d))
	c.back.Add(int64(max(-d, 0)))
}

// newWorld makes a world of which nothing runs but GitHub.
func newWorld(t testing.TB, plugins ...registry.Plugin) *world {
	w := &world{TB: t, visitor: newVisitor(), hub: githubtest.New(), data: t.TempDir(), log: newJournal(), plugins: plugins, stop: func() {}}
	w.hub.RequireToken(plantedToken)
	w.hub.Clock(w.clock.now)
	w.before(func(hub http.Handler) http.Handler { return hub })
	w.onEntry(func() {})
	w.api = httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		(*w.front.Load()).ServeHTTP(out, r)
	}))
	t.Cleanup(func() {
		w.stop()
		w.client.CloseIdleConnections()
		w.api.Close()
		if secret := plantedIn(w.log.String()); secret != "" {
			t.Errorf("the log holds the %s", secret)
		}
		noSecretIn(t, w.data)
		if t.Failed() {
			t.Logf("the log:\n%s", w.log)
		}
	})
	return w
}

// start opens the registry over the world's directory, as serve does.
func (w *world) start() *registry.Service {
	w.Helper()
	log := slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	kept, err := store.Open(w.Context(), w.location())
	if err != nil {
		w.Fatal(err)
	}
	client := forgeConfig(githubConfig{APIURL: w.api.URL, Token: plantedToken}, kept, log)
	wires := &network{w: w, hurried: http.Transport{ResponseHeaderTimeout: time.Millisecond}}
	client.Transport, client.Now = wires, w.clock.now
	client.Sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	client.Random = func() float64 { return 0 }
	forge, err := github.New(client)
	if err != nil {
		w.Fatal(err)
	}
	var before registry.Store = kept
	if w.disk != nil {
		w.disk.Store = kept
		before = w.disk
	}
	service, err := registry.New(registry.Config{
		Plugins: w.plugins, Owners: w.owners, Forge: forge, Store: before, Links: registry.Links{Base: siteURL},
		Builds: w.builds, Queue: w.queue, Temp: w.TempDir(), Now: w.clock.now, Log: log,
	})
	if err != nil {
		w.Fatal(err)
	}
	if err := service.LoadOwners(w.Context()); err != nil {
		w.Fatal(err)
	}
	base, err := url.Parse(siteURL)
	if err != nil {
		w.Fatal(err)
	}
	handler, err := httpapi.New(httpapi.Config{Registry: service, Catalogue: service, Base: base, WebhookSecret: plantedSecret, Work: w.work, Questions: w.work, Now: w.clock.now, Log: log})
	if err != nil {
		w.Fatal(err)
	}
	l, err := listen(w.Context(), "127.0.0.1:0")
	if err != nil {
		w.Fatal(err)
	}
	site := &server{listener: l, limits: limitsConfig{MinRate: 1024}, grace: patience, log: log}
	site.handler = http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		w.inside.Add(1)
		defer w.inside.Add(-1)
		(*w.entered.Load())()
		handler.ServeHTTP(out, r)
	})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- site.run(ctx) }()
	w.moveTo(l.Addr().String())
	w.stop = func() {
		w.stop = func() {}
		w.client.CloseIdleConnections()
		cancel()
		if err := <-ended; err != nil {
			w.Error(err)
		}
		service.Close()
		wires.CloseIdleConnections()
		if err := kept.Close(); err != nil {
			w.Error(err)
		}
	}
	w.service = service
	return service
}

// location is where the store is.
func (w *world) location() string {
	if w.bucket == nil {
		return w.data
	}
	server := httptest.NewServer(w.bucket)
	w.Cleanup(server.Close)
	return s3test.Location(server.URL)
}

// noSecretIn wants no file beneath a folder to hold a secret.
func noSecretIn(t testing.TB, folder string) {
	t.Helper()
	files := os.DirFS(folder)
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		data, err := fs.ReadFile(files, name)
		if secret := plantedIn(string(data)); secret != "" {
			t.Errorf("%s holds the %s", name, secret)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// network is the way to GitHub. Where GitHub hangs, it loses its patience in a
// moment rather than in half a minute.
type network struct {
	w                *world
	patient, hurried http.Transport
}

func (n *network) RoundTrip(r *http.Request) (*http.Response, error) {
	if wire := n.w.wire.Load(); wire != nil {
		return (*wire).RoundTrip(r)
	}
	if part := n.w.hanging.Load(); part != nil && strings.Contains(r.URL.Path, *part) {
		return n.hurried.RoundTrip(r)
	}
	return n.patient.RoundTrip(r)
}

func (n *network) CloseIdleConnections() {
	n.patient.CloseIdleConnections()
	n.hurried.CloseIdleConnections()
}

// before puts a handler before the GitHub's own.
func (w *world) before(wrap func(hub http.Handler) http.Handler) {
	front := wrap(w.hub)
	w.front.Store(&front)
}

// onEntry has f called for each request that reaches the registry.
func (w *world) onEntry(f func()) { w.entered.Store(&f) }

// webhooks has the GitHub tell the registry of every change from now on.
func (w *world) webhooks() {
	w.hub.OnChange(webhook("http://"+*w.at.Load()+"/plugins/webhooks/github", plantedSecret, slog.New(slog.DiscardHandler)))
}

// must asks and fails the test where nothing is answered.
func (w *world) must(address string, header ...string) *page {
	w.Helper()
	answer, err := w.get(w.Context(), address, header...)
	if err != nil {
		w.Fatal(err)
	}
	return answer
}

// mustWhole wants a plugin to be whole and of that version.
func (w *world) mustWhole(slug, version string) *document {
	w.Helper()
	doc, _, err := w.whole(w.Context(), slug)
	if err != nil {
		w.Fatal(err)
	}
	if doc.Version != version {
		w.Fatalf("%s has version %s, want %s", slug, doc.Version, version)
	}
	return doc
}

// helloYard is the plugin of most tests.
var helloYard = registry.Repo{Owner: "acme", Name: "hello-yard"}

// firstRelease is when the emulated plugins had their first release; each
// further one is an hour later.
var firstRelease = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// repo adds a repository to the GitHub.
func (w *world) repo(repo registry.Repo) *githubtest.Repository {
	return w.hub.AddRepo(githubtest.Repo{
		Owner: repo.Owner, Name: repo.Name, Description: "A kind word at the gate", License: "GPL-2.0", Created: firstRelease,
	})
}

// release commits files as a version, n hours after the first, and releases it.
func release(repo *githubtest.Repository, n int, version string, files fs.FS, assets ...githubtest.Asset) (id int64) {
	when := firstRelease.Add(time.Duration(n) * time.Hour)
	repo.Tag("v"+version, repo.Commit("main", "Release "+version, files, when))
	return repo.Release(githubtest.Release{Tag: "v" + version, Name: version, Body: "Release " + version + ".", Published: when, Assets: assets})
}

// sample is a plugin's files: header, readme, images, and so many files of
// some 600 bytes that do not compress well.
func sample(slug, version string, more int) fstest.MapFS {
	name := strings.ToUpper(slug[:1]) + strings.ReplaceAll(slug[1:], "-", " ")
	files := fstest.MapFS{
		slug + ".php": file(fmt.Sprintf(`<?php
/**
 * Plugin Name: %s
 * Version: %s
 * Description: A kind word at the gate.
 * Requires at least: 6.2
 * License: GPL-2.0-or-later
 * Update URI: %s/%s.json
 */
`, name, version, siteURL, slug)),
		"readme.txt": file(fmt.Sprintf(`=== %s ===
Contributors: acme
Tags: greeting
Requires at least: 6.2
Tested up to: 6.9
Stable tag: %s
License: GPLv2 or later

A kind word at the gate.

== Description ==

Says hello.

== Screenshots ==

1. The gate

== Changelog ==

= %s =
* Release %s.
`, name, version, version, version)),
		".wordpress-org/icon-256x256.png":   picture(256, 256),
		".wordpress-org/banner-772x250.png": picture(772, 250),
		".wordpress-org/screenshot-1.png":   picture(320, 200),
	}
	random := rand.New(rand.NewPCG(1, 2))
	for i := range more {
		var text bytes.Buffer
		text.WriteString("<?php\n// ")
		for range 40 {
			fmt.Fprintf(&text, "%x", random.Uint64())
		}
		files[fmt.Sprintf("inc/part-%03d.php", i)] = &fstest.MapFile{Data: text.Bytes(), Mode: 0o644}
	}
	return files
}

// with is a copy of files with some changed; an empty text removes one.
func with(files fstest.MapFS, changes map[string]string) fstest.MapFS {
	changed := fstest.MapFS{}
	for name, f := range files {
		changed[name] = f
	}
	for name, text := range changes {
		if changed[name] = file(text); text == "" {
			delete(changed, name)
		}
	}
	return changed
}

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text), Mode: 0o644} }

func picture(width, height int) *fstest.MapFile {
	img := image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{color.White, color.RGBA{0x2a, 0x6f, 0x4e, 255}})
	for x := range width {
		img.SetColorIndex(x, x*height/width, 1)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err) // a bytes.Buffer takes every write
	}
	return &fstest.MapFile{Data: b.Bytes(), Mode: 0o644}
}

// remaining is GitHub's rate limit as it says itself, which costs nothing.
func (w *world) remaining() int {
	w.Helper()
	answer, err := http.Get(w.api.URL + "/rate_limit")
	if err != nil {
		w.Fatal(err)
	}
	defer answer.Body.Close()
	remaining, err := strconv.Atoi(answer.Header.Get("X-RateLimit-Remaining"))
	if err != nil {
		w.Fatal(err)
	}
	return remaining
}
