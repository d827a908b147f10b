package httpapi

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

var testProxies = proxies{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::1/128")}

func TestClientAddress(t *testing.T) {
	for _, test := range []struct {
		name, peer, forwarded, want string
		proxies                     proxies
	}{
		{"nobody is believed unless configured", "127.0.0.1:1", "203.0.113.9", "127.0.0.1", nil},
		{"a peer's zone is none of its address", "[fe80::1%eth0]:1", "", "fe80::1", nil},
		{"a trusted proxy is believed", "10.1.2.3:1", "203.0.113.9", "203.0.113.9", testProxies},
		{"so is one with an IPv6 address", "[fd00::1]:1", "2001:db8::7", "2001:db8::7", testProxies},
		{"so is one whose IPv4 address is written as IPv6", "[::ffff:10.1.2.3]:1", "::ffff:203.0.113.9", "203.0.113.9", testProxies},
		{"a stranger is not", "198.51.100.4:1", "203.0.113.9", "198.51.100.4", testProxies},
		{"a private address is no proxy of itself", "192.168.0.4:1", "203.0.113.9", "192.168.0.4", testProxies},
		{"what the client itself claims is passed over", "10.1.2.3:1", "1.1.1.1, 203.0.113.9, 10.9.9.9", "203.0.113.9", testProxies},
		{"also on lines of its own", "10.1.2.3:1", "1.1.1.1\n203.0.113.9\n10.9.9.9", "203.0.113.9", testProxies},
		{"also where it claims to be a proxy", "10.1.2.3:1", "10.0.0.7, 203.0.113.9", "203.0.113.9", testProxies},
		{"what a proxy writes with a port is read", "10.1.2.3:1", "203.0.113.9:4711", "203.0.113.9", testProxies},
		{"and with brackets", "10.1.2.3:1", "[2001:db8::7]:4711", "2001:db8::7", testProxies},
		{"and with brackets alone", "10.1.2.3:1", " [2001:db8::7] ", "2001:db8::7", testProxies},
		{"a zone is dropped", "10.1.2.3:1", "fe80::1%eth0", "fe80::1", testProxies},
		{"garbage ends the way at the last proxy", "10.1.2.3:1", "203.0.113.9, unknown, 10.9.9.9", "10.9.9.9", testProxies},
		{"nothing is garbage", "10.1.2.3:1", "", "10.1.2.3", testProxies},
		{"where all are proxies it is the first of them", "10.1.2.3:1", "10.0.0.1, 10.0.0.2", "10.0.0.1", testProxies},
		{"nobody's chain is endless", "10.1.2.3:1", "203.0.113.9" + strings.Repeat(", 10.0.0.1", 99), "10.0.0.1", testProxies},
		{"a peer without an address has none", "@", "203.0.113.9", "", testProxies},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr = test.peer
			r.Header["X-Forwarded-For"] = strings.Split(test.forwarded, "\n")
			if got := test.proxies.clientText(r); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			if addr := test.proxies.client(r); test.want != "" && addr != netip.MustParseAddr(test.want) {
				t.Errorf("the address is %s, want %s", addr, test.want)
			}
		})
	}
}

// Whatever a client writes, behind a proxy that adds the client's address: that
// is who it is.
func FuzzForwarded(f *testing.F) {
	for _, seed := range []string{"", "1.2.3.4", "10.0.0.1, [::1]:2", ",,,", "10.0.0.1%x", "\x00\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, forged string) {
		r := &http.Request{RemoteAddr: "10.1.2.3:1", Header: http.Header{"X-Forwarded-For": {forged + ", 203.0.113.9, 10.1.1.1"}}}
		if got := testProxies.clientText(r); got != "203.0.113.9" {
			t.Errorf("%q: got %q", forged, got)
		}
		if addr := plainAddr(forged); addr.IsValid() && (addr.Zone() != "" || addr.Is4In6() || plainAddr(addr.String()) != addr) {
			t.Errorf("%q is read as %s", forged, addr)
		}
	})
}
