// Command pluginyard serves WordPress plugins from GitHub.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

// The exit codes.
const (
	exitOK      = 0 // done; for servers: asked to stop, and stopped
	exitFailure = 1 // something went wrong while working
	exitUsage   = 2 // the command line or the configuration is wrong; nothing was started
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal then ends the process at once
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ()))
}

// run carries out one command line and returns its exit code. It is the whole
// program but for the process around it. env holds NAME=VALUE, as os.Environ.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, env []string) int {
	root := (&app{stdin: stdin, stdout: stdout, stderr: stderr, env: lookup(env)}).command()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	var ended *exitError
	if errors.As(err, &ended) && ended.err == nil {
		return ended.code
	}
	for line := range strings.Lines(err.Error()) {
		fmt.Fprintf(stderr, "pluginyard: %s\n", strings.TrimRight(line, "\n"))
	}
	var usage *usageError
	var wrong faults
	if errors.As(err, &usage) || errors.As(err, &wrong) {
		return exitUsage
	}
	if ended != nil {
		return ended.code
	}
	return exitFailure
}

// lookup finds a variable in an environment. Of two the last one counts.
func lookup(env []string) func(string) (string, bool) {
	vars := make(map[string]string, len(env))
	for _, v := range env {
		name, value, _ := strings.Cut(v, "=")
		vars[name] = value
	}
	return func(name string) (string, bool) {
		value, ok := vars[name]
		return value, ok
	}
}

// app is what every subcommand has of the process around it.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	env            func(name string) (string, bool)
}

// usageError is a command line that can't be carried out.
type usageError struct{ message string }

func (e *usageError) Error() string { return e.message }

// exitError ends the program with a code of its own, and silently if it has no
// cause.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

func usagef(cmd *cobra.Command, format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...) + "; see " + cmd.CommandPath() + " --help"}
}

// command is the command line's root.
func (a *app) command() *cobra.Command {
	root := &cobra.Command{
		Use:   "pluginyard",
		Short: "Serve WordPress plugins from GitHub",
		Long: `Pluginyard is an update registry for WordPress plugins that live on GitHub: it
builds each release or branch into the zip and the documents that WordPress
reads, keeps them, and serves them.

Exit codes: 0 done, 1 failed, 2 the command line or the configuration is wrong.`,
		Example: `  pluginyard demo                                   # look around, needs nothing
  pluginyard serve --repo acme/hello-yard           # serve one public repository
  pluginyard serve --config /etc/pluginyard.yaml    # serve in earnest`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef(cmd, "no command given")
			}
			return usagef(cmd, "unknown command %q%s", args[0], didYouMean(cmd.SuggestionsFor(args[0])))
		},
		RunE:          func(cmd *cobra.Command, args []string) error { return nil },
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SuggestionsMinimumDistance = 2
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), ".FlagUsages ", ".FlagUsagesWrapped 100 "))
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return usagef(cmd, "%v", err) })
	root.AddCommand(a.serveCommand(), a.demoCommand(), a.buildCommand(), a.checkCommand(), a.readmeCommand(),
		a.updaterCommand(), a.keysCommand(), a.signCommand(), a.approveCommand(), a.storeCommand(), a.versionCommand())
	return root
}

func didYouMean(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return ", did you mean " + strings.Join(names, " or ") + "?"
}

// noArgs refuses arguments.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef(cmd, "%q is one argument too many", args[0])
	}
	return nil
}
