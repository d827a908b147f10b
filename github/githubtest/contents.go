package githubtest

import (
	"net/http"
	"net/url"
	"strings"
)

// The sizes beyond which GitHub's contents endpoint changes its mind.
const (
	maxListing   = 1000            // entries of a folder; the rest is left out
	maxInline    = 1_000_000       // bytes of a file in JSON; beyond, it is empty
	maxContents  = 100 * maxInline // bytes of a file at all
	tooLargeText = "This API returns blobs up to 100 MB in size. The requested blob is too large to fetch via the API, but you can always clone the repository via Git to obtain the blob."
)

// contents answers GET …/contents/{path}?ref=: a file in JSON or raw, or the
// listing of a folder.
func (c *call) contents(r *Repository, path string) answer {
	ref := c.query.Get("ref")
	o := r.resolve(ref)
	if o == nil {
		if ref == "" {
			return message(http.StatusNotFound, "This repository is empty.")
		}
		return message(http.StatusNotFound, "No commit found for the ref "+ref)
	}
	path = strings.Trim(path, "/")
	e, found := r.objects.find(o.tree, path)
	if !found {
		return notFound()
	}
	if ref == "" {
		ref = r.repo.DefaultBranch
	}
	var a answer
	switch {
	case e.mode == modeFolder:
		a = ok(c.listing(r, o, ref, path, e))
	case len(r.objects.blobs[e.sha]) > maxContents:
		a = message(http.StatusForbidden, tooLargeText)
	case c.asksFor("raw"):
		a = answer{
			status: http.StatusOK, raw: r.objects.blobs[e.sha],
			contentType: "application/vnd.github.raw; charset=utf-8",
		}
	default:
		a = ok(c.fileContent(r, o, ref, path, e))
	}
	a.modified = o.when
	return a
}

// listing describes a folder: a list, or to those who ask for "object" one
// object that has it as entries.
func (c *call) listing(r *Repository, o *commit, ref, path string, e treeEntry) any {
	list := []object{}
	for _, inner := range r.objects.trees[e.sha] {
		if len(list) == maxListing {
			break
		}
		list = append(list, c.entry(r, o, ref, strings.TrimPrefix(path+"/"+inner.name, "/"), inner))
	}
	if !c.asksFor("object") {
		return list
	}
	whole := c.entry(r, o, ref, path, e)
	whole["entries"] = list
	return whole
}

// fileContent describes a file with its content; a larger one's is left out.
func (c *call) fileContent(r *Repository, o *commit, ref, path string, e treeEntry) object {
	file := c.entry(r, o, ref, path, e)
	data := r.objects.blobs[e.sha]
	switch {
	case e.mode == modeLink:
		file["target"] = string(data)
	case len(data) > maxInline:
		file["encoding"], file["content"] = "none", ""
	default:
		file["encoding"], file["content"] = "base64", wrapped(data)
	}
	return file
}

// entry describes a file or folder without its content.
func (c *call) entry(r *Repository, o *commit, ref, path string, e treeEntry) object {
	api, page := c.repoURL(r), c.web()+"/"+r.repo.fullName()
	self := api + "/contents/" + escapePath(path) + "?ref=" + url.QueryEscape(ref)
	name := path[strings.LastIndexByte(path, '/')+1:]
	entry := object{"name": name, "path": path, "sha": e.sha, "url": self}
	if e.mode == modeFolder {
		entry["type"], entry["size"], entry["download_url"] = "dir", 0, nil
		entry["git_url"] = api + "/git/trees/" + e.sha
		entry["html_url"] = page + "/tree/" + escapePath(ref+"/"+path)
	} else {
		entry["type"], entry["size"] = "file", len(r.objects.blobs[e.sha])
		if e.mode == modeLink {
			entry["type"] = "symlink"
		}
		entry["git_url"] = api + "/git/blobs/" + e.sha
		entry["html_url"] = page + "/blob/" + escapePath(ref+"/"+path)
		entry["download_url"] = c.rawLink(r, o, path)
	}
	entry["_links"] = object{"self": self, "git": entry["git_url"], "html": entry["html_url"]}
	return entry
}

// rawLink is where a file's bytes are; a private one's carries a token.
func (c *call) rawLink(r *Repository, o *commit, path string) string {
	host := c.host
	if c.g.archiveBase != "" {
		host = c.g.archiveBase
	}
	at := "/raw/" + r.repo.fullName() + "/" + o.sha + "/" + path
	link := host + escapePath(at)
	if r.repo.Private {
		link += "?token=" + c.g.sign(at, c.now)
	}
	return link
}
