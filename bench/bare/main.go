// Command bare is the yardstick: a net/http server that holds the answers of
// another server and writes the same bytes with the same headers, and does
// nothing else. Its timeouts are ours: without any, a client that stalls holds
// a connection for ever. Every other address is a file of -root, opened anew for each
// request.
//
//	bare -listen 127.0.0.1:18402 -like http://127.0.0.1:18400 /small-yard.json /plugin_info.json
package main

import (
	"bytes"
	"flag"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
	"time"
)

// answer is one form of one document.
type answer struct {
	header http.Header
	body   []byte
}

func main() {
	listen := flag.String("listen", "127.0.0.1:18402", "address to listen at")
	like := flag.String("like", "http://127.0.0.1:18400", "server whose answers are given")
	root := flag.String("root", "", "folder whose files are served")
	post := flag.String("post", "", "file with a form, which the answers are asked for with")
	flag.Parse()
	files := http.NotFoundHandler()
	if *root != "" {
		files = http.FileServer(http.Dir(*root))
	}
	plain, zipped := map[string]*answer{}, map[string]*answer{}
	for _, path := range flag.Args() {
		plain[path] = fetch(*like+path, "identity", *post)
		zipped[path] = fetch(*like+path, "gzip", *post)
	}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answers := plain
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			answers = zipped
		}
		a := answers[r.RequestURI]
		if a == nil {
			files.ServeHTTP(w, r)
			return
		}
		if r.Method == http.MethodPost {
			io.Copy(io.Discard, r.Body)
		}
		h := w.Header()
		for name, value := range a.header {
			h[name] = value
		}
		if match := r.Header["If-None-Match"]; match != nil && match[0] == h.Get("Etag") {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Write(a.body)
	})
	server := &http.Server{
		Addr: *listen, Handler: handler,
		ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
	}
	log.Fatal(server.ListenAndServe())
}

func fetch(url, encoding, post string) *answer {
	method, form := http.MethodGet, []byte(nil)
	if post != "" {
		var err error
		method = http.MethodPost
		if form, err = os.ReadFile(post); err != nil {
			log.Fatal(err)
		}
	}
	req, err := http.NewRequest(method, url, bytes.NewReader(form))
	if err != nil {
		log.Fatal(err)
	}
	if post != "" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Header.Set("Accept-Encoding", encoding)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		log.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		log.Fatal(url, ": ", res.Status, " ", err)
	}
	res.Header.Del("Date") // the server sets it
	return &answer{res.Header, body}
}
