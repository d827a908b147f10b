package githubtest

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

// linkLife is how long a link to an archive or a file is good: GitHub's are
// for five minutes.
const linkLife = 5 * time.Minute

// sign makes the token of a link: its end and a seal over path and end.
func (g *GitHub) sign(path string, now time.Time) string {
	end := strconv.FormatInt(now.Add(linkLife).Unix(), 10)
	return end + "." + g.seal(path, end)
}

func (g *GitHub) seal(path, end string) string {
	h := hmac.New(sha256.New, g.key[:])
	h.Write([]byte(path + " " + end))
	return hex.EncodeToString(h.Sum(nil)[:20])
}

// signed reports whether a link's token is good for the path.
func (g *GitHub) signed(token, path string, now time.Time) bool {
	end, seal, _ := strings.Cut(token, ".")
	unix, err := strconv.ParseInt(end, 10, 64)
	return err == nil && now.Unix() < unix && hmac.Equal([]byte(seal), []byte(g.seal(path, end)))
}

// visible finds the repository that a request may see; nil if there is none.
// It is called with the lock held for reading.
func (g *GitHub) visible(r *http.Request, owner, name string, now time.Time) *Repository {
	by, known := g.identify(r, now)
	repo := g.repos[strings.ToLower(owner+"/"+name)]
	if repo == nil || !known || by.app || !by.sees(repo) {
		return nil
	}
	return repo
}

// zipball answers GET …/zipball/{ref} with a redirect, as GitHub does even if
// there is no such ref: the host of archives says so then.
func (c *call) zipball(r *Repository, ref string) answer {
	if ref == "" {
		ref = r.repo.DefaultBranch
	}
	if full, _ := r.resolveRef(ref); full != "" {
		ref = full
	}
	host := c.host
	if c.g.archiveBase != "" {
		host = c.g.archiveBase
	}
	at := "/codeload/" + escapePath(r.repo.fullName()) + "/legacy.zip/" + escapePath(ref)
	to := host + at
	if r.repo.Private {
		to += "?token=" + c.g.sign(archiveScope(r, ref), c.now)
	}
	return redirect(to)
}

func archiveScope(r *Repository, ref string) string {
	return "archive " + strconv.FormatInt(r.id, 10) + " " + ref
}

// serveArchive answers /codeload/{owner}/{repo}/legacy.zip/{ref}. As on GitHub
// the length is not said beforehand, and there are no ranges.
func (g *GitHub) serveArchive(w http.ResponseWriter, r *http.Request, path []string) {
	var a *archive
	var name string
	if len(path) >= 4 && path[2] == "legacy.zip" {
		a, name = g.findArchive(r, path[0], path[1], joinPath(path[3:]))
	}
	if a == nil {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusNotFound)
		w.Write([]byte("404: Not Found"))
		return
	}
	h := w.Header()
	h.Set("ETag", `W/"`+hex.EncodeToString(sum(a.sha+name))+`"`)
	h.Set("Vary", "Authorization,Accept-Encoding,Origin")
	h.Set("Access-Control-Allow-Origin", "https://render.githubusercontent.com")
	if tag := r.Header.Get("If-None-Match"); tag != "" && matchesTag(tag, h.Get("ETag")) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return
	}
	data := a.bytes()
	// Flushed before the whole is known, net/http sends chunks.
	http.NewResponseController(w).Flush()
	w.Write(data)
}

// findArchive finds an archive and its file name, which tells the tag, as in
// acme-hello-yard-v1.2.0-0-g0123456.zip.
func (g *GitHub) findArchive(r *http.Request, owner, name, ref string) (*archive, string) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	now := g.now()
	repo := g.repos[strings.ToLower(owner+"/"+name)]
	if repo == nil {
		repo = g.byID[g.moved[strings.ToLower(owner+"/"+name)]]
	}
	if repo == nil {
		return nil, ""
	}
	if !g.signed(r.URL.Query().Get("token"), archiveScope(repo, ref), now) {
		if g.visible(r, repo.repo.Owner, repo.repo.Name, now) == nil {
			return nil, ""
		}
	}
	c := repo.resolve(ref)
	if c == nil {
		return nil, ""
	}
	file := repo.repo.Owner + "-" + repo.repo.Name + "-"
	if full, _ := repo.resolveRef(ref); strings.HasPrefix(full, "refs/tags/") {
		file += strings.ReplaceAll(strings.TrimPrefix(full, "refs/tags/"), "/", "-") + "-0-g"
	}
	return repo.archive(c), file + c.sha[:7] + ".zip"
}

