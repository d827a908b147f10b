package registry

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pluginyard/pluginyard/registry/signing"
)

// fakeForge is a forge in memory: one repository, whose every revision is a
// map of files.
type fakeForge struct {
	mu       sync.Mutex
	repo     Repository
	releases []Release                    // newest first
	trees    map[string]map[string]string // by tag, branch and SHA
	excluded map[string]map[string]string // by the same: in the tree, not in the archive
	assets   map[int64][]byte
	heads    map[string]Commit
	owned    []Repository     // what owners have, if anything is to be found; all with the same content
	hidden   map[string]bool  // names of those that lists leave out
	fail     error            // answered to everything
	broken   map[string]error // answered to one method
	gate     chan struct{}    // if set, Archive waits for it
	asked    []string
}

func newFakeForge() *fakeForge {
	return &fakeForge{
		repo: Repository{
			Repo: Repo{"acme", "hello-yard"}, ID: 1, URL: "https://github.com/acme/hello-yard", DefaultBranch: "main",
			OwnerURL: "https://github.com/acme", OwnerAvatar: "https://avatars.example.com/acme",
			Created: time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC),
		},
		trees: map[string]map[string]string{}, excluded: map[string]map[string]string{},
		assets: map[int64][]byte{}, heads: map[string]Commit{},
	}
}

// commit makes files the head of a branch.
func (f *fakeForge) commit(branch string, files map[string]string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	sum := sha1.Sum(fmt.Append(nil, branch, files))
	sha := hex.EncodeToString(sum[:])
	f.trees[branch], f.trees[sha] = files, files
	f.heads[branch] = Commit{SHA: sha, Time: time.Date(2026, 11, 20, 8, 5, 0, 0, time.UTC)}
	return sha
}

// publish releases files under a tag, as the newest release.
func (f *fakeForge) publish(tag string, files map[string]string, attached ...ReleaseFile) *Release {
	f.commit("main", files)
	f.mu.Lock()
	defer f.mu.Unlock()
	sum := sha1.Sum([]byte(tag))
	f.trees[tag], f.trees[hex.EncodeToString(sum[:])] = files, files
	n := int64(len(f.releases) + 1)
	f.releases = slices.Insert(f.releases, 0, Release{
		ID: 9000 + n, Tag: tag, Notes: "Notes of " + tag, Files: attached,
		Published: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(n)),
	})
	return &f.releases[0]
}

func (f *fakeForge) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

// count is how often a method was asked.
func (f *fakeForge) count(method string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, asked := range f.asked {
		if asked == method {
			n++
		}
	}
	return n
}

func (f *fakeForge) ask(method string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, method)
	if f.fail == nil {
		return f.broken[method]
	}
	return f.fail
}

func (f *fakeForge) Book(context.Context, Repo, int) (func(), error) { return func() {}, nil }

func (f *fakeForge) Repository(_ context.Context, asked Repo) (*Repository, error) {
	if err := f.ask("Repository"); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.owned != nil {
		for _, repo := range f.owned {
			if strings.EqualFold(repo.Repo.String(), asked.String()) {
				return &repo, nil
			}
		}
		return nil, fmt.Errorf("repository %s: %w", asked, ErrNotFound)
	}
	repo := f.repo
	return &repo, nil
}

func (f *fakeForge) Releases(context.Context, Repo) ([]Release, error) {
	if err := f.ask("Releases"); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.releases), nil
}

func (f *fakeForge) Repositories(_ context.Context, owner string) ([]Repository, error) {
	if err := f.ask("Repositories"); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.owned == nil {
		return nil, fmt.Errorf("%w: no owner is known", ErrNotFound)
	}
	var list []Repository
	for _, repo := range f.owned {
		if strings.EqualFold(repo.Repo.Owner, owner) && !f.hidden[repo.Repo.Name] {
			list = append(list, repo)
		}
	}
	return list, nil
}

func (f *fakeForge) LatestRelease(context.Context, Repo) (*Release, error) {
	if err := f.ask("LatestRelease"); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, release := range f.releases {
		if !release.Prerelease {
			return &release, nil
		}
	}
	return nil, fmt.Errorf("latest release: %w", ErrNotFound)
}

func (f *fakeForge) Release(_ context.Context, _ Repo, id string) (*Release, error) {
	if err := f.ask("Release"); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, release := range f.releases {
		if release.Tag == id || strconv.FormatInt(release.ID, 10) == id {
			return &release, nil
		}
	}
	return nil, ErrNotFound
}

func (f *fakeForge) Commit(_ context.Context, _ Repo, ref string) (*Commit, error) {
	if err := f.ask("Commit"); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if ref == "" || ref == "HEAD" {
		ref = f.repo.DefaultBranch
	}
	commit, ok := f.heads[ref]
	if tag, isTag := strings.CutPrefix(ref, "tags/"); isTag && !ok {
		sum := sha1.Sum([]byte(tag))
		commit.SHA = hex.EncodeToString(sum[:])
		_, ok = f.trees[tag]
	}
	if !ok {
		return nil, ErrNotFound
	}
	return &commit, nil
}

