package telemetry

import (
	"compress/gzip"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	collected "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	wire "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/pluginyard/pluginyard/registry"
)

// spans keeps what it is sent.
type spans struct {
	testing.TB
	mu      sync.Mutex
	all     map[string]*wire.Span // by name
	headers http.Header
}

func (s *spans) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		var err error
		if body, err = gzip.NewReader(r.Body); err != nil {
			s.Error(err)
			return
		}
	}
	data, err := io.ReadAll(body)
	var sent collected.ExportTraceServiceRequest
	if err == nil {
		err = proto.Unmarshal(data, &sent)
	}
	if err != nil {
		s.Error(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.headers = r.Header
	for _, resource := range sent.ResourceSpans {
		for _, scope := range resource.ScopeSpans {
			for _, span := range scope.Spans {
				s.all[span.Name] = span
			}
		}
	}
}

// traced gives the spans of what is done.
func traced(t *testing.T, ratio float64, do func(*Traces)) *spans {
	t.Helper()
	s := &spans{TB: t, all: map[string]*wire.Span{}}
	server := httptest.NewServer(s)
	defer server.Close()
	traces, err := NewTraces(t.Context(), TracesConfig{
		Endpoint: server.URL, Headers: map[string]string{"Authorization": "Bearer x"}, Ratio: ratio, Service: "pluginyard", Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	do(traces)
	if err := traces.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// attributes of a span as text.
func (s *spans) attributes(name string) string {
	var b strings.Builder
	for _, a := range s.all[name].GetAttributes() {
		b.WriteString(a.String() + "\n")
	}
	return strings.ReplaceAll(b.String(), "  ", " ")
}

// A request has a check beneath it, that a build, and that what it asks of the
// forge.
func TestSpansLieWithinEachOther(t *testing.T) {
	s := traced(t, 1, func(traces *Traces) {
		observe := traces.Observer()
		handler := traces.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Pattern = "/:name"
			ctx, checked := observe(r.Context(), registry.WorkCheck, slog.String("plugin", "hello-yard"))
			ctx, built := observe(ctx, registry.WorkBuild, slog.String("plugin", "hello-yard"), slog.String("channel", "release"))
			_, answered := observe(ctx, registry.WorkForge, slog.String("path", "/repos/acme/hello-yard"))
			answered(nil, slog.Int("status", 304))
			built(errors.Join(registry.ErrLimited, errors.New("a secret text")))
			checked(nil)
			w.WriteHeader(http.StatusServiceUnavailable)
		}), func(*http.Request) bool { return false })
		r := httptest.NewRequest(http.MethodGet, "/hello-yard.json?license=secret", nil)
		r.Header.Set("User-Agent", "secret")
		handler.ServeHTTP(httptest.NewRecorder(), r)
	})
	var above []byte
	for _, name := range []string{"GET /:name", registry.WorkCheck, registry.WorkBuild, registry.WorkForge} {
		span := s.all[name]
		if span == nil {
			t.Fatalf("there is no span %q, but %v", name, s.all)
		}
		if string(span.ParentSpanId) != string(above) {
			t.Errorf("%s lies beneath %x, want %x", name, span.ParentSpanId, above)
		}
		above = span.SpanId
		if strings.Contains(span.String(), "secret") {
			t.Errorf("%s tells a secret: %s", name, span)
		}
	}
	for name, want := range map[string]string{
		"GET /:name": "http.response.status_code", registry.WorkBuild: "pluginyard.build.channel", registry.WorkForge: "pluginyard.forge.status",
	} {
		if !strings.Contains(s.attributes(name), want) {
			t.Errorf("%s has no %s: %s", name, want, s.attributes(name))
		}
	}
	if status := s.all[registry.WorkBuild].Status; status.GetMessage() != "rate_limited" || status.GetCode() != wire.Status_STATUS_CODE_ERROR {
		t.Errorf("the build ended with %s", status)
	}
	if s.headers.Get("Authorization") != "Bearer x" {
		t.Error("the endpoint was not sent our header")
	}
}

func TestTraceparentIsBelievedOfWhomWeTrust(t *testing.T) {
	const trace = "4bf92f3577b34da6a3ce929d0e0e4736"
	for _, test := range []struct {
		name     string
		believed bool
	}{
		{"a stranger's is not, and has nothing traced", false},
		{"a trusted one's is", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := traced(t, 0, func(traces *Traces) {
				handler := traces.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), func(*http.Request) bool { return test.believed })
				r := httptest.NewRequest(http.MethodGet, "/", nil)
				r.Header.Set("Traceparent", "00-"+trace+"-00f067aa0ba902b7-01")
				handler.ServeHTTP(httptest.NewRecorder(), r)
			})
			span := s.all["GET"]
			if (span != nil) != test.believed || span != nil && hex.EncodeToString(span.TraceId) != trace {
				t.Fatalf("got %v", s.all)
			}
		})
	}
}

// Builds and checks are few: all are traced, however few of the requests are.
func TestRatioIsOfRequestsAlone(t *testing.T) {
	s := traced(t, 0, func(traces *Traces) {
		_, end := traces.Observer()(context.Background(), registry.WorkCheck)
		end(nil)
		traces.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), nil).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
	})
	if len(s.all) != 1 || s.all[registry.WorkCheck] == nil {
		t.Errorf("got %v", s.all)
	}
}
