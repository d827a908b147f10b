package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// testLog logs to the test.
func testLog(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// gate is a handler that begins an answer and ends it when it is told to.
type gate struct {
	begun, open chan struct{}
}

func newGate() *gate { return &gate{begun: make(chan struct{}), open: make(chan struct{})} }

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	io.WriteString(w, "first half, ")
	http.NewResponseController(w).Flush()
	close(g.begun)
	select {
	case <-g.open:
		io.WriteString(w, "second half")
	case <-r.Context().Done():
	}
}

// startServer runs a server; the error of its end comes through the channel.
func startServer(t testing.TB, h http.Handler, grace time.Duration) (url string, stop func(), ended <-chan error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	l, err := listen(ctx, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- (&server{listener: l, handler: h, grace: grace, log: testLog(t)}).run(ctx) }()
	return "http://" + l.Addr().String(), cancel, done
}

func TestDownloadInFlightFinishes(t *testing.T) {
	g := newGate()
	url, stop, ended := startServer(t, g, time.Minute)
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	<-g.begun
	stop()
	// The listener is closed before the server waits for requests.
	for {
		conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
		if err != nil {
			break
		}
		conn.Close()
	}
	select {
	case err := <-ended:
		t.Fatalf("ended with a request in flight: %v", err)
	default:
	}
	close(g.open)
	body, err := io.ReadAll(answer.Body)
	if err != nil || string(body) != "first half, second half" {
		t.Errorf("got %q, %v", body, err)
	}
	if err := <-ended; err != nil {
		t.Errorf("ended with %v", err)
	}
}

func TestRequestThatOutlivesTheGraceIsCutOff(t *testing.T) {
	g := newGate()
	url, stop, ended := startServer(t, g, time.Nanosecond)
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	<-g.begun
	stop()
	if err := <-ended; !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("ended with %v", err)
	}
	if body, err := io.ReadAll(answer.Body); err == nil {
		t.Errorf("got %q as if it were whole", body)
	}
}

func TestServerTellsWhyItCouldNotGoOn(t *testing.T) {
	l, err := listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	err = (&server{listener: l, handler: newGate(), grace: time.Minute, log: testLog(t)}).run(t.Context())
	if !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

func TestOnePartsFailureEndsTheOthers(t *testing.T) {
	failure := errors.New("out of paint")
	ended := false
	err := together(t.Context(),
		func(ctx context.Context) error { <-ctx.Done(); ended = true; return nil },
		func(context.Context) error { return failure },
	)
	if !errors.Is(err, failure) || !ended {
		t.Errorf("got %v, the other part ended: %t", err, ended)
	}
}

// The demo is open to others as serve is, and has its bounds.
func TestDemoHasTheBoundsOfServe(t *testing.T) {
	cfg, err := load(sources{getenv: func(string) (string, bool) { return "", false }, read: readBounded})
	if err != nil {
		t.Fatal(err)
	}
	demoConfig(cfg, "http://127.0.0.1:8080", "http://127.0.0.1:8081", t.TempDir())
	e := &eyes{}
	s := (&yard{eyes: e}).server(cfg, nil, testLog(t))
	if s.limits.MinRate != 1024 || s.limits.Rate.Count != 60 || s.limits.APIRate.Count != 6000 || s.limits.Connections != 0 || s.tally != &e.crowd {
		t.Errorf("its bounds are %+v", s.limits)
	}
}

func TestCertificatesOnlyForTheDomains(t *testing.T) {
	if certificates(tlsConfig{}) != nil {
		t.Error("certificates without a domain")
	}
	m := certificates(tlsConfig{Domains: []string{"updates.example.com"}, Cache: t.TempDir(), Email: "ops@example.com"})
	if err := m.HostPolicy(t.Context(), "updates.example.com"); err != nil {
		t.Errorf("refuses its own domain: %v", err)
	}
	if err := m.HostPolicy(t.Context(), "www.example.com"); err == nil {
		t.Error("would ask for a certificate of another host")
	}
}
