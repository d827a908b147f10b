package main

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing/fstest"
)

// patrol is a set of visitors that ask for all kinds of addresses of some
// plugins and hold each answer against what was published. Every version of a
// plugin is [sample]'s, with patrolFiles files more.
type patrol struct {
	*visitor
	slugs []string

	mu       sync.Mutex
	kept     map[string]kept            // immutable addresses that were given out → what they held
	serves   map[string]map[string]bool // by slug, the versions that may be answered now
	requests atomic.Int64
	failed   []string // no answer, or one that says it failed
	wrong    []string // an answer that is not what was published
	refused  int      // answers of 403, or that a plugin is closed: what is wanted where refuses is set
	versions []string // of the first slug, in the order in which they were answered first
	refuses  bool
	lacks    string // a version whose package is answered with 503, and must be
	lacking  int    // such answers
}

// kept is what an address holds that must never hold anything else.
type kept struct{ slug, version, digest string }

const (
	patrolFiles    = 3
	patrolVisitors = 4
)

func newPatrol(v *visitor, slugs ...string) *patrol {
	return &patrol{visitor: v, slugs: slugs, kept: map[string]kept{}, serves: map[string]map[string]bool{}}
}

// allow says which versions of a plugin may be answered from now on.
func (p *patrol) allow(slug string, versions ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.serves[slug] = map[string]bool{}
	for _, version := range versions {
		p.serves[slug][version] = true
	}
}

// fresh forgets which versions were answered, to see which are from now on.
func (p *patrol) fresh() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.versions = nil
}

// seen lists the versions of the first plugin that were answered.
func (p *patrol) seen() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.versions, ", then ")
}

// round has all visitors ask for everything once, side by side.
func (p *patrol) round(ctx context.Context) {
	var crowd sync.WaitGroup
	for range patrolVisitors {
		crowd.Go(func() { p.walk(ctx) })
	}
	crowd.Wait()
}

// revisit asks for every immutable address that was ever given out.
func (p *patrol) revisit(ctx context.Context) {
	p.mu.Lock()
	addresses := maps.Clone(p.kept)
	p.mu.Unlock()
	for address, k := range addresses {
		err := p.askKept(ctx, address, k)
		var status *statusError
		if k.version != "" && k.version == p.lacks && errors.As(err, &status) && status.status == http.StatusServiceUnavailable {
			p.lacking++
			continue
		}
		p.note(k.slug+": "+address, err)
	}
}

// unlike is an answer that is not what was published.
type unlike struct{ error }

// walk asks for everything once.
func (p *patrol) walk(ctx context.Context) {
	for _, slug := range p.slugs {
		for _, ask := range []struct {
			name string
			ask  func(context.Context, string) error
		}{
			{"document", p.askDocument("", "Accept-Encoding: identity")},
			{"document, gzip", p.askDocument("", "Accept-Encoding: gzip")},
			{"document of the release", p.askDocument("/release")},
			{"conditional document", p.askUnchanged},
			{"zip", p.askZip},
			{"proxy", p.askProxy},
			{"collection", p.askCollection("/plugin_info.json")},
			{"collection of slugs", p.askCollection("/plugin_info.json?slugs=" + slug)},
			{"update check", p.askUpdateCheck},
			{"information of WordPress.org's API", p.askInformation},
			{"page", p.askPage},
			{"catalogue", p.askCatalogue},
		} {
			p.note(slug+": "+ask.name, ask.ask(ctx, slug))
		}
	}
	p.note("healthz", p.askHealth(ctx))
}

// statusError is an answer that is no success.
type statusError struct {
	status int
	body   []byte
}

func (e *statusError) Error() string { return fmt.Sprintf("status %d: %.200s", e.status, e.body) }

func (p *patrol) note(what string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var status *statusError
	switch {
	case err == nil:
	case p.refuses && errors.As(err, &status) && (status.status == http.StatusForbidden || bytes.Contains(status.body, []byte(`"closed"`))):
		p.refused++
	case errors.As(err, new(unlike)):
		p.wrong = append(p.wrong, what+": "+err.Error())
	default:
		p.failed = append(p.failed, what+": "+err.Error())
	}
}

// fetch is get for answers that must be there.
func (p *patrol) fetch(ctx context.Context, address string, header ...string) (*page, error) {
	p.requests.Add(1)
	answer, err := p.get(ctx, address, header...)
	if err == nil && answer.status >= http.StatusBadRequest {
		err = &statusError{answer.status, answer.body}
	}
	return answer, err
}

