package github_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pluginyard/pluginyard/github"
	"github.com/pluginyard/pluginyard/github/githubtest"
	"github.com/pluginyard/pluginyard/registry"
)

const secret = "ghp_plantedTokenThatMustNotShow0123456789"

var (
	yard    = registry.Repo{Owner: "acme", Name: "hello-yard"}
	private = registry.Repo{Owner: "acme", Name: "secret"}
	day     = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
)

func TestForge(t *testing.T) {
	for _, repo := range []registry.Repo{yard, private} {
		t.Run(repo.Name, func(t *testing.T) { testForge(t, repo) })
	}
}

func testForge(t *testing.T, repo registry.Repo) {
	e := newEmulator(t)
	c, ctx := e.client(t, nil), t.Context()

	r, err := c.Repository(ctx, repo)
	if err != nil {
		t.Fatal(err)
	}
	if r.Repo != repo || r.DefaultBranch != "main" || r.Private != (repo == private) {
		t.Errorf("repository is %+v", r)
	}
	if want := map[string][]string{"wp-requires": {"6.2"}, "wp-tags": {"a", "b"}}; repo == yard && !cmp.Equal(want, r.Properties) {
		t.Errorf("properties are %v, want %v", r.Properties, want)
	}

	releases, err := c.Releases(ctx, repo)
	if err != nil {
		t.Fatal(err)
	}
	var tags []string
	for _, rel := range releases {
		tags = append(tags, rel.Tag)
	}
	if want := []string{"v2.0.0-beta", "v1.1.0", "v1.0.0"}; !cmp.Equal(want, tags) {
		t.Errorf("releases are %q, want %q", tags, want)
	}
	latest, err := c.LatestRelease(ctx, repo)
	if err != nil || latest.Tag != "v1.1.0" || len(latest.Files) != 3 {
		t.Fatalf("latest is %+v, error %v", latest, err)
	}
	byTag, err := c.Release(ctx, repo, "v1.1.0")
	if err != nil {
		t.Fatal(err)
	}
	byID, err := c.Release(ctx, repo, fmt.Sprint(latest.ID))
	if err != nil {
		t.Fatal(err)
	}
	for _, other := range []*registry.Release{byTag, byID, &releases[1]} {
		if diff := cmp.Diff(latest, other); diff != "" {
			t.Errorf("the same release differs:\n%s", diff)
		}
	}

	for ref, want := range map[string]string{"": e.v2, "HEAD": e.v2, "main": e.v2, "v1.0.0": e.v1, "hello-yard/1.0.0": e.v1, e.v1: e.v1} {
		if got, err := c.Commit(ctx, repo, ref); err != nil || got.SHA != want || got.Time.IsZero() {
			t.Errorf("commit %q is %+v, error %v; want %s", ref, got, err, want)
		}
	}
	files, err := c.Tree(ctx, repo, e.v1, ".wordpress-org")
	if want := []registry.TreeEntry{{Path: ".wordpress-org/icon.svg", Size: 6}, {Path: ".wordpress-org/sub", Folder: true}}; err != nil || !cmp.Equal(want, files) {
		t.Errorf("files are %v, error %v; want %v", files, err, want)
	}
	if root, err := c.Tree(ctx, repo, e.v1, ""); err != nil || len(root) != 4 {
		t.Errorf("the root has %v, error %v", root, err)
	}
	for path, want := range map[string]string{"hello-yard.php": "<?php // 1", "inc/data.json": `{"a":1}`, ".wordpress-org/icon.svg": "<svg/>"} {
		var b bytes.Buffer
		if err := c.File(ctx, repo, e.v1, path, 100, &b); err != nil || b.String() != want {
			t.Errorf("%s is %q, error %v", path, b.String(), err)
		}
	}

	for _, ref := range []string{e.v1, "v1.0.0", "hello-yard/1.0.0"} {
		var b bytes.Buffer
		if err := c.Archive(ctx, repo, ref, &b); err != nil {
			t.Errorf("archive %s: %v", ref, err)
			continue
		}
		checkArchive(t, b.Bytes())
	}
	for i, want := range []string{"PK the installer", "PK old", ""} {
		var b bytes.Buffer
		file := latest.Files[slices.IndexFunc(latest.Files, func(f registry.ReleaseFile) bool {
			return f.Name == []string{"hello-yard.zip", "old.zip", "false.zip"}[i]
		})]
		err := c.ReleaseFile(ctx, repo, file, &b)
		if want == "" {
			if !errors.Is(err, registry.ErrInvalid) {
				t.Errorf("a false digest: %v", err)
			}
		} else if err != nil || b.String() != want {
			t.Errorf("%s is %q, error %v", file.Name, b.String(), err)
		}
	}

	for name, err := range map[string]error{
		"draft by tag":  call(c.Release(ctx, repo, "v2.0.0")),
		"draft by id":   call(c.Release(ctx, repo, fmt.Sprint(e.draft))),
		"no release":    call(c.Release(ctx, repo, "v9")),
		"no commit":     call(c.Commit(ctx, repo, "nowhere")),
		"no SHA":        call(c.Commit(ctx, repo, strings.Repeat("0", 40))),
		"no folder":     call(c.Tree(ctx, repo, e.v1, "nowhere")),
		"no folder yet": call(c.Tree(ctx, repo, e.v1, "hello-yard.php")),
		"no file":       c.File(ctx, repo, e.v1, "nowhere", 10, io.Discard),
		"no file yet":   c.File(ctx, repo, e.v1, "inc", 10, io.Discard),
		"no archive":    c.Archive(ctx, repo, "nowhere", io.Discard),
		"no asset":      c.ReleaseFile(ctx, repo, registry.ReleaseFile{ID: 1, Name: "x"}, io.Discard),
		"no repository": call(c.Repository(ctx, registry.Repo{Owner: "acme", Name: "nowhere"})),
	} {
		if !errors.Is(err, registry.ErrNotFound) {
			t.Errorf("%s: error is %v, want %v", name, err, registry.ErrNotFound)
		}
	}
	if err := c.File(ctx, repo, e.v1, "hello-yard.php", 3, io.Discard); !errors.Is(err, registry.ErrTooLarge) {
		t.Errorf("a file beyond its limit: %v", err)
	}
}

