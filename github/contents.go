package github

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/pluginyard/pluginyard/registry"
)

// MaxTreeFiles is how many entries a folder may have: GitHub lists no more,
// and does not say that it has left some out.
const MaxTreeFiles = 1000

// rawMedia asks for a file's bytes in place of JSON about it.
const rawMedia = "application/vnd.github.raw+json"

// commitAnswer is what is used of GitHub's commit.
// https://docs.github.com/en/rest/commits/commits#get-a-commit
type commitAnswer struct {
	SHA    string `json:"sha"`
	Commit struct {
		Committer struct {
			Date time.Time `json:"date"`
		} `json:"committer"`
	} `json:"commit"`
}

var shaPattern = regexp.MustCompile(`^[0-9a-f]{40}$`)

// Commit resolves a branch, tag or SHA.
func (c *Client) Commit(ctx context.Context, repo registry.Repo, ref string) (*registry.Commit, error) {
	ref = cmp.Or(ref, "HEAD")
	what := fmt.Sprintf("commit %s of %s", ref, repo)
	path, ok := repoPath(repo, "commits", ref)
	if !ok {
		return nil, noSuch(what)
	}
	// The answer lists the changed files with their patches; one is enough.
	got, _, err := get[commitAnswer](ctx, c, repo, what, path+"?per_page=1")
	if err != nil {
		return nil, err
	}
	if !shaPattern.MatchString(got.SHA) {
		return nil, fail(what, errors.New("the answer is not a commit"))
	}
	return &registry.Commit{SHA: got.SHA, Time: got.Commit.Committer.Date}, nil
}

// folder is a folder's listing, or something else that lies at its path.
// https://docs.github.com/en/rest/repos/contents#get-repository-content
type folder struct {
	entries []entry
	not     bool // it is a file
}

type entry struct {
	Type string `json:"type"` // "file", "dir", "symlink" or "submodule"
	Path string `json:"path"`
	Size int64  `json:"size"`
}

// UnmarshalJSON reads a list; anything else is no folder.
func (f *folder) UnmarshalJSON(data []byte) error {
	*f = folder{}
	if !bytes.HasPrefix(bytes.TrimSpace(data), []byte("[")) {
		f.not = true
		return nil
	}
	return json.Unmarshal(data, &f.entries)
}

// Tree lists the regular files and the folders of one folder. ErrTooLarge if
// there may be more than GitHub lists. The answer is not kept: it is about one
// commit, which is built once, and there is no end of commits.
func (c *Client) Tree(ctx context.Context, repo registry.Repo, commit, dir string) ([]registry.TreeEntry, error) {
	what := fmt.Sprintf("folder %s at %s of %s", cmp.Or(dir, "/"), commit, repo)
	path, ok := repoPath(repo, "contents")
	if dir != "" {
		path, ok = repoPath(repo, "contents", strings.TrimSuffix(dir, "/"))
	}
	if !ok || commit == "" {
		return nil, noSuch(what)
	}
	credential, err := c.credential(ctx, repo)
	if err != nil {
		return nil, err
	}
	var got folder
	switch _, err := c.send(ctx, credential, what, http.MethodGet, path+"?ref="+url.QueryEscape(commit), nil, &got); {
	case err != nil:
		return nil, err
	case got.not:
		return nil, noSuch(what)
	case len(got.entries) >= MaxTreeFiles:
		return nil, &registry.Error{Kind: registry.ErrTooLarge,
			Message: fmt.Sprintf("%s has more entries than GitHub lists (%d); move some to sub-folders", what, MaxTreeFiles)}
	}
	entries := make([]registry.TreeEntry, 0, len(got.entries))
	for _, e := range got.entries {
		isFolder := e.Type == "dir"
		if (isFolder || e.Type == "file") && e.Path != "" && e.Size >= 0 {
			entries = append(entries, registry.TreeEntry{Path: e.Path, Size: e.Size, Folder: isFolder})
		}
	}
	return entries, nil
}

// File writes one file of a commit to w. ErrNotFound if a folder lies there.
func (c *Client) File(ctx context.Context, repo registry.Repo, commit, path string, limit int64, w io.Writer) error {
	what := fmt.Sprintf("file %s at %s of %s", path, commit, repo)
	address, ok := repoPath(repo, "contents", path)
	if !ok || commit == "" {
		return noSuch(what)
	}
	d, err := c.download(ctx, repo, what, address+"?ref="+url.QueryEscape(commit), rawMedia)
	if err != nil {
		return err
	}
	defer d.Close()
	// A folder's listing is JSON whatever was asked for; a file that is JSON
	// comes with the raw media type.
	if d.media == "application/json" {
		return noSuch(what)
	}
	_, err = d.copy(w, limit)
	return err
}
