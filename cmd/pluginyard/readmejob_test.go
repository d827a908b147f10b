package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/pluginyard/pluginyard/readme"
)

func TestReadmeDoesNotWaitForeverForItsInput(t *testing.T) {
	stdin, writer := io.Pipe() // nobody writes
	defer writer.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	job := readmeJob{form: documentJSON, extension: ".json"}
	if err := job.plan([]string{"-"}); err != nil {
		t.Fatal(err)
	}
	if err := job.run(ctx, stdin, io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

func TestReadmeReplacesALinkInsteadOfWhatItLeadsTo(t *testing.T) {
	dir := t.TempDir()
	source, kept, link := filepath.Join(dir, "a.txt"), filepath.Join(dir, "kept"), filepath.Join(dir, "a.json")
	for _, file := range []string{source, kept} {
		if err := os.WriteFile(file, []byte("=== a ==="), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(kept, link); err != nil {
		t.Fatal(err)
	}
	job := readmeJob{form: documentJSON, extension: ".json", dir: dir, options: readme.Options{Profile: readme.WPOrg}}
	if err := job.plan([]string{source}); err != nil {
		t.Fatal(err)
	}
	if err := job.run(t.Context(), nil, io.Discard); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(kept); err != nil || string(got) != "=== a ===" {
		t.Errorf("the linked file is %q, %v", got, err)
	}
	if info, err := os.Lstat(link); err != nil || !info.Mode().IsRegular() {
		t.Errorf("%v, %v", info, err)
	}
}
