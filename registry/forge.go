package registry

import (
	"context"
	"io"
	"time"
)

// Forge is the part of a code host that the registry needs. Package github
// implements it. Every method may be called from many goroutines, bounds what
// it reads, honours the context, and returns an error of one of [Kinds]; a
// method that fails may have written part of its output. Answers that may
// change and have not since the last call cost a conditional request only.
type Forge interface {
	// Book sets so many requests about a repository aside, until done is called,
	// for work of the context's priority. ErrLimited, with when to come again, if
	// there are not so many: the work would be ended half-way, and be begun anew.
	Book(ctx context.Context, repo Repo, requests int) (done func(), err error)
	// Repository describes a repository. ErrNotFound also when our
	// credentials may not see it.
	Repository(ctx context.Context, repo Repo) (*Repository, error)
	// Repositories lists what an owner has and our credentials may see, at most
	// MaxRepositories, in no order. Custom properties are left out.
	Repositories(ctx context.Context, owner string) ([]Repository, error)
	// Releases lists the published releases, newest first, without drafts,
	// at most MaxReleases.
	Releases(ctx context.Context, repo Repo) ([]Release, error)
	// LatestRelease is the one that the forge calls latest: never a draft,
	// never a prerelease. ErrNotFound if there is none.
	LatestRelease(ctx context.Context, repo Repo) (*Release, error)
	// Release finds one published release by its id (digits) or tag.
	Release(ctx context.Context, repo Repo, idOrTag string) (*Release, error)
	// Commit resolves a branch, tag or SHA; "" or "HEAD" is the default branch.
	Commit(ctx context.Context, repo Repo, ref string) (*Commit, error)
	// Archive writes the zip archive of a commit or tag to w: one top-level
	// folder, export-ignored files left out.
	Archive(ctx context.Context, repo Repo, ref string, w io.Writer) error
	// ReleaseFile writes a file attached to a release to w and verifies its
	// digest where the forge gave one.
	ReleaseFile(ctx context.Context, repo Repo, file ReleaseFile, w io.Writer) error
	// Tree lists the regular files and the folders in one folder at a commit;
	// ErrNotFound if there is no such folder. An empty dir is the root.
	Tree(ctx context.Context, repo Repo, commit, dir string) ([]TreeEntry, error)
	// File writes one file of a commit to w; at most limit bytes, else ErrTooLarge.
	File(ctx context.Context, repo Repo, commit, path string, limit int64, w io.Writer) error
}

// MaxReleases is how many releases of one repository are looked at: ten pages
// of GitHub's largest size.
const MaxReleases = 1000

// MaxRepositories is how many repositories of one owner are looked at.
const MaxRepositories = 1000

// Repository is what the forge knows of a repository.
type Repository struct {
	Repo          Repo                `json:"repo"` // as the forge spells it now, also after a rename
	ID            int64               `json:"id"`
	Private       bool                `json:"private,omitempty"`
	Archived      bool                `json:"archived,omitempty"`
	Description   string              `json:"description,omitempty"`
	Homepage      string              `json:"homepage,omitempty"`
	URL           string              `json:"url"` // its page
	DefaultBranch string              `json:"default_branch"`
	License       string              `json:"license,omitempty"` // SPDX identifier
	Topics        []string            `json:"topics,omitempty"`
	OwnerID       int64               `json:"owner_id,omitempty"`     // stays when the owner is renamed; 0 is not known
	OwnerURL      string              `json:"owner_url,omitempty"`    // the owner's page
	OwnerAvatar   string              `json:"owner_avatar,omitempty"` // an image's address
	Created       time.Time           `json:"created,omitzero"`
	Properties    map[string][]string `json:"properties,omitempty"` // custom properties by name; unset ones are absent
}

// Release is one published release.
type Release struct {
	ID         int64         `json:"id"`
	Tag        string        `json:"tag"`
	Name       string        `json:"name,omitempty"`
	Notes      string        `json:"notes,omitempty"`     // Markdown
	NotesSum   string        `json:"notes_sum,omitempty"` // tells notes apart where they are left out; forges leave it empty
	Prerelease bool          `json:"prerelease,omitempty"`
	Created    time.Time     `json:"created,omitzero"` // of the commit
	Published  time.Time     `json:"published,omitzero"`
	URL        string        `json:"url,omitempty"`
	Files      []ReleaseFile `json:"files,omitempty"`
}

// ReleaseFile is a file attached to a release.
type ReleaseFile struct {
	ID      int64     `json:"id"`
	Name    string    `json:"name"`
	Type    string    `json:"type,omitempty"` // MIME type as uploaded
	Size    int64     `json:"size"`
	Digest  string    `json:"digest,omitempty"` // "sha256:HEX"; "" before June 2025
	Updated time.Time `json:"updated,omitzero"`
}

// Commit is one commit.
type Commit struct {
	SHA  string    `json:"sha"` // 40 hex digits
	Time time.Time `json:"time,omitzero"`
}

// TreeEntry is one regular file or folder.
type TreeEntry struct {
	Path   string `json:"path"` // from the repository's root
	Size   int64  `json:"size"` // bytes; 0 for a folder
	Folder bool   `json:"folder,omitempty"`
}
