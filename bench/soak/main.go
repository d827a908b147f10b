// Command soak asks a registry for everything, for long, and looks at what it
// takes of the machine meanwhile:
//
//	soak -base http://127.0.0.1:18400 -forge http://127.0.0.1:18401 -pid 4711 -form form -minutes 30
//
// Visitors ask for documents, collections, update checks, packages and pages
// of yard-00001 to yard-00100, without a pause; some read as slowly as a line
// of 16 KB a second. Every few seconds ten plugins get a release, which the
// registry is told of by webhook. A request that fails ends it, and so does
// memory, or a number of descriptors, that is higher in the last third than in
// the first after the warm-up.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	plugins   = 100
	visitors  = 16
	slow      = 8                // clients that read slowly
	slowRate  = 16 << 10         // bytes a second of each
	releases  = 10               // plugins that are released at once
	releasing = 10 * time.Second // between two such
)

// soak is one run.
type soak struct {
	base, forge string
	form        string
	client      *http.Client
	answers     atomic.Int64
	released    atomic.Int64
}

func main() {
	base := flag.String("base", "http://127.0.0.1:18400", "address of the registry")
	forge := flag.String("forge", "http://127.0.0.1:18401", "address of the emulated GitHub")
	pid := flag.Int("pid", 0, "process of the registry")
	form := flag.String("form", "", "file with the body of an update check")
	metrics := flag.String("metrics", "", "address of its metrics, for heap and goroutines")
	minutes := flag.Float64("minutes", 30, "how long")
	every := flag.Duration("every", 30*time.Second, "how often it is looked at")
	flag.Parse()
	body, err := os.ReadFile(*form)
	if err != nil {
		log.Fatal(err)
	}
	s := &soak{base: *base, forge: *forge, form: string(body), client: &http.Client{
		Timeout:   time.Minute,
		Transport: &http.Transport{MaxIdleConnsPerHost: visitors, DisableCompression: true},
	}}
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(*minutes*float64(time.Minute)))
	defer cancel()
	samples, err := s.run(ctx, &process{*pid, *metrics}, *every)
	show(os.Stdout, samples)
	if err != nil {
		log.Fatal(err)
	}
	if err := flat(samples); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("\n%d requests answered, none failed; %d releases rebuilt.\n", s.answers.Load(), s.released.Load())
}

// run asks until the context ends.
func (s *soak) run(ctx context.Context, p *process, every time.Duration) ([]sample, error) {
	group, ctx := errgroup.WithContext(ctx)
	for i := range visitors {
		group.Go(func() error { return s.visit(ctx, i) })
	}
	for i := range slow {
		group.Go(func() error { return s.dawdle(ctx, i) })
	}
	group.Go(func() error { return s.release(ctx) })
	var mu sync.Mutex
	var samples []sample
	group.Go(func() error {
		began := time.Now()
		for pause(ctx, every) {
			taken, err := p.look()
			if err != nil {
				return err
			}
			taken.at, taken.answers = time.Since(began), s.answers.Load()
			mu.Lock()
			samples = append(samples, taken)
			mu.Unlock()
		}
		return nil
	})
	err := group.Wait()
	return samples, err
}

// pause waits; false if there is nothing to wait for any more.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// visit asks for one thing after the other.
func (s *soak) visit(ctx context.Context, from int) error {
	for n := from; ctx.Err() == nil; n++ {
		slug := fmt.Sprintf("yard-%05d", n%plugins+1)
		for _, path := range []string{
			"/" + slug + ".json", "/release/" + slug + ".proxy", "/" + slug + "/", "/plugin_info.json?slugs=" + slug + ",yard-00001",
			"/plugins/info/1.2/?action=plugin_information&request%5Bslug%5D=" + slug, "/" + slug + ".zip", "/" + slug + ".json?channel=beta",
		} {
			if err := s.ask(ctx, http.MethodGet, path, ""); err != nil {
				return err
			}
		}
		if err := s.ask(ctx, http.MethodPost, "/plugins/update-check/1.1/", s.form); err != nil {
			return err
		}
	}
	return nil
}

// ask wants an answer that is no error, and reads it.
func (s *soak) ask(ctx context.Context, method, path, body string) error {
	r, err := http.NewRequestWithContext(ctx, method, s.base+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Accept-Encoding", "gzip")
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	answer, err := s.client.Do(r)
	if err == nil {
		defer answer.Body.Close()
		_, err = io.Copy(io.Discard, answer.Body)
		if answer.StatusCode >= http.StatusBadRequest {
			err = fmt.Errorf("%s: %s", path, answer.Status)
		}
	}
	if ctx.Err() != nil {
		return nil // it was cut off by the end
	}
	if err == nil {
		s.answers.Add(1)
	}
	return err
}

// dawdle downloads over a slow line, again and again.
func (s *soak) dawdle(ctx context.Context, n int) error {
	for ; ctx.Err() == nil; n += slow {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("%s/release/yard-%05d.proxy", s.base, n%plugins+1), nil)
		if err != nil {
			return err
		}
		answer, err := s.client.Do(r)
		if err != nil {
			return ended(ctx, err)
		}
		for err == nil && pause(ctx, time.Second) {
			_, err = io.CopyN(io.Discard, answer.Body, slowRate)
		}
		answer.Body.Close()
		if err != nil && err != io.EOF {
			return ended(ctx, err)
		}
		s.answers.Add(1)
	}
	return nil
}

// ended is an error unless it is that of the end.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// release gives plugins their next releases.
func (s *soak) release(ctx context.Context) error {
	for from := 1; pause(ctx, releasing); from = from%plugins + releases {
		answer, err := s.client.Get(fmt.Sprintf("%s/_release?from=%d&to=%d", s.forge, from, from+releases-1))
		if err != nil {
			return err
		}
		answer.Body.Close()
		s.released.Add(releases)
	}
	return nil
}
