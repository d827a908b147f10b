package telemetry

import (
	"context"
	"log/slog"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/pluginyard/pluginyard/registry"
)

// Config is what [Metrics] are made from. What is nil is left out.
type Config struct {
	Version    string                                           // of the program
	Every      time.Duration                                    // how old a check may be before the forge is asked again
	ServeStale time.Duration                                    // how much longer a package is served
	Codes      []string                                         // that requests are refused with
	Status     func(ctx context.Context) []registry.Status      // asked at each scrape
	Allowances func() []registry.Allowance                      // the same
	Usage      func(ctx context.Context) (registry.Usage, bool) // the same; false is not known
	// Connections is asked at each scrape, too.
	Connections func() Connections
	Now         func() time.Time // default time.Now
}

// Connections are those of the public: open now, the most that may be (0 is no
// bound), and how many so far have waited for a place, or were closed: while
// idle (without a request) or stalled to make place, or since their client was
// too slow.
type Connections struct {
	Open, Max                   int64
	Waited, Idle, Stalled, Slow int64
}

// Metrics counts and times what it is told of. Its methods may be called from
// many goroutines.
type Metrics struct {
	gathered *prometheus.Registry
	now      func() time.Time
	requests *requests
	works    map[string]*workMetrics // by registry.Work…; nobody adds any

	forgeRequests *prometheus.CounterVec
	forgeTimes    *prometheus.HistogramVec
	forgeBytes    *prometheus.CounterVec
}

// workMetrics are those of one kind of work.
type workMetrics struct {
	label   string // key of the attribute that tells pieces of it apart; "" is none
	results *prometheus.CounterVec
	times   *prometheus.HistogramVec
	running prometheus.Gauge
}

// Buckets of times, in seconds. Documents take microseconds, downloads over slow
// lines minutes.
var (
	requestBuckets = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, 1, 5, 30}
	workBuckets    = []float64{.01, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300}
	storeBuckets   = []float64{.0001, .0005, .001, .005, .01, .05, .1, .5, 1, 5, 30}
)

// NewMetrics makes metrics with a registry of their own.
func NewMetrics(cfg Config) *Metrics {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	m := &Metrics{gathered: prometheus.NewRegistry(), now: cfg.Now}
	m.gathered.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	build := gauge("build_info", "What program this is; always 1.", "version", "go_version")
	m.gathered.MustRegister(build)
	build.WithLabelValues(cfg.Version, runtime.Version()).Set(1)
	m.requests = newRequests(m.gathered, cfg.Codes)

	m.works = map[string]*workMetrics{
		registry.WorkBuild:    m.work("builds", "build", "Builds of packages", workBuckets, ""),
		registry.WorkCheck:    m.work("checks", "check", "Checks of plugins for news", workBuckets, ""),
		registry.WorkDiscover: m.work("discoveries", "discovery", "Looks at what an owner has", workBuckets, ""),
		registry.WorkStore:    m.work("store_operations", "store_operation", "Operations of the store", storeBuckets, "operation", "put", "open", "save", "collect"),
	}
	m.forgeRequests = counter("github_requests_total", "Requests on the wire, to the API or to where it sends for downloads, by status.", "to", "status")
	m.forgeTimes = histogram("github_request_duration_seconds", "Time from a request to the end of its answer.", workBuckets, "to")
	m.forgeBytes = counter("github_received_bytes_total", "Bytes of the answers' bodies.", "to")
	m.gathered.MustRegister(m.forgeRequests, m.forgeTimes, m.forgeBytes, newScraped(cfg))
	for _, to := range []string{toAPI, toDownloads} {
		for _, status := range forgeStatuses() {
			m.forgeRequests.WithLabelValues(to, status)
		}
		m.forgeTimes.WithLabelValues(to)
		m.forgeBytes.WithLabelValues(to)
	}
	return m
}

const namespace = "pluginyard"

func counter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
}

