package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

func (a *app) serveCommand() *cobra.Command {
	var flags *configFlags
	var repos []string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve plugins to WordPress sites",
		Long: `Serves the plugins of a configuration file, of --repo, or of both.

Every flag but --config and --repo is also a key of the file (--github-api-url
is api_url under github:) and a variable (PLUGINYARD_GITHUB_API_URL). The flag
wins over the variable, that over the file, that over the default. Durations
are Go's, and days: 90s, 4h, 30d. ${NAME} in a value of the file is taken from
the environment. PLUGINYARD_CONFIG names the file where --config is absent.

SIGINT or SIGTERM stops it: downloads in flight finish first, for at most
--shutdown-timeout. A second signal stops it at once.`,
		Example: `  pluginyard serve --repo acme/hello-yard
  pluginyard serve --config pluginyard.yaml
  GITHUB_TOKEN=... pluginyard serve --config pluginyard.yaml --listen :8080 --log-level debug`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := flags.load(a, repos)
			if err != nil {
				return err
			}
			if len(cfg.Plugins)+len(cfg.Owners) == 0 {
				return usagef(cmd, "no plugin to serve; list some under plugins: or their owners under owners: in the file, or give --repo OWNER/REPO")
			}
			return a.serve(cmd.Context(), cfg)
		},
	}
	flags = addConfigFlags(cmd, true, func(string) bool { return true })
	cmd.Flags().StringArrayVarP(&repos, "repo", "r", nil, "repository to serve, OWNER/REPO; may be given again")
	return cmd
}

// serve serves the configured plugins until the context ends.
func (a *app) serve(ctx context.Context, cfg *config) error {
	out := newConsole(a.stderr)
	log := newLog(out, cfg.Log)
	listener, err := listen(ctx, cfg.Listen)
	if err != nil {
		return err
	}
	defer listener.Close()
	base := cfg.base(listener.Addr())
	if cfg.Eyes, err = openEyes(ctx, cfg, log); err != nil {
		return err
	}
	defer cfg.Eyes.close()
	yard, err := open(ctx, cfg, base, log, out.tell)
	if err != nil {
		return err
	}
	defer yard.close()
	scheme := "http"
	if len(cfg.TLS.Domains) > 0 {
		scheme = "https"
	}
	fmt.Fprintf(a.stdout, "listening on %s://%s, links begin with %s\n", scheme, listener.Addr(), base)
	if admin := cfg.Eyes.address(); admin != "" {
		fmt.Fprintf(a.stdout, "status and metrics at %s/status\n", admin)
	}
	return yard.run(ctx, yard.server(cfg, listener, log))
}
