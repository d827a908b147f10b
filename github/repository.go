package github

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/pluginyard/pluginyard/registry"
)

// repositoryAnswer is what is used of GitHub's full repository.
// https://docs.github.com/en/rest/repos/repos#get-a-repository
type repositoryAnswer struct {
	ID            int64     `json:"id"`
	Name          string    `json:"name"`
	Owner         owner     `json:"owner"`
	Private       bool      `json:"private"`
	Archived      bool      `json:"archived"`
	Description   string    `json:"description"`
	Homepage      string    `json:"homepage"`
	HTMLURL       string    `json:"html_url"`
	DefaultBranch string    `json:"default_branch"`
	License       *license  `json:"license"`
	Topics        []string  `json:"topics"`
	CreatedAt     time.Time `json:"created_at"`
	// Absent on servers that do not put them here, which is not the same as
	// having none.
	Properties *map[string]values `json:"custom_properties,omitempty"`
}

type owner struct {
	ID        int64  `json:"id"`
	Login     string `json:"login"`
	Type      string `json:"type"`
	HTMLURL   string `json:"html_url"`
	AvatarURL string `json:"avatar_url"`
}

type license struct {
	SPDX string `json:"spdx_id"`
}

// Repository describes a repository: one request, and one more for custom
// properties where an organization's repository comes without them, as from
// older Enterprise servers. A renamed repository is followed.
func (c *Client) Repository(ctx context.Context, repo registry.Repo) (*registry.Repository, error) {
	what := "repository " + repo.String()
	path, ok := repoPath(repo, "")
	if !ok {
		return nil, noSuch(what)
	}
	got, _, err := get[repositoryAnswer](ctx, c, repo, what, path)
	if err != nil {
		return nil, err
	}
	r, err := got.repository()
	if err != nil {
		return nil, fail(what, err)
	}
	c.followed.note(repo, r.Repo)
	switch {
	case got.Properties != nil:
		r.Properties = properties(*got.Properties)
	case got.Owner.Type != "User": // a person's repositories have none
		r.Properties, err = c.properties(ctx, r.Repo)
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

// repository is the answer without properties.
func (a *repositoryAnswer) repository() (*registry.Repository, error) {
	named, err := registry.ParseRepo(a.Owner.Login + "/" + a.Name)
	if err != nil || a.DefaultBranch == "" {
		return nil, errors.New("the answer is not a repository")
	}
	r := &registry.Repository{
		Repo: named, ID: a.ID, Private: a.Private, Archived: a.Archived,
		Description: a.Description, Homepage: a.Homepage, URL: a.HTMLURL,
		DefaultBranch: a.DefaultBranch, Topics: a.Topics, Created: a.CreatedAt,
		OwnerID: a.Owner.ID, OwnerURL: a.Owner.HTMLURL, OwnerAvatar: a.Owner.AvatarURL,
	}
	// NOASSERTION: there is a licence file, GitHub cannot tell which.
	if a.License != nil && a.License.SPDX != "NOASSERTION" {
		r.License = a.License.SPDX
	}
	return r, nil
}

// properties asks for the custom properties of a repository. A server that
// knows none, and credentials that may not see them, are not an error.
// https://docs.github.com/en/rest/repos/custom-properties
func (c *Client) properties(ctx context.Context, repo registry.Repo) (map[string][]string, error) {
	type property struct {
		Name  string `json:"property_name"`
		Value values `json:"value"`
	}
	path, _ := repoPath(repo, "properties/values")
	got, _, err := get[[]property](ctx, c, repo, "custom properties of "+repo.String(), path)
	if errors.Is(err, registry.ErrNotFound) || errors.Is(err, registry.ErrCredentials) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	byName := make(map[string]values, len(*got))
	for _, p := range *got {
		byName[p.Name] = p.Value
	}
	return properties(byName), nil
}

// properties leaves out what is not set.
func properties(got map[string]values) map[string][]string {
	set := make(map[string][]string, len(got))
	for name, v := range got {
		if name != "" && len(v) > 0 {
			set[name] = v
		}
	}
	if len(set) == 0 {
		return nil
	}
	return set
}

// values is a custom property's value: a string, a list of strings
// (multi_select) or null, as the documentation says; true, false and numbers
// are forgiven. Empty strings are no values.
type values []string

// UnmarshalJSON reads any JSON value. What is not text, an object or a list in
// a list, is left out: one odd property must not hide a repository.
func (v *values) UnmarshalJSON(data []byte) error {
	*v = nil
	var items []json.RawMessage
	if err := json.Unmarshal(data, &items); err != nil {
		items = []json.RawMessage{data}
	}
	for _, item := range items {
		if text := scalar(item); text != "" {
			*v = append(*v, text)
		}
	}
	return nil
}

func scalar(item json.RawMessage) string {
	var text string
	if json.Unmarshal(item, &text) == nil {
		return text // "" of null
	}
	item = bytes.TrimSpace(item)
	if len(item) == 0 || strings.ContainsRune("{[", rune(item[0])) {
		return ""
	}
	return string(item)
}
