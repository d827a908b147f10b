package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
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
	eyes    *eyes        // nil if nobody watches
	base    string       // what links begin with
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
		WebhookSecrets: revealed(cfg.GitHub.WebhookSecrets),
		PublicKeys:     cfg.publicKeys(),
		TrustedProxies: cfg.TrustedProxies,
		Observe:        cfg.Eyes.exchange(),
		Work:           cfg.Limits.Rate,
		Questions:      cfg.Limits.APIRate,
		MinRate:        cfg.Limits.MinRate,
		Requests:       loggedRequests(cfg.Log.Requests),
		FullAddresses:  cfg.Log.Addresses == "full",
		Log:            log,
		Version:        readBuildFacts().Version,
	})
	if err != nil {
		return nil, errors.Join(err, yard.close())
	}
	yard.handler = cfg.Eyes.traced(yard.handler)
	return yard, nil
}

// openService wires the store, the forge that remembers in it, and the
// service. There is no handler.
func openService(ctx context.Context, cfg *config, base string, log *slog.Logger, tell func(progress)) (*yard, error) {
	if file := cfg.Signing.KeyFile; readableByOthers(file) {
		log.Warn("signing key may be read by others, who can sign then; take their rights away: chmod 600", "file", file)
	}
	observe := cfg.Eyes.observer()
	kept, err := store.Open(ctx, cfg.Data, store.WithObserver(observe))
	if err != nil {
		return nil, err
	}
	client := forgeConfig(cfg.GitHub, kept, log)
	client.Observe = observe
	forge, err := github.New(client)
	if err != nil {
		return nil, errors.Join(err, kept.Close())
	}
	service, err := registry.New(registry.Config{
		Plugins:    cfg.Plugins,
		Owners:     cfg.Owners,
		Forge:      &watchedForge{Forge: forge, tell: tell},
		Store:      kept,
		Links:      registry.Links{Base: base, CDN: cfg.CDNURL, Static: cfg.Static},
		Every:      cfg.Refresh.Every,
		ServeStale: cfg.Refresh.ServeStale,
		Builds:     cfg.Limits.Builds,
		Queue:      cfg.Limits.Queue,
		Signing:    cfg.Signing.Keys,
		WordPress:  cfg.WordPress,
		Temp:       buildFolder(cfg.Data),
		Progress:   firstBuilds(tell),
		Observe:    observe,
		Log:        log,
	})
	if err != nil {
		return nil, errors.Join(err, kept.Close())
	}
	if err := service.LoadOwners(ctx); err != nil {
		log.Error("what was found before is not served until it can be read", "err", err)
	}
	cfg.Eyes.watch(service, forge, kept)
	return &yard{service: service, eyes: cfg.Eyes, base: base, close: func() error {
		service.Close()
		return kept.Close()
	}}, nil
}

func revealed(secrets []secret) []string {
	var list []string
	for _, s := range secrets {
		list = append(list, s.reveal())
	}
	return list
}

// loggedRequests is log.requests as httpapi says it.
func loggedRequests(word string) httpapi.Requests {
	switch word {
	case "off":
		return httpapi.LogNone
	case "all":
		return httpapi.LogAll
	}
	return httpapi.LogErrors
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
		Reserve:   cfg.Reserve,
		Cache:     cache,
		UserAgent: "pluginyard/" + readBuildFacts().Version,
		Log:       log,
	}
	c.App = cfg.App.forge()
	for _, o := range cfg.Credentials {
		c.Owners = append(c.Owners, github.OwnerCredential{
			Owner: o.Owner, Token: github.Secret(o.Token.reveal()), App: o.App.forge(),
		})
	}
	return c
}

// forge is the App as the client has it, nil if there is none.
func (a appConfig) forge() *github.App {
	if a.ID == "" {
		return nil
	}
	return &github.App{ID: a.ID, Installation: a.Installation, PrivateKey: github.Secret(a.PrivateKey.reveal())}
}

// server serves the registry to the public.
func (y *yard) server(cfg *config, l net.Listener, log *slog.Logger) *server {
	return &server{
		listener: l,
		handler:  y.handler,
		certs:    certificates(cfg.TLS),
		limits:   cfg.Limits,
		proxies:  cfg.TrustedProxies,
		tally:    y.eyes.tally(),
		grace:    cfg.ShutdownTimeout,
		log:      log,
	}
}

// run builds what is missing, refreshes and serves until the context ends.
func (y *yard) run(ctx context.Context, s *server) error {
	return y.eyes.together(ctx, y.base, y.service.Run, s.run)
}

// firstBuilds tells of plugins that were never built before.
func firstBuilds(tell func(progress)) registry.Progress {
	return func(done, total int, _ registry.Slug) {
		tell(progress{what: "building plugins", done: int64(done), total: int64(total), over: done == total})
	}
}
