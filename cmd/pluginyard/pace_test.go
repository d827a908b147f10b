package main

import (
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"
)

// paceOf gives both ends of a connection, one of them paced.
func paceOf(t *testing.T, rate int64, grace time.Duration) (*paced, net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return newPaced(conn.(*net.TCPConn), rate, grace, new(atomic.Int64)), client
}

// hay is a file of random bytes, larger than the kernel takes for a client that
// doesn't read.
func hay(t testing.TB) *os.File {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "hay"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	if _, err := io.Copy(file, io.LimitReader(rand.NewChaCha8([32]byte{}), bigBytes)); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestWhoReadsGetsAllOfIt(t *testing.T) {
	for name, source := range map[string]func(*os.File) io.Reader{
		"a file as the kernel copies it": func(f *os.File) io.Reader { return io.LimitReader(f, bigBytes) },
		"a file that ends too early":     func(f *os.File) io.Reader { return io.LimitReader(f, 2*bigBytes) },
		"what is no file":                func(f *os.File) io.Reader { return io.LimitReader(io.MultiReader(f), bigBytes) },
	} {
		t.Run(name, func(t *testing.T) {
			server, client := paceOf(t, 1<<20, time.Minute)
			file := hay(t)
			if _, err := file.Seek(0, io.SeekStart); err != nil {
				t.Fatal(err)
			}
			sent := make(chan int64, 1)
			go func() {
				n, _ := server.ReadFrom(source(file))
				server.Close()
				sent <- n
			}()
			got := sha256.New()
			n, err := io.Copy(got, client)
			if err != nil || n != bigBytes || <-sent != bigBytes {
				t.Errorf("got %d bytes, %v", n, err)
			}
			want := sha256.New()
			if _, err := io.Copy(want, io.LimitReader(rand.NewChaCha8([32]byte{}), bigBytes)); err != nil || string(got.Sum(nil)) != string(want.Sum(nil)) {
				t.Error("they are other bytes")
			}
			if server.behind != 0 {
				t.Errorf("it is %s behind", server.behind)
			}
		})
	}
}

// A client that does not read has used up its grace, whoever writes, and cannot
// have it twice.
func TestWhoDoesNotReadIsDropped(t *testing.T) {
	server, _ := paceOf(t, 1<<30, 50*time.Millisecond)
	file := hay(t)
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	n, err := server.ReadFrom(io.LimitReader(file, bigBytes))
	if !errors.Is(err, os.ErrDeadlineExceeded) || n >= bigBytes {
		t.Errorf("the file: %d bytes, %v", n, err)
	}
	if n := server.slow.Load(); n != 1 {
		t.Errorf("counted %d times", n)
	}
	if left := server.grace - server.behind; left > 0 {
		t.Errorf("it has %s left", left)
	}
	if _, err := server.Write(make([]byte, bigBytes)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a write: %v", err)
	}
}

// Who reads little at a time is not taken for one that has stalled, though the
// kernel takes nothing more from us meanwhile. Who stops is.
func TestWhoReadsSlowlyHasNotStalled(t *testing.T) {
	const bear = 500 * time.Millisecond
	server, client := paceOf(t, 0, 0)
	if err := client.(*net.TCPConn).SetReadBuffer(8 << 10); err != nil {
		t.Fatal(err)
	}
	go server.Write(make([]byte, bigBytes))
	if _, told := acknowledged(server.TCPConn); !told {
		t.Skip("the kernel does not tell what the client has")
	}
	waited := false // for longer than we bear, in one step
	some := make([]byte, 2<<10)
	for end := time.Now().Add(4 * bear); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if _, err := client.Read(some); err != nil {
			t.Fatal(err)
		}
		since, stalled := server.stalled(time.Now(), bear)
		if stalled {
			t.Fatal("who reads slowly is taken for stalled")
		}
		waited = waited || since > 0 && time.Since(time.Unix(0, since)) > bear
	}
	if !waited {
		t.Error("no step took long")
	}
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		if _, stalled := server.stalled(time.Now(), bear); stalled {
			return
		}
		if time.Now().After(end) {
			t.Fatal("who reads nothing more has not stalled")
		}
	}
}

