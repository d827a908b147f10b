package registry

import (
	"bytes"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/pluginyard/pluginyard/registry/installer"
)

// Sizes, in bytes, from which a shipped file is large. WordPress.org takes zips
// of at most 10 MB.
const (
	LargeFile      = 5 << 20
	LargeSourceMap = 512 << 10
)

// maxOfKind bounds the findings of one code about what ships: the first ones
// show what to leave out.
const maxOfKind = 20

// shippedKind is a kind of file that does not belong into an installer.
type shippedKind struct {
	code, severity string
	what           string // "%s is …" with the file's or folder's name before it
	folders        []string
	files          []string // patterns of path.Match for the last element
	vendored       bool     // also where a library has it
}

// shippedKinds are looked through in this order: a file is of the first kind
// that knows it. Names are in lower case.
var shippedKinds = []shippedKind{
	{
		code: "version_control_shipped", severity: SeverityWarning, vendored: true,
		what:    "belongs to version control and is of no use to a site",
		folders: []string{".git", ".svn", ".hg", ".bzr", "cvs", ".github", ".gitlab", ".circleci"},
		files:   []string{".git", ".gitignore", ".gitattributes", ".gitmodules", ".gitkeep", ".hgignore", ".mailmap", ".gitlab-ci.yml", ".travis.yml", "bitbucket-pipelines.yml", "appveyor.yml"},
	},
	{
		code: "dependencies_shipped", severity: SeverityWarning, vendored: true,
		what:    "holds packages that only building needs",
		folders: []string{"node_modules", "bower_components", "jspm_packages"},
	},
	{
		code: "tests_shipped", severity: SeverityWarning, vendored: true,
		what:    "is for testing, of no use to a site, and may be reachable from outside",
		folders: []string{"test", "tests", "__tests__", "__mocks__", "phpunit", "cypress", "e2e", "playwright"},
		files:   []string{"phpunit.xml", "phpunit.xml.dist", "phpunit.dist.xml", ".phpunit.result.cache", "behat.yml", "codeception.yml", "codeception.dist.yml", "jest.config.*", "playwright.config.*", "cypress.config.*", "cypress.json", "*.test.js", "*.test.ts", "*.test.tsx", "*.spec.js", "*.spec.ts", "codecov.yml", ".coveralls.yml"},
	},
	{
		code: "litter_shipped", severity: SeverityWarning, vendored: true,
		what:    "was left by an editor, an operating system or a program",
		folders: []string{"__macosx", ".idea", ".vscode", ".fleet", ".spotlight-v100", ".trashes", ".sass-cache", ".cache", ".nyc_output"},
		files:   []string{".ds_store", "._*", "thumbs.db", "ehthumbs.db", "desktop.ini", "*.swp", "*.swo", "*~", "*.orig", "*.rej", "*.bak", "*.tmp", "error_log", "debug.log", "npm-debug.log", "yarn-error.log", "*.sublime-project", "*.sublime-workspace", "*.code-workspace"},
	},
	{
		code: "archive_shipped", severity: SeverityWarning,
		what:  "is an archive within the zip: nobody sees what is in it, and WordPress.org refuses it",
		files: []string{"*.zip", "*.tar", "*.gz", "*.tgz", "*.bz2", "*.xz", "*.7z", "*.rar", "*.zst", "*.phar", "*.jar"},
	},
	{
		code: "source_shipped", severity: SeverityWarning,
		what:  "is a source that only its author's programs open",
		files: []string{"*.psd", "*.psb", "*.ai", "*.indd", "*.sketch", "*.fig", "*.xd", "*.xcf", "*.afdesign", "*.afphoto", "*.blend", "*.fla", "*.aep", "*.prproj", "*.kra", "*.tif", "*.tiff", "*.raw"},
	},
	{
		code: "build_configuration_shipped", severity: SeverityNote,
		what: "tells programs how to build or check the code, and is of no use to a site",
		files: []string{
			"package.json", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "pnpm-workspace.yaml", "bun.lock", "bun.lockb", "composer.lock", "bower.json", "lerna.json",
			"webpack.*.js", "webpack.config.*", "rollup.config.*", "vite.config.*", "vitest.config.*", "esbuild.config.*", "gulpfile.*", "gruntfile.*", "babel.config.*", "postcss.config.*", "tailwind.config.*", "eslint.config.*", "stylelint.config.*", "prettier.config.*", "tsconfig.json", "tsconfig.*.json", "jsconfig.json",
			".babelrc", ".babelrc.*", ".eslintrc", ".eslintrc.*", ".eslintignore", ".stylelintrc", ".stylelintrc.*", ".stylelintignore", ".prettierrc", ".prettierrc.*", ".prettierignore", ".browserslistrc", ".nvmrc", ".node-version", ".editorconfig", ".jshintrc", ".npmignore", ".distignore", ".svnignore", ".wp-env.json", ".wp-env.override.json", ".lintstagedrc*", ".commitlintrc*", ".releaserc*",
			"phpcs.xml", "phpcs.xml.dist", ".phpcs.xml", ".phpcs.xml.dist", "phpmd.xml", "phpstan.neon", "phpstan.neon.dist", "phpstan-baseline.neon", "psalm.xml", "rector.php", "ecs.php", ".php-cs-fixer.php", ".php-cs-fixer.dist.php", "scoper.inc.php", "captainhook.json",
			"makefile", "dockerfile", "docker-compose.yml", "docker-compose.yaml", "compose.yaml", "vagrantfile", "renovate.json", ".pre-commit-config.yaml", "sonar-project.properties",
		},
	},
}

