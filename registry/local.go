package registry

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"golang.org/x/sync/semaphore"

	"github.com/pluginyard/pluginyard/readme"
	"github.com/pluginyard/pluginyard/registry/installer"
)

// Local is a plugin that lies on this machine and is no revision of a forge: a
// working tree before it is committed, an archive, an installer.
type Local struct {
	Plugin    Plugin // Repo is not looked at; default of Slug: what Folder or else the main file is called
	Folder    string // that the plugin lies in
	Tag       string // that it is released under; "" is not known
	Zip       *os.File
	Size      int64  // bytes of Zip
	Name      string // of the zip's file; a zip that GitHub did not make is an installer
	Tree      fs.FS  // the working tree that Zip was packed from, which has no Name; or nil
	Refused   error  // by [installer.PackFolder], which left a name out of Zip; or nil
	Base      string // base_url of the registry that will serve it; "" is not known
	WordPress string // its newest branch, such as "6.9"; default readme.StableWordPress
}

// Check builds a plugin as a [Service] would, keeps nothing, and returns the
// package with its findings. Content that cannot be served is a [Refusal].
func Check(ctx context.Context, local *Local) (pkg *Package, err error) {
	plugin := local.Plugin
	b := &builder{
		store: discard{}, base: local.Base, stable: cmp.Or(local.WordPress, readme.StableWordPress), drawing: semaphore.NewWeighted(1),
		plugin: &plugin, tree: local.Tree, archive: &zipFile{file: local.Zip, size: local.Size},
	}
	if local.Tag != "" {
		b.rev = Revision{Ref: local.Tag, Release: &Release{Tag: local.Tag}}
	}
	err = sheltered(func() (err error) {
		if err = b.open(); err != nil {
			b.refuse("archive_refused", "", err)
			return b.refusal(err)
		}
		if local.Name != "" && !IsArchive(b.archive.dir) {
			b.release = &zipFile{file: local.Zip, size: local.Size, dir: b.archive.dir, name: local.Name}
		}
		if plugin.Slug == "" {
			plugin.Slug = localSlug(b.archive.dir, local.Folder)
		}
		plugin.Repo = Repo{Owner: "local", Name: string(plugin.Slug)}
		if plugin, err = plugin.Normalize(); err != nil {
			return err
		}
		b.repo = &Repository{Repo: plugin.Repo}
		if local.Refused != nil {
			refused := contentError("archive of "+b.what(), local.Refused)
			b.refuse("archive_refused", "", refused)
			if pkg, err = b.assemble(ctx); err == nil {
				pkg, err = nil, &Refusal{Findings: pkg.Findings, Err: refused}
			}
			return err
		}
		pkg, err = b.assemble(ctx)
		return err
	})
	return pkg, err
}

// localSlug is the folder's name, or where that can be no slug, the main file's,
// or a theme's text domain.
func localSlug(dir *installer.Reader, folder string) Slug {
	if slug, err := ParseSlug(defaultSlug("/", folder)); err == nil {
		return slug
	}
	for _, name := range topFiles(dir, "", ".php") {
		text, err := dir.Read(name, MaxMainFile)
		if err != nil || ParseHeader(text)["Plugin Name"] == "" {
			continue
		}
		if slug, err := ParseSlug(defaultSlug("/", strings.TrimSuffix(name, path.Ext(name)))); err == nil {
			return slug
		}
	}
	if text, err := dir.Read(stylesheet, MaxStylesheet); err == nil {
		if slug, err := ParseSlug(ParseThemeHeader(text)["Text Domain"]); err == nil {
			return slug
		}
	}
	return "unnamed"
}

// IsArchive reports whether a zip is GitHub's archive of a commit, which it
// names in the zip's comment, rather than what somebody packed.
func IsArchive(zip *installer.Reader) bool { return commitID(zip.Comment()) != "" }

// discard stores nothing and says what it would have.
type discard struct{}

func (discard) Put(_ context.Context, write func(io.Writer) error) (Blob, error) {
	sum := sha256.New()
	counter := &countingWriter{w: sum}
	if err := write(counter); err != nil {
		return Blob{}, fmt.Errorf("check: %w", err)
	}
	return Blob{Digest: Digest(hex.EncodeToString(sum.Sum(nil))), Size: counter.n}, nil
}

type countingWriter struct {
	w io.Writer
	n int64
}

func (c *countingWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}