// mayBe wants a version that may be answered for a plugin.
func (p *patrol) mayBe(slug, version string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.serves[slug][version] {
		return unlike{fmt.Errorf("version %q", version)}
	}
	if slug == p.slugs[0] && !slices.Contains(p.versions, version) {
		p.versions = append(p.versions, version)
	}
	return nil
}

// keep notes what an immutable address holds.
func (p *patrol) keep(address string, k kept) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if before, ok := p.kept[address]; ok && before != k {
		return unlike{fmt.Errorf("%s was %v and is %v", address, before, k)}
	}
	p.kept[address] = k
	return nil
}

func (p *patrol) askDocument(under string, header ...string) func(context.Context, string) error {
	return func(ctx context.Context, slug string) error {
		// Where a header names an encoding, the transport leaves it to us.
		answer, err := p.fetch(ctx, under+"/"+slug+".json", header...)
		if err != nil {
			return err
		}
		doc := &document{}
		if answer.body, err = unpacked(answer); err != nil {
			return unlike{err}
		}
		if err := json.Unmarshal(answer.body, doc); err != nil {
			return unlike{err}
		}
		if doc.Slug != slug || doc.Sections["description"] == "" {
			return unlike{fmt.Errorf("a document of %q", doc.Slug)}
		}
		if err := p.mayBe(slug, doc.Version); err != nil {
			return err
		}
		for _, link := range doc.Icons {
			m := imageLink.FindStringSubmatch(link)
			if m == nil {
				return unlike{fmt.Errorf("image link %q names no digest", link)}
			}
			if err := p.keep(link, kept{slug, "", m[1]}); err != nil {
				return err
			}
		}
		zip := kept{slug, doc.Version, doc.Provenance.SHA256}
		if err := p.keep(doc.DownloadLink, zip); err != nil {
			return err
		}
		return p.askKept(ctx, doc.DownloadLink, zip)
	}
}

func (p *patrol) askUnchanged(ctx context.Context, slug string) error {
	first, err := p.fetch(ctx, "/"+slug+".json")
	if err != nil {
		return err
	}
	again, err := p.fetch(ctx, "/"+slug+".json", "If-None-Match: "+first.header.Get("Etag"))
	if err == nil && again.status != http.StatusNotModified && again.header.Get("Etag") == first.header.Get("Etag") {
		err = unlike{fmt.Errorf("status %d of what was not modified", again.status)}
	}
	return err
}

// askZip follows the redirect to where the package lies for ever.
func (p *patrol) askZip(ctx context.Context, slug string) error {
	answer, err := p.fetch(ctx, "/"+slug+".zip")
	if err != nil {
		return err
	}
	to := answer.header.Get("Location")
	if answer.status != http.StatusFound || !strings.HasPrefix(to, siteURL+"/packages/"+slug+"/") {
		return unlike{fmt.Errorf("status %d, location %q", answer.status, to)}
	}
	if answer, err = p.fetch(ctx, to); err != nil {
		return err
	}
	_, err = p.holdZip(slug, answer.body)
	return err
}

func (p *patrol) askProxy(ctx context.Context, slug string) error {
	answer, err := p.fetch(ctx, "/release/"+slug+".proxy")
	if err != nil {
		return err
	}
	_, err = p.holdZip(slug, answer.body)
	return err
}

// holdZip holds an installer against what was published under the version that
// its main file names, file by file.
func (p *patrol) holdZip(slug string, data []byte) (version string, err error) {
	version, err = heldZip(slug, data)
	if err != nil {
		return version, unlike{err}
	}
	return version, p.mayBe(slug, version)
}

func heldZip(slug string, data []byte) (version string, err error) {
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return "", err
	}
	got := fstest.MapFS{}
	for _, f := range r.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		name, ok := strings.CutPrefix(f.Name, slug+"/")
		if !ok {
			return "", fmt.Errorf("entry %q is not beneath %s/", f.Name, slug)
		}
		src, err := f.Open()
		if err != nil {
			return "", err
		}
		text, err := io.ReadAll(src)
		if err != nil {
			return "", fmt.Errorf("entry %q: %w", f.Name, err)
		}
		got[name] = &fstest.MapFile{Data: text}
	}
	if main := got[slug+".php"]; main != nil {
		if m := versionLine.FindSubmatch(main.Data); m != nil {
			version = string(m[1])
		}
	}
	for name, file := range sample(slug, version, patrolFiles) {
		if strings.HasPrefix(name, ".wordpress-org/") {
			continue
		}
		if got[name] == nil || !bytes.Equal(got[name].Data, file.Data) {
			return version, fmt.Errorf("%s of version %q is not what was published", name, version)
		}
		delete(got, name)
	}
	for name := range got {
		return version, fmt.Errorf("%s of version %q was not published", name, version)
	}
	return version, nil
}