// secretFiles are names, as patterns of path.Match in lower case, of files that
// hold passwords, keys or tokens.
var secretFiles = []string{
	".env", ".env.*", "*.env", "wp-config.php", "wp-config-*.php", ".htpasswd", "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519",
	"*.pem", "*.key", "*.p12", "*.pfx", "*.ppk", "*.jks", "*.keystore", "*.kdbx", "credentials", "credentials.json", "client_secret*.json",
	"service-account*.json", "service_account*.json", "secrets.json", "secrets.yml", "secrets.yaml", "auth.json", ".npmrc", ".netrc", ".pypirc", ".git-credentials", ".pgpass", ".my.cnf", ".s3cfg", ".ftpconfig", "sftp-config.json", ".dockercfg",
}

// patternFiles are names that look like a secret's and are a pattern for one.
var patternFiles = []string{"*.example", "*.sample", "*.dist", "*.template", "*.tpl", "*.defaults", "wp-config-sample.php"}

// Bounds of looking into files that are named like keys.
const (
	maxKeyFile  = 512 << 10 // bytes of one; bundles of certificates have some 200 KB
	maxKeyFiles = 100       // after so many the name alone counts
)

// shipped looks through the files of one installer.
type shipped struct {
	b         *builder
	hasIgnore bool                     // there is a .distignore to add to
	groups    []*shippedGroup          // in the order of the files
	folders   map[string]*shippedGroup // those that are folders, by name
	told      map[string]int           // by code
	keys      int                      // files that were looked into
}

// shippedGroup is a file, or a folder with all that is in it, that does not
// belong into an installer.
type shippedGroup struct {
	kind  *shippedKind
	name  string // of the file, or of the folder with a slash at its end
	first string // file
	count int
	bytes int64
}

// checkShipped looks for files that should not be installed.
func (b *builder) checkShipped(files []installer.File) {
	_, err := b.archive.dir.Read(".distignore", installer.MaxIgnoreBytes)
	s := &shipped{b: b, hasIgnore: err == nil, folders: map[string]*shippedGroup{}, told: map[string]int{}}
	for _, file := range files {
		kind, name := shippedKindOf(file.Path)
		switch {
		case s.isSecret(file):
			s.tell(Finding{
				Severity: SeverityError, Code: "secret_shipped", Place: file.Path,
				Message: fmt.Sprintf("%s is named like a file with passwords, keys or tokens, and would be installed on every site.", file.Path),
				Remedy:  s.leaveOut(file.Path) + " If it was public, replace what it holds.",
			})
		case kind != nil:
			s.group(kind, name, file)
		default:
			s.checkSize(file)
		}
	}
	for _, g := range s.groups {
		about := fmt.Sprintf("%s %s.", g.name, g.kind.what)
		if strings.HasSuffix(g.name, "/") {
			about = fmt.Sprintf("%s %s: %s, %s.", g.name, g.kind.what, counted(g.count, "file"), kilobytes(g.bytes))
		}
		s.tell(Finding{Severity: g.kind.severity, Code: g.kind.code, Place: g.first, Message: about, Remedy: s.leaveOut(g.name)})
	}
	for _, code := range slices.Sorted(maps.Keys(s.told)) {
		if more := s.told[code] - maxOfKind; more > 0 {
			b.add(Finding{
				Severity: SeverityWarning, Code: code,
				Message: fmt.Sprintf("%d files or folders more of the same kind: %s.", more, strings.ReplaceAll(code, "_", " ")),
				Remedy:  "Leave them out, too.",
			})
		}
	}
}

