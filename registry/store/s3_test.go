package store

import (
	"net/http/httptest"
	"testing"

	"github.com/pluginyard/pluginyard/registry/store/s3test"
)

// fakeS3 starts an emulated S3 service and returns the location of its bucket.
func fakeS3(t testing.TB) string {
	_, location := emulatedS3(t)
	return location
}

func emulatedS3(t testing.TB) (service *s3test.S3, location string) {
	t.Helper()
	t.Setenv("AWS_ACCESS_KEY_ID", "example")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "example")
	t.Setenv("AWS_CONFIG_FILE", "/dev/null")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
	service = s3test.New()
	server := httptest.NewServer(service)
	t.Cleanup(server.Close)
	return service, s3test.Location(server.URL)
}
