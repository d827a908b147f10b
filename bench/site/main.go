// Command site is a crowd of WordPress sites that check for updates:
//
//	site -form 50,20 >form
//	site -sites 50 -for 5s -post form http://127.0.0.1:18400/plugins/update-check/1.1/
//
// Each site asks again as soon as it was answered, over a new connection, as
// a site does that asks twice a day. It tells how long the answers took, at
// the median and for all but one in a hundred.
//
// -form writes the body of an update check: how many plugins the site has, and
// how many of them are the registry's, yard-00001 and on.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
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
	match := flag.String("match", "", "If-None-Match of the requests")
	flag.Parse()
	if *form != "" {
		if err := writeForm(*form, *base); err != nil {
			log.Fatal(err)
		}
		return
	}
	if err := run(*sites, *period, *post, *accept, *match, flag.Arg(0)); err != nil {
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

func run(sites int, period time.Duration, post, accept, match, address string) error {
	method, body := http.MethodGet, ""
	if post != "" {
		data, err := os.ReadFile(post)
		if err != nil {
			return err
		}
		method, body = http.MethodPost, string(data)
	}
	client := &http.Client{Transport: &http.Transport{DisableCompression: true, DisableKeepAlives: true}}
	var (
		mu    sync.Mutex
		took  []time.Duration
		fault error
		size  int64
		crowd sync.WaitGroup
	)
	end := time.Now().Add(period)
	for range sites {
		crowd.Go(func() {
			var mine []time.Duration
			var read int64
			var err error
			for err == nil && time.Now().Before(end) {
				start := time.Now()
				read, err = check(client, method, address, body, accept, match)
				mine = append(mine, time.Since(start))
			}
			mu.Lock()
			defer mu.Unlock()
			took, fault, size = append(took, mine...), errors.Join(fault, err), read
		})
	}
	crowd.Wait()
	if fault != nil {
		return fault
	}
	slices.Sort(took)
	at := func(part float64) float64 {
		return float64(took[int(part*float64(len(took)-1))].Microseconds()) / 1000
	}
	fmt.Printf("answers=%d per_s=%.0f p50_ms=%.2f p99_ms=%.2f max_ms=%.2f bytes=%d\n",
		len(took), float64(len(took))/period.Seconds(), at(0.5), at(0.99), at(1), size)
	return nil
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
