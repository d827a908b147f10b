package registry

import (
	"errors"
	"testing"
	"time"
)

func TestResolve(t *testing.T) {
	releases := []Release{{ID: 12, Tag: "v1.2.0"}, {ID: 11, Tag: "v1.1.0"}}
	released := &record{Repository: &Repository{DefaultBranch: "main"}, Releases: releases, Latest: &releases[0]}
	unreleased := &record{Repository: &Repository{DefaultBranch: "main"}}
	tests := []struct {
		name   string
		plugin Plugin
		rec    *record
		query  Query
		want   string // "" is not found
	}{
		{"nothing said is the release", Plugin{}, released, Query{}, "release"},
		{"nothing said without a release is the branch", Plugin{}, unreleased, Query{}, "branch"},
		{"production is the release", Plugin{}, released, Query{Environment: "production"}, "release"},
		{"production without a release is nothing", Plugin{}, unreleased, Query{Environment: "production"}, ""},
		{"staging is the branch", Plugin{}, released, Query{Environment: "staging"}, "branch"},
		{"a word of a site's own is production", Plugin{}, released, Query{Environment: "prod"}, "release"},
		{"so is one in another case", Plugin{}, released, Query{Environment: "Staging"}, "release"},
		{"and without a release it is nothing, as there", Plugin{}, unreleased, Query{Environment: "x"}, ""},
		{"environment does not matter to a source of releases", Plugin{Source: SourceRelease}, released, Query{Environment: "staging"}, "release"},
		{"environment does not matter to a source of branches", Plugin{Source: SourceBranch}, released, Query{Environment: "production"}, "branch"},
		{"a path names the release", Plugin{}, released, Query{Kind: KindRelease, Environment: "staging"}, "release"},
		{"a path names the branch", Plugin{}, released, Query{Kind: KindBranch}, "branch"},
		{"a path names what is not offered", Plugin{Source: SourceRelease}, released, Query{Kind: KindBranch}, ""},
		{"a release's id", Plugin{}, released, Query{UpdateID: "11"}, "release/v1.1.0"},
		{"a tag", Plugin{}, released, Query{UpdateID: "v1.1.0"}, "release/v1.1.0"},
		{"the latest tag is the release", Plugin{}, released, Query{UpdateID: "v1.2.0"}, "release"},
		{"a tag for a branch's path", Plugin{}, released, Query{Kind: KindBranch, UpdateID: "v1.1.0"}, ""},
		{"the default branch", Plugin{}, released, Query{UpdateID: "main"}, "branch"},
		{"a branch that is allowed", Plugin{Branches: []string{"develop"}}, released, Query{UpdateID: "develop"}, "branch/develop"},
		{"a branch that is not", Plugin{}, released, Query{UpdateID: "develop"}, ""},
		{"a branch that is not, by its path", Plugin{}, released, Query{Kind: KindBranch, UpdateID: "develop"}, ""},
		{"the reference's word for the current release", Plugin{}, released, Query{Kind: KindRelease, UpdateID: "latest"}, "release"},
		{"the reference's word for the current branch", Plugin{}, released, Query{Kind: KindBranch, UpdateID: "default"}, "branch"},
		{"a branch that has the word for its name", Plugin{Branches: []string{"latest"}}, released, Query{Kind: KindBranch, UpdateID: "latest"}, "branch/latest"},
		{"a SHA", Plugin{}, released, Query{UpdateID: "0123456789012345678901234567890123456789"}, ""},
		{"a path out of the repository", Plugin{}, released, Query{UpdateID: "../../x"}, ""},
		{"a pinned tag", Plugin{Ref: "v1.1.0"}, released, Query{}, "release"},
		{"a pinned tag that is not there", Plugin{Ref: "v9", Source: SourceRelease}, unreleased, Query{}, ""},
		{"another branch", Plugin{Ref: "develop", Source: SourceBranch}, released, Query{}, "branch"},
		{"another branch by its name", Plugin{Ref: "develop", Source: SourceBranch}, released, Query{UpdateID: "develop"}, "branch"},
		{"the default branch where another was named", Plugin{Ref: "develop", Source: SourceBranch}, released, Query{UpdateID: "main"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.plugin.Repo = Repo{"acme", "hello-yard"}
			plugin, err := tt.plugin.Normalize()
			if err != nil {
				t.Fatal(err)
			}
			channel, err := plugin.resolve(tt.rec, tt.query, time.Time{})
			if tt.want == "" {
				if !errors.Is(err, ErrNotFound) {
					t.Errorf("resolve = %v, %v; want not found", channel, err)
				}
				return
			}
			if err != nil || channel.String() != tt.want {
				t.Errorf("resolve = %v, %v; want %s", channel, err, tt.want)
			}
		})
	}
}

func TestMonorepoTakesTheHighestVersionOfItsPrefix(t *testing.T) {
	releases := []Release{
		{ID: 5, Tag: "other/9.0.0"}, {ID: 4, Tag: "hello-yard/1.9.1"}, {ID: 3, Tag: "hello-yard/2.1.0-beta", Prerelease: true},
		{ID: 2, Tag: "hello-yard/2.0.0"}, {ID: 1, Tag: "hello-yard/1.9.0"},
	}
	plugin := Plugin{TagPrefix: "hello-yard/"}
	if got := plugin.chooseLatest(&releases[0], releases); got == nil || got.Tag != "hello-yard/2.0.0" {
		t.Errorf("chooseLatest = %v, want hello-yard/2.0.0", got)
	}
}

func TestNormalize(t *testing.T) {
	tests := []struct {
		name     string
		plugin   Plugin
		slug     Slug
		file     string
		wantFail bool
	}{
		{"the repository names the slug", Plugin{Repo: Repo{"acme", "Hello.Yard"}}, "hello-yard", "", false},
		{"the folder of a monorepo names the slug", Plugin{Repo: Repo{"acme", "all"}, Path: "/plugins/hello-yard/"}, "hello-yard", "", false},
		{"a basename is a file", Plugin{Repo: Repo{"acme", "hello-yard"}, File: "hello-yard/main.php"}, "hello-yard", "main.php", false},
		{"a bare file is a file", Plugin{Repo: Repo{"acme", "hello-yard"}, File: "main.php"}, "hello-yard", "main.php", false},
		{"a file of another folder", Plugin{Repo: Repo{"acme", "hello-yard"}, File: "other/main.php"}, "", "", true},
		{"a reserved slug", Plugin{Repo: Repo{"acme", "plugins"}}, "", "", true},
		{"a folder outside", Plugin{Repo: Repo{"acme", "x"}, Path: "../x"}, "", "", true},
		{"an unknown source", Plugin{Repo: Repo{"acme", "x"}, Source: "tag"}, "", "", true},
		{"an unknown access", Plugin{Repo: Repo{"acme", "x"}, Access: "all"}, "", "", true},
		{"a bad pattern", Plugin{Repo: Repo{"acme", "x"}, Asset: "[a"}, "", "", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.plugin.Normalize()
			if (err != nil) != tt.wantFail {
				t.Fatalf("Normalize: %v", err)
			}
			if err == nil && (got.Slug != tt.slug || got.File != tt.file) {
				t.Errorf("slug %q file %q, want %q %q", got.Slug, got.File, tt.slug, tt.file)
			}
		})
	}
}
