package github_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pluginyard/pluginyard/github"
	"github.com/pluginyard/pluginyard/github/githubtest"
	"github.com/pluginyard/pluginyard/registry"
)

// newOwners adds to an emulator what is listed: acme has 250 repositories and
// three, some of them private, alice is a person, and one token is hers.
func newOwners(t testing.TB) *emulator {
	e := newEmulator(t)
	for i := range 250 {
		e.AddRepo(githubtest.Repo{Owner: "acme", Name: fmt.Sprintf("more-%03d", i)})
	}
	e.AddUser("alice")
	for _, r := range []githubtest.Repo{
		{Owner: "alice", Name: "own", Private: true, Topics: []string{"wordpress-plugin"}, DefaultBranch: "trunk"},
		{Owner: "alice", Name: "shown", Archived: true},
	} {
		e.AddRepo(r).Commit("main", "One", fstest.MapFS{"a.php": {}}, day)
	}
	e.AddToken("ghp_alice", "alice")
	e.AddToken("ghp_member", "bob", "acme")
	e.AddToken("ghp_stranger", "carol")
	return e
}

func TestOwnersAreListedAsTheirCredentialSeesThem(t *testing.T) {
	e := newOwners(t)
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	key := github.Secret(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(private)}))
	for _, tt := range []struct {
		name, owner string
		token       string
		app         bool
		want        int
		sees, hides string
		sent        string // paths of a second time, each answered 304
	}{
		{name: "an organization, by a member", owner: "acme", token: "ghp_member", want: 252, sees: "acme/secret",
			sent: "users/acme orgs/acme/repos orgs/acme/repos orgs/acme/repos"},
		{name: "an organization, in another case", owner: "ACME", token: "ghp_member", want: 252, sees: "acme/secret"},
		{name: "an organization, by a stranger", owner: "acme", token: "ghp_stranger", want: 251, sees: "acme/hello-yard", hides: "acme/secret"},
		{name: "an organization, by nobody", owner: "acme", want: 251, sees: "acme/hello-yard", hides: "acme/secret"},
		{name: "oneself", owner: "alice", token: "ghp_alice", want: 2, sees: "alice/own", sent: "users/alice user user/repos"},
		{name: "a person, by another", owner: "alice", token: "ghp_stranger", want: 1, sees: "alice/shown", hides: "alice/own",
			sent: "users/alice user users/alice/repos"},
		{name: "an installation", owner: "acme", app: true, want: 252, sees: "acme/secret",
			sent: "installation/repositories installation/repositories installation/repositories"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := e.client(t, func(cfg *github.Config) {
				if cfg.Token = github.Secret(tt.token); tt.app {
					cfg.App = &github.App{ID: "1", PrivateKey: key}
				}
			})
			list, err := c.Repositories(t.Context(), tt.owner)
			if err != nil {
				t.Fatal(err)
			}
			has := func(name string) bool {
				return slices.ContainsFunc(list, func(r registry.Repository) bool { return r.Repo.String() == name })
			}
			if len(list) != tt.want || !has(tt.sees) || tt.hides != "" && has(tt.hides) {
				t.Errorf("%d repositories, want %d with %s, without %s", len(list), tt.want, tt.sees, tt.hides)
			}
			e.sent()
			again, err := c.Repositories(t.Context(), tt.owner)
			if err != nil || len(again) != len(list) {
				t.Errorf("again: %d, %v", len(again), err)
			}
			var paths []string
			for _, line := range e.sent() {
				status, path, _ := strings.Cut(line, " /")
				path, _, _ = strings.Cut(path, "?")
				if paths = append(paths, path); status != "304" {
					t.Errorf("asked again: %s", line)
				}
			}
			if got := strings.Join(paths, " "); tt.sent != "" && got != tt.sent {
				t.Errorf("asked again %s, want %s", got, tt.sent)
			}
		})
	}
}

