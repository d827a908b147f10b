package wporg

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/pluginyard/pluginyard/registry"
)

// large is a catalogue of so many plugins, or themes, each with sections of so
// many bytes.
func large(kind registry.Type, many, bytes int) *fake {
	f := newFake()
	f.list = nil
	for i := range many {
		slug := fmt.Sprintf("large-%d", i)
		f.list = append(f.list, &registry.Listing{
			Type: kind, Slug: registry.Slug(slug), Version: "1.0", Name: slug,
			Information: documentOf(fmt.Sprintf(`{"name":%q,"slug":%[1]q,"version":"1.0","short_description":"Short.","sections":{"description":%q}}`, slug, strings.Repeat("a", bytes))),
		})
	}
	return f
}

func TestAPageIsBoundedInBytes(t *testing.T) {
	slugs := make([]string, MaxSlugs)
	for i := range slugs {
		slugs[i] = fmt.Sprintf("large-%d", i)
	}
	several := "slugs=" + strings.Join(slugs, ",")
	for _, test := range []struct {
		name, address string
		kind          registry.Type
		many          int // of the answer
	}{
		{"plugins", "/plugins/info/1.2/?action=query_plugins&per_page=250&fields=sections,versions", registry.TypePlugin, 250},
		{"plugins, serialised", "/plugins/info/1.0/?action=query_plugins&per_page=250&fields=sections", registry.TypePlugin, 250},
		{"plugins by slug", "/plugins/info/1.2/?action=plugin_information&" + several, registry.TypePlugin, MaxSlugs},
		{"themes", "/themes/info/1.2/?action=query_themes&per_page=999&fields[sections]=1", registry.TypeTheme, 300},
		{"themes by slug", "/themes/info/1.2/?action=theme_information&" + several, registry.TypeTheme, MaxSlugs},
	} {
		t.Run(test.name, func(t *testing.T) {
			answer := newAPI(t, large(test.kind, 300, 40<<10)).get(t, test.address)
			body := string(answer.Body)
			if answer.Status != 200 || len(body) > MaxFullBytes+1<<20 {
				t.Errorf("got %d, %d bytes", answer.Status, len(body))
			}
			if got := strings.Count(body, `"1.0"`); got < test.many {
				t.Errorf("%d are there, want all %d", got, test.many)
			}
			if strings.Contains(test.name, "serialised") && strings.Count(body, `"description"`) < test.many {
				t.Errorf("old WordPress misses a description")
			}
			if full := strings.Count(body, strings.Repeat("a", 40<<10)); full == 0 || full > MaxFullBytes/(40<<10) {
				t.Errorf("%d have their sections", full)
			}
		})
	}
}

func TestAPageEndsWhereThereIsNoRoomAtAll(t *testing.T) {
	f := large(registry.TypePlugin, 100, 10)
	for _, l := range f.list {
		l.Information = documentOf(fmt.Sprintf(`{"name":%q,"slug":%q}`, strings.Repeat("n", 100<<10), l.Slug))
	}
	for _, address := range []string{"/plugins/info/1.2/?action=query_plugins&per_page=250", "/plugins/info/1.2/?action=plugin_information&slugs=large-1,large-2"} {
		if got := newAPI(t, f).get(t, address); got.Status != 200 || len(got.Body) > MaxPageBytes+1<<10 {
			t.Errorf("%s: got %d, %d bytes", address, got.Status, len(got.Body))
		}
	}
}

func TestOneDocumentIsGivenWhole(t *testing.T) {
	got := newAPI(t, large(registry.TypePlugin, 1, MaxPageBytes)).get(t, "/plugins/info/1.2/?action=plugin_information&slug=large-0")
	if got.Status != 200 || len(got.Body) < MaxPageBytes {
		t.Errorf("got %d, %d bytes", got.Status, len(got.Body))
	}
}

func TestThemesAreChosenByFewTags(t *testing.T) {
	var many []string
	for i := range 3 * MaxTags {
		many = append(many, fmt.Sprintf("t%d", i))
	}
	for _, test := range []struct {
		name  string
		value any
		want  int
	}{
		{"none", nil, 0},
		{"one often", strings.Repeat("blog,", 10_000) + "blog", 1},
		{"one under both names", "fixed-width, fixed-layout", 1},
		{"many in a text", strings.Join(many, ","), MaxTags},
		{"a list", object{{"0", "blog"}, {"1", "news"}, {"2", "blog"}}, 2},
	} {
		if got := themeTags(test.value); len(got) != test.want {
			t.Errorf("%s: got %d tags, want %d", test.name, len(got), test.want)
		}
	}
}

