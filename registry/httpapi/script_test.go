package httpapi

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pluginyard/pluginyard/registry"
)

// TestScripts plays testdata/*.txt against the handler over a loopback
// listener. A script is a list of cases, separated by empty lines; the lines of
// a case are:
//
//	METHOD PATH           the request
//	send NAME: VALUE      a header of the request
//	body TEXT             its body
//	sign SECRET           GitHub's signature of that body
//	roll SLUG             a plugin that is being rolled out meanwhile
//	stale SLUG REASON     a plugin that was last checked an hour ago
//	code == 200           the status
//	NAME == VALUE         a header of the answer, as it is; "" is an absent one
//	NAME ~ REGEXP         … or what it has to match; !~ what it may not
//	text == TEXT          the body; also with ~ and !~
//	query == TEXT         what the registry was asked, as kind/environment/update_id
//	channel == TEXT       … the channel that it was asked for
//	site == TEXT          … which site asks
//	selection == TEXT     … type and slugs of a collection
//	refreshed == TEXT     the repositories that this case had refreshed
//
// In every line {zip:SLUG} is the digest of the plugin's installer, {NAME:SLUG}
// that of its image with that name, and {etag:SLUG} the entity tag of its
// document without the quotes. A # starts a comment line.
func TestScripts(t *testing.T) {
	scripts, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, script := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(script), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(script)
			if err != nil {
				t.Fatal(err)
			}
			f := newFake()
			// Requests are followed, so that what wraps the answers is tested
			// too; the other way is in other tests.
			h := newTestHandler(t, f, func(c *Config) {
				c.Log, c.Requests = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug})), LogAll
				c.PublicKeys = []string{base64.StdEncoding.EncodeToString([]byte("01234567890123456789012345678901"))}
			})
			server := httptest.NewServer(h)
			defer server.Close()
			for number, lines := range cases(string(text)) {
				play(t, f, server, fmt.Sprintf("%s:%d", script, number), lines)
			}
		})
	}
}

// cases splits a script and gives each case with the number of its first line.
func cases(text string) func(func(int, []string) bool) {
	return func(yield func(int, []string) bool) {
		var lines []string
		first := 0
		for i, line := range strings.Split(text+"\n\n", "\n") {
			switch {
			case strings.HasPrefix(line, "#"):
			case strings.TrimSpace(line) != "":
				if lines = append(lines, line); len(lines) == 1 {
					first = i + 1
				}
			case len(lines) > 0:
				if !yield(first, lines) {
					return
				}
				lines = nil
			}
		}
	}
}

// play sends one case's request and checks the answer.
func play(t *testing.T, f *fake, server *httptest.Server, place string, lines []string) {
	t.Helper()
	for i := range lines {
		lines[i] = expand(t, f, lines[i])
	}
	method, path, _ := strings.Cut(lines[0], " ")
	req, err := http.NewRequest(method, server.URL, nil)
	if err != nil {
		t.Fatalf("%s: %v", place, err)
	}
	req.URL.Opaque = "//" + strings.TrimPrefix(server.URL, "http://") + path
	var body, rolling string
	stale := map[string]registry.Stale{}
	checks := lines[1:]
	for len(checks) > 0 {
		verb, rest, _ := strings.Cut(checks[0], " ")
		switch verb {
		case "send":
			name, value, _ := strings.Cut(rest, ": ")
			req.Header.Add(name, value)
		case "body":
			body = rest
		case "roll":
			rolling = rest
		case "stale":
			slug, reason, _ := strings.Cut(rest, " ")
			stale[slug] = registry.Stale{Since: testTime.Add(-time.Hour), Reason: reason}
		case "sign":
			mac := hmac.New(sha256.New, []byte(rest))
			mac.Write([]byte(body))
			req.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
		default:
			verb = ""
		}
		if verb == "" {
			break
		}
		checks = checks[1:]
	}
	if body != "" {
		req.Body, req.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	}
	f.mu.Lock()
	f.query, f.selection, f.rolling, f.stale, f.refreshed = registry.Query{}, registry.Selection{}, rolling, stale, nil
	f.mu.Unlock()
	res, err := (&http.Transport{DisableCompression: true, DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		t.Errorf("%s: %s: %v", place, lines[0], err)
		return
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Errorf("%s: read the body: %v", place, err)
	}
	for _, check := range checks {
		subject, rest, _ := strings.Cut(check, " ")
		operator, want, _ := strings.Cut(rest, " ")
		f.mu.Lock()
		got := map[string]string{
			"code":      fmt.Sprint(res.StatusCode),
			"text":      string(text),
			"query":     fmt.Sprintf("%s/%s/%s", f.query.Kind, f.query.Environment, f.query.UpdateID),
			"channel":   f.query.Channel,
			"site":      f.query.Site,
			"selection": fmt.Sprint(f.selection.Type, f.selection.Slugs),
			"refreshed": strings.Join(f.refreshed, " "),
		}
		f.mu.Unlock()
		value, ok := got[subject]
		if !ok {
			value = strings.Join(res.Header.Values(subject), ", ")
		}
		if ok, err := compare(value, operator, want); err != nil {
			t.Fatalf("%s: %s: %v", place, check, err)
		} else if !ok {
			t.Errorf("%s: %s: want %s, got %q", place, lines[0], check, value)
		}
	}
}

func compare(got, operator, want string) (bool, error) {
	switch operator {
	case "==":
		if want == `""` {
			want = ""
		}
		return strings.TrimSuffix(got, "\n") == want, nil
	case "~", "!~":
		re, err := regexp.Compile(want)
		if err != nil {
			return false, err
		}
		return re.MatchString(got) == (operator == "~"), nil
	}
	return false, fmt.Errorf("unknown operator %q", operator)
}

var placeholder = regexp.MustCompile(`\{([a-z0-9.-]+):([a-z_-]+)\}`)

// expand replaces {zip:hello-yard} and {icon.svg:hello-yard} by digests.
func expand(t *testing.T, f *fake, line string) string {
	return placeholder.ReplaceAllStringFunc(line, func(s string) string {
		m := placeholder.FindStringSubmatch(s)
		if m[1] == "etag" {
			return strings.Trim(f.documents[m[2]].ETag, `"`)
		}
		for digest, file := range f.files {
			if file.slug == m[2] && (file.name == m[1] || m[1] == "zip" && file.contentType == zipType) {
				return string(digest)
			}
		}
		t.Fatalf("no file %s", s)
		return ""
	})
}

func TestBodiesOfHEADAreEmptyOnTheWire(t *testing.T) {
	server := httptest.NewServer(newTestHandler(t, newFake(), nil))
	defer server.Close()
	for _, path := range []string{"/updates/", "/updates/hello-yard/", "/updates/hello-yard.json", "/updates/nope.json", "/nope", "/updates/hello-yard.zip", "/updates/release/hello-yard.proxy", "/updates/healthz"} {
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "HEAD %s HTTP/1.1\r\nHost: updates.example.com\r\nAccept: text/html\r\nConnection: close\r\n\r\n", path)
		answer, err := io.ReadAll(conn)
		conn.Close()
		if err != nil {
			t.Fatal(err)
		}
		if _, body, ok := bytes.Cut(answer, []byte("\r\n\r\n")); !ok || len(body) > 0 {
			t.Errorf("HEAD %s: got a body %q", path, body)
		}
	}
}
