package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/pluginyard/pluginyard/github"
	"github.com/pluginyard/pluginyard/registry"
	"github.com/pluginyard/pluginyard/registry/httpapi"
	"github.com/pluginyard/pluginyard/registry/signing"
)

// fileSources loads the files of an archive; env is its file "env", lines of
// NAME=VALUE; its file "flags" has lines of KEY=VALUE, and repo=OWNER/REPO.
func fileSources(ar *txtar.Archive) sources {
	files := map[string]string{}
	for _, f := range ar.Files {
		files[f.Name] = string(f.Data)
	}
	src := sources{
		file:   "pluginyard.yaml",
		flags:  map[string]string{},
		getenv: lookup(strings.Split(strings.TrimSpace(files["env"]), "\n")),
		read: func(name string, limit int64) ([]byte, error) {
			data, ok := files[name]
			if !ok {
				return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
			}
			return []byte(data), nil
		},
	}
	for line := range strings.Lines(files["flags"]) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		if key == "repo" {
			src.repos = append(src.repos, value)
		} else {
			src.flags[key] = value
		}
	}
	return src
}

// A case is a file: pluginyard.yaml, env, flags and any other file, and under
// "want" the whole error.
func TestFaultsNamePlaceKeyAndRemedy(t *testing.T) {
	names, err := filepath.Glob("testdata/config/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			ar, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			var got string
			if _, err := load(fileSources(ar)); err != nil {
				got = err.Error() + "\n"
			}
			for i, f := range ar.Files {
				if f.Name != "want" {
					continue
				}
				if diff := cmp.Diff(string(f.Data), got); diff != "" {
					t.Errorf("the error differs (-want +got):\n%s", diff)
				}
				if *update {
					ar.Files[i].Data = []byte(got)
					rewrite(t, name, txtar.Format(ar))
				}
			}
		})
	}
}

