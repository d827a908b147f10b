package registry

import (
	"cmp"
	"context"
	"crypto/md5"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/pluginyard/pluginyard/registry/installer"
)

// builder makes one package out of one revision. Its steps are in the order in
// which data flows; nothing is published before all of them are done.
type builder struct {
	forge   Forge // nil for a plugin on this machine
	store   blobStore
	temp    string // folder for downloads, removed when the build ends
	base    string // base_url, to tell whose Update URI it is; "" is not known
	stable  string // WordPress's newest branch, to tell which versions exist
	drawing *semaphore.Weighted
	labour  *semaphore.Weighted // held while a processor is kept busy; nil is no bound
	scratch *scratch            // counts downloads; nil where nobody else builds
	plugin  *Plugin
	repo    *Repository
	rev     Revision
	tree    fs.FS // the working tree, where images lie that archives lack; nil asks the forge

	kind    Type     // known once the main file is; before that it is taken for a plugin
	archive *zipFile // the repository at the revision
	release *zipFile // the release's own installer; nil if it has none
	findings
}

// blobStore is the part of a [Store] that a build needs.
type blobStore interface {
	Put(ctx context.Context, write func(io.Writer) error) (Blob, error)
}

// zipFile is a downloaded zip and its directory.
type zipFile struct {
	file *os.File
	room *scratchWriter // that the file takes
	size int64
	dir  *installer.Reader
	name string // of the release file; "" for the archive
}

// The largest text files that are read into memory.
const (
	MaxMainFile = 1 << 20 // bytes of a main file; WordPress itself reads 8 KB
	MaxReadme   = 2 << 20 // bytes of a readme; the largest real ones have 300 KB
)

// build gives the finished package, all its bytes stored, its documents not
// yet encoded. A plugin whose content cannot be served is a [Refusal].
func (b *builder) build(ctx context.Context) (*Package, error) {
	if err := b.download(ctx); err != nil {
		return nil, err
	}
	return b.assemble(ctx)
}

// assemble makes the package of what was downloaded.
func (b *builder) assemble(ctx context.Context) (*Package, error) {
	pkg, selection, err := b.describe(ctx)
	if err != nil {
		return nil, b.refusal(err)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		return sheltered(func() (err error) {
			return b.labouring(ctx, func() error {
				pkg.Installer, err = b.installer(ctx, selection, pkg.Version)
				return err
			})
		})
	})
	var images findings
	group.Go(func() error {
		return sheltered(func() (err error) {
			pkg.Images, err = b.images(ctx, pkg.Details.Name, len(pkg.Details.Screenshots), &images)
			return err
		})
	})
	err = group.Wait()
	b.list = append(b.list, images.list...)
	if err != nil {
		b.refuse("installer_refused", "", err)
		return nil, b.refusal(err)
	}
	pkg.Findings = b.sorted()
	return pkg, nil
}

// labouring does what keeps a processor busy. One processor at least is left to
// those who ask meanwhile: Go gives a goroutine that has something to answer no
// preference over those that compress.
func (b *builder) labouring(ctx context.Context, work func() error) error {
	if b.labour != nil {
		if err := b.labour.Acquire(ctx, 1); err != nil {
			return fmt.Errorf("wait for a processor: %w: %w", ErrUnavailable, err)
		}
		defer b.labour.Release(1)
	}
	return work()
}

// describe reads everything that is text, and looks at the names of the files
// that ship. It goes on after a fault, so that the author learns of all.
func (b *builder) describe(ctx context.Context) (*Package, *installer.Selection, error) {
	main, mainErr := b.mainFile(b.served())
	if main != nil {
		b.kind = main.kind
	}
	selection, selectErr := b.selectFiles(ctx)
	text, readErr := b.readme()
	b.checkReadme(text, main)
	version, versionErr := "", error(nil)
	if main != nil {
		version, versionErr = b.version(main, text)
		if versionErr == nil && main.header["Version"] == "" && selectErr == nil {
			versionErr = b.writeVersion(selection, main, version)
		}
		b.checkUpdateURI(main)
		b.checkClaims(main, text)
	}
	themeErr := error(nil)
	if b.kind == TypeTheme && selection != nil {
		themeErr = b.checkTheme(main, selection.Files())
	}
	if err := cmp.Or(selectErr, readErr, mainErr, versionErr, themeErr); err != nil {
		if b.forge != nil || !ofContent(err) {
			return nil, nil, err
		}
		// On this machine, looking at the images as well costs no request.
		_, imagesErr := b.images(ctx, string(b.plugin.Slug), len(text.readme.Screenshots), &b.findings)
		return nil, nil, cmp.Or(imagesErr, err)
	}
	pkg := &Package{
		Slug: b.plugin.Slug, Type: main.kind, File: main.basename(b.plugin.Slug), Version: version,
		Revision: b.rev, Repository: *b.repo,
	}
	facts := &facts{
		plugin: b.plugin, header: main.header, readme: text.readme, repository: b.repo, revision: &b.rev,
		version: version, links: b.linkBase(),
	}
	pkg.Details = facts.gather()
	if pkg.Type == TypeTheme {
		// A theme has one picture, and WordPress knows no plugins that it needs.
		pkg.Details.Screenshots, pkg.Details.RequiresPlugins = nil, nil
	}
	return pkg, selection, nil
}