func gauge(name, help string, labels ...string) *prometheus.GaugeVec {
	return prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help}, labels)
}

func histogram(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: buckets}, labels)
}

// work makes and registers the metrics of one kind of work, with a label of
// these values if it has a name. Every result is there from the start: an
// increase from nothing to 1 is none to Prometheus.
func (m *Metrics) work(many, one, help string, buckets []float64, label string, values ...string) *workMetrics {
	w := &workMetrics{label: label}
	running := gauge(many+"_running", help+" under way.")
	var labels []string
	if label != "" {
		labels = []string{label}
	}
	w.results = counter(many+"_total", help+", by how they ended.", append([]string{"result"}, labels...)...)
	w.times = histogram(one+"_duration_seconds", help+": how long they took.", buckets, labels...)
	w.running = running.WithLabelValues()
	m.gathered.MustRegister(running, w.results, w.times)
	if label == "" {
		values = []string{""}
	}
	for _, value := range values {
		for _, result := range results() {
			w.results.WithLabelValues(w.with(value, result)...)
		}
		w.times.WithLabelValues(w.with(value)...)
	}
	return w
}

// with puts the value of the label behind others, if there is one.
func (w *workMetrics) with(value string, others ...string) []string {
	if w.label == "" {
		return others
	}
	return append(others, value)
}

// Observer counts and times work.
func (m *Metrics) Observer() registry.Observer {
	return func(ctx context.Context, work string, about ...slog.Attr) (context.Context, func(error, ...slog.Attr)) {
		began := m.now()
		if work == registry.WorkForge {
			return ctx, m.forge(began, about)
		}
		w := m.works[work]
		if w == nil {
			return ctx, func(error, ...slog.Attr) {}
		}
		value := textOf(about, w.label)
		w.running.Inc()
		return ctx, func(err error, _ ...slog.Attr) {
			w.running.Dec()
			w.results.WithLabelValues(w.with(value, result(err))...).Inc()
			w.times.WithLabelValues(w.with(value)...).Observe(m.now().Sub(began).Seconds())
		}
	}
}

// Where requests to the forge go.
const (
	toAPI       = "api"
	toDownloads = "downloads"
)

// forge counts a request to the forge: to its API, whose path is told, or to
// another host that it was sent to.
func (m *Metrics) forge(began time.Time, about []slog.Attr) func(error, ...slog.Attr) {
	to := toDownloads
	if textOf(about, "path") != "" {
		to = toAPI
	}
	return func(_ error, about ...slog.Attr) {
		m.forgeRequests.WithLabelValues(to, forgeStatus(numberOf(about, "status"))).Inc()
		m.forgeTimes.WithLabelValues(to).Observe(m.now().Sub(began).Seconds())
		m.forgeBytes.WithLabelValues(to).Add(float64(numberOf(about, "bytes")))
	}
}

// forgeStatus names a status: itself where it means something to the operator,
// else its class; "none" where no answer came.
func forgeStatus(status int64) string {
	switch {
	case status == 0:
		return "none"
	case slices.Contains(telling[:], status):
		return strconv.FormatInt(status, 10)
	}
	return class(int(status))
}

// telling are the statuses that mean something to the operator.
var telling = [...]int64{
	http.StatusNotModified, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusTooManyRequests,
}

// forgeStatuses are all that forgeStatus names.
func forgeStatuses() []string {
	all := append([]string{"none"}, classes[:]...)
	for _, status := range telling {
		all = append(all, forgeStatus(status))
	}
	return all
}

// maxScrapes bounds scrapes at once: each asks for the state of all plugins.
const maxScrapes = 3

// Handler answers scrapes.
func (m *Metrics) Handler() http.Handler {
	return promhttp.InstrumentMetricHandler(m.gathered, promhttp.HandlerFor(m.gathered, promhttp.HandlerOpts{
		ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: maxScrapes,
	}))
}
