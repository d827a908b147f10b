// Command site is a crowd of WordPress sites that check for updates:
//
//	site -form 50,20 >form
//	site -sites 50 -for 5s -post form http://127.0.0.1:18400/plugins/update-check/1.1/
//
// Each site asks again as soon as it was answered, over a new connection, as
// a site does that asks twice a day. It tells how long the answers took, at
// the median and for all but one in a hundred or a thousand. Of several
// addresses it asks one after the other.
//
// With -every each site asks that often, late or not, and an answer's time
// counts from when it was due. An interrupt ends it early. A request that fails
// ends it too, and is an error; with -lenient it is counted.
//
// -form writes the body of an update check: how many plugins the site has, and
// how many of them are the registry's, yard-00001 and on.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"time"
)

func main() {
	form := flag.String("form", "", "write the body of a check of so many plugins, so many of them ours: 50,20")
	base := flag.String("base", "http://127.0.0.1:18400", "address of the registry, for the Update URI")
	sites := flag.Int("sites", 50, "how many ask at once")
	period := flag.Duration("for", 5*time.Second, "how long they ask")
	post := flag.String("post", "", "file with the body; the request is a GET without")
	accept := flag.String("accept", "", "Accept-Encoding of the requests")
	keep := flag.Bool("keep", false, "whether each site keeps its connection")
	every := flag.Duration("every", 0, "how often each site asks; 0 is as soon as it was answered")
	lenient := flag.Bool("lenient", false, "count requests that fail, and go on")
	match := flag.String("match", "", "If-None-Match of the requests")
	flag.Parse()
	if *form != "" {
		if err := writeForm(*form, *base); err != nil {
			log.Fatal(err)
		}
		return
	}
	c := crowd{sites: *sites, period: *period, every: *every, keep: *keep, lenient: *lenient, post: *post, accept: *accept, match: *match, addresses: flag.Args()}
	if err := c.run(); err != nil {
		log.Fatal(err)
	}
}

// writeForm writes the form of plugins/update-check/1.1.
func writeForm(counts, base string) error {
	var all, ours int
	if _, err := fmt.Sscanf(counts, "%d,%d", &all, &ours); err != nil {
		return fmt.Errorf("-form %s: want two numbers with a comma between: %w", counts, err)
	}
	plugins := map[string]any{}
	for i := range all {
		slug, uri := fmt.Sprintf("somebody-else-%d", i), ""
		if i < ours {
			slug = fmt.Sprintf("yard-%05d", i+1)
			uri = base + "/" + slug + ".json"
		}
		plugins[slug+"/"+slug+".php"] = map[string]any{
			"Name": slug, "PluginURI": "https://example.com/" + slug, "Version": "1.0.18", "Description": "One of many.",
			"Author": "Acme", "AuthorURI": "https://example.com", "TextDomain": slug, "DomainPath": "/languages", "Network": false,
			"RequiresWP": "6.0", "RequiresPHP": "7.4", "UpdateURI": uri, "RequiresPlugins": "", "Title": slug, "AuthorName": "Acme",
		}
	}
	list, err := json.Marshal(map[string]any{"plugins": plugins, "active": []string{}})
	if err != nil {
		return err
	}
	fmt.Print(url.Values{"plugins": {string(list)}, "translations": {"[]"}, "locale": {`["en_US"]`}, "all": {"true"}}.Encode())
	return nil
}

// crowd is what the sites have in common.
type crowd struct {
	sites         int
	period, every time.Duration
	keep, lenient bool
	post          string
	accept, match string
	addresses     []string
}

func (c *crowd) run() error {
	method, body := http.MethodGet, ""
	if c.post != "" {
		data, err := os.ReadFile(c.post)
		if err != nil {
			return err
		}
		method, body = http.MethodPost, string(data)
	}
	client := &http.Client{Transport: &http.Transport{DisableCompression: true, DisableKeepAlives: !c.keep, MaxIdleConnsPerHost: c.sites}}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, c.period)
	defer cancel()
	var (
		mu    sync.Mutex
		took  []time.Duration
		lost  int
		fault error
		size  int64
		sites sync.WaitGroup
	)
	begin := time.Now()
	for i := range c.sites {
		sites.Go(func() {
			var mine []time.Duration
			var read int64
			var err error
			failed := 0
			due := time.Now().Add(c.every * time.Duration(i) / time.Duration(c.sites))
			for n := i; err == nil && c.await(ctx, due); n++ {
				if c.every == 0 {
					due = time.Now()
				}
				read, err = check(client, method, c.addresses[n%len(c.addresses)], body, c.accept, c.match)
				if err == nil {
					mine = append(mine, time.Since(due))
				} else if c.lenient {
					failed, err = failed+1, nil
				}
				due = due.Add(c.every)
			}
			mu.Lock()
			defer mu.Unlock()
			took, fault, size, lost = append(took, mine...), errors.Join(fault, err), max(size, read), lost+failed
		})
	}
	sites.Wait()
	if fault != nil {
		return fault
	}
	if len(took) == 0 {
		return fmt.Errorf("nothing was answered, %d requests failed", lost)
	}
	slices.Sort(took)
	at := func(part float64) float64 {
		return float64(took[int(part*float64(len(took)-1))].Microseconds()) / 1000
	}
	fmt.Printf("answers=%d per_s=%.0f p50_ms=%.2f p99_ms=%.2f p999_ms=%.2f max_ms=%.2f bytes=%d failed=%d\n",
		len(took), float64(len(took))/time.Since(begin).Seconds(), at(0.5), at(0.99), at(0.999), at(1), size, lost)
	return nil
}

// await waits until a request is due; false if there shall be no more.
func (c *crowd) await(ctx context.Context, due time.Time) bool {
	if wait := time.Until(due); wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
	}
	return ctx.Err() == nil
}

// check is one site's request, read to its end.
func check(client *http.Client, method, address, body, accept, match string) (int64, error) {
	req, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("User-Agent", "WordPress/7.1.1; https://site.example.com/")
	if body != "" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range map[string]string{"Accept-Encoding": accept, "If-None-Match": match} {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	res, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK && res.StatusCode != http.StatusNotModified {
		return 0, fmt.Errorf("%s: %s", address, res.Status)
	}
	return io.Copy(io.Discard, res.Body)
}
