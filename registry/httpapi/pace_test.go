package httpapi

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// deadlines notes the deadlines that are set for its answers.
type deadlines struct {
	*httptest.ResponseRecorder
	set []time.Time
}

func (d *deadlines) SetWriteDeadline(at time.Time) error {
	d.set = append(d.set, at)
	return nil
}

// Over HTTP/2 each answer has a deadline of its own, by its size; over HTTP/1
// the connection sees to it.
func TestStreamsArePaced(t *testing.T) {
	f := newFake()
	h := newTestHandler(t, f, func(c *Config) { c.MinRate = 1 })
	for _, test := range []struct {
		path  string
		proto int
		least time.Duration
		sets  int
	}{
		{"/updates/hello-yard.json", 1, 0, 0},
		{"/updates/hello-yard.json", 2, time.Duration(len(f.documents["hello-yard"].Identity)) * time.Second, 2},
		{"/updates/release/hello-yard.proxy", 2, 32 * time.Second, 2},
		{"/nope", 2, MaxStreamWait - StreamGrace, 1},
	} {
		r := httptest.NewRequest("GET", test.path, nil)
		r.ProtoMajor = test.proto
		w := &deadlines{ResponseRecorder: httptest.NewRecorder()}
		start := time.Now()
		h.ServeHTTP(w, r)
		if len(w.set) != test.sets {
			t.Errorf("%s over HTTP/%d: %d deadlines, want %d", test.path, test.proto, len(w.set), test.sets)
			continue
		}
		if test.sets > 0 && w.set[test.sets-1].Before(start.Add(StreamGrace+test.least)) {
			t.Errorf("%s over HTTP/%d: the deadline is %s away", test.path, test.proto, w.set[test.sets-1].Sub(start))
		}
	}
}

// A stream whose deadline has passed is cut off, though its connection lives.
func TestSlowStreamIsCutOff(t *testing.T) {
	ended := make(chan error, 1)
	host := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/ok" {
			io.WriteString(w, "ok")
			return
		}
		(&server{minRate: 1}).pace(w, r, -int64(StreamGrace/time.Second)) // that is, now
		_, err := io.Copy(w, strings.NewReader(strings.Repeat("a", 8<<20)))
		ended <- err
	}))
	host.EnableHTTP2 = true
	host.StartTLS()
	defer host.Close()
	slow, err := host.Client().Get(host.URL + "/slow")
	if err == nil {
		defer slow.Body.Close()
		if _, err = io.Copy(io.Discard, slow.Body); err == nil {
			t.Error("it got everything")
		}
	}
	if err := <-ended; err == nil {
		t.Error("the handler wrote everything")
	}
	quick, err := host.Client().Get(host.URL + "/ok")
	if err != nil {
		t.Fatal(err)
	}
	defer quick.Body.Close()
	if body, err := io.ReadAll(quick.Body); err != nil || string(body) != "ok" || quick.ProtoMajor != 2 {
		t.Errorf("another stream got %q over HTTP/%d: %v", body, quick.ProtoMajor, err)
	}
}
