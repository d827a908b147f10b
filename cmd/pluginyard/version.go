package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// buildFacts say which program this is. Go writes them into every binary.
type buildFacts struct {
	Version  string `json:"version"`            // "v1.2.0", or "devel"
	Revision string `json:"revision,omitempty"` // commit it was built from
	Modified bool   `json:"modified,omitempty"` // whether the tree differed from the commit
	Time     string `json:"time,omitempty"`     // of the commit, RFC 3339
	Go       string `json:"go"`
	Platform string `json:"platform"` // "linux/amd64"
}

func readBuildFacts() buildFacts {
	f := buildFacts{Version: "devel", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return f
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		f.Version = v
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			f.Revision = s.Value
		case "vcs.modified":
			f.Modified = s.Value == "true"
		case "vcs.time":
			f.Time = s.Value
		}
	}
	return f
}

func (f buildFacts) String() string {
	s := "pluginyard " + f.Version
	if f.Revision != "" {
		s += " " + f.Revision
		if f.Modified {
			s += " modified"
		}
	}
	return s + " " + f.Go + " " + f.Platform
}

func (a *app) versionCommand() *cobra.Command {
	var asJSON, sbom bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print which version this is, and what it is made of",
		Example: `  pluginyard version
  pluginyard version --json
  pluginyard version --sbom > pluginyard.cdx.json   # every module, as CycloneDX`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			if sbom {
				info, ok := debug.ReadBuildInfo()
				if !ok {
					return errors.New("this program was built without notes of what it is made of; build it with Go's modules")
				}
				return newBOM(info).write(a.stdout)
			}
			facts := readBuildFacts()
			if asJSON {
				enc := json.NewEncoder(a.stdout)
				enc.SetIndent("", "  ")
				return enc.Encode(facts)
			}
			_, err := fmt.Fprintln(a.stdout, facts)
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print it as JSON")
	cmd.Flags().BoolVar(&sbom, "sbom", false, "print the software bill of materials, CycloneDX as JSON")
	cmd.MarkFlagsMutuallyExclusive("json", "sbom")
	return cmd
}
