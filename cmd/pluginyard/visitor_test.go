package main

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pluginyard/pluginyard/registry/signing"
)

// What the tests plant as secrets. They must show in no answer and no log.
const (
	plantedToken  = "ghp_plantedTokenThatNobodyMayRead"
	plantedSecret = "plantedWebhookSecretThatNobodyMayRead"
)

// plantedIn names the first secret that a text holds, "" if none.
func plantedIn(text string) string {
	for name, secret := range map[string]string{"token": plantedToken, "webhook secret": plantedSecret} {
		if strings.Contains(text, secret) {
			return name
		}
	}
	return ""
}

// siteURL is what links begin with, whatever port the registry listens at.
const siteURL = "http://updates.example.com/plugins"

// patience is how long anything may take before a test gives up on it.
const patience = 60 * time.Second

// visitor is a client of the registry, over real connections. It finds the
// registry at an address that may change, and looks for secrets in whatever it
// is answered.
type visitor struct {
	client *http.Client
	at     atomic.Pointer[string] // host:port
	keys   *signing.Keyring       // each must have signed every installer
}

func newVisitor() *visitor {
	v := &visitor{}
	v.client = &http.Client{
		Timeout:       patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			MaxIdleConnsPerHost: 1000,
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				at := v.at.Load()
				if at == nil {
					return nil, errors.New("the registry is not running")
				}
				return (&net.Dialer{}).DialContext(ctx, network, *at)
			},
		},
	}
	return v
}

// moveTo says where the registry is from now on.
func (v *visitor) moveTo(address string) {
	v.client.CloseIdleConnections()
	v.at.Store(&address)
}

// page is what a visitor was answered.
type page struct {
	status int
	header http.Header
	body   []byte
}

// get asks for an address of the site, or a path beneath it. Redirects are
// answers.
func (v *visitor) get(ctx context.Context, address string, header ...string) (*page, error) {
	if strings.HasPrefix(address, "/") {
		address = siteURL + address
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		request.Header.Set(name, value)
	}
	return v.do(request)
}

// post sends a form to a path beneath the site's address, as WordPress does.
func (v *visitor) post(ctx context.Context, path string, form url.Values) (*page, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, siteURL+path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return v.do(request)
}

func (v *visitor) do(request *http.Request) (*page, error) {
	answer, err := v.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", request.URL, err)
	}
	if secret := plantedIn(fmt.Sprint(answer.Header) + string(body)); secret != "" {
		return nil, fmt.Errorf("%s: the answer holds the %s", request.URL, secret)
	}
	return &page{answer.StatusCode, answer.Header, body}, nil
}

