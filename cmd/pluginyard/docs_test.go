package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pluginyard/pluginyard/registry/signing"
)

// What people will copy from the README has to be accepted.
func TestConfigurationsOfTheReadmeLoad(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllSubmatch(text, -1)
	if len(blocks) == 0 {
		t.Fatal("no configuration in the README")
	}
	for _, block := range blocks {
		_, err := load(sources{
			file:   "README.md",
			getenv: lookup([]string{"GITHUB_TOKEN=ghp_example", "WEBHOOK_SECRET=example", "TRACES_TOKEN=example"}),
			read: func(name string, _ int64) ([]byte, error) {
				if name == "README.md" {
					return block[1], nil
				}
				if strings.HasSuffix(name, "signing.pem") {
					key, err := signing.Generate(time.Now())
					return key.Text(), err
				}
				return []byte("-----BEGIN RSA PRIVATE KEY-----\n"), nil
			},
		})
		if err != nil {
			t.Errorf("%v in\n%s", err, block[1])
		}
	}
}

// A flag, a variable or a key that is explained has to exist.
func TestReadmeNamesOnlyFlagsThatExist(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{"--help": true, "--config": true, "--repo": true, "--output": true, "--ref": true, "--access": true, "--json": true, "--template": true, "--tag": true, "--fail-on": true, "--format": true, "--html": true, "--profile": true, "--out": true, "--wp-version": true, "--type": true, "--key": true, "--dry-run": true, "--yes": true, "--rebuild": true, "--forget": true, "--server-stopped": true, "--delete": true, "--sbom": true}
	for _, s := range settings() {
		known["--"+s.flag()] = true
		known[s.env()] = true
	}
	known["PLUGINYARD_CONFIG"] = true
	for _, name := range regexp.MustCompile("`[^`]*`").FindAllString(string(text), -1) {
		for _, word := range regexp.MustCompile(`--[a-z][a-z-]*|PLUGINYARD_[A-Z_]+`).FindAllString(name, -1) {
			if !known[word] && strings.Contains(name, "pluginyard") {
				t.Errorf("%s is unknown in %s", word, name)
			}
		}
	}
}
