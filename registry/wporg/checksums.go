package wporg

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/pluginyard/pluginyard/registry"
)

// checksumsAge is how long a cache may keep the checksums of a release, in
// seconds: they do not change. Those of a branch do, under the same version.
const checksumsAge = 3600

// checksums answers plugin-checksums/SLUG/VERSION.json in the shape of
// downloads.wordpress.org, for wp plugin verify-checksums.
func (a *API) checksums(ctx context.Context, r *Request, slug, name string) *Answer {
	out := output{format: formatJSON, maxAge: infoAge}
	version, ok := strings.CutSuffix(name, ".json")
	if !ok || !wpSlug.MatchString(slug) {
		return out.answer(reply{status: http.StatusNotFound, value: failure("Plugin not found.")})
	}
	sums, err := without(ctx, r.turn, func() (*registry.Checksums, error) { return a.catalogue.Checksums(ctx, slug, version) })
	switch {
	case withheld(err) || absent(err):
		return out.answer(reply{status: http.StatusNotFound, value: failure("There are no checksums of this version.")})
	case err != nil:
		return out.answer(unavailable(err))
	}
	files, err := json.Marshal(sums.Files) // sorted by name
	if err != nil {
		return out.answer(unavailable(err))
	}
	if !sums.Branch {
		out.maxAge = checksumsAge
	}
	return out.answer(reply{value: object{
		{"plugin", sums.Plugin}, {"version", sums.Version}, {"source", sums.Source}, {"zip", sums.Zip}, {"files", json.RawMessage(files)},
	}})
}

var _ Catalogue = (*registry.Service)(nil)
