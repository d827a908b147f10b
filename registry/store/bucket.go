package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"github.com/pluginyard/pluginyard/registry"
)

// bucket is the backend over an object store.
type bucket struct {
	bucket *blob.Bucket
	name   string // scheme, bucket and path, for messages; no query, which may hold secrets
	temp   string // folder for drafts and cached blobs
	cache  *cache // blobs that were fetched and verified
	end    context.CancelFunc

	patience time.Duration // BucketTime; tests have less

	// naming is held for writing while a corrupt blob is moved aside, so that
	// a good one that replaced it isn't moved in its place.
	naming sync.RWMutex
}

func openBucket(ctx context.Context, u *url.URL, o options) (*bucket, error) {
	name := strings.TrimSuffix(u.Scheme+"://"+u.Host+u.Path, "/")
	bare := *u
	bare.Path, bare.RawPath = "", ""
	// The driver would write a line to stderr for every answer without a
	// checksum, as stores beside Amazon's give; the digest is checked here.
	const validation = "response_checksum_validation"
	if q := bare.Query(); u.Scheme == "s3" && !q.Has(validation) {
		q.Set(validation, "when_required")
		bare.RawQuery = q.Encode()
	}
	b, err := blob.DefaultURLMux().OpenBucketURL(ctx, &bare)
	if err != nil {
		return nil, unavailable("open bucket "+name, err)
	}
	if prefix := strings.Trim(u.Path, "/"); prefix != "" {
		b = blob.PrefixedBucket(b, prefix+"/")
	}
	there, err := b.IsAccessible(ctx)
	if err == nil && !there {
		err = errors.New("there is no such bucket")
	}
	if err != nil {
		return nil, errors.Join(bucketFault("open bucket "+name, err), b.Close())
	}
	return newBucket(b, name, o), nil
}

func newBucket(b *blob.Bucket, name string, o options) *bucket {
	alive, end := context.WithCancel(context.Background())
	return &bucket{
		bucket: b,
		name:   name,
		temp:   o.temp,
		cache:  newCache(alive, o.cacheBytes),
		end:    end,

		patience: BucketTime,
	}
}

func (b *bucket) close() error {
	b.end()
	return errors.Join(b.cache.close(), b.bucket.Close())
}

// path is the address of a key for messages.
func (b *bucket) path(key string) string { return b.name + "/" + key }

// scratch makes a file without a name: it is gone with the process, however
// that ends.
func (b *bucket) scratch() (*draft, error) {
	f, err := os.CreateTemp(b.temp, "pluginyard-*")
	if err != nil {
		return nil, unavailable("create temporary file in "+b.temp, err)
	}
	if err := os.Remove(f.Name()); err != nil {
		f.Close()
		return nil, unavailable("remove the name of temporary file "+f.Name(), err)
	}
	return &draft{file: f}, nil
}

func (b *bucket) discard(d *draft) {
	if d.file != nil {
		d.file.Close()
	}
}

func (b *bucket) commit(ctx context.Context, d *draft, key string) error {
	b.naming.RLock()
	defer b.naming.RUnlock()
	size, err := d.file.Seek(0, io.SeekEnd)
	if err != nil {
		return unavailable("read temporary file", err)
	}
	ctx, cancel := context.WithTimeout(ctx, b.patience+time.Duration(size/minBucketRate)*time.Second)
	defer cancel()
	if err := b.upload(ctx, io.NewSectionReader(d.file, 0, size), key); err != nil {
		return bucketFault("store "+b.path(key), err)
	}
	if digest, ok := blobOf(key); ok {
		b.cache.add(digest, d.file, size) // it was hashed on its way in
		d.file = nil
	}
	return nil
}

// upload stores an object; it comes into being at the writer's Close, unless
// the context was cancelled before.
func (b *bucket) upload(ctx context.Context, r io.Reader, key string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w, err := b.bucket.NewWriter(ctx, key, &blob.WriterOptions{ContentType: "application/octet-stream"})
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, r); err != nil {
		cancel()
		w.Close()
		return err
	}
	return w.Close()
}

func (b *bucket) has(ctx context.Context, blob registry.Blob) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, b.patience)
	defer cancel()
	key := blobKey(blob.Digest)
	a, err := b.bucket.Attributes(ctx, key)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return false, nil
	}
	if err != nil {
		return false, bucketFault("stat "+b.path(key), err)
	}
	return a.Size == blob.Size, nil
}

func (b *bucket) open(ctx context.Context, digest registry.Digest) (registry.BlobReader, error) {
	return b.cache.open(ctx, digest, b.fetch)
}

