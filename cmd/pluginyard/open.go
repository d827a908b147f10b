package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/pluginyard/pluginyard/github"
	"github.com/pluginyard/pluginyard/registry"
	"github.com/pluginyard/pluginyard/registry/httpapi"
	"github.com/pluginyard/pluginyard/registry/store"
)

// yard is the whole registry, wired and ready to run.
type yard struct {
	service *registry.Service
	handler http.Handler
	close   func() error // ends what open began
}

// open wires the parts in the order in which data flows: what openService
// does, and its HTTP surface.
func open(ctx context.Context, cfg *config, base string, log *slog.Logger, tell func(progress)) (*yard, error) {
	address, err := url.Parse(base)
	if err != nil {
		return nil, fmt.Errorf("base_url: %w", err)
	}
	yard, err := openService(ctx, cfg, base, log, tell)
	if err != nil {
		return nil, err
	}
	yard.handler, err = httpapi.New(httpapi.Config{
		Registry:       yard.service,
		Catalogue:      yard.service,
		Base:           address,
		WebhookSecret:  cfg.GitHub.WebhookSecret.reveal(),
		PublicKeys:     cfg.publicKeys(),
		TrustedProxies: cfg.TrustedProxies,
		Log:            log,
		Version:        readBuildFacts().Version,
	})
	if err != nil {
		return nil, errors.Join(err, yard.close())
	}
	return yard, nil
}

// openService wires the store, the forge that remembers in it, and the
// service. There is no handler.
func openService(ctx context.Context, cfg *config, base string, log *slog.Logger, tell func(progress)) (*yard, error) {
	if file := cfg.Signing.KeyFile; readableByOthers(file) {
		log.Warn("signing key may be read by others, who can sign then; take their rights away: chmod 600", "file", file)
	}
	kept, err := store.Open(ctx, cfg.Data)
	if err != nil {
		return nil, err
	}
	forge, err := github.New(forgeConfig(cfg.GitHub, kept, log))
	if err != nil {
		return nil, errors.Join(err, kept.Close())
	}
	service, err := registry.New(registry.Config{
		Plugins:    cfg.Plugins,
		Forge:      &watchedForge{Forge: forge, tell: tell},
		Store:      kept,
		Links:      registry.Links{Base: base, CDN: cfg.CDNURL, Static: cfg.Static},
		Every:      cfg.Refresh.Every,
		ServeStale: cfg.Refresh.ServeStale,
		Signing:    cfg.Signing.Keys,
		WordPress:  cfg.WordPress,
		Temp:       buildFolder(cfg.Data),
		Progress:   firstBuilds(tell),
		Log:        log,
	})
	if err != nil {
		return nil, errors.Join(err, kept.Close())
	}
	return &yard{service: service, close: func() error {
		service.Close()
		return kept.Close()
	}}, nil
}

// buildFolder is an empty folder for archives while they are built, within the
// data directory, so that what a killed server left goes at the next start. The
// directory must be ours already. Where that cannot be, as in a bucket, it is
// "", the system's own.
func buildFolder(data string) string {
	if strings.Contains(data, "://") {
		return ""
	}
	folder := filepath.Join(data, "builds")
	if errors.Join(os.RemoveAll(folder), os.Mkdir(folder, 0o700)) != nil {
		return "" // a read-only directory can still be served
	}
	return folder
}

// forgeConfig says who we are at GitHub.
func forgeConfig(cfg githubConfig, cache github.Cache, log *slog.Logger) github.Config {
	c := github.Config{
		APIURL:    cfg.APIURL,
		Token:     github.Secret(cfg.Token.reveal()),
		Cache:     cache,
		UserAgent: "pluginyard/" + readBuildFacts().Version,
		Log:       log,
	}
	if cfg.App.ID != "" {
		c.App = &github.App{
			ID:           cfg.App.ID,
			Installation: cfg.App.Installation,
			PrivateKey:   github.Secret(cfg.App.PrivateKey.reveal()),
		}
	}
	return c
}

// run builds what is missing, refreshes and serves until the context ends.
func (y *yard) run(ctx context.Context, s *server) error {
	return together(ctx, y.service.Run, s.run)
}

// firstBuilds tells of plugins that were never built before.
func firstBuilds(tell func(progress)) registry.Progress {
	return func(done, total int, _ registry.Slug) {
		tell(progress{what: "building plugins", done: int64(done), total: int64(total), over: done == total})
	}
}
