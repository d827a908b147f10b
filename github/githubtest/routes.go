package githubtest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// repoRoutes are the routes beneath a repository, with GitHub's own names for
// their parameters, the first that matches counting. "{id}" is one part of the
// path and "{ref...}" all the rest of it, maybe nothing; either is handed to
// the route.
var repoRoutes = [...]struct {
	pattern string
	answer  func(c *call, r *Repository, arg string) answer
}{
	{"", (*call).repository},
	{"releases", (*call).releases},
	{"releases/latest", (*call).latestRelease},
	{"releases/tags/{tag...}", (*call).releaseByTag},
	{"releases/assets/{asset_id}", (*call).asset},
	{"releases/{release_id}/assets", (*call).releaseAssets},
	{"releases/{release_id}", (*call).releaseByID},
	{"tags", (*call).tags},
	{"branches", (*call).branches},
	{"branches/{branch...}", (*call).branch},
	{"commits", (*call).commits},
	{"commits/{ref...}", (*call).commit},
	{"git/ref/{ref...}", (*call).gitRef},
	{"git/matching-refs/{ref...}", (*call).gitMatchingRefs},
	{"git/commits/{commit_sha}", (*call).gitCommit},
	{"git/trees/{tree_sha...}", (*call).gitTree},
	{"git/blobs/{file_sha}", (*call).gitBlob},
	{"contents/{path...}", (*call).contents},
	{"zipball/{ref...}", (*call).zipball},
	{"properties/values", (*call).properties},
	{"installation", (*call).repositoryInstallation},
}

// Routes lists what the emulator answers, as GitHub's OpenAPI description
// names it: "GET /repos/{owner}/{repo}/releases/latest". The command in
// openapicheck asks for each of them.
func Routes() []string {
	routes := []string{
		"GET /app",
		"GET /installation/repositories",
		"GET /orgs/{org}/installation",
		"GET /orgs/{org}/repos",
		"GET /rate_limit",
		"GET /user",
		"GET /user/repos",
		"GET /users/{username}",
		"GET /users/{username}/installation",
		"GET /users/{username}/repos",
		"POST /app/installations/{installation_id}/access_tokens",
	}
	for _, route := range repoRoutes {
		path := strings.ReplaceAll("/repos/{owner}/{repo}/"+route.pattern, "...}", "}")
		routes = append(routes, "GET "+strings.TrimSuffix(path, "/"))
	}
	return routes
}

// route finds the answer of a GET request. It is called with the lock held for
// reading.
func (c *call) route() answer {
	p := c.path
	switch {
	case len(p) >= 3 && p[0] == "repos":
		return c.named(p[1], p[2], p[3:])
	case len(p) >= 2 && p[0] == "repositories":
		id, err := strconv.ParseInt(p[1], 10, 64)
		if err != nil {
			return notFound()
		}
		return c.beneath(c.g.byID[id], p[2:])
	case len(p) == 3 && (p[0] == "orgs" || p[0] == "users") && p[2] == "repos":
		return c.ownerRepos(p[1])
	case len(p) == 3 && (p[0] == "orgs" || p[0] == "users") && p[2] == "installation":
		return c.ownerInstallation(p[1])
	case len(p) == 2 && p[0] == "users":
		return c.ownerItself(p[1])
	case c.is("user"):
		return c.me()
	case c.is("user/repos"):
		return c.myRepos()
	case c.is("app"):
		return c.appItself()
	case c.is("installation/repositories"):
		return c.installationRepos()
	}
	return notFound()
}

// named answers for a repository by name. A former name is redirected to the
// id, for those who may see the repository.
func (c *call) named(owner, name string, rest []string) answer {
	full := strings.ToLower(owner + "/" + name)
	if r := c.g.repos[full]; r != nil {
		return c.beneath(r, rest)
	}
	r := c.g.byID[c.g.moved[full]]
	if r == nil || !c.by.sees(r) {
		return notFound()
	}
	to := c.base + "/repositories/" + strconv.FormatInt(r.id, 10)
	if len(rest) > 0 {
		to += "/" + escapePath(strings.Join(rest, "/"))
	}
	if c.r.URL.RawQuery != "" {
		to += "?" + c.r.URL.RawQuery
	}
	return answer{
		status: http.StatusMovedPermanently,
		header: http.Header{"Location": {to}},
		body: object{
			"message":           "Moved Permanently",
			"url":               to,
			"documentation_url": "https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api#follow-redirects",
		},
	}
}

// beneath answers for a part of a repository; nil is not found.
func (c *call) beneath(r *Repository, rest []string) answer {
	if r == nil {
		return notFound()
	}
	// An App may look up its installation where it can't read yet.
	if c.by.app {
		if !slices.Equal(rest, []string{"installation"}) {
			return badCredentials()
		}
	} else if !c.by.sees(r) {
		return notFound()
	}
	for _, route := range repoRoutes {
		if arg, ok := matchRoute(route.pattern, rest); ok {
			return route.answer(c, r, arg)
		}
	}
	return notFound()
}

func matchRoute(pattern string, path []string) (arg string, ok bool) {
	if pattern == "" {
		return "", len(path) == 0
	}
	parts := strings.Split(pattern, "/")
	for i, part := range parts {
		switch {
		case strings.HasSuffix(part, "...}"):
			return strings.Join(path[min(i, len(path)):], "/"), len(path) >= i
		case i >= len(path):
			return "", false
		case part[0] == '{':
			arg = path[i]
		case part != path[i]:
			return "", false
		}
	}
	return arg, len(parts) == len(path)
}
