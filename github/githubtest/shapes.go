package githubtest

import (
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"net/url"
	"strings"
	"time"
)

// object is a JSON object. Its keys come out in order, so that the same state
// gives the same bytes and entity tag.
type object map[string]any

// stamp is a time as GitHub writes it.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// nullable is null for the empty string.
func nullable(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// nodeID is the global identifier of an object, in the older of GitHub's forms.
func nodeID(kind string, id any) string {
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%03d:%s%v", len(kind), kind, id))
}

// escapePath encodes the parts of a path and leaves its slashes.
func escapePath(path string) string {
	return strings.ReplaceAll(url.PathEscape(path), "%2F", "/")
}

// ownerID is an owner's id: it has to be the same whatever was declared first.
func ownerID(login string) int64 {
	h := fnv.New32a()
	h.Write([]byte(strings.ToLower(login)))
	return int64(h.Sum32())
}

// web is the scheme and host of the pages that answers link to.
func (c *call) web() string {
	switch {
	case c.g.webBase == "":
		return c.host
	case c.base != c.host && c.g.webBase == "https://github.com":
		return c.host // an Enterprise server has pages and API on one host
	}
	return c.g.webBase
}

// user describes an account.
func (c *call) user(login, kind string) object {
	api, id := c.base+"/users/"+url.PathEscape(login), ownerID(login)
	avatar := fmt.Sprintf("https://avatars.githubusercontent.com/u/%d?v=4", id)
	if web := c.web(); web == c.host {
		avatar = fmt.Sprintf("%s/avatars/u/%d?v=4", web, id)
	}
	return object{
		"login":               login,
		"id":                  id,
		"node_id":             nodeID(kind, id),
		"avatar_url":          avatar,
		"gravatar_id":         "",
		"url":                 api,
		"html_url":            c.web() + "/" + url.PathEscape(login),
		"followers_url":       api + "/followers",
		"following_url":       api + "/following{/other_user}",
		"gists_url":           api + "/gists{/gist_id}",
		"starred_url":         api + "/starred{/owner}{/repo}",
		"subscriptions_url":   api + "/subscriptions",
		"organizations_url":   api + "/orgs",
		"repos_url":           api + "/repos",
		"events_url":          api + "/events{/privacy}",
		"received_events_url": api + "/received_events",
		"type":                kind,
		"user_view_type":      "public",
		"site_admin":          false,
	}
}

// account describes an owner.
func (c *call) account(login string) object { return c.user(login, c.kindOf(login)) }

// repoLinks are the links of a repository that are its own address and more.
var repoLinks = [...][2]string{
	{"archive_url", "/{archive_format}{/ref}"},
	{"assignees_url", "/assignees{/user}"},
	{"blobs_url", "/git/blobs{/sha}"},
	{"branches_url", "/branches{/branch}"},
	{"collaborators_url", "/collaborators{/collaborator}"},
	{"comments_url", "/comments{/number}"},
	{"commits_url", "/commits{/sha}"},
	{"compare_url", "/compare/{base}...{head}"},
	{"contents_url", "/contents/{+path}"},
	{"contributors_url", "/contributors"},
	{"deployments_url", "/deployments"},
	{"downloads_url", "/downloads"},
	{"events_url", "/events"},
	{"forks_url", "/forks"},
	{"git_commits_url", "/git/commits{/sha}"},
	{"git_refs_url", "/git/refs{/sha}"},
	{"git_tags_url", "/git/tags{/sha}"},
	{"hooks_url", "/hooks"},
	{"issue_comment_url", "/issues/comments{/number}"},
	{"issue_events_url", "/issues/events{/number}"},
	{"issues_url", "/issues{/number}"},
	{"keys_url", "/keys{/key_id}"},
	{"labels_url", "/labels{/name}"},
	{"languages_url", "/languages"},
	{"merges_url", "/merges"},
	{"milestones_url", "/milestones{/number}"},
	{"notifications_url", "/notifications{?since,all,participating}"},
	{"pulls_url", "/pulls{/number}"},
	{"releases_url", "/releases{/id}"},
	{"stargazers_url", "/stargazers"},
	{"statuses_url", "/statuses/{sha}"},
	{"subscribers_url", "/subscribers"},
	{"subscription_url", "/subscription"},
	{"tags_url", "/tags"},
	{"teams_url", "/teams"},
	{"trees_url", "/git/trees{/sha}"},
}

// minimalRepo describes a repository as lists do.
func (c *call) minimalRepo(r *Repository) object {
	api, page := c.repoURL(r), c.web()+"/"+r.repo.fullName()
	visibility := "public"
	if r.repo.Private {
		visibility = "private"
	}
	o := object{
		"id":                          r.id,
		"node_id":                     nodeID("Repository", r.id),
		"name":                        r.repo.Name,
		"full_name":                   r.repo.fullName(),
		"owner":                       c.account(r.repo.Owner),
		"private":                     r.repo.Private,
		"visibility":                  visibility,
		"html_url":                    page,
		"description":                 nullable(r.repo.Description),
		"fork":                        false,
		"url":                         api,
		"git_url":                     "git:" + strings.TrimPrefix(strings.TrimPrefix(page, "https:"), "http:") + ".git",
		"ssh_url":                     "git@github.com:" + r.repo.fullName() + ".git",
		"clone_url":                   page + ".git",
		"svn_url":                     page,
		"mirror_url":                  nil,
		"homepage":                    nullable(r.repo.Homepage),
		"language":                    nil,
		"forks_count":                 0,
		"stargazers_count":            0,
		"watchers_count":              0,
		"open_issues_count":           0,
		"forks":                       0,
		"watchers":                    0,
		"open_issues":                 0,
		"size":                        r.objects.size / 1024, // in kilobytes
		"default_branch":              r.repo.DefaultBranch,
		"is_template":                 false,
		"topics":                      append([]string{}, r.repo.Topics...),
		"has_issues":                  true,
		"has_projects":                true,
		"has_wiki":                    true,
		"has_pages":                   false,
		"has_downloads":               true,
		"has_discussions":             false,
		"archived":                    r.repo.Archived,
		"disabled":                    false,
		"created_at":                  stamp(r.created()),
		"updated_at":                  stamp(r.changed()),
		"pushed_at":                   stamp(r.lastPush()),
		"license":                     license(r.repo.License),
		"allow_forking":               true,
		"web_commit_signoff_required": false,
	}
	for _, link := range repoLinks {
		o[link[0]] = api + link[1]
	}
	if c.by.known() {
		o["permissions"] = object{
			"admin": false, "maintain": false, "push": c.by.owner && c.by.sees(r), "triage": false, "pull": true,
		}
	}
	return o
}

// fullRepo describes a repository as its own address does.
func (c *call) fullRepo(r *Repository) object {
	o := c.minimalRepo(r)
	if c.kindOf(r.repo.Owner) == "Organization" {
		o["organization"] = c.account(r.repo.Owner)
	}
	o["subscribers_count"] = 0
	o["network_count"] = 0
	o["temp_clone_token"] = nil
	o["custom_properties"] = propertiesOf(r.repo.Properties)
	return o
}

// propertiesOf gives the values as they are declared; a list that is empty is
// a list all the same.
func propertiesOf(declared map[string]any) object {
	o := object{}
	for name, value := range declared {
		if list, ok := value.([]string); ok {
			value = append([]string{}, list...)
		}
		o[name] = value
	}
	return o
}

func (c *call) repoURL(r *Repository) string {
	return c.base + "/repos/" + url.PathEscape(r.repo.Owner) + "/" + url.PathEscape(r.repo.Name)
}

// epoch stands in for the times of a repository without commits.
var epoch = time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC)

