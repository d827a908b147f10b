package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEachRequestIsLogged(t *testing.T) {
	log := &logBuffer{}
	c := newClient(t, Config{Token: planted, Log: log.logger(), Transport: trips(func(req *http.Request) (*http.Response, error) {
		if req.URL.Host == "codeload.example.com" {
			return nil, errors.New("connection reset")
		}
		return reply(req, 302, ``, "Location", "https://codeload.example.com/x?token="+planted, "X-RateLimit-Remaining", "41"), nil
	})})
	if err := c.Archive(t.Context(), yard, "main", io.Discard); err == nil {
		t.Fatal("no error")
	}
	if strings.Contains(log.String(), planted) {
		t.Errorf("a secret shows: %s", log)
	}
	var got []map[string]any
	for line := range strings.Lines(log.String()) {
		var attrs map[string]any
		if err := json.Unmarshal([]byte(line), &attrs); err != nil {
			t.Fatal(err)
		}
		delete(attrs, "time")
		delete(attrs, "elapsed")
		got = append(got, attrs)
	}
	api := map[string]any{"level": "DEBUG", "msg": "github request", "method": "GET",
		"host": "api.github.com", "path": "/repos/acme/hello-yard/zipball/main", "status": 302.0, "remaining": "41"}
	codeload := map[string]any{"level": "DEBUG", "msg": "github request", "method": "GET",
		"host": "codeload.example.com", "path": "/x", "err": "connection reset"}
	if diff := cmp.Diff([]map[string]any{api, codeload, codeload, codeload}, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

// What is counted and traced names our own host's paths alone: those that it
// redirects to may be secret.
func TestEachRequestIsObserved(t *testing.T) {
	var got []string
	observe := func(ctx context.Context, work string, about ...slog.Attr) (context.Context, func(error, ...slog.Attr)) {
		return ctx, func(err error, more ...slog.Attr) {
			got = append(got, fmt.Sprint(work, append(about, more...), err))
		}
	}
	c := newClient(t, Config{Token: planted, Observe: observe, Transport: trips(func(req *http.Request) (*http.Response, error) {
		if req.URL.Host == "codeload.example.com" {
			return reply(req, 200, "PK\x05\x06"+strings.Repeat("\x00", 18)), nil
		}
		return reply(req, 302, "moved", "Location", "https://codeload.example.com/x/"+planted+"?token="+planted), nil
	})})
	if err := c.Archive(t.Context(), yard, "main", io.Discard); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"forge[method=GET host=api.github.com path=/repos/acme/hello-yard/zipball/main status=302 bytes=0] <nil>",
		"forge[method=GET host=codeload.example.com path= status=200 bytes=22] <nil>",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}
