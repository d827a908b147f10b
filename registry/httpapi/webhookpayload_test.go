package httpapi

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pluginyard/pluginyard/registry"
)

func TestWhatEachEventMeans(t *testing.T) {
	const (
		sha     = "6113728f27ae82c7b1a177c8d03f9e96e0adf246"
		nothing = "0000000000000000000000000000000000000000"
	)
	repo := registry.Repo{Owner: "acme", Name: "hello-yard"}
	const about = `"repository":{"id":7,"full_name":"acme/hello-yard"}`
	const private = `"repository":{"id":7,"full_name":"acme/hello-yard","private":true}`
	tests := []struct {
		name, event, payload string
		want                 registry.News
		ignored              string
	}{
		{"a push to a branch", "push", `{"ref":"refs/heads/feature/x","after":"` + sha + `",` + about + `}`,
			registry.News{Kind: registry.NewsBranch, Ref: "feature/x", Commit: sha}, ""},
		{"a branch that is deleted", "push", `{"ref":"refs/heads/main","after":"` + nothing + `","deleted":true,` + about + `}`,
			registry.News{Kind: registry.NewsBranch, Ref: "main", Gone: true}, ""},
		{"a push whose commit is none", "push", `{"ref":"refs/heads/main","after":"HEAD",` + about + `}`,
			registry.News{Kind: registry.NewsBranch, Ref: "main"}, ""},
		{"a tag that is pushed", "push", `{"ref":"refs/tags/v1","after":"` + sha + `",` + about + `}`,
			registry.News{Kind: registry.NewsTag, Ref: "v1"}, ""},
		{"a push of notes", "push", `{"ref":"refs/notes/commits",` + about + `}`, registry.News{}, "neither a branch nor a tag"},
		{"a branch's name that cannot be", "push", `{"ref":"refs/heads/` + strings.Repeat("x", MaxRef+1) + `",` + about + `}`, registry.News{}, "that can be"},
		{"a new branch", "create", `{"ref":"next","ref_type":"branch",` + about + `}`, registry.News{Kind: registry.NewsBranch, Ref: "next"}, ""},
		{"a new tag", "create", `{"ref":"v1","ref_type":"tag",` + about + `}`, registry.News{Kind: registry.NewsTag, Ref: "v1"}, ""},
		{"a tag that is deleted", "delete", `{"ref":"v1","ref_type":"tag",` + about + `}`, registry.News{Kind: registry.NewsTag, Ref: "v1", Gone: true}, ""},
		{"a new repository, as create told it once", "create", `{"ref":null,"ref_type":"repository",` + about + `}`, registry.News{}, "neither"},
		{"a release", "release", `{"action":"published","release":{"tag_name":"v1"},` + about + `}`, registry.News{Kind: registry.NewsRelease, Ref: "v1"}, ""},
		{"a prerelease", "release", `{"action":"prereleased","release":{"tag_name":"v1"},` + about + `}`, registry.News{Kind: registry.NewsRelease, Ref: "v1"}, ""},
		{"a prerelease that becomes a release", "release", `{"action":"released","release":{"tag_name":"v1"},` + about + `}`, registry.News{Kind: registry.NewsRelease, Ref: "v1"}, ""},
		{"a release that is edited", "release", `{"action":"edited","release":{"tag_name":"v1"},"changes":{"body":{"from":""}},` + about + `}`, registry.News{Kind: registry.NewsRelease, Ref: "v1"}, ""},
		{"a release of another tag than before", "release", `{"action":"edited","release":{"tag_name":"v2"},"changes":{"tag_name":{"from":"v1"}},` + about + `}`, registry.News{Kind: registry.NewsRelease}, ""},
		{"a release that is deleted", "release", `{"action":"deleted","release":{"tag_name":"v1"},` + about + `}`, registry.News{Kind: registry.NewsRelease, Ref: "v1"}, ""},
		{"a release that becomes a draft", "release", `{"action":"unpublished","release":{"tag_name":"v1","draft":true},` + about + `}`, registry.News{Kind: registry.NewsRelease, Ref: "v1"}, ""},
		{"a draft that is edited", "release", `{"action":"edited","release":{"tag_name":"v1","draft":true},` + about + `}`, registry.News{}, "drafts"},
		{"a release that is created", "release", `{"action":"created","release":{"tag_name":"v1"},` + about + `}`, registry.News{}, "published"},
		{"a rename", "repository", `{"action":"renamed","changes":{"repository":{"name":{"from":"old"}}},` + about + `}`,
			registry.News{Before: registry.Repo{Owner: "acme", Name: "old"}, Owners: []string{"acme"}}, ""},
		{"a rename from what cannot be", "repository", `{"action":"renamed","changes":{"repository":{"name":{"from":"../x"}}},` + about + `}`,
			registry.News{Owners: []string{"acme"}}, ""},
		{"a transfer from an organisation", "repository", `{"action":"transferred","changes":{"owner":{"from":{"organization":{"login":"old"}}}},` + about + `}`,
			registry.News{Before: registry.Repo{Owner: "old", Name: "hello-yard"}, Owners: []string{"acme", "old"}}, ""},
		{"a transfer from a user", "repository", `{"action":"transferred","changes":{"owner":{"from":{"user":{"login":"old"}}}},` + about + `}`,
			registry.News{Before: registry.Repo{Owner: "old", Name: "hello-yard"}, Owners: []string{"acme", "old"}}, ""},
		{"a repository that turns private", "repository", `{"action":"privatized",` + about + `}`, registry.News{Kind: registry.NewsPrivate, Private: true, Owners: []string{"acme"}}, ""},
		{"a push to a private repository", "push", `{"ref":"refs/heads/main",` + private + `}`, registry.News{Kind: registry.NewsBranch, Ref: "main", Private: true}, ""},
		{"an event that changes nothing, of a private repository", "star", `{"action":"created",` + private + `}`, registry.News{Kind: registry.NewsNothing, Private: true}, "depends on this event"},
		{"a draft of a private repository", "release", `{"action":"edited","release":{"tag_name":"v1","draft":true},` + private + `}`, registry.News{Kind: registry.NewsNothing, Private: true}, "drafts"},
		{"a repository that turns public", "repository", `{"action":"publicized",` + about + `}`, registry.News{Kind: registry.NewsPublic, Owners: []string{"acme"}}, ""},
		{"the same, told otherwise", "public", `{` + about + `}`, registry.News{Kind: registry.NewsPublic, Owners: []string{"acme"}}, ""},
		{"an archived repository", "repository", `{"action":"archived",` + about + `}`, registry.News{Owners: []string{"acme"}}, ""},
		{"an unarchived repository", "repository", `{"action":"unarchived",` + about + `}`, registry.News{Owners: []string{"acme"}}, ""},
		{"a deleted repository", "repository", `{"action":"deleted",` + about + `}`, registry.News{Owners: []string{"acme"}}, ""},
		{"a new repository", "repository", `{"action":"created",` + about + `}`, registry.News{Owners: []string{"acme"}}, ""},
		{"another default branch or topic", "repository", `{"action":"edited",` + about + `}`, registry.News{Owners: []string{"acme"}}, ""},
		{"custom properties", "custom_property_values", `{"action":"updated",` + about + `}`, registry.News{}, ""},
		{"an installation", "installation", `{"action":"created","installation":{"account":{"login":"acme"}}}`,
			registry.News{Kind: registry.NewsInstallation, Owners: []string{"acme"}}, ""},
		{"repositories of an installation", "installation_repositories", `{"action":"removed","installation":{"account":{"login":"acme"}}}`,
			registry.News{Kind: registry.NewsInstallation, Owners: []string{"acme"}}, ""},
		{"an owner that is renamed", "installation_target", `{"action":"renamed","account":{"login":"acme"},"changes":{"login":{"from":"old"}}}`,
			registry.News{Kind: registry.NewsInstallation, Owners: []string{"acme", "old"}}, ""},
		{"an installation of nobody", "installation", `{"action":"created"}`, registry.News{Kind: registry.NewsInstallation}, "no owner"},
		{"an owner that cannot be", "installation", `{"installation":{"account":{"login":"https://github.com/acme"}}}`, registry.News{Kind: registry.NewsInstallation}, "no owner"},
		{"an event that changes nothing", "star", `{"action":"created",` + about + `}`, registry.News{}, "depends on this event"},
		{"a repository that cannot be", "push", `{"ref":"refs/heads/main","repository":{"full_name":"../.."}}`, registry.News{}, "no repository"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			p, err := parsePayload("application/json", []byte(tc.payload))
			if err != nil {
				t.Fatal(err)
			}
			got, ignored := p.news(tc.event)
			if (ignored == "") != (tc.ignored == "") || !strings.Contains(ignored, tc.ignored) {
				t.Errorf("ignored: %q, want %q", ignored, tc.ignored)
			}
			if ignored != "" && !tc.want.Private {
				return
			}
			if want := tc.want; want.Kind != registry.NewsInstallation {
				tc.want.Repo, tc.want.ID = repo, 7
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("want -, got +\n%s", diff)
			}
		})
	}
}

