package githubtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// call is one request to the API on its way.
type call struct {
	g     *GitHub
	r     *http.Request
	base  string // of the API as the request reached it, without a closing slash
	host  string // scheme and host of the request
	path  []string
	query url.Values
	by    viewer
	now   time.Time
}

// answer is what a route has to say.
type answer struct {
	status   int
	body     any       // encoded as JSON, unless raw is set
	raw      []byte    // a body as it is, of contentType
	modified time.Time // Last-Modified, if set
	etag     string    // default: a weak one of the body
	header   http.Header

	contentType string
}

// ServeHTTP answers as GitHub does.
func (g *GitHub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	entry := g.requests.add(r)
	r = r.WithContext(context.WithValue(r.Context(), entryKey{}, entry))
	g.mu.RLock()
	fault, latency := g.fault, g.latency
	g.mu.RUnlock()
	out := &recorder{ResponseWriter: w, log: &g.requests, entry: entry}
	if latency > 0 && !pause(r, latency) {
		return
	}
	if fault != nil && fault(out, r.WithContext(withAnswerer(r.Context(), g.answer))) {
		return
	}
	g.answer(out, r)
}

// answer answers a request that no fault has taken.
func (g *GitHub) answer(w http.ResponseWriter, r *http.Request) {
	path, err := splitPath(r.URL.EscapedPath())
	if err != nil || r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodPost {
		http.Error(w, "400 Bad request", http.StatusBadRequest)
		return
	}
	switch path[0] {
	case "codeload":
		g.serveArchive(w, r, path[1:])
		return
	case "objects":
		g.serveObject(w, r, path[1:])
		return
	case "raw":
		g.serveRaw(w, r, path[1:])
		return
	case "avatars":
		serveAvatar(w, r, path[1:])
		return
	}
	if len(path) >= 6 && path[2] == "releases" && path[3] == "download" {
		g.serveDownload(w, r, path)
		return
	}
	g.serveAPI(w, r, path)
}

// splitPath takes a path apart at its slashes and then decodes it, so that a
// ref's slash may be written either way. It always has one part at least.
func splitPath(escaped string) ([]string, error) {
	var path []string
	for part := range strings.SplitSeq(strings.Trim(escaped, "/"), "/") {
		part, err := url.PathUnescape(part)
		if err != nil {
			return nil, err
		}
		path = append(path, part)
	}
	return path, nil
}

// serveAPI answers a request to the REST API: credentials first, then the rate
// limit, then what was asked for, then whether the client has it already.
func (g *GitHub) serveAPI(w http.ResponseWriter, r *http.Request, path []string) {
	g.mu.RLock()
	c := &call{g: g, r: r, host: hostOf(r), path: path, query: r.URL.Query(), now: g.now()}
	c.base = c.host
	if len(path) >= 2 && path[0] == "api" && path[1] == "v3" {
		c.base, c.path = c.host+"/api/v3", path[2:]
	}
	by, known := g.identify(r, c.now)
	c.by = by
	g.mu.RUnlock()

	h := w.Header()
	h.Set("Server", "github.com")
	h.Set("Vary", "Accept, Authorization, Cookie, X-GitHub-OTP, Accept-Encoding, Accept, X-Requested-With")
	h.Set("X-GitHub-Media-Type", "github.v3; format=json")
	h.Set("X-GitHub-Api-Version-Selected", "2022-11-28")
	h.Set("X-GitHub-Request-Id", fmt.Sprintf("%012X", c.now.UnixNano()&0xffffffffffff))
	h.Set("Access-Control-Allow-Origin", "*")

	if !known {
		c.write(w, badCredentials())
		return
	}
	if c.is("rate_limit") {
		c.write(w, c.rateLimit())
		return
	}
	limit := g.limits.of(by.account)
	if refusal, ok := limit.spend(c); !ok {
		limit.describe(h, c.now)
		c.write(w, refusal)
		return
	}
	a := c.answer()
	if notModified(r, &a) {
		limit.refund()
		a = answer{status: http.StatusNotModified, etag: a.etag, modified: a.modified, header: a.header}
	}
	limit.describe(h, c.now)
	g.requests.counted(r, a.status != http.StatusNotModified)
	c.write(w, a)
}

