package githubtest

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// shows reports whether the viewer may see a release: a draft only with push
// access.
func (c *call) shows(o *release) bool { return !o.Draft || c.by.owner }

// releases answers GET …/releases.
func (c *call) releases(r *Repository, _ string) answer {
	var list []*release
	for _, o := range r.releases {
		if c.shows(o) {
			list = append(list, o)
		}
	}
	return paginate(c, r.path()+"/releases", list, func(o *release) object { return c.release(r, o) })
}

// latestRelease answers GET …/releases/latest.
func (c *call) latestRelease(r *Repository, _ string) answer {
	return c.oneRelease(r, r.latest())
}

// releaseByID answers GET …/releases/{id}.
func (c *call) releaseByID(r *Repository, arg string) answer {
	return c.oneRelease(r, r.releaseWith(arg))
}

func (r *Repository) releaseWith(arg string) *release {
	id, err := strconv.ParseInt(arg, 10, 64)
	i := slices.IndexFunc(r.releases, func(o *release) bool { return o.id == id })
	if err != nil || i < 0 {
		return nil
	}
	return r.releases[i]
}

// releaseByTag answers GET …/releases/tags/{tag}, which knows no drafts.
func (c *call) releaseByTag(r *Repository, tag string) answer {
	i := slices.IndexFunc(r.releases, func(o *release) bool { return o.Tag == tag && !o.Draft })
	if i < 0 {
		return notFound()
	}
	return c.oneRelease(r, r.releases[i])
}

func (c *call) oneRelease(r *Repository, o *release) answer {
	if o == nil || !c.shows(o) {
		return notFound()
	}
	a := ok(c.release(r, o))
	a.modified = o.Published
	return a
}

// releaseAssets answers GET …/releases/{id}/assets.
func (c *call) releaseAssets(r *Repository, arg string) answer {
	o := r.releaseWith(arg)
	if o == nil || !c.shows(o) {
		return notFound()
	}
	at := r.path() + "/releases/" + arg + "/assets"
	return paginate(c, at, o.assets, func(f *asset) object { return c.file(r, o, f) })
}

// asset answers GET …/releases/assets/{id}: the description, or to a client
// that accepts application/octet-stream a redirect to the file.
func (c *call) asset(r *Repository, arg string) answer {
	id, err := strconv.ParseInt(arg, 10, 64)
	o, f := r.assetWith(id)
	if err != nil || f == nil || !c.shows(o) {
		return notFound()
	}
	if c.accepts("application/octet-stream") {
		return redirect(c.g.objectLink(c.host, r, f, c.now))
	}
	a := ok(c.file(r, o, f))
	a.modified = o.Published
	return a
}

func (r *Repository) assetWith(id int64) (*release, *asset) {
	for _, o := range r.releases {
		for _, f := range o.assets {
			if f.id == id {
				return o, f
			}
		}
	}
	return nil, nil
}

// release describes a release.
func (c *call) release(r *Repository, o *release) object {
	api, page := c.repoURL(r), c.web()+"/"+r.repo.fullName()
	id := strconv.FormatInt(o.id, 10)
	files := []object{}
	for _, f := range o.assets {
		files = append(files, c.file(r, o, f))
	}
	var published any = stamp(o.Published)
	pageName := url.PathEscape(o.Tag)
	if o.Draft {
		published, pageName = nil, "untagged-"+id
	}
	return object{
		"url":              api + "/releases/" + id,
		"assets_url":       api + "/releases/" + id + "/assets",
		"upload_url":       api + "/releases/" + id + "/assets{?name,label}",
		"html_url":         page + "/releases/tag/" + pageName,
		"id":               o.id,
		"author":           c.account(r.repo.Owner),
		"node_id":          nodeID("Release", o.id),
		"tag_name":         o.Tag,
		"target_commitish": r.repo.DefaultBranch,
		"name":             nullable(o.Name),
		"draft":            o.Draft,
		"immutable":        false,
		"prerelease":       o.Prerelease,
		"created_at":       stamp(o.created),
		"updated_at":       stamp(o.Published),
		"published_at":     published,
		"assets":           files,
		"tarball_url":      api + "/tarball/" + escapePath(o.Tag),
		"zipball_url":      api + "/zipball/" + escapePath(o.Tag),
		"body":             nullable(o.Body),
	}
}

// file describes a file attached to a release.
func (c *call) file(r *Repository, o *release, f *asset) object {
	return object{
		"url":                  c.repoURL(r) + "/releases/assets/" + strconv.FormatInt(f.id, 10),
		"id":                   f.id,
		"node_id":              nodeID("ReleaseAsset", f.id),
		"name":                 f.Name,
		"label":                "",
		"uploader":             c.account(r.repo.Owner),
		"content_type":         f.Type,
		"state":                "uploaded",
		"size":                 len(f.Data),
		"digest":               nullable(f.digest),
		"download_count":       0,
		"created_at":           stamp(f.uploaded),
		"updated_at":           stamp(f.uploaded),
		"browser_download_url": c.web() + "/" + r.repo.fullName() + "/releases/download/" + escapePath(o.Tag) + "/" + url.PathEscape(f.Name),
	}
}

// serveDownload answers the web's /{owner}/{repo}/releases/download/{tag}/{file}
// with a redirect to the file.
func (g *GitHub) serveDownload(w http.ResponseWriter, r *http.Request, path []string) {
	to := func() string {
		g.mu.RLock()
		defer g.mu.RUnlock()
		now := g.now()
		repo := g.visible(r, path[0], path[1], now)
		if repo == nil {
			return ""
		}
		tag, name := joinPath(path[4:len(path)-1]), path[len(path)-1]
		for _, o := range repo.releases {
			for _, f := range o.assets {
				if o.Tag == tag && f.Name == name && !o.Draft {
					return g.objectLink(hostOf(r), repo, f, now)
				}
			}
		}
		return ""
	}()
	if to == "" {
		http.Error(w, "Not Found", http.StatusNotFound)
		return
	}
	http.Redirect(w, r, to, http.StatusFound)
}

// objectLink is the address of a release's file, good for a few minutes.
func (g *GitHub) objectLink(host string, r *Repository, f *asset, now time.Time) string {
	if g.archiveBase != "" {
		host = g.archiveBase
	}
	at := "/objects/" + strconv.FormatInt(r.id, 10) + "/" + strconv.FormatInt(f.id, 10)
	return host + at + "?token=" + g.sign(at, now)
}
