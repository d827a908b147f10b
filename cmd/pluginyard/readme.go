package main

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/pluginyard/pluginyard"
	"github.com/pluginyard/pluginyard/readme"
)

func (a *app) readmeCommand() *cobra.Command {
	var template, page, images bool
	var profile, stable string
	job := readmeJob{form: documentJSON, extension: ".json"}
	cmd := &cobra.Command{
		Use:   "readme FILE... | --template",
		Short: "Show what WordPress.org makes of a readme.txt",
		Long: `Reads readmes, - for standard input, and prints as JSON what WordPress.org's
parser makes of each: names, headers, sections as HTML, warnings, and what its
validator says. Several readmes become an array, in their order; --out DIR writes
a file for each instead.

With --html it writes a page instead, as WordPress's details popup shows a
plugin, in the profile serve unless told otherwise. The page asks the network
for nothing: images are links, unless --images lets the browser fetch them.

With --template it prints a starting readme.txt for a plugin's author, with every
header and section explained.`,
		Example: `  pluginyard readme readme.txt
  pluginyard readme --profile serve readme.txt      # as this registry shows it
  pluginyard readme --out json plugins/*.txt
  pluginyard readme --html readme.txt > popup.html
  pluginyard readme --template > readme.txt`,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case template && len(args) > 0:
				return usagef(cmd, "--template reads no files")
			case template:
				_, err := io.WriteString(a.stdout, pluginyard.ReadmeTemplate)
				return err
			case len(args) == 0:
				return usagef(cmd, "no readme given; give files, - for standard input, or --template")
			}
			switch {
			case images && !page:
				return usagef(cmd, "--images is for --html")
			case page && len(args) > 1 && job.dir == "":
				return usagef(cmd, "several pages need --out DIR")
			case page:
				job.form, job.extension = popupPage(images), ".html"
				if !cmd.Flags().Changed("profile") {
					profile = "serve"
				}
			}
			var err error
			if job.options.Profile, err = parseProfile(profile); err != nil {
				return usagef(cmd, "%v", err)
			}
			if job.options.Stable, err = parseStable(stable); err != nil {
				return usagef(cmd, "%v", err)
			}
			if err := job.plan(args); err != nil {
				return usagef(cmd, "%v", err)
			}
			return job.run(cmd.Context(), a.stdin, a.stdout)
		},
	}
	cmd.Flags().BoolVar(&template, "template", false, "print a starting readme.txt")
	cmd.Flags().BoolVar(&page, "html", false, "write the details popup as a page of its own")
	cmd.Flags().BoolVar(&images, "images", false, "with --html, let the browser fetch the readme's images")
	cmd.Flags().StringVar(&profile, "profile", "wporg", "wporg: exactly as WordPress.org; serve: as this registry shows it")
	cmd.Flags().StringVar(&stable, "wp-version", readme.StableWordPress, "WordPress's stable branch: versions after the next one are ignored; none believes all")
	cmd.Flags().StringVar(&job.dir, "out", "", "folder to write NAME.json, or NAME.html, to for each NAME.txt or NAME.md; it is made if need be")
	return cmd
}