func call[T any](_ T, err error) error { return err }

func checkArchive(t *testing.T, data []byte) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Error(err)
		return
	}
	for _, f := range z.File {
		_, inside, ok := strings.Cut(f.Name, "/")
		if !ok || strings.HasPrefix(inside, ".wordpress-org") {
			t.Errorf("the archive holds %s", f.Name)
		}
	}
}

func TestColdBuildCostsFourRequests(t *testing.T) {
	e := newEmulator(t)
	cache := newStore()
	withCache := func(cfg *github.Config) { cfg.Cache = cache }
	build := func(c *github.Client) {
		t.Helper()
		ctx := t.Context()
		_, err1 := c.Repository(ctx, yard)
		latest, err2 := c.LatestRelease(ctx, yard)
		_, err3 := c.Releases(ctx, yard)
		if err := errors.Join(err1, err2, err3, c.Archive(ctx, yard, latest.Tag, io.Discard)); err != nil {
			t.Fatal(err)
		}
	}
	c := e.client(t, withCache)
	build(c)
	archive := []string{"302 /repos/acme/hello-yard/zipball/v1.1.0", "200 /codeload/acme/hello-yard/legacy.zip/refs/tags/v1.1.0"}
	cold := append([]string{"200 /repos/acme/hello-yard", "200 /repos/acme/hello-yard/releases/latest",
		"200 /repos/acme/hello-yard/releases?per_page=100&page=1"}, archive...)
	if diff := cmp.Diff(cold, e.sent()); diff != "" {
		t.Errorf("cold (-want +got):\n%s", diff)
	}
	unchanged := append([]string{"304 /repos/acme/hello-yard", "304 /repos/acme/hello-yard/releases/latest",
		"304 /repos/acme/hello-yard/releases?per_page=100&page=1"}, archive...)
	build(c)
	if diff := cmp.Diff(unchanged, e.sent()); diff != "" {
		t.Errorf("again (-want +got):\n%s", diff)
	}
	build(e.client(t, withCache))
	if diff := cmp.Diff(unchanged, e.sent()); diff != "" {
		t.Errorf("after a restart (-want +got):\n%s", diff)
	}

	e.public.Release(githubtest.Release{Tag: "v2.0.0", Published: day.AddDate(0, 0, 9)})
	if latest, err := c.LatestRelease(t.Context(), yard); err != nil || latest.Tag != "v2.0.0" {
		t.Errorf("after a release: %v, error %v", latest, err)
	}
	for name, record := range cache.m {
		if bytes.Contains(record, []byte(secret)) {
			t.Errorf("record %s holds the token", name)
		}
	}
}

