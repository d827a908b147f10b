package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/pluginyard/pluginyard/github/githubtest"
)

func TestSamplePluginsNameTheRegistryThatServesThem(t *testing.T) {
	d := &demoYard{base: "http://127.0.0.1:8080"}
	for _, tc := range []struct {
		main   string
		layers []string
	}{
		{"hello-yard.php", []string{"demo/hello-yard/common", "demo/hello-yard/1.0.0", "demo/hello-yard/1.1.0", "demo/hello-yard/1.2.0"}},
		{"fence-post.php", []string{"demo/fence-post/source"}},
		{"gate-keeper.php", []string{"demo/gate-keeper"}},
		{"garden-path/style.css", []string{"demo/garden-path/1.0.0", "demo/garden-path/1.1.0"}},
	} {
		t.Run(tc.main, func(t *testing.T) {
			data, err := fs.ReadFile(d.files(tc.layers...), path.Base(tc.main))
			if err != nil || d.err != nil {
				t.Fatal(err, d.err)
			}
			slug := strings.TrimSuffix(strings.TrimSuffix(tc.main, ".php"), "/style.css")
			if want := "http://127.0.0.1:8080/" + slug + ".json\n"; !strings.Contains(string(data), "Update URI:") || !strings.Contains(string(data), want) {
				t.Errorf("no Update URI %s", want)
			}
		})
	}
}

// What a plugin is called and which version it has stands in several files.
func TestVersionsOfHelloYardAgree(t *testing.T) {
	for _, version := range []string{"1.0.0", "1.1.0", "1.2.0"} {
		folder := "demo/hello-yard/" + version
		for name, want := range map[string]string{
			"hello-yard.php": "Version:           " + version + "\n",
			"readme.txt":     "Stable tag: " + version + "\n",
		} {
			data, err := demoFiles.ReadFile(path.Join(folder, name))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(data), want) {
				t.Errorf("%s/%s has no %q", folder, name, want)
			}
		}
	}
}

func TestVersionsOfGardenPathAgree(t *testing.T) {
	for _, version := range []string{"1.0.0", "1.1.0"} {
		folder := "demo/garden-path/" + version
		for name, want := range map[string]string{"style.css": "\nVersion: " + version + "\n", "readme.txt": "== Changelog ==\n\n= " + version + " =\n"} {
			data, err := demoFiles.ReadFile(path.Join(folder, name))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(data), want) {
				t.Errorf("%s/%s has no %q", folder, name, want)
			}
		}
	}
}

func TestDemoGitHubHasThreePluginsAndATheme(t *testing.T) {
	hub, err := demoGitHub("http://127.0.0.1:8080", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"hello-yard", "fence-post", "gate-keeper", "garden-path"} {
		if hub.Repository("acme", name) == nil {
			t.Errorf("no acme/%s", name)
		}
	}
}

func TestWebhookIsSigned(t *testing.T) {
	got := make(chan string, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		sum := hmac.New(sha256.New, []byte("key"))
		sum.Write(body)
		if want := "sha256=" + hex.EncodeToString(sum.Sum(nil)); r.Header.Get("X-Hub-Signature-256") != want {
			w.WriteHeader(http.StatusForbidden)
		}
		got <- r.Header.Get("X-GitHub-Event") + " " + string(body)
	}))
	defer server.Close()
	webhook(server.URL, "key", testLog(t))(githubtest.Delivery{Event: "release", Payload: []byte(`{"action":"published"}`)})
	if got := <-got; got != `release {"action":"published"}` {
		t.Errorf("got %s", got)
	}
}
