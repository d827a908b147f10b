package main

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// usualDescriptors is how many files a process may have open where nobody says.
const usualDescriptors = 1024

// maxConnections is the most that are open by default: some 20 KB each.
const maxConnections = 1 << 14

// defaultConnections leaves every connection a second file, which it downloads,
// and some for GitHub, the store and the operator.
func defaultConnections() int {
	free := max(descriptors(), 64+adminConnections) - 32 - adminConnections
	return int(min(free/2, maxConnections))
}

// crowdPatience is how long a client may take nothing of its answer while
// others wait for a place.
const crowdPatience = 5 * time.Second

// crowdSilence is how long a client may take over the head of its first request
// while others wait for a place, its TLS handshake included.
const crowdSilence = time.Second

// crowdListener bounds the connections that are open at once. While there is
// room, anybody may have as many as they like. One more than may be open is
// accepted, and waits until another is closed; all others wait in the kernel,
// where they cost us nothing.
//
// To make place, a connection is closed that is idle, between two requests; if
// none is, one whose client hasn't asked for anything within a moment; if none
// is, one whose client has taken nothing of its answer for a while. Of those it
// is one of the address that has the most connections, and of these the one that
// has been so for the longest. A trusted proxy's connections are each of a
// client of its own. Nobody is closed who is being answered.
type crowdListener struct {
	net.Listener
	max      int            // connections; 0 is no bound
	rate     int64          // bytes a second that each must take; 0 is no bound
	grace    time.Duration  // how far it may be behind that
	patience time.Duration  // see [crowdPatience]
	silence  time.Duration  // see [crowdSilence]
	proxies  []netip.Prefix // not counted by address
	tally    *tally

	ended chan struct{} // closed by Close
	close sync.Once
	left  chan struct{} // told when a connection was closed

	mu   sync.Mutex // guards what follows
	open map[*crowdConn]struct{}
	by   map[netip.Addr]*holder
}

// holder is a client that has connections.
type holder struct{ open int }

// tally counts connections, for the operator.
type tally struct {
	max, open atomic.Int64 // as they are now; a max of 0 is no bound
	waited    atomic.Int64 // for a place
	idle      atomic.Int64 // closed to make place, without a request
	stalled   atomic.Int64 // closed to make place, in the midst of an answer
	slow      atomic.Int64 // closed since the client fell behind the least rate
}

func newCrowdListener(l net.Listener, bounds limitsConfig, proxies []netip.Prefix, count *tally) *crowdListener {
	if bounds.Connections == 0 {
		bounds.Connections = defaultConnections()
	}
	if count == nil {
		count = new(tally)
	}
	crowd := &crowdListener{
		Listener: l, max: max(bounds.Connections, 0), rate: bounds.MinRate, grace: paceGrace, patience: crowdPatience, silence: crowdSilence,
		proxies: proxies, tally: count,
		ended: make(chan struct{}), left: make(chan struct{}, 1),
		open: map[*crowdConn]struct{}{}, by: map[netip.Addr]*holder{},
	}
	count.max.Store(int64(crowd.max))
	return crowd
}

// crowdConn is an open connection.
type crowdConn struct {
	net.Conn
	listener *crowdListener
	client   netip.Addr
	holder   *holder      // guarded by listener.mu
	idle     atomic.Int64 // since when, Unix nanoseconds; 0 is not
	silent   atomic.Int64 // since when the first head is awaited, likewise
	once     sync.Once
}

// Accept waits for somebody, and for a place.
func (l *crowdListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if err := l.place(); err != nil {
		conn.Close()
		return nil, err
	}
	return l.admit(conn), nil
}

// place waits until one more may be open.
func (l *crowdListener) place() error {
	for waited := false; l.full(); {
		if l.drop() {
			continue
		}
		if !waited {
			l.tally.waited.Add(1)
			waited = true
		}
		select {
		case <-l.left:
		case <-time.After(min(l.patience, l.silence) / 8): // one may be dispensable by now
		case <-l.ended:
			return net.ErrClosed
		}
	}
	return nil
}

func (l *crowdListener) full() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.max > 0 && len(l.open) >= l.max
}

// admit counts a connection.
func (l *crowdListener) admit(conn net.Conn) *crowdConn {
	peer := peerOf(conn)
	c := &crowdConn{Conn: conn, listener: l, client: clientOf(peer)}
	c.silent.Store(time.Now().UnixNano())
	if tcp, ok := conn.(*net.TCPConn); ok {
		c.Conn = newPaced(tcp, l.rate, l.grace, &l.tally.slow)
	}
	proxy := slices.ContainsFunc(l.proxies, func(p netip.Prefix) bool { return p.Contains(peer) })
	l.mu.Lock()
	defer l.mu.Unlock()
	if c.holder = l.by[c.client]; c.holder == nil || proxy {
		c.holder = &holder{}
	}
	if !proxy {
		l.by[c.client] = c.holder
	}
	c.holder.open++
	l.open[c] = struct{}{}
	l.tally.open.Store(int64(len(l.open)))
	return c
}

