package main

import (
	"archive/zip"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"path"
	"strings"
	"testing/fstest"
	"time"

	"github.com/pluginyard/pluginyard/github/githubtest"
	"github.com/pluginyard/pluginyard/registry"
	"github.com/pluginyard/pluginyard/templates"
)

// demoFiles are the samples, a folder for what each version adds to or
// changes in the one before.
//
//go:embed all:demo
var demoFiles embed.FS

// demoHost stands in the samples where the registry's own address goes.
const demoHost = "https://updates.example.com"

// demoGitHub is a GitHub with the sample plugins and a theme, whose Update URI
// is at base. Their updaters trust the public keys, if there are any.
func demoGitHub(base string, now time.Time, keys ...string) (*githubtest.GitHub, error) {
	d := &demoYard{hub: githubtest.New(), base: base, now: now, keys: keys}
	d.helloYard()
	d.fencePost()
	d.gateKeeper()
	d.gardenPath()
	return d.hub, d.err
}

// demoYard fills a GitHub. After an error the rest is of no use.
type demoYard struct {
	hub  *githubtest.GitHub
	base string
	now  time.Time
	keys []string
	err  error
}

// ago is so many days before the demo began, for dates that look lived in.
func (d *demoYard) ago(days int) time.Time {
	return d.now.Add(-time.Duration(days) * day).Truncate(time.Second)
}

// helloYard is as good as a plugin can be: readme, images, .distignore, three
// releases and a branch on which the next one grows.
func (d *demoYard) helloYard() {
	repo := d.hub.AddRepo(githubtest.Repo{
		Owner: "acme", Name: "hello-yard", License: "GPL-2.0",
		Description: "A kind word at the gate, whatever the hour",
		Homepage:    "https://example.com/hello-yard",
		Topics:      []string{"wordpress-plugin", "greeting"},
		Created:     d.ago(420),
	})
	updater := d.updater("hello-yard", registry.TypePlugin)
	layers := []string{"demo/hello-yard/common"}
	for _, v := range []struct {
		version, notes string
		days           int
	}{
		{"1.0.0", "The first release.", 400},
		{"1.1.0", "The greeting fits the hour of the day.", 180},
		{"1.2.0", "A shortcode: `[hello_yard]`.", 21},
	} {
		layers = append(layers, "demo/hello-yard/"+v.version)
		files := d.files(layers...)
		files["includes/updater.php"] = updater
		sha := repo.Commit("main", "Release "+v.version, files, d.ago(v.days))
		repo.Tag("v"+v.version, sha)
		repo.Release(githubtest.Release{Tag: "v" + v.version, Name: v.version, Body: v.notes, Published: d.ago(v.days)})
	}
	files := d.files(append(layers, "demo/hello-yard/develop")...)
	files["includes/updater.php"] = updater
	repo.Commit("develop", "Let others change the words", files, d.ago(2))
}

// updater is the file by which a sample is updated from the registry.
func (d *demoYard) updater(slug string, kind registry.Type) *fstest.MapFile {
	var text bytes.Buffer
	err := templates.Updater(&text, templates.UpdaterData{Registry: d.base, Slug: slug, Type: string(kind), Keys: d.keys})
	if err != nil && d.err == nil {
		d.err = err
	}
	return &fstest.MapFile{Data: text.Bytes(), Mode: 0o644}
}

// fencePost leaves much to others: a readme in Markdown without headers, which
// come from custom properties, and a release with a zip of its own, since a
// build makes its style sheet.
func (d *demoYard) fencePost() {
	repo := d.hub.AddRepo(githubtest.Repo{
		Owner: "acme", Name: "fence-post", License: "GPL-2.0",
		Description: "Puts up a fence while you work on the site",
		Topics:      []string{"wordpress-plugin", "maintenance"},
		Created:     d.ago(300),
		Properties: map[string]any{
			"wp-requires":     "6.2",
			"wp-requires_php": "8.0",
			"wp-tested":       "6.9",
			"wp-sections":     []string{"description", "changelog", "upgrade_notice"},
			"wp-donate_link":  nil,
		},
	})
	source := d.files("demo/fence-post/source")
	sha := repo.Commit("main", "Build the style sheet", source, d.ago(60))
	repo.Tag("2.0.1", sha)
	installer := d.zip("fence-post", d.files("demo/fence-post/source", "demo/fence-post/built"), d.ago(60))
	repo.Release(githubtest.Release{
		Tag: "2.0.1", Name: "Fence Post 2.0.1", Body: "The style sheet is built before the release.", Published: d.ago(60),
		Assets: []githubtest.Asset{{Name: "fence-post-2.0.1.zip", Type: "application/zip", Data: installer}},
	})
}

