package main

import (
	"context"
	"io"

	"github.com/pluginyard/pluginyard/registry"
)

// watchedForge tells how far downloads have come.
type watchedForge struct {
	registry.Forge
	tell func(progress)
}

// Forget has a forge that can drop what it holds to read an owner's
// repositories with.
func (f *watchedForge) Forget(owner string) {
	if forgetful, ok := f.Forge.(interface{ Forget(owner string) }); ok {
		forgetful.Forget(owner)
	}
}

// Archive is the forge's own. Nobody knows an archive's size before it is there.
func (f *watchedForge) Archive(ctx context.Context, repo registry.Repo, ref string, w io.Writer) error {
	d := &download{w: w, tell: f.tell, p: progress{what: "downloading " + repo.String(), bytes: true}}
	defer d.end()
	return f.Forge.Archive(ctx, repo, ref, d)
}

// ReleaseFile is the forge's own.
func (f *watchedForge) ReleaseFile(ctx context.Context, repo registry.Repo, file registry.ReleaseFile, w io.Writer) error {
	d := &download{w: w, tell: f.tell, p: progress{what: "downloading " + file.Name, total: file.Size, bytes: true}}
	defer d.end()
	return f.Forge.ReleaseFile(ctx, repo, file, d)
}

// download counts what is written.
type download struct {
	w    io.Writer
	tell func(progress)
	p    progress
}

func (d *download) Write(data []byte) (int, error) {
	n, err := d.w.Write(data)
	d.p.done += int64(n)
	d.tell(d.p)
	return n, err
}

func (d *download) end() {
	d.p.over = true
	d.tell(d.p)
}
