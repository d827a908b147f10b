package main

import (
	"errors"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rogpeppe/go-internal/txtar"
	"go.yaml.in/yaml/v3"

	"github.com/pluginyard/pluginyard/registry"
)

// FuzzConfig: whatever the file holds, it is loaded, or every fault of it names
// the file, in one line; the configuration written out as a file loads to
// itself.
func FuzzConfig(f *testing.F) {
	names, err := filepath.Glob("testdata/config/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		ar, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range ar.Files {
			if file.Name == "pluginyard.yaml" {
				f.Add(file.Data)
			}
		}
	}
	f.Add([]byte("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"))
	f.Add([]byte(strings.Repeat("[", 1000)))
	f.Add([]byte("plugins:\n- repository: acme/x\n  yanked: [1.3.0]\n  environments: {staging: beta}\n  rollout: {halt: true, steps: [{after: 0, percent: 10}, {after: 2d, percent: 100}]}\n"))
	f.Add([]byte("plugins:\n- repository: acme/x\n  file: x/x.php\ntls: {domains: [a.example.com]}\n"))
	from := func(data []byte) (*config, error) {
		return load(sources{
			file:   "pluginyard.yaml",
			getenv: lookup([]string{"TOKEN=ghp_example", "EMPTY="}),
			read: func(name string, _ int64) ([]byte, error) {
				if name != "pluginyard.yaml" {
					return nil, errors.New("no such file")
				}
				return data, nil
			},
		})
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		cfg, err := from(data)
		if err != nil {
			var fs faults
			if !errors.As(err, &fs) {
				t.Fatalf("%T is no faults: %v", err, err)
			}
			for _, fault := range fs {
				line := fault.String()
				if !strings.HasPrefix(line, "pluginyard.yaml") {
					t.Errorf("names no file: %s", line)
				}
				if strings.Contains(line, "\n") {
					t.Errorf("more than one line: %q", line)
				}
				if strings.Contains(line, "ghp_example") {
					t.Errorf("shows a variable: %s", line)
				}
			}
			return
		}
		printed, err := printConfig(cfg)
		if err != nil {
			t.Fatal(err)
		}
		again, err := from(printed)
		if err != nil {
			t.Fatalf("printed, it no longer loads: %v\n%s", err, printed)
		}
		if diff := cmp.Diff(cfg, again, compareConfigs, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("printed, it loads differently (-first +second):\n%s", diff)
		}
	})
}

// printConfig writes a configuration as a file.
func printConfig(c *config) ([]byte, error) {
	var proxies []string
	for _, p := range c.TrustedProxies {
		proxies = append(proxies, p.String())
	}
	var headers []string
	for _, h := range c.Tracing.Headers {
		headers = append(headers, h.name+": "+h.value.reveal())
	}
	var plugins []map[string]any
	for _, p := range c.Plugins {
		plugins = append(plugins, filled(map[string]any{
			"repository": p.Repo.String(), "slug": string(p.Slug), "file": p.File, "source": string(p.Source), "ref": p.Ref,
			"path": p.Path, "tag_prefix": p.TagPrefix, "asset": p.Asset, "readme": p.Readme, "access": string(p.Access),
			"branches": p.Branches, "sections": p.Sections, "min_version": p.Policy.MinVersion, "yanked": p.Policy.Yanked,
			"environments": p.Policy.Environments, "rollout": printRollout(&p.Policy.Rollout), "disable_autoupdate": p.Policy.DisableAutoupdate,
		}))
	}
	installation := ""
	if n := c.GitHub.App.Installation; n != 0 {
		installation = strconv.FormatInt(n, 10)
	}
	traced := filled(map[string]any{"endpoint": c.Tracing.Endpoint, "ratio": strconv.FormatFloat(c.Tracing.Ratio, 'g', -1, 64), "service": c.Tracing.Service, "headers": headers})
	if c.Tracing.Endpoint == "" {
		traced = nil // the others need it
	}
	return yaml.Marshal(filled(map[string]any{
		"listen": c.Listen, "base_url": c.BaseURL, "cdn_url": c.CDNURL, "data": c.Data,
		"shutdown_timeout": c.ShutdownTimeout.String(), "trusted_proxies": proxies, "plugins": plugins,
		"github": filled(map[string]any{
			"api_url": c.GitHub.APIURL, "token": c.GitHub.Token.reveal(), "webhook_secret": c.GitHub.WebhookSecret.reveal(), "webhook_secrets": revealed(c.GitHub.WebhookSecrets),
			"app": filled(map[string]any{"id": c.GitHub.App.ID, "installation": installation, "private_key": c.GitHub.App.PrivateKey.reveal()}),
		}),
		"admin_listen": c.AdminListen, "admin_profiles": c.AdminProfiles,
		"tracing": traced,
		"signing": filled(map[string]any{"public_keys": c.Signing.PublicKeys}),
		"refresh": map[string]any{"every": c.Refresh.Every.String(), "serve_stale": c.Refresh.ServeStale.String()},
		"tls":     filled(map[string]any{"domains": c.TLS.Domains, "cache": c.TLS.Cache, "email": c.TLS.Email}),
		"log":     filled(map[string]any{"level": c.Log.Level, "format": c.Log.Format}),
	}))
}

// printRollout writes a rollout as the file has it.
func printRollout(r *registry.Rollout) map[string]any {
	var steps []map[string]any
	for _, step := range r.Steps {
		after := "0"
		if step.After > 0 {
			after = step.After.String()
		}
		steps = append(steps, map[string]any{"after": after, "percent": step.Percent})
	}
	return map[string]any{"steps": steps, "halt": r.Halt}
}

// filled drops what is empty, and keeps ${ from being taken for a variable.
func filled(m map[string]any) map[string]any {
	literal := strings.NewReplacer("${", "$${")
	for key, value := range m {
		switch value := value.(type) {
		case map[string]string:
			texts := map[string]any{}
			for k, v := range value {
				texts[k] = v
			}
			m[key] = filled(texts)
		case string:
			if m[key] = literal.Replace(value); value == "" {
				delete(m, key)
			}
		case []string:
			list := make([]string, len(value))
			for i, v := range value {
				list[i] = literal.Replace(v)
			}
			if m[key] = list; len(list) == 0 {
				delete(m, key)
			}
		}
	}
	return m
}
