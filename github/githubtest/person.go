package githubtest

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// person is whose personal token was declared.
type person struct {
	login  string
	owners []string // lower case: whose private repositories are seen, beside the person's own
}

// AddToken declares a personal token of the user login. It sees, beside what is
// public, the private repositories of that user and of these owners. A second
// one may belong to the same user.
func (g *GitHub) AddToken(secret, login string, owners ...string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := &person{login: login}
	for _, owner := range owners {
		p.owners = append(p.owners, strings.ToLower(owner))
	}
	g.tokens[secret] = p
}

// AddUser declares an owner to be a person. All others are organizations.
func (g *GitHub) AddUser(login string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.people[strings.ToLower(login)] = login
}

// operator is the user whose token is that of [GitHub.RequireToken].
const operator = "operator"

func (p *person) covers(r *Repository) bool {
	return p != nil && (strings.EqualFold(p.login, r.repo.Owner) || slices.Contains(p.owners, strings.ToLower(r.repo.Owner)))
}

// kindOf is an owner's type.
func (c *call) kindOf(login string) string {
	if c.g.people[strings.ToLower(login)] != "" {
		return "User"
	}
	return "Organization"
}

// me answers GET /user.
func (c *call) me() answer {
	login := c.by.login()
	switch {
	case login != "":
		return ok(c.profile(login, "User"))
	case c.by.known():
		return message(http.StatusForbidden, "Resource not accessible by integration")
	}
	return message(http.StatusUnauthorized, "Requires authentication")
}

// ownerItself answers GET /users/{username}, for organizations too.
func (c *call) ownerItself(login string) answer {
	if known := c.g.people[strings.ToLower(login)]; known != "" {
		return ok(c.profile(known, "User"))
	}
	for _, r := range c.g.byID {
		if strings.EqualFold(r.repo.Owner, login) {
			return ok(c.profile(r.repo.Owner, "Organization"))
		}
	}
	return notFound()
}

// profile describes an account as its own address does.
func (c *call) profile(login, kind string) object {
	o := c.user(login, kind)
	for _, name := range []string{"name", "company", "location", "email", "hireable", "bio", "twitter_username"} {
		o[name] = nil
	}
	for _, name := range []string{"public_repos", "public_gists", "followers", "following"} {
		o[name] = 0
	}
	o["blog"] = ""
	o["created_at"], o["updated_at"] = stamp(epoch), stamp(epoch)
	return o
}

// myRepos answers GET /user/repos: those of the token's user, with
// affiliation=owner; else those of all owners whose private ones it sees too.
func (c *call) myRepos() answer {
	login := c.by.login()
	if login == "" {
		return c.me()
	}
	all := c.query.Get("affiliation") != "owner"
	var repos []*Repository
	for _, r := range c.g.byID {
		if strings.EqualFold(r.repo.Owner, login) || all && (c.by.owner || c.by.person.covers(r)) {
			repos = append(repos, r)
		}
	}
	return paginate(c, "/user/repos", byName(repos), c.minimalRepo)
}

// LimitEach gives every credential a rate limit of its own, as GitHub does, all
// tokens of one installation the same. [GitHub.Limit] is then about requests
// without credentials.
func (g *GitHub) LimitEach() { g.limits.split() }

// LimitOf is [GitHub.Limit] for one credential, after [GitHub.LimitEach]: a
// token, or "installation OWNER".
func (g *GitHub) LimitOf(credential string, remaining int, reset time.Time) {
	g.limits.split()
	g.limits.of(credential).set(remaining, reset)
}