func TestWholeFileIsRead(t *testing.T) {
	src := fileSources(txtar.Parse([]byte(`
-- env --
GITHUB_TOKEN=ghp_example
HOOK=s3cret
-- key.pem --
-----BEGIN PRIVATE KEY-----
-- pluginyard.yaml --
# everything at once
listen: 127.0.0.1:9000
base_url: https://updates.example.com/software-updates/
cdn_url: https://cdn.example.com
data: s3://bucket
github:
  api_url: https://github.example.com/api/v3/
  token: ${GITHUB_TOKEN}
  webhook_secret: x-${HOOK}-$${HOOK}
refresh:
  every: 10m
  serve_stale: 1d12h
tls:
  domains: [updates.example.com, WWW.example.com]
  cache: /var/cache/pluginyard
  email: ops@example.com
log: {level: debug, format: json, requests: all, addresses: full}
limits: {builds: 2, queue: 10, rate: 5/s, api_rate: off, connections: 100, min_rate: off}
admin_listen: "127.0.0.1:9090"
admin_profiles: on
tracing:
  endpoint: http://127.0.0.1:4318
  ratio: 25%
  service: updates
  headers: ["Authorization: Bearer ${GITHUB_TOKEN}", "X-Team: acme"]
shutdown_timeout: 5s
trusted_proxies: [10.1.2.3/8, "::1"]
owners:
  - name: acme
    topic: [wordpress-plugin, wordpress-theme]
    exclude: [Old-*]
    source: release
    access: public
  - {name: alice, topic: yard}
plugins:
  - repository: acme/hello-yard
  - repository: https://github.com/acme/tools.git
    slug: fence-post
    file: fence-post/main.php
    source: release
    ref: v1.2.0
    branches: [develop, feature/x]
    path: plugins/fence-post/
    tag_prefix: fence-post/
    asset: "fence-post-*.zip"
    readme: docs/readme.txt
    access: public
    sections: [description, other_notes]
  - repository: acme/gate
    branches: [develop]
    yanked: [1.3.0, v1.2]
    min_version: 1.1
    disable_autoupdate: true
    environments: {staging: beta, development: branch, local: "branch:develop", production: stable}
    rollout:
      steps:
        - {after: 0, percent: 10}
        - {after: 2d, percent: 50}
        - {after: 5d12h, percent: 100}
      halt: true
  - repository: acme/post
    rollout: {percent: 20}
`)))
	got, err := load(src)
	if err != nil {
		t.Fatal(err)
	}
	want := &config{
		Listen:  "127.0.0.1:9000",
		BaseURL: "https://updates.example.com/software-updates",
		CDNURL:  "https://cdn.example.com",
		Data:    "s3://bucket",
		GitHub: githubConfig{
			APIURL:        "https://github.example.com/api/v3",
			Token:         "ghp_example",
			Reserve:       &github.Reserve{Percent: 10},
			WebhookSecret: "x-s3cret-${HOOK}",
		},
		Refresh:         refreshConfig{Every: 10 * time.Minute, ServeStale: 36 * time.Hour},
		TLS:             tlsConfig{Domains: []string{"updates.example.com", "www.example.com"}, Cache: "/var/cache/pluginyard", Email: "ops@example.com"},
		Log:             logConfig{Level: "debug", Format: "json", Requests: "all", Addresses: "full"},
		Limits:          limitsConfig{Builds: 2, Queue: 10, Rate: httpapi.Rate{Count: 5, Per: time.Second}, Connections: 100},
		AdminListen:     "127.0.0.1:9090",
		AdminProfiles:   "on",
		Tracing:         tracingConfig{Endpoint: "http://127.0.0.1:4318", Ratio: 0.25, Service: "updates", Headers: []tracingHeader{{"Authorization", "Bearer ghp_example"}, {"X-Team", "acme"}}},
		ShutdownTimeout: 5 * time.Second,
		TrustedProxies:  []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")},
		Owners: []registry.Owner{
			{
				Name: "acme", Topics: []string{"wordpress-plugin", "wordpress-theme"}, Exclude: []string{"old-*"},
				Plugin: registry.Plugin{Source: registry.SourceRelease, Access: registry.AccessPublic},
			},
			{Name: "alice", Topics: []string{"yard"}},
		},
		Plugins: []registry.Plugin{
			{Repo: registry.Repo{Owner: "acme", Name: "hello-yard"}},
			{
				Repo: registry.Repo{Owner: "acme", Name: "tools"}, Slug: "fence-post", File: "main.php",
				Source: registry.SourceRelease, Ref: "v1.2.0", Branches: []string{"develop", "feature/x"},
				Path: "plugins/fence-post", TagPrefix: "fence-post/", Asset: "fence-post-*.zip",
				Readme: "docs/readme.txt", Access: registry.AccessPublic, Sections: []string{"description", "other_notes"},
			},
			{
				Repo: registry.Repo{Owner: "acme", Name: "gate"}, Branches: []string{"develop"},
				Policy: registry.Policy{
					Yanked: []string{"1.3.0", "v1.2"}, MinVersion: "1.1", DisableAutoupdate: true,
					Environments: map[string]string{"staging": "beta", "development": "branch", "local": "branch:develop", "production": "stable"},
					Rollout:      registry.Rollout{Halt: true, Steps: []registry.RolloutStep{{Percent: 10}, {After: 2 * day, Percent: 50}, {After: 5*day + 12*time.Hour, Percent: 100}}},
				},
			},
			{
				Repo:   registry.Repo{Owner: "acme", Name: "post"},
				Policy: registry.Policy{Rollout: registry.Rollout{Steps: []registry.RolloutStep{{Percent: 20}}}},
			},
		},
	}
	if diff := cmp.Diff(want, got, compareConfigs); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Secrets are compared by what they hide.
var compareConfigs = cmp.Options{
	cmp.Comparer(func(a, b secret) bool { return a == b }),
	cmp.AllowUnexported(tracingHeader{}),
	cmp.Comparer(func(a, b netip.Prefix) bool { return a == b }),
	cmp.Comparer(func(a, b *signing.Keyring) bool { return slices.Equal(a.PublicKeys(), b.PublicKeys()) }),
}

func TestFlagWinsOverVariableOverFileOverDefault(t *testing.T) {
	const file = "-- pluginyard.yaml --\nrefresh:\n  every: 3h\n"
	for _, tc := range []struct {
		name, archive string
		want          time.Duration
	}{
		{"the default", "", 4 * time.Hour},
		{"the file over the default", file, 3 * time.Hour},
		{"the variable over the file", file + "-- env --\nPLUGINYARD_REFRESH_EVERY=2h\n", 2 * time.Hour},
		{"the flag over the variable", file + "-- env --\nPLUGINYARD_REFRESH_EVERY=2h\n-- flags --\nrefresh.every=1h\n", time.Hour},
		{"a good flag over a wrong variable", file + "-- env --\nPLUGINYARD_REFRESH_EVERY=soon\n-- flags --\nrefresh.every=1h\n", time.Hour},
	} {
		t.Run(tc.name, func(t *testing.T) {
			src := fileSources(txtar.Parse([]byte(tc.archive)))
			if !strings.Contains(tc.archive, "pluginyard.yaml") {
				src.file = ""
			}
			cfg, err := load(src)
			if err != nil {
				t.Fatal(err)
			}
			if cfg.Refresh.Every != tc.want {
				t.Errorf("got %s, want %s", cfg.Refresh.Every, tc.want)
			}
		})
	}
}

func TestSecretsComeFromFiles(t *testing.T) {
	cfg, err := load(fileSources(txtar.Parse([]byte(`
-- pluginyard.yaml --
github:
  app: {id: 12345, installation: 678, private_key: /etc/app.pem}
  webhook_secret_file: /etc/hook
-- /etc/app.pem --
-----BEGIN RSA PRIVATE KEY-----
-- /etc/hook --
hook secret
`))))
	if err != nil {
		t.Fatal(err)
	}
	want := githubConfig{
		APIURL:            "https://api.github.com",
		App:               appConfig{ID: "12345", Installation: 678, PrivateKey: "-----BEGIN RSA PRIVATE KEY-----\n"},
		Reserve:           &github.Reserve{Percent: 10},
		WebhookSecret:     "hook secret",
		WebhookSecretFile: "/etc/hook",
	}
	if diff := cmp.Diff(want, cfg.GitHub, compareConfigs); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestEverySettingHasItsDefaultNameAndHelp(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range settings() {
		if s.help == "" {
			t.Errorf("%s: no help", s.key)
		}
		for _, name := range []string{s.key, "--" + s.flag(), s.env()} {
			if seen[name] {
				t.Errorf("%s: a second %s", s.key, name)
			}
			seen[name] = true
		}
		if s.def == "" {
			continue
		}
		if err := s.set(&config{}, s.def); err != nil {
			t.Errorf("%s: its own default %q: %v", s.key, s.def, err)
		}
	}
}

func TestLinksBeginWhereSitesCanFollow(t *testing.T) {
	at := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 4321}
	for _, tc := range []struct {
		name string
		cfg  config
		want string
	}{
		{"as configured", config{Listen: ":8080", BaseURL: "https://example.com/x"}, "https://example.com/x"},
		{"the first domain of our own certificates", config{Listen: ":443", TLS: tlsConfig{Domains: []string{"a.example.com", "b.example.com"}}}, "https://a.example.com"},
		{"the host we listen at, with the port that was free", config{Listen: "localhost:0"}, "http://localhost:4321"},
		{"an IPv6 address in brackets", config{Listen: "[::1]:0"}, "http://[::1]:4321"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := tc.cfg.base(at); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestDurations(t *testing.T) {
	for _, tc := range []struct {
		text string
		want time.Duration // 0 is an error
	}{
		{"1s", time.Second},
		{"90s", 90 * time.Second},
		{"4h", 4 * time.Hour},
		{"4h30m", 4*time.Hour + 30*time.Minute},
		{"30d", 30 * day},
		{"1d12h", 36 * time.Hour},
		{"0d1s", time.Second},
		{"1500ms", 1500 * time.Millisecond},
		{"106751d", 106751 * day},
		{"", 0},
		{"0", 0},
		{"0s", 0},
		{"0d", 0},
		{"999ms", 0},
		{"-1h", 0},
		{"+1h", 0},
		{"1d-1h", 0},
		{"1d+1h", 0},
		{"-1d", 0},
		{"1.5d", 0},
		{"d", 0},
		{"1h1d", 0},
		{"1d1d", 0},
		{"4", 0},
		{"4 hours", 0},
		{"106752d", 0},
		{"106751d24h", 0},
		{"99999999999999999999d", 0},
	} {
		t.Run(tc.text, func(t *testing.T) {
			got, err := parseDuration(tc.text)
			if got != tc.want || (err == nil) != (tc.want != 0) {
				t.Fatalf("got %s, %v, want %s", got, err, tc.want)
			}
		})
	}
}

func TestSecretsStayHidden(t *testing.T) {
	s := secret("ghp_example")
	for _, verb := range []string{"%v", "%s", "%q", "%x", "%#v", "%+v", "%d", "%t", "%10s"} {
		for _, v := range []any{s, struct{ S secret }{s}, []secret{s}, map[string]secret{"s": s}, &struct{ S *secret }{&s}} {
			if got := fmt.Sprintf(verb, v); strings.Contains(got, "ghp") || strings.Contains(got, "6768") {
				t.Errorf("%s of %T shows it: %s", verb, v, got)
			}
		}
	}
	var none secret
	if got := none.String(); got != "" {
		t.Errorf("no secret is shown as %q", got)
	}
}

func TestFaultsAreBounded(t *testing.T) {
	file := strings.Repeat("- {repository: x}\n", 1000)
	_, err := load(fileSources(txtar.Parse([]byte("-- pluginyard.yaml --\nplugins:\n" + file))))
	var fs faults
	if !errors.As(err, &fs) {
		t.Fatalf("got %v", err)
	}
	if lines := strings.Count(err.Error(), "\n") + 1; lines != maxFaults+1 {
		t.Errorf("%d lines, want %d", lines, maxFaults+1)
	}
}
