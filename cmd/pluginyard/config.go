package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pluginyard/pluginyard/github"
	"github.com/pluginyard/pluginyard/registry"
	"github.com/pluginyard/pluginyard/registry/httpapi"
	"github.com/pluginyard/pluginyard/registry/signing"
)

// config is everything that can be configured. What each scalar means, its
// default and where else it can be set stand in [settings]; the fields here
// say what holds once it is loaded.
type config struct {
	Listen          string            // host:port
	AdminListen     string            // host:port; "" is none
	AdminProfiles   string            // "on" or "off"
	BaseURL         string            // http(s), no trailing slash; "" is made from Listen or TLS.Domains
	CDNURL          string            // http(s), no trailing slash; "" is BaseURL
	Data            string            // a directory or a bucket's URL
	GitHub          githubConfig      //
	Refresh         refreshConfig     //
	Signing         signingConfig     //
	TLS             tlsConfig         //
	Log             logConfig         //
	Tracing         tracingConfig     //
	Limits          limitsConfig      //
	ShutdownTimeout time.Duration     // for requests in flight
	TrustedProxies  []netip.Prefix    // whose X-Forwarded-For is believed
	Plugins         []registry.Plugin // in the order of the file, then of --repo
	Owners          []registry.Owner  // whose repositories are found by their topics
	WordPress       string            // newest branch that is believed to exist; no key, set by check alone
	Static          bool              // documents are for a static host; no key, set by build alone
	Eyes            *eyes             // who watches; no key, set by serve and demo alone
}

// githubConfig says where GitHub is and who we are there. Token and App
// exclude each other; neither is GitHub's 60 requests an hour.
type githubConfig struct {
	APIURL            string // no trailing slash
	Token             secret
	TokenFile         string // read into Token when loaded
	App               appConfig
	Credentials       []credentialConfig // of some owners, in place of Token or App
	Reserve           *github.Reserve
	WebhookSecret     secret   // "" refuses every webhook but those of WebhookSecrets
	WebhookSecretFile string   // read into WebhookSecret when loaded
	WebhookSecrets    []secret // further ones, while one is being replaced
}

// appConfig is a GitHub App: the id and the key, or nothing.
type appConfig struct {
	ID           string // the App's id or client id
	Installation int64  // 0 finds each owner's own
	PrivateKey   secret // PEM; a path was read when loaded
}

type refreshConfig struct {
	Every      time.Duration
	ServeStale time.Duration
}

// signingConfig says who signs packages. With public keys alone, somebody else
// has to, before a package is served.
type signingConfig struct {
	KeyFile    string           // path; "" is none
	PublicKeys []string         // base64, beside those of the file
	Keys       *signing.Keyring // of both, made when loaded; nil signs nothing
}

// tlsConfig asks for certificates of our own for the domains, by ACME.
type tlsConfig struct {
	Domains []string // none: plain HTTP
	Cache   string   // directory for certificates and the account's key
	Email   string
}

type logConfig struct {
	Level     string // debug, info, warn or error
	Format    string // text or json
	Requests  string // off, errors or all
	Addresses string // hashed or full
}

// limitsConfig is what a crowd may do. Zero is no bound of a rate, else a
// default.
type limitsConfig struct {
	Builds      int          // at once
	Queue       int          // that wait for one of those, for clients
	Rate        httpapi.Rate // of what a client has made first
	APIRate     httpapi.Rate // of a client's questions to WordPress.org's API
	Connections int          // at once; 0 is by the files that may be open, -1 no bound
	MinRate     int64        // bytes a second that a client has to take
}

// maxSecretBytes bounds a file that holds a secret: a PEM key of 16,384 bits
// is 13 KB, anything larger is some other file.
const maxSecretBytes = 64 << 10

