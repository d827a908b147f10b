// Command bare is the yardstick: a net/http server that holds the answers of
// another server and writes the same bytes with the same headers, and does
// nothing else. Its timeouts are ours: without any, a client that stalls holds
// a connection for ever. Every other address is a file of -root, opened anew for each
// request.
//
//	bare -listen 127.0.0.1:18402 -like http://127.0.0.1:18400 /small-yard.json /plugin_info.json
package main

import (
	"flag"
	"io"
	"log"
	"net/http"
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
	flag.Parse()
	files := http.NotFoundHandler()
	if *root != "" {
		files = http.FileServer(http.Dir(*root))
	}
	plain, zipped := map[string]*answer{}, map[string]*answer{}
	for _, path := range flag.Args() {
		plain[path] = fetch(*like+path, "identity")
		zipped[path] = fetch(*like+path, "gzip")
	}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answers := plain
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			answers = zipped
		}
		a := answers[r.URL.Path]
		if a == nil {
			files.ServeHTTP(w, r)
			return
		}
		h := w.Header()
		for name, value := range a.header {
			h[name] = value
		}
		w.Write(a.body)
	})
	server := &http.Server{
		Addr: *listen, Handler: handler,
		ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
	}
	log.Fatal(server.ListenAndServe())
}

func fetch(url, encoding string) *answer {
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		log.Fatal(err)
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