func (f *fakeForge) Archive(ctx context.Context, _ Repo, ref string, w io.Writer) error {
	if err := f.ask("Archive"); err != nil {
		return err
	}
	if f.gate != nil {
		select {
		case <-f.gate:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	f.mu.Lock()
	files, ok := f.trees[ref]
	for tag, tree := range f.trees {
		if sum := sha1.Sum([]byte(tag)); hex.EncodeToString(sum[:]) == ref {
			files, ok = tree, true
		}
	}
	f.mu.Unlock()
	if !ok {
		return ErrNotFound
	}
	sha := ref
	if commitID(ref) == "" {
		sum := sha1.Sum([]byte(ref))
		sha = hex.EncodeToString(sum[:])
	}
	_, err := w.Write(zipOf("acme-hello-yard-abc1234/", files, sha))
	return err
}

func (f *fakeForge) ReleaseFile(_ context.Context, _ Repo, file ReleaseFile, w io.Writer) error {
	if err := f.ask("ReleaseFile"); err != nil {
		return err
	}
	_, err := w.Write(f.assets[file.ID])
	return err
}

func (f *fakeForge) Tree(_ context.Context, _ Repo, commit, dir string) ([]TreeEntry, error) {
	if err := f.ask("Tree"); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	seen := map[string]TreeEntry{}
	for _, files := range []map[string]string{f.trees[commit], f.excluded[commit], f.excluded[""]} {
		for name, text := range files {
			rest := name
			if dir != "" {
				var ok bool
				if rest, ok = strings.CutPrefix(name, dir+"/"); !ok {
					continue
				}
			}
			first, _, below := strings.Cut(rest, "/")
			seen[first] = TreeEntry{Path: path.Join(dir, first), Size: int64(len(text)), Folder: below}
		}
	}
	if len(seen) == 0 {
		return nil, ErrNotFound
	}
	return slices.Collect(maps.Values(seen)), nil
}

func (f *fakeForge) File(_ context.Context, _ Repo, commit, name string, limit int64, w io.Writer) error {
	if err := f.ask("File"); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	text, ok := f.excluded[""][name]
	if !ok {
		return ErrNotFound
	}
	_, err := io.WriteString(w, text)
	return err
}

// zipOf makes a zip of files below a folder, sorted, with a comment.
func zipOf(folder string, files map[string]string, comment string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		w, err := z.CreateHeader(&zip.FileHeader{Name: folder + name, Method: zip.Deflate, Modified: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)})
		if err != nil {
			panic(err)
		}
		io.WriteString(w, files[name])
	}
	if err := z.SetComment(comment); err != nil {
		panic(err)
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func (memoryBlob) Close() error { return nil }

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// bench is a service over fakes.
type bench struct {
	*Service
	forge  *fakeForge
	store  *memoryStore
	clock  *clock
	keys   *signing.Keyring
	owners []Owner
}

func newBench(t testing.TB, plugins ...Plugin) *bench {
	t.Helper()
	b := &bench{forge: newFakeForge(), store: newMemoryStore(), clock: &clock{now: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)}}
	if len(plugins) == 0 {
		plugins = []Plugin{{Repo: Repo{"acme", "hello-yard"}}}
	}
	b.open(t, plugins...)
	return b
}

// open makes the service, or a second one over the same store: a restart.
func (b *bench) open(t testing.TB, plugins ...Plugin) {
	t.Helper()
	if b.Service != nil {
		b.Service.Close()
	}
	service, err := New(Config{
		Plugins: plugins, Owners: b.owners, Forge: b.forge, Store: b.store, Links: Links{Base: "https://updates.example.com"},
		Temp: t.TempDir(), Now: b.clock.Now, Signing: b.keys, Log: slog.New(slog.NewTextHandler(testWriter{t}, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	b.Service = service
	t.Cleanup(service.Close)
}

type testWriter struct{ t testing.TB }

func (w testWriter) Write(p []byte) (int, error) {
	w.t.Log(strings.TrimSuffix(string(p), "\n"))
	return len(p), nil
}

// helloYard is a small whole plugin.
func helloYard(version string) map[string]string {
	return map[string]string{
		"hello-yard.php": "<?php\n/*\n * Plugin Name: Hello Yard\n * Description: Greets the yard.\n * Version: " + version + "\n * Author: Acme\n * Author URI: https://acme.example.com\n * Requires at least: 6.2\n * Requires PHP: 7.4\n * Update URI: https://updates.example.com/hello-yard\n */\n",
		"readme.txt":     "=== Hello Yard ===\nContributors: acme\nTags: greeting, yard\nTested up to: 6.8\nStable tag: " + version + "\nLicense: GPLv2 or later\n\nGreets everyone in the yard.\n\n== Description ==\n\nIt *greets*.\n\n== Changelog ==\n\n= " + version + " =\n* News.\n\n== Upgrade Notice ==\n\n= " + version + " =\nPlease update.\n",
		"includes/a.php": "<?php\n",
	}
}