// sources are what a configuration is loaded from. The flag wins over the
// variable, that over the file, and that over the default.
type sources struct {
	file   string            // path of the configuration file; "" is none
	flags  map[string]string // by key: those that were given
	repos  []string          // OWNER/REPO of --repo
	getenv func(name string) (string, bool)
	// read gives a whole file, or an error if it is larger than limit bytes.
	read func(name string, limit int64) ([]byte, error)
}

// load reads and checks the whole configuration. Its error is a [faults] that
// names every mistake at once, each with its place and a remedy.
func load(src sources) (*config, error) {
	l := &loader{src: src, cfg: &config{}, places: map[string]place{}}
	given := map[string]written{}
	if src.file != "" {
		given = l.readFile(src.file)
	}
	for _, s := range settings() {
		l.set(s, l.winner(s, given))
	}
	for _, repo := range src.repos {
		l.addRepo(repo)
	}
	l.secretFiles()
	l.signingKeys()
	l.check()
	if err := l.faults.errorOrNil(); err != nil {
		return nil, err
	}
	return l.cfg, nil
}

// loader gathers the configuration and its faults.
type loader struct {
	src     sources
	cfg     *config
	faults  faults
	places  map[string]place // of each scalar that was given, by key
	plugins []place          // of each plugin, beside cfg.Plugins
	owners  []place          // of each owner, beside cfg.Owners
}

// written is a value as somebody wrote it.
type written struct {
	place place
	text  string
	vars  bool // whether ${NAME} is to be replaced
}

func (l *loader) fault(p place, key, value, format string, args ...any) {
	l.faults = append(l.faults, fault{place: p, key: key, value: value, message: fmt.Sprintf(format, args...)})
}

// winner is the value of a setting from the strongest source that gives one.
func (l *loader) winner(s setting, file map[string]written) written {
	if text, ok := l.src.flags[s.key]; ok {
		return written{place: place{source: "--" + s.flag()}, text: text}
	}
	// An empty variable is none: that is what compose files and units make of
	// one that they pass on.
	if text, _ := l.src.getenv(s.env()); text != "" {
		return written{place: place{source: s.env()}, text: text}
	}
	if w, ok := file[s.key]; ok {
		return w
	}
	return written{text: s.def}
}

// set parses one scalar into the configuration. An empty text is the zero
// value, for settings whose default is empty; else a fault.
func (l *loader) set(s setting, w written) {
	if w.place != (place{}) {
		l.places[s.key] = w.place
	}
	text, ok := l.expand(s.key, w, s.secret)
	if !ok || text == "" && s.def == "" {
		return
	}
	if err := s.set(l.cfg, text); err != nil {
		value := w.text
		if s.secret || strings.Contains(value, "@") { // an address may hold a password
			value = ""
		}
		l.fault(w.place, s.key, value, "%v", err)
	}
}

// expand is the value's text with its variables replaced; false after a fault.
func (l *loader) expand(key string, w written, hidden bool) (string, bool) {
	if !w.vars {
		return w.text, true
	}
	text, err := expand(w.text, l.src.getenv)
	if err != nil {
		// What is no variable may be part of a secret.
		if hidden && strings.Contains(err.Error(), "is no variable") {
			err = errors.New("${ is not followed by NAME}; write $${ for the two characters themselves")
		}
		l.fault(w.place, key, "", "%v", err)
	}
	return text, err == nil
}

// addRepo makes a plugin of a --repo flag.
func (l *loader) addRepo(text string) {
	repo, err := registry.ParseRepo(text)
	if err != nil {
		l.fault(place{source: "--repo"}, "", text, "not of the form OWNER/REPO")
		return
	}
	l.cfg.Plugins = append(l.cfg.Plugins, registry.Plugin{Repo: repo})
	l.plugins = append(l.plugins, place{source: "--repo " + text})
}

