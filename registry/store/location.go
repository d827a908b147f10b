package store

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"gocloud.dev/blob"
	_ "gocloud.dev/blob/memblob" // mem://

	"github.com/pluginyard/pluginyard/registry"
)

// schemes are the buckets there are drivers for, and the build tag that brings
// each in; "" is always in. Google's and Azure's drivers are heavy (together
// 35 MB of binary and half as much again of a cold compile), so whoever wants
// one asks for it.
func schemes() []struct{ name, tag string } {
	return []struct{ name, tag string }{{"mem", ""}, {"s3", ""}, {"gs", "gcs"}, {"azblob", "azure"}}
}

// openBackend tells a bucket's URL from the path of a directory.
func openBackend(ctx context.Context, location string, o options) (backend, error) {
	scheme, _, isURL := strings.Cut(location, "://")
	if !isURL {
		return openDirectory(location)
	}
	if err := checkScheme(strings.ToLower(scheme)); err != nil {
		return nil, err
	}
	u, err := url.Parse(location)
	if err != nil {
		return nil, invalidLocation("the bucket's URL can't be read: %w", err)
	}
	return openBucket(ctx, u, o)
}

func checkScheme(scheme string) error {
	var known []string
	for _, s := range schemes() {
		known = append(known, s.name+"://")
		if s.name != scheme {
			continue
		}
		if !blob.DefaultURLMux().ValidBucketScheme(scheme) {
			return invalidLocation("this program was built without %s:// buckets; build it with: go build -tags %s", scheme, s.tag)
		}
		return nil
	}
	return invalidLocation("%.20q:// is no kind of bucket; give one of %s, or the plain path of a directory",
		scheme, strings.Join(known, ", "))
}

// invalidLocation is a location that the operator has to change.
func invalidLocation(format string, args ...any) error {
	return &registry.Error{
		Kind:    registry.ErrInvalid,
		Message: "the location of the data is wrong",
		Err:     fmt.Errorf(format, args...),
	}
}
