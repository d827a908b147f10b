package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pluginyard/pluginyard/registry"
)

func TestProgressInPlainLinesNowAndThen(t *testing.T) {
	var b bytes.Buffer
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	c := newConsole(&b)
	c.now = func() time.Time { return now }
	for done := range int64(101) {
		c.tell(progress{what: "building plugins", done: done, total: 100})
		now = now.Add(200 * time.Millisecond)
	}
	c.tell(progress{what: "downloading acme/hello-yard", done: 1, bytes: true})
	now = now.Add(plainEvery)
	c.tell(progress{what: "downloading acme/hello-yard", done: 12_345_678, bytes: true})
	want := "building plugins: 25 of 100\nbuilding plugins: 50 of 100\nbuilding plugins: 75 of 100\nbuilding plugins: 100 of 100\n" +
		"downloading acme/hello-yard: 12.3 MB\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLogGoesAboveTheBar(t *testing.T) {
	var b bytes.Buffer
	c := newConsole(&b)
	c.terminal = true
	c.tell(progress{what: "building plugins", done: 1, total: 3})
	before := b.Len()
	if before == 0 {
		t.Fatal("no bar")
	}
	c.Write([]byte("a line\n"))
	if after := b.String()[before:]; !strings.HasPrefix(after, "\r") || !strings.HasSuffix(after, "\ra line\n") {
		t.Errorf("the bar was not wiped: %q", after)
	}
	c.tell(progress{what: "building plugins", done: 3, total: 3, over: true})
	if c.bar != nil {
		t.Error("the bar stays though the work is done")
	}
}

func TestLogHasTheLevelAndFormThatWereAskedFor(t *testing.T) {
	var b bytes.Buffer
	newLog(&b, logConfig{Level: "warn", Format: "json"}).Info("quiet")
	newLog(&b, logConfig{Level: "debug", Format: "text"}).Debug("loud", "key", secret("x"))
	got := b.String()
	if strings.Contains(got, "quiet") || !strings.Contains(got, "level=DEBUG msg=loud key=(hidden)") {
		t.Errorf("got %q", got)
	}
}

// halfForge gives half of what is asked for.
type halfForge struct{ registry.Forge }

func (halfForge) ReleaseFile(_ context.Context, _ registry.Repo, _ registry.ReleaseFile, w io.Writer) error {
	io.WriteString(w, "half")
	return errors.New("the line broke")
}

func TestProgressOfADownloadEndsWithIt(t *testing.T) {
	var got []progress
	forge := &watchedForge{Forge: halfForge{}, tell: func(p progress) { got = append(got, p) }}
	if err := forge.ReleaseFile(t.Context(), registry.Repo{}, registry.ReleaseFile{Name: "x.zip", Size: 8}, io.Discard); err == nil {
		t.Error("the error was lost")
	}
	want := []progress{
		{what: "downloading x.zip", done: 4, total: 8, bytes: true},
		{what: "downloading x.zip", done: 4, total: 8, bytes: true, over: true},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(progress{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