// secretFiles reads the secrets that lie in files of their own.
func (l *loader) secretFiles() {
	gh := &l.cfg.GitHub
	l.secretFile("github.token", gh.TokenFile, &gh.Token)
	l.secretFile("github.webhook_secret", gh.WebhookSecretFile, &gh.WebhookSecret)
	l.privateKey("github.app.private_key", &gh.App.PrivateKey)
	for i := range gh.Credentials {
		c, key := &gh.Credentials[i], fmt.Sprintf("github.credentials[%d]", i)
		l.secretFile(key+".token", c.TokenFile, &c.Token)
		l.privateKey(key+".app.private_key", &c.App.PrivateKey)
	}
}

// privateKey reads the file of a key that is a path.
func (l *loader) privateKey(key string, into *secret) {
	text := into.reveal()
	if text == "" || strings.HasPrefix(strings.TrimSpace(text), "-----BEGIN") {
		return
	}
	pem, err := l.src.read(text, maxSecretBytes)
	if err != nil {
		l.fault(l.places[key], key, "", "neither a PEM key nor a file that can be read: %v", withoutPath(err))
		return
	}
	*into = secret(pem)
}

// secretFile reads the file of KEY_file into the secret of KEY.
func (l *loader) secretFile(key, name string, into *secret) {
	if name == "" {
		return
	}
	fileKey := key + "_file"
	if *into != "" {
		l.fault(l.places[fileKey], fileKey, "", "%s is given as well; keep one of them", key)
		return
	}
	text, err := l.src.read(name, maxSecretBytes)
	if err != nil {
		l.fault(l.places[fileKey], fileKey, name, "%v", withoutPath(err))
		return
	}
	*into = secret(strings.TrimSpace(string(text)))
	if *into == "" {
		l.fault(l.places[fileKey], fileKey, name, "the file is empty; write the secret into it")
	}
}

// signingKeys reads the key file, and makes the keyring.
func (l *loader) signingKeys() {
	const key = "signing.key"
	s := &l.cfg.Signing
	var file *signing.File
	if s.KeyFile != "" {
		text, err := l.src.read(s.KeyFile, signing.MaxFileBytes)
		if err == nil {
			file, err = signing.ParseFile(text)
		}
		if err == nil && !file.CanSign() {
			err = fmt.Errorf("%w; list public keys under signing.public_keys", signing.ErrNoPrivateKey)
		}
		if err != nil {
			l.fault(l.places[key], key, s.KeyFile, "%v", withoutPath(err))
			return
		}
	}
	var others []signing.Key
	for _, text := range s.PublicKeys {
		other, err := signing.ParsePublicKey(text)
		if err != nil {
			return // it was told when it was read
		}
		others = append(others, other)
	}
	var err error
	if s.Keys, err = signing.NewKeyring(file, others...); err != nil {
		l.fault(place{source: l.src.file}, "signing", "", "%v", err)
	}
}

// check looks at what no single value shows.
func (l *loader) check() {
	l.checkGitHub()
	l.checkLinks()
	l.checkSlugs()
	l.checkOwners()
	l.checkEyes()
	if len(l.cfg.TLS.Domains) > 0 && l.cfg.TLS.Cache == "" {
		if strings.Contains(l.cfg.Data, "://") {
			l.fault(place{source: l.src.file}, "tls.cache", "", "needed where data is a bucket; name a directory for the certificates")
		} else {
			l.cfg.TLS.Cache = filepath.Join(l.cfg.Data, "certificates")
		}
	}
}

func (l *loader) checkGitHub() {
	gh := l.cfg.GitHub
	l.checkApp("github", gh.App, gh.Token)
	first := map[string]place{}
	for i, c := range gh.Credentials {
		key := fmt.Sprintf("github.credentials[%d]", i)
		at, owner := l.places[key], strings.ToLower(c.Owner)
		l.checkApp(key, c.App, c.Token)
		_, faulty := l.places[key+".owner"]
		switch before, twice := first[owner]; {
		case c.Owner == "" && !faulty:
			l.fault(at, key+".owner", "", "missing; name the organization or user that the credential is for")
		case c.Owner == "":
		case twice:
			l.fault(at, key+".owner", c.Owner, "has a credential at %s already; keep one of them", before)
		default:
			first[owner] = at
		}
		if !l.hasSecret(key) {
			l.fault(at, key, "", "neither a token nor an App; give token, token_file or app")
		}
	}
}