func TestVersionsAreBounded(t *testing.T) {
	long := "1" + strings.Repeat(".1", registry.MaxVersion)
	a := newAPI(t, newFake())
	for _, headers := range []string{`{"Version":"` + long + `"}`, `{"Version":"1.0","UpdateURI":"https://updates.example.com/` + strings.Repeat("a", maxUpdateURI) + `"}`} {
		updates, current := threeKeys(t, "plugins", a.post(t, "/plugins/update-check/1.1/", "all", "true", "plugins",
			`{"plugins":{"hello-yard/hello-yard.php":`+headers+`,"bare/main.php":{"Version":"0.0.1"}}}`))
		if len(updates) != 1 || len(current) != 0 {
			t.Errorf("%.40s: got %d updates and %d without, want the other plugin's alone", headers, len(updates), len(current))
		}
	}
	if got := wordPressOf("WordPress/" + long + "; https://example.com/"); got != "" {
		t.Errorf("WordPress's version is %.20s…", got)
	}
	newest := a.get(t, "/themes/info/1.2/?action=feature_list")
	if got := a.get(t, "/themes/info/1.2/?action=feature_list&request[wp_version]=0"+url.QueryEscape(long)); string(got.Body) != string(newest.Body) {
		t.Errorf("a version that is too long is compared: %s", got.Body)
	}
}

func TestFieldsAreBounded(t *testing.T) {
	for _, text := range []string{strings.Repeat("-sections,", 6000), strings.Repeat("sections,", 6000)} {
		if asked := askedFields(text); asked["sections"] == strings.HasPrefix(text, "-") {
			t.Errorf("%.20s: got %v", text, asked)
		}
	}
	var b strings.Builder
	for i := range 6000 {
		fmt.Fprintf(&b, "f%d,", i)
	}
	if got := themeFields(true, v12, object{{"fields", b.String()}}); len(got) > maxFields {
		t.Errorf("%d fields are kept", len(got))
	}
}

// waiting is a catalogue whose listings of one slug wait until they are let go,
// and which counts who is within a list.
type waiting struct {
	*fake
	slug   string
	let    chan struct{}
	listed chan struct{}
}

func (w *waiting) Listing(ctx context.Context, slug string, q registry.Query) (*registry.Listing, error) {
	if slug == w.slug {
		select {
		case <-w.let:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return w.fake.Listing(ctx, slug, q)
}

func (w *waiting) Listings(context.Context, registry.Query) ([]*registry.Listing, error) {
	w.listed <- struct{}{}
	<-w.let
	return nil, nil
}

func TestFewRequestsAreWorkedOnAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &waiting{newFake(), "bare", make(chan struct{}), make(chan struct{}, 10*MaxTurns)}
		a := newAPI(t, newFake())
		a.catalogue = w
		done := make(chan int, 20*MaxTurns)
		ask := func(ctx context.Context, query string) {
			done <- a.Answer(ctx, &Request{Method: "GET", Path: "/plugins/info/1.2/", Query: query}).Status
		}
		for range 10 * MaxTurns {
			go ask(t.Context(), "action=plugin_information&slug=bare")
		}
		synctest.Wait()
		if got := a.get(t, "/plugins/info/1.2/?action=plugin_information&slug=hello-yard"); got.Status != 200 {
			t.Errorf("while others wait for a build: got %d", got.Status)
		}
		for range 10 * MaxTurns {
			go ask(t.Context(), "action=query_plugins")
		}
		synctest.Wait()
		if got := len(w.listed); got != MaxTurns {
			t.Errorf("%d requests are worked on, want %d", got, MaxTurns)
		}
		gone, leave := context.WithCancel(t.Context())
		leave()
		if got := a.Answer(gone, &Request{Method: "GET", Path: "/plugins/info/1.2/", Query: "action=hot_tags"}); got.Status != 503 {
			t.Errorf("whoever has gone gets %d", got.Status)
		}
		close(w.let)
		for range 20 * MaxTurns {
			if status := <-done; status != 200 {
				t.Errorf("got %d in the end", status)
			}
		}
		if len(a.turns) != 0 {
			t.Errorf("%d turns are still held", len(a.turns))
		}
	})
}
