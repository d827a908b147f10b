package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"
)

// configFlags are the flags of a command that reads a configuration.
type configFlags struct {
	cmd  *cobra.Command
	keys []string // of the settings that have a flag here
	file string
}

// addConfigFlags gives a command a flag for each of the settings wanted, and
// --config if it reads a file.
func addConfigFlags(cmd *cobra.Command, file bool, want func(key string) bool) *configFlags {
	f := &configFlags{cmd: cmd}
	if file {
		cmd.Flags().StringVarP(&f.file, "config", "c", "", "configuration file")
	}
	for _, s := range settings() {
		if want(s.key) {
			cmd.Flags().String(s.flag(), s.def, s.help)
			f.keys = append(f.keys, s.key)
		}
	}
	cmd.Flags().SortFlags = false
	return f
}

// load loads the configuration with what the command line gave.
func (f *configFlags) load(a *app, repos []string) (*config, error) {
	given := map[string]string{}
	for _, s := range settings() {
		if flag := f.cmd.Flags().Lookup(s.flag()); slices.Contains(f.keys, s.key) && flag.Changed {
			given[s.key] = flag.Value.String()
		}
	}
	if file, ok := a.env("PLUGINYARD_CONFIG"); ok && f.file == "" && f.cmd.Flags().Lookup("config") != nil {
		f.file = file
	}
	return load(sources{file: f.file, flags: given, repos: repos, getenv: a.env, read: readBounded})
}

// readBounded reads a whole file of at most limit bytes.
func readBounded(name string, limit int64) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil {
		return nil, err
	} else if info.IsDir() {
		return nil, errors.New("a directory; name a file")
	}
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("larger than %d bytes; is it the right file?", limit)
	}
	return data, nil
}
