// Command webhook emulates a GitHub whose one plugin changes, tells a registry
// of it by webhook, and measures how long that takes to be served:
//
//	webhook -listen 127.0.0.1:18401 -url http://127.0.0.1:18400 -secret hush -latency 200ms
//
// For pushes and for releases it prints the median times, in milliseconds, from
// when the webhook is sent until it is answered, until the new version is
// served, how much of that a request was at GitHub, and what is left.
package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/pluginyard/pluginyard/bench/sample"
	"github.com/pluginyard/pluginyard/github/githubtest"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:18401", "address of the emulated GitHub")
	base := flag.String("url", "http://127.0.0.1:18400", "address of the registry")
	secret := flag.String("secret", "hush", "what webhooks are signed with")
	latency := flag.Duration("latency", 0, "how long each answer of GitHub is delayed")
	n := flag.Int("n", 10, "how many changes of each kind")
	flag.Parse()
	if err := run(*listen, *base, *secret, *latency, *n); err != nil {
		log.Fatal(err)
	}
}

// yard is the plugin, the GitHub it lies at, and the registry that serves it.
type yard struct {
	repo         *githubtest.Repository
	base, secret string
	version      int

	mu      sync.Mutex
	waiting int // requests that are at GitHub
	since   time.Time
	busy    time.Duration // for how long any was
}

func run(listen, base, secret string, latency time.Duration, n int) error {
	hub := githubtest.New()
	hub.Limit(1<<40, time.Now().AddDate(1, 0, 0))
	y := &yard{base: base, secret: secret}
	y.repo = hub.AddRepo(githubtest.Repo{Owner: "acme", Name: "small-yard", License: "GPL-2.0", Created: time.Now()})
	tag, sha := y.commit("main")
	y.repo.Tag(tag, sha)
	y.repo.Release(githubtest.Release{Tag: tag})
	go func() { log.Fatal(http.ListenAndServe(listen, y.watch(hub))) }()
	for _, path := range []string{"/small-yard.json", "/branch/small-yard.json"} {
		if err := y.await(path, tag[1:]); err != nil {
			return err
		}
	}
	hub.Latency(latency)
	for _, kind := range []struct {
		name, path string
		change     func()
	}{
		{"push", "/branch/small-yard.json", func() { y.commit("main") }},
		{"release", "/small-yard.json", func() { y.repo.Release(githubtest.Release{Tag: y.tag()}) }},
	} {
		var times [4][]float64
		for range n {
			if kind.name == "release" {
				tag, sha := y.commit("next")
				y.repo.Tag(tag, sha)
			}
			y.rest(latency)
			var told githubtest.Delivery
			hub.OnChange(func(d githubtest.Delivery) { told = d })
			kind.change()
			hub.OnChange(nil)
			measured, err := y.measure(told, kind.path)
			if err != nil {
				return err
			}
			for i, took := range measured {
				times[i] = append(times[i], float64(took.Microseconds())/1000)
			}
		}
		for i, what := range []string{"answered", "served", "github", "ours"} {
			slices.Sort(times[i])
			fmt.Printf("%s_%s_ms=%.1f ", kind.name, what, times[i][n/2])
		}
		fmt.Printf("%s_most_ms=%.1f\n", kind.name, times[3][n-1])
	}
	return nil
}

func (y *yard) tag() string { return fmt.Sprintf("v1.0.%d", y.version) }

// commit makes the next version the head of a branch.
func (y *yard) commit(branch string) (tag, sha string) {
	y.version++
	p := sample.Plugin{Slug: "small-yard", Version: y.tag()[1:], Base: y.base, Readme: 13_200, Code: 130_000, Icon: true}
	return y.tag(), y.repo.Commit(branch, y.tag(), p.Files(), time.Now())
}

// watch sums up for how long GitHub was asked anything.
func (y *yard) watch(next http.Handler) http.Handler {
	count := func(by int) {
		y.mu.Lock()
		defer y.mu.Unlock()
		if y.waiting == 0 {
			y.since = time.Now()
		}
		if y.waiting += by; y.waiting == 0 {
			y.busy += time.Since(y.since)
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		count(1)
		defer count(-1)
		next.ServeHTTP(w, r)
	})
}

// rest waits until the registry asks GitHub nothing any more: a check goes on
// after what it found first is served.
func (y *yard) rest(latency time.Duration) {
	for quiet := time.Now(); time.Since(quiet) < latency+100*time.Millisecond; time.Sleep(time.Millisecond) {
		y.mu.Lock()
		if y.waiting > 0 {
			quiet = time.Now()
		}
		y.mu.Unlock()
	}
}

// measure delivers a webhook and waits until what it tells of is served. The
// times are until it was answered, until that, of GitHub, and of the registry.
func (y *yard) measure(d githubtest.Delivery, path string) ([4]time.Duration, error) {
	var times [4]time.Duration
	sum := hmac.New(sha256.New, []byte(y.secret))
	sum.Write(d.Payload)
	request, err := http.NewRequest(http.MethodPost, y.base+"/webhooks/github", bytes.NewReader(d.Payload))
	if err != nil {
		return times, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-GitHub-Event", d.Event)
	request.Header.Set("X-GitHub-Delivery", rand.Text())
	request.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(sum.Sum(nil)))
	y.mu.Lock()
	y.busy = 0
	y.mu.Unlock()
	start := time.Now()
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return times, err
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusAccepted {
		return times, fmt.Errorf("the webhook was answered %s", answer.Status)
	}
	times[0] = time.Since(start)
	if err := y.await(path, y.tag()[1:]); err != nil {
		return times, err
	}
	times[1] = time.Since(start)
	y.mu.Lock()
	times[2] = y.busy
	y.mu.Unlock()
	times[3] = times[1] - times[2]
	return times, nil
}

// await asks until a version is served.
func (y *yard) await(path, version string) error {
	want := []byte(`"version":"` + version + `"`)
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
		answer, err := http.Get(y.base + path)
		if err != nil {
			continue // it is not up yet
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err == nil && bytes.Contains(body, want) {
			return nil
		}
	}
	return fmt.Errorf("%s does not serve %s within a minute", path, version)
}
