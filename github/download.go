package github

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	gogithub "github.com/google/go-github/v60/github"

	"github.com/pluginyard/pluginyard/registry"
)

// Bounds on one download.
const (
	// MaxArchiveBytes is how large an archive or a release file may be. The
	// largest plugins on WordPress.org have a tenth of it.
	MaxArchiveBytes = 512 << 20
	// MaxRedirects is how many redirects are followed. GitHub needs one, and
	// one more for a renamed repository.
	MaxRedirects = 5
)

// Archive writes the zip archive of a commit or tag to w: the API's redirect,
// then the archive itself, which costs nothing of the rate limit.
func (c *Client) Archive(ctx context.Context, repo registry.Repo, ref string, w io.Writer) error {
	what := fmt.Sprintf("archive of %s at %s", repo, ref)
	path, ok := repoPath(repo, "zipball", ref)
	if !ok {
		return noSuch(what)
	}
	d, err := c.download(ctx, repo, what, path, "")
	if err != nil {
		return err
	}
	defer d.Close()
	// Vendors' pages have been saved as zips before. The central directory is
	// for the reader to check.
	switch head, err := d.body.Peek(4); {
	case err != nil && err != io.EOF:
		return fail(what, err)
	case !bytes.Equal(head, []byte("PK\x03\x04")) && !bytes.Equal(head, []byte("PK\x05\x06")):
		return fail(what, fmt.Errorf("the answer, of type %q, is not a zip archive", d.media))
	}
	_, err = d.copy(w, MaxArchiveBytes)
	return err
}

// ReleaseFile writes a file attached to a release to w. ErrInvalid if its size
// or digest is not the one that the release declares.
func (c *Client) ReleaseFile(ctx context.Context, repo registry.Repo, file registry.ReleaseFile, w io.Writer) error {
	what := fmt.Sprintf("release file %s of %s", file.Name, repo)
	path, ok := repoPath(repo, "releases/assets", fmt.Sprint(file.ID))
	switch {
	case !ok || file.ID <= 0 || file.Size < 0:
		return noSuch(what)
	case file.Size > MaxArchiveBytes:
		return tooLarge(what, MaxArchiveBytes)
	}
	d, err := c.download(ctx, repo, what, path, "application/octet-stream")
	if err != nil {
		return err
	}
	defer d.Close()
	hash := sha256.New()
	n, err := d.copy(io.MultiWriter(w, hash), file.Size)
	if errors.Is(err, registry.ErrTooLarge) || err == nil && n != file.Size {
		if d.media == "text/html" && !strings.HasPrefix(file.Type, "text/html") {
			return fail(what, errors.New("the answer is a web page, not the file"))
		}
		return invalid(fmt.Sprintf("%s has not the %d bytes that the release declares; upload it again", what, file.Size), nil)
	}
	if err != nil {
		return err
	}
	algorithm, want, _ := strings.Cut(file.Digest, ":")
	switch got := hex.EncodeToString(hash.Sum(nil)); {
	case file.Digest == "":
	case algorithm != "sha256":
		c.log.WarnContext(ctx, "digest of an unknown kind not verified", "repo", repo.String(), "file", file.Name, "digest", file.Digest)
	case !strings.EqualFold(got, want):
		return invalid(fmt.Sprintf("%s does not match the digest that the release declares; upload it again", what),
			fmt.Errorf("sha256 is %s, declared is %.80q", got, want))
	}
	return nil
}

func tooLarge(what string, limit int64) error {
	return &registry.Error{Kind: registry.ErrTooLarge, Message: fmt.Sprintf("%s is larger than %d bytes", what, limit)}
}

// download is an answer being streamed.
type download struct {
	what  string
	media string // its type without parameters
	size  int64  // as declared; -1 if it was not
	body  *bufio.Reader
	io.Closer
}

