package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pluginyard/pluginyard/github"
	"github.com/pluginyard/pluginyard/registry/httpapi"
	"github.com/pluginyard/pluginyard/registry/signing"
)

// setting is one scalar of the configuration: a key of the file, a flag and a
// variable.
type setting struct {
	key    string // in the file, dots between levels: "github.api_url"
	def    string // default, as a user would write it; "" is none
	secret bool   // never repeated in an error
	help   string
	set    func(c *config, text string) error // parse text, which is not empty unless def is not
}

// flag is the setting's flag without its hyphens: "github-api-url".
func (s setting) flag() string { return strings.NewReplacer(".", "-", "_", "-").Replace(s.key) }

// env is the setting's variable: "PLUGINYARD_GITHUB_API_URL".
func (s setting) env() string {
	return "PLUGINYARD_" + strings.ToUpper(strings.ReplaceAll(s.key, ".", "_"))
}

// settings is the one table of all scalars, in the order of the help.
func settings() []setting {
	return []setting{
		{key: "listen", def: "127.0.0.1:8080", set: address(func(c *config) *string { return &c.Listen }),
			help: "address to listen at, host:port; port 0 is a free one"},
		{key: "admin_listen", set: address(func(c *config) *string { return &c.AdminListen }),
			help: "address for /status and /metrics, such as 127.0.0.1:9090; without a password, so not for the public (default: none)"},
		{key: "admin_profiles", def: "off", set: oneOf(func(c *config) *string { return &c.AdminProfiles }, "off", "on"),
			help: "profiles of the program at /debug/pprof/ of admin_listen: off or on"},
		{key: "base_url", set: webAddress(func(c *config) *string { return &c.BaseURL }),
			help: "address that sites see; links are built from it and its path is the prefix (default: http:// and listen, or https:// and the first of tls.domains)"},
		{key: "cdn_url", set: webAddress(func(c *config) *string { return &c.CDNURL }),
			help: "address that replaces base_url in links to packages and images"},
		{key: "data", def: "pluginyard-data", set: text(func(c *config) *string { return &c.Data }),
			help: "where packages are kept: a directory, or a bucket's URL"},
		{key: "github.api_url", def: "https://api.github.com", set: webAddress(func(c *config) *string { return &c.GitHub.APIURL }),
			help: "GitHub's API; for Enterprise https://HOST/api/v3"},
		{key: "github.token", secret: true, set: hidden(func(c *config) *secret { return &c.GitHub.Token }),
			help: "token to read repositories with; as a flag it shows in the list of processes, prefer the variable or the file"},
		{key: "github.token_file", set: text(func(c *config) *string { return &c.GitHub.TokenFile }),
			help: "file that holds the token"},
		{key: "github.app.id", set: text(func(c *config) *string { return &c.GitHub.App.ID }),
			help: "id or client id of a GitHub App, in place of a token"},
		{key: "github.app.installation", set: number(func(c *config) *int64 { return &c.GitHub.App.Installation }),
			help: "id of the App's installation (default: that of each repository's owner)"},
		{key: "github.app.private_key", secret: true, set: hidden(func(c *config) *secret { return &c.GitHub.App.PrivateKey }),
			help: "the App's private key: PEM, or the path of a PEM file"},
		{key: "github.reserve", def: "10%", set: setReserve,
			help: "part of GitHub's rate limit that checks leave to clients who wait: a percentage, or a number of requests"},
		{key: "github.webhook_secret", secret: true, set: hidden(func(c *config) *secret { return &c.GitHub.WebhookSecret }),
			help: "secret that GitHub signs webhooks with; without one webhooks are refused"},
		{key: "github.webhook_secret_file", set: text(func(c *config) *string { return &c.GitHub.WebhookSecretFile }),
			help: "file that holds the webhooks' secret"},
		{key: "refresh.every", def: "4h", set: duration(func(c *config) *time.Duration { return &c.Refresh.Every }),
			help: "how old a check may be before GitHub is asked again"},
		{key: "refresh.serve_stale", def: "30d", set: duration(func(c *config) *time.Duration { return &c.Refresh.ServeStale }),
			help: "how long the last good package is served while GitHub can't be asked"},
		{key: "signing.key", secret: true, set: setSigningKey,
			help: "file of the keys that sign packages, see \"pluginyard keys\" (default: nothing is signed)"},
		{key: "tls.cache", set: text(func(c *config) *string { return &c.TLS.Cache }),
			help: "directory for certificates (default: certificates within data)"},
		{key: "tls.email", set: text(func(c *config) *string { return &c.TLS.Email }),
			help: "address that the certificates' issuer may write to"},
		{key: "limits.builds", def: "4", set: wholeNumber(func(c *config) *int { return &c.Limits.Builds }, 64),
			help: "packages that are built at once"},
		{key: "limits.queue", def: "64", set: wholeNumber(func(c *config) *int { return &c.Limits.Queue }, 1<<16),
			help: "packages that may wait to be built while clients wait for them; one more is answered 503"},
		{key: "limits.rate", def: "60/m", set: rate(func(c *config) *httpapi.Rate { return &c.Limits.Rate }),
			help: "how often one client may have something made first, such as 60/m, 1/s, 600/h or off: a first build, an older release, a page"},
		{key: "limits.api_rate", def: "6000/m", set: rate(func(c *config) *httpapi.Rate { return &c.Limits.APIRate }),
			help: "how often one client may ask WordPress.org's API, but for update checks; off is no bound"},
		{key: "limits.connections", def: "auto", set: setConnections,
			help: "connections that may be open at once, or off; auto is half of the files that the process may have open"},
		{key: "limits.min_rate", def: "1024", set: setMinRate,
			help: "bytes a second that a client has to take of its answers, but for a minute in all; off is no bound"},
		{key: "log.level", def: "info", set: oneOf(func(c *config) *string { return &c.Log.Level }, "debug", "info", "warn", "error"),
			help: "least severity that is logged: debug, info, warn or error"},
		{key: "log.format", def: "text", set: oneOf(func(c *config) *string { return &c.Log.Format }, "text", "json"),
			help: "form of the log: text or json"},
		{key: "log.requests", def: "errors", set: oneOf(func(c *config) *string { return &c.Log.Requests }, "off", "errors", "all"),
			help: "which requests are logged: off, errors or all"},
		{key: "log.addresses", def: "hashed", set: oneOf(func(c *config) *string { return &c.Log.Addresses }, "hashed", "full"),
			help: "how clients' addresses are logged: full, or hashed with a salt of this process alone"},
		{key: "tracing.endpoint", set: webAddress(func(c *config) *string { return &c.Tracing.Endpoint }),
			help: "where traces are sent by OTLP over HTTP, such as http://127.0.0.1:4318 (default: nowhere)"},
		{key: "tracing.ratio", def: "0.1", set: ratio(func(c *config) *float64 { return &c.Tracing.Ratio }),
			help: "part of the requests that are traced, from 0 to 1; builds and checks all are"},
		{key: "tracing.service", def: "pluginyard", set: text(func(c *config) *string { return &c.Tracing.Service }),
			help: "name under which traces are sent"},
		{key: "shutdown_timeout", def: "30s", set: duration(func(c *config) *time.Duration { return &c.ShutdownTimeout }),
			help: "how long downloads in flight may take to finish after SIGINT or SIGTERM"},
	}
}

