package github

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// reach says how far away an address is: what it may lead to.
type reach int32

const (
	reachPublic   reach = iota // anybody's
	reachPrivate               // of our own network
	reachLoopback              // of this machine
	reachNowhere               // link-local, where clouds keep their secrets, and what no server has
)

// notPublic are the networks that are not on the internet and that package
// netip has no word for, by IANA's registries of special-purpose addresses:
// https://www.iana.org/assignments/iana-ipv4-special-registry and …ipv6….
var notPublic = []struct {
	prefix netip.Prefix
	reach  reach
}{
	{netip.MustParsePrefix("100.64.0.0/10"), reachPrivate}, // between a provider and its customers
	{netip.MustParsePrefix("0.0.0.0/8"), reachNowhere},     // Linux takes 0.0.0.0 for itself
	{netip.MustParsePrefix("192.0.0.0/24"), reachNowhere},
	{netip.MustParsePrefix("198.18.0.0/15"), reachPrivate}, // benchmarks of networks
	{netip.MustParsePrefix("240.0.0.0/4"), reachNowhere},
	{netip.MustParsePrefix("168.63.129.16/32"), reachNowhere}, // Azure's, from within its machines
	{netip.MustParsePrefix("64:ff9b:1::/48"), reachNowhere},
	{netip.MustParsePrefix("2002::/16"), reachNowhere},
	{netip.MustParsePrefix("fec0::/10"), reachPrivate},
}

// nat64 is how hosts that have IPv6 alone see IPv4: its last four bytes are the
// address (RFC 6052).
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

func reachOf(addr netip.Addr) reach {
	addr = addr.Unmap().WithZone("")
	if nat64.Contains(addr) {
		bytes := addr.As16()
		addr = netip.AddrFrom4([4]byte(bytes[12:]))
	}
	switch {
	case !addr.IsValid(), addr.IsUnspecified(), addr.IsLinkLocalUnicast(), addr.IsMulticast():
		return reachNowhere
	case addr.IsLoopback():
		return reachLoopback
	case addr.IsPrivate():
		return reachPrivate
	}
	for _, n := range notPublic {
		if n.prefix.Contains(addr) {
			return n.reach
		}
	}
	return reachPublic
}

// dialer connects. Where GitHub redirects to is GitHub's to say, but a request
// of ours must not be led into our own network by whoever can make it say so:
// hosts other than the API's have to be as far away as that one is. The address
// is looked at after its name was resolved, so a name that resolves to
// something else the second time is of no use. A proxy resolves names itself,
// and has to keep such rules of its own.
type dialer struct {
	api   string       // the API's host, without its port
	found atomic.Int32 // the reach of the API's address
}

func newDialer(base *url.URL) *dialer { return &dialer{api: base.Hostname()} }

// strangerKey is where a request that goes to another host than the API's says
// so: a dialer is told an address, which may be a proxy's.
type strangerKey struct{}

// marked marks requests to other hosts than the API's.
type marked struct {
	dialer *dialer
	next   http.RoundTripper
}

func (t *marked) RoundTrip(req *http.Request) (*http.Response, error) {
	if host := req.URL.Hostname(); !strings.EqualFold(host, t.dialer.api) {
		req = req.WithContext(context.WithValue(req.Context(), strangerKey{}, host))
	}
	return t.next.RoundTrip(req)
}

func (d *dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	to := &net.Dialer{Timeout: connectTimeout, KeepAlive: 30 * time.Second}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if stranger, _ := ctx.Value(strangerKey{}).(string); strings.EqualFold(host, stranger) {
		to.Control = d.refuse
	}
	conn, err := to.DialContext(ctx, network, address)
	if err == nil && strings.EqualFold(host, d.api) {
		if peer, err := netip.ParseAddrPort(conn.RemoteAddr().String()); err == nil {
			d.found.Store(int32(reachOf(peer.Addr())))
		}
	}
	return conn, err
}

// connectTimeout is how long one address may take to be connected to.
const connectTimeout = 15 * time.Second

// refuse ends a connection to what is nearer than the API.
func (d *dialer) refuse(_, address string, _ syscall.RawConn) error {
	peer, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("connect to %q: %w", address, err)
	}
	if r := reachOf(peer.Addr()); r == reachNowhere || r > reach(d.found.Load()) {
		return fmt.Errorf("redirected to %s, which is not on the internet, as the API is", peer.Addr())
	}
	return nil
}
