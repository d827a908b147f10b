package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pluginyard/pluginyard/readme"
	"github.com/pluginyard/pluginyard/registry"
)

// checkJob is one call of the check command.
type checkJob struct {
	source    string // a folder, a zip or a repository, as given
	tag       string // of a folder or zip
	slug      string
	ref       string // of a repository
	access    string // of a repository
	wordpress string
	format    string
	failOn    string
}

func (a *app) checkCommand() *cobra.Command {
	var flags *configFlags
	var job checkJob
	cmd := &cobra.Command{
		Use:   "check DIR|ZIP|OWNER/REPO",
		Short: "Tell a plugin's or theme's author what is wrong, before a release",
		Long: `Builds a plugin or theme as the registry would, keeps nothing, and tells what is
wrong with it: what WordPress.org's validator says of the readme; versions, tags and
headers that disagree; images that are missing or of another size; files in the
installer that should not be there. The page in the registry shows the same.

  DIR          a working tree, as GitHub would pack it once it is committed:
               without .git, what .gitignore names and what is export-ignore
  ZIP          an installer, or an archive from GitHub
  OWNER/REPO   a repository on GitHub: its latest release, or what --ref names

Exit codes: 0 nothing at or above --fail-on was found, 1 something was, 2 the command
line is wrong or there is nothing that can be read.`,
		Example: `  pluginyard check .
  pluginyard check --tag v1.2.0 --fail-on warning .
  pluginyard check --format sarif . > pluginyard.sarif
  pluginyard check hello-yard.1.2.0.zip
  pluginyard check acme/hello-yard --ref develop`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef(cmd, "one plugin or theme wanted, a folder, a zip or OWNER/REPO, not %d", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			job.source = args[0]
			if err := job.validate(); err != nil {
				return usagef(cmd, "%v", err)
			}
			cfg, err := flags.load(a, nil)
			if err != nil {
				return err
			}
			cfg.WordPress = job.wordpress
			log := slog.New(slog.DiscardHandler) // the report says it all
			if cmd.Flags().Changed("log-level") {
				log = newLog(a.stderr, cfg.Log)
			}
			return a.check(cmd, cfg, &job, log)
		},
	}
	flags = addConfigFlags(cmd, true, buildKeys)
	cmd.Flags().StringVar(&job.format, "format", "text", "form of the report: "+strings.Join(formatNames(), ", "))
	cmd.Flags().StringVar(&job.failOn, "fail-on", registry.SeverityError, "least severity that makes the exit code 1: error, warning, note or never")
	cmd.Flags().StringVar(&job.tag, "tag", "", "tag under which a folder or zip is released (default: that of a workflow run for a tag)")
	cmd.Flags().StringVar(&job.slug, "slug", "", "the plugin's directory in WordPress (default: the folder's or the repository's name)")
	cmd.Flags().StringVar(&job.ref, "ref", "", "tag or branch of a repository (default: the latest release, or the default branch if there is none)")
	cmd.Flags().StringVar(&job.access, "access", "", "public: check a private repository as well")
	cmd.Flags().StringVar(&job.wordpress, "wp-version", readme.StableWordPress, "WordPress's newest branch: versions after the next one do not exist")
	return cmd
}

// neverFail is the --fail-on that no finding reaches.
const neverFail = "never"

// validate checks what the flags say by themselves.
func (j *checkJob) validate() error {
	if formatOf(j.format) == nil {
		return fmt.Errorf("--format %q: write one of %s", j.format, strings.Join(formatNames(), ", "))
	}
	if levels := append(registry.Severities(), neverFail); !slices.Contains(levels, j.failOn) {
		return fmt.Errorf("--fail-on %q: write one of %s", j.failOn, strings.Join(levels, ", "))
	}
	stable, err := parseStable(j.wordpress)
	if err != nil || stable == "" {
		return fmt.Errorf("--wp-version %q: write a version such as %s", j.wordpress, readme.StableWordPress)
	}
	j.wordpress = stable
	return nil
}

// check checks, reports, and says by its error how the program ends.
func (a *app) check(cmd *cobra.Command, cfg *config, job *checkJob, log *slog.Logger) error {
	ctx := cmd.Context()
	var r *report
	repo, local, err := job.where()
	switch {
	case err != nil:
	case local && (job.ref != "" || job.access != ""):
		return usagef(cmd, "--ref and --access are for repositories; %s is on this machine", job.source)
	case !local && job.tag != "":
		return usagef(cmd, "--tag is for what is on this machine; name a repository's tag by --ref")
	case local:
		r, err = a.checkLocal(ctx, cfg, job)
	default:
		r, err = a.checkRepo(ctx, cmd, cfg, job, repo, log)
	}
	var usage *usageError
	if errors.As(err, &usage) {
		return err
	}
	if err != nil {
		return &exitError{exitUsage, fmt.Errorf("check %s: %w", job.source, err)}
	}
	if err := formatOf(job.format).write(a.stdout, r); err != nil {
		return &exitError{exitUsage, fmt.Errorf("write the report: %w", err)}
	}
	if r.reaches(job.failOn) {
		return &exitError{code: exitFailure}
	}
	return nil
}

