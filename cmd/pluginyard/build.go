package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pluginyard/pluginyard/registry"
)

// buildKeys are the settings that matter to a single build.
func buildKeys(key string) bool {
	return key == "base_url" || key == "cdn_url" || key == "signing.key" || strings.HasPrefix(key, "log.") ||
		strings.HasPrefix(key, "github.") && !strings.HasPrefix(key, "github.webhook")
}

func (a *app) buildCommand() *cobra.Command {
	var flags *configFlags
	var ref, access, dir string
	cmd := &cobra.Command{
		Use:   "build OWNER/REPO -o DIR",
		Short: "Build one plugin or theme into a folder for a static host",
		Long: `Builds one plugin or theme once and writes its documents, its zip and its images to a
folder, under the paths at which serve would answer:

  SLUG.json, plugin_info.json   what WordPress reads (of themes theme_info.json too);
                                several may be built into one folder, one after
                                the other
  SLUG.zip                      the installer; with --signing-key also SLUG.zip.sig,
                                where WordPress looks for its signatures
  packages/..., assets/...      the installer and the images that the documents link to

Serve the folder at --base-url, where the links point to. If the configuration
file lists the repository, or its owner under owners:, what it says there holds.`,
		Example: `  pluginyard build acme/hello-yard --base-url https://updates.example.com -o public
  pluginyard build acme/hello-yard --ref v1.2.0 -o public
  pluginyard build acme/hello-yard --ref develop -o public`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef(cmd, "one repository wanted, OWNER/REPO, not %d", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			repo, err := registry.ParseRepo(args[0])
			if err != nil {
				return usagef(cmd, "%v", err)
			}
			if dir == "" {
				return usagef(cmd, "nowhere to write to; give --output DIR")
			}
			cfg, err := flags.load(a, nil)
			if err != nil {
				return err
			}
			plugin, err := pluginToBuild(cfg, repo, ref, access)
			if err != nil {
				return usagef(cmd, "%v", err)
			}
			cfg.Plugins, cfg.Owners = []registry.Plugin{*plugin}, nil
			return a.build(cmd.Context(), cfg, registry.Query{UpdateID: ref}, dir)
		},
	}
	flags = addConfigFlags(cmd, true, buildKeys)
	cmd.Flags().StringVarP(&dir, "output", "o", "", "folder to write to; it is made if need be")
	cmd.Flags().StringVar(&ref, "ref", "", "tag or branch to build (default: the latest release, or the default branch if there is none)")
	cmd.Flags().StringVar(&access, "access", "", "public: build a private repository as well")
	return cmd
}

// pluginToBuild is what the configuration says of a repository, with --ref and
// --access.
func pluginToBuild(cfg *config, repo registry.Repo, ref, access string) (*registry.Plugin, error) {
	plugin, err := cfg.plugin(repo).Normalize()
	if err != nil {
		return nil, err
	}
	if ref != "" {
		if err := checkRef(ref); err != nil {
			return nil, fmt.Errorf("--ref %q: %w", ref, err)
		}
		plugin.Branches = append(plugin.Branches, ref)
	}
	if access != "" {
		plugin.Access = registry.Access(access)
		if plugin.Access != registry.AccessPublic {
			return nil, fmt.Errorf("--access %q: write public or leave it out", access)
		}
	}
	return &plugin, nil
}

