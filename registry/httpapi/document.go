package httpapi

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/pluginyard/pluginyard/registry"
)

// Header values of each class of answer. They are assigned to the header map
// as they are, and nobody may change them.
//
// A document may be five minutes old: that is how long a release may stay
// unseen behind a cache, and WordPress asks twice a day. A cache may go on
// answering for ten minutes while it asks us, and for a day while we are down.
//
// A package whose registry signs may be kept for a day, not for ever: what is
// cached with it are its signatures, and keys are rotated. Asking again costs a
// conditional request, whose 304 brings the new ones.
var (
	noSniff   = []string{"nosniff"}
	fresh     = []string{"public, max-age=300, stale-while-revalidate=600, stale-if-error=86400"}
	immutable = []string{"public, max-age=31536000, immutable"}
	perSite   = []string{"private, max-age=300"} // other sites get other answers
	signable  = []string{"public, max-age=86400, stale-while-revalidate=600, stale-if-error=86400"}
	anyOrigin = []string{"*"}
)

// preparedFor is how long the headers of a document are kept. A document that
// is still asked for is prepared again, which costs about a microsecond.
const preparedFor = 10 * time.Minute

// prepared is a document with every header value of each of its forms.
type prepared struct {
	*headers
	document *registry.Document
	cache    []string // Cache-Control in place of that in headers; nil leaves that
}

// headers are those of a document, made once and written to many clients. They
// do not hold the document, so that keeping them costs little.
type headers struct {
	modified time.Time
	forms    [encodings]form
	common   []field // headers of all forms
}

// form is the headers of one encoding of a document.
type form struct {
	size     int // bytes; -1 where the document has no such form
	etag     []string
	length   []string
	encoding []string // nil for identity
}

// field is one header. The name is in canonical form.
type field struct {
	name  string
	value []string
}

// prepare gives a registry document with its headers. They are kept by the
// document's ETag; two documents that share one may differ in their time, and
// in how well they were compressed.
func (s *server) prepare(doc *registry.Document) prepared {
	if v, ok := s.prepared.Get(doc.ETag); ok {
		if h := v.(*headers); h.fit(doc) {
			return prepared{headers: h, document: doc}
		}
	}
	p := prepare(doc, fresh, nil)
	s.prepared.SetDefault(doc.ETag, p.headers)
	return p
}

// fit reports whether the headers are those of a document with their ETag.
func (h *headers) fit(doc *registry.Document) bool {
	for e := range encodings {
		if h.forms[e].size != sizeOf(bodyOf(doc, e), e) {
			return false
		}
	}
	return h.modified.Equal(doc.Modified)
}

// bodyOf gives one form of a document; nil where there is none.
func bodyOf(doc *registry.Document, e encoding) []byte {
	switch e {
	case gzip:
		return doc.Gzip
	case brotli:
		return doc.Brotli
	default:
		return doc.Identity
	}
}

// sizeOf is a form's size; -1 where there is none.
func sizeOf(body []byte, e encoding) int {
	if body == nil && e != identity {
		return -1
	}
	return len(body)
}

// prepare computes the headers of a document; more are headers beside the
// usual ones.
func prepare(doc *registry.Document, cacheControl []string, more http.Header) prepared {
	h := &headers{modified: doc.Modified, common: []field{
		{"Content-Type", []string{doc.Type}},
		{"Vary", []string{"Accept-Encoding"}},
		{"Cache-Control", cacheControl},
		{"Access-Control-Allow-Origin", anyOrigin},
	}}
	if !doc.Modified.IsZero() {
		h.common = append(h.common, field{"Last-Modified", []string{doc.Modified.UTC().Format(http.TimeFormat)}})
	}
	for name, value := range more {
		h.common = append(h.common, field{name, value})
	}
	for e, coding := range [encodings]struct{ name, suffix string }{gzip: {"gzip", "-gz"}, brotli: {"br", "-br"}} {
		h.forms[e] = newForm(sizeOf(bodyOf(doc, encoding(e)), encoding(e)), doc.ETag, coding.name, coding.suffix)
	}
	return prepared{headers: h, document: doc}
}

// newForm computes the headers of one form. Each has an ETag of its own, since
// a strong one stands for the very bytes (RFC 9110 section 8.8.3.3).
func newForm(size int, etag, coding, suffix string) form {
	f := form{size: size}
	if size < 0 {
		return f
	}
	f.etag = []string{strings.TrimSuffix(etag, `"`) + suffix + `"`}
	f.length = []string{strconv.Itoa(size)}
	if coding != "" {
		f.encoding = []string{coding}
	}
	return f
}

// writePrepared answers with a document. A plain GET is a few assignments and
// one write; conditions, ranges and HEAD are left to [http.ServeContent].
func (s *server) writePrepared(c echo.Context, p prepared) {
	r := c.Request()
	w := direct(c)
	h := w.Header()
	ranged := r.Header["Range"] != nil

	// A part of a compressed document is of no use to anyone.
	e := identity
	if !ranged {
		e = negotiate(r.Header["Accept-Encoding"])
	}
	if p.forms[e].size < 0 {
		e = p.next(r.Header["Accept-Encoding"], e)
	}
	s.pace(w, r, int64(p.forms[e].size))
	f, body := &p.forms[e], bodyOf(p.document, e)
	for i := range p.common {
		h[p.common[i].name] = p.common[i].value
	}
	if p.cache != nil {
		h["Cache-Control"] = p.cache
	}
	h["Etag"] = f.etag
	h["Content-Length"] = f.length
	if f.encoding != nil {
		h["Content-Encoding"] = f.encoding
	}
	if r.Method == http.MethodGet && !ranged && !conditional(r.Header) {
		w.Write(body) // an error means that the client went away
		return
	}
	s.serveContent(w, r, p.document.Modified, bytes.NewReader(body))
}

// next chooses a form where the one that the client likes best does not exist:
// the other encoding if the client takes it, else identity.
func (h *headers) next(lines []string, missing encoding) encoding {
	other := gzip + brotli - missing
	if h.forms[other].size < 0 {
		return identity
	}
	var without [8]string
	kept := append(without[:0], lines...)
	kept = append(kept, [encodings]string{gzip: "gzip;q=0", brotli: "br;q=0"}[missing])
	return negotiate(kept)
}

// conditional reports whether a request is to be answered only on a condition.
func conditional(h http.Header) bool {
	return h["If-None-Match"] != nil || h["If-Modified-Since"] != nil ||
		h["If-Match"] != nil || h["If-Unmodified-Since"] != nil
}
