// Package s3test emulates as much of an S3 service as one bucket needs, for the
// real driver to talk to in tests.
package s3test

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// S3 is a service with the bucket "yard".
type S3 struct {
	fault  atomic.Pointer[http.HandlerFunc]
	failed atomic.Int64

	mu      sync.Mutex // guards what follows
	objects map[string]object
	parts   map[string]map[int][]byte // of uploads that are under way, by their id and number
}

// New is a service whose bucket is empty.
func New() *S3 {
	return &S3{objects: make(map[string]object), parts: make(map[string]map[int][]byte)}
}

// Location is that of a store beneath updates/ in the bucket of a service that
// is reached there. It needs credentials in the environment, of any kind.
func Location(address string) string {
	return "s3://yard/updates?region=us-east-1&use_path_style=true&endpoint=" + url.QueryEscape(address)
}

// SetFault has everything answered by a handler from now on; nil ends that.
func (s *S3) SetFault(f http.HandlerFunc) {
	if f == nil {
		s.fault.Store(nil)
		return
	}
	s.fault.Store(&f)
}

// Failed counts the requests that a fault has answered.
func (s *S3) Failed() int { return int(s.failed.Load()) }

// Error answers as the service does when it refuses.
func Error(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Error><Code>%s</Code></Error>", code)
}

type object struct {
	Key          string
	LastModified time.Time
	ETag         string
	Size         int
	StorageClass string
	data         []byte
}

// ServeHTTP answers as the service would.
func (s *S3) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if f := s.fault.Load(); f != nil {
		s.failed.Add(1)
		(*f)(w, r)
		return
	}
	key, ok := strings.CutPrefix(r.URL.Path+"/", "/yard/")
	key = strings.TrimSuffix(key, "/")
	if !ok {
		Error(w, http.StatusNotFound, "NoSuchBucket")
		return
	}
	switch {
	case key == "":
		s.list(w, r.URL.Query())
	case r.URL.Query().Has("uploads") || r.URL.Query().Has("uploadId"):
		s.multipart(w, r, key)
	case r.Method == http.MethodPut:
		s.put(w, r, key)
	case r.Method == http.MethodDelete:
		s.mu.Lock()
		delete(s.objects, key)
		s.mu.Unlock()
		w.WriteHeader(http.StatusNoContent)
	default:
		s.get(w, r, key)
	}
}

func (s *S3) put(w http.ResponseWriter, r *http.Request, key string) {
	data, err := body(r)
	if err != nil {
		return // aborted: nothing comes into being
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	source, err := url.PathUnescape(r.Header.Get("X-Amz-Copy-Source"))
	if err == nil && source != "" {
		data = s.objects[strings.TrimPrefix(strings.TrimPrefix(source, "/"), "yard/")].data
	}
	etag := s.store(key, data)
	w.Header().Set("ETag", etag)
	if source != "" {
		fmt.Fprintf(w, "<CopyObjectResult><ETag>%s</ETag></CopyObjectResult>", etag)
	}
}

// store makes an object. s.mu is held.
func (s *S3) store(key string, data []byte) (etag string) {
	o := object{
		Key: key, LastModified: time.Now().UTC(), ETag: fmt.Sprintf(`"%x"`, len(data)),
		Size: len(data), StorageClass: "STANDARD", data: data,
	}
	s.objects[key] = o
	return o.ETag
}

// multipart takes an upload in parts, as the driver sends more than 5 MiB.
func (s *S3) multipart(w http.ResponseWriter, r *http.Request, key string) {
	data, err := body(r)
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	id := r.URL.Query().Get("uploadId")
	switch {
	case id == "":
		id = fmt.Sprint(len(s.parts))
		s.parts[id] = make(map[int][]byte)
		fmt.Fprintf(w, "<InitiateMultipartUploadResult><UploadId>%s</UploadId></InitiateMultipartUploadResult>", id)
	case r.Method == http.MethodPut:
		number, _ := strconv.Atoi(r.URL.Query().Get("partNumber"))
		s.parts[id][number] = data
		w.Header().Set("ETag", `"part"`)
	case r.Method == http.MethodPost:
		var whole []byte
		for _, number := range slices.Sorted(maps.Keys(s.parts[id])) {
			whole = append(whole, s.parts[id][number]...)
		}
		etag := s.store(key, whole)
		fmt.Fprintf(w, "<CompleteMultipartUploadResult><ETag>%s</ETag></CompleteMultipartUploadResult>", etag)
	default: // aborted
		s.parts[id] = nil
		w.WriteHeader(http.StatusNoContent)
	}
}

func body(r *http.Request) ([]byte, error) {
	data, err := io.ReadAll(r.Body)
	if strings.Contains(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING") {
		data = unchunk(data)
	}
	return data, err
}

func (s *S3) get(w http.ResponseWriter, r *http.Request, key string) {
	s.mu.Lock()
	o, ok := s.objects[key]
	s.mu.Unlock()
	if !ok {
		Error(w, http.StatusNotFound, "NoSuchKey")
		return
	}
	w.Header().Set("ETag", o.ETag)
	http.ServeContent(w, r, "", o.LastModified, bytes.NewReader(o.data))
}

func (s *S3) list(w http.ResponseWriter, q url.Values) {
	result := struct {
		XMLName  xml.Name `xml:"ListBucketResult"`
		Contents []object
	}{}
	s.mu.Lock()
	for key, o := range s.objects {
		if strings.HasPrefix(key, q.Get("prefix")) {
			result.Contents = append(result.Contents, o)
		}
	}
	s.mu.Unlock()
	slices.SortFunc(result.Contents, func(a, b object) int { return cmp.Compare(a.Key, b.Key) })
	xml.NewEncoder(w).Encode(result)
}

// unchunk takes the aws-chunked framing off: hexadecimal size, perhaps
// ";" and an extension, CR LF, bytes, CR LF; a size of 0 begins the trailer.
func unchunk(b []byte) []byte {
	var data []byte
	for {
		line, rest, ok := bytes.Cut(b, []byte("\r\n"))
		var size int
		if _, err := fmt.Sscanf(string(line), "%x", &size); err != nil || !ok || size == 0 || size > len(rest)-2 {
			return data
		}
		data = append(data, rest[:size]...)
		b = rest[size+2:]
	}
}