// build builds the one configured plugin and writes it to a folder.
func (a *app) build(ctx context.Context, cfg *config, q registry.Query, dir string) error {
	temp, err := os.MkdirTemp("", "pluginyard-build-")
	if err != nil {
		return fmt.Errorf("make a temporary folder: %w", err)
	}
	defer os.RemoveAll(temp)
	cfg.Data, cfg.Static = temp, true
	if !cfg.Signing.Keys.CanSign() {
		cfg.Signing = signingConfig{} // nobody could sign while this runs
	}

	base := cfg.BaseURL
	if base == "" {
		base = "http://" + cfg.Listen
		fmt.Fprintf(a.stderr, "links begin with %s; give --base-url for your own host\n", base)
	}
	out := newConsole(a.stderr)
	yard, err := open(ctx, cfg, base, newLog(out, cfg.Log), out.tell)
	if err != nil {
		return err
	}
	defer yard.close()
	p, err := yard.service.Package(ctx, string(cfg.Plugins[0].Slug), q)
	if err != nil {
		return fmt.Errorf("build %s: %w", cfg.Plugins[0].Repo, err)
	}
	information, err := yard.service.Information(ctx, string(p.Slug), q)
	if err != nil {
		return fmt.Errorf("build %s: %w", p.Slug, err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("open the folder: %w", err)
	}
	defer root.Close()
	site := &site{root: root, dir: dir, said: a.stdout, service: yard.service, bases: []string{cfg.CDNURL, base}}
	return site.write(ctx, p, information.Identity)
}

// site is a folder that a static host serves.
type site struct {
	root    *os.Root
	dir     string    // its name, as the user gave it
	said    io.Writer // is told of each file
	service *registry.Service
	bases   []string // addresses that the folder will have; "" is none
}

// write writes a package: first what is linked to, then the documents that
// link to it, so that whoever reads meanwhile finds no dead link.
func (s *site) write(ctx context.Context, p *registry.Package, information []byte) error {
	if err := s.blob(ctx, p, s.service.PackageURL(p), p.Installer.Digest); err != nil {
		return err
	}
	for _, image := range p.Images {
		if err := s.blob(ctx, p, s.service.ImageURL(p.Slug, image), image.Digest); err != nil {
			return err
		}
	}
	collections := map[string][]byte{}
	for _, name := range collectionNames(p) {
		collection, err := s.collection(name, p)
		if err != nil {
			return err
		}
		collections[name] = collection
	}
	if err := s.open(ctx, p, string(p.Slug)+".zip", p.Installer.Digest); err != nil {
		return err
	}
	if err := s.file(string(p.Slug)+".json", bytes.NewReader(information)); err != nil {
		return err
	}
	for _, name := range collectionNames(p) {
		if err := s.file(name, bytes.NewReader(collections[name])); err != nil {
			return err
		}
	}
	return nil
}

// collectionNames are the documents that a package stands in. The updater asks
// plugin_info.json?slugs= for plugins and themes together, and a static host
// looks at no query: there that has the themes as well.
func collectionNames(p *registry.Package) []string {
	if p.Type == registry.TypeTheme {
		return []string{"theme_info.json", "plugin_info.json"}
	}
	return []string{"plugin_info.json"}
}

// collection is plugin_info.json or theme_info.json with this package beside the
// others that were built into the folder before.
func (s *site) collection(name string, p *registry.Package) ([]byte, error) {
	updates := map[registry.Slug]json.RawMessage{}
	before, err := s.root.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if err == nil {
		if err := json.Unmarshal(before, &updates); err != nil {
			return nil, fmt.Errorf("read %s in %s, which is not one of ours: %w; remove it, or build into another folder", name, s.dir, err)
		}
	}
	updates[p.Slug] = p.Update
	collection, err := json.Marshal(updates)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", name, err)
	}
	return collection, nil
}

// blob writes the stored file that lies at an address of ours.
func (s *site) blob(ctx context.Context, p *registry.Package, address string, digest registry.Digest) error {
	for _, base := range s.bases {
		if rel, ok := strings.CutPrefix(address, base+"/"); ok && base != "" {
			return s.open(ctx, p, rel, digest)
		}
	}
	return fmt.Errorf("write %s: not beneath base_url or cdn_url", address)
}

// open writes a stored file under a name of the folder.
func (s *site) open(ctx context.Context, p *registry.Package, name string, digest registry.Digest) error {
	file, err := s.service.OpenFile(ctx, string(p.Slug), digest)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	defer file.Close()
	if len(file.Signatures) > 0 {
		lines := strings.Join(file.Signatures, "\n") + "\n"
		if err := s.file(name+".sig", strings.NewReader(lines)); err != nil {
			return err
		}
	}
	return s.file(name, file)
}

// file writes a file whole: under another name first, so that a host never
// serves half of it.
func (s *site) file(name string, r io.Reader) error {
	if err := s.writeFile(name, r); err != nil {
		return fmt.Errorf("write %s: %w", path.Join(s.dir, name), err)
	}
	_, err := fmt.Fprintln(s.said, path.Join(s.dir, name))
	return err
}

func (s *site) writeFile(name string, r io.Reader) error {
	if folder := path.Dir(name); folder != "." {
		if err := s.root.MkdirAll(folder, 0o755); err != nil {
			return err
		}
	}
	partial := name + ".partial"
	w, err := s.root.Create(partial)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	if closed := w.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = s.root.Rename(partial, name)
	}
	if err != nil {
		s.root.Remove(partial)
	}
	return err
}
