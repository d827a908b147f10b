package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/pluginyard/pluginyard/registry/httpapi"
	"github.com/pluginyard/pluginyard/registry/telemetry"
)

// scraped is what the operator's address says.
func (w *plantedWorld) scraped(path string) string {
	w.Helper()
	answer, err := http.Get(w.admin + path)
	if err != nil {
		w.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		w.Fatal(err)
	}
	return string(body)
}

// counted asks until all lines are there: a request is counted behind its
// answer.
func (w *plantedWorld) counted(lines ...string) string {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), patience)
	defer cancel()
	for {
		text, missing := w.scraped("/metrics"), ""
		for _, line := range lines {
			if !strings.Contains(text, "\n"+line+"\n") {
				missing = line
			}
		}
		if missing == "" {
			return text
		}
		if ctx.Err() != nil {
			w.Fatalf("there is no %s in\n%s", missing, text)
		}
	}
}

// What strangers do wrong wakes nobody.
func TestStrangersMistakesAreNoFaultsOfOurs(t *testing.T) {
	t.Parallel()
	w := plantSecrets(t)
	w.serve()
	w.out.await(t, 0, `msg="package built" plugin=hello-yard`)
	prefix := w.public + strings.TrimPrefix(siteURL, "http://updates.example.com")
	for _, code := range httpapi.Codes() {
		w.counted(`pluginyard_http_errors_total{code="` + code + `"} 0`)
	}
	w.counted(`pluginyard_github_requests_total{status="401",to="api"} 0`, `pluginyard_store_operations_total{operation="put",result="unavailable"} 0`)
	for path, method := range map[string]string{"/no/such/page": http.MethodGet, "/nothing.json": http.MethodGet, "/webhooks/github": http.MethodPost, "/readyz": http.MethodDelete} {
		request, err := http.NewRequestWithContext(t.Context(), method, prefix+path, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
	}
	w.counted(
		`pluginyard_http_errors_total{code="rest_no_route"} 1`, `pluginyard_http_errors_total{code="plugin_not_found"} 1`,
		`pluginyard_http_errors_total{code="bad_signature"} 1`, `pluginyard_http_errors_total{code="method_not_allowed"} 1`,
		`pluginyard_http_errors_total{code="internal_error"} 0`, `pluginyard_http_errors_total{code="other"} 0`,
	)
	w.stop()
	<-w.ended
}

// Each of our credentials has what GitHub lets it ask for.
func TestAllowancesAreShown(t *testing.T) {
	t.Parallel()
	w := plantSecrets(t)
	w.hub.LimitEach()
	w.serve()
	for _, name := range publics() {
		w.out.await(t, 0, `msg="package built" plugin=`+name)
	}
	page, programs, metrics := w.scraped("/status"), w.scraped("/status.json"), w.scraped("/metrics")
	for where, wants := range map[string][]string{
		page:     {`default`, `owner beta`, `installation \d+`, `\d+ of 5000`},
		programs: {`"credential": "default",\s+"limit": 5000,\s+"remaining": \d+,\s+"reserve": [1-9]`, `"credential": "owner beta"`},
		metrics: {
			`pluginyard_github_allowance_limit\{credential="default"\} 5000`, `pluginyard_github_allowance_remaining\{credential="owner beta"\} \d`,
			`pluginyard_github_allowance_reserve\{credential="default"\} [1-9]`, `pluginyard_github_paused_until_timestamp_seconds\{credential="default"\} 0`,
		},
	} {
		for _, want := range wants {
			if !regexp.MustCompile(want).MatchString(where) {
				t.Errorf("there is no %s in\n%s", want, where)
			}
		}
	}
	w.stop()
	<-w.ended
}

// The stack of a panic is for the log, and has nothing of the request's secrets.
func TestFaultsOfOursAreCountedAndTellNoSecret(t *testing.T) {
	s := secrets{}
	key, authorization := s.plant("licence key"), s.plant("authorization")
	log := newJournal()
	e := &eyes{metrics: telemetry.NewMetrics(telemetry.Config{Codes: httpapi.Codes()})}
	base, err := url.Parse(siteURL)
	if err != nil {
		t.Fatal(err)
	}
	// A registry that is nil panics whatever it is asked.
	h, err := httpapi.New(httpapi.Config{
		Registry: struct{ httpapi.Registry }{}, Base: base, Observe: e.exchange(), WebhookSecret: s.plant("webhook secret"),
		Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})), Requests: httpapi.LogAll, FullAddresses: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	request := httptest.NewRequest(http.MethodGet, base.Path+"/hello-yard.json?license="+key, nil)
	request.Header.Set("Authorization", "Bearer "+authorization)
	request.Header.Set("Referer", "https://example.com/?key="+key)
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, request)
	metrics := httptest.NewRecorder()
	e.metrics.Handler().ServeHTTP(metrics, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if want := `pluginyard_http_errors_total{code="internal_error"} 1`; answer.Code != 500 || !strings.Contains(metrics.Body.String(), want) {
		t.Errorf("status %d, and there is no %s in\n%s", answer.Code, want, metrics.Body)
	}
	if !strings.Contains(log.String(), "goroutine") {
		t.Errorf("the log has no stack: %s", log)
	}
	for where, text := range map[string]string{"the log": log.String(), "the answer": answer.Body.String(), "what is scraped": metrics.Body.String()} {
		s.none(t, where, text)
	}
}

// However many look at it, what the public needs is left.
func TestTheOperatorsConnectionsAreFew(t *testing.T) {
	listener, err := listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	e := &eyes{cfg: &config{}, log: testLog(t), listener: listener, metrics: telemetry.NewMetrics(telemetry.Config{})}
	e.watch(newWorld(t).start(), nil, nil)
	admin, err := e.server(siteURL)
	if err != nil {
		t.Fatal(err)
	}
	crowd := newCrowdListener(admin.listener, admin.limits, admin.proxies, nil)
	for range adminConnections {
		defer from(t, 1, listener.Addr().String()).Close()
		if _, err := crowd.Accept(); err != nil {
			t.Fatal(err)
		}
	}
	if len(crowd.open) != adminConnections || crowd.max != adminConnections {
		t.Errorf("%d of %d are open, want %d", len(crowd.open), crowd.max, adminConnections)
	}
}
