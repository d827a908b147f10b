package registry

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/pluginyard/pluginyard/assets"
	"github.com/pluginyard/pluginyard/registry/installer"
)

// imageFolders are the folders that hold images for the registry alone. A
// folder called assets often holds the plugin's own scripts: it is one only if
// every file in it is an image for the registry.
// Of a theme's folders none is.
func (b *builder) imageFolders() []string {
	if b.kind == TypeTheme {
		return nil
	}
	var folders []string
	for _, folder := range assets.Folders {
		if folder == "assets" && slices.ContainsFunc(b.archive.dir.Files(), func(f installer.File) bool {
			return strings.HasPrefix(f.Path, "assets/") && !assets.Wanted(f.Path, string(b.plugin.Slug))
		}) {
			continue
		}
		folders = append(folders, folder)
	}
	return folders
}

// images reads the plugin's images from the archive, or from the repository's
// tree where .gitattributes keeps them out of archives, and stores them.
func (b *builder) images(ctx context.Context, name string, captions int, found *findings) ([]Image, error) {
	if b.kind == TypeTheme {
		return b.themeImages(ctx, found)
	}
	files := b.archiveImages()
	if len(files) == 0 && b.tree != nil {
		files = b.folderImages()
	}
	if len(files) == 0 && b.forge != nil && b.imagesMayBeExcluded() {
		var err error
		if files, err = b.treeImages(ctx); err != nil {
			return nil, err
		}
	}
	images, err := b.prepareImages(ctx, found, func() ([]assets.Image, []assets.Problem, error) {
		return assets.Complete(ctx, string(b.plugin.Slug), name, files)
	})
	if err != nil {
		return nil, err
	}
	// An installer by itself was packed without them: nothing is known.
	if alone := b.release != nil && b.release.file == b.archive.file; len(files) > 0 || !alone {
		checkMissingImages(images, captions, found)
	}
	return images, nil
}

