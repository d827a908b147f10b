// Command tamper is a proxy between WordPress and the registry that passes
// everything on, and lies when it is told to. It prints two addresses, "proxy
// URL" and "control URL"; at the second it takes
//
//	POST /?upstream=URL      where the registry is
//	POST /?mode=MODE&…       what is done to answers from now on, see [lie]
//	POST /?reset=1           forget the requests
//	GET  /                   the requests since then, a JSON object a line
package main

import (
	"bytes"
	"compress/gzip"
	"crypto/ed25519"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync"
)

// lie is what is done to answers.
type lie struct {
	// mode is one of
	//
	//	""         nothing
	//	down       connections are closed without an answer
	//	hang       requests are never answered
	//	error      status 500
	//	zip        one byte of zips is another, within a time stamp: they unpack
	//	signature  one byte of signatures is another
	//	key        signatures are those of a key that nobody knows
	//	unsigned   there are no signatures
	//	downgrade  in place of any zip there is the one at the path "with", with
	//	           the signatures that are its own
	//	rewrite    in documents the text "old" is "new"
	//	answer     documents are the text "new"
	//	nested     documents are 2 MB of lists in lists, about the slug "new"
	//	bomb       documents are 300 MB that are compressed twice
	//
	// downgrade rewrites as well, if there is an old text.
	mode     string
	with     string
	old, new string
}

// proxy is the proxy and what it has seen.
type proxy struct {
	mu       sync.Mutex // guards what follows
	upstream *url.URL
	lie      lie
	seen     []seen

	key  ed25519.PrivateKey // nobody knows it
	bomb func() []byte
}

// seen is one request and what was answered.
type seen struct {
	Method string      `json:"method"`
	Path   string      `json:"path"` // with the query
	Header http.Header `json:"header"`
	Status int         `json:"status"` // 0 if there was no answer
}

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "address to listen at")
	flag.Parse()
	p := &proxy{key: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize)), bomb: sync.OnceValue(bomb)}
	front, err := net.Listen("tcp", *listen)
	if err != nil {
		log.Fatal(err)
	}
	control, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("proxy http://%s\ncontrol http://%s\n", front.Addr(), control.Addr())
	go func() { log.Fatal(http.Serve(control, http.HandlerFunc(p.control))) }()
	log.Fatal(http.Serve(front, p))
}