// download asks for a file of a repository and follows redirects by hand, so
// that credentials go no further than the API's own host. The caller closes
// what it gets.
func (c *Client) download(ctx context.Context, repo registry.Repo, what, path, accept string) (*download, error) {
	credential, err := c.credential(ctx, repo)
	if err != nil {
		return nil, err
	}
	first, err := c.api.NewRequest(http.MethodGet, path, nil)
	if err != nil {
		return nil, noSuch(what)
	}
	if accept != "" {
		first.Header.Set("Accept", accept)
	}
	req := first.WithContext(withCall(ctx, call{credential: credential}))
	for range MaxRedirects + 1 {
		// A length is wanted, and that of the file: no compression on the way.
		req.Header.Set("Accept-Encoding", "identity")
		resp, err := c.downloads.RoundTrip(req)
		if err != nil {
			return nil, fail(what, err)
		}
		if resp.StatusCode == http.StatusOK {
			media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
			return &download{what: what, media: media, size: resp.ContentLength,
				body: bufio.NewReader(resp.Body), Closer: resp.Body}, nil
		}
		next, err := c.redirect(req, resp)
		resp.Body.Close()
		if err != nil {
			return nil, fail(what, err)
		}
		req = next
	}
	return nil, fail(what, fmt.Errorf("redirected more than %d times", MaxRedirects))
}

// redirect is the request that an answer leads to.
func (c *Client) redirect(req *http.Request, resp *http.Response) (*http.Request, error) {
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		resp.Body = &body{Reader: io.LimitReader(resp.Body, maxErrorBytes), Closer: resp.Body}
		err := gogithub.CheckResponse(resp)
		e := newStatusError(resp, err, c.now())
		e.foreign = !sameOrigin(req.URL, c.base)
		return nil, e
	}
	// The parser's error would repeat an address that may be signed.
	to, err := url.Parse(resp.Header.Get("Location"))
	if err != nil || resp.Header.Get("Location") == "" {
		return nil, errors.New("redirected to no address")
	}
	to = req.URL.ResolveReference(to)
	switch {
	case to.Scheme != "http" && to.Scheme != "https", to.Host == "":
		return nil, fmt.Errorf("redirected to a %.20q address", to.Scheme)
	case to.Scheme == "http" && req.URL.Scheme == "https":
		return nil, fmt.Errorf("redirected from https to http at %s", to.Host)
	}
	next, err := http.NewRequestWithContext(req.Context(), http.MethodGet, to.String(), nil)
	if err != nil {
		return nil, errors.New("redirected to no address")
	}
	// An address with a user in it would become credentials again.
	next.URL.User = nil
	next.Header.Set("User-Agent", c.userAgent)
	if accept := req.Header.Get("Accept"); accept != "" && sameOrigin(to, c.base) {
		next.Header.Set("Accept", accept)
	}
	return next, nil
}

// copy writes the answer to w and returns how much that was. ErrTooLarge if it
// has more than limit bytes, which are then written, or none of them;
// ErrUnavailable if it ends early. An error of w is returned as it is.
func (d *download) copy(w io.Writer, limit int64) (int64, error) {
	if d.size > limit {
		return 0, tooLarge(d.what, limit)
	}
	out := &sink{w: w}
	n, err := io.Copy(out, io.LimitReader(d.body, limit))
	switch {
	case out.err != nil:
		return n, fmt.Errorf("write %s: %w", d.what, out.err)
	case err != nil:
		return n, fail(d.what, fmt.Errorf("after %d bytes: %w", n, err))
	}
	if n == limit {
		switch _, err := d.body.ReadByte(); {
		case err == nil:
			return n, tooLarge(d.what, limit)
		case err != io.EOF:
			return n, fail(d.what, fmt.Errorf("after %d bytes: %w", n, err))
		}
	}
	if d.size >= 0 && n != d.size {
		return n, fail(d.what, fmt.Errorf("ended after %d of %d bytes", n, d.size))
	}
	return n, nil
}

// sink remembers that writing failed, which is not the forge's fault.
type sink struct {
	w   io.Writer
	err error
}

func (s *sink) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	if err != nil {
		s.err = err
	}
	return n, err
}