// prepareImages makes images safe and stores them.
func (b *builder) prepareImages(ctx context.Context, found *findings, complete func() ([]assets.Image, []assets.Problem, error)) ([]Image, error) {
	if err := b.drawing.Acquire(ctx, 1); err != nil {
		return nil, fmt.Errorf("wait to prepare images: %w: %w", ErrUnavailable, err)
	}
	defer b.drawing.Release(1)
	var made []assets.Image
	var problems []assets.Problem
	err := b.labouring(ctx, func() (err error) {
		made, problems, err = complete()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("prepare images: %w", err)
	}
	for _, p := range problems {
		found.add(imageProblem(p))
	}
	images := make([]Image, 0, len(made))
	for _, m := range made {
		blob, err := b.store.Put(ctx, func(w io.Writer) error { _, err := w.Write(m.Data); return err })
		if err != nil {
			return nil, fmt.Errorf("store image %s: %w", m.Name, err)
		}
		images = append(images, Image{Blob: blob, Name: m.Name, Type: m.Type, Width: m.Width, Height: m.Height, Generated: m.Generated})
	}
	return images, nil
}

// themeImages reads a theme's screenshot out of what is installed, where
// WordPress shows it from too, and stores it.
func (b *builder) themeImages(ctx context.Context, found *findings) ([]Image, error) {
	dir := b.served().dir
	var files []assets.File
	for _, file := range dir.Files() {
		if assets.WantedByTheme(file.Path) {
			files = append(files, assets.File{Path: file.Path, Size: file.Size, Read: func(context.Context) ([]byte, error) {
				return dir.Read(file.Path, assets.MaxBytes)
			}})
		}
	}
	if len(files) == 0 {
		found.add(Finding{
			Severity: SeverityNote, Code: "theme_screenshot_missing",
			Message: "There is no screenshot, so WordPress shows an empty box.",
			Remedy:  fmt.Sprintf("Add screenshot.png, %d×%d pixels, at the theme's top.", assets.ThemeScreenshotWidth, assets.ThemeScreenshotHeight),
		})
	}
	return b.prepareImages(ctx, found, func() ([]assets.Image, []assets.Problem, error) { return assets.CompleteTheme(ctx, files) })
}

// folderImages finds the images of the first folder of the working tree that
// holds any, as treeImages does at the forge.
func (b *builder) folderImages() []assets.File {
	for _, folder := range assets.Folders {
		entries, err := fs.ReadDir(b.tree, folder)
		if err != nil {
			continue
		}
		var files []assets.File
		for _, entry := range entries {
			name := path.Join(folder, entry.Name())
			info, err := entry.Info()
			if err != nil || !info.Mode().IsRegular() || !assets.Wanted(name, string(b.plugin.Slug)) || len(files) == maxTreeImages {
				continue
			}
			files = append(files, assets.File{Path: name, Size: info.Size(), Read: func(context.Context) ([]byte, error) {
				file, err := b.tree.Open(name)
				if err != nil {
					return nil, err
				}
				defer file.Close()
				return io.ReadAll(io.LimitReader(file, assets.MaxBytes+1))
			}})
		}
		if len(files) > 0 {
			return files
		}
	}
	return nil
}

func (b *builder) archiveImages() []assets.File {
	var files []assets.File
	for _, file := range b.archive.dir.Files() {
		if assets.Wanted(file.Path, string(b.plugin.Slug)) {
			files = append(files, assets.File{Path: file.Path, Size: file.Size, Read: func(context.Context) ([]byte, error) {
				return b.archive.dir.Read(file.Path, assets.MaxBytes)
			}})
		}
	}
	return files
}

// imagesMayBeExcluded reports whether asking for the tree is worth a request:
// .gitattributes names an image folder, or is itself kept out of the archive.
func (b *builder) imagesMayBeExcluded() bool {
	src, err := b.archive.dir.Read(".gitattributes", MaxMainFile)
	if err != nil {
		return true
	}
	for line := range strings.Lines(string(src)) {
		if !strings.Contains(line, "export-ignore") {
			continue
		}
		if slices.ContainsFunc(assets.Folders, func(folder string) bool { return strings.Contains(line, folder) }) || strings.HasPrefix(line, ".*") {
			return true
		}
	}
	return false
}

// treeImages finds the first image folder of the commit that holds any, and
// fetches its images, a few at a time, into the build's temporary folder.
func (b *builder) treeImages(ctx context.Context) ([]assets.File, error) {
	commit := cmp.Or(b.rev.Commit, b.rev.Ref)
	top, err := b.forge.Tree(ctx, b.repo.Repo, commit, b.plugin.Path)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list folders of %s: %w", b.repo.Repo, err)
	}
	for _, folder := range assets.Folders {
		if !slices.ContainsFunc(top, func(e TreeEntry) bool { return e.Folder && path.Base(e.Path) == folder }) {
			continue
		}
		entries, err := b.forge.Tree(ctx, b.repo.Repo, commit, path.Join(b.plugin.Path, folder))
		if err != nil {
			return nil, fmt.Errorf("list %s of %s: %w", folder, b.repo.Repo, err)
		}
		entries = slices.DeleteFunc(entries, func(e TreeEntry) bool {
			return e.Folder || !assets.Wanted(folder+"/"+path.Base(e.Path), string(b.plugin.Slug))
		})
		if len(entries) > 0 {
			return b.fetchImages(ctx, commit, folder, entries[:min(len(entries), maxTreeImages)])
		}
	}
	return nil, nil
}

const (
	maxTreeImages  = 60 // requests that one build may spend on images
	imagesAtOnce   = 6
	maxImagesBytes = 100 << 20 // of all of them, on disk
)

func (b *builder) fetchImages(ctx context.Context, commit, folder string, entries []TreeEntry) ([]assets.File, error) {
	files := make([]assets.File, 0, len(entries))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(imagesAtOnce)
	total := int64(0)
	for i, entry := range entries {
		name := filepath.Join(b.temp, fmt.Sprintf("image-%d", i))
		file := assets.File{Path: path.Join(folder, path.Base(entry.Path)), Size: entry.Size}
		file.Read = func(context.Context) ([]byte, error) { return os.ReadFile(name) }
		if total += entry.Size; entry.Size > assets.MaxBytes || total > maxImagesBytes {
			file.Read = func(context.Context) ([]byte, error) {
				return nil, fmt.Errorf("%w: make the image smaller", ErrTooLarge)
			}
			files = append(files, file)
			continue
		}
		files = append(files, file)
		group.Go(func() error {
			w, err := os.Create(name)
			if err != nil {
				return fmt.Errorf("%w: make a temporary file: %w", ErrUnavailable, err)
			}
			defer w.Close()
			if err := b.forge.File(ctx, b.repo.Repo, commit, entry.Path, assets.MaxBytes, w); err != nil {
				return fmt.Errorf("fetch image %s of %s: %w", entry.Path, b.repo.Repo, err)
			}
			return w.Close()
		})
	}
	return files, group.Wait()
}