func (p *proxy) control(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.Method == http.MethodGet {
		for _, s := range p.seen {
			json.NewEncoder(w).Encode(s)
		}
		return
	}
	q := r.URL.Query()
	if q.Has("upstream") {
		upstream, err := url.Parse(q.Get("upstream"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		p.upstream = upstream
	}
	if q.Has("mode") {
		p.lie = lie{mode: q.Get("mode"), with: q.Get("with"), old: q.Get("old"), new: q.Get("new")}
	}
	if q.Has("reset") {
		p.seen = nil
	}
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	upstream, lie := p.upstream, p.lie
	p.mu.Unlock()
	status := 0
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.seen = append(p.seen, seen{Method: r.Method, Path: r.URL.RequestURI(), Header: r.Header, Status: status})
	}()
	switch {
	case lie.mode == "hang":
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	case lie.mode == "down" || upstream == nil:
		panic(http.ErrAbortHandler)
	case lie.mode == "error":
		status = http.StatusInternalServerError
		http.Error(w, "out of order", status)
		return
	}
	reverse := httputil.ReverseProxy{
		Rewrite: func(to *httputil.ProxyRequest) {
			to.SetURL(upstream)
			to.Out.Host = to.In.Host
			if lie.old != "" || lie.new != "" || lie.mode == "bomb" {
				to.Out.Header.Set("Accept-Encoding", "identity")
				to.Out.Header.Del("If-None-Match")
			}
			if lie.mode == "downgrade" {
				switch {
				case strings.HasSuffix(to.Out.URL.Path, ".zip"):
					to.Out.URL.Path, to.Out.URL.RawQuery = lie.with, ""
				case strings.HasSuffix(to.Out.URL.Path, ".zip.sig"):
					to.Out.URL.Path, to.Out.URL.RawQuery = lie.with+".sig", ""
				}
			}
		},
		ModifyResponse: func(answer *http.Response) error {
			status = answer.StatusCode
			return p.tell(lie, answer)
		},
	}
	reverse.ServeHTTP(w, r)
}

// tell changes an answer as the lie says.
func (p *proxy) tell(lie lie, answer *http.Response) error {
	path := answer.Request.URL.Path
	zip := answer.Header.Get("Content-Type") == "application/zip"
	signature := strings.HasSuffix(path, ".sig")
	switch {
	case answer.StatusCode != http.StatusOK || answer.Request.Method == http.MethodHead:
		return nil
	case lie.mode == "zip" && zip:
		return rewrite(answer, func(body []byte) ([]byte, error) {
			if len(body) < 12 {
				return nil, errors.New("no zip")
			}
			body[10] ^= 1 // the first entry's time, of which nobody knows what it should be
			return body, nil
		})
	case lie.mode == "signature":
		for i, value := range answer.Header["X-Content-Signature"] {
			answer.Header["X-Content-Signature"][i] = otherByte(value)
		}
		if signature {
			return rewrite(answer, func(body []byte) ([]byte, error) { return []byte(otherByte(string(body))), nil })
		}
	case lie.mode == "unsigned":
		answer.Header.Del("X-Content-Signature")
		if signature {
			answer.StatusCode, answer.Status = http.StatusNotFound, "404 Not Found"
		}
	case lie.mode == "key" && zip:
		return rewrite(answer, func(body []byte) ([]byte, error) {
			sum := sha512.Sum384(body)
			answer.Header.Set("X-Content-Signature", base64.StdEncoding.EncodeToString(ed25519.Sign(p.key, sum[:])))
			return body, nil
		})
	case lie.mode == "answer" && !zip && !signature:
		return rewrite(answer, func([]byte) ([]byte, error) { return []byte(lie.new), nil })
	case lie.mode == "nested" && !zip && !signature:
		return rewrite(answer, func([]byte) ([]byte, error) { return nested(lie.new), nil })
	case lie.mode == "bomb" && !zip && !signature:
		answer.Header.Set("Content-Encoding", "gzip")
		return rewrite(answer, func([]byte) ([]byte, error) { return p.bomb(), nil })
	case lie.mode == "key" && signature:
		return rewrite(answer, func([]byte) ([]byte, error) { return nil, nil })
	case lie.old != "" && !zip && !signature:
		return rewrite(answer, func(body []byte) ([]byte, error) {
			return bytes.ReplaceAll(body, []byte(lie.old), []byte(lie.new)), nil
		})
	}
	return nil
}

// otherByte changes the third character of base64 into another one.
func otherByte(text string) string {
	if len(text) < 3 {
		return text
	}
	c := "A"
	if text[2] == 'A' {
		c = "B"
	}
	return text[:2] + c + text[3:]
}

// nested makes an update document of nearly 2 MiB that takes PHP a hundred
// times that, in lists no deeper than an honest document.
func nested(slug string) []byte {
	const depth = 28
	one := strings.Repeat("[", depth) + strings.Repeat("]", depth)
	lists := strings.Repeat(one+",", (2<<20-1024)/(len(one)+1)) + one
	return fmt.Appendf(nil, `{%q:{"version":"9.9.9","sections":[%s]},"version":"9.9.9"}`, slug, lists)
}

// bomb makes some hundred bytes out of which 300 MB come if they are
// decompressed twice: by the transport, and by WordPress after it.
func bomb() []byte {
	body := bytes.Repeat([]byte{' '}, 300<<20)
	for range 2 {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		w.Write(body)
		w.Close()
		body = packed.Bytes()
	}
	return body
}

// rewrite replaces the body, and what the headers say of it.
func rewrite(answer *http.Response, change func([]byte) ([]byte, error)) error {
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	answer.Body.Close()
	if body, err = change(body); err != nil {
		return fmt.Errorf("tamper with %s: %w", answer.Request.URL.Path, err)
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	answer.ContentLength = int64(len(body))
	answer.Header.Set("Content-Length", strconv.Itoa(len(body)))
	for _, name := range []string{"Content-MD5", "Digest", "ETag"} {
		answer.Header.Del(name)
	}
	return nil
}