// FuzzPayload: whatever comes of a payload names what can be, within bounds, and
// is the same when the payload comes as a form.
func FuzzPayload(f *testing.F) {
	f.Add("push", []byte(`{"ref":"refs/heads/main","after":"6113728f27ae82c7b1a177c8d03f9e96e0adf246","repository":{"id":7,"full_name":"acme/hello-yard"}}`))
	f.Add("delete", []byte(`{"ref":"v1","ref_type":"tag","repository":{"full_name":"acme/hello-yard"}}`))
	f.Add("release", []byte(`{"action":"edited","release":{"tag_name":"v1","draft":false},"changes":{"tag_name":{"from":"v0"}},"repository":{"full_name":"a/b"}}`))
	f.Add("repository", []byte(`{"action":"transferred","changes":{"owner":{"from":{"user":{"login":"old"}}}},"repository":{"full_name":"a/b"}}`))
	f.Add("repository", []byte(`{"action":"renamed","changes":{"repository":{"name":{"from":"old"}}},"repository":{"full_name":"a/b"}}`))
	f.Add("installation_target", []byte(`{"account":{"login":"acme"},"changes":{"login":{"from":"x"}},"installation":{"account":{"login":"y"}}}`))
	f.Add("ping", []byte(`{"hook":{"events":["push"]}}`))
	f.Fuzz(func(t *testing.T, event string, body []byte) {
		p, err := parsePayload("application/json", body)
		if err != nil {
			return
		}
		p.missingEvents()
		news, ignored := p.news(event)
		if ignored != "" {
			return
		}
		for _, repo := range []registry.Repo{news.Repo, news.Before} {
			if again, err := registry.ParseRepo(repo.String()); repo != (registry.Repo{}) && (err != nil || again != repo) {
				t.Errorf("repository %v", repo)
			}
		}
		for _, owner := range news.Owners {
			if again, err := registry.ParseRepo(owner + "/x"); err != nil || again.Owner != owner {
				t.Errorf("owner %q", owner)
			}
		}
		if len(news.Ref) > MaxRef || len(news.Owners) > 3 || news.ID < 0 || news.Commit != "" && !isCommit(news.Commit) {
			t.Errorf("out of bounds: %+v", news)
		}
		if (news.Repo == registry.Repo{}) != (news.Kind == registry.NewsInstallation) {
			t.Errorf("news about nothing: %+v", news)
		}
		// What is not valid UTF-8 is replaced, once.
		var value any
		if json.Unmarshal(body, &value) != nil {
			t.Fatal("the body is read as JSON and is none")
		}
		form := "payload=" + strings.NewReplacer("%", "%25", "+", "%2B", "&", "%26", ";", "%3B").Replace(string(body))
		again, err := parsePayload("application/x-www-form-urlencoded", []byte(form))
		if err != nil {
			t.Fatalf("as a form: %v", err)
		}
		if diff := cmp.Diff(p, again); diff != "" {
			t.Errorf("as a form it is another: %s", diff)
		}
	})
}
