package main

import (
	"bufio"
	"bytes"
	"flag"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pluginyard/pluginyard/registry"
)

var updateWanted = flag.Bool("update-wanted", false, "rewrite testdata/wordpress/requests/*.want")

// documented is what WordPress.org's API is documented to answer to old
// requests, by the request's name: paths of values, where * is any one member,
// and their types for PHP. Every one has to be there.
var documented = map[string][]string{
	"plugins-update-check": {
		" array", "/* stdClass", "/*/id string", "/*/slug string", "/*/plugin string", "/*/new_version string", "/*/url string", "/*/package string",
	},
	"themes-update-check": {
		" array", "/* array", "/*/theme string", "/*/new_version string", "/*/url string", "/*/package string",
	},
	"plugin-information": {
		" stdClass", "/name string", "/slug string", "/version string", "/author string", "/requires string", "/tested string",
		"/contributors array", "/last_updated string", "/added string", "/homepage string", "/download_link string", "/tags array",
	},
	"query-plugins": {
		" stdClass", "/info array", "/info/page int", "/info/pages int", "/info/results int", "/plugins array", "/plugins/* stdClass",
		"/plugins/*/name string", "/plugins/*/slug string", "/plugins/*/version string", "/plugins/*/author string", "/plugins/*/rating *",
		"/plugins/*/num_ratings int", "/plugins/*/short_description string", "/plugins/*/sections array",
	},
	"hot-tags":          {" stdClass", "/* array", "/*/name string", "/*/slug string", "/*/count int"},
	"theme-information": {" stdClass", "/name string", "/slug string", "/version string", "/author *", "/download_link string"},
	"query-themes":      {" stdClass", "/info array", "/info/results int", "/themes array", "/themes/* stdClass", "/themes/*/name string", "/themes/*/slug string"},
}

// TestOldProtocols sends what WordPress 2.8 to 3.6 sent, byte for byte and over
// HTTP/1.0, and has PHP's own unserialize read the answers:
// testdata/wordpress/requests/NAME.http and NAME.want.
func TestOldProtocols(t *testing.T) {
	php, err := exec.LookPath("php")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("there is no php; Debian's package is php-cli")
		}
		t.Skip("there is no php; Debian's package is php-cli")
	}
	w := newWorld(t,
		registry.Plugin{Repo: helloYard},
		registry.Plugin{Repo: registry.Repo{Owner: "acme", Name: "fence-post"}},
		registry.Plugin{Repo: registry.Repo{Owner: "acme", Name: "garden-path"}},
	)
	hello := w.repo(helloYard)
	release(hello, 0, "1.0.0", sample("hello-yard", "1.0.0", 0))
	release(hello, 1, "1.1.0", sample("hello-yard", "1.1.0", 0))
	// The site has this version of the second already.
	release(w.repo(w.plugins[1].Repo), 0, "1.1.0", sample("fence-post", "1.1.0", 0))
	release(w.repo(w.plugins[2].Repo), 0, "1.1.0", sampleTheme("garden-path", "1.1.0"))
	w.start()
	for _, plugin := range w.plugins {
		w.must("/" + plugin.Repo.Name + ".json")
	}
	requests, err := filepath.Glob("testdata/wordpress/requests/*.http")
	if err != nil || len(requests) == 0 {
		t.Fatal(requests, err)
	}
	for _, request := range requests {
		name := strings.TrimSuffix(filepath.Base(request), ".http")
		t.Run(name, func(t *testing.T) {
			answer := w.replay(t, request)
			command := exec.CommandContext(t.Context(), php, "-n", "testdata/wordpress/unserialize.php")
			command.Stdin = bytes.NewReader(answer)
			out, err := command.CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %s\n%s", err, out, answer)
			}
			got := digests.ReplaceAllString(string(out), "DIGEST")
			wanted := strings.TrimSuffix(request, ".http") + ".want"
			if *updateWanted {
				if err := os.WriteFile(wanted, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(wanted)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("the answer is another one (-want +got), rewrite with -update-wanted:\n%s", diff)
			}
			lines := strings.Split(got, "\n")
			if strings.Count(got, "\n") == 1 {
				return // nothing found
			}
			for _, shape := range documented[documentedName.FindString(name)] {
				if !slices.ContainsFunc(lines, shapeOf(shape).MatchString) {
					t.Errorf("no %q in the answer", shape)
				}
			}
		})
	}
}

var (
	digests        = regexp.MustCompile(`[0-9a-f]{64}(?:[0-9a-f]{32})?`)
	documentedName = regexp.MustCompile(`^[a-z]+(?:-[a-z]+)*`)
)

// shapeOf makes an expression of one line of documented.
func shapeOf(shape string) *regexp.Regexp {
	return regexp.MustCompile(`^` + strings.ReplaceAll(strings.ReplaceAll(regexp.QuoteMeta(shape), `/\*`, `/[a-z0-9-]+(?:/[a-z0-9-]+\.php)?`), ` \*`, ` \S+`) + `(?: |$)`)
}

// replay sends the bytes of a file to the API, below the base address's path,
// and gives the answer's body.
func (w *world) replay(t *testing.T, name string) []byte {
	t.Helper()
	recorded, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", *w.at.Load())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	head, body, _ := strings.Cut(string(recorded), "\n\n")
	head = strings.Replace(head, "POST /", "POST /plugins/", 1) // siteURL's path
	if _, err := io.WriteString(conn, strings.ReplaceAll(head, "\n", "\r\n")+"\r\n\r\n"+strings.TrimSuffix(body, "\n")); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	// Before 3.7 WordPress read the answers of update checks with 200 alone.
	if strings.Contains(name, "update-check") && answer.StatusCode != http.StatusOK {
		t.Fatalf("status %s: %s", answer.Status, text)
	}
	return text
}
