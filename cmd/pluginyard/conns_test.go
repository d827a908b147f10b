package main

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"sync"
	"testing"
	"time"
)

// alive asks over a connection, which is idle afterwards, and reports whether
// there was an answer.
func alive(conn net.Conn) bool {
	io.WriteString(conn, "GET /ok HTTP/1.1\r\nHost: a\r\n\r\n")
	conn.SetReadDeadline(time.Now().Add(patience))
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return err == nil && string(body) == "ok"
}

// awaitIdle waits until so many connections are between two requests.
func (l *crowdListener) awaitIdle(t *testing.T, n int) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(time.Millisecond) {
		l.mu.Lock()
		idle := 0
		for c := range l.open {
			if c.idle.Load() > 0 {
				idle++
			}
		}
		l.mu.Unlock()
		if idle == n {
			return
		}
	}
	t.Fatalf("there are never %d idle connections", n)
}

// closed reports whether the other side closed a connection.
func closed(conn net.Conn) bool {
	conn.SetReadDeadline(time.Now().Add(patience))
	_, err := conn.Read(make([]byte, 1))
	return err != nil && !errors.Is(err, os.ErrDeadlineExceeded)
}

// While there is room one address may have all of it. Then its connection goes
// first that has been idle for the longest, and nobody else's.
func TestIdleConnectionsMakePlace(t *testing.T) {
	const room = 40
	address, crowd := crowded(t, limitsConfig{Connections: room}, time.Minute, func() {})
	lonely := from(t, 3, address)
	if !alive(lonely) {
		t.Fatal("the first is not answered")
	}
	crowd.awaitIdle(t, 1)
	var many []net.Conn
	for i := range room - 1 {
		conn := from(t, 2, address)
		if many = append(many, conn); !alive(conn) {
			t.Fatalf("connection %d of one address is not answered", i)
		}
		crowd.awaitIdle(t, i+2)
	}
	for i := range 10 {
		conn := from(t, byte(2+i%2), address)
		if !alive(conn) {
			t.Fatalf("one more is not answered, after %d", i)
		}
		if !closed(many[i]) {
			t.Errorf("connection %d is open, which was idle for the longest", i)
		}
		crowd.awaitIdle(t, room)
	}
	if !alive(lonely) {
		t.Error("the only connection of another address was closed")
	}
	if got := crowd.tally.idle.Load(); got != 10 || crowd.tally.open.Load() != room || crowd.tally.max.Load() != room {
		t.Errorf("counted %d closed, %d open of %d", got, crowd.tally.open.Load(), crowd.tally.max.Load())
	}
}

// Ten times as many as there is room for, from one address, each over a
// connection of its own: those beyond wait, and all are answered.
func TestCrowdBeyondTheRoomWaits(t *testing.T) {
	const room = 40
	address, crowd := crowded(t, limitsConfig{Connections: room}, time.Minute, func() {})
	client := &http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	var all sync.WaitGroup
	for range 10 * room {
		all.Go(func() {
			answer, err := client.Get("http://" + address + "/ok")
			if err != nil {
				t.Error(err)
				return
			}
			defer answer.Body.Close()
			if body, err := io.ReadAll(answer.Body); err != nil || string(body) != "ok" {
				t.Errorf("%q, %v", body, err)
			}
		})
	}
	all.Wait()
	if n := crowd.tally.open.Load(); n > room {
		t.Errorf("%d are open", n)
	}
}

// One address takes all connections and asks for nothing, or sends half a head.
// Others have to wait a moment, and nobody who is being answered loses anything.
func TestSilentConnectionsMakePlace(t *testing.T) {
	const room = 8
	begun, answer := make(chan struct{}), make(chan struct{})
	address, crowd := crowded(t, limitsConfig{Connections: room}, time.Hour, func() { close(begun); <-answer })
	reader := from(t, 2, address)
	io.WriteString(reader, "GET /hay HTTP/1.1\r\nHost: a\r\n\r\n")
	select {
	case <-begun:
	case <-time.After(patience):
		t.Fatal("the first is not connected")
	}
	for i := range 2 * room {
		conn := from(t, 2, address)
		if i%2 == 0 {
			io.WriteString(conn, "GET /hay HTTP/1.1\r\nHos")
		}
	}
	start := time.Now()
	if !alive(from(t, 3, address)) {
		t.Error("another address is not answered")
	}
	if took := time.Since(start); took > readHeaderTimeout/2 {
		t.Errorf("it is answered after %s", took)
	}
	if n := crowd.tally.idle.Load(); n < room {
		t.Errorf("%d were closed", n)
	}
	close(answer)
	if n, err := io.CopyN(io.Discard, reader, bigBytes); err != nil {
		t.Errorf("who was being answered got %d bytes: %v", n, err)
	}
}

