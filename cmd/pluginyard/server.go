package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"golang.org/x/crypto/acme/autocert"
	"golang.org/x/sync/errgroup"
)

// Bounds on a client's connection. How long an answer may take to write depends
// on its size, see [paced]: a large download over a slow line is no fault.
const (
	readHeaderTimeout = 10 * time.Second // for the request's head, which is one packet
	idleTimeout       = 2 * time.Minute  // between two requests of one connection
	maxHeaderBytes    = 64 << 10         // of the request's head; browsers stop at 8 to 16 KiB
	stalledAfter      = 2 * time.Minute  // without an acknowledged byte, while there is something to send
	maxStreams        = 64               // requests at once of one HTTP/2 connection
	lostAfter         = 15 * time.Second // without an answer to an HTTP/2 ping
)

// server is one listening address with what it serves.
type server struct {
	listener net.Listener
	handler  http.Handler
	certs    *autocert.Manager // nil serves plain HTTP
	limits   limitsConfig      // of connections
	proxies  []netip.Prefix    // whose connections are many clients'
	tally    *tally            // of connections; nil counts for nobody
	grace    time.Duration     // for requests in flight once the context has ended
	log      *slog.Logger
}

// run serves until the context ends, then accepts nothing more, waits for the
// requests in flight, and cuts off those that outlive the grace.
func (s *server) run(ctx context.Context) error {
	crowd := newCrowdListener(s.listener, s.limits, s.proxies, s.tally)
	srv := &http.Server{
		ConnState:         crowd.note,
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: maxStreams, SendPingTimeout: stalledAfter, PingTimeout: lostAfter, WriteByteTimeout: stalledAfter},
		Handler:           s.handler,
		ReadHeaderTimeout: readHeaderTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug), // clients' mistakes
	}
	done := make(chan error, 1)
	go func() {
		if s.certs == nil {
			done <- srv.Serve(crowd)
			return
		}
		srv.TLSConfig = s.certs.TLSConfig()
		done <- srv.ServeTLS(crowd, "", "")
	}()
	select {
	case err := <-done:
		return fmt.Errorf("serve %s: %w", s.listener.Addr(), err)
	case <-ctx.Done():
	}
	s.log.Info("stopping; downloads in flight may finish", "grace", s.grace)
	deadline, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.grace)
	defer cancel()
	err := srv.Shutdown(deadline)
	if err != nil {
		srv.Close() // its error is that of the listener, which is closed
		err = fmt.Errorf("stop %s: requests were cut off after %s: %w", s.listener.Addr(), s.grace, err)
	}
	if served := <-done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, fmt.Errorf("serve %s: %w", s.listener.Addr(), served))
	}
	return err
}

// certificates gets certificates for the domains by ACME, proving possession
// in the TLS handshake, so that port 443 alone has to be reachable. It is nil
// if there are no domains.
func certificates(cfg tlsConfig) *autocert.Manager {
	if len(cfg.Domains) == 0 {
		return nil
	}
	return &autocert.Manager{
		Prompt:     autocert.AcceptTOS,
		HostPolicy: autocert.HostWhitelist(cfg.Domains...),
		Cache:      autocert.DirCache(cfg.Cache),
		Email:      cfg.Email,
	}
}

// listen opens a TCP address.
func listen(ctx context.Context, address string) (net.Listener, error) {
	l, err := (&net.ListenConfig{Control: dropStalled}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return l, nil
}

// together runs parts until the context ends or one of them fails, which ends
// the others; it waits for all.
func together(ctx context.Context, parts ...func(context.Context) error) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, part := range parts {
		group.Go(func() error { return part(ctx) })
	}
	return group.Wait()
}