// list is a key whose value is a list of scalars.
type list struct {
	key    string
	secret bool // a wrong value is never repeated in an error
	add    func(c *config, text string) error
}

// lists is the one table of lists beside the plugins. They have no flag.
func lists() []list {
	return []list{
		{key: "github.webhook_secrets", secret: true, add: addWebhookSecret},
		{key: "signing.public_keys", secret: true, add: addPublicKey}, // somebody will list a private one
		{key: "tls.domains", add: addDomain},
		{key: "tracing.headers", secret: true, add: addTracingHeader},
		{key: "trusted_proxies", add: addProxy},
	}
}

func text(field func(*config) *string) func(*config, string) error {
	return func(c *config, text string) error {
		if text == "" {
			return errors.New("empty; give a value or leave the key out")
		}
		if strings.ContainsRune(text, 0) {
			return errors.New("holds a NUL byte; remove it")
		}
		*field(c) = text
		return nil
	}
}

func hidden(field func(*config) *secret) func(*config, string) error {
	return func(c *config, text string) error {
		*field(c) = secret(text)
		return nil
	}
}

func duration(field func(*config) *time.Duration) func(*config, string) error {
	return func(c *config, text string) (err error) {
		*field(c), err = parseDuration(text)
		return err
	}
}

func number(field func(*config) *int64) func(*config, string) error {
	return func(c *config, text string) error {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 1 {
			return errors.New("not a number above 0; copy it from the App's page on GitHub")
		}
		*field(c) = n
		return nil
	}
}

func wholeNumber(field func(*config) *int, limit int) func(*config, string) error {
	return func(c *config, text string) error {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > limit {
			return fmt.Errorf("not a whole number from 1 to %d", limit)
		}
		*field(c) = n
		return nil
	}
}

// off is what stands where a bound is not wanted.
const off = "off"

// rate reads "60/m": a count, and s, m or h.
func rate(field func(*config) *httpapi.Rate) func(*config, string) error {
	return func(c *config, text string) error {
		*field(c) = httpapi.Rate{}
		if text == off {
			return nil
		}
		number, unit, _ := strings.Cut(text, "/")
		n, err := strconv.Atoi(number)
		per := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}[unit]
		if err != nil || n < 1 || n > 1_000_000 || per == 0 {
			return errors.New("not a rate; write a number and s, m or h, such as 60/m, or off")
		}
		*field(c) = httpapi.Rate{Count: n, Per: per}
		return nil
	}
}

