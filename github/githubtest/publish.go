package githubtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
)

// publishPath is where Control takes its one request.
const publishPath = "/_publish"

// maxNotes bounds the changelog text of a publish request, in bytes.
const maxNotes = 4096

// Control serves POST /_publish?repo=OWNER/NAME&version=X.Y.Z, which publishes
// a new version in a running demo: it takes the latest release's files, puts
// the version in the main PHP file's header and the readme's stable tag, adds
// a changelog entry, commits to the default branch, tags and releases. The tag
// is written as the latest one is ("1.2.0", "v1.2.0", "hello-yard/v1.2.0").
//
// Further parameters: notes, the changelog entry; prerelease=1; path, the
// plugin's folder in a repository of several.
//
// It asks for no credentials and is not part of GitHub's API: it belongs on a
// loopback address.
func (g *GitHub) Control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+publishPath, func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		done, err := g.publish(publication{
			repo:       query.Get("repo"),
			version:    query.Get("version"),
			notes:      query.Get("notes"),
			path:       strings.Trim(query.Get("path"), "/"),
			prerelease: query.Get("prerelease") == "1" || query.Get("prerelease") == "true",
		})
		status, body := http.StatusCreated, any(done)
		if err != nil {
			status, body = http.StatusUnprocessableEntity, object{"message": err.Error()}
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(body)
	})
	return mux
}

type publication struct {
	repo, version, notes, path string
	prerelease                 bool
}

// published is what the answer tells.
type published struct {
	Repository string `json:"repository"`
	Version    string `json:"version"`
	Tag        string `json:"tag"`
	Commit     string `json:"commit"`
	Release    int64  `json:"release"`
}

// versionForm is what a version may look like: digits and dots, and a suffix.
var versionForm = regexp.MustCompile(`^[0-9]+(\.[0-9]+){0,3}([-+.]?[0-9A-Za-z][0-9A-Za-z.-]{0,30})?$`)

func (g *GitHub) publish(p publication) (published, error) {
	owner, name, _ := strings.Cut(p.repo, "/")
	r := g.Repository(owner, name)
	switch {
	case r == nil:
		return published{}, fmt.Errorf("publish %q: there is no such repository; give repo=OWNER/NAME", p.repo)
	case !versionForm.MatchString(p.version):
		return published{}, fmt.Errorf("publish %s: %q is no version; give version=X.Y.Z", p.repo, p.version)
	case len(p.notes) > maxNotes:
		return published{}, fmt.Errorf("publish %s: notes are longer than %d bytes", p.repo, maxNotes)
	}
	if p.notes == "" {
		p.notes = "Release " + p.version + "."
	}
	p.notes = strings.Join(strings.Fields(p.notes), " ")

	// One publication of a repository at a time: each builds on the last.
	r.publishMu.Lock()
	defer r.publishMu.Unlock()
	draft, err := r.prepare(p)
	if err != nil {
		return published{}, fmt.Errorf("publish %s: %w", p.repo, err)
	}
	sha := r.commitTree(draft.branch, "Release "+p.version, draft.tree, draft.made, draft.when)
	r.Tag(draft.tag, sha)
	id := r.Release(Release{
		Tag: draft.tag, Name: p.version, Body: "- " + p.notes,
		Prerelease: p.prerelease, Published: draft.when,
	})
	return published{Repository: r.fullName(), Version: p.version, Tag: draft.tag, Commit: sha, Release: id}, nil
}

// preparation is a version that is ready to be committed.
type preparation struct {
	branch, tag, tree string
	made              objects
	when              time.Time
}

// prepare writes the new version's files over the latest release's.
func (r *Repository) prepare(p publication) (preparation, error) {
	r.g.mu.RLock()
	defer r.g.mu.RUnlock()
	latest := r.latest()
	if latest == nil {
		return preparation{}, fmt.Errorf("it has no release to start from")
	}
	from := r.objects.commits[r.tags[latest.Tag]]
	if from == nil {
		return preparation{}, fmt.Errorf("tag %s of its latest release is gone", latest.Tag)
	}
	draft := preparation{branch: r.repo.DefaultBranch, made: newObjects(), when: r.g.now().UTC()}
	// A newer release has a newer commit, whatever the clock says.
	if !draft.when.After(latest.created) {
		draft.when = latest.created.Add(time.Second)
	}
	draft.tag = tagPrefix(latest.Tag) + p.version
	if r.tags[draft.tag] != "" {
		return preparation{}, fmt.Errorf("tag %s exists", draft.tag)
	}
	files := r.objects.files(from.tree)
	main, err := r.mainFile(files, p.path)
	if err != nil {
		return preparation{}, err
	}
	rewrite := func(name string, change func(string) string) {
		e := files[name]
		e.sha = draft.made.putBlob([]byte(change(string(r.objects.blobs[e.sha]))))
		files[name] = e
	}
	rewrite(main, func(text string) string { return setVersion(text, p.version) })
	for name := range files {
		if path.Dir(name) == path.Dir(main) && isReadme(path.Base(name)) {
			rewrite(name, func(text string) string { return setReadme(text, p.version, p.notes) })
		}
	}
	draft.tree = draft.made.writeTree(files)
	return draft, nil
}

