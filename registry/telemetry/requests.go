package telemetry

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Request is a request that was answered.
type Request struct {
	Route  string // the pattern that answered; "" if none did
	Status int
	Bytes  int64         // of the answer's body
	Waited time.Duration // until the answer's head was there
	Code   string        // one of Config.Codes: why it was refused; "" if it was not
}

// maxRoutes bounds the routes that are told apart. There are some 60.
const maxRoutes = 256

// requests counts requests. What is needed for one route is found once, so that
// a request costs a look into a map and some additions.
type requests struct {
	total    *prometheus.CounterVec
	times    *prometheus.HistogramVec
	bytes    *prometheus.CounterVec
	failures map[string]prometheus.Counter // by code; nobody adds any

	mu     sync.Mutex // held to add a route
	routes atomic.Pointer[map[string]*route]
}

// route is what is counted of one route.
type route struct {
	classes [len(classes)]prometheus.Counter
	times   prometheus.Observer
	bytes   prometheus.Counter
}

// classes are the names of the classes of statuses.
var classes = [...]string{"other", "1xx", "2xx", "3xx", "4xx", "5xx"}

// class is the name of a status's class.
func class(status int) string {
	if i := status / 100; 0 < i && i < len(classes) {
		return classes[i]
	}
	return classes[0]
}

// otherCode is the label of codes that nobody announced.
const otherCode = "other"

func newRequests(into *prometheus.Registry, codes []string) *requests {
	r := &requests{
		total:    counter("http_requests_total", "Requests answered, by route and class of status.", "route", "status"),
		times:    histogram("http_request_duration_seconds", "Time from the request's head to its answer's: what the client's line takes for the rest is not in it.", requestBuckets, "route"),
		bytes:    counter("http_response_bytes_total", "Bytes of the answers' bodies.", "route"),
		failures: map[string]prometheus.Counter{},
	}
	failures := counter("http_errors_total", "Requests refused, by the code that the answer has.", "code")
	into.MustRegister(r.total, r.times, r.bytes, failures)
	for _, code := range append([]string{otherCode}, codes...) {
		r.failures[code] = failures.WithLabelValues(code)
	}
	r.routes.Store(&map[string]*route{})
	r.add("")
	return r
}

// Request counts an answered request.
func (m *Metrics) Request(q Request) {
	r := (*m.requests.routes.Load())[q.Route]
	if r == nil {
		r = m.requests.add(q.Route)
	}
	i := q.Status / 100
	if i < 0 || i >= len(classes) {
		i = 0
	}
	r.classes[i].Inc()
	r.times.Observe(q.Waited.Seconds())
	if q.Bytes > 0 {
		r.bytes.Add(float64(q.Bytes))
	}
	if q.Code != "" {
		failures := m.requests.failures[q.Code]
		if failures == nil {
			failures = m.requests.failures[otherCode]
		}
		failures.Inc()
	}
}

// add makes the counters of a route. Beyond maxRoutes all are one.
func (r *requests) add(pattern string) *route {
	r.mu.Lock()
	defer r.mu.Unlock()
	known := *r.routes.Load()
	name := pattern
	switch {
	case known[pattern] != nil:
		return known[pattern]
	case pattern == "":
		name = "none"
	case len(known) >= maxRoutes:
		if known["other"] != nil {
			return known["other"]
		}
		pattern, name = "other", "other"
	}
	made := &route{times: r.times.WithLabelValues(name), bytes: r.bytes.WithLabelValues(name)}
	for i, class := range classes {
		made.classes[i] = r.total.WithLabelValues(name, class)
	}
	next := make(map[string]*route, len(known)+1)
	for k, v := range known {
		next[k] = v
	}
	next[pattern] = made
	r.routes.Store(&next)
	return made
}
