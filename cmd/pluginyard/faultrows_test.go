package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/pluginyard/pluginyard/github/githubtest"
)

// dialing is a way to GitHub whose connections are made so.
func dialing(dial func(ctx context.Context, network, address string) (net.Conn, error)) func(*world, *githubtest.Repository) {
	return func(w *world, repo *githubtest.Repository) {
		release(repo, 1, "1.1.0", sample("hello-yard", "1.1.0", patrolFiles))
		var wire http.RoundTripper = &http.Transport{DialContext: dial, DisableKeepAlives: true}
		w.wire.Store(&wire)
	}
}

// refusing dials a port at which nobody listens.
func refusing(ctx context.Context, network, _ string) (net.Conn, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		return nil, err
	}
	return (&net.Dialer{}).DialContext(ctx, network, address)
}

// nameless cannot find out where GitHub is.
func nameless(ctx context.Context, network, _ string) (net.Conn, error) {
	d := &net.Dialer{Resolver: &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("the name server does not answer")
	}}}
	return d.DialContext(ctx, network, "api.github.example:80")
}

// impatient gives up before a connection can be made.
func impatient(ctx context.Context, network, address string) (net.Conn, error) {
	return (&net.Dialer{Timeout: time.Nanosecond}).DialContext(ctx, network, address)
}

// tlsWire asks everything of a server with a certificate.
type tlsWire struct {
	at   string
	next http.RoundTripper
}

func (t *tlsWire) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host = "https", t.at
	return t.next.RoundTrip(r)
}

// certified has GitHub show a certificate for 127.0.0.1, expired or not, which
// is trusted or not.
func certified(expired, trusted bool) func(*world, *githubtest.Repository) {
	return func(w *world, repo *githubtest.Repository) {
		release(repo, 1, "1.1.0", sample("hello-yard", "1.1.0", patrolFiles))
		until := time.Now().Add(time.Hour)
		if expired {
			until = time.Now().Add(-time.Hour)
		}
		cert := certificate(w, until)
		server := httptest.NewUnstartedServer(w.hub)
		server.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.StartTLS()
		w.Cleanup(server.Close)
		roots := x509.NewCertPool()
		if trusted {
			roots.AddCert(cert.Leaf)
		}
		var wire http.RoundTripper = &tlsWire{
			at:   strings.TrimPrefix(server.URL, "https://"),
			next: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, DisableKeepAlives: true},
		}
		w.wire.Store(&wire)
	}
}

func certificate(t testing.TB, until time.Time) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: until.AddDate(0, -1, 0), NotAfter: until,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// slowWire brings each answer late.
type slowWire struct {
	w    *world
	by   time.Duration
	next http.RoundTripper
}

func (t *slowWire) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := t.next.RoundTrip(r)
	select {
	case <-time.After(t.by):
		t.w.slow.Add(1)
	case <-r.Context().Done():
	}
	return answer, err
}

// What lies between us and GitHub.
func networkFaults() []mishap {
	list := []mishap{
		{name: "GitHub is down: connections are refused", begin: dialing(refusing)},
		{name: "DNS does not answer", begin: dialing(nameless)},
		{name: "connecting takes too long", begin: dialing(impatient)},
		{name: "TLS: a certificate of nobody we trust", begin: certified(false, false)},
		{name: "TLS: an expired certificate", begin: certified(true, true)},
		{name: "every answer takes a second", begin: func(w *world, repo *githubtest.Repository) {
			release(repo, 1, "1.1.0", sample("hello-yard", "1.1.0", patrolFiles))
			var wire http.RoundTripper = &slowWire{w: w, by: time.Second, next: &http.Transport{DisableKeepAlives: true}}
			w.wire.Store(&wire)
		}, met: func(w *world) error {
			return atLeast("slow answers", w.slow.Load(), 3) // repository, releases, archive
		}, settled: "1.1.0"},
	}
	for i := range list {
		list[i].part = "network"
	}
	return list
}

// githubFaults are the troubles with GitHub's answers.
func githubFaults() []mishap {
	var list []mishap
	for _, tc := range githubTroubles() {
		list = append(list, tc.fault("GitHub"))
	}
	return list
}

// fault makes a row of a trouble.
func (tc trouble) fault(part string) mishap {
	f := mishap{part: part, name: tc.name, begin: tc.make}
	if tc.gone {
		f.after = "none: it is gone"
	}
	outcome := tc.warm
	if outcome == "" && copes(tc.cold) {
		outcome = tc.cold
	}
	if version, ok := strings.CutPrefix(outcome, "200 "); ok {
		f.settled = version
	} else if outcome != "" {
		f.refuses = true
	}
	return f
}

// repositoryFaults are what may happen to a repository.
func repositoryFaults() []mishap {
	var list []mishap
	for _, tc := range repositoryTroubles() {
		switch tc.name {
		case "it vanishes", "it is renamed", "it is archived", "its tag moves":
			list = append(list, tc.fault("repository"))
		case "it turns private":
			f := tc.fault("repository")
			f.after = "when it is public again, or `access: public`"
			list = append(list, f)
		}
	}
	return append(list,
		mishap{part: "repository", name: "it is transferred to another owner", begin: func(_ *world, repo *githubtest.Repository) {
			release(repo, 1, "1.1.0", sample("hello-yard", "1.1.0", patrolFiles))
			repo.Set(func(r *githubtest.Repo) { r.Owner = "other" })
		}, after: "once the operator agrees"},
		mishap{part: "repository", name: "its release is deleted", ahead: true, begin: func(w *world, repo *githubtest.Repository) {
			repo.DeleteRelease(w.newest)
		}},
	)
}
