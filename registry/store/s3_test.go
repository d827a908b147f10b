package store

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// fakeS3 starts as much of an S3 service as one bucket needs, and returns its
// location. The driver is the real one.
func fakeS3(t testing.TB) string {
	t.Helper()
	t.Setenv("AWS_ACCESS_KEY_ID", "example")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "example")
	t.Setenv("AWS_CONFIG_FILE", "/dev/null")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
	server := httptest.NewServer(&s3{objects: make(map[string]s3Object), parts: make(map[string]map[int][]byte)})
	t.Cleanup(server.Close)
	return "s3://yard/updates?region=us-east-1&use_path_style=true&endpoint=" + url.QueryEscape(server.URL)
}

type s3 struct {
	mu      sync.Mutex // guards what follows
	objects map[string]s3Object
	parts   map[string]map[int][]byte // of uploads that are under way, by their id and number
}

type s3Object struct {
	Key          string
	LastModified time.Time
	ETag         string
	Size         int
	StorageClass string
	data         []byte
}

func (s *s3) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key, ok := strings.CutPrefix(r.URL.Path+"/", "/yard/")
	key = strings.TrimSuffix(key, "/")
	if !ok {
		s3Fault(w, http.StatusNotFound, "NoSuchBucket")
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

func (s *s3) put(w http.ResponseWriter, r *http.Request, key string) {
	data, err := s3Body(r)
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
func (s *s3) store(key string, data []byte) (etag string) {
	o := s3Object{
		Key: key, LastModified: time.Now().UTC(), ETag: fmt.Sprintf(`"%x"`, len(data)),
		Size: len(data), StorageClass: "STANDARD", data: data,
	}
	s.objects[key] = o
	return o.ETag
}

// multipart takes an upload in parts, as the driver sends more than 5 MiB.
func (s *s3) multipart(w http.ResponseWriter, r *http.Request, key string) {
	data, err := s3Body(r)
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

func s3Body(r *http.Request) ([]byte, error) {
	data, err := io.ReadAll(r.Body)
	if strings.Contains(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING") {
		data = unchunk(data)
	}
	return data, err
}

func (s *s3) get(w http.ResponseWriter, r *http.Request, key string) {
	s.mu.Lock()
	o, ok := s.objects[key]
	s.mu.Unlock()
	if !ok {
		s3Fault(w, http.StatusNotFound, "NoSuchKey")
		return
	}
	w.Header().Set("ETag", o.ETag)
	http.ServeContent(w, r, "", o.LastModified, bytes.NewReader(o.data))
}

func (s *s3) list(w http.ResponseWriter, q url.Values) {
	result := struct {
		XMLName  xml.Name `xml:"ListBucketResult"`
		Contents []s3Object
	}{}
	s.mu.Lock()
	for key, o := range s.objects {
		if strings.HasPrefix(key, q.Get("prefix")) {
			result.Contents = append(result.Contents, o)
		}
	}
	s.mu.Unlock()
	slices.SortFunc(result.Contents, func(a, b s3Object) int { return cmp.Compare(a.Key, b.Key) })
	xml.NewEncoder(w).Encode(result)
}

func s3Fault(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Error><Code>%s</Code></Error>", code)
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