// hasSecret reports whether any part of a credential was given, well or not.
func (l *loader) hasSecret(key string) bool {
	return slices.ContainsFunc([]string{".token", ".token_file", ".app.id", ".app.installation", ".app.private_key"}, func(part string) bool {
		_, given := l.places[key+part]
		return given
	})
}

// checkApp wants an App beneath a key to be whole, and no token beside it.
func (l *loader) checkApp(key string, app appConfig, token secret) {
	id, installation, private := key+".app.id", key+".app.installation", key+".app.private_key"
	var have, missing []string
	for _, part := range []struct {
		key          string
		given, needs bool
	}{
		{id, app.ID != "", true},
		{installation, app.Installation != 0, false},
		{private, app.PrivateKey != "", true},
	} {
		_, faulty := l.places[part.key] // a part with a fault is not missing as well
		switch {
		case part.given || faulty:
			have = append(have, part.key)
		case part.needs:
			missing = append(missing, part.key)
		}
	}
	if len(have) == 0 {
		return
	}
	at := l.places[have[0]]
	if len(missing) > 0 {
		l.fault(at, have[0], "", "an App needs %s as well", strings.Join(missing, " and "))
	}
	if token != "" {
		l.fault(at, have[0], "", "%s.token is given as well; keep the token or the App", key)
	}
}

// checkLinks wants an address that clients can follow: where we listen says it
// only if it names one host.
func (l *loader) checkLinks() {
	c := l.cfg
	if c.BaseURL != "" || len(c.TLS.Domains) > 0 || c.Listen == "" {
		return
	}
	if _, given := l.places["base_url"]; given {
		return // and faulty
	}
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return
	}
	if addr, err := netip.ParseAddr(host); host == "" || err == nil && addr.IsUnspecified() {
		l.fault(l.places["listen"], "base_url", "", "needed where listen names no single host (%s); give the address that sites see, such as https://updates.example.com", c.Listen)
	}
}

// checkSlugs refuses a plugin whose slug can't be found or is impossible, and
// two that would claim one.
func (l *loader) checkSlugs() {
	first := map[registry.Slug]place{}
	for i, p := range l.cfg.Plugins {
		whole, err := p.Normalize()
		if err != nil {
			l.fault(l.plugins[i], "", "", "%v", err)
			continue
		}
		if before, ok := first[whole.Slug]; ok {
			l.fault(l.plugins[i], "", "", "slug %s is claimed at %s too; give one of the two another slug", whole.Slug, before)
			continue
		}
		first[whole.Slug] = l.plugins[i]
	}
}

// base is what links are built from, given the address that we listen at.
func (c *config) base(at net.Addr) string {
	switch {
	case c.BaseURL != "":
		return c.BaseURL
	case len(c.TLS.Domains) > 0:
		return "https://" + c.TLS.Domains[0]
	}
	host, _, _ := net.SplitHostPort(c.Listen)
	_, port, _ := net.SplitHostPort(at.String())
	return "http://" + net.JoinHostPort(host, port)
}

// plugin is the configured plugin of a repository, or one with nothing but the
// repository and what holds for all of its owner.
func (c *config) plugin(repo registry.Repo) registry.Plugin {
	i := slices.IndexFunc(c.Plugins, func(p registry.Plugin) bool {
		return strings.EqualFold(p.Repo.String(), repo.String())
	})
	if i >= 0 {
		return c.Plugins[i]
	}
	plugin := registry.Plugin{}
	for _, owner := range c.Owners {
		if strings.EqualFold(owner.Name, repo.Owner) {
			plugin = owner.Plugin
		}
	}
	plugin.Repo = repo
	return plugin
}
