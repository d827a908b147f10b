package registry

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/andybalholm/brotli"
)

// documentType is what documents are served as.
const documentType = "application/json; charset=utf-8"

// The efforts of compression. A document is compressed once and read often,
// but a thousand of them are compressed after a change of base_url, and others
// are answered meanwhile: brotli's 9 clears 34 MB of memory for each, and takes
// some 20 times as long as its 5 for a fortieth fewer bytes.
const (
	gzipLevel   = gzip.BestCompression
	brotliLevel = 5
)

// A collection of thousands of plugins is encoded again after each release of
// any of them, and most of it is digests and the same words over and over: of
// 10,000 plugins (9 MB) brotli makes 1.6 MB in 0.1 s with effort 1 and, in
// 2 s, not less with effort 9; gzip saves a third of a percent with 9.
const (
	largeDocument    = 1 << 20 // bytes
	gzipLevelLarge   = 6
	brotliLevelLarge = 1
)

// brotliLevelQuick is for collections, which requests choose: of 15 kB of them
// it makes 2.8 in 0.4 ms and 0.5 MB of memory, effort 9 in 5 ms and 34 MB too.
const brotliLevelQuick = 2

// NewDocument encodes the forms of a document. Compressed forms that would not
// be smaller are left out.
func NewDocument(body []byte, modified time.Time) (*Document, error) {
	return newDocument(body, modified, brotliLevel)
}

// newDocument is NewDocument with an effort for brotli, unless it is large.
func newDocument(body []byte, modified time.Time, forBrotli int) (*Document, error) {
	var zipped, brotlied bytes.Buffer
	forGzip := gzipLevel
	if len(body) > largeDocument {
		forGzip, forBrotli = gzipLevelLarge, brotliLevelLarge
	}
	g, err := gzip.NewWriterLevel(&zipped, forGzip)
	if err != nil {
		return nil, err
	}
	for _, w := range []io.WriteCloser{g, brotli.NewWriterLevel(&brotlied, forBrotli)} {
		if _, err := w.Write(body); err != nil {
			return nil, err
		}
		if err := w.Close(); err != nil {
			return nil, err
		}
	}
	return &Document{
		Type: documentType, Identity: exact(body), Gzip: smaller(zipped.Bytes(), body), Brotli: smaller(brotlied.Bytes(), body),
		ETag: etag(body), Modified: modified,
	}, nil
}

func smaller(form, body []byte) []byte {
	if len(form) >= len(body) {
		return nil
	}
	return exact(form)
}

// The forms of what is stored. A program that is newer than the store encodes
// documents of another documentFormat again when they are first asked for, and
// builds packages of another buildFormat again at their next check. Raise them
// when the same package would get other documents, and the same revision
// another package.
const (
	documentFormat = 3
	buildFormat    = 4
)

// exact copies bytes out of a buffer that has grown: documents are held for
// long, and up to half of a buffer is empty.
func exact(b []byte) []byte { return append(make([]byte, 0, len(b)), b...) }

// encode gives a package its documents for the given links and versions, and
// stores them and the package itself. The package's name is the digest of what
// was stored, so encoding the same again is the same package.
func encode(ctx context.Context, store Store, pkg *Package, plugin *Plugin, rec *record, links Links) (Blob, *Document, error) {
	pkg.Format, pkg.Links, pkg.DisableAutoupdate = documentFormat, links, plugin.Policy.DisableAutoupdate
	update, information, err := pkg.documents(plugin.listed(rec))
	if err != nil {
		return Blob{}, nil, fmt.Errorf("encode documents of %s: %w", pkg.Slug, err)
	}
	if len(information) > MaxDocument {
		return Blob{}, nil, &Error{Kind: ErrTooLarge, Message: fmt.Sprintf("the document of plugin %s has %d bytes, more than %d; shorten its readme", pkg.Slug, len(information), MaxDocument)}
	}
	document, err := NewDocument(information, time.Time{}) // its time is the record's to say
	if err != nil {
		return Blob{}, nil, fmt.Errorf("compress documents of %s: %w", pkg.Slug, err)
	}
	pkg.Update = update
	for _, form := range pkg.Information.forms(document) {
		if *form.blob = (Blob{}); *form.bytes == nil {
			continue
		}
		if *form.blob, err = putBytes(ctx, store, *form.bytes); err != nil {
			return Blob{}, nil, err
		}
	}
	data, err := json.Marshal(pkg)
	if err != nil {
		return Blob{}, nil, fmt.Errorf("encode package of %s: %w", pkg.Slug, err)
	}
	blob, err := putBytes(ctx, store, data)
	return blob, document, err
}

// form is one encoding of a document, in memory and in the store.
type form struct {
	blob  *Blob
	bytes *[]byte
}

func (d *DocumentBlobs) forms(document *Document) []form {
	return []form{{&d.Identity, &document.Identity}, {&d.Gzip, &document.Gzip}, {&d.Brotli, &document.Brotli}}
}

// decodePackage reads a package back, without its documents.
func decodePackage(ctx context.Context, store Store, digest Digest) (*Package, error) {
	data, err := getBytes(ctx, store, Blob{Digest: digest})
	if err != nil {
		return nil, fmt.Errorf("load package: %w", err)
	}
	pkg := &Package{}
	if err := json.Unmarshal(data, pkg); err != nil {
		return nil, fmt.Errorf("read package %s: %w: %w", digest, ErrCorrupt, err)
	}
	return pkg, nil
}

// decode reads a package and its documents back.
func decode(ctx context.Context, store Store, digest Digest) (*Package, *Document, error) {
	pkg, err := decodePackage(ctx, store, digest)
	if err != nil {
		return nil, nil, err
	}
	pkg.Type = cmp.Or(pkg.Type, TypePlugin) // as in loadRecord
	document := &Document{Type: documentType}
	for _, form := range pkg.Information.forms(document) {
		if form.blob.Digest == "" {
			continue
		}
		if *form.bytes, err = getBytes(ctx, store, *form.blob); err != nil {
			return nil, nil, fmt.Errorf("load document of %s: %w", pkg.Slug, err)
		}
	}
	document.ETag = etagOf(pkg.Information.Identity.Digest)
	return pkg, document, nil
}

// MaxDocument bounds one plugin's document, in bytes: the largest real ones have
// some hundred thousand, but a hostile readme of 2 MB can be made to fill 128.
const MaxDocument = 8 << 20

// maxDocument bounds what is read into memory of one stored package or document.
const maxDocument = 64 << 20

func putBytes(ctx context.Context, store Store, data []byte) (Blob, error) {
	return store.Put(ctx, func(w io.Writer) error { _, err := w.Write(data); return err })
}

// getBytes reads a blob into memory. Its size, where it is known, saves what
// would be held in vain: documents stay there.
func getBytes(ctx context.Context, store Store, blob Blob) ([]byte, error) {
	r, err := store.Open(ctx, blob.Digest)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var b bytes.Buffer
	if blob.Size > 0 && blob.Size <= maxDocument {
		b.Grow(int(blob.Size) + bytes.MinRead) // room to see the end
	}
	if _, err := b.ReadFrom(io.LimitReader(r, maxDocument+1)); err != nil {
		return nil, fmt.Errorf("read blob %s: %w: %w", blob.Digest, ErrUnavailable, err)
	}
	if b.Len() > maxDocument {
		return nil, fmt.Errorf("read blob %s: %w", blob.Digest, ErrTooLarge)
	}
	return b.Bytes(), nil
}
