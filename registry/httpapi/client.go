package httpapi

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// maxHops bounds how many members of X-Forwarded-For are read, from its end.
const maxHops = 16

// proxies are the peers whose X-Forwarded-For is believed.
type proxies []netip.Prefix

func (p proxies) trust(addr netip.Addr) bool {
	return slices.ContainsFunc(p, func(prefix netip.Prefix) bool { return prefix.Contains(addr) })
}

// client is the address of whoever asks: the peer's; where that is a trusted
// proxy, what it says it was asked by, and so on towards the client. What lies
// behind the first address that is no proxy's, or that is none, anybody may
// have written. It is invalid where the peer has no address.
func (p proxies) client(r *http.Request) netip.Addr {
	client := plainAddr(r.RemoteAddr)
	if !p.trust(client) {
		return client
	}
	hops := 0
	for _, line := range slices.Backward(r.Header["X-Forwarded-For"]) {
		for more := true; more; {
			var member string
			if comma := strings.LastIndexByte(line, ','); comma >= 0 {
				line, member = line[:comma], line[comma+1:]
			} else {
				line, member, more = "", line, false
			}
			addr := plainAddr(strings.Trim(member, " \t"))
			if hops++; hops > maxHops || !addr.IsValid() {
				return client
			}
			if client = addr; !p.trust(client) {
				return client
			}
		}
	}
	return client
}

// plainAddr reads an address with or without a port, brackets and zone, and
// gives it without.
func plainAddr(text string) netip.Addr {
	addr, err := netip.ParseAddr(text)
	if err != nil {
		if inner, ok := strings.CutPrefix(text, "["); ok && strings.HasSuffix(inner, "]") {
			addr, err = netip.ParseAddr(strings.TrimSuffix(inner, "]"))
		} else if both, portErr := netip.ParseAddrPort(text); portErr == nil {
			addr, err = both.Addr(), nil
		}
	}
	if err != nil {
		return netip.Addr{}
	}
	return addr.Unmap().WithZone("")
}

// clientText is the client's address as text. Without proxies it is a part of
// the peer's, which costs nothing.
func (p proxies) clientText(r *http.Request) string {
	if len(p) == 0 {
		host := r.RemoteAddr
		if colon := strings.LastIndexByte(host, ':'); colon >= 0 {
			host = host[:colon]
		}
		host, _, _ = strings.Cut(strings.Trim(host, "[]"), "%")
		return host
	}
	if addr := p.client(r); addr.IsValid() {
		return addr.String()
	}
	return ""
}
