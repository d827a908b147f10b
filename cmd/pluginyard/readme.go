package main

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/pluginyard/pluginyard"
)

func (a *app) readmeCommand() *cobra.Command {
	var template bool
	cmd := &cobra.Command{
		Use:   "readme --template",
		Short: "Help to write a plugin's readme.txt",
		Long: `Prints a starting readme.txt for a plugin's author, with every header and
section explained.`,
		Example: `  pluginyard readme --template > readme.txt`,
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !template {
				return usagef(cmd, "nothing to do; give --template")
			}
			_, err := io.WriteString(a.stdout, pluginyard.ReadmeTemplate)
			return err
		},
	}
	cmd.Flags().BoolVar(&template, "template", false, "print a starting readme.txt")
	return cmd
}