// tell adds a finding unless there are enough of its code, and counts it.
func (s *shipped) tell(found Finding) {
	if s.told[found.Code]++; s.told[found.Code] <= maxOfKind {
		s.b.add(found)
	}
}

func (s *shipped) group(kind *shippedKind, name string, file installer.File) {
	g := s.folders[name]
	if g == nil {
		g = &shippedGroup{kind: kind, name: name, first: file.Path}
		s.groups = append(s.groups, g)
		if strings.HasSuffix(name, "/") {
			s.folders[name] = g
		}
	}
	g.count++
	g.bytes += file.Size
}

// shippedKindOf says what is wrong with a file, nil if nothing, and the name of
// the outermost folder, or the file, that it is wrong with.
func shippedKindOf(name string) (*shippedKind, string) {
	elements := strings.Split(name, "/")
	last := len(elements) - 1
	vendored := false
	for depth, element := range elements[:last] {
		folder := strings.ToLower(element)
		for i := range shippedKinds {
			kind := &shippedKinds[i]
			if slices.Contains(kind.folders, folder) && (!vendored || kind.vendored) {
				return kind, strings.Join(elements[:depth+1], "/") + "/"
			}
		}
		vendored = vendored || folder == "vendor" || folder == "vendors" || folder == "lib" && depth == 0
	}
	base := strings.ToLower(elements[last])
	for i := range shippedKinds {
		kind := &shippedKinds[i]
		if (!vendored || kind.vendored) && matchesAny(kind.files, base) {
			return kind, name
		}
	}
	return nil, ""
}

func matchesAny(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		ok, _ := path.Match(pattern, name)
		return ok
	})
}

// isSecret reports whether a file seems to hold a secret. A certificate, or
// another key that is public, is none.
func (s *shipped) isSecret(file installer.File) bool {
	base := strings.ToLower(path.Base(file.Path))
	if !matchesAny(secretFiles, base) || matchesAny(patternFiles, base) || file.Size == 0 {
		return false
	}
	if ext := path.Ext(base); ext != ".pem" && ext != ".key" {
		return true
	}
	if s.keys++; s.keys > maxKeyFiles {
		return true
	}
	text, err := s.b.served().dir.Read(file.Path, maxKeyFile)
	if err != nil {
		return true
	}
	public := bytes.Contains(text, []byte("-----BEGIN CERTIFICATE")) || bytes.Contains(text, []byte("PUBLIC KEY-----"))
	return !public || bytes.Contains(text, []byte("PRIVATE KEY-----"))
}

// checkSize tells of a file that makes every site's download long.
func (s *shipped) checkSize(file installer.File) {
	limit := int64(LargeFile)
	if strings.EqualFold(path.Ext(file.Path), ".map") {
		limit = LargeSourceMap
	}
	if file.Size < limit {
		return
	}
	s.tell(Finding{
		Severity: SeverityWarning, Code: "large_file_shipped", Place: file.Path,
		Message: fmt.Sprintf("%s has %s, which every site downloads with every update.", file.Path, kilobytes(file.Size)),
		Remedy:  "Make it smaller, or fetch it when it is needed. " + s.leaveOut(file.Path),
	})
}

// leaveOut says how a file or folder is left out of the installer.
func (s *shipped) leaveOut(name string) string {
	if s.b.release != nil {
		return fmt.Sprintf("Leave %s out when the zip is packed.", name)
	}
	if strings.ContainsAny(name, " \t*?[]\\\"!#") || printable(name) != name {
		return "Leave it out by .distignore, or by export-ignore in .gitattributes."
	}
	if s.hasIgnore {
		return fmt.Sprintf("Add \"/%s\" to .distignore.", name)
	}
	return fmt.Sprintf("Add \"/%s export-ignore\" to .gitattributes, or list it in a .distignore.", strings.TrimSuffix(name, "/"))
}

func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

func kilobytes(n int64) string {
	if n >= 1<<20 {
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%d KB", (n+1023)>>10)
}
