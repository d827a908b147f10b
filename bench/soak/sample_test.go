package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
)

// series are samples of which one thing goes so and the rest stays.
func series(n int, set func(s *sample, i int)) []sample {
	list := make([]sample, n)
	for i := range list {
		list[i] = sample{at: time.Duration(i) * time.Minute, rss: 200, heap: 100, goroutines: 60, descriptors: 40, answers: int64(i)}
		set(&list[i], i)
	}
	return list
}

func TestGrowthIsFound(t *testing.T) {
	for _, tc := range []struct {
		name string
		list []sample
		want string // in the error; "" is none
	}{
		{"nothing grows", series(60, func(*sample, int) {}), ""},
		{"a sawtooth, as a garbage collector's", series(60, func(s *sample, i int) { s.heap, s.rss = float64(60+i%7*20), float64(160+i%7*20) }), ""},
		{"growth in the warm-up alone", series(60, func(s *sample, i int) { s.rss = float64(min(i, 6)) * 100 }), ""},
		{"resident memory grows", series(60, func(s *sample, i int) { s.rss += float64(i) * 2 }), "resident memory, MiB grew from "},
		{"a sawtooth that climbs", series(60, func(s *sample, i int) { s.heap += float64(i%7*10 + i*2) }), "heap in use, MiB grew from "},
		{"descriptors leak", series(60, func(s *sample, i int) { s.descriptors += float64(i) }), "descriptors grew from "},
		{"goroutines leak", series(60, func(s *sample, i int) { s.goroutines += float64(i) }), "goroutines grew from "},
		{"too few to tell", series(2, func(*sample, int) {}), "too few samples"},
	} {
		err := flat(tc.list)
		if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
			t.Errorf("%s: %v, want %q", tc.name, err, tc.want)
		}
	}
}

func TestTheThirdsAreShownInTheirOrder(t *testing.T) {
	for range 20 {
		var b bytes.Buffer
		show(&b, series(30, func(s *sample, i int) { s.rss = float64(i) }))
		lines := strings.Split(strings.TrimSpace(b.String()), "\n")
		if len(lines) != 34 || !strings.HasPrefix(lines[32], "| first third, median | 11 | 7.0 |") || !strings.HasPrefix(lines[33], "| last third, median | 29 | 25.0 |") {
			t.Fatalf("shown as\n%s", &b)
		}
	}
}

func TestMetricsAreRead(t *testing.T) {
	text := "# HELP go_goroutines Number of goroutines.\ngo_goroutines 42\ngo_memstats_heap_inuse_bytes 3.145728e+06\n"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/metrics" {
			w.Write([]byte(text))
		}
	}))
	defer server.Close()
	p := &process{os.Getpid(), server.URL + "/metrics"}
	s, err := p.look()
	if err != nil || s.goroutines != 42 || s.heap != 3 || s.rss < 1 || s.descriptors < 3 {
		t.Errorf("look = %+v, %v", s, err)
	}
	p.metrics = server.URL + "/elsewhere"
	if _, err := p.look(); err == nil {
		t.Error("what is no metrics passes for them")
	}
}