// unpacked is the body of an answer, unpacked where it was asked for packed.
func unpacked(answer *page) ([]byte, error) {
	if answer.header.Get("Content-Encoding") != "gzip" {
		return answer.body, nil
	}
	r, err := gzip.NewReader(bytes.NewReader(answer.body))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// document is the part of the information document that is looked at.
type document struct {
	Slug         string
	Name         string
	Version      string
	DownloadLink string `json:"download_link"`
	Icons        map[string]string
	Banners      map[string]string
	Screenshots  map[string]struct{ Src string }
	Provenance   struct{ SHA256, Commit string }
	Digests      struct{ SHA384 string }
	Sections     map[string]string
}

// document asks for a plugin's document.
func (v *visitor) document(ctx context.Context, slug string) (*document, error) {
	answer, err := v.get(ctx, "/"+slug+".json")
	if err != nil {
		return nil, err
	}
	if answer.status != http.StatusOK {
		return nil, fmt.Errorf("%s.json: status %d: %.300s", slug, answer.status, answer.body)
	}
	doc := &document{}
	if err := json.Unmarshal(answer.body, doc); err != nil {
		return nil, fmt.Errorf("%s.json: %w", slug, err)
	}
	return doc, nil
}

// inspected counts what was looked at.
type inspected struct {
	packages, files, images int
	bytes                   int64
}

func (i *inspected) add(o inspected) {
	i.packages, i.files, i.images, i.bytes = i.packages+o.packages, i.files+o.files, i.images+o.images, i.bytes+o.bytes
}

// signed wants an installer to be the one that its document announces, and to
// bear the signatures of all keys.
func (v *visitor) signed(answer *page, doc *document) error {
	sum := sha512.Sum384(answer.body)
	if hex.EncodeToString(sum[:]) != doc.Digests.SHA384 {
		return fmt.Errorf("its SHA-384 is %x, announced is %s", sum, doc.Digests.SHA384)
	}
	signatures := answer.header["X-Content-Signature"]
	if len(signatures) != len(v.keys.Keys()) {
		return fmt.Errorf("it has the signatures %q, want %d", signatures, len(v.keys.Keys()))
	}
	for i, key := range v.keys.Keys() {
		if !key.Verify(sum[:], signatures[i]) {
			return fmt.Errorf("the signature %s is not by %v", signatures[i], key)
		}
	}
	return nil
}

// whole asks for a plugin and everything that its document links to, and wants
// all of it to be there, unharmed, and of one version.
func (v *visitor) whole(ctx context.Context, slug string) (*document, inspected, error) {
	var seen inspected
	doc, err := v.document(ctx, slug)
	if err != nil {
		return nil, seen, err
	}
	if doc.Slug != slug || doc.Version == "" || doc.Sections["description"] == "" {
		return nil, seen, fmt.Errorf("%s.json is not whole: slug %q, version %q", slug, doc.Slug, doc.Version)
	}
	answer, err := v.get(ctx, doc.DownloadLink)
	if err != nil {
		return nil, seen, err
	}
	if answer.status != http.StatusOK {
		return nil, seen, fmt.Errorf("%s: status %d: %.300s", doc.DownloadLink, answer.status, answer.body)
	}
	if sum := sha256.Sum256(answer.body); hex.EncodeToString(sum[:]) != doc.Provenance.SHA256 {
		return nil, seen, fmt.Errorf("%s: its SHA-256 is %x, announced is %s", doc.DownloadLink, sum, doc.Provenance.SHA256)
	}
	if err := v.signed(answer, doc); err != nil {
		return nil, seen, fmt.Errorf("%s: %w", doc.DownloadLink, err)
	}
	files, err := checkInstaller(answer.body, slug, doc.Version)
	if err != nil {
		return nil, seen, fmt.Errorf("installer of %s %s: %w", slug, doc.Version, err)
	}
	seen.packages, seen.files, seen.bytes = 1, files, int64(len(answer.body))
	images := map[string]bool{}
	for _, links := range []map[string]string{doc.Icons, doc.Banners} {
		for _, link := range links {
			images[link] = true
		}
	}
	for _, shot := range doc.Screenshots {
		images[shot.Src] = true
	}
	if len(images) == 0 {
		return nil, seen, fmt.Errorf("%s.json names no image, not even a generated icon", slug)
	}
	for link := range images {
		if err := v.image(ctx, link); err != nil {
			return nil, seen, err
		}
		seen.images++
	}
	return doc, seen, nil
}

var imageLink = regexp.MustCompile(`/assets/[a-z0-9_-]+/([0-9a-f]{64})/[^/]+$`)

// image asks for an image, whose link holds its digest.
func (v *visitor) image(ctx context.Context, link string) error {
	m := imageLink.FindStringSubmatch(link)
	if m == nil {
		return fmt.Errorf("image link %q names no digest", link)
	}
	answer, err := v.get(ctx, link)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(answer.body)
	if answer.status != http.StatusOK || !strings.HasPrefix(answer.header.Get("Content-Type"), "image/") || hex.EncodeToString(sum[:]) != m[1] {
		return fmt.Errorf("%s: status %d, type %s, SHA-256 %x", link, answer.status, answer.header.Get("Content-Type"), sum)
	}
	return nil
}

var versionLine = regexp.MustCompile(`(?m)^ \* Version:\s*(\S+)`)

// checkInstaller unpacks an installer in memory, which verifies every file's
// checksum, and wants one folder called slug with a main file of the version.
// It counts the files.
func checkInstaller(data []byte, slug, version string) (files int, err error) {
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return 0, err
	}
	found := ""
	for _, f := range r.File {
		if !strings.HasPrefix(f.Name, slug+"/") {
			return 0, fmt.Errorf("entry %q is not beneath %s/", f.Name, slug)
		}
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		src, err := f.Open()
		if err != nil {
			return 0, err
		}
		text, err := io.ReadAll(src)
		if err != nil {
			return 0, fmt.Errorf("entry %q: %w", f.Name, err)
		}
		if f.Name == slug+"/"+slug+".php" {
			if m := versionLine.FindSubmatch(text); m != nil {
				found = string(m[1])
			}
		}
		files++
	}
	if found != version {
		return 0, fmt.Errorf("its main file has version %q, announced is %q", found, version)
	}
	return files, nil
}
