package githubtest_test

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pluginyard/pluginyard/github/githubtest"
)

func TestArchiveOverHTTP(t *testing.T) {
	w := newWorld(t)
	res := w.get(t, "/repos/acme/hello-yard/zipball/v1.1.0")
	want := w.URL + "/codeload/Acme/hello-yard/legacy.zip/refs/tags/v1.1.0"
	if got := res.Header.Get("Location"); res.StatusCode != 302 || got != want {
		t.Fatalf("zipball: %d to %s, want %s", res.StatusCode, got, want)
	}
	res = w.get(t, want)
	folder := "Acme-hello-yard-" + w.v2[:7]
	if got := res.Header.Get("Content-Disposition"); got != "attachment; filename=Acme-hello-yard-v1.1.0-0-g"+w.v2[:7]+".zip" {
		t.Errorf("Content-Disposition: %s", got)
	}
	if res.ContentLength != -1 || res.Header.Get("Content-Type") != "application/zip" || res.Header.Get("X-RateLimit-Used") != "" {
		t.Errorf("archive has length %d, headers %v", res.ContentLength, res.Header)
	}
	archive, err := zip.NewReader(strings.NewReader(res.body), int64(len(res.body)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range archive.File {
		names = append(names, strings.TrimPrefix(f.Name, folder))
	}
	list := []string{"/", "/bin/", "/bin/build.sh", "/hello-yard.php", "/includes/", "/includes/class.php",
		"/languages/", "/languages/hello-yard-ø.po", "/readme.txt"}
	if diff := cmp.Diff(list, names); diff != "" || archive.Comment != w.v2 {
		t.Errorf("archive has comment %s and (-want +got):\n%s", archive.Comment, diff)
	}
	if got := w.get(t, want, "If-None-Match: "+res.Header.Get("ETag")).StatusCode; got != 304 {
		t.Errorf("the archive again: %d", got)
	}
	for ref, sha := range map[string]string{
		"feature%2Fx": w.dev, "feature/x": w.dev, "HEAD": w.v2, w.v1: w.v1, "": w.v2, "refs/heads/main": w.v2, "hello-yard/v1.0.0": w.v1,
	} {
		res := w.get(t, strings.TrimSuffix("/repos/acme/hello-yard/zipball/"+ref, "/"))
		res = w.get(t, res.Header.Get("Location"))
		if !strings.HasSuffix(res.body, sha) {
			t.Errorf("zipball of %q is not of %s", ref, sha)
		}
	}
	res = w.get(t, "/repos/acme/hello-yard/zipball/nope")
	if got := w.get(t, res.Header.Get("Location")); got.StatusCode != 404 || got.body != "404: Not Found" {
		t.Errorf("archive of no ref: %d %q", got.StatusCode, got.body)
	}
}

func TestPrivateLinksExpire(t *testing.T) {
	w := newWorld(t)
	now := time.Now()
	w.Clock(func() time.Time { return now })
	archive := w.get(t, "/repos/acme/secret/zipball/v3.0.0", auth).Header.Get("Location")
	latest := decode[release](t, w.get(t, "/repos/acme/secret/releases/latest", auth))
	file := w.get(t, latest.Assets[0].URL, auth, "Accept: application/octet-stream").Header.Get("Location")
	contents := w.get(t, "/repos/acme/secret/contents/readme.txt", auth)
	raw := decode[struct {
		URL string `json:"download_url"`
	}](t, contents).URL
	for name, link := range map[string]string{"archive": archive, "file": file, "raw": raw} {
		bare, _, ok := strings.Cut(link, "?token=")
		if !ok {
			t.Errorf("%s: %s has no token", name, link)
		}
		if got := w.get(t, link); got.StatusCode != 200 {
			t.Errorf("%s: %d", name, got.StatusCode)
		}
		if got := w.get(t, bare).StatusCode; got != 404 && got != 403 {
			t.Errorf("%s without its token: %d", name, got)
		}
		if got := w.get(t, link+"0").StatusCode; got != 404 && got != 403 {
			t.Errorf("%s with a changed token: %d", name, got)
		}
	}
	now = now.Add(6 * time.Minute)
	for name, link := range map[string]string{"archive": archive, "file": file, "raw": raw} {
		if got := w.get(t, link).StatusCode; got != 404 && got != 403 {
			t.Errorf("%s after six minutes: %d", name, got)
		}
	}
	if got := w.get(t, strings.Split(archive, "?")[0], auth).StatusCode; got != 200 {
		t.Errorf("archive with credentials: %d", got)
	}
	if got := w.get(t, "/repos/acme/secret/zipball/v3.0.0").StatusCode; got != 404 {
		t.Errorf("zipball without credentials: %d", got)
	}
}

func TestArchiveHostIsRedirectedTo(t *testing.T) {
	w := newWorld(t)
	w.ArchiveHost("http://archives.example.com/")
	if got := w.get(t, "/repos/acme/hello-yard/zipball/main").Header.Get("Location"); !strings.HasPrefix(got, "http://archives.example.com/codeload/") {
		t.Errorf("archive is at %s", got)
	}
	latest := decode[release](t, w.get(t, "/repos/acme/hello-yard/releases/latest"))
	if got := w.get(t, latest.Assets[0].URL, "Accept: application/octet-stream").Header.Get("Location"); !strings.HasPrefix(got, "http://archives.example.com/objects/") {
		t.Errorf("file is at %s", got)
	}
}

func TestReleaseFiles(t *testing.T) {
	w := newWorld(t)
	w.WebHost("")
	latest := decode[release](t, w.get(t, "/repos/acme/hello-yard/releases/latest"))
	digest := func(i int) string {
		if d := latest.Assets[i].Digest; d != nil {
			return *d
		}
		return "null"
	}
	// printf 'PK zip' | sha256sum
	const sum = "sha256:ef4ed439ff2f9d6ce020741747ad424e277baf4eb46809ebdba86603f4eade2d"
	if len(latest.Assets) != 3 || digest(1) != "null" || digest(2) != "sha256:00" {
		t.Errorf("digests %s, %s, %s", digest(0), digest(1), digest(2))
	}
	if digest(0) != sum {
		t.Errorf("digest %s, want %s", digest(0), sum)
	}
	file := latest.Assets[0]
	if file.Type != "application/zip" || file.Size != 6 || latest.Assets[2].Type != "text/plain" {
		t.Errorf("file is %+v", file)
	}
	link := w.get(t, file.URL, "Accept: application/octet-stream").Header.Get("Location")
	res := w.get(t, link)
	if res.body != "PK zip" || res.ContentLength != 6 || res.Header.Get("Content-Disposition") != "attachment; filename=hello-yard.zip" {
		t.Errorf("file: %q %v", res.body, res.Header)
	}
	if res := w.get(t, link, "Range: bytes=3-"); res.StatusCode != 206 || res.body != "zip" {
		t.Errorf("range: %d %q", res.StatusCode, res.body)
	}
	res = w.get(t, file.Download)
	if got := w.get(t, res.Header.Get("Location")).body; got != "PK zip" {
		t.Errorf("browser_download_url %s leads to %q", file.Download, got)
	}
}

func TestContents(t *testing.T) {
	w := newWorld(t)
	big := w.AddRepo(githubtest.Repo{Owner: "acme", Name: "big"})
	big.Commit("main", "", fstest.MapFS{"big.bin": {Data: bytes.Repeat([]byte{0}, 1_000_001)}}, day1)
	type file struct {
		Type, Name, Path, Encoding, Content, SHA string
		Size                                     int
		DownloadURL                              string `json:"download_url"`
	}
	got := decode[file](t, w.get(t, "/repos/acme/hello-yard/contents/readme.txt?ref=v1.0.0"))
	text, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(got.Content, "\n", ""))
	if err != nil || string(text) != string(files("1.0.0")["readme.txt"].Data) || got.Size != len(text) {
		t.Errorf("readme is %q (%v)", text, err)
	}
	if got := w.get(t, got.DownloadURL).body; got != string(text) {
		t.Errorf("download_url has %q", got)
	}
	for line := range strings.Lines(got.Content) {
		if len(line) > 61 {
			t.Errorf("line of %d characters", len(line))
		}
	}
	for _, accept := range []string{"application/vnd.github.raw", "application/vnd.github.raw+json", "application/vnd.github.v3.raw"} {
		if got := w.get(t, "/repos/acme/hello-yard/contents/readme.txt?ref=v1.0.0", "Accept: "+accept).body; got != string(text) {
			t.Errorf("as %s: %q", accept, got)
		}
	}
	large := decode[file](t, w.get(t, "/repos/acme/big/contents/big.bin"))
	if large.Encoding != "none" || large.Content != "" || large.Size != 1_000_001 {
		t.Errorf("a large file: %q, %d bytes of content, size %d", large.Encoding, len(large.Content), large.Size)
	}
	if got := w.get(t, "/repos/acme/big/contents/big.bin", "Accept: application/vnd.github.raw"); len(got.body) != 1_000_001 {
		t.Errorf("a large file raw: %d bytes", len(got.body))
	}
	var names []string
	for _, f := range decode[[]file](t, w.get(t, "/repos/acme/hello-yard/contents")) {
		names = append(names, f.Type+" "+f.Path)
	}
	want := []string{"file .gitattributes", "dir .wordpress-org", "dir bin", "file hello-yard.php", "dir includes",
		"dir languages", "file readme.txt", "dir tests"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("root (-want +got):\n%s", diff)
	}
	for _, f := range decode[[]file](t, w.get(t, "/repos/acme/hello-yard/contents/languages")) {
		if got := w.get(t, f.DownloadURL).body; got != "msgid \"\"\n" {
			t.Errorf("%s is %q", f.DownloadURL, got)
		}
	}
}

func TestTree(t *testing.T) {
	w := newWorld(t)
	type tree struct {
		SHA       string
		Truncated bool
		Tree      []struct {
			Path, Mode, Type, SHA string
			Size                  *int
		}
	}
	var got []string
	for _, e := range decode[tree](t, w.get(t, "/repos/acme/hello-yard/git/trees/main?recursive=1")).Tree {
		got = append(got, e.Mode+" "+e.Type+" "+e.Path)
		if (e.Size == nil) != (e.Type == "tree") {
			t.Errorf("%s has size %v", e.Path, e.Size)
		}
		if e.Type == "blob" {
			raw := w.get(t, "/repos/acme/hello-yard/git/blobs/"+e.SHA, "Accept: application/vnd.github.raw")
			if want := string(files("1.1.0")[e.Path].Data); raw.body != want {
				t.Errorf("blob of %s is %q, want %q", e.Path, raw.body, want)
			}
		}
	}
	want := []string{
		"100644 blob .gitattributes", "040000 tree .wordpress-org", "100644 blob .wordpress-org/icon.svg",
		"040000 tree bin", "100755 blob bin/build.sh", "100644 blob hello-yard.php",
		"040000 tree includes", "100644 blob includes/class.php", "040000 tree languages",
		"100644 blob languages/hello-yard-ø.po", "100644 blob readme.txt", "040000 tree tests", "100644 blob tests/test.php",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("tree (-want +got):\n%s", diff)
	}
	if n := len(decode[tree](t, w.get(t, "/repos/acme/hello-yard/git/trees/main")).Tree); n != 8 {
		t.Errorf("%d entries at the root", n)
	}
}
