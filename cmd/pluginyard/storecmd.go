package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pluginyard/pluginyard/registry"
	"github.com/pluginyard/pluginyard/registry/store"
)

// storeKeys are the settings that matter to looking after a store.
func storeKeys(key string) bool { return key == "data" }

func (a *app) storeCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "store",
		Short: "Look after what a server has stored",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef(cmd, "no command given")
			}
			return usagef(cmd, "unknown command %q%s", args[0], didYouMean(cmd.SuggestionsFor(args[0])))
		},
		RunE: func(*cobra.Command, []string) error { return nil },
	}
	cmd.SuggestionsMinimumDistance = 2
	cmd.AddCommand(a.verifyCommand(), a.gcCommand())
	return cmd
}

func (a *app) verifyCommand() *cobra.Command {
	var flags *configFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "verify [--config FILE | --data LOCATION]",
		Short: "Read all that is stored and tell what is damaged or missing",
		Long: `Reads every record and every file of a data directory or a bucket, checks their
digests and that nothing is missing which a record refers to, and prints each fault
in a line with what becomes of it. Nothing is changed. A server may be running, and
a copy that was made for a backup may be looked at as well.

Exit codes: 0 all is whole, 1 something is not, or could not be read, 2 the command
line or the configuration is wrong.`,
		Example: `  pluginyard store verify --config /etc/pluginyard.yaml
  pluginyard store verify --data /var/backups/pluginyard --json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := flags.load(a, nil)
			if err != nil {
				return err
			}
			return a.verifyStore(cmd.Context(), cfg.Data, asJSON)
		},
	}
	flags = addConfigFlags(cmd, true, storeKeys)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the report as JSON")
	return cmd
}

// verifyStore reads all of a store.
func (a *app) verifyStore(ctx context.Context, data string, asJSON bool) error {
	kept, err := store.OpenReading(ctx, data)
	if err != nil {
		return err
	}
	defer kept.Close()
	out := newConsole(a.stderr)
	const what = "verifying"
	report, err := registry.Audit(ctx, registry.AuditConfig{Store: kept, Progress: func(done, total int64) {
		out.tell(progress{what: what, done: done, total: total, bytes: true})
	}})
	out.tell(progress{what: what, over: true})
	if err != nil {
		return fmt.Errorf("verify %s: %w", data, err)
	}
	if asJSON {
		e := json.NewEncoder(a.stdout)
		e.SetIndent("", "  ")
		if err := e.Encode(report); err != nil {
			return err
		}
	} else {
		printAudit(a.stdout, report)
	}
	if len(report.Faults) > 0 {
		return &exitError{code: exitFailure}
	}
	return nil
}

// printAudit prints a report, a fault in a line.
func printAudit(w io.Writer, r *registry.AuditReport) {
	for _, fault := range r.Faults {
		whose := ""
		if fault.Plugin != "" {
			whose = string(fault.Plugin) + ": "
		}
		fmt.Fprintf(w, "%s%s (%s): %s\n", whose, fault.Message, fault.Name, fault.Remedy)
	}
	fmt.Fprintf(w, "%d plugins, %d records, %d files of %s: %s\n", r.Plugins, r.Records, r.Blobs, size(r.Bytes), verdict(len(r.Faults)))
	if r.Unused > 0 {
		fmt.Fprintf(w, "%d files of %s are not used any more, or not yet; a server removes them within a day, or \"pluginyard store gc\"\n", r.Unused, size(r.UnusedBytes))
	}
	if r.Aside > 0 {
		fmt.Fprintf(w, "%d damaged files of %s were moved aside to quarantine\n", r.Aside, size(r.AsideBytes))
	}
}

func verdict(faults int) string {
	switch faults {
	case 0:
		return "all whole"
	case 1:
		return "1 fault"
	}
	return fmt.Sprintf("%d faults", faults)
}

// size is a number of bytes for people.
func size(n int64) string {
	const unit = 1000
	if n < unit {
		return fmt.Sprintf("%d B", n)
	}
	value, prefix := float64(n)/unit, 0
	for value >= unit {
		value /= unit
		prefix++
	}
	return fmt.Sprintf("%.1f %cB", value, "kMGTPE"[prefix])
}

func (a *app) gcCommand() *cobra.Command {
	var flags *configFlags
	var dry, stopped bool
	var forget []string
	cmd := &cobra.Command{
		Use:   "gc [--config FILE | --data LOCATION]",
		Short: "Delete what nothing stored refers to",
		Long: `Deletes the files that no record refers to: of packages that were replaced long
ago, of builds that a kill ended, and what is in quarantine. A server does it by
itself once a day, so it has to be stopped; --dry-run may look beside it.

Plugins that are not configured any more are kept, since they may come back: a
server forgets them after 30 days. --forget does it now.`,
		Example: `  pluginyard store gc --config /etc/pluginyard.yaml --dry-run
  pluginyard store gc --data /var/lib/pluginyard --forget old-plugin`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := flags.load(a, nil)
			if err != nil {
				return err
			}
			slugs := make([]registry.Slug, 0, len(forget))
			for _, text := range forget {
				slug, err := registry.ParseSlug(text)
				if err != nil {
					return usagef(cmd, "--forget: %v", err)
				}
				slugs = append(slugs, slug)
			}
			if !dry && !stopped && strings.Contains(cfg.Data, "://") {
				return usagef(cmd, "a bucket does not say whether a server uses it; stop the server and give --server-stopped, or look with --dry-run")
			}
			return a.collectStore(cmd.Context(), cfg.Data, slugs, dry)
		},
	}
	flags = addConfigFlags(cmd, true, storeKeys)
	cmd.Flags().BoolVar(&dry, "dry-run", false, "say how much there is to delete, and delete nothing")
	cmd.Flags().StringArrayVar(&forget, "forget", nil, "delete all of this plugin; may be given again")
	cmd.Flags().BoolVar(&stopped, "server-stopped", false, "no server uses the bucket")
	return cmd
}

// collectStore deletes what nothing refers to, or says how much that is.
func (a *app) collectStore(ctx context.Context, data string, forget []registry.Slug, dry bool) error {
	reading, err := store.OpenReading(ctx, data) // what was never used is not to be made
	if err != nil {
		return err
	}
	defer reading.Close()
	verb, collect := "deleted", func() (int, int64, error) {
		kept, err := store.Open(ctx, data)
		if errors.Is(err, registry.ErrConflict) {
			return 0, 0, fmt.Errorf("%w, or leave it to the server, which collects once a day; --dry-run looks beside it", err)
		}
		if err != nil {
			return 0, 0, err
		}
		defer kept.Close()
		return registry.Collect(ctx, kept, forget)
	}
	if dry {
		verb, collect = "to delete", func() (int, int64, error) { return registry.Collectable(ctx, reading, forget) }
	}
	count, bytes, err := collect()
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "%s: %d files of %s\n", verb, count, size(bytes))
	return nil
}