func TestWhatIsListedIsDescribed(t *testing.T) {
	e := newOwners(t)
	c := e.client(t, func(cfg *github.Config) { cfg.Token = "ghp_alice" })
	list, err := c.Repositories(t.Context(), "alice")
	if err != nil || len(list) != 2 {
		t.Fatal(list, err)
	}
	own, shown := list[0], list[1]
	if own.Repo.Name != "own" || !own.Private || own.ID == 0 || own.DefaultBranch != "trunk" || !slices.Equal(own.Topics, []string{"wordpress-plugin"}) || own.Properties != nil {
		t.Errorf("own is %+v", own)
	}
	if shown.Repo.Name != "shown" || shown.Private || !shown.Archived {
		t.Errorf("shown is %+v", shown)
	}
	for owner, kind := range map[string]error{"nobody": registry.ErrNotFound, "": registry.ErrNotFound, "../x": registry.ErrNotFound, "a b": registry.ErrNotFound} {
		if _, err := c.Repositories(t.Context(), owner); !errors.Is(err, kind) {
			t.Errorf("%q: %v, want %v", owner, err, kind)
		}
	}
}

func TestAListEndsAtItsBound(t *testing.T) {
	e := newEmulator(t)
	for i := range registry.MaxRepositories + 20 {
		e.AddRepo(githubtest.Repo{Owner: "many", Name: fmt.Sprintf("r%04d", i)})
	}
	c := e.client(t, nil)
	list, err := c.Repositories(t.Context(), "many")
	if err != nil || len(list) != registry.MaxRepositories {
		t.Errorf("%d repositories, %v", len(list), err)
	}
}

// One token per owner: each sees its own, and is counted by itself.
func TestEachOwnerIsAskedWithItsOwnCredential(t *testing.T) {
	e := newOwners(t)
	e.LimitEach()
	e.LimitOf("ghp_member", 0, time.Now().Add(time.Hour))
	c := e.client(t, func(cfg *github.Config) {
		cfg.Owners = []github.OwnerCredential{{Owner: "Alice", Token: "ghp_alice"}, {Owner: "acme", Token: "ghp_member"}}
		cfg.Token = "ghp_stranger"
	})
	if r, err := c.Repository(t.Context(), registry.Repo{Owner: "alice", Name: "own"}); err != nil || !r.Private {
		t.Errorf("alice's own: %v", err)
	}
	if _, err := c.Repository(t.Context(), registry.Repo{Owner: "acme", Name: "secret"}); !errors.Is(err, registry.ErrLimited) {
		t.Errorf("acme's, whose limit is used up: %v", err)
	}
	if _, err := c.Repository(t.Context(), registry.Repo{Owner: "ALICE", Name: "shown"}); err != nil {
		t.Errorf("alice's, in another case: %v", err)
	}
	// What moves to another owner is asked for as before.
	e.AddRepo(githubtest.Repo{Owner: "other", Name: "x", Private: true})
	e.Repository("alice", "own").Set(func(r *githubtest.Repo) { r.Owner = "zoo" })
	e.AddToken("ghp_alice", "alice", "zoo")
	r, err := c.Repository(t.Context(), registry.Repo{Owner: "alice", Name: "own"})
	if err != nil || r.Repo.Owner != "zoo" {
		t.Fatalf("after it moved: %v, %v", r, err)
	}
	if _, err := c.Repository(t.Context(), r.Repo); err != nil {
		t.Errorf("under its new name: %v", err)
	}
}

func TestCredentialsOfOwnersAreChecked(t *testing.T) {
	const secret = "ghp_planted"
	for _, tt := range []struct {
		name   string
		owners []github.OwnerCredential
		want   string
	}{
		{"no owner's name", []github.OwnerCredential{{Owner: "a/b", Token: secret}}, "is no owner's name"},
		{"one owner twice", []github.OwnerCredential{{Owner: "acme", Token: secret}, {Owner: "ACME", Token: secret}}, "two credentials"},
		{"nothing", []github.OwnerCredential{{Owner: "acme"}}, "is empty"},
		{"both", []github.OwnerCredential{{Owner: "acme", Token: secret, App: &github.App{ID: "1"}}}, "exclude each other"},
		{"no key", []github.OwnerCredential{{Owner: "acme", App: &github.App{ID: "1", PrivateKey: secret}}}, "owner acme"},
		{"no token", []github.OwnerCredential{{Owner: "acme", Token: secret + " x"}}, "owner acme"},
	} {
		_, err := github.New(github.Config{Owners: tt.owners})
		if !errors.Is(err, registry.ErrInvalid) || !strings.Contains(fmt.Sprint(err), tt.want) || strings.Contains(fmt.Sprint(err), secret) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}
