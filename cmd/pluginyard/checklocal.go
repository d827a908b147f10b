package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pluginyard/pluginyard/registry"
	"github.com/pluginyard/pluginyard/registry/installer"
)

// checkLocal checks a folder or a zip.
func (a *app) checkLocal(ctx context.Context, cfg *config, job *checkJob) (*report, error) {
	local := &registry.Local{
		Plugin: registry.Plugin{Slug: registry.Slug(job.slug)}, Tag: a.tag(job), Base: cfg.BaseURL, WordPress: job.wordpress,
	}
	info, err := os.Stat(job.source)
	if err != nil {
		return nil, err
	}
	folder := ""
	switch {
	case info.IsDir():
		folder = withinHere(job.source)
		var root *os.Root
		if root, err = os.OpenRoot(job.source); err != nil {
			return nil, err
		}
		defer root.Close()
		err = packFolder(ctx, root, local)
	case info.Mode().IsRegular():
		err = openZip(job.source, local)
	default:
		err = errors.New("neither a folder nor a file") // opening a pipe would wait
	}
	if local.Zip != nil {
		defer func() {
			local.Zip.Close()
			if local.Name == "" {
				os.Remove(local.Zip.Name()) // packed here
			}
		}()
	}
	if err != nil {
		return nil, err
	}
	pkg, err := registry.Check(ctx, local)
	a.logPanic(cfg, err)
	return newReport(job.source, job.slug, folder, pkg, err)
}

// tag is the tag that was given, or that a workflow of GitHub runs for.
// https://docs.github.com/actions/reference/workflows-and-actions/variables
func (a *app) tag(job *checkJob) string {
	if kind, _ := a.env("GITHUB_REF_TYPE"); job.tag == "" && kind == "tag" {
		name, _ := a.env("GITHUB_REF_NAME")
		return name
	}
	return job.tag
}

// packFolder packs a working tree into a temporary file. Nothing outside of the
// folder is read, whatever links it holds.
func packFolder(ctx context.Context, root *os.Root, local *registry.Local) error {
	whole, err := filepath.Abs(root.Name())
	if err != nil {
		return err
	}
	local.Folder = filepath.Base(whole)
	file, err := os.CreateTemp("", "pluginyard-check-*.zip")
	if err != nil {
		return fmt.Errorf("make a temporary file: %w", err)
	}
	local.Zip, local.Tree = file, rootTree{root}
	err = installer.PackFolder(ctx, local.Tree, "plugin", file)
	if errors.Is(err, installer.ErrHostile) {
		local.Refused, err = err, nil
	}
	if err != nil {
		return err
	}
	local.Size, err = file.Seek(0, io.SeekCurrent)
	return err
}

// rootTree is a folder as a [fs.FS] that has files of any name in it. The one
// of [os.Root.FS] fails at the first name that is not UTF-8, which may lie where
// nobody looks; here it is the registry that judges names.
type rootTree struct{ root *os.Root }

func (t rootTree) Open(name string) (fs.File, error) {
	file, err := t.root.Open(name)
	if err != nil {
		return nil, err // not a nil *os.File
	}
	return file, nil
}

func (t rootTree) Lstat(name string) (fs.FileInfo, error) { return t.root.Lstat(name) }
func (t rootTree) ReadLink(name string) (string, error)   { return t.root.Readlink(name) }

// openZip opens a zip. What a hostile one holds is for the registry to judge;
// what is no zip at all is an error.
func openZip(name string, local *registry.Local) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	local.Zip, local.Name = file, filepath.Base(name)
	info, err := file.Stat()
	if err != nil {
		return err
	}
	local.Size = info.Size()
	zip, err := installer.Open(file, local.Size, "")
	if fault := (*installer.Error)(nil); errors.As(err, &fault) && fault.Kind == installer.ErrNotZip {
		here := *fault
		here.Remedy = "name the plugin's folder, its zip or OWNER/REPO" // there is no link that answered
		return &here
	}
	local.Folder = strings.TrimSuffix(local.Name, filepath.Ext(local.Name))
	if err != nil || zip.Top() == "" {
		return nil
	}
	local.Folder = zip.Top()
	if cut := strings.LastIndexByte(local.Folder, '-'); cut > 0 && registry.IsArchive(zip) {
		local.Folder = local.Folder[:cut] // REPO-REF, or OWNER-REPO-COMMIT
	}
	return nil
}

// withinHere is a folder relative to the working directory, with slashes; "" if
// it lies elsewhere, or is the working directory itself.
func withinHere(dir string) string {
	whole, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	here, err := os.Getwd()
	if err != nil {
		return ""
	}
	rel, err := filepath.Rel(here, whole)
	if err != nil || !filepath.IsLocal(rel) || rel == "." {
		return ""
	}
	return filepath.ToSlash(rel)
}