func TestUnchangedAnswersCostNothing(t *testing.T) {
	e := newEmulator(t)
	c := e.client(t, nil)
	if _, err := c.LatestRelease(t.Context(), yard); err != nil {
		t.Fatal(err)
	}
	e.Limit(1, time.Now().Add(time.Hour))
	for range 5 {
		if _, err := c.LatestRelease(t.Context(), yard); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.Repository(t.Context(), yard); err != nil {
		t.Fatalf("the last allowed request: %v", err)
	}
	_, err := c.Releases(t.Context(), yard)
	var limited *registry.Error
	if !errors.As(err, &limited) || !errors.Is(err, registry.ErrLimited) || limited.RetryAfter < 59*time.Minute {
		t.Errorf("beyond the limit: %v", err)
	}
	e.ResetRequests()
	if _, err := c.Releases(t.Context(), yard); !errors.Is(err, registry.ErrLimited) || len(e.sent()) != 0 {
		t.Errorf("while it lasts: %v", err)
	}
}

func TestCredentialsStayWithTheAPI(t *testing.T) {
	e := newEmulator(t)
	// The same server by another name, as codeload.github.com is another host.
	e.ArchiveHost(strings.Replace(e.url, "127.0.0.1", "localhost", 1))
	c, ctx := e.client(t, nil), t.Context()
	latest, err := c.LatestRelease(ctx, private)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.Archive(ctx, private, "v1.0.0", io.Discard), c.ReleaseFile(ctx, private, latest.Files[0], io.Discard)); err != nil {
		t.Fatal(err)
	}
	foreign := 0
	for _, r := range e.Requests() {
		if strings.HasPrefix(r.Host, "localhost") {
			foreign++
			if r.Authorization {
				t.Errorf("%s carried credentials to %s", r.Path, r.Host)
			}
		} else if !r.Authorization {
			t.Errorf("%s carried no credentials to %s", r.Path, r.Host)
		}
	}
	if foreign != 2 {
		t.Errorf("%d requests to the other host, want 2", foreign)
	}
}

func TestFaults(t *testing.T) {
	tests := []struct {
		name  string
		fault githubtest.Fault
		kind  error // nil: it is overcome
	}{
		{"one error", githubtest.Times(1, githubtest.Status(502)), nil},
		{"two resets", githubtest.Times(2, githubtest.Reset()), nil},
		{"two halves of JSON", githubtest.Times(2, githubtest.BadJSON()), nil},
		{"two answers cut", githubtest.Times(2, githubtest.Truncate(50)), nil},
		{"errors", githubtest.Status(503), registry.ErrUnavailable},
		{"resets", githubtest.Reset(), registry.ErrUnavailable},
		{"halves of JSON", githubtest.BadJSON(), registry.ErrUnavailable},
		{"answers cut", githubtest.Truncate(50), registry.ErrUnavailable},
		{"nothing", githubtest.Empty(), registry.ErrUnavailable},
		{"a page", githubtest.HTML(), registry.ErrUnavailable},
		{"refused", githubtest.Status(401), registry.ErrCredentials},
		{"forbidden", githubtest.Status(403), registry.ErrCredentials},
		{"gone", githubtest.Status(404), registry.ErrNotFound},
		{"blocked", githubtest.Status(451), registry.ErrNotFound},
		{"too many", githubtest.Status(429), registry.ErrLimited},
		{"the secondary limit", githubtest.SecondaryLimit(time.Minute), registry.ErrLimited},
		{"the secondary limit without a date", githubtest.SecondaryLimit(0), registry.ErrLimited},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := newEmulator(t)
			e.SetFault(test.fault)
			_, err := e.client(t, nil).Releases(t.Context(), yard)
			if !errors.Is(err, test.kind) {
				t.Errorf("error is %v, want %v", err, test.kind)
			}
		})
	}
	for name, fault := range map[string]githubtest.Fault{
		"cut": githubtest.Truncate(10), "page": githubtest.HTML(), "nothing": githubtest.Empty(), "resets": githubtest.Reset(), "errors": githubtest.Status(500),
	} {
		t.Run("archive, "+name, func(t *testing.T) {
			e := newEmulator(t)
			e.SetFault(githubtest.Only("/codeload/", fault))
			err := e.client(t, nil).Archive(t.Context(), yard, "main", io.Discard)
			if !errors.Is(err, registry.ErrUnavailable) {
				t.Errorf("error is %v, want %v", err, registry.ErrUnavailable)
			}
		})
	}
}