func (r *Repository) created() time.Time {
	if !r.repo.Created.IsZero() {
		return r.repo.Created
	}
	return epoch
}

func (r *Repository) lastPush() time.Time {
	if r.pushed.IsZero() {
		return r.created()
	}
	return r.pushed
}

func (r *Repository) changed() time.Time {
	if r.updated.IsZero() {
		return r.created()
	}
	return r.updated
}

// licenses are the names that GitHub gives to the licences of most plugins.
var licenses = map[string]string{
	"GPL-2.0":    "GNU General Public License v2.0",
	"GPL-3.0":    "GNU General Public License v3.0",
	"LGPL-2.1":   "GNU Lesser General Public License v2.1",
	"LGPL-3.0":   "GNU Lesser General Public License v3.0",
	"AGPL-3.0":   "GNU Affero General Public License v3.0",
	"MIT":        "MIT License",
	"Apache-2.0": "Apache License 2.0",
	"ISC":        "ISC License",
	"Unlicense":  "The Unlicense",
}

// license describes a licence; NOASSERTION is one that GitHub could not tell.
func license(spdx string) any {
	switch spdx {
	case "":
		return nil
	case "NOASSERTION":
		return object{"key": "other", "name": "Other", "spdx_id": spdx, "url": nil, "node_id": nodeID("License", "other")}
	}
	key, name := strings.ToLower(spdx), licenses[spdx]
	if name == "" {
		name = spdx
	}
	return object{
		"key":     key,
		"name":    name,
		"spdx_id": spdx,
		"url":     "https://api.github.com/licenses/" + url.PathEscape(key),
		"node_id": nodeID("License", key),
	}
}
