package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/pluginyard/pluginyard/registry/signing"
)

func (a *app) keysCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "keys",
		Short: "Make and change the keys that sign packages",
		Long: `Makes, shows and changes the files of the keys that packages are signed with, as
WordPress verifies them: Ed25519 over the SHA-384 of the zip.

A key file holds private keys in PEM (PKCS #8), as openssl genpkey -algorithm
ed25519 writes them. If there are several, each signs; the newest is the first.
Whoever can read it can sign.`,
		Example: `  pluginyard keys generate --out /etc/pluginyard/signing.pem
  pluginyard keys show /etc/pluginyard/signing.pem
  pluginyard keys rotate /etc/pluginyard/signing.pem`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef(cmd, "no command given; write generate, show, rotate or retire")
			}
			return usagef(cmd, "unknown command %q%s", args[0], didYouMean(cmd.SuggestionsFor(args[0])))
		},
		RunE: func(*cobra.Command, []string) error { return nil },
	}
	cmd.SuggestionsMinimumDistance = 2
	cmd.AddCommand(a.keysGenerateCommand(), a.keysShowCommand(), a.keysRotateCommand(), a.keysRetireCommand())
	return cmd
}

func (a *app) keysGenerateCommand() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "generate --out FILE",
		Short: "Make a new key in a file of its own",
		Long: `Makes a new key and writes it to a file that only its owner may read. A file that
is there is not touched. Keep a copy where the server is not: sites that trust the
key refuse what another one signed.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if out == "" {
				return usagef(cmd, "nowhere to write to; give --out FILE")
			}
			file, err := signing.Generate(time.Now())
			if err != nil {
				return err
			}
			if err := createKeyFile(out, file); err != nil {
				return err
			}
			_, err = fmt.Fprintf(a.stdout, "%s\n\nThe private key is in %s. Copy it to a safe place, write its path under\nsigning.key in the configuration, and restart the server.\n", file.Keys()[0], out)
			return err
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "file to write to; it must not be there yet")
	return cmd
}

// oneFile wants one argument, a key file.
func oneFile(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usagef(cmd, "one key file wanted, not %d", len(args))
	}
	return nil
}

func (a *app) keysShowCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show FILE",
		Short: "Show the public keys of a file",
		Long: `Prints the public keys of a file, one a line, the newest first, in the form that
WordPress's wp_trusted_keys and signing.public_keys want, and then both ready to be
pasted. Private keys are never shown.`,
		Args: oneFile,
		RunE: func(_ *cobra.Command, args []string) error {
			file, err := readKeyFile(args[0])
			if err != nil {
				return err
			}
			return showKeys(a.stdout, file.Keys())
		},
	}
}

// showKeys prints public keys in every form that somebody may need. In base64
// there is nothing that PHP or YAML would have to escape.
func showKeys(w io.Writer, keys []signing.Key) error {
	var lines, quoted []string
	for _, key := range keys {
		lines = append(lines, key.String())
		quoted = append(quoted, "'"+key.String()+"'")
	}
	_, err := fmt.Fprintf(w, `%s

For a server that has no private key:

signing:
  public_keys:
    - %s

For PHP of your own:

add_filter( 'wp_trusted_keys', function ( $keys ) {
	return array_merge( $keys, array( %s ) );
} );
`, strings.Join(lines, "\n"), strings.Join(lines, "\n    - "), strings.Join(quoted, ", "))
	return err
}

func (a *app) keysRotateCommand() *cobra.Command {
	var retire bool
	cmd := &cobra.Command{
		Use:   "rotate FILE",
		Short: "Put a new key into a file, beside the old ones",
		Long: `Puts a new key first into a file and keeps the others, which go on signing: sites
trust the old key until they have a version of the plugin that knows the new one.
The file is replaced whole.

--retire takes the oldest key out instead, as keys retire does.`,
		Args: oneFile,
		RunE: func(_ *cobra.Command, args []string) error {
			if retire {
				return a.retireKey(args[0])
			}
			return a.rotateKey(args[0])
		},
	}
	cmd.Flags().BoolVar(&retire, "retire", false, "take the oldest key out instead")
	return cmd
}

func (a *app) keysRetireCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "retire FILE",
		Short: "Take the oldest key out of a file",
		Long: `Takes the oldest key, the last one, out of a file in which a newer one can sign.
Do it when all sites have a version of each plugin that trusts the newer key: those
that don't will refuse every update from then on. The file is replaced whole.`,
		Args: oneFile,
		RunE: func(_ *cobra.Command, args []string) error { return a.retireKey(args[0]) },
	}
}

// rotateKey puts a new key into a file and says what comes next.
func (a *app) rotateKey(name string) error {
	var keys []signing.Key
	err := changeKeyFile(name, func(file *signing.File) (*signing.File, error) {
		rotated, err := file.Rotate(time.Now())
		if err == nil {
			keys = rotated.Keys()
		}
		return rotated, err
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.stdout, `new: %s
old: %s

1. Now: restart the server, so that it signs with both. Where "pluginyard sign"
   does, list the new key under signing.public_keys first, and run it as well.
2. After a day, when no cache has answers any more that the old key alone has
   signed: release every plugin with an updater that trusts both keys.
3. When all sites have those releases: pluginyard keys retire %s

If the old key was stolen, skip to 3 now. Sites that trust it alone then need a new
version by hand.
`, keys[0], keys[1], name)
	return err
}

// retireKey takes the oldest key out of a file and says what comes next.
func (a *app) retireKey(name string) error {
	var retired signing.Key
	err := changeKeyFile(name, func(file *signing.File) (left *signing.File, err error) {
		left, retired, err = file.Retire()
		return left, err
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.stdout, "retired: %s\n\nRestart the server, take the key out of signing.public_keys where it stands there,\nand release every plugin with an updater that trusts it no more.\n", retired)
	return err
}