// answer finds the answer and encodes it, while nothing can change.
func (c *call) answer() answer {
	if c.r.Method == http.MethodPost {
		return c.issueToken()
	}
	c.g.mu.RLock()
	defer c.g.mu.RUnlock()
	a := c.route()
	if err := a.encode(); err != nil {
		return message(http.StatusInternalServerError, "encode answer: "+err.Error())
	}
	return a
}

func (c *call) is(path string) bool { return strings.Join(c.path, "/") == path }

// encode turns the body into bytes and gives a successful answer an entity tag.
func (a *answer) encode() error {
	if a.raw == nil && a.body != nil {
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(a.body); err != nil {
			return err
		}
		a.raw = bytes.TrimSuffix(b.Bytes(), []byte("\n"))
		a.contentType = "application/json; charset=utf-8"
	}
	if a.etag == "" && a.status == http.StatusOK {
		a.etag = fmt.Sprintf(`W/"%x"`, sha256.Sum256(a.raw))
	}
	return nil
}

// notModified reports whether the client's copy is as good; If-None-Match
// rules out If-Modified-Since, as RFC 9110, 13.2.2, has it.
func notModified(r *http.Request, a *answer) bool {
	if a.status != http.StatusOK || r.Method == http.MethodPost {
		return false
	}
	if tags := r.Header.Values("If-None-Match"); len(tags) > 0 {
		return matchesTag(strings.Join(tags, ","), a.etag)
	}
	since, err := http.ParseTime(r.Header.Get("If-Modified-Since"))
	return err == nil && !a.modified.IsZero() && !a.modified.After(since)
}

// matchesTag compares weakly: whether a tag was marked weak does not count.
func matchesTag(list, etag string) bool {
	for tag := range strings.SplitSeq(list, ",") {
		tag = strings.TrimSpace(tag)
		if tag == "*" || strings.TrimPrefix(tag, "W/") == strings.TrimPrefix(etag, "W/") {
			return true
		}
	}
	return false
}

func (c *call) write(w http.ResponseWriter, a answer) {
	if err := a.encode(); err != nil {
		a = message(http.StatusInternalServerError, "encode answer: "+err.Error())
	}
	h := w.Header()
	for name, values := range a.header {
		h[name] = values
	}
	if a.etag != "" {
		h.Set("ETag", a.etag)
		scope := "public, max-age=60, s-maxage=60"
		if c.by.known() {
			scope = "private, max-age=60, s-maxage=60"
		}
		h.Set("Cache-Control", scope)
	}
	if !a.modified.IsZero() {
		h.Set("Last-Modified", a.modified.UTC().Format(http.TimeFormat))
	}
	if a.contentType != "" && a.status != http.StatusNotModified {
		h.Set("Content-Type", a.contentType)
		h.Set("Content-Length", strconv.Itoa(len(a.raw)))
	}
	w.WriteHeader(a.status)
	if c.r.Method != http.MethodHead {
		w.Write(a.raw)
	}
}

// hostOf is the scheme and host that a request was sent to.
func hostOf(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// ok is an answer with a JSON body.
func ok(body any) answer { return answer{status: http.StatusOK, body: body} }

// message is an answer that only says something, as GitHub's errors do.
func message(status int, text string) answer {
	return answer{status: status, body: object{
		"message":           text,
		"documentation_url": "https://docs.github.com/rest",
		"status":            strconv.Itoa(status),
	}}
}

func notFound() answer { return message(http.StatusNotFound, "Not Found") }

// redirect sends the client elsewhere with an empty body.
func redirect(to string) answer {
	return answer{
		status:      http.StatusFound,
		header:      http.Header{"Location": {to}},
		contentType: "text/html;charset=utf-8",
		raw:         []byte{},
	}
}

// recorder notes the status before its first byte is sent, so that a client
// that has read an answer finds it in the list.
type recorder struct {
	http.ResponseWriter
	log   *requestLog
	entry *Request
	done  bool
}

func (r *recorder) WriteHeader(status int) {
	if !r.done && status >= 200 {
		r.done = true
		r.log.answered(r.entry, status)
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(p []byte) (int, error) {
	if !r.done {
		r.WriteHeader(http.StatusOK)
	}
	return r.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach what lies beneath.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
