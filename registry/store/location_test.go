package store

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"gocloud.dev/blob"

	"github.com/pluginyard/pluginyard/registry"
)

func TestOpenRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	write(t, file, "")
	noBucket := strings.Replace(fakeS3(t), "s3://yard", "s3://other", 1)
	for _, c := range []struct {
		name, location string
		kind           error
		text           string
	}{
		{"nothing", "", registry.ErrInvalid, "no directory is given"},
		{"a scheme that there is no driver for", "ftp://host/x", registry.ErrInvalid, "s3://, gs://, azblob://"},
		{"a file's URL", "file:///var/lib/pluginyard", registry.ErrInvalid, "the plain path of a directory"},
		{"a URL that can't be read", "s3://yard/%zz", registry.ErrInvalid, "can't be read"},
		{"a file", file, registry.ErrUnavailable, file},
		{"a folder in a file", file + "/folder", registry.ErrUnavailable, file},
		{"a bucket that isn't there", noBucket, registry.ErrUnavailable, "no such bucket"},
		{"a parameter that the driver does not know", "s3://yard?colour=red", registry.ErrUnavailable, "colour"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Open(t.Context(), c.location)
			if !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.text) {
				t.Errorf("Open(%q) = %v; want %v that says %q", c.location, err, c.kind, c.text)
			}
		})
	}
}

// TestOpenNamesTheTag holds for whichever drivers this test was built with.
func TestOpenNamesTheTag(t *testing.T) {
	for _, s := range schemes() {
		err := checkScheme(s.name)
		if blob.DefaultURLMux().ValidBucketScheme(s.name) {
			if err != nil {
				t.Errorf("checkScheme(%q) = %v, though there is a driver", s.name, err)
			}
			continue
		}
		if s.tag == "" || err == nil || !strings.Contains(err.Error(), "-tags "+s.tag) {
			t.Errorf("checkScheme(%q) = %v, want an error that names the tag %q", s.name, err, s.tag)
		}
	}
}