// Of those who have not asked yet the one goes whose address has the most, after
// a moment; nobody goes whose request is there and merely not read.
func TestWhoIsSilentIsChosen(t *testing.T) {
	l, err := listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	crowd := newCrowdListener(l, limitsConfig{}, nil, nil)
	admit := func(host byte, say string) *crowdConn {
		client := from(t, host, l.Addr().String())
		conn, err := crowd.Accept()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		io.WriteString(client, say)
		for end := time.Now().Add(patience); say != "" && !unread(conn.(*crowdConn).Conn); time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Skip("the kernel does not tell what is not read")
			}
		}
		return conn.(*crowdConn)
	}
	lonely := admit(2, "")
	waiting := []*crowdConn{admit(3, "GET "), admit(3, "GET ")}
	later := time.Now().Add(time.Minute)
	if got := crowd.unasked(time.Now().Add(-time.Minute)); got != nil {
		t.Errorf("at once %s goes", got.RemoteAddr())
	}
	if got := crowd.unasked(later); got != lonely {
		t.Error("who said nothing does not go")
	}
	waiting[1].Read(make([]byte, 4))
	if got := crowd.unasked(later); got != waiting[1] {
		t.Error("who sent half a head from the address that has the most does not go")
	}
	crowd.note(lonely, http.StateActive)
	crowd.note(waiting[1], http.StateActive)
	if got := crowd.unasked(later); got != nil {
		t.Error("who is being answered goes")
	}
}

// Clients of four addresses have all connections and read nothing. Whoever comes
// is answered after our patience with them, and who reads keeps its connection.
func TestStalledReadersMakePlace(t *testing.T) {
	const room = 40
	inside := newTurnstile(room)
	address, crowd := crowded(t, limitsConfig{Connections: room}, time.Hour, inside.enter)
	ask := func(host byte) net.Conn {
		conn := from(t, host, address)
		io.WriteString(conn, "GET /hay HTTP/1.1\r\nHost: a\r\n\r\n")
		return conn
	}
	reader := ask(9)
	for i := range room - 1 {
		ask(byte(2 + i%4))
	}
	select {
	case <-inside.open:
	case <-time.After(patience):
		t.Fatal("not all of them are connected")
	}
	for i := range 10 {
		if !alive(from(t, 10, address)) {
			t.Fatalf("newcomer %d is not answered", i)
		}
	}
	if n := crowd.tally.stalled.Load(); n < 1 {
		t.Errorf("%d stalled readers were dropped", n)
	}
	reader.SetReadDeadline(time.Now().Add(patience))
	if n, err := io.CopyN(io.Discard, reader, bigBytes); err != nil {
		t.Errorf("who had but one connection lost it after %d bytes: %v", n, err)
	}
}

// Behind a trusted proxy are many clients: its connections are none's share.
func TestProxysConnectionsAreOfManyClients(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")}
	l, err := listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	crowd := newCrowdListener(l, limitsConfig{}, proxies, nil)
	for _, host := range []byte{2, 2, 3, 3} {
		from(t, host, l.Addr().String())
		if _, err := crowd.Accept(); err != nil {
			t.Fatal(err)
		}
	}
	for c := range crowd.open {
		want := 2
		if c.client.As4()[3] == 2 {
			want = 1
		}
		if c.holder.open != want {
			t.Errorf("%s counts %d, want %d", c.client, c.holder.open, want)
		}
	}
	for c := range crowd.open {
		c.Close()
	}
	if len(crowd.open)+len(crowd.by) != 0 || crowd.tally.open.Load() != 0 {
		t.Errorf("kept after the end: %d, %d", len(crowd.open), len(crowd.by))
	}
}
