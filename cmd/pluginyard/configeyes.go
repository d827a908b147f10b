package main

import (
	"errors"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// tracingConfig says where traces go.
type tracingConfig struct {
	Endpoint string  // http(s), OTLP; "" traces nothing
	Ratio    float64 // of the requests, 0 to 1
	Service  string
	Headers  []tracingHeader
}

// tracingHeader is sent to the endpoint.
type tracingHeader struct {
	name  string
	value secret
}

// ratio takes a part, as a number from 0 to 1 or in percent.
func ratio(field func(*config) *float64) func(*config, string) error {
	return func(c *config, text string) error {
		number, percent := strings.CutSuffix(text, "%")
		n, err := strconv.ParseFloat(number, 64)
		if percent {
			n /= 100
		}
		if err != nil || !(n >= 0 && n <= 1) {
			return errors.New("not a part of the whole; write 0.1 or 10%, from 0 to 1")
		}
		*field(c) = n
		return nil
	}
}

var headerPattern = regexp.MustCompile(`^([A-Za-z0-9-]+):[ \t]*([\x20-\x7e]+)$`)

func addTracingHeader(c *config, text string) error {
	m := headerPattern.FindStringSubmatch(text)
	if m == nil {
		return errors.New("not a header; write Name: value")
	}
	c.Tracing.Headers = append(c.Tracing.Headers, tracingHeader{m[1], secret(m[2])})
	return nil
}

// checkEyes wants admin_listen to be an address of its own, and nothing to be
// given that only means something beside it or beside tracing.endpoint.
func (l *loader) checkEyes() {
	c := l.cfg
	if c.AdminListen != "" && overlap(c.AdminListen, c.Listen) {
		l.fault(l.places["admin_listen"], "admin_listen", c.AdminListen, "is what listen is, where the public comes; give it a port of its own, such as 127.0.0.1:9090")
	}
	if at, given := l.places["admin_profiles"]; given && c.AdminProfiles == "on" && l.unset("admin_listen", c.AdminListen) {
		l.fault(at, "admin_profiles", c.AdminProfiles, "are shown nowhere without admin_listen; give it as well, such as 127.0.0.1:9090")
	}
	if !l.unset("tracing.endpoint", c.Tracing.Endpoint) {
		return
	}
	for _, key := range []string{"tracing.ratio", "tracing.service"} {
		if at, given := l.places[key]; given {
			l.fault(at, key, "", "is for nothing without tracing.endpoint; give it as well")
		}
	}
	if len(c.Tracing.Headers) > 0 {
		l.fault(place{source: l.src.file}, "tracing.headers", "", "are for nobody without tracing.endpoint; give it as well")
	}
}

// unset reports whether nothing was given for a scalar; a fault is something.
func (l *loader) unset(key, value string) bool {
	return value == "" && !slices.ContainsFunc(l.faults, func(f fault) bool { return f.key == key })
}

// overlap reports whether two addresses cannot both be listened at. Port 0 is a
// free one each time.
func overlap(a, b string) bool {
	hostA, portA, errA := net.SplitHostPort(a)
	hostB, portB, errB := net.SplitHostPort(b)
	numberA, _ := strconv.Atoi(portA)
	numberB, _ := strconv.Atoi(portB)
	if errA != nil || errB != nil || numberA != numberB || numberA == 0 {
		return false
	}
	return strings.EqualFold(hostA, hostB) || anyHost(hostA) || anyHost(hostB)
}

func anyHost(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "" || err == nil && addr.IsUnspecified()
}