func peerOf(conn net.Conn) netip.Addr {
	at, ok := conn.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return netip.Addr{}
	}
	return at.AddrPort().Addr().Unmap().WithZone("")
}

// clientOf is who is counted as one: an address, of IPv6 the 64 bits that one
// customer has.
func clientOf(peer netip.Addr) netip.Addr {
	if prefix, err := peer.Prefix(64); err == nil && peer.Is6() {
		return prefix.Addr()
	}
	return peer
}

// drop closes the connection that is missed least; false if none may be.
func (l *crowdListener) drop() bool {
	if c := l.unasked(time.Now()); c != nil {
		l.tally.idle.Add(1)
		c.Close()
		return true
	}
	if c := l.stalled(time.Now()); c != nil {
		l.tally.stalled.Add(1)
		c.Conn.(*paced).SetLinger(0) // nor does the kernel keep what is not taken
		c.Close()
		return true
	}
	return false
}

// unasked is the idle connection that is missed least, or else the silent one;
// nil if there is neither. Who has sent something that we haven't read yet is
// not silent: then we are late.
func (l *crowdListener) unasked(now time.Time) *crowdConn {
	var idle, silent dispensable
	since := now.Add(-l.silence).UnixNano()
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.open {
		if at := c.idle.Load(); at > 0 {
			idle.consider(c, at)
		} else if at := c.silent.Load(); at > 0 && at <= since && silent.yields(c, at) && !unread(c.Conn) {
			silent.consider(c, at)
		}
	}
	if idle.conn != nil {
		return idle.conn
	}
	return silent.conn
}

// stalled is the connection that is missed least of those whose clients take
// nothing; nil if there is none.
func (l *crowdListener) stalled(now time.Time) *crowdConn {
	var stalled dispensable
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.open {
		if pace, ok := c.Conn.(*paced); ok {
			if since, ok := pace.stalled(now, l.patience); ok {
				stalled.consider(c, since)
			}
		}
	}
	return stalled.conn
}

// dispensable is the connection that may be closed first of those considered.
type dispensable struct {
	conn  *crowdConn
	since int64
}

// consider is called with the listener's lock held.
func (d *dispensable) consider(c *crowdConn, since int64) {
	if d.yields(c, since) {
		d.conn, d.since = c, since
	}
}

// yields reports whether another is missed less. It is called with the
// listener's lock held.
func (d *dispensable) yields(c *crowdConn, since int64) bool {
	return d.conn == nil || c.holder.open > d.conn.holder.open || c.holder.open == d.conn.holder.open && since < d.since
}

// note is told by net/http what becomes of a connection. Over TLS it is told of
// what lies above ours. A connection is active from a request's whole head on.
func (l *crowdListener) note(conn net.Conn, state http.ConnState) {
	if above, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = above.NetConn()
	}
	c, ok := conn.(*crowdConn)
	switch {
	case !ok:
	case state == http.StateIdle:
		c.idle.Store(time.Now().UnixNano())
		c.silent.Store(0)
	case state == http.StateActive:
		c.idle.Store(0)
		c.silent.Store(0)
	}
}

// Close ends Accept.
func (l *crowdListener) Close() error {
	l.close.Do(func() { close(l.ended) })
	return l.Listener.Close()
}

// Close gives the place back.
func (c *crowdConn) Close() error {
	err := c.Conn.Close()
	c.once.Do(func() {
		l := c.listener
		l.mu.Lock()
		delete(l.open, c)
		l.tally.open.Store(int64(len(l.open)))
		if c.holder.open--; c.holder.open == 0 && l.by[c.client] == c.holder {
			delete(l.by, c.client)
		}
		l.mu.Unlock()
		select {
		case l.left <- struct{}{}:
		default:
		}
	})
	return err
}

// ReadFrom leads to the kernel's way from a file to a socket.
func (c *crowdConn) ReadFrom(r io.Reader) (int64, error) {
	if from, ok := c.Conn.(io.ReaderFrom); ok {
		return from.ReadFrom(r)
	}
	return io.Copy(writerOnly{c.Conn}, r)
}

// CloseWrite ends our half, for net/http, which then waits for the client's.
func (c *crowdConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}