// askKept asks for what an earlier answer linked to: it must be there for
// ever, and the same.
func (p *patrol) askKept(ctx context.Context, address string, k kept) error {
	answer, err := p.fetch(ctx, address)
	if err != nil {
		return err
	}
	if sum := sha256.Sum256(answer.body); hex.EncodeToString(sum[:]) != k.digest {
		return unlike{fmt.Errorf("its SHA-256 is %x, announced was %s", sum, k.digest)}
	}
	if k.version == "" {
		return nil // an image
	}
	if version, err := heldZip(k.slug, answer.body); err != nil || version != k.version {
		return unlike{fmt.Errorf("holds version %q, announced was %q: %v", version, k.version, err)}
	}
	return nil
}

// offered is the part of an update object that is looked at.
type offered struct {
	Slug       string
	NewVersion string `json:"new_version"`
	Package    string
}

func (p *patrol) hold(slug string, updates map[string]offered) error {
	update, ok := updates[slug+"/"+slug+".php"]
	if !ok {
		for _, u := range updates {
			if u.Slug == slug {
				update, ok = u, true
			}
		}
	}
	if !ok {
		if p.refuses {
			return &statusError{http.StatusForbidden, []byte("left out")}
		}
		return unlike{fmt.Errorf("%s is left out", slug)}
	}
	if err := p.mayBe(slug, update.NewVersion); err != nil {
		return err
	}
	if !strings.HasPrefix(update.Package, siteURL+"/packages/"+slug+"/") {
		return unlike{fmt.Errorf("its package is %q", update.Package)}
	}
	return nil
}

func (p *patrol) askCollection(path string) func(context.Context, string) error {
	return func(ctx context.Context, slug string) error {
		answer, err := p.fetch(ctx, path)
		if err != nil {
			return err
		}
		var updates map[string]offered
		if err := json.Unmarshal(answer.body, &updates); err != nil {
			return unlike{err}
		}
		return p.hold(slug, updates)
	}
}

// askUpdateCheck asks as WordPress asks WordPress.org, for a site that has an
// old version.
func (p *patrol) askUpdateCheck(ctx context.Context, slug string) error {
	file := slug + "/" + slug + ".php"
	list, err := json.Marshal(map[string]any{
		"plugins": map[string]any{file: map[string]string{"Name": slug, "Version": "0.9.0", "UpdateURI": siteURL + "/" + slug + ".json"}},
		"active":  []string{file},
	})
	if err != nil {
		return err
	}
	p.requests.Add(1)
	answer, err := p.post(ctx, "/plugins/update-check/1.1/", url.Values{"plugins": {string(list)}, "all": {"true"}})
	if err != nil {
		return err
	}
	if answer.status != http.StatusOK {
		return &statusError{answer.status, answer.body}
	}
	var got struct{ Plugins map[string]offered }
	if err := json.Unmarshal(answer.body, &got); err != nil {
		return unlike{err}
	}
	return p.hold(slug, got.Plugins)
}

func (p *patrol) askInformation(ctx context.Context, slug string) error {
	answer, err := p.fetch(ctx, "/plugins/info/1.2/?action=plugin_information&request%5Bslug%5D="+slug)
	if err != nil {
		return err
	}
	var got document
	if err := json.Unmarshal(answer.body, &got); err != nil {
		return unlike{err}
	}
	return p.mayBe(slug, got.Version)
}

func (p *patrol) askPage(ctx context.Context, slug string) error {
	answer, err := p.fetch(ctx, "/"+slug+"/", "Accept: text/html")
	if err == nil && !bytes.Contains(answer.body, []byte("/"+slug+".zip")) {
		err = unlike{errors.New("the page has no download")}
	}
	return err
}

func (p *patrol) askCatalogue(ctx context.Context, slug string) error {
	answer, err := p.fetch(ctx, "/", "Accept: text/html")
	if err == nil && !bytes.Contains(answer.body, []byte("/"+slug+"/")) && !p.refuses {
		err = unlike{errors.New("the catalogue leaves it out")}
	}
	return err
}

func (p *patrol) askHealth(ctx context.Context) error {
	_, err := p.fetch(ctx, "/healthz")
	return err
}
