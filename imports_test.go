package pluginyard_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/pluginyard/pluginyard"

// rooms says which of our own packages each package may import, beside the
// packages beneath itself that are listed with it. A package that is not
// listed is a fault: whoever adds a room says here what it may know.
var rooms = map[string][]string{
	".":                        nil, // the readme template
	"cmd/pluginyard":           {"*"},
	"registry":                 {"readme", "assets", "registry/installer", "registry/signing"},
	"registry/signing":         nil,
	"registry/wporg":           {"registry", "registry/wporg/serialize"},
	"registry/wporg/serialize": nil,
	"registry/installer":       nil,
	"registry/store":           {"registry"},
	"registry/store/s3test":    nil,
	"registry/telemetry":       {"registry"},
	"registry/adminapi":        {"registry", "templates"},
	"registry/httpapi":         {"registry", "registry/wporg", "templates"},
	"readme":                   {"readme/markdown", "readme/kses"},
	"readme/markdown":          nil,
	"readme/kses":              nil,
	"github":                   {"registry"},
	"github/githubtest":        nil,
	"assets":                   nil,
	"templates":                nil,
	"bench/sample":             nil,
	"bench/archive":            {"bench/sample"},
	"bench/bare":               nil,
	"bench/first":              nil,
	"bench/forge":              {"bench/sample", "github/githubtest"},
	"bench/site":               nil,
	"bench/soak":               nil,
	"bench/repack":             {"registry/installer"},
	"bench/webhook":            {"bench/sample", "github/githubtest"},
	"e2e/forge":                {"github/githubtest"},
	"e2e/tamper":               nil,
}

// owners says which package an outside library belongs to: no other may import
// it, so that its types can show in nobody else's signatures. What belongs to
// nobody is for tests.
var owners = map[string]string{
	"github.com/labstack/echo":              "registry/httpapi",
	"github.com/patrickmn/go-cache":         "registry/httpapi",
	"github.com/google/go-github":           "github",
	"github.com/golang-jwt/jwt":             "github",
	"gocloud.dev":                           "registry/store",
	"github.com/yuin/goldmark":              "readme/markdown",
	"github.com/microcosm-cc/bluemonday":    "",
	"github.com/disintegration/imaging":     "assets",
	"github.com/andybalholm/brotli":         "registry",
	"github.com/spf13/cobra":                "cmd/pluginyard",
	"github.com/schollz/progressbar":        "cmd/pluginyard",
	"go.yaml.in/yaml":                       "cmd/pluginyard",
	"golang.org/x/term":                     "cmd/pluginyard",
	"github.com/klauspost/compress":         "registry/installer",
	"github.com/santhosh-tekuri/jsonschema": "github/githubtest/openapicheck",
	"golang.org/x/crypto/acme":              "cmd/pluginyard",
	"github.com/prometheus/client_golang":   "registry/telemetry",
	"go.opentelemetry.io/otel":              "registry/telemetry",
}

// source is a Go file of ours and what it imports.
type source struct {
	name    string // "registry/build.go"
	room    string // its folder, "registry"
	test    bool
	imports []string
}

func sources(t *testing.T) []source {
	t.Helper()
	var found []source
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if base := path.Base(name); entry.IsDir() && name != "." && (base == "testdata" || base[0] == '.' || base[0] == '_') {
			return fs.SkipDir
		}
		if entry.IsDir() || path.Ext(name) != ".go" {
			return nil
		}
		data, err := fs.ReadFile(os.DirFS("."), name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, data, parser.ImportsOnly)
		if err != nil {
			return err
		}
		s := source{name: name, room: path.Dir(name), test: strings.HasSuffix(name, "_test.go")}
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			s.imports = append(s.imports, imported)
		}
		found = append(found, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// Tests may look further than what they test: at the emulator above all.
func TestArrowsBetweenRoomsPointOneWay(t *testing.T) {
	for _, s := range sources(t) {
		may, listed := allowed(s.room)
		if !listed {
			t.Errorf("%s: package %s is not in the table of rooms; say there what it may import", s.name, s.room)
			continue
		}
		for _, imported := range s.imports {
			to, ours := strings.CutPrefix(imported, module)
			if !ours {
				continue
			}
			to = strings.TrimPrefix(to, "/")
			if to == "" {
				to = "."
			}
			switch {
			case to == s.room, slices.Contains(may, to), slices.Contains(may, "*"), strings.HasPrefix(to, s.room+"/internal"):
			case s.test && !strings.HasPrefix(to, "cmd/"):
			default:
				t.Errorf("%s: %s must not import %s", s.name, s.room, to)
			}
		}
	}
}

// allowed is what a room may import; a package within a room follows its
// room's rule unless it has its own.
func allowed(room string) (may []string, listed bool) {
	for r := room; ; r = path.Dir(r) {
		if may, ok := rooms[r]; ok && (r != "." || room == ".") {
			return append(may, r), true
		}
		if r == "." {
			return nil, false
		}
	}
}

func TestEachLibraryHasOneOwner(t *testing.T) {
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		for _, imported := range s.imports {
			for library, owner := range owners {
				if imported != library && !strings.HasPrefix(imported, library+"/") {
					continue
				}
				if s.room != owner && !strings.HasPrefix(s.room, owner+"/") {
					t.Errorf("%s: %s belongs to %s; ask it for what is needed", s.name, imported, owner)
				}
			}
		}
	}
}

// main alone ends the process, reads its environment, flags and signals.
func TestOnlyTheCommandTouchesTheProcess(t *testing.T) {
	for _, s := range sources(t) {
		// What lies in bench and e2e are commands of their own.
		if s.test || s.room == "cmd/pluginyard" || strings.HasPrefix(s.room, "bench/") || strings.HasPrefix(s.room, "e2e/") {
			continue
		}
		for _, imported := range []string{"flag", "log", "os/signal"} {
			if slices.Contains(s.imports, imported) {
				t.Errorf("%s: imports %s, which is for cmd alone", s.name, imported)
			}
		}
	}
}