// fetch copies a blob into a temporary file and verifies it.
func (b *bucket) fetch(ctx context.Context, digest registry.Digest) (*os.File, int64, error) {
	key := blobKey(digest)
	r, err := b.bucket.NewReader(ctx, key, nil)
	if err != nil {
		return nil, 0, bucketFault("open "+b.path(key), err)
	}
	defer r.Close()
	d, err := b.scratch()
	if err != nil {
		return nil, 0, err
	}
	h := sha256.New()
	size, err := io.Copy(io.MultiWriter(d.file, h), io.LimitReader(r, MaxBlobBytes+1))
	if err == nil && size != r.Size() {
		err = fmt.Errorf("%d bytes of %d came: %w", size, r.Size(), io.ErrUnexpectedEOF)
	}
	if err != nil { // a fault on the way says nothing about what is stored
		b.discard(d)
		return nil, 0, bucketFault("fetch "+b.path(key), err)
	}
	if got := digestOf(h); got != digest {
		b.discard(d)
		return nil, 0, b.quarantine(ctx, digest, r, got)
	}
	return d.file, size, nil
}

// quarantine moves a corrupt blob aside, unless it was replaced since.
func (b *bucket) quarantine(ctx context.Context, digest registry.Digest, r *blob.Reader, got registry.Digest) error {
	b.naming.Lock()
	defer b.naming.Unlock()
	key, aside := blobKey(digest), quarantineFolder+string(digest)
	cause := fmt.Errorf("%s has the digest %s", b.path(key), got)
	a, err := b.bucket.Attributes(ctx, key)
	if err == nil && (a.Size != r.Size() || !a.ModTime.Equal(r.ModTime())) {
		return corrupt(fmt.Errorf("%w; it was replaced since", cause))
	}
	if err == nil {
		err = b.bucket.Copy(ctx, aside, key, nil)
	}
	if err == nil {
		err = b.bucket.Delete(ctx, key)
	}
	if err != nil {
		return corrupt(fmt.Errorf("%w; move it aside: %w", cause, err))
	}
	return corrupt(fmt.Errorf("%w; it was moved to %s", cause, b.path(aside)))
}

func (b *bucket) read(ctx context.Context, key string, limit int64) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, b.patience)
	defer cancel()
	r, err := b.bucket.NewReader(ctx, key, nil)
	if err != nil {
		return nil, bucketFault("open "+b.path(key), err)
	}
	defer r.Close()
	if r.Size() > limit {
		return nil, tooLarge(b.path(key), r.Size(), limit)
	}
	data := make([]byte, r.Size())
	if _, err := io.ReadFull(r, data); err != nil {
		return nil, bucketFault("read "+b.path(key), err)
	}
	return data, nil
}

func (b *bucket) copy(ctx context.Context, key string, w io.Writer) (int64, error) {
	r, err := b.bucket.NewReader(ctx, key, nil)
	if err != nil {
		return 0, bucketFault("open "+b.path(key), err)
	}
	defer r.Close()
	n, err := io.Copy(w, r)
	if err == nil && n != r.Size() {
		err = fmt.Errorf("%d of %d bytes came", n, r.Size())
	}
	if err != nil {
		return n, bucketFault("read "+b.path(key), err)
	}
	return n, nil
}

func (b *bucket) remove(ctx context.Context, key string) error {
	ctx, cancel := context.WithTimeout(ctx, b.patience)
	defer cancel()
	err := b.bucket.Delete(ctx, key)
	if err != nil && gcerrors.Code(err) != gcerrors.NotFound {
		return bucketFault("remove "+b.path(key), err)
	}
	if digest, ok := blobOf(key); ok {
		b.cache.drop(digest)
	}
	return nil
}

func (b *bucket) list(ctx context.Context, prefix string, found func(object) error) error {
	it := b.bucket.List(&blob.ListOptions{Prefix: prefix})
	for {
		o, err := b.next(ctx, it)
		if err == io.EOF { // itself: one within another error is a connection that broke off
			return nil
		}
		if err != nil {
			return bucketFault("list "+b.path(prefix), err)
		}
		stat := func() (int64, time.Time, error) { return o.Size, o.ModTime, nil }
		if err := found(object{key: o.Key, stat: stat}); err != nil {
			return err
		}
	}
}

func (b *bucket) next(ctx context.Context, it *blob.ListIterator) (*blob.ListObject, error) {
	ctx, cancel := context.WithTimeout(ctx, b.patience)
	defer cancel()
	return it.Next(ctx)
}

// bucketFault gives an error of a bucket its kind.
func bucketFault(doing string, err error) error {
	switch gcerrors.Code(err) {
	case gcerrors.NotFound:
		return missing(doing, err)
	case gcerrors.PermissionDenied:
		return unavailable(doing, fmt.Errorf("%w; check the credentials and the bucket's policy", err))
	default:
		return unavailable(doing, err)
	}
}