// gateKeeper is private.
func (d *demoYard) gateKeeper() {
	repo := d.hub.AddRepo(githubtest.Repo{
		Owner: "acme", Name: "gate-keeper", License: "GPL-2.0", Private: true,
		Description: "Closes the gate after five wrong passwords",
		Topics:      []string{"wordpress-plugin"},
		Created:     d.ago(90),
	})
	sha := repo.Commit("main", "Five tries in place of three", d.files("demo/gate-keeper"), d.ago(30))
	repo.Tag("v0.4.0", sha)
	repo.Release(githubtest.Release{Tag: "v0.4.0", Name: "0.4.0", Body: "Five tries in place of three.", Published: d.ago(30)})
}

// gardenPath is a block theme, with two releases.
func (d *demoYard) gardenPath() {
	repo := d.hub.AddRepo(githubtest.Repo{
		Owner: "acme", Name: "garden-path", License: "GPL-2.0",
		Description: "A quiet block theme",
		Topics:      []string{"wordpress-theme"},
		Created:     d.ago(200),
	})
	var layers []string
	for _, v := range []struct {
		version, notes string
		days           int
	}{
		{"1.0.0", "The first release.", 150},
		{"1.1.0", "Links that the pointer is on are easier to see.", 12},
	} {
		layers = append(layers, "demo/garden-path/"+v.version)
		files := d.files(layers...)
		files["inc/updater.php"] = d.updater("garden-path", registry.TypeTheme)
		sha := repo.Commit("main", "Release "+v.version, files, d.ago(v.days))
		repo.Tag("v"+v.version, sha)
		repo.Release(githubtest.Release{Tag: "v" + v.version, Name: v.version, Body: v.notes, Published: d.ago(v.days)})
	}
}

// files are the files of some folders, the last one winning, with the
// registry's address put in.
func (d *demoYard) files(layers ...string) fstest.MapFS {
	merged := fstest.MapFS{}
	for _, layer := range layers {
		err := fs.WalkDir(demoFiles, layer, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			data, err := demoFiles.ReadFile(name)
			if path.Ext(name) == ".php" || path.Base(name) == "style.css" {
				data = bytes.ReplaceAll(data, []byte(demoHost), []byte(d.base))
			}
			merged[strings.TrimPrefix(name, layer+"/")] = &fstest.MapFile{Data: data, Mode: 0o644}
			return err
		})
		if err != nil && d.err == nil {
			d.err = fmt.Errorf("read the samples: %w", err)
		}
	}
	return merged
}

// zip packs files beneath a folder, as a release's own build would: without
// what is hidden.
func (d *demoYard) zip(folder string, files fs.FS, modified time.Time) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(name, ".") {
			return err
		}
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		f, err := w.CreateHeader(&zip.FileHeader{Name: folder + "/" + name, Method: zip.Deflate, Modified: modified})
		if err != nil {
			return err
		}
		_, err = f.Write(data)
		return err
	})
	if closed := w.Close(); err == nil {
		err = closed
	}
	if err != nil && d.err == nil {
		d.err = fmt.Errorf("pack %s: %w", folder, err)
	}
	return b.Bytes()
}

// webhook delivers what happens on a GitHub to an address, signed as GitHub
// does it.
// https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
func webhook(address string, key secret, log *slog.Logger) func(githubtest.Delivery) {
	client := &http.Client{Timeout: 10 * time.Second} // GitHub's own patience
	return func(d githubtest.Delivery) {
		request, err := signedWebhook(address, key, d)
		if err != nil {
			log.Error("webhook not delivered", "event", d.Event, "err", err)
			return
		}
		answer, err := client.Do(request)
		if err != nil {
			log.Error("webhook not delivered", "event", d.Event, "err", err)
			return
		}
		answer.Body.Close()
		log.Debug("webhook delivered", "event", d.Event, "status", answer.StatusCode)
	}
}

func signedWebhook(address string, key secret, d githubtest.Delivery) (*http.Request, error) {
	sum := hmac.New(sha256.New, []byte(key.reveal()))
	sum.Write(d.Payload)
	request, err := http.NewRequest(http.MethodPost, address, bytes.NewReader(d.Payload))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-GitHub-Event", d.Event)
	request.Header.Set("X-GitHub-Delivery", d.GUID)
	request.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(sum.Sum(nil)))
	return request, nil
}
