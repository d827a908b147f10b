package registry

import (
	"archive/zip"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/pluginyard/pluginyard/registry/installer"
)

// Checksums are those of the files of one installer, by their names within the
// plugin's folder. Nobody changes them.
type Checksums struct {
	Plugin, Version string
	Branch          bool   // of a branch, whose files may be others tomorrow
	Source, Zip     string // addresses of where it comes from, and of the zip
	Files           map[string]FileChecksums
}

// FileChecksums are those of one file, in hex.
type FileChecksums struct {
	MD5    string `json:"md5"`
	SHA256 string `json:"sha256"`
}

// MaxSummedBytes bounds the checksums that stay in memory, which are 200 bytes
// a file.
const MaxSummedBytes = 16 << 20

// Checksums are those of the files of one version's installer, which is built
// first if it has never been. ErrNotFound if there is no such version.
func (s *Service) Checksums(ctx context.Context, slug, version string) (*Checksums, error) {
	pkg, err := s.PackageOf(ctx, slug, version)
	if err != nil {
		return nil, err
	}
	digest := string(pkg.Installer.Digest)
	files, ok := s.summed.get(digest)
	if !ok {
		v, err := s.once(ctx, "checksums/"+digest, func(ctx context.Context) (any, error) {
			// A plugin of a gigabyte takes a processor for seconds.
			if err := s.summing.Acquire(ctx, 1); err != nil {
				return nil, fmt.Errorf("wait to sum the files of %s: %w: %w", slug, ErrUnavailable, err)
			}
			defer s.summing.Release(1)
			files, err := s.sumFiles(ctx, pkg)
			if err != nil {
				return nil, fmt.Errorf("sum the files of %s %s: %w", slug, version, err)
			}
			s.summed.put(digest, files, int64(200*len(files)))
			return files, nil
		})
		if err != nil {
			return nil, err
		}
		files = v.(map[string]FileChecksums)
	}
	c := &Checksums{
		Plugin: string(pkg.Slug), Version: pkg.Version, Branch: pkg.Revision.Channel.Kind == KindBranch,
		Source: pkg.Links.page(pkg.Slug), Zip: s.PackageURL(pkg), Files: files,
	}
	if !pkg.Repository.Private && pkg.Repository.URL != "" {
		c.Source = pkg.Repository.URL
	}
	return c, nil
}

// sumFiles reads the stored installer once.
func (s *Service) sumFiles(ctx context.Context, pkg *Package) (map[string]FileChecksums, error) {
	blob, err := s.open(ctx, pkg.Installer.Blob)
	if err != nil {
		return nil, err
	}
	defer blob.Close()
	z, err := zip.NewReader(readerAt(blob), pkg.Installer.Size)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	files := make(map[string]FileChecksums, len(z.File))
	for _, f := range z.File {
		name, ok := strings.CutPrefix(f.Name, string(pkg.Slug)+"/")
		if !ok || name == "" || strings.HasSuffix(name, "/") {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		if files[name], err = sumFile(f); err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrCorrupt, f.Name, err)
		}
	}
	return files, nil
}

func sumFile(f *zip.File) (FileChecksums, error) {
	r, err := f.Open()
	if err != nil {
		return FileChecksums{}, err
	}
	defer r.Close()
	one, two := md5.New(), sha256.New()
	if _, err := io.Copy(io.MultiWriter(one, two), io.LimitReader(r, installer.MaxFileBytes)); err != nil {
		return FileChecksums{}, err
	}
	return FileChecksums{MD5: hex.EncodeToString(one.Sum(nil)), SHA256: hex.EncodeToString(two.Sum(nil))}, nil
}

// readerAt is the blob's own way to read at a place, or one that seeks.
func readerAt(blob BlobReader) io.ReaderAt {
	if r, ok := blob.(io.ReaderAt); ok {
		return r
	}
	return &seekingReader{blob: blob}
}

// seekingReader reads at a place by going there.
type seekingReader struct {
	mu   sync.Mutex // held from going to having read
	blob io.ReadSeeker
}

func (r *seekingReader) ReadAt(p []byte, offset int64) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, err := r.blob.Seek(offset, io.SeekStart); err != nil {
		return 0, err
	}
	n, err := io.ReadFull(r.blob, p)
	if err == io.ErrUnexpectedEOF {
		err = io.EOF
	}
	return n, err
}
