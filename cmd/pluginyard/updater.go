package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pluginyard/pluginyard/registry"
	"github.com/pluginyard/pluginyard/registry/store"
	"github.com/pluginyard/pluginyard/templates"
)

func (a *app) updaterCommand() *cobra.Command {
	var flags *configFlags
	var kind string
	cmd := &cobra.Command{
		Use:   "updater SLUG --config FILE",
		Short: "Print the PHP class that updates a plugin or theme from here",
		Long: `Prints the class that a plugin or theme carries so that WordPress updates it from
this registry, which serves the same at /SLUG/updater.php. Put it beside the main
file, or a theme's functions.php, and start it there with one line:

  ( require __DIR__ . '/updater.php' )->start( __FILE__ );

With --type nobody is asked anything. Without it the configuration tells (file), or
the data directory, also while a server uses it, or else GitHub. Nothing is kept.`,
		Example: `  pluginyard updater hello-yard --config pluginyard.yaml > updater.php
  pluginyard updater garden-path --config pluginyard.yaml --type theme > updater.php`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef(cmd, "one slug wanted, not %d", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if kind != "" && kind != string(registry.TypePlugin) && kind != string(registry.TypeTheme) {
				return usagef(cmd, "--type %q: write plugin or theme", kind)
			}
			cfg, err := flags.load(a, nil)
			if err != nil {
				return err
			}
			if cfg.BaseURL == "" && len(cfg.TLS.Domains) == 0 {
				return usagef(cmd, "there is no base_url, so nobody knows where sites are to ask")
			}
			if err := addFound(cmd.Context(), cfg); err != nil {
				return err
			}
			if _, err := configured(cfg, args[0]); err != nil {
				return usagef(cmd, "%v", err)
			}
			return a.updater(cmd.Context(), cfg, args[0], registry.Type(kind))
		},
	}
	flags = addConfigFlags(cmd, true, func(key string) bool { return key == "data" || key == "listen" || buildKeys(key) })
	cmd.Flags().StringVar(&kind, "type", "", "plugin or theme (default: what its repository holds)")
	return cmd
}

// configured is the plugin of a slug.
func configured(cfg *config, slug string) (*registry.Plugin, error) {
	var known []string
	for _, p := range cfg.Plugins {
		plugin, err := p.Normalize()
		if err != nil {
			return nil, err
		}
		if string(plugin.Slug) == slug {
			return &plugin, nil
		}
		known = append(known, string(plugin.Slug))
	}
	if len(known) == 0 {
		return nil, fmt.Errorf("%q is not configured, nor is any other; list it under plugins: in the file", slug)
	}
	return nil, fmt.Errorf("%q is not configured; known are %s", slug, strings.Join(known, ", "))
}

// updater prints one copy of the class.
func (a *app) updater(ctx context.Context, cfg *config, slug string, kind registry.Type) error {
	base := cfg.base(nil)
	if kind == "" {
		var err error
		if kind, err = a.typeOf(ctx, cfg, base, slug); err != nil {
			return fmt.Errorf("%w; give --type plugin or --type theme to ask nobody", err)
		}
	}
	var text bytes.Buffer
	err := templates.Updater(&text, templates.UpdaterData{Registry: base, Slug: slug, Type: string(kind), Keys: cfg.publicKeys()})
	if err != nil {
		return err
	}
	_, err = a.stdout.Write(text.Bytes())
	return err
}

// typeOf says what a slug's package is: by the configuration, by the records of
// a server on this data directory, whether it runs or not, or else by building
// the package in a folder that is removed. The data directory stays as it is.
func (a *app) typeOf(ctx context.Context, cfg *config, base, slug string) (registry.Type, error) {
	plugin, err := configured(cfg, slug)
	if err != nil {
		return "", err
	}
	if kind := plugin.ConfiguredType(); kind != "" {
		return kind, nil
	}
	if kind, err := storedType(ctx, cfg.Data, plugin); err == nil && kind != "" {
		return kind, nil
	}
	// What cannot be read there is no fault of the repository's.
	temp, err := os.MkdirTemp("", "pluginyard-updater-")
	if err != nil {
		return "", fmt.Errorf("make a temporary folder: %w", err)
	}
	defer os.RemoveAll(temp)
	alone := *cfg
	plugin.Policy = registry.Policy{} // what is taken back tells as well
	alone.Plugins, alone.Owners = []registry.Plugin{*plugin}, nil
	alone.Data, alone.Static, alone.Signing = temp, true, signingConfig{}
	yard, err := openService(ctx, &alone, base, slog.New(slog.DiscardHandler), newConsole(a.stderr).tell)
	if err != nil {
		return "", err
	}
	defer yard.close()
	kind, err := yard.service.TypeOf(ctx, slug)
	if err != nil {
		return "", fmt.Errorf("find out what %s is: %w", slug, err)
	}
	return kind, nil
}

// storedType is what a server's record says.
func storedType(ctx context.Context, data string, plugin *registry.Plugin) (registry.Type, error) {
	kept, err := store.OpenReading(ctx, data)
	if err != nil {
		return "", err
	}
	defer kept.Close()
	return registry.StoredType(ctx, kept, plugin)
}

// publicKeys are those that packages are signed with, and that copies of the
// updater trust.
func (c *config) publicKeys() []string {
	return c.Signing.Keys.PublicKeys()
}
