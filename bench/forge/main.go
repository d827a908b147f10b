// Command forge emulates a GitHub with the plugins that are measured:
//
//	acme/small-yard   an installer of about 50 KB, a document of about 17.7 KB
//	acme/plain-yard   the same without an icon, so that GitHub is asked for one
//	acme/large-yard   an installer of so many MiB, with -large
//	acme/yard-00001…  as many as -plugins says, with twenty releases each
//
// It answers three requests that GitHub doesn't: /_counts, how many requests
// and archives it was asked for since the last /_reset, and
// /_release?from=1&to=100, which gives yard-00001 to yard-00100 their next
// release, in place of their oldest, and tells -webhook of it.
package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pluginyard/pluginyard/bench/sample"
	"github.com/pluginyard/pluginyard/github/githubtest"
)

// releases is how many each of the many plugins has.
const releases = 20

func main() {
	listen := flag.String("listen", "127.0.0.1:18401", "address to listen at")
	base := flag.String("base", "http://127.0.0.1:18400", "address of the registry, for the Update URI")
	plugins := flag.Int("plugins", 0, "how many plugins yard-00001 and on there are")
	large := flag.Int("large", 0, "MiB of a large plugin; 0 is none")
	code := flag.Int("code", 2_000, "bytes of PHP in each of the many")
	hook := flag.String("webhook", "", "address that is told of each release")
	secret := flag.String("secret", "", "what webhooks are signed with")
	latency := flag.Duration("latency", 0, "how long each answer is delayed")
	flag.Parse()

	hub := githubtest.New()
	hub.Limit(1<<40, time.Now().AddDate(1, 0, 0))
	hub.Latency(*latency)
	add(hub, sample.Plugin{Slug: "small-yard", Version: "1.0.19", Base: *base, Readme: 13_200, Code: 130_000, Icon: true})
	add(hub, sample.Plugin{Slug: "plain-yard", Version: "1.0.19", Base: *base, Readme: 13_200, Code: 130_000})
	if *large > 0 {
		add(hub, sample.Plugin{Slug: "large-yard", Version: "1.0.19", Base: *base, Readme: 3_000, Images: *large})
	}
	var yards []*yard
	for i := range *plugins {
		yards = append(yards, add(hub, sample.Plugin{Slug: fmt.Sprintf("yard-%05d", i+1), Version: "1.0.19", Base: *base, Readme: 13_300, Code: *code}))
	}
	if *hook != "" {
		hub.OnChange(deliver(*hook, *secret))
	}
	var publishing sync.Mutex
	log.Fatal(http.ListenAndServe(*listen, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/_counts":
			counts(w, hub.Requests())
		case "/_release":
			publishing.Lock()
			defer publishing.Unlock()
			from, _ := strconv.Atoi(r.FormValue("from"))
			to, _ := strconv.Atoi(r.FormValue("to"))
			for i := max(from, 1); i <= min(to, len(yards)); i++ {
				fmt.Fprintln(w, yards[i-1].release())
			}
		case "/_reset":
			hub.ResetRequests()
		default:
			hub.ServeHTTP(w, r)
		}
	})))
}

// yard is a plugin that can be released again.
type yard struct {
	sample.Plugin
	repo     *githubtest.Repository
	releases []int64 // oldest first
	next     int
}

// release publishes the next version and takes the oldest away, so that the
// list stays as long as it was. It gives the version.
func (y *yard) release() string {
	y.next++
	y.Version = fmt.Sprintf("1.1.%d", y.next)
	when := time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC).Add(time.Duration(y.next) * time.Minute)
	y.repo.Tag("v"+y.Version, y.repo.Commit("main", "Release "+y.Version, y.Files(), when))
	id := y.repo.Release(githubtest.Release{
		Tag: "v" + y.Version, Name: "v" + y.Version, Published: when, Body: string(sample.Text(y.Slug+y.Version, 300)),
	})
	y.repo.DeleteRelease(y.releases[0])
	y.releases = append(y.releases[1:], id)
	return y.Slug + " " + y.Version
}

// add adds a repository with one commit, which all its releases are of.
func add(hub *githubtest.GitHub, p sample.Plugin) *yard {
	created := time.Date(2025, 1, 1, 12, 0, 0, 0, time.UTC)
	repo := hub.AddRepo(githubtest.Repo{
		Owner: "acme", Name: p.Slug, License: "GPL-2.0", Description: "One of many",
		Topics: []string{"wordpress-plugin"}, Created: created,
	})
	sha := repo.Commit("main", "Release "+p.Version, p.Files(), created)
	y := &yard{Plugin: p, repo: repo}
	for i := range releases {
		tag := fmt.Sprintf("v1.0.%d", i)
		repo.Tag(tag, sha)
		y.releases = append(y.releases, repo.Release(githubtest.Release{
			Tag: tag, Name: tag, Published: created.AddDate(0, 0, i),
			Body: string(sample.Text(p.Slug+tag, 300)),
		}))
	}
	return y
}

// counts writes how many requests there were, and how many of them for bytes
// of an archive.
func counts(w http.ResponseWriter, requests []githubtest.Request) {
	archives := 0
	for _, r := range requests {
		if strings.HasPrefix(r.Path, "/codeload/") {
			archives++
		}
	}
	fmt.Fprintf(w, "requests=%d archives=%d\n", len(requests), archives)
	for _, r := range requests[:min(len(requests), 20)] {
		fmt.Fprintf(w, "# %s %.100s %d\n", r.Method, r.Path, r.Status)
	}
}
