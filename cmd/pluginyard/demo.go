package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"syscall"
	"text/template"
	"time"

	"github.com/spf13/cobra"

	"github.com/pluginyard/pluginyard/github/githubtest"
	"github.com/pluginyard/pluginyard/registry"
	"github.com/pluginyard/pluginyard/registry/signing"
)

func (a *app) demoCommand() *cobra.Command {
	var flags *configFlags
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show it all at work, without GitHub",
		Long: `Starts an emulated GitHub with three small plugins and a theme, and a registry that
serves them; prints the links to open, and how to publish a new release. Nothing
is kept when it ends.`,
		Example: `  pluginyard demo
  pluginyard demo --listen 127.0.0.1:9000`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := flags.load(a, nil)
			if err != nil {
				return err
			}
			return a.demo(cmd.Context(), cfg, cmd.Flags().Changed("listen"))
		},
	}
	flags = addConfigFlags(cmd, false, func(key string) bool {
		return key == "listen" || key == "admin_listen" || key == "log.level" || key == "log.format" || key == "shutdown_timeout"
	})
	return cmd
}

// demo serves the samples until the context ends. Unless the address
// was asked for, a free port does as well.
func (a *app) demo(ctx context.Context, cfg *config, asked bool) error {
	out := newConsole(a.stderr)
	log := newLog(out, cfg.Log)
	listener, err := listen(ctx, cfg.Listen)
	if errors.Is(err, syscall.EADDRINUSE) && !asked {
		host, _, _ := net.SplitHostPort(cfg.Listen)
		listener, err = listen(ctx, net.JoinHostPort(host, "0"))
	}
	if err != nil {
		return err
	}
	defer listener.Close()
	forge, err := listen(ctx, "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer forge.Close()

	data, err := os.MkdirTemp("", "pluginyard-demo-")
	if err != nil {
		return fmt.Errorf("make a temporary folder: %w", err)
	}
	defer os.RemoveAll(data)
	base := cfg.base(listener.Addr())
	demoConfig(cfg, base, "http://"+forge.Addr().String(), data)
	if cfg.Signing.Keys, err = demoKeys(time.Now()); err != nil {
		return err
	}
	hub, err := demoGitHub(base, time.Now(), cfg.publicKeys()...)
	if err != nil {
		return err
	}
	hub.RequireToken(cfg.GitHub.Token.reveal())
	hub.OnChange(webhook(base+"/webhooks/github", cfg.GitHub.WebhookSecret, log))

	if cfg.Eyes, err = openEyes(ctx, cfg, log); err != nil {
		return err
	}
	defer cfg.Eyes.close()
	yard, err := open(ctx, cfg, base, log, out.tell)
	if err != nil {
		return err
	}
	defer yard.close()
	quiet := slog.New(slog.DiscardHandler)
	return together(ctx,
		(&server{listener: forge, handler: withControl(hub), grace: cfg.ShutdownTimeout, log: quiet}).run,
		func(ctx context.Context) error {
			// Whoever opens the catalogue first wants to see plugins.
			if err := yard.service.Warm(ctx); err != nil {
				return err
			}
			if err := greet(a.stdout, cfg.GitHub.APIURL, base, cfg.Eyes.address()); err != nil {
				return err
			}
			return yard.run(ctx, yard.server(cfg, listener, log))
		})
}

// withControl serves a GitHub, and at /_publish what GitHub has not: a release
// by one request. A mux would clean paths, which GitHub doesn't.
func withControl(hub *githubtest.GitHub) http.Handler {
	control := hub.Control()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/_publish" {
			control.ServeHTTP(w, r)
			return
		}
		hub.ServeHTTP(w, r)
	})
}

// demoConfig completes the configuration for the samples. The secrets
// are made up anew each time: the ports are open to every user of the machine.
func demoConfig(cfg *config, base, api, data string) {
	cfg.BaseURL, cfg.CDNURL, cfg.Data, cfg.TLS, cfg.TrustedProxies, cfg.Tracing = base, "", data, tlsConfig{}, nil, tracingConfig{}
	cfg.GitHub = githubConfig{APIURL: api, Token: secret(rand.Text()), WebhookSecret: secret(rand.Text())}
	acme := func(name string) registry.Repo { return registry.Repo{Owner: "acme", Name: name} }
	cfg.Plugins = []registry.Plugin{
		{Repo: acme("hello-yard"), Ref: "develop"},
		{Repo: acme("fence-post")},
		{Repo: acme("gate-keeper")}, // private, and nothing says that it may be served
		{Repo: acme("garden-path")}, // a theme
	}
}

// demoKeys are a pair of keys for this run.
func demoKeys(now time.Time) (*signing.Keyring, error) {
	file, err := signing.Generate(now)
	if err != nil {
		return nil, err
	}
	return signing.NewKeyring(file)
}

var greeting = template.Must(template.New("greeting").Parse(`Pluginyard's demo. GitHub is played by {{.API}}

  catalogue        {{.Base}}/
  a plugin's page  {{.Base}}/hello-yard/
  its information  {{.Base}}/hello-yard.json
  its zip          {{.Base}}/hello-yard.zip
  its development  {{.Base}}/branch/hello-yard.json
  its updater      {{.Base}}/hello-yard/updater.php
  all updates      {{.Base}}/plugin_info.json
  a theme's page   {{.Base}}/garden-path/
  its information  {{.Base}}/garden-path.json
  its zip          {{.Base}}/garden-path.zip
  all themes       {{.Base}}/theme_info.json
  private, so 403  {{.Base}}/gate-keeper.json
{{- if .Admin}}
  for operators    {{.Admin}}/status
{{- end}}

Publish a new release, then look again:
  curl -X POST '{{.API}}/_publish?repo=acme/hello-yard&version=1.3.0'

listening on {{.Base}}; Ctrl-C ends it
`))

// greet says where to look. admin is where the operator looks; "" is nowhere.
func greet(w io.Writer, api, base, admin string) error {
	var b bytes.Buffer
	if err := greeting.Execute(&b, map[string]string{"API": api, "Base": base, "Admin": admin}); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}
