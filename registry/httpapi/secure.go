package httpapi

import (
	"net/http"
	"time"
)

// Headers of every answer, whatever its route. What is no page may do nothing
// but be read: should a browser show it as one, nothing in it runs, loads,
// submits or is framed. Everything is public, so anybody may embed it.
var (
	inertPolicy   = []string{"default-src 'none'; frame-ancestors 'none'; sandbox"}
	noReferrer    = []string{"no-referrer"}
	anyEmbedder   = []string{"cross-origin"}
	encryptedOnly = []string{"max-age=31536000"}
)

// secure sets them. Handlers may say otherwise. That a host is to be asked with
// encryption alone is said only where we encrypt ourselves: a proxy may serve
// other things there.
func secure(h http.Header, r *http.Request) {
	h["X-Content-Type-Options"] = noSniff
	h["Content-Security-Policy"] = inertPolicy
	h["Referrer-Policy"] = noReferrer
	h["Cross-Origin-Resource-Policy"] = anyEmbedder
	if r.TLS != nil {
		h["Strict-Transport-Security"] = encryptedOnly
	}
}

// setPageHeaders sets what every page carries.
func setPageHeaders(h http.Header, policy string) {
	h.Set("Content-Security-Policy", policy)
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
}

// MaxPath bounds the path of an address, in bytes: a slug, a digest and a file's
// name are the longest that we make.
const MaxPath = 2 << 10

// Bounds of an answer over HTTP/2, where a client holds back what it has asked
// for without holding up the connection. That of HTTP/1 is the connection's.
const (
	// StreamGrace is given to every client beside what its rate allows.
	StreamGrace = time.Minute
	// MaxStreamWait is how long an answer may take to begin.
	MaxStreamWait = 30 * time.Minute
)

// pace bounds how long an answer of so many bytes may take from now on.
func (s *server) pace(w http.ResponseWriter, r *http.Request, size int64) {
	if r.ProtoMajor < 2 || s.minRate <= 0 {
		return
	}
	// A writer that has no deadlines, as in tests, has no slow clients.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(StreamGrace + time.Duration(size/s.minRate)*time.Second))
}
