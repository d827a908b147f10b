package httpapi

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/pluginyard/pluginyard/registry"
)

// MaxRef bounds the name of a branch or tag, in bytes: GitHub takes no longer
// ones.
const MaxRef = 255

// payload is the part of GitHub's payloads that we read.
// https://docs.github.com/webhooks/webhook-events-and-payloads
type payload struct {
	Action     string `json:"action"`
	Ref        string `json:"ref"`      // of push in full, of create and delete in short
	RefType    string `json:"ref_type"` // of create and delete
	After      string `json:"after"`    // of push
	Deleted    bool   `json:"deleted"`  // of push
	Repository struct {
		ID       int64  `json:"id"`
		FullName string `json:"full_name"`
		Private  bool   `json:"private"`
	} `json:"repository"`
	Release struct {
		Tag   string `json:"tag_name"`
		Draft bool   `json:"draft"`
	} `json:"release"`
	Changes struct {
		Repository struct {
			Name was `json:"name"`
		} `json:"repository"`
		Owner struct {
			From struct {
				User         account `json:"user"`
				Organization account `json:"organization"`
			} `json:"from"`
		} `json:"owner"`
		Tag   was `json:"tag_name"` // of a release that was edited
		Login was `json:"login"`    // of an account that was renamed
	} `json:"changes"`
	Installation struct {
		Account account `json:"account"`
	} `json:"installation"`
	Account account `json:"account"` // of installation_target
	Hook    struct {
		Events []string `json:"events"`
	} `json:"hook"`
}

// was is what something was called before.
type was struct {
	From string `json:"from"`
}

type account struct {
	Login string `json:"login"`
}

// parsePayload reads either form of payload that GitHub can be told to send.
func parsePayload(contentType string, body []byte) (*payload, error) {
	if strings.HasPrefix(contentType, "application/x-www-form-urlencoded") {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, fmt.Errorf("parse webhook form: %w", err)
		}
		body = []byte(form.Get("payload"))
	}
	p := &payload{}
	if err := json.Unmarshal(body, p); err != nil {
		return nil, fmt.Errorf("parse webhook payload: %w", err)
	}
	return p, nil
}

// news is what an event means. Where it means nothing to us, ignored says why,
// to whoever looks at the delivery at GitHub; the news are [registry.NewsNothing]
// then, and tell only whether the repository is private.
func (p *payload) news(event string) (news registry.News, ignored string) {
	news, ignored = p.meaning(event)
	if ignored != "" {
		news = registry.News{Kind: registry.NewsNothing, Repo: news.Repo, ID: news.ID}
	}
	news.Private = news.Repo != (registry.Repo{}) && (p.Repository.Private || news.Kind == registry.NewsPrivate)
	return news, ignored
}

func (p *payload) meaning(event string) (news registry.News, ignored string) {
	if event == "installation" || event == "installation_repositories" || event == "installation_target" {
		news.Kind = registry.NewsInstallation
		news.Owners = owners(p.Installation.Account.Login, p.Account.Login, p.Changes.Login.From)
		if len(news.Owners) == 0 {
			return news, "it names no owner"
		}
		return news, ""
	}
	repo, err := registry.ParseRepo(p.Repository.FullName)
	if err != nil {
		return news, "it names no repository"
	}
	news.Repo, news.ID = repo, max(p.Repository.ID, 0)
	switch event {
	case "push":
		return news, p.push(&news)
	case "create", "delete":
		news.Gone = event == "delete"
		return news, p.ref(&news)
	case "release":
		return news, p.release(&news)
	case "repository":
		p.repository(&news)
		return news, ""
	case "public":
		news.Kind = registry.NewsPublic
		news.Owners = owners(repo.Owner)
		return news, ""
	case "custom_property_values":
		return news, ""
	}
	return news, "nothing that is served depends on this event"
}

func (p *payload) push(news *registry.News) (ignored string) {
	news.Gone = p.Deleted
	name, isBranch := strings.CutPrefix(p.Ref, "refs/heads/")
	if !isBranch {
		var isTag bool
		if name, isTag = strings.CutPrefix(p.Ref, "refs/tags/"); !isTag {
			return "it is about neither a branch nor a tag"
		}
		news.Kind = registry.NewsTag
	} else {
		news.Kind = registry.NewsBranch
		if !p.Deleted && isCommit(p.After) {
			news.Commit = p.After
		}
	}
	news.Ref = name
	return checkRef(name)
}

func (p *payload) ref(news *registry.News) (ignored string) {
	news.Ref = p.Ref
	switch p.RefType {
	case "branch":
		news.Kind = registry.NewsBranch
	case "tag":
		news.Kind = registry.NewsTag
	default:
		return "it is about neither a branch nor a tag"
	}
	return checkRef(p.Ref)
}

func checkRef(name string) (ignored string) {
	if name == "" || len(name) > MaxRef {
		return "it names no branch or tag that can be"
	}
	return ""
}

// isCommit reports whether s is a commit's name.
func isCommit(s string) bool {
	return len(s) == 40 && strings.Trim(s, "0123456789abcdef") == ""
}

// release tells apart what concerns drafts alone. That a release was created is
// told before or with its publication, which is told by itself.
func (p *payload) release(news *registry.News) (ignored string) {
	news.Kind = registry.NewsRelease
	switch {
	case p.Action == "created":
		return "that a release is published is told by itself"
	case p.Release.Draft && p.Action != "unpublished":
		return "drafts are not served"
	}
	if p.Changes.Tag.From == "" && len(p.Release.Tag) <= MaxRef {
		news.Ref = p.Release.Tag
	}
	return ""
}

// repository takes every action for news of the owner too: it may be a new
// repository of those that are followed, or one fewer.
func (p *payload) repository(news *registry.News) {
	repo := news.Repo
	switch p.Action {
	case "privatized":
		news.Kind = registry.NewsPrivate
	case "publicized":
		news.Kind = registry.NewsPublic
	}
	from := p.Changes.Owner.From
	before := registry.Repo{Owner: repo.Owner, Name: repo.Name}
	if p.Action == "renamed" && p.Changes.Repository.Name.From != "" {
		before.Name = p.Changes.Repository.Name.From
	}
	if p.Action == "transferred" {
		for _, login := range []string{from.User.Login, from.Organization.Login} {
			if login != "" {
				before.Owner = login
			}
		}
	}
	if checked, err := registry.ParseRepo(before.String()); err == nil && checked == before && before != repo {
		news.Before = before
	}
	news.Owners = owners(repo.Owner, news.Before.Owner)
}

// owners are those of the names that can be an owner's, each once.
func owners(logins ...string) []string {
	var list []string
	for _, login := range logins {
		parsed, err := registry.ParseRepo(login + "/x")
		if err == nil && parsed.Owner == login && !slices.ContainsFunc(list, func(o string) bool { return strings.EqualFold(o, login) }) {
			list = append(list, login)
		}
	}
	return list
}

// missingEvents are those that a webhook should deliver and does not, as its
// ping says.
func (p *payload) missingEvents() []string {
	if slices.Contains(p.Hook.Events, "*") {
		return nil
	}
	var missing []string
	for _, event := range []string{"create", "custom_property_values", "delete", "push", "release", "repository"} {
		if !slices.Contains(p.Hook.Events, event) {
			missing = append(missing, event)
		}
	}
	return missing
}
