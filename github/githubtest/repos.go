package githubtest

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// repository answers GET /repos/{owner}/{repo}.
func (c *call) repository(r *Repository, _ string) answer {
	a := ok(c.fullRepo(r))
	a.modified = r.changed()
	return a
}

// properties answers GET /repos/{owner}/{repo}/properties/values: a string, a
// list of strings, or null for each.
func (c *call) properties(r *Repository, _ string) answer {
	values := propertiesOf(r.repo.Properties)
	list := []object{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		list = append(list, object{"property_name": name, "value": values[name]})
	}
	return ok(list)
}

// ownerRepos answers GET /orgs/{org}/repos and GET /users/{user}/repos: those
// that the viewer sees, the newest first for the one unless the query says
// sort=full_name, by name for the other. GitHub lists a user's private ones nowhere but to that user.
func (c *call) ownerRepos(owner string) answer {
	var repos []*Repository
	known := c.path[0] == "users" && c.g.people[strings.ToLower(owner)] != ""
	if c.path[0] == "orgs" && c.kindOf(owner) != "Organization" {
		return notFound()
	}
	for _, r := range c.g.byID {
		if !strings.EqualFold(r.repo.Owner, owner) {
			continue
		}
		known = true
		if c.by.sees(r) && (c.path[0] == "orgs" || !r.repo.Private) {
			repos = append(repos, r)
		}
	}
	if !known {
		return notFound()
	}
	byName(repos)
	if c.path[0] == "orgs" && c.query.Get("sort") != "full_name" {
		slices.SortFunc(repos, func(a, b *Repository) int {
			return cmp.Or(b.created().Compare(a.created()), cmp.Compare(b.id, a.id))
		})
	}
	return paginate(c, "/"+escapePath(strings.Join(c.path, "/")), repos, c.minimalRepo)
}

// byName sorts repositories in place.
func byName(repos []*Repository) []*Repository {
	slices.SortFunc(repos, func(a, b *Repository) int {
		return cmp.Compare(a.repo.fullName(), b.repo.fullName())
	})
	return repos
}