// tagPrefix is what stands before the version in a tag, such as "v" or
// "hello-yard/v".
func tagPrefix(tag string) string {
	base := strings.LastIndexByte(tag, '/') + 1
	digit := strings.IndexAny(tag[base:], "0123456789")
	if digit < 0 {
		return tag[:base] + "v"
	}
	return tag[:base+digit]
}

func isReadme(name string) bool {
	name = strings.ToLower(name)
	return name == "readme.txt" || name == "readme.md"
}

// headerSize is how much of a file WordPress searches for the plugin's header.
const headerSize = 8 << 10

// The lines that are looked for; a header's are those of WordPress's
// get_file_data.
var (
	pluginName = regexp.MustCompile(`(?mi)^(?:[ \t]*<\?php)?[ \t/*#@]*Plugin Name:`)
	themeName  = regexp.MustCompile(`(?mi)^[ \t/*#@]*Theme Name:`)
	versionKey = regexp.MustCompile(`(?mi)^((?:[ \t]*<\?php)?[ \t/*#@]*Version:[ \t]*)[^\r\n]*?([ \t]*(?:\*/[^\r\n]*)?\r?)$`)
	stableKey  = regexp.MustCompile(`(?mi)^([ \t*]*Stable tag:[* \t]*)[^\r\n]*?([ \t]*\r?)$`)
	changelog  = regexp.MustCompile(`(?mi)^(?:==[ \t]*Changelog[ \t]*==|##[ \t]*Changelog)[ \t]*\r?\n`)
)

// mainFile finds the main file: the first PHP file with a plugin header, or
// style.css with a theme's, in dir if that is given, else as near the root as
// there is one.
func (r *Repository) mainFile(files map[string]treeEntry, dir string) (string, error) {
	var found []string
	for name, e := range files {
		header := pluginName
		if path.Base(name) == "style.css" {
			header = themeName
		} else if path.Ext(name) != ".php" {
			continue
		}
		if dir != "" && path.Dir(name) != dir {
			continue
		}
		data := r.objects.blobs[e.sha]
		if header.Match(data[:min(len(data), headerSize)]) {
			found = append(found, name)
		}
	}
	if len(found) == 0 {
		return "", fmt.Errorf("no PHP file has a Plugin Name header, and no style.css a Theme Name")
	}
	return slices.MinFunc(found, func(a, b string) int {
		if n := strings.Count(a, "/") - strings.Count(b, "/"); n != 0 {
			return n
		}
		return strings.Compare(a, b)
	}), nil
}

// setVersion replaces the first Version header of a plugin's main file.
func setVersion(text, version string) string { return replaceFirst(versionKey, text, version) }

// setReadme replaces the readme's stable tag, unless it is trunk, and adds a
// changelog entry on top of the others.
func setReadme(text, version, notes string) string {
	if at := stableKey.FindString(text); !strings.HasSuffix(strings.ToLower(strings.TrimSpace(at)), "trunk") {
		text = replaceFirst(stableKey, text, version)
	}
	at := changelog.FindStringIndex(text)
	if at == nil {
		return text
	}
	entry := "\n= " + version + " =\n* " + notes + "\n"
	if strings.HasPrefix(text[at[0]:], "##") {
		entry = "\n### " + version + "\n* " + notes + "\n"
	}
	if strings.HasSuffix(text[at[0]:at[1]], "\r\n") {
		entry = strings.ReplaceAll(entry, "\n", "\r\n")
	}
	return text[:at[1]] + entry + text[at[1]:]
}

// replaceFirst puts value between the two groups of the first match.
func replaceFirst(key *regexp.Regexp, text, value string) string {
	m := key.FindStringSubmatchIndex(text)
	if m == nil {
		return text
	}
	return text[:m[3]] + value + text[m[4]:]
}
