// Command forge emulates a GitHub with the plugins that are measured:
//
//	acme/small-yard   an installer of about 50 KB, a document of about 17.7 KB
//	acme/plain-yard   the same without an icon, so that GitHub is asked for one
//	acme/large-yard   an installer of 60 MB, with -large
//	acme/yard-00001…  as many as -plugins says, with twenty releases each
//
// It answers two requests that GitHub doesn't: /_counts, how many requests
// and archives it was asked for since the last /_reset.
package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"
	"strings"
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
	large := flag.Bool("large", false, "whether there is a plugin of 60 MB")
	latency := flag.Duration("latency", 0, "how long each answer is delayed")
	flag.Parse()

	hub := githubtest.New()
	hub.Limit(1<<40, time.Now().AddDate(1, 0, 0))
	hub.Latency(*latency)
	add(hub, sample.Plugin{Slug: "small-yard", Version: "1.0.19", Base: *base, Readme: 13_200, Code: 130_000, Icon: true})
	add(hub, sample.Plugin{Slug: "plain-yard", Version: "1.0.19", Base: *base, Readme: 13_200, Code: 130_000})
	if *large {
		add(hub, sample.Plugin{Slug: "large-yard", Version: "1.0.19", Base: *base, Readme: 3_000, Images: 60})
	}
	for i := range *plugins {
		add(hub, sample.Plugin{Slug: fmt.Sprintf("yard-%05d", i+1), Version: "1.0.19", Base: *base, Readme: 13_300, Code: 2_000})
	}
	log.Fatal(http.ListenAndServe(*listen, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/_counts":
			counts(w, hub.Requests())
		case "/_reset":
			hub.ResetRequests()
		default:
			hub.ServeHTTP(w, r)
		}
	})))
}

// add adds a repository with one commit, which all its releases are of.
func add(hub *githubtest.GitHub, p sample.Plugin) {
	created := time.Date(2025, 1, 1, 12, 0, 0, 0, time.UTC)
	repo := hub.AddRepo(githubtest.Repo{
		Owner: "acme", Name: p.Slug, License: "GPL-2.0", Description: "One of many",
		Topics: []string{"wordpress-plugin"}, Created: created,
	})
	sha := repo.Commit("main", "Release "+p.Version, p.Files(), created)
	for i := range releases {
		tag := fmt.Sprintf("v1.0.%d", i)
		repo.Tag(tag, sha)
		repo.Release(githubtest.Release{
			Tag: tag, Name: tag, Published: created.AddDate(0, 0, i),
			Body: string(sample.Text(p.Slug+tag, 300)),
		})
	}
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
