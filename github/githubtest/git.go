package githubtest

import (
	"encoding/base64"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// maxTree is how many entries GitHub lists of a tree before it says truncated.
const maxTree = 100_000

// commit answers GET …/commits/{ref}, also with only the name.
func (c *call) commit(r *Repository, ref string) answer {
	if len(r.objects.commits) == 0 {
		return message(http.StatusConflict, "Git Repository is empty.")
	}
	found := r.resolve(ref)
	if found == nil {
		return message(http.StatusUnprocessableEntity, "No commit found for SHA: "+ref)
	}
	if c.asksFor("sha") {
		return answer{
			status:      http.StatusOK,
			raw:         []byte(found.sha),
			contentType: "application/vnd.github.sha; charset=utf-8",
			etag:        `"` + found.sha + `"`,
			modified:    found.when,
		}
	}
	a := ok(c.commitObject(r, found))
	a.modified = found.when
	return a
}

// commits answers GET …/commits?sha=: a commit and those before it.
func (c *call) commits(r *Repository, _ string) answer {
	if len(r.objects.commits) == 0 {
		return message(http.StatusConflict, "Git Repository is empty.")
	}
	at := r.resolve(c.query.Get("sha"))
	if at == nil {
		return notFound()
	}
	var list []*commit
	for ; at != nil; at = r.objects.commits[at.parent] {
		list = append(list, at)
	}
	return paginate(c, r.path()+"/commits", list, func(o *commit) object { return c.commitObject(r, o) })
}

// commitObject describes a commit with GitHub's view of it.
func (c *call) commitObject(r *Repository, o *commit) object {
	api, page := c.repoURL(r), c.web()+"/"+r.repo.fullName()
	return object{
		"sha":     o.sha,
		"node_id": nodeID("Commit", o.sha),
		"commit": object{
			"author":        o.person(),
			"committer":     o.person(),
			"message":       o.message,
			"tree":          object{"sha": o.tree, "url": api + "/git/trees/" + o.tree},
			"url":           api + "/git/commits/" + o.sha,
			"comment_count": 0,
			"verification":  unverified(),
		},
		"url":          api + "/commits/" + o.sha,
		"html_url":     page + "/commit/" + o.sha,
		"comments_url": api + "/commits/" + o.sha + "/comments",
		"author":       c.account(r.repo.Owner),
		"committer":    c.account(r.repo.Owner),
		"parents":      c.parents(r, o, "/commits/"),
	}
}

// gitCommit answers GET …/git/commits/{sha}.
func (c *call) gitCommit(r *Repository, sha string) answer {
	o := r.objects.commits[sha]
	if o == nil {
		return notFound()
	}
	api := c.repoURL(r)
	return ok(object{
		"sha":          o.sha,
		"node_id":      nodeID("Commit", o.sha),
		"url":          api + "/git/commits/" + o.sha,
		"html_url":     c.web() + "/" + r.repo.fullName() + "/commit/" + o.sha,
		"author":       o.person(),
		"committer":    o.person(),
		"message":      o.message,
		"tree":         object{"sha": o.tree, "url": api + "/git/trees/" + o.tree},
		"parents":      c.parents(r, o, "/git/commits/"),
		"verification": unverified(),
	})
}

func (o *commit) person() object {
	return object{"name": o.author, "email": o.email, "date": stamp(o.when)}
}

func unverified() object {
	return object{"verified": false, "reason": "unsigned", "signature": nil, "payload": nil, "verified_at": nil}
}

func (c *call) parents(r *Repository, o *commit, at string) []object {
	if o.parent == "" {
		return []object{}
	}
	return []object{{
		"sha":      o.parent,
		"url":      c.repoURL(r) + at + o.parent,
		"html_url": c.web() + "/" + r.repo.fullName() + "/commit/" + o.parent,
	}}
}

// branches answers GET …/branches.
func (c *call) branches(r *Repository, _ string) answer {
	names := slices.Sorted(maps.Keys(r.branches))
	return paginate(c, r.path()+"/branches", names, func(name string) object {
		return object{
			"name":      name,
			"commit":    c.commitLink(r, r.branches[name]),
			"protected": false,
		}
	})
}

func (c *call) commitLink(r *Repository, sha string) object {
	return object{"sha": sha, "url": c.repoURL(r) + "/commits/" + sha}
}

// branch answers GET …/branches/{branch}.
func (c *call) branch(r *Repository, name string) answer {
	o := r.objects.commits[r.branches[name]]
	if o == nil {
		return message(http.StatusNotFound, "Branch not found")
	}
	api := c.repoURL(r) + "/branches/" + escapePath(name)
	return ok(object{
		"name":   name,
		"commit": c.commitObject(r, o),
		"_links": object{
			"self": api,
			"html": c.web() + "/" + r.repo.fullName() + "/tree/" + escapePath(name),
		},
		"protected": false,
		"protection": object{
			"enabled": false,
			"required_status_checks": object{
				"enforcement_level": "off", "contexts": []string{}, "checks": []string{},
			},
		},
		"protection_url": api + "/protection",
	})
}

// tags answers GET …/tags, in the order of names from the last.
func (c *call) tags(r *Repository, _ string) answer {
	names := slices.Sorted(maps.Keys(r.tags))
	slices.Reverse(names)
	return paginate(c, r.path()+"/tags", names, func(name string) object {
		return object{
			"name":        name,
			"commit":      c.commitLink(r, r.tags[name]),
			"node_id":     nodeID("Ref", "refs/tags/"+name),
			"zipball_url": c.repoURL(r) + "/zipball/refs/tags/" + escapePath(name),
			"tarball_url": c.repoURL(r) + "/tarball/refs/tags/" + escapePath(name),
		}
	})
}

// gitRef answers GET …/git/ref/{ref}, where the ref is whole but for "refs/".
func (c *call) gitRef(r *Repository, ref string) answer {
	sha := ""
	if name, found := strings.CutPrefix(ref, "tags/"); found {
		sha = r.tags[name]
	} else if name, found := strings.CutPrefix(ref, "heads/"); found {
		sha = r.branches[name]
	}
	if sha == "" {
		return notFound()
	}
	return ok(c.ref(r, "refs/"+ref, sha))
}

// gitMatchingRefs answers GET …/git/matching-refs/{ref}: all that begin so.
func (c *call) gitMatchingRefs(r *Repository, prefix string) answer {
	refs := map[string]string{}
	for name, sha := range r.tags {
		refs["refs/tags/"+name] = sha
	}
	for name, sha := range r.branches {
		refs["refs/heads/"+name] = sha
	}
	list := []object{}
	for _, name := range slices.Sorted(maps.Keys(refs)) {
		if strings.HasPrefix(name, "refs/"+prefix) {
			list = append(list, c.ref(r, name, refs[name]))
		}
	}
	return ok(list)
}

func (c *call) ref(r *Repository, name, sha string) object {
	api := c.repoURL(r)
	return object{
		"ref":     name,
		"node_id": nodeID("Ref", name),
		"url":     api + "/git/" + escapePath(name),
		"object":  object{"type": "commit", "sha": sha, "url": api + "/git/commits/" + sha},
	}
}

// gitTree answers GET …/git/trees/{tree}; a commit, branch or tag stands for
// its tree, and recursive, whatever its value, asks for all beneath.
func (c *call) gitTree(r *Repository, name string) answer {
	tree := name
	if name == "" {
		return notFound()
	}
	if o := r.resolve(name); o != nil {
		tree = o.tree
	}
	if _, found := r.objects.trees[tree]; !found {
		return notFound()
	}
	api := c.repoURL(r)
	list, truncated := []object{}, false
	add := func(path string, e treeEntry) bool {
		if len(list) >= maxTree {
			truncated = true
			return false
		}
		o := object{"path": path, "mode": e.mode, "sha": e.sha}
		if e.mode == modeFolder {
			o["type"], o["url"] = "tree", api+"/git/trees/"+e.sha
		} else {
			o["type"], o["url"], o["size"] = "blob", api+"/git/blobs/"+e.sha, len(r.objects.blobs[e.sha])
		}
		list = append(list, o)
		return true
	}
	if c.query.Has("recursive") {
		r.objects.walk(tree, "", add)
	} else {
		for _, e := range r.objects.trees[tree] {
			add(e.name, e)
		}
	}
	return ok(object{"sha": tree, "url": api + "/git/trees/" + tree, "tree": list, "truncated": truncated})
}

// gitBlob answers GET …/git/blobs/{sha}.
func (c *call) gitBlob(r *Repository, sha string) answer {
	data, found := r.objects.blobs[sha]
	if !found {
		return notFound()
	}
	if c.asksFor("raw") {
		return answer{status: http.StatusOK, raw: data, contentType: "application/vnd.github.raw; charset=utf-8"}
	}
	return ok(object{
		"sha":      sha,
		"node_id":  nodeID("Blob", sha),
		"size":     len(data),
		"url":      c.repoURL(r) + "/git/blobs/" + sha,
		"content":  wrapped(data),
		"encoding": "base64",
	})
}

// wrapped is base64 in lines of 60, as GitHub sends it.
func wrapped(data []byte) string {
	all := base64.StdEncoding.EncodeToString(data)
	var b strings.Builder
	for len(all) > 60 {
		b.WriteString(all[:60] + "\n")
		all = all[60:]
	}
	if all != "" {
		b.WriteString(all + "\n")
	}
	return b.String()
}
