package telemetry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/pluginyard/pluginyard/registry"
)

// exercised are metrics of which each has counted something.
func exercised() *Metrics {
	now := time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
	m := NewMetrics(Config{
		Version: "1.0.0", Every: 4 * time.Hour, ServeStale: 720 * time.Hour,
		Now:   func() time.Time { now = now.Add(time.Second); return now },
		Codes: []string{"plugin_not_found", "internal_error"},
		Status: func(context.Context) []registry.Status {
			return []registry.Status{
				{Slug: "hello-yard", State: registry.StateFresh, Built: now, Checked: now, Next: now},
				{Slug: "fence-post", State: registry.StateFailed, Error: "a secret text"},
			}
		},
		Allowances: func() []registry.Allowance {
			a := registry.Allowance{Credential: "default", Limit: 5000, Remaining: 4000, Reserve: 500, Reset: now}
			return []registry.Allowance{a, a} // of one name: the scrape must stand that
		},
		Usage: func(context.Context) (registry.Usage, bool) {
			return registry.Usage{Used: 1, Files: 2, Free: 3, Total: 4}, true
		},
		Connections: func() Connections {
			return Connections{Open: 5, Max: 40, Waited: 6, Idle: 7, Stalled: 8, Slow: 9}
		},
	})
	observe := m.Observer()
	tell := func(work string, err error, about, more []slog.Attr) {
		_, end := observe(context.Background(), work, about...)
		end(err, more...)
	}
	tell(registry.WorkBuild, nil, nil, nil)
	tell(registry.WorkBuild, fmt.Errorf("a secret text: %w", registry.ErrLimited), []slog.Attr{slog.String("plugin", "hello-yard")}, nil)
	tell(registry.WorkBuild, &registry.Error{Kind: registry.ErrInvalid, Err: registry.ErrPanic}, nil, nil)
	tell(registry.WorkCheck, errors.New("a secret text"), nil, nil)
	tell(registry.WorkDiscover, nil, []slog.Attr{slog.String("owner", "acme")}, nil)
	tell(registry.WorkStore, nil, []slog.Attr{slog.String("operation", "put")}, nil)
	tell(registry.WorkForge, nil, []slog.Attr{slog.String("path", "/repos/a/secret"), slog.String("host", "secret.example.com")}, []slog.Attr{slog.Int("status", 304), slog.Int64("bytes", 10)})
	tell(registry.WorkForge, errors.New("a secret text"), []slog.Attr{slog.String("path", "")}, nil)
	tell("work that nobody knows", nil, nil, nil)
	m.Request(Request{Route: "/:name", Status: 200, Bytes: 17700, Waited: time.Millisecond})
	m.Request(Request{Status: 404, Code: "plugin_not_found"})
	m.Request(Request{Status: 999, Code: "a code that nobody announced: a secret"})
	return m
}

