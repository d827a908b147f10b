package github

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/pluginyard/pluginyard/registry"
)

// releasesPerPage is the most that GitHub gives at once.
const releasesPerPage = 100

// releaseAnswer is what is used of GitHub's release. The client library's own
// type lacks the assets' digest.
// https://docs.github.com/en/rest/releases/releases
type releaseAnswer struct {
	ID          int64     `json:"id"`
	TagName     string    `json:"tag_name"`
	Name        string    `json:"name"`
	Body        string    `json:"body"`
	Draft       bool      `json:"draft"`
	Prerelease  bool      `json:"prerelease"`
	CreatedAt   time.Time `json:"created_at"`
	PublishedAt time.Time `json:"published_at"`
	HTMLURL     string    `json:"html_url"`
	Assets      []asset   `json:"assets"`
}

type asset struct {
	ID          int64     `json:"id"`
	Name        string    `json:"name"`
	ContentType string    `json:"content_type"`
	State       string    `json:"state"` // "uploaded" or "open"
	Size        int64     `json:"size"`
	Digest      string    `json:"digest"`
	UpdatedAt   time.Time `json:"updated_at"`
}

// published makes a release of an answer; ok is false for a draft.
func (a *releaseAnswer) published() (r registry.Release, ok bool) {
	if a.Draft || a.ID <= 0 || a.TagName == "" {
		return r, false
	}
	r = registry.Release{
		ID: a.ID, Tag: a.TagName, Name: a.Name, Notes: a.Body, Prerelease: a.Prerelease,
		Created: a.CreatedAt, Published: a.PublishedAt, URL: a.HTMLURL,
	}
	for _, f := range a.Assets {
		if f.State == "open" { // its upload has begun and not ended
			continue
		}
		r.Files = append(r.Files, registry.ReleaseFile{
			ID: f.ID, Name: f.Name, Type: f.ContentType, Size: f.Size, Digest: f.Digest, Updated: f.UpdatedAt,
		})
	}
	return r, true
}

// Releases lists the published releases, newest first, one request for each
// hundred.
func (c *Client) Releases(ctx context.Context, repo registry.Repo) ([]registry.Release, error) {
	what := "releases of " + repo.String()
	path, ok := repoPath(repo, "releases")
	if !ok {
		return nil, noSuch(what)
	}
	var releases []registry.Release
	for page := 1; page != 0 && page <= registry.MaxReleases/releasesPerPage; {
		got, next, err := get[[]releaseAnswer](ctx, c, repo, what,
			fmt.Sprintf("%s?per_page=%d&page=%d", path, releasesPerPage, page))
		if err != nil {
			return nil, err
		}
		for i := range *got {
			if r, ok := (*got)[i].published(); ok {
				releases = append(releases, r)
			}
		}
		if next <= page {
			break // a page that leads back would never end
		}
		page = next
	}
	// GitHub's own order is nearly this one: by the commit's time.
	slices.SortStableFunc(releases, func(a, b registry.Release) int { return b.Published.Compare(a.Published) })
	return releases[:min(len(releases), registry.MaxReleases)], nil
}

// LatestRelease is the one that GitHub calls latest.
func (c *Client) LatestRelease(ctx context.Context, repo registry.Repo) (*registry.Release, error) {
	what := "latest release of " + repo.String()
	path, ok := repoPath(repo, "releases/latest")
	if !ok {
		return nil, noSuch(what)
	}
	r, err := c.release(ctx, repo, what, path)
	if err == nil && r.Prerelease {
		return nil, noSuch(what)
	}
	return r, err
}

// Release finds one published release. Digits are an id, or else a tag that
// consists of digits.
func (c *Client) Release(ctx context.Context, repo registry.Repo, idOrTag string) (*registry.Release, error) {
	what := fmt.Sprintf("release %s of %s", idOrTag, repo)
	if id, err := strconv.ParseInt(idOrTag, 10, 64); err == nil && id > 0 && strconv.FormatInt(id, 10) == idOrTag {
		path, ok := repoPath(repo, "releases", idOrTag)
		if !ok {
			return nil, noSuch(what)
		}
		r, err := c.release(ctx, repo, what, path)
		if !errors.Is(err, registry.ErrNotFound) {
			return r, err
		}
	}
	path, ok := repoPath(repo, "releases/tags", idOrTag)
	if !ok {
		return nil, noSuch(what)
	}
	return c.release(ctx, repo, what, path)
}

func (c *Client) release(ctx context.Context, repo registry.Repo, what, path string) (*registry.Release, error) {
	got, _, err := get[releaseAnswer](ctx, c, repo, what, path)
	if err != nil {
		return nil, err
	}
	if got.ID <= 0 || got.TagName == "" {
		return nil, fail(what, errors.New("the answer is not a release"))
	}
	r, ok := got.published()
	if !ok {
		return nil, noSuch(what)
	}
	return &r, nil
}
