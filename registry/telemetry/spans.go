package telemetry

import (
	"io"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// Handler makes a span of each request that is sampled. The route is what the
// request's Pattern names afterwards. A traceparent is followed where believed
// says that the request's peer may be: others could have all that they ask
// traced.
func (t *Traces) Handler(next http.Handler, believed func(*http.Request) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		if r.Header.Get("Traceparent") != "" && believed(r) {
			ctx = propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(r.Header))
		}
		ctx, span := t.tracer.Start(ctx, "request", trace.WithSpanKind(trace.SpanKindServer))
		r = r.WithContext(ctx)
		if !span.IsRecording() {
			next.ServeHTTP(w, r)
			return
		}
		noted := &noted{ResponseWriter: w}
		defer func() {
			if v := recover(); v != nil {
				noted.status = http.StatusInternalServerError
				finish(span, r, noted)
				panic(v)
			}
			finish(span, r, noted)
		}()
		next.ServeHTTP(noted, r)
	})
}

func finish(span trace.Span, r *http.Request, w *noted) {
	method := r.Method
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodOptions:
	default:
		method = "_OTHER"
	}
	span.SetName(method + " " + r.Pattern)
	if r.Pattern == "" {
		span.SetName(method)
	}
	span.SetAttributes(
		attribute.String("http.request.method", method),
		attribute.String("http.route", r.Pattern),
		attribute.Int("http.response.status_code", w.status),
		attribute.Int64("http.response.body.size", w.bytes),
	)
	if w.status >= 500 {
		span.SetStatus(codes.Error, "")
	}
	span.End()
}

// noted remembers what was answered.
type noted struct {
	http.ResponseWriter
	status int
	bytes  int64 // of the body
}

func (n *noted) WriteHeader(status int) {
	if n.status < 200 {
		n.status = status
	}
	n.ResponseWriter.WriteHeader(status)
}

func (n *noted) Write(p []byte) (int, error) {
	n.begin()
	count, err := n.ResponseWriter.Write(p)
	n.bytes += int64(count)
	return count, err
}

// ReadFrom leads to the server's own, which knows sendfile.
func (n *noted) ReadFrom(src io.Reader) (int64, error) {
	n.begin()
	count, err := io.Copy(n.ResponseWriter, src)
	n.bytes += count
	return count, err
}

// begin notes that a body without a status begins.
func (n *noted) begin() {
	if n.status == 0 {
		n.status = http.StatusOK
	}
}

func (n *noted) Unwrap() http.ResponseWriter { return n.ResponseWriter }