func scrape(t testing.TB, m *Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if w.Code != 200 {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	return w.Body.String()
}

func TestWhatIsToldIsCounted(t *testing.T) {
	text := scrape(t, exercised())
	for _, want := range []string{
		`pluginyard_builds_total{result="ok"} 1`, `pluginyard_builds_total{result="rate_limited"} 1`, `pluginyard_checks_total{result="internal"} 1`, `pluginyard_checks_total{result="ok"} 0`,
		`pluginyard_builds_running 0`, `pluginyard_builds_total{result="internal"} 1`, `pluginyard_build_duration_seconds_sum 3`,
		`pluginyard_store_operations_total{operation="put",result="ok"} 1`,
		`pluginyard_github_requests_total{status="304",to="api"} 1`, `pluginyard_github_requests_total{status="none",to="downloads"} 1`, `pluginyard_github_received_bytes_total{to="api"} 10`,
		`pluginyard_http_requests_total{route="/:name",status="2xx"} 1`, `pluginyard_http_requests_total{route="none",status="4xx"} 1`, `pluginyard_http_requests_total{route="none",status="other"} 1`,
		`pluginyard_http_errors_total{code="plugin_not_found"} 1`, `pluginyard_http_errors_total{code="other"} 1`, `pluginyard_http_response_bytes_total{route="/:name"} 17700`,
		`pluginyard_plugin_state{plugin="fence-post",state="failed"} 1`, `pluginyard_plugin_failing{plugin="fence-post"} 1`, `pluginyard_plugins{state="fresh"} 1`, `pluginyard_plugins{state="held"} 0`,
		`pluginyard_github_allowance_remaining{credential="default"} 4000`, `pluginyard_store_free_bytes 3`, `pluginyard_refresh_every_seconds 14400`,
		`pluginyard_connections_open 5`, `pluginyard_connections_limit 40`, `pluginyard_connections_waited_total 6`,
		`pluginyard_connections_closed_total{reason="idle"} 7`, `pluginyard_connections_closed_total{reason="stalled"} 8`, `pluginyard_connections_closed_total{reason="slow"} 9`,
	} {
		if !strings.Contains(text, "\n"+want+"\n") {
			t.Errorf("there is no %s", want)
		}
	}
	if strings.Contains(text, "secret") {
		t.Error("a text, a host or a path became a label")
	}
}

// An increase from nothing to 1 is none to Prometheus.
func TestWhatCountsFaultsBeginsAtZero(t *testing.T) {
	before := scrape(t, NewMetrics(Config{Codes: []string{"plugin_not_found", "internal_error"}, Connections: func() Connections { return Connections{} }}))
	after := scrape(t, exercised())
	for _, m := range regexp.MustCompile(`(?m)^(pluginyard_[a-z_]+_(?:total|count)(?:\{.*\})?) `).FindAllStringSubmatch(after, -1) {
		// A route's all begin with its first request.
		if !strings.Contains(before, "\n"+m[1]+" 0\n") && !strings.Contains(m[1], `route="/:name"`) {
			t.Errorf("%s begins with its first event", m[1])
		}
	}
	for _, want := range []string{
		`pluginyard_http_errors_total{code="internal_error"} 0`, `pluginyard_github_requests_total{status="401",to="api"} 0`,
		`pluginyard_store_operations_total{operation="put",result="unavailable"} 0`, `pluginyard_builds_total{result="internal"} 0`,
	} {
		if !strings.Contains(before, "\n"+want+"\n") {
			t.Errorf("there is no %s", want)
		}
	}
}

func TestRoutesHaveABound(t *testing.T) {
	m := exercised()
	for i := range 3 * maxRoutes {
		m.Request(Request{Route: fmt.Sprint("/", i), Status: 200})
	}
	if n := strings.Count(scrape(t, m), "pluginyard_http_response_bytes_total{"); n > maxRoutes+1 {
		t.Errorf("%d routes are told apart", n)
	}
}

// Every name and label in the files for Prometheus and Grafana is one that is
// printed.
func TestRulesAndDashboardNameWhatThereIs(t *testing.T) {
	text := scrape(t, exercised())
	metrics := map[string]bool{"up": true}
	labels := map[string]bool{"job": true, "instance": true}
	for _, m := range regexp.MustCompile(`(?m)^([a-z_]+)(?:\{(.*)\})? `).FindAllStringSubmatch(text, -1) {
		metrics[m[1]] = true
		for _, l := range regexp.MustCompile(`([a-z_]+)="`).FindAllStringSubmatch(m[2], -1) {
			labels[l[1]] = true
		}
	}
	expressions := map[string][]string{}
	var rules struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr string
				Annotations map[string]string
			}
		}
	}
	data, err := os.ReadFile("../../deploy/prometheus/pluginyard.rules.yml")
	if err == nil {
		err = yaml.Unmarshal(data, &rules)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, group := range rules.Groups {
		for _, rule := range group.Rules {
			expressions[rule.Alert] = append(expressions[rule.Alert], rule.Expr)
			if rule.Annotations["summary"] == "" || rule.Annotations["remedy"] == "" {
				t.Errorf("%s does not say what is wrong and what to do", rule.Alert)
			}
		}
	}
	var board struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	data, err = os.ReadFile("../../deploy/grafana/pluginyard.json")
	if err == nil {
		err = json.Unmarshal(data, &board)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, panel := range board.Panels {
		for _, target := range panel.Targets {
			expressions[panel.Title] = append(expressions[panel.Title], target.Expr)
		}
	}
	quoted := regexp.MustCompile(`"[^"]*"|\[[^\]]*\]`)
	name := regexp.MustCompile(`\b(?:up|(?:pluginyard|go|process|promhttp)_[a-z_]+)\b`)
	label := regexp.MustCompile(`(?:\{|,\s*)([a-z_]+)\s*(?:=|!)|by \(([a-z_, ]+)\)`)
	named := 0
	for where, list := range expressions {
		for _, expression := range list {
			bare := quoted.ReplaceAllString(expression, `""`)
			for _, n := range name.FindAllString(bare, -1) {
				if named++; !metrics[n] {
					t.Errorf("%s: there is no metric %s", where, n)
				}
			}
			for _, m := range label.FindAllStringSubmatch(bare, -1) {
				for _, l := range strings.FieldsFunc(m[1]+","+m[2], func(r rune) bool { return r == ',' || r == ' ' }) {
					if !labels[l] {
						t.Errorf("%s: no metric has a label %s", where, l)
					}
				}
			}
		}
	}
	if named < 50 {
		t.Errorf("only %d names were found", named)
	}
}

// Each metric says what it is.
func TestEachMetricIsExplained(t *testing.T) {
	var faults []string
	for _, m := range regexp.MustCompile(`(?m)^# HELP (pluginyard_\S+) (.*)$`).FindAllStringSubmatch(scrape(t, exercised()), -1) {
		if !strings.HasSuffix(m[2], ".") {
			faults = append(faults, m[1])
		}
	}
	if slices.Sort(faults); len(faults) > 0 {
		t.Errorf("no sentence explains %v", faults)
	}
}

func BenchmarkRequest(b *testing.B) {
	m := exercised()
	q := Request{Route: "/:name", Status: 200, Bytes: 17700, Waited: 20 * time.Microsecond}
	b.ReportAllocs()
	for b.Loop() {
		m.Request(q)
	}
}
