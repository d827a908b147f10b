package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/pluginyard/pluginyard/github"
	"github.com/pluginyard/pluginyard/registry"
	"github.com/pluginyard/pluginyard/registry/adminapi"
	"github.com/pluginyard/pluginyard/registry/httpapi"
	"github.com/pluginyard/pluginyard/registry/store"
	"github.com/pluginyard/pluginyard/registry/telemetry"
)

// eyes is what the operator sees of a running registry: metrics and status at an
// address of their own, and traces. A nil eyes sees nothing, and costs nothing.
type eyes struct {
	cfg      *config
	log      *slog.Logger
	listener net.Listener       // of admin_listen; nil if there is none
	metrics  *telemetry.Metrics // nil if there is no listener
	traces   *telemetry.Traces  // nil without tracing.endpoint

	// Set by watch, before anybody is served.
	service *registry.Service
	forge   *github.Client
	store   *store.Store

	crowd tally // of the public's connections

	mu       sync.Mutex // guards what follows
	usage    registry.Usage
	known    bool      // usage
	measured time.Time // when usage was
}

// openEyes listens at admin_listen and begins to trace, where that is configured.
func openEyes(ctx context.Context, cfg *config, log *slog.Logger) (*eyes, error) {
	e := &eyes{cfg: cfg, log: log}
	version := readBuildFacts().Version
	if cfg.AdminListen != "" {
		var err error
		if e.listener, err = listen(ctx, cfg.AdminListen); err != nil {
			return nil, fmt.Errorf("admin_listen: %w", err)
		}
		if !e.local() {
			log.Warn("admin_listen can be reached from other machines and has no password; keep the public away from it", "address", e.listener.Addr().String())
		}
		e.metrics = telemetry.NewMetrics(telemetry.Config{
			Version: version, Every: cfg.Refresh.Every, ServeStale: cfg.Refresh.ServeStale,
			Codes: httpapi.Codes(), Status: e.status, Allowances: e.allowances, Usage: e.space, Connections: e.connections,
		})
	}
	if cfg.Tracing.Endpoint != "" {
		headers := map[string]string{}
		for _, h := range cfg.Tracing.Headers {
			headers[h.name] = h.value.reveal()
		}
		var err error
		e.traces, err = telemetry.NewTraces(ctx, telemetry.TracesConfig{
			Endpoint: cfg.Tracing.Endpoint, Headers: headers, Ratio: cfg.Tracing.Ratio,
			Service: cfg.Tracing.Service, Version: version, Log: log,
		})
		if err != nil {
			return nil, errors.Join(fmt.Errorf("tracing.endpoint: %w", err), e.close())
		}
	}
	return e, nil
}

// address is where the operator looks, http://127.0.0.1:9090; "" is nowhere.
func (e *eyes) address() string {
	if e.listener == nil {
		return ""
	}
	return "http://" + e.listener.Addr().String()
}

// observer is who is told of work; nil if nobody is.
func (e *eyes) observer() registry.Observer {
	if e == nil {
		return nil
	}
	var observers []registry.Observer
	if e.metrics != nil {
		observers = append(observers, e.metrics.Observer())
	}
	if e.traces != nil {
		observers = append(observers, e.traces.Observer())
	}
	return telemetry.Join(observers...)
}

// exchange is who is told of each answered request; nil if nobody is.
func (e *eyes) exchange() func(*httpapi.Exchange) {
	if e == nil || e.metrics == nil {
		return nil
	}
	return func(x *httpapi.Exchange) {
		e.metrics.Request(telemetry.Request{Route: x.Route, Status: x.Status, Bytes: x.Bytes, Waited: x.Waited, Code: x.Code})
	}
}

// traced makes spans of the requests to a handler. A traceparent is believed of
// those proxies whose X-Forwarded-For is.
func (e *eyes) traced(h http.Handler) http.Handler {
	if e == nil || e.traces == nil {
		return h
	}
	return e.traces.Handler(h, func(r *http.Request) bool {
		peer, err := netip.ParseAddrPort(r.RemoteAddr)
		return err == nil && slices.ContainsFunc(e.cfg.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(peer.Addr().Unmap()) })
	})
}

// watch says what is to be seen.
func (e *eyes) watch(service *registry.Service, forge *github.Client, kept *store.Store) {
	if e != nil {
		e.service, e.forge, e.store = service, forge, kept
	}
}

func (e *eyes) status(ctx context.Context) []registry.Status { return e.service.Status(ctx) }

func (e *eyes) allowances() []registry.Allowance { return e.forge.Allowances() }

// tally is where the public's connections are counted; nil if nobody reads it.
func (e *eyes) tally() *tally {
	if e == nil {
		return nil
	}
	return &e.crowd
}

func (e *eyes) connections() telemetry.Connections {
	return telemetry.Connections{
		Open: e.crowd.open.Load(), Max: e.crowd.max.Load(), Waited: e.crowd.waited.Load(),
		Idle: e.crowd.idle.Load(), Stalled: e.crowd.stalled.Load(), Slow: e.crowd.slow.Load(),
	}
}

// usageFor is how long what the store takes is remembered: to find it out costs
// a stat for each of its files.
const usageFor = 5 * time.Minute

func (e *eyes) space(ctx context.Context) (registry.Usage, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if now := time.Now(); e.measured.IsZero() || now.Sub(e.measured) >= usageFor {
		e.usage, e.known = e.store.Usage(ctx)
		e.measured = now
	}
	return e.usage, e.known
}

// local reports whether only this machine can reach admin_listen.
func (e *eyes) local() bool {
	address, err := netip.ParseAddrPort(e.listener.Addr().String())
	return err == nil && address.Addr().Unmap().IsLoopback()
}

// adminConnections bounds the operator's connections: some scrapers and browsers.
const adminConnections = 16

// server serves the operator, for links that begin with base.
func (e *eyes) server(base string) (*server, error) {
	handler, err := adminapi.New(adminapi.Config{
		Base: base, Local: e.local(), Status: e.status, Owners: e.service.Owners, Allowances: e.allowances, Queue: e.service.Queue, Usage: e.space, Ready: e.service.Ready,
		Metrics: e.metrics.Handler(), Profiles: e.cfg.AdminProfiles == "on", Version: readBuildFacts().Version, Log: e.log,
	})
	if err != nil {
		return nil, err
	}
	everybody := []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")} // for there are few
	return &server{
		listener: e.listener, handler: handler, grace: e.cfg.ShutdownTimeout, log: e.log,
		limits: limitsConfig{Connections: adminConnections}, proxies: everybody,
	}, nil
}

// together runs parts, and the operator's server beside them.
func (e *eyes) together(ctx context.Context, base string, parts ...func(context.Context) error) error {
	if e != nil && e.listener != nil {
		admin, err := e.server(base)
		if err != nil {
			return err
		}
		parts = append(parts, admin.run)
	}
	return together(ctx, parts...)
}

// lastSpans is how long the last traces may take to be sent.
const lastSpans = 5 * time.Second

// close sends off the last traces.
func (e *eyes) close() error {
	if e == nil {
		return nil
	}
	if e.listener != nil {
		e.listener.Close() // it may be closed already
	}
	if e.traces == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), lastSpans)
	defer cancel()
	if err := e.traces.Close(ctx); err != nil {
		e.log.Warn("the last traces could not be sent", "err", err)
	}
	return nil
}
