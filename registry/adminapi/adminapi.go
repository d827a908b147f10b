// Package adminapi serves the operator, at an address of its own that is not for
// the public.
//
//	GET /status        every plugin: what is served, what is wrong, what to do
//	GET /status.json   the same for programs
//	GET /metrics       for Prometheus
//	GET /healthz       that the process answers, however crowded the public's address is
//	GET /readyz        that requests can be answered, or what is missing
//	GET /debug/pprof/  profiles of the program, if they are asked for
//
// There is no password, and nothing that changes anything. Where it listens at
// a loopback address it answers to names of that alone, so that no web page
// that somebody on the machine opens can read it under a name of its own.
package adminapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"net/netip"
	"strings"
	"time"

	"github.com/pluginyard/pluginyard/registry"
	"github.com/pluginyard/pluginyard/templates"
)

// Config is what a handler is made from. Status must be given; what else is nil
// is not shown.
type Config struct {
	Base       string // where the public finds us, without a slash at its end
	Local      bool   // we listen at a loopback address
	Status     func(context.Context) []registry.Status
	Owners     func() []registry.OwnerStatus
	Allowances func() []registry.Allowance
	Queue      func() (building, waiting int)
	Usage      func(context.Context) (registry.Usage, bool)
	Ready      func(context.Context) error // whether requests can be answered; nil always
	Metrics    http.Handler
	Profiles   bool
	Version    string           // of the program
	Now        func() time.Time // default time.Now
	Log        *slog.Logger     // default slog.Default
}

// MaxRows bounds the plugins on the page; the worst are shown.
const MaxRows = 1000

// refreshEvery is after how many seconds the page loads itself again.
const refreshEvery = 30

type server struct {
	cfg   Config
	views *templates.Pages
}

// New makes the handler.
func New(cfg Config) (http.Handler, error) {
	if cfg.Status == nil {
		return nil, errors.New("make the admin surface: no status was given")
	}
	views, err := templates.Parse()
	if err != nil {
		return nil, fmt.Errorf("make the admin surface: %w", err)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	s := &server{cfg: cfg, views: views}
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", http.RedirectHandler("status", http.StatusFound))
	mux.HandleFunc("GET /status", s.page)
	mux.HandleFunc("GET /status.json", s.json)
	mux.HandleFunc("GET /style.css", style)
	mux.HandleFunc("GET /healthz", ok)
	mux.HandleFunc("GET /readyz", s.ready)
	if cfg.Metrics != nil {
		mux.Handle("GET /metrics", cfg.Metrics)
	}
	if cfg.Profiles {
		mux.HandleFunc("GET /debug/pprof/", pprof.Index)
		mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
		mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	}
	return s.guard(mux), nil
}

// guard sets what every answer has, and refuses names that are not ours.
func (s *server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", templates.Policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		if s.cfg.Local && !isLocal(r.Host) {
			http.Error(w, "this address answers to localhost and to IP addresses alone", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// isLocal reports whether a Host header names no foreign host.
func isLocal(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil || strings.EqualFold(host, "localhost")
}

// report is /status.json.
type report struct {
	Time       time.Time              `json:"time"`
	Version    string                 `json:"version,omitempty"`
	Plugins    []registry.Status      `json:"plugins"`          // the worst first
	Owners     []registry.OwnerStatus `json:"owners,omitempty"` // that are followed
	Allowances []registry.Allowance   `json:"allowances"`
	Builds     *builds                `json:"builds,omitempty"`
	Store      *registry.Usage        `json:"store,omitempty"`
}

type builds struct {
	Building int `json:"building"`
	Waiting  int `json:"waiting"`
}

func (s *server) json(w http.ResponseWriter, r *http.Request) {
	body, err := json.MarshalIndent(s.report(r.Context()), "", "\t")
	if err != nil {
		s.fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(append(body, '\n'))
}

func (s *server) page(w http.ResponseWriter, r *http.Request) {
	var b bytes.Buffer
	if err := s.views.Status(&b, s.view(s.report(r.Context()), r.URL.Query().Get("refresh") != "off")); err != nil {
		s.fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(b.Bytes())
}

func ok(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	io.WriteString(w, "ok\n")
}

func (s *server) ready(w http.ResponseWriter, r *http.Request) {
	if s.cfg.Ready != nil {
		if err := s.cfg.Ready(r.Context()); err != nil {
			s.cfg.Log.Warn("not ready", "err", err)
			http.Error(w, message(err), http.StatusServiceUnavailable)
			return
		}
	}
	ok(w, r)
}

// message is what an error says to others.
func message(err error) string {
	if known := (*registry.Error)(nil); errors.As(err, &known) && known.Message != "" {
		return known.Message
	}
	return "not ready; the log says why"
}

func (s *server) fail(w http.ResponseWriter, err error) {
	s.cfg.Log.Error("status cannot be told", "err", err)
	http.Error(w, "the status cannot be told; the log says why", http.StatusInternalServerError)
}

func style(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Write(templates.Style())
}
