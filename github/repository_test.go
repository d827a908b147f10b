package github

import (
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pluginyard/pluginyard/registry"
)

const repositoryJSON = `{
	"id": 7, "name": "hello-yard", "full_name": "acme/hello-yard", "private": true, "archived": true,
	"owner": {"login": "acme", "type": "Organization", "html_url": "https://example.com/acme", "avatar_url": "https://example.com/a.png"},
	"description": "Greets.", "homepage": null, "html_url": "https://example.com/acme/hello-yard",
	"default_branch": "main", "license": {"key": "gpl-2.0", "spdx_id": "GPL-2.0"},
	"topics": ["wordpress-plugin"], "created_at": "2026-01-02T03:04:05Z",
	"temp_clone_token": "` + planted + `",
	"custom_properties": {"wp-tags": ["a", "b"], "wp-requires": "6.2", "wp-tested": null, "wp-empty": "", "wp-none": []}
}`

func TestRepository(t *testing.T) {
	f := newFake(t)
	f.json("GET /repos/acme/hello-yard", repositoryJSON)
	got, err := newClient(t, Config{APIURL: f.URL}).Repository(t.Context(), yard)
	if err != nil {
		t.Fatal(err)
	}
	want := &registry.Repository{
		Repo: yard, ID: 7, Private: true, Archived: true, Description: "Greets.",
		URL: "https://example.com/acme/hello-yard", DefaultBranch: "main", License: "GPL-2.0",
		Topics: []string{"wordpress-plugin"}, OwnerURL: "https://example.com/acme", OwnerAvatar: "https://example.com/a.png",
		Created:    time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Properties: map[string][]string{"wp-tags": {"a", "b"}, "wp-requires": {"6.2"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("repository (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"GET /repos/acme/hello-yard"}, f.asked()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestRepositoryProperties(t *testing.T) {
	const values = `[{"property_name":"wp-requires","value":"6.2"},{"property_name":"wp-tags","value":["a","b"]},{"property_name":"wp-x","value":null}]`
	tests := []struct {
		name     string
		owner    string
		status   int
		body     string
		want     map[string][]string
		requests int
		err      error
	}{
		{"an organization's repository without the key is asked for them", "Organization", 200, values,
			map[string][]string{"wp-requires": {"6.2"}, "wp-tags": {"a", "b"}}, 2, nil},
		{"a server that knows none has none", "Organization", 404, `{"message":"Not Found"}`, nil, 2, nil},
		{"credentials that may not see them see none", "Organization", 403, `{"message":"Resource not accessible"}`, nil, 2, nil},
		{"a server's error is one", "Organization", 500, `{}`, nil, 4, registry.ErrUnavailable},
		{"a person's repository has none", "User", 200, values, nil, 1, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newFake(t)
			f.json("GET /repos/acme/hello-yard",
				`{"id":7,"name":"hello-yard","owner":{"login":"acme","type":"`+test.owner+`"},"default_branch":"main"}`)
			f.handle("GET /repos/acme/hello-yard/properties/values", func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(test.status)
				w.Write([]byte(test.body))
			})
			got, err := newClient(t, Config{APIURL: f.URL}).Repository(t.Context(), yard)
			if !errors.Is(err, test.err) {
				t.Fatalf("error is %v, want %v", err, test.err)
			}
			if n := len(f.asked()); n != test.requests {
				t.Errorf("%d requests, want %d", n, test.requests)
			}
			if err != nil {
				return
			}
			if diff := cmp.Diff(test.want, got.Properties); diff != "" {
				t.Errorf("properties (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRenamedRepositoryIsFollowed(t *testing.T) {
	f := newFake(t)
	f.handle("GET /repos/acme/old", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/repositories/7", http.StatusMovedPermanently)
	})
	f.handle("GET /repositories/7", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+planted {
			t.Errorf("no credentials after the redirect")
		}
		w.Write([]byte(repositoryJSON))
	})
	got, err := newClient(t, Config{APIURL: f.URL, Token: planted}).Repository(t.Context(), registry.Repo{Owner: "acme", Name: "old"})
	if err != nil {
		t.Fatal(err)
	}
	if got.Repo != yard {
		t.Errorf("repository is %s, want %s", got.Repo, yard)
	}
}

func TestJSONIsNotRedirectedElsewhere(t *testing.T) {
	other := newFake(t)
	other.json("/", `{}`)
	f := newFake(t)
	f.handle("/", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL+"/x", http.StatusFound) })
	_, err := newClient(t, Config{APIURL: f.URL, Token: planted}).Repository(t.Context(), yard)
	if !errors.Is(err, registry.ErrUnavailable) {
		t.Errorf("error is %v, want %v", err, registry.ErrUnavailable)
	}
	if asked := other.asked(); len(asked) > 0 {
		t.Errorf("the other host was asked %q", asked)
	}
}

func TestEndlessRedirectEnds(t *testing.T) {
	f := newFake(t)
	f.handle("/", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Path+"x", http.StatusMovedPermanently)
	})
	c := newClient(t, Config{APIURL: f.URL})
	if _, err := c.Repository(t.Context(), yard); !errors.Is(err, registry.ErrUnavailable) {
		t.Errorf("error is %v, want %v", err, registry.ErrUnavailable)
	}
	if n := len(f.asked()); n > 3*(MaxRedirects+1) {
		t.Errorf("%d requests", n)
	}
}

func TestRepositoryAnswerThatIsNone(t *testing.T) {
	for _, body := range []string{`{}`, `null`, `[]`, `"x"`, `{"id":1,"name":"..","owner":{"login":"x"},"default_branch":"main"}`, `{"id":"x"}`} {
		f := newFake(t)
		f.json("/", body)
		got, err := newClient(t, Config{APIURL: f.URL}).Repository(t.Context(), yard)
		if !errors.Is(err, registry.ErrUnavailable) || got != nil {
			t.Errorf("%s: %v, error %v; want %v", body, got, err, registry.ErrUnavailable)
		}
	}
}

func FuzzProperties(f *testing.F) {
	for _, seed := range []string{
		`"6.2"`, `["a","b"]`, `null`, `""`, `[]`, `true`, `12`, `1e3`, `{}`, `[[1]]`, `[null,"a",{"b":1},false]`, `"\u0000"`, `"\ud800"`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var v values
		if err := json.Unmarshal(data, &v); err != nil {
			if json.Valid(data) {
				t.Fatalf("valid JSON refused: %v", err)
			}
			return
		}
		for _, text := range v {
			if text == "" {
				t.Fatal("an empty value")
			}
		}
		// What is kept must be read again alike.
		kept, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var again values
		if err := json.Unmarshal(kept, &again); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(v, again); diff != "" {
			t.Errorf("kept as %s (-first +again):\n%s", kept, diff)
		}
	})
}