// where says whether a plugin is on this machine. What is there wins over a
// repository of the same name; an address is always a repository's.
func (j *checkJob) where() (repo registry.Repo, local bool, err error) {
	if !strings.HasPrefix(j.source, "https://") {
		_, err := os.Stat(j.source)
		if err == nil {
			return registry.Repo{}, true, nil
		}
	}
	repo, err = registry.ParseRepo(j.source)
	if err != nil {
		return repo, false, errors.New("no such folder or zip, and not of the form OWNER/REPO")
	}
	return repo, false, nil
}

// checkRepo builds a repository's plugin as build does, in a folder that is
// removed.
func (a *app) checkRepo(ctx context.Context, cmd *cobra.Command, cfg *config, job *checkJob, repo registry.Repo, log *slog.Logger) (*report, error) {
	plugin, err := pluginToBuild(cfg, repo, job.ref, job.access)
	if err != nil {
		return nil, usagef(cmd, "%v", err)
	}
	if job.slug != "" {
		plugin.Slug = registry.Slug(job.slug)
		if *plugin, err = plugin.Normalize(); err != nil {
			return nil, usagef(cmd, "--slug: %v", err)
		}
	}
	cfg.Plugins, cfg.Owners = []registry.Plugin{*plugin}, nil
	temp, err := os.MkdirTemp("", "pluginyard-check-")
	if err != nil {
		return nil, fmt.Errorf("make a temporary folder: %w", err)
	}
	defer os.RemoveAll(temp)
	cfg.Data, cfg.Static, cfg.Signing = temp, true, signingConfig{}
	yard, err := openService(ctx, cfg, cfg.BaseURL, log, newConsole(a.stderr).tell)
	if err != nil {
		return nil, err
	}
	defer yard.close()
	pkg, err := yard.service.Package(ctx, string(plugin.Slug), registry.Query{UpdateID: job.ref})
	a.logPanic(cfg, err)
	return newReport(job.source, string(plugin.Slug), plugin.Path, pkg, err)
}

// logPanic logs a fault of the program's own, which the report refers to the
// log for.
func (a *app) logPanic(cfg *config, err error) {
	if errors.Is(err, registry.ErrPanic) {
		newLog(a.stderr, cfg.Log).Error("check failed, please report this", "err", err)
	}
}

// report is what a check has found.
type report struct {
	source   string // what was checked, as given
	slug     string
	kind     registry.Type // "" if nothing could be built
	name     string        // the same
	version  string
	main     string // the main file; "" if it is not known
	findings []registry.Finding
}

// newReport makes a report of what a build gave, with places below a folder.
func newReport(source, slug, folder string, pkg *registry.Package, err error) (*report, error) {
	r := &report{source: source, slug: slug}
	var refused *registry.Refusal
	switch {
	case errors.As(err, &refused):
		r.findings = slices.Clone(refused.Findings)
	case err != nil:
		return nil, err
	default:
		r.slug, r.kind, r.name, r.version = string(pkg.Slug), pkg.Type, pkg.Details.Name, pkg.Version
		r.main = path.Join(folder, pkg.MainFile())
		r.findings = slices.Clone(pkg.Findings)
	}
	for i := range r.findings {
		if place := &r.findings[i].Place; *place != "" {
			*place = path.Join(folder, *place)
		}
	}
	return r, nil
}

// count is how many findings have a severity.
func (r *report) count(severity string) int {
	n := 0
	for _, f := range r.findings {
		if f.Severity == severity {
			n++
		}
	}
	return n
}

// reaches reports whether a finding is at least as grave as --fail-on says.
func (r *report) reaches(failOn string) bool {
	for _, severity := range registry.Severities() {
		if failOn != neverFail && r.count(severity) > 0 {
			return true
		}
		if severity == failOn {
			break
		}
	}
	return false
}

// summary is the report in one line.
func (r *report) summary() string {
	about := strings.TrimSpace(cmp.Or(r.slug, r.source) + " " + r.version)
	if len(r.findings) == 0 {
		return "nothing to complain about in " + about
	}
	var parts []string
	for _, severity := range registry.Severities() {
		if n := r.count(severity); n == 1 {
			parts = append(parts, "1 "+severity)
		} else if n > 1 {
			parts = append(parts, fmt.Sprintf("%d %ss", n, severity))
		}
	}
	return strings.Join(parts, ", ") + " in " + about
}
