package github

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

func TestReachTellsTheInternetFromOurOwnNetwork(t *testing.T) {
	for text, want := range map[string]reach{
		"140.82.121.6":         reachPublic,
		"2606:50c0:8000::153":  reachPublic,
		"10.1.2.3":             reachPrivate,
		"172.31.255.255":       reachPrivate,
		"172.32.0.1":           reachPublic,
		"192.168.0.1":          reachPrivate,
		"100.100.100.200":      reachPrivate,
		"fd00::1":              reachPrivate,
		"127.0.0.1":            reachLoopback,
		"127.8.8.8":            reachLoopback,
		"::1":                  reachLoopback,
		"::ffff:127.0.0.1":     reachLoopback,
		"::ffff:10.0.0.1":      reachPrivate,
		"0.0.0.0":              reachNowhere,
		"0.1.2.3":              reachNowhere,
		"::":                   reachNowhere,
		"169.254.169.254":      reachNowhere,
		"fe80::1%eth0":         reachNowhere,
		"224.0.0.1":            reachNowhere,
		"255.255.255.255":      reachNowhere,
		"64:ff9b::a9fe:a9fe":   reachNowhere,
		"64:ff9b::7f00:1":      reachLoopback,
		"64:ff9b::8c52:7906":   reachPublic,
		"64:ff9b:1::8c52:7906": reachNowhere,
		"168.63.129.16":        reachNowhere,
		"2002:a9fe:a9fe::1":    reachNowhere,
		"::ffff:169.254.1.254": reachNowhere,
	} {
		if got := reachOf(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s has reach %d, want %d", text, got, want)
		}
	}
}

// TestRedirectsLeadNowhereNearerThanTheAPI has GitHub redirect to a server of
// this machine, by address and by a name that resolves to it.
func TestRedirectsLeadNowhereNearerThanTheAPI(t *testing.T) {
	asked := 0
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer inside.Close()
	port := inside.Listener.Addr().String()[strings.LastIndex(inside.Listener.Addr().String(), ":"):]
	for _, tt := range []struct {
		name, to string
		api      reach
		refused  bool
	}{
		{"an address of this machine, of github.com", inside.URL, reachPublic, true},
		{"a name of this machine, of github.com", "http://localhost" + port, reachPublic, true},
		{"this machine, of an Enterprise server in our network", inside.URL, reachPrivate, true},
		{"this machine, of an emulator on it", "http://localhost" + port, reachLoopback, false},
		{"a cloud's metadata, of anybody", "http://169.254.169.254" + port, reachLoopback, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			base, _ := url.Parse("https://api.example.com/")
			d := newDialer(base)
			d.found.Store(int32(tt.api))
			transport := &http.Transport{DialContext: d.DialContext}
			defer transport.CloseIdleConnections()
			before := asked
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, tt.to, nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := (&marked{dialer: d, next: transport}).RoundTrip(req)
			if err == nil {
				resp.Body.Close()
			}
			if refused := err != nil; refused != tt.refused || asked > before == tt.refused {
				t.Errorf("refused: %v, want %v; the server was asked %d times; %v", refused, tt.refused, asked-before, err)
			}
			if tt.refused && !strings.Contains(err.Error(), "not on the internet") {
				t.Errorf("the error does not say why: %v", err)
			}
		})
	}
}

func TestTheAPIsOwnAddressSaysHowNearOthersMayBe(t *testing.T) {
	api := httptest.NewServer(http.NotFoundHandler())
	defer api.Close()
	base, _ := url.Parse(api.URL)
	d := newDialer(base)
	conn, err := d.DialContext(context.Background(), "tcp", base.Host)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	if got := reach(d.found.Load()); got != reachLoopback {
		t.Errorf("an API on this machine has reach %d", got)
	}
}

func TestAProxyMayBeNear(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	defer proxy.Close()
	at, _ := url.Parse(proxy.URL)
	base, _ := url.Parse("https://api.example.com/")
	d := newDialer(base)
	transport := &http.Transport{DialContext: d.DialContext, Proxy: http.ProxyURL(at)}
	defer transport.CloseIdleConnections()
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://archives.example.com/", nil)
	resp, err := (&marked{dialer: d, next: transport}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusTeapot {
		t.Errorf("status %d", resp.StatusCode)
	}
}
