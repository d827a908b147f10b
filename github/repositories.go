package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/pluginyard/pluginyard/registry"
)

// repositoriesPerPage is the most that GitHub gives at once.
const repositoriesPerPage = 100

// Repositories lists what an owner has and our credential for that owner may
// see: one request for each hundred, and one or two to know where to ask, all
// of them conditional. What GitHub lists where:
//
//   - an App's installation: what was chosen when it was installed,
//     https://docs.github.com/en/rest/apps/installations
//   - an organization: what the token may see, public or not; a person: what is
//     public, but to that person's own token everything,
//     https://docs.github.com/en/rest/repos/repos
//
// Custom properties are not among what is listed.
func (c *Client) Repositories(ctx context.Context, owner string) ([]registry.Repository, error) {
	what := "owner " + owner
	if !ownerPattern.MatchString(owner) {
		return nil, noSuch(fmt.Sprintf("owner %.40q", owner))
	}
	who, err := c.credential(ctx, registry.Repo{Owner: owner})
	if err != nil {
		return nil, err
	}
	var path string
	if _, ok := who.(*installation); ok {
		path = "installation/repositories?"
	} else if path, err = c.listOf(ctx, who, owner); err != nil {
		return nil, err
	}
	var list []registry.Repository
	seen := make(map[int64]bool)
	for page := 1; page != 0; {
		if page > registry.MaxRepositories/repositoriesPerPage {
			c.log.WarnContext(ctx, "owner has more repositories than are looked at", "owner", owner, "limit", registry.MaxRepositories)
			break
		}
		got, next, err := getAs[repositoryList](ctx, c, who, "repositories of "+what,
			fmt.Sprintf("%sper_page=%d&page=%d", path, repositoriesPerPage, page))
		if err != nil {
			return nil, err
		}
		for i := range *got {
			r, err := (*got)[i].repository()
			if err != nil || !strings.EqualFold(r.Repo.Owner, owner) || seen[r.ID] {
				continue // another's, or one that moved to this page while we read
			}
			seen[r.ID] = true
			list = append(list, *r)
		}
		if next <= page {
			break // a page that leads back would never end
		}
		page = next
	}
	return list, nil
}

// listOf is where GitHub lists what a token may see of an owner.
func (c *Client) listOf(ctx context.Context, who credential, name string) (path string, err error) {
	got, _, err := getAs[owner](ctx, c, who, "owner "+name, "users/"+name)
	if err != nil {
		return "", err
	}
	if got.Type == "Organization" {
		return "orgs/" + name + "/repos?type=all&sort=full_name&", nil
	}
	path = "users/" + name + "/repos?type=owner&sort=full_name&"
	if who.identity() == token(func() Secret { return "" }).identity() {
		return path, nil
	}
	me, _, err := getAs[owner](ctx, c, who, "owner of the token", "user")
	switch {
	case errors.Is(err, registry.ErrCredentials), errors.Is(err, registry.ErrNotFound):
		return path, nil // a token of nobody's, such as a workflow's
	case err != nil:
		return "", err
	case strings.EqualFold(me.Login, name):
		return "user/repos?affiliation=owner&sort=full_name&", nil
	}
	return path, nil
}

// repositoryList is a page of repositories: a list, but an installation's is
// within an object.
type repositoryList []repositoryAnswer

// UnmarshalJSON reads either.
func (l *repositoryList) UnmarshalJSON(data []byte) error {
	var whole struct {
		Repositories *[]repositoryAnswer `json:"repositories"`
	}
	if len(data) > 0 && data[0] == '{' {
		if err := json.Unmarshal(data, &whole); err != nil {
			return err
		}
		if whole.Repositories == nil {
			return errors.New("the answer is not a list of repositories")
		}
		*l = *whole.Repositories
		return nil
	}
	return json.Unmarshal(data, (*[]repositoryAnswer)(l))
}