// serveObject answers /objects/{repository}/{asset}: a release's file, with
// ranges, for the minutes that the link is good.
func (g *GitHub) serveObject(w http.ResponseWriter, r *http.Request, path []string) {
	g.mu.RLock()
	var f *asset
	var when time.Time
	good := g.signed(r.URL.Query().Get("token"), r.URL.Path, g.now())
	if len(path) == 2 && good {
		repoID, _ := strconv.ParseInt(path[0], 10, 64)
		id, _ := strconv.ParseInt(path[1], 10, 64)
		if repo := g.byID[repoID]; repo != nil {
			var o *release
			if o, f = repo.assetWith(id); o != nil {
				when = o.Published
			}
		}
	}
	g.mu.RUnlock()
	switch {
	case !good:
		http.Error(w, "AuthenticationFailed: the link has expired or was changed", http.StatusForbidden)
	case f == nil:
		http.Error(w, "BlobNotFound: the specified blob does not exist", http.StatusNotFound)
	default:
		h := w.Header()
		h.Set("Content-Type", f.Type)
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
		h.Set("ETag", `"0x`+strings.ToUpper(hex.EncodeToString(sum(string(f.Data))[:8]))+`"`)
		http.ServeContent(w, r, "", when, bytes.NewReader(f.Data))
	}
}

// serveRaw answers /raw/{owner}/{repo}/{commit}/{path}, where download_url
// leads.
func (g *GitHub) serveRaw(w http.ResponseWriter, r *http.Request, parts []string) {
	data, found := func() ([]byte, bool) {
		if len(parts) < 4 {
			return nil, false
		}
		g.mu.RLock()
		defer g.mu.RUnlock()
		now := g.now()
		repo := g.repos[strings.ToLower(parts[0]+"/"+parts[1])]
		if repo == nil {
			return nil, false
		}
		if !g.signed(r.URL.Query().Get("token"), r.URL.Path, now) && g.visible(r, parts[0], parts[1], now) == nil {
			return nil, false
		}
		c := repo.objects.commits[parts[2]]
		if c == nil {
			return nil, false
		}
		e, _ := repo.objects.find(c.tree, joinPath(parts[3:]))
		data, found := repo.objects.blobs[e.sha]
		return data, found
	}()
	if !found {
		http.Error(w, "404: Not Found", http.StatusNotFound)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	if strings.HasPrefix(http.DetectContentType(data), "text/") {
		h.Set("Content-Type", "text/plain; charset=utf-8")
	}
	h.Set("ETag", `"`+hex.EncodeToString(sum(string(data)))+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}

// serveAvatar answers /avatars/u/{id} with a plain picture whose colour tells
// owners apart.
func serveAvatar(w http.ResponseWriter, r *http.Request, parts []string) {
	id, err := strconv.ParseUint(path.Base(joinPath(parts)), 10, 32)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	img := image.NewRGBA(image.Rect(0, 0, 96, 96))
	shade := color.RGBA{uint8(64 + id%128), uint8(64 + id/128%128), uint8(64 + id/16384%128), 255}
	draw.Draw(img, img.Bounds(), image.NewUniform(shade), image.Point{}, draw.Src)
	w.Header().Set("Content-Type", "image/png")
	png.Encode(w, img)
}

func joinPath(parts []string) string { return strings.Join(parts, "/") }

func sum(s string) []byte {
	h := sha256.Sum256([]byte(s))
	return h[:]
}