// What others want of a deadline counts, if it is earlier.
func TestDeadlinesOfOthersAreKept(t *testing.T) {
	server, _ := paceOf(t, 1, time.Hour)
	if err := server.SetDeadline(time.Now().Add(-time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := server.Write([]byte("late")); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("after the deadline: %v", err)
	}
	if err := server.SetWriteDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	if _, err := server.Write([]byte("in time")); err != nil {
		t.Errorf("without one: %v", err)
	}
}

// crowded is a server with bounds of its own that serves a file of 32 MB, and
// "ok" at /ok; begun is called for each who asks for the file.
func crowded(t testing.TB, bounds limitsConfig, grace time.Duration, begun func()) (address string, crowd *crowdListener) {
	t.Helper()
	file := hay(t)
	mux := http.NewServeMux()
	mux.HandleFunc("/ok", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok") })
	mux.HandleFunc("/hay", func(w http.ResponseWriter, r *http.Request) {
		own, err := os.Open(file.Name())
		if err != nil {
			t.Error(err)
			return
		}
		defer own.Close()
		begun()
		http.ServeContent(w, r, "", time.Time{}, own)
	})
	l, err := listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	crowd = newCrowdListener(l, bounds, nil, nil)
	crowd.grace, crowd.patience = grace, 50*time.Millisecond
	server := &http.Server{Handler: mux, ConnState: crowd.note}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		server.Serve(crowd)
	}()
	t.Cleanup(func() { server.Close(); <-ended })
	return l.Addr().String(), crowd
}

// from opens a connection from one of the addresses of the loopback network.
func from(t *testing.T, host byte, address string) net.Conn {
	t.Helper()
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, host)}}
	conn, err := dialer.DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// 1,024 clients of four addresses ask for 32 MB and read none of it. Others are
// answered meanwhile, and in the end all the slow ones are gone.
func TestSlowReadersHoldNobody(t *testing.T) {
	const slow = 1024
	inside := newTurnstile(slow)
	address, crowd := crowded(t, limitsConfig{Connections: 2048, MinRate: 1 << 30}, 4*time.Second, inside.enter)
	for i := range slow {
		conn := from(t, byte(2+i%4), address)
		if err := conn.(*net.TCPConn).SetReadBuffer(4096); err != nil {
			t.Fatal(err)
		}
		io.WriteString(conn, "GET /hay HTTP/1.1\r\nHost: a\r\n\r\n")
	}
	select {
	case <-inside.open:
	case <-time.After(patience):
		t.Fatal("not all of them are connected")
	}
	crowd.mu.Lock()
	open := len(crowd.open)
	crowd.mu.Unlock()
	for i := range 100 {
		answer, err := http.Get("http://" + address + "/ok")
		if err != nil {
			t.Fatalf("request %d: %v", i, err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || string(body) != "ok" {
			t.Fatalf("request %d: %q, %v", i, body, err)
		}
	}
	t.Logf("%d slow readers were connected while others were answered", open)
	gone := func() bool {
		crowd.mu.Lock()
		defer crowd.mu.Unlock()
		return len(crowd.open) <= 1 // the quick one's
	}
	for !gone() {
		select {
		case <-crowd.left:
		case <-time.After(patience):
			t.Fatal("they are still there")
		}
	}
}

// BenchmarkDownload is what the least rate costs: 32 MB by the kernel, over
// loopback.
func BenchmarkDownload(b *testing.B) {
	for name, rate := range map[string]int64{"paced": 1024, "unpaced": 0} {
		b.Run(name, func(b *testing.B) {
			address, _ := crowded(b, limitsConfig{Connections: 16, MinRate: rate}, time.Minute, func() {})
			b.SetBytes(bigBytes)
			for b.Loop() {
				answer, err := http.Get("http://" + address + "/hay")
				if err != nil {
					b.Fatal(err)
				}
				if n, err := io.Copy(io.Discard, answer.Body); err != nil || n != bigBytes {
					b.Fatal(n, err)
				}
				answer.Body.Close()
			}
		})
	}
}
