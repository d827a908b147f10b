//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pluginyard/pluginyard/registry"
)

// checkFiles checks a folder with those files, each of one byte.
func checkFiles(t *testing.T, names ...string) []registry.Finding {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte("1"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	var local registry.Local
	if err := packFolder(t.Context(), root, &local); err != nil {
		t.Fatal(err)
	}
	defer os.Remove(local.Zip.Name())
	defer local.Zip.Close()
	_, err = registry.Check(t.Context(), &local)
	var refused *registry.Refusal
	if !errors.As(err, &refused) {
		t.Fatalf("%v, want a refusal, as there is no main file", err)
	}
	return refused.Findings
}

func hasCode(findings []registry.Finding, code string) bool {
	for _, found := range findings {
		if found.Code == code {
			return true
		}
	}
	return false
}

func TestNamesThatAreNotUTF8AreFindings(t *testing.T) {
	for _, tt := range []struct {
		name    string
		refused bool
	}{{"evil\xff.php", true}, {"d\xfe/x.php", true}, {".hidden/\xff", false}} {
		found := checkFiles(t, tt.name, "id_rsa")
		if got := hasCode(found, "installer_refused"); got != tt.refused {
			t.Errorf("%q: %v, want %v: %v", tt.name, got, tt.refused, found)
		}
		if !hasCode(found, "secret_shipped") {
			t.Errorf("%q hides the secret: %v", tt.name, found)
		}
	}
}

func TestAPanicOfACheckIsLogged(t *testing.T) {
	var stderr bytes.Buffer
	a := &app{stderr: &stderr}
	a.logPanic(&config{}, &registry.Refusal{Err: errors.New("no main file")})
	if stderr.Len() > 0 {
		t.Errorf("a refusal is logged as %q", &stderr)
	}
	a.logPanic(&config{}, &registry.Refusal{Err: fmt.Errorf("%w: odd content", registry.ErrPanic)})
	if got := stderr.String(); !strings.Contains(got, "ERROR") || !strings.Contains(got, "odd content") {
		t.Errorf("a panic is logged as %q", got)
	}
}

func TestANameThatNoArchiveMayHoldHidesNothingElse(t *testing.T) {
	deep := strings.Repeat("d/", 80) + "x.php"
	for _, name := range []string{`a\b.php`, `d\e/x.php`, deep} {
		found := checkFiles(t, name, "id_rsa", "tests/a.php")
		for _, code := range []string{"archive_refused", "secret_shipped", "tests_shipped"} {
			if !hasCode(found, code) {
				t.Errorf("%q: findings %v lack %s", name, found, code)
			}
		}
	}
}
