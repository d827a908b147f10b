package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/pluginyard/pluginyard/registry"
)

// TracesConfig is what [Traces] are made from.
type TracesConfig struct {
	Endpoint string            // http(s)://HOST:PORT; without a path /v1/traces is added
	Headers  map[string]string // sent to the endpoint, and shown nowhere
	Ratio    float64           // of the requests that are traced, 0 to 1; work that no request began is always
	Service  string            // name of the service
	Version  string            // of the program
	Log      *slog.Logger      // told when the endpoint stops and begins to take spans
}

// exportTime bounds sending one batch of spans.
const exportTime = 10 * time.Second

// Traces makes spans and sends them off, in batches and behind the work: where
// the endpoint does not take them they are dropped, and nobody waits.
type Traces struct {
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
}

// NewTraces begins to send spans. It asks nobody. [Traces.Close] ends it.
func NewTraces(ctx context.Context, cfg TracesConfig) (*Traces, error) {
	endpoint, err := url.Parse(cfg.Endpoint)
	if err != nil {
		return nil, errors.New("the tracing endpoint is not an address")
	}
	if strings.Trim(endpoint.Path, "/") == "" {
		endpoint.Path = "/v1/traces"
	}
	wire := &collector{next: http.DefaultTransport}
	exporter, err := otlptracehttp.New(ctx,
		otlptracehttp.WithEndpointURL(endpoint.String()),
		otlptracehttp.WithHeaders(cfg.Headers),
		otlptracehttp.WithCompression(otlptracehttp.GzipCompression),
		otlptracehttp.WithTimeout(exportTime),
		otlptracehttp.WithHTTPClient(&http.Client{
			Transport: wire, Timeout: exportTime,
			// A header of ours is for the endpoint alone.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}))
	if err != nil {
		return nil, errors.New("the tracing endpoint cannot be used")
	}
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(&exports{SpanExporter: exporter, wire: wire, log: cfg.Log}),
		sdktrace.WithSampler(sdktrace.ParentBased(sampler{sdktrace.TraceIDRatioBased(cfg.Ratio)})),
		sdktrace.WithResource(resource.NewSchemaless(
			attribute.String("service.name", cfg.Service), attribute.String("service.version", cfg.Version))),
	)
	return &Traces{provider: provider, tracer: provider.Tracer("github.com/pluginyard/pluginyard")}, nil
}

// Close sends off what is left, as long as the context lasts.
func (t *Traces) Close(ctx context.Context) error {
	if err := t.provider.Shutdown(ctx); err != nil {
		return fmt.Errorf("end tracing: %w", registry.ErrUnavailable) // its text is the endpoint's
	}
	return nil
}

// sampler takes a part of the requests, and all else: builds and checks are few.
type sampler struct{ requests sdktrace.Sampler }

func (s sampler) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	if p.Kind == trace.SpanKindServer {
		return s.requests.ShouldSample(p)
	}
	return sdktrace.AlwaysSample().ShouldSample(p)
}

func (s sampler) Description() string { return "requests by " + s.requests.Description() }

// Observer makes a span of each piece of work.
func (t *Traces) Observer() registry.Observer {
	return func(ctx context.Context, work string, about ...slog.Attr) (context.Context, func(error, ...slog.Attr)) {
		ctx, span := t.tracer.Start(ctx, work)
		if !span.IsRecording() {
			return ctx, func(error, ...slog.Attr) {}
		}
		span.SetAttributes(attributes(work, about)...)
		return ctx, func(err error, about ...slog.Attr) {
			span.SetAttributes(attributes(work, about)...)
			if err != nil {
				span.SetStatus(codes.Error, result(err))
			}
			span.End()
		}
	}
}

// attributes are those that observers are told, as a collector has them. The
// text of an error is not among them.
func attributes(work string, about []slog.Attr) []attribute.KeyValue {
	list := make([]attribute.KeyValue, 0, len(about))
	for _, a := range about {
		key := attribute.Key("pluginyard." + work + "." + a.Key)
		switch {
		case a.Value.Kind() == slog.KindInt64:
			list = append(list, key.Int64(a.Value.Int64()))
		case a.Value.String() != "":
			list = append(list, key.String(a.Value.String()))
		}
	}
	return list
}

// exports sends spans off. What goes wrong is told once, until it goes well
// again: the library's own way is a line to stderr each time, with whatever the
// endpoint has answered.
type exports struct {
	sdktrace.SpanExporter
	wire    *collector
	log     *slog.Logger
	failing atomic.Bool
}

func (e *exports) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	err := e.SpanExporter.ExportSpans(ctx, spans)
	switch {
	case err == nil && e.failing.CompareAndSwap(true, false):
		e.log.Info("traces are taken again")
	case err != nil && e.failing.CompareAndSwap(false, true):
		e.log.Warn("traces cannot be sent, and are dropped until they can", "status", int(e.wire.status.Load()), "err", reason(err))
	}
	return nil
}

// reason is why nobody could be asked; what the endpoint itself has answered is
// not for the log.
func reason(err error) string {
	var operation *net.OpError
	switch {
	case errors.As(err, &operation):
		return operation.Err.Error()
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer in time"
	}
	return "refused"
}

// collector is the wire to the endpoint; it remembers the last status.
type collector struct {
	next   http.RoundTripper
	status atomic.Int64
}

func (c *collector) RoundTrip(r *http.Request) (*http.Response, error) {
	c.status.Store(0)
	resp, err := c.next.RoundTrip(r)
	if err == nil {
		c.status.Store(int64(resp.StatusCode))
	}
	return resp, err
}