// refusal adds the findings to a failure that lies in the content.
func (b *builder) refusal(err error) error {
	if !ofContent(err) {
		return err
	}
	return &Refusal{Findings: b.sorted(), Err: err}
}

// download fetches the archive and, at the same time, the release's own
// installer if it carries one, and reads their directories.
func (b *builder) download(ctx context.Context) error {
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() error { return b.fetchArchive(groupCtx) })
	if file := b.releaseFile(); file != nil {
		group.Go(func() (err error) {
			b.release, err = b.fetch("release.zip", func(w io.Writer) error {
				return b.forge.ReleaseFile(groupCtx, b.repo.Repo, *file, w)
			})
			if err != nil {
				return fmt.Errorf("fetch release file %s of %s: %w", file.Name, b.repo.Repo, err)
			}
			b.release.name = file.Name
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return b.opened(ctx)
}

func (b *builder) fetchArchive(ctx context.Context) (err error) {
	b.archive, err = b.fetch("archive.zip", func(w io.Writer) error {
		return b.forge.Archive(ctx, b.repo.Repo, cmp.Or(b.rev.Commit, b.rev.Ref), w)
	})
	if err != nil {
		return fmt.Errorf("fetch archive of %s at %s: %w", b.repo.Repo, b.rev.Ref, err)
	}
	return nil
}

// opened reads the directories of what was downloaded, and learns of which
// commit it is.
func (b *builder) opened(ctx context.Context) error {
	if err := b.open(); err != nil {
		b.refuse("archive_refused", "", err)
		return b.refusal(err)
	}
	return b.identify(ctx)
}

// identify holds the archive against the commit that was asked for. A tag is
// resolved by the archive itself: GitHub writes the commit into the zip's
// comment. Where it does not, the tag is resolved and fetched again, since it
// may have been moved between the two.
func (b *builder) identify(ctx context.Context) error {
	named := commitID(b.archive.dir.Comment())
	switch {
	case b.rev.Commit == "" && named == "":
		ref := b.rev.Ref
		if b.rev.Release != nil {
			ref = "tags/" + ref
		}
		commit, err := b.forge.Commit(ctx, b.repo.Repo, ref)
		if err != nil {
			return fmt.Errorf("ask for the commit of %s of %s: %w", b.rev.Ref, b.repo.Repo, err)
		}
		if b.rev.Commit = commit.SHA; b.rev.Commit == "" {
			return fmt.Errorf("ask for the commit of %s of %s: %w: the answer names none", b.rev.Ref, b.repo.Repo, ErrUnavailable)
		}
		b.archive.file.Close()
		if err := b.fetchArchive(ctx); err != nil {
			return err
		}
		return b.opened(ctx)
	case b.rev.Commit == "":
		b.rev.Commit = named
	case named != "" && named != b.rev.Commit:
		return fmt.Errorf("fetch archive of %s at %s: %w: it is of commit %s", b.repo.Repo, b.rev.Commit, ErrUnavailable, named)
	}
	return nil
}

// open reads the directories of the zips.
func (b *builder) open() (err error) {
	if b.archive.dir, err = installer.Open(b.archive.file, b.archive.size, b.plugin.Path); err != nil {
		return contentError("archive of "+b.what(), err)
	}
	if b.release != nil {
		if b.release.dir, err = installer.Open(b.release.file, b.release.size, ""); err != nil {
			return contentError("release file "+b.release.name, err)
		}
	}
	return nil
}

// what names the revision for people.
func (b *builder) what() string {
	if b.forge == nil {
		return "the " + string(cmp.Or(b.kind, TypePlugin))
	}
	return b.repo.Repo.String() + " at " + b.rev.Ref
}

func (b *builder) fetch(name string, write func(io.Writer) error) (*zipFile, error) {
	file, err := os.Create(filepath.Join(b.temp, name))
	if err != nil {
		return nil, unwritable("make a temporary file", err)
	}
	taken := &takenFile{file: file}
	room := &scratchWriter{Writer: taken, scratch: b.scratch}
	if err := write(room); err != nil {
		file.Close()
		room.free()
		if taken.err != nil {
			err = unwritable("write a temporary file", taken.err)
		}
		return nil, err
	}
	size, err := file.Seek(0, io.SeekCurrent)
	if err != nil {
		file.Close()
		room.free()
		return nil, fmt.Errorf("%w: measure a temporary file: %w", ErrUnavailable, err)
	}
	return &zipFile{file: file, room: room, size: size}, nil
}

func (b *builder) close() {
	for _, zip := range []*zipFile{b.archive, b.release} {
		if zip != nil && zip.file != nil {
			zip.file.Close()
		}
		if zip != nil && zip.room != nil {
			zip.room.free()
		}
	}
	os.RemoveAll(b.temp)
}

// releaseFile is the release's own installer, if it carries one.
func (b *builder) releaseFile() *ReleaseFile {
	if b.rev.Release == nil {
		return nil
	}
	names := make([]string, len(b.rev.Release.Files))
	for i, file := range b.rev.Release.Files {
		names[i] = file.Name
	}
	if name := b.plugin.ownZip(b.rev.Release.Tag, names); name != "" {
		return &b.rev.Release.Files[slices.Index(names, name)]
	}
	if b.plugin.Asset != "" {
		b.add(Finding{
			Severity: SeverityWarning, Code: "asset_missing",
			Message: fmt.Sprintf("No file of release %s matches asset %q, so the installer is made from the repository.", b.rev.Release.Tag, b.plugin.Asset),
			Remedy:  "Attach the file to the release, or change asset in the configuration.",
		})
	}
	return nil
}

// served is the zip that becomes the installer.
func (b *builder) served() *zipFile {
	if b.release != nil {
		return b.release
	}
	return b.archive
}

func commitID(comment string) string {
	comment = strings.TrimSpace(comment)
	if len(comment) != 40 || strings.Trim(comment, "0123456789abcdef") != "" {
		return ""
	}
	return comment
}

// contentError says that what a repository holds cannot be served. The
// installer's texts name the entry and the remedy and hold no secret; that of a
// disk which fails would name our own paths, and is not the repository's fault.
func contentError(what string, err error) error {
	var disk *fs.PathError
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.As(err, &disk) {
		return fmt.Errorf("%w: read %s: %w", ErrUnavailable, what, err)
	}
	return &Error{Kind: ErrInvalid, Message: what + ": " + err.Error(), Err: err}
}

// selectFiles decides what is installed, and looks for what should not be.
func (b *builder) selectFiles(ctx context.Context) (selection *installer.Selection, err error) {
	o := installer.Options{Slug: string(b.plugin.Slug), Images: b.imageFolders()}
	if b.release != nil {
		selection, err = b.release.dir.SelectFromRelease(o)
	} else {
		selection, err = b.archive.dir.SelectFromArchive(ctx, o)
	}
	if err != nil {
		err = contentError("installer from "+b.from(), err)
		b.refuse("installer_refused", "", err)
	}
	if selection != nil {
		b.checkShipped(selection.Files())
	}
	b.checkImageNames()
	return selection, err
}

// from names what the installer is made from.
func (b *builder) from() string {
	if b.release != nil {
		return b.release.name
	}
	return "archive"
}

// installer makes and stores the zip that WordPress unpacks.
func (b *builder) installer(ctx context.Context, selection *installer.Selection, version string) (Installer, error) {
	sum, signed := md5.New(), sha512.New384()
	var result *installer.Result
	blob, err := b.store.Put(ctx, func(w io.Writer) (err error) {
		result, err = selection.Write(ctx, io.MultiWriter(w, sum, signed))
		if err != nil {
			return contentError("installer from "+b.from(), err)
		}
		return nil
	})
	if err != nil {
		return Installer{}, err
	}
	for _, warning := range result.Warnings {
		b.add(Finding{Severity: SeverityWarning, Code: "installer", Message: sentence(warning)})
	}
	return Installer{
		Blob: blob, Name: string(b.plugin.Slug) + "." + fileVersion(version) + ".zip",
		MD5: base64.StdEncoding.EncodeToString(sum.Sum(nil)), SHA384: hex.EncodeToString(signed.Sum(nil)), Files: result.Files, From: b.from(),
	}, nil
}

// fileVersion is a version as part of a file name.
func fileVersion(version string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x80 && (isDigit(byte(r)) || isLetter(byte(r)) || strings.ContainsRune(".-+_", r)) {
			return r
		}
		return '-'
	}, version)
}

// modified is when a revision came to be: whole seconds, as HTTP can say them.
func modified(release *Release, commit *Commit) time.Time {
	t := time.Time{}
	switch {
	case release != nil && !release.Published.IsZero():
		t = release.Published
	case release != nil:
		t = release.Created
	case commit != nil:
		t = commit.Time
	}
	return t.UTC().Truncate(time.Second)
}
