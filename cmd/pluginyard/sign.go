package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/pluginyard/pluginyard/github"
	"github.com/pluginyard/pluginyard/registry"
	"github.com/pluginyard/pluginyard/registry/signing"
	"github.com/pluginyard/pluginyard/registry/store"
)

// signKeys are the settings that matter to signing beside a server.
func signKeys(key string) bool { return key == "data" || key != "signing.key" && buildKeys(key) }

func (a *app) signCommand() *cobra.Command {
	var flags *configFlags
	var key string
	var dry bool
	cmd := &cobra.Command{
		Use:   "sign --config FILE --key KEYFILE",
		Short: "Sign what a server holds, with a key that it has not",
		Long: `Signs the packages of a registry from outside, while its server runs: the server
has signing.public_keys and no private key, and serves a new package within a minute
after it was signed. Run it by cron, as root or on another machine, with a key file
that the server's user cannot read.

The server is not trusted. Each package that a key of the file has not signed is made
again from what GitHub has now, and signed only if it is the same to the byte. One
that differs is refused, with both digests.

Exit codes: 0 all is signed, 1 something was refused or could not be looked at,
2 the command line or the configuration is wrong.`,
		Example: `  pluginyard sign --config /etc/pluginyard.yaml --key /root/signing.pem
  pluginyard sign --config /etc/pluginyard.yaml --key /root/signing.pem --dry-run`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := flags.load(a, nil)
			if err != nil {
				return err
			}
			if key == "" {
				return usagef(cmd, "no key to sign with; give --key FILE")
			}
			if len(cfg.Plugins)+len(cfg.Owners) == 0 {
				return usagef(cmd, "no plugin in the configuration; give the server's with --config")
			}
			return a.sign(cmd.Context(), cfg, key, dry)
		},
	}
	flags = addConfigFlags(cmd, true, signKeys)
	cmd.Flags().StringVar(&key, "key", "", "file of the private keys to sign with")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "list what is not signed yet; ask GitHub nothing and sign nothing")
	return cmd
}

// sign signs what the data directory or the bucket holds.
func (a *app) sign(ctx context.Context, cfg *config, keyFile string, dry bool) error {
	file, err := readKeyFile(keyFile)
	if err != nil {
		return err
	}
	var keys []signing.Key
	for _, key := range file.Keys() {
		if key.CanSign() {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return fmt.Errorf("read %s: %w", keyFile, signing.ErrNoPrivateKey)
	}
	log := newLog(a.stderr, cfg.Log)
	if readableByOthers(keyFile) {
		log.Warn("signing key may be read by others, who can sign then; take their rights away: chmod 600", "file", keyFile)
	}
	kept, err := store.OpenBeside(ctx, cfg.Data)
	if err != nil {
		return err
	}
	defer kept.Close()
	// GitHub's answers are remembered in memory alone: those in the store are
	// the server's to forge.
	forge, err := github.New(forgeConfig(cfg.GitHub, nil, log))
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp("", "pluginyard-sign-")
	if err != nil {
		return fmt.Errorf("make a temporary folder: %w", err)
	}
	defer os.RemoveAll(temp)
	var plugins []registry.Plugin
	if dry {
		plugins, err = registry.PluginsKept(ctx, kept, cfg.Plugins, cfg.Owners)
	} else { // which ones there are the server is not asked either
		plugins, err = registry.PluginsFound(ctx, forge, cfg.Plugins, cfg.Owners)
	}
	if err != nil {
		return err
	}
	report := &signReport{w: a.stdout}
	err = registry.Sign(ctx, registry.SignConfig{
		Plugins: plugins, Forge: forge, Store: kept, Keys: keys, Temp: temp, DryRun: dry, Told: report.tell,
	})
	fmt.Fprintln(a.stdout, report.summary(dry))
	if err == nil && report.failed > 0 {
		err = &exitError{code: exitFailure}
	}
	return err
}

// signReport tells of each package in a line.
type signReport struct {
	w                             io.Writer
	signed, known, passed, failed int
}

func (r *signReport) tell(result registry.SigningResult) {
	line := string(result.Plugin)
	for _, word := range []string{result.Version, result.Source} {
		if word != "" {
			line += " " + word
		}
	}
	switch result.Outcome {
	case registry.SigningKnown:
		r.known++
		return
	case registry.SigningDone, registry.SigningWanted:
		r.signed++
		line = fmt.Sprintf("%s: sha256 %s", line, result.Digest)
	case registry.SigningPassed:
		r.passed++
		line += ": the branch has moved on; run this again when the server has built it"
	default:
		r.failed++
		line = fmt.Sprintf("%s: %v", line, told(result.Err))
	}
	fmt.Fprintf(r.w, "%s: %s\n", outcomeWord(result.Outcome), line)
}

// told is an error as its message, where it has one for everybody, and its
// cause.
func told(err error) error {
	var panicked *registry.Error
	if errors.Is(err, registry.ErrPanic) && errors.As(err, &panicked) {
		return errors.New(panicked.Message) // the cause is a stack
	}
	return err
}

// outcomeWord begins a line; failures in capitals, to be seen in a mail of cron.
func outcomeWord(outcome registry.SigningOutcome) string {
	switch outcome {
	case registry.SigningWanted:
		return "not signed"
	case registry.SigningPassed:
		return "passed over"
	case registry.SigningRefused:
		return "REFUSED"
	case registry.SigningFailed:
		return "FAILED"
	}
	return string(outcome)
}

func (r *signReport) summary(dry bool) string {
	verb := "signed now"
	if dry {
		verb = "not signed"
	}
	return fmt.Sprintf("%d %s, %d signed before, %d passed over, %d refused or failed", r.signed, verb, r.known, r.passed, r.failed)
}