func TestCallsEndWithTheirContext(t *testing.T) {
	e := newEmulator(t)
	reached := make(chan struct{}, 1)
	e.SetFault(githubtest.First(func(http.ResponseWriter, *http.Request) bool { reached <- struct{}{}; return false }, githubtest.Hang()))
	c := e.client(t, nil)
	for name, ask := range map[string]func(context.Context) error{
		"repository": func(ctx context.Context) error { return call(c.Repository(ctx, yard)) },
		"archive":    func(ctx context.Context) error { return c.Archive(ctx, yard, "main", io.Discard) },
	} {
		ctx, cancel := context.WithCancel(t.Context())
		go func() { <-reached; cancel() }()
		if err := ask(ctx); !errors.Is(err, context.Canceled) || !errors.Is(err, registry.ErrUnavailable) {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}

func TestRenamedAndVanishedRepositories(t *testing.T) {
	e := newEmulator(t)
	c, ctx := e.client(t, nil), t.Context()
	e.public.Set(func(r *githubtest.Repo) { r.Name = "hello" })
	r, err := c.Repository(ctx, yard)
	if err != nil || r.Repo.Name != "hello" {
		t.Fatalf("%+v, error %v", r, err)
	}
	if err := c.Archive(ctx, yard, "v1.0.0", io.Discard); err != nil {
		t.Errorf("archive by the old name: %v", err)
	}
	if rel, err := c.LatestRelease(ctx, yard); err != nil || rel.Tag != "v1.1.0" {
		t.Errorf("release by the old name: %v, error %v", rel, err)
	}
	e.public.Delete()
	if _, err := c.Repository(ctx, r.Repo); !errors.Is(err, registry.ErrNotFound) {
		t.Errorf("after its end: %v", err)
	}
}

func TestPrivateNeedsTheToken(t *testing.T) {
	e := newEmulator(t)
	for token, want := range map[github.Secret]error{secret: nil, "": registry.ErrNotFound, "wrong": registry.ErrCredentials} {
		c := e.client(t, func(cfg *github.Config) { cfg.Token = token })
		if _, err := c.Repository(t.Context(), private); !errors.Is(err, want) {
			t.Errorf("token %q: error is %v, want %v", string(token), err, want)
		}
	}
}

func TestEnterpriseAddress(t *testing.T) {
	e := newEmulator(t)
	c := e.client(t, func(cfg *github.Config) { cfg.APIURL = e.url + "/api/v3" })
	if err := errors.Join(call(c.Releases(t.Context(), yard)), c.Archive(t.Context(), private, "v1.0.0", io.Discard)); err != nil {
		t.Error(err)
	}
	for _, path := range e.sent() {
		if !strings.Contains(path, "/api/v3/") && !strings.Contains(path, "/codeload/") {
			t.Errorf("asked %s", path)
		}
	}
}

func TestApp(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	e := newEmulator(t)
	e.App(12, &key.PublicKey)
	c := e.client(t, func(cfg *github.Config) {
		cfg.Token = ""
		cfg.App = &github.App{ID: "12", PrivateKey: github.Secret(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))}
	})
	for range 2 {
		if r, err := c.Repository(t.Context(), private); err != nil || !r.Private {
			t.Errorf("%+v, error %v", r, err)
		}
		if err := c.Archive(t.Context(), private, "v1.0.0", io.Discard); err != nil {
			t.Error(err)
		}
	}
	sent := e.sent()
	if len(sent) != 2+3+3 || !strings.HasSuffix(sent[0], "/installation") || !strings.HasSuffix(sent[1], "/access_tokens") {
		t.Errorf("asked %q", sent)
	}
}
