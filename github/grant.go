package github

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/pluginyard/pluginyard/registry"
)

// OwnerCredential is who we are to one owner: a token or an app, not both.
type OwnerCredential struct {
	Owner string // organization or user, in any case
	Token Secret
	App   *App
}

// grant is a token or an app, the other one being nil.
type grant struct {
	static token
	app    *app
}

var ownerPattern = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9-]{0,98}[A-Za-z0-9])?$`)

// grants makes the credentials of a configuration.
func (c *Client) grants(cfg *Config) (err error) {
	if c.all, err = newGrant(cfg.Token, cfg.App, cfg); err != nil {
		return err
	}
	if c.all.static != nil {
		name := "default"
		if c.all.static() == "" {
			name = "anonymous"
		}
		c.accounts.call(c.all.static, name)
	}
	c.owners = make(map[string]grant, len(cfg.Owners))
	for _, o := range cfg.Owners {
		key := strings.ToLower(o.Owner)
		_, twice := c.owners[key]
		switch {
		case !ownerPattern.MatchString(o.Owner):
			return invalid(fmt.Sprintf("github: %.40q is no owner's name", o.Owner), nil)
		case twice:
			return invalid(fmt.Sprintf("github: owner %s has two credentials; keep one of them", o.Owner), nil)
		case o.App == nil && strings.TrimSpace(string(o.Token)) == "":
			return invalid(fmt.Sprintf("github: the credential of owner %s is empty; give a token or an app", o.Owner), nil)
		}
		g, err := newGrant(o.Token, o.App, cfg)
		if err != nil {
			return fmt.Errorf("credential of owner %s: %w", o.Owner, err)
		}
		c.owners[key] = g
		if g.static != nil {
			c.accounts.call(g.static, "owner "+key)
		}
	}
	return nil
}

func newGrant(t Secret, a *App, cfg *Config) (g grant, err error) {
	switch {
	case a != nil && t != "":
		return g, invalid("github: a token and an app exclude each other; configure one of them", nil)
	case a != nil:
		g.app, err = newApp(*a, cfg.Now)
	default:
		g.static, err = newToken(t)
	}
	return g, err
}

// apps are all that there are.
func (c *Client) apps() []*app {
	var list []*app
	if c.all.app != nil {
		list = append(list, c.all.app)
	}
	for _, g := range c.owners {
		if g.app != nil {
			list = append(list, g.app)
		}
	}
	return list
}

// credential finds what to ask about a repository with; without a name, about
// its owner.
func (c *Client) credential(ctx context.Context, repo registry.Repo) (credential, error) {
	g, ok := c.owners[strings.ToLower(repo.Owner)]
	if !ok {
		repo = c.followed.origin(repo)
		g, ok = c.owners[strings.ToLower(repo.Owner)]
	}
	if !ok {
		g = c.all
	}
	if g.app == nil {
		return g.static, nil
	}
	return g.app.installation(ctx, repo)
}

// followed remembers under which name a repository was asked for that has moved
// to another owner: it goes on being asked with the credential that may see it,
// unless its new owner has one too.
type followed struct {
	mu sync.Mutex
	to map[string]registry.Repo // by lower-case name of now
}

// maxFollowed bounds it. Only what is configured is asked for, so that nobody
// else can fill it.
const maxFollowed = 10_000

func (f *followed) note(asked, now registry.Repo) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if strings.EqualFold(asked.Owner, now.Owner) {
		delete(f.to, strings.ToLower(now.String()))
		return
	}
	if f.to == nil || len(f.to) >= maxFollowed {
		f.to = make(map[string]registry.Repo)
	}
	f.to[strings.ToLower(now.String())] = asked
}

func (f *followed) origin(repo registry.Repo) registry.Repo {
	f.mu.Lock()
	defer f.mu.Unlock()
	if asked, ok := f.to[strings.ToLower(repo.String())]; ok {
		return asked
	}
	return repo
}
