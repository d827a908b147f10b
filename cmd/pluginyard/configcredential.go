package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/pluginyard/pluginyard/registry"
)

// credentialConfig is who we are at GitHub to one owner: a token or an App.
type credentialConfig struct {
	Owner     string // organization or user; case does not count
	Token     secret
	TokenFile string // read into Token when loaded
	App       appConfig
}

// maxCredentials bounds how many owners have one of their own.
const maxCredentials = 1000

// credentialKey is a key of a credential.
type credentialKey struct {
	name   string // dots between levels
	secret bool   // never repeated in an error
	set    func(c *credentialConfig, text string) error
}

// credentialKeys is the one table of a credential's keys. Those beneath app are
// checked as the settings of the same name are.
func credentialKeys() []credentialKey {
	ofGitHub := func(key string) credentialKey {
		i := slices.IndexFunc(settings(), func(s setting) bool { return s.key == "github."+key })
		s := settings()[i]
		return credentialKey{key, s.secret, func(c *credentialConfig, text string) error {
			like := &config{GitHub: githubConfig{Token: c.Token, TokenFile: c.TokenFile, App: c.App}}
			err := s.set(like, text)
			c.Token, c.TokenFile, c.App = like.GitHub.Token, like.GitHub.TokenFile, like.GitHub.App
			return err
		}}
	}
	return []credentialKey{
		{"owner", false, func(c *credentialConfig, text string) error {
			if _, err := registry.ParseRepo(text + "/x"); err != nil || strings.Contains(text, "/") {
				return errors.New("not an owner; write the name of an organization or user alone")
			}
			c.Owner = text
			return nil
		}},
		ofGitHub("token"), ofGitHub("token_file"),
		ofGitHub("app.id"), ofGitHub("app.installation"), ofGitHub("app.private_key"),
	}
}

// credentialList reads the list of credentials.
func (l *loader) credentialList(key string, n *yaml.Node) {
	if isNull(n) || !l.plain(n, key, yaml.SequenceNode, "a list") {
		return
	}
	if len(n.Content) > maxCredentials {
		l.fault(l.at(n.Line), key, "", "%d credentials; at most %d are allowed", len(n.Content), maxCredentials)
		return
	}
	for _, item := range n.Content {
		itemKey := fmt.Sprintf("%s[%d]", key, len(l.cfg.GitHub.Credentials))
		l.places[itemKey] = l.at(item.Line)
		c := credentialConfig{}
		if item.Kind != yaml.MappingNode {
			l.places[itemKey+".owner"], l.places[itemKey+".token"] = l.at(item.Line), l.at(item.Line) // one fault is enough
		}
		l.credential(&c, itemKey, "", item)
		l.cfg.GitHub.Credentials = append(l.cfg.GitHub.Credentials, c)
	}
}

// credential reads the keys of a credential that begin with prefix ("", "app.").
func (l *loader) credential(c *credentialConfig, key, prefix string, n *yaml.Node) {
	l.pairs(n, strings.TrimSuffix(key+"."+prefix, "."), func(name string, at, value *yaml.Node) {
		keys := credentialKeys()
		name = prefix + name
		i := slices.IndexFunc(keys, func(k credentialKey) bool { return k.name == name })
		switch {
		case name == "app":
			l.credential(c, key, "app.", value)
			return
		case i < 0:
			var known []string
			for _, k := range keys {
				if rest, ok := strings.CutPrefix(k.name, prefix); ok {
					known = append(known, rest)
				}
			}
			l.unknown(at, key+"."+name, known)
			return
		}
		full := key + "." + name
		l.places[full] = l.at(at.Line)
		w, ok := l.scalar(full, value)
		if !ok {
			return
		}
		l.places[full] = w.place
		text, ok := l.expand(full, w, keys[i].secret)
		if !ok {
			return
		}
		err := errors.New("empty; give a value or remove it")
		if text != "" {
			err = keys[i].set(c, text)
		}
		if err != nil {
			shown := w.text
			if keys[i].secret {
				shown = ""
			}
			l.fault(w.place, full, shown, "%v", err)
		}
	})
}
