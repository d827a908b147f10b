package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/pluginyard/pluginyard/github"
	"github.com/pluginyard/pluginyard/registry"
	"github.com/pluginyard/pluginyard/registry/store"
)

func (a *app) approveCommand() *cobra.Command {
	var flags *configFlags
	var rebuild string
	var yes bool
	cmd := &cobra.Command{
		Use:   "approve SLUG|@OWNER --config FILE",
		Short: "Agree to a change that a server holds back",
		Long: `Tells what a server holds back for one plugin or theme, and with --yes agrees to it,
while the server runs: a repository that was transferred to another owner, or that
is another one under the same name. Until then nothing is built from it, and the
last package from before is served. The server goes on within a minute, and with
exactly what was told: what has changed again by then is held again.

@OWNER agrees to the account that has an owner's name now, where the one that was
followed has given the name up. Until then nothing of that account's is taken up.

--rebuild TAG builds a release again from where its tag points now, and from the
files that are attached to it now. A version that was served is final otherwise:
sites that have it never get the change.

Exit codes: 0 nothing is held, or it was approved; 1 something is held, or could
not be looked at; 2 the command line or the configuration is wrong.`,
		Example: `  pluginyard approve hello-yard --config /etc/pluginyard.yaml
  pluginyard approve hello-yard --config /etc/pluginyard.yaml --yes
  pluginyard approve hello-yard --config /etc/pluginyard.yaml --rebuild v1.2.0 --yes
  pluginyard approve @acme --config /etc/pluginyard.yaml`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef(cmd, "give the slug of one plugin or theme, or @ and an owner")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := flags.load(a, nil)
			if err != nil {
				return err
			}
			if owner, ok := strings.CutPrefix(args[0], "@"); ok {
				if rebuild != "" {
					return usagef(cmd, "--rebuild is for one plugin or theme, not for an owner")
				}
				return a.approveOwner(cmd.Context(), cfg, owner, yes)
			}
			if !cfg.configures(args[0]) && len(cfg.Owners) == 0 {
				return usagef(cmd, "no plugin or theme %.80q in the configuration", args[0])
			}
			return a.approve(cmd.Context(), cfg, args[0], rebuild, yes)
		},
	}
	flags = addConfigFlags(cmd, true, signKeys)
	cmd.Flags().StringVar(&rebuild, "rebuild", "", "tag of a release to build again from where it points now")
	cmd.Flags().BoolVar(&yes, "yes", false, "agree to what is told; without it nothing is changed")
	return cmd
}

// configures reports whether a plugin or theme of that slug stands under
// plugins:.
func (c *config) configures(slug string) bool {
	return slices.ContainsFunc(c.Plugins, func(p registry.Plugin) bool {
		p, err := p.Normalize()
		return err == nil && string(p.Slug) == slug
	})
}

// approve agrees to what the server over the data directory or bucket holds.
func (a *app) approve(ctx context.Context, cfg *config, slug, rebuild string, yes bool) error {
	kept, err := store.OpenBeside(ctx, cfg.Data)
	if err != nil {
		return err
	}
	defer kept.Close()
	plugin, err := registry.FoundPlugin(ctx, kept, cfg.Plugins, cfg.Owners, slug)
	if err != nil {
		return err
	}
	forge, err := github.New(forgeConfig(cfg.GitHub, nil, newLog(a.stderr, cfg.Log)))
	if err != nil {
		return err
	}
	found, err := registry.Approve(ctx, registry.ApproveConfig{
		Plugin: plugin, Forge: forge, Store: kept, Rebuild: rebuild, Yes: yes, Now: time.Now,
	})
	if err != nil {
		return err
	}
	report := &approveReport{a.stdout, plugin.Slug, rebuild}
	if report.tell(found, yes) {
		return nil
	}
	return &exitError{code: exitFailure}
}

// approveOwner agrees to the account that has an owner's name.
func (a *app) approveOwner(ctx context.Context, cfg *config, owner string, yes bool) error {
	kept, err := store.OpenBeside(ctx, cfg.Data)
	if err != nil {
		return err
	}
	defer kept.Close()
	found, err := registry.ApproveOwner(ctx, kept, cfg.Owners, owner, yes, time.Now())
	if err != nil {
		return err
	}
	report := &approveReport{w: a.stdout, slug: registry.Slug("@" + strings.ToLower(owner))}
	if report.tell(found, yes) {
		return nil
	}
	return &exitError{code: exitFailure}
}

// approveReport tells what is held, and what became of it.
type approveReport struct {
	w       io.Writer
	slug    registry.Slug
	rebuild string
}

// tell reports whether nothing is left to be done.
func (r *approveReport) tell(found *registry.Approval, yes bool) bool {
	agreed := found.Agreed
	for i := range found.Held {
		if r.rebuild == "" || r.rebuild == found.Held[i].Now.Tag {
			r.held(&found.Held[i])
		}
	}
	switch {
	case agreed == nil && r.rebuild != "":
		fmt.Fprintf(r.w, "%s: release %s was built from what its tag and files are now; there is nothing to do\n", r.slug, r.rebuild)
		return true
	case agreed == nil && len(found.Held) == 0:
		fmt.Fprintf(r.w, "%s: nothing is held\n", r.slug)
		return true
	case agreed == nil:
		return false // releases alone, each with its remedy
	case r.rebuild != "":
		r.warn()
	}
	if !yes {
		fmt.Fprintf(r.w, "would approve: %s: %s; say so with --yes\n", r.slug, originWords(agreed.Now))
		return false
	}
	fmt.Fprintf(r.w, "approved: %s: %s; the server goes on with it within a minute\n", r.slug, originWords(agreed.Now))
	return true
}

func (r *approveReport) held(hold *registry.Hold) {
	fmt.Fprintf(r.w, "held: %s: %s\n", r.slug, hold.Message())
	fmt.Fprintf(r.w, "  was %s\n  now %s\n", originWords(hold.Was), originWords(hold.Now))
	fmt.Fprintf(r.w, "  since %s\n  remedy: %s\n", hold.Since.UTC().Format(time.RFC3339), hold.Remedy(r.slug))
}

func (r *approveReport) warn() {
	fmt.Fprintf(r.w, "warning: release %s of %s is built again, under the version that it has. Sites that have this version never get the change, and others get something else under the same number; a new release is better. The zip of before stays at its own address for %d days.\n",
		r.rebuild, r.slug, int(registry.KeepFor/(24*time.Hour)))
}

// originWords is an origin in words.
func originWords(o registry.Origin) string {
	if o.Repo.Name == "" {
		return fmt.Sprintf("account %s (owner %d)", o.Repo.Owner, o.OwnerID)
	}
	text := o.Repo.String()
	if o.ID != 0 {
		text += fmt.Sprintf(" (repository %d, owner %d)", o.ID, o.OwnerID)
	}
	if o.Tag != "" {
		text += fmt.Sprintf(", tag %s at commit %s", o.Tag, o.Commit)
	}
	if o.File != "" {
		text += ", with the zip " + o.File
	}
	return text
}