func setConnections(c *config, text string) error {
	switch text {
	case "auto":
		c.Limits.Connections = 0
		return nil
	case off:
		c.Limits.Connections = -1
		return nil
	}
	return wholeNumber(func(c *config) *int { return &c.Limits.Connections }, 1<<20)(c, text)
}

func setMinRate(c *config, text string) error {
	if text == off {
		c.Limits.MinRate = 0
		return nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 || n > 1<<30 {
		return errors.New("not a number of bytes above 0, or off")
	}
	c.Limits.MinRate = n
	return nil
}

func oneOf(field func(*config) *string, words ...string) func(*config, string) error {
	return func(c *config, text string) error {
		if !slices.Contains(words, text) {
			return fmt.Errorf("write one of %s", strings.Join(words, ", "))
		}
		*field(c) = text
		return nil
	}
}

// webAddress accepts an absolute http or https address with nothing after its
// path, and drops a trailing slash.
func webAddress(field func(*config) *string) func(*config, string) error {
	return func(c *config, text string) error {
		u, err := url.Parse(text)
		switch {
		case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
			return errors.New("not an address; write http://HOST or https://HOST, with a path if need be")
		case u.User != nil:
			return errors.New("holds a user or password; remove it, the address is shown to everyone")
		case u.RawQuery != "" || u.Fragment != "" || strings.HasSuffix(text, "?") || strings.HasSuffix(text, "#"):
			return errors.New("has a query or a fragment; remove it")
		}
		trimmed := strings.TrimSuffix(u.Path, "/")
		if trimmed != "" && (path.Clean(trimmed) != trimmed || u.RawPath != "") {
			return errors.New("has a path with empty, dotted or escaped segments; write a plain one")
		}
		*field(c) = (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: trimmed}).String()
		return nil
	}
}

func setReserve(c *config, text string) error {
	reserve, err := github.ParseReserve(text)
	c.GitHub.Reserve = &reserve
	return err
}

func address(field func(*config) *string) func(*config, string) error {
	return func(c *config, text string) error {
		host, port, err := net.SplitHostPort(text)
		if err == nil {
			_, err = strconv.ParseUint(port, 10, 16)
		}
		if err != nil || host != "" && !isHost(host) {
			return errors.New("not of the form host:port, such as 127.0.0.1:8080 or :8080")
		}
		*field(c) = text
		return nil
	}
}

// setSigningKey takes a path. Whoever gives the key itself is not told it again.
func setSigningKey(c *config, path string) error {
	if strings.Contains(path, "-----BEGIN") {
		return errors.New("a key stands here; write it to a file that nobody else can read, and give the file's path")
	}
	return text(func(c *config) *string { return &c.Signing.KeyFile })(c, path)
}

// maxWebhookSecrets bounds the secrets that each webhook is held against.
const maxWebhookSecrets = 8

func addWebhookSecret(c *config, text string) error {
	switch list := c.GitHub.WebhookSecrets; {
	case text == "":
		return errors.New("empty; write the secret, or leave it out")
	case len(list) >= maxWebhookSecrets:
		return fmt.Errorf("more than %d; remove those that no webhook has any more", maxWebhookSecrets)
	}
	c.GitHub.WebhookSecrets = append(c.GitHub.WebhookSecrets, secret(text))
	return nil
}

func addPublicKey(c *config, text string) error {
	key, err := signing.ParsePublicKey(text)
	if err != nil {
		return err
	}
	if slices.Contains(c.Signing.PublicKeys, key.String()) {
		return errors.New("stands twice; remove one of the two")
	}
	c.Signing.PublicKeys = append(c.Signing.PublicKeys, key.String())
	return nil
}

var domainPattern = regexp.MustCompile(`^(?i:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*(?i:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)$`)

// isHost reports whether s is an IP address or a host's name.
func isHost(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil || len(s) <= 253 && domainPattern.MatchString(s)
}

func addDomain(c *config, text string) error {
	_, err := netip.ParseAddr(text)
	if err == nil || len(text) > 253 || !strings.Contains(text, ".") || !domainPattern.MatchString(text) {
		return errors.New("not a domain; write a host's full name such as updates.example.com, without port or wildcard")
	}
	c.TLS.Domains = append(c.TLS.Domains, strings.ToLower(text))
	return nil
}

func addProxy(c *config, text string) error {
	if addr, err := netip.ParseAddr(text); err == nil && addr.Zone() == "" {
		c.TrustedProxies = append(c.TrustedProxies, netip.PrefixFrom(addr, addr.BitLen()))
		return nil
	}
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return errors.New("not a network; write 10.0.0.0/8, fd00::/8 or one address")
	}
	c.TrustedProxies = append(c.TrustedProxies, prefix.Masked())
	return nil
}
