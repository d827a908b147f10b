package wporg

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/pluginyard/pluginyard/registry"
	"github.com/pluginyard/pluginyard/registry/wporg/serialize"
)

// request gives a serialised request of old WordPress.
func request(t testing.TB, properties ...serialize.Property) string {
	t.Helper()
	b, err := serialize.Write(serialize.Object(properties))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestInformationAsWordPressReadsIt(t *testing.T) {
	a := newAPI(t, newFake())
	hello := request(t, serialize.Property{Name: "slug", Value: "hello-yard"})
	yard := request(t, serialize.Property{Name: "search", Value: "yard"}, serialize.Property{Name: "per_page", Value: int64(1)},
		serialize.Property{Name: "fields", Value: serialize.Array{{Key: serialize.Name("sections"), Value: false}, {Key: serialize.Name("icons"), Value: true}}})
	path := request(t, serialize.Property{Name: "slug", Value: "garden-path"})
	for name, answer := range map[string]*Answer{
		"plugin-1.2":          a.get(t, "/plugins/info/1.2/?action=plugin_information&request%5Bslug%5D=hello-yard&request%5Blocale%5D=en_US&request%5Bwp_version%5D=7.1"),
		"plugin-1.2-bare":     a.get(t, "/plugins/info/1.2/?action=plugin_information&slug=bare"),
		"plugin-1.1":          a.get(t, "/plugins/info/1.1/?action=plugin_information&request[slug]=hello-yard"),
		"plugin-1.0":          a.post(t, "/plugins/info/1.0/", "action", "plugin_information", "request", hello),
		"plugin-1.0-json":     a.get(t, "/plugins/info/1.0/hello-yard.json?fields=-sections,icons,downloadlink"),
		"plugins-by-slug":     a.get(t, "/plugins/info/1.2/?action=plugin_information&slugs=bare,nope,Evil!,bare&fields=-sections,-ratings"),
		"query-1.2":           a.get(t, "/plugins/info/1.2/?action=query_plugins&request[search]=yard&request[per_page]=1"),
		"query-1.0":           a.post(t, "/plugins/info/1.0/", "action", "query_plugins", "request", yard),
		"tags-1.2":            a.get(t, "/plugins/info/1.2/?action=hot_tags&request[number]=3"),
		"tags-1.0":            a.post(t, "/plugins/info/1.0/", "action", "popular_tags", "request", request(t)),
		"theme-1.2":           a.get(t, "/themes/info/1.2/?action=theme_information&request[slug]=garden-path&request[fields][sections]=1&request[fields][versions]=true&request[fields][tags]=false"),
		"theme-1.2-author":    a.get(t, "/themes/info/1.2/?action=theme_information&request[slug]=garden-path&request[fields][extended_author]=1&request[fields][sections]=0"),
		"theme-1.1":           a.get(t, "/themes/info/1.1/?action=theme_information&request[slug]=garden-path"),
		"theme-1.0":           a.post(t, "/themes/info/1.0/", "action", "theme_information", "request", path),
		"query-themes-1.2":    a.get(t, "/themes/info/1.2/?action=query_themes&request[tag][]=blog&request[tag][]=custom-colors&request[per_page]=999"),
		"theme-tags-1.2":      a.get(t, "/themes/info/1.2/?action=hot_tags"),
		"features-1.2":        a.get(t, "/themes/info/1.2/?action=feature_list&request[wp_version]=7.1"),
		"features-3.7":        a.get(t, "/themes/info/1.2/?action=feature_list&request[wp_version]=3.7"),
		"features-4.0":        a.get(t, "/themes/info/1.2/?action=feature_list&request[wp_version]=4.0"),
		"shops-1.2":           a.get(t, "/themes/info/1.2/?action=get_commercial_shops"),
		"checksums":           a.get(t, "/plugin-checksums/hello-yard/1.2.0.json"),
		"checksums-not-known": a.get(t, "/plugin-checksums/hello-yard/trunk.json"),
	} {
		t.Run(name, func(t *testing.T) { same(t, "info/"+name+".txt", pretty(t, answer)) })
	}
}

func TestErrorsAreWordPressOrgs(t *testing.T) {
	f := newFake()
	f.errs["withheld"] = &registry.Error{Kind: registry.ErrForbidden, Message: "the repository is private"}
	f.errs["broken"] = &registry.Error{Kind: registry.ErrInvalid, Message: "no header"}
	f.errs["away"] = fmt.Errorf("token-abc123: %w", registry.ErrUnavailable)
	a := newAPI(t, f)
	const closed = `{"error":"closed","name":"withheld","slug":"withheld","description":"This plugin is not available.","closed":true,"closed_date":false,"reason":false,"reason_text":false}`
	hundred := strings.Repeat("a,", 10)
	for i := range 101 {
		hundred += fmt.Sprintf("a%d,", i)
	}
	for _, test := range []struct {
		address string
		status  int
		body    string
	}{
		{"/plugins/info/1.2/?action=plugin_information&request[slug]=nope", 404, `{"error":"Plugin not found."}`},
		{"/plugins/info/1.2/?action=plugin_information&request[slug]=broken", 404, `{"error":"Plugin not found."}`},
		{"/plugins/info/1.2/?action=plugin_information&request[slug]=garden-path", 404, `{"error":"Plugin not found."}`},
		{"/plugins/info/1.1/?action=plugin_information&request[slug]=nope", 404, `null`},
		{"/plugins/info/1.1/?action=plugin_information&request[slug]=withheld", 404, `null`},
		{"/plugins/info/1.0/nope", 404, `N;`},
		{"/plugins/info/1.0/nope.php", 404, `N;`},
		{"/plugins/info/1.0/nope.json", 404, `null`},
		{"/plugins/info/1.0/hello-yard.xml", 404, `N;`},
		{"/plugins/info/1.0/hello-yard.jsonp?callback=x", 404, `N;`},
		{"/plugins/info/1.1/?action=plugin_information&slug=nope&callback=x", 404, `null`},
		{"/plugins/info/1.0/a/b.json", 404, `{"error":"Nothing is served at this address."}`},
		{"/plugins/info/1.2/?action=plugin_information&request[slug]=Hello%20Yard", 404, `{"error":"Invalid plugin slug."}`},
		{"/plugins/info/1.2/?action=plugin_information&request[slug]=" + strings.Repeat("a", 1000), 404, `{"error":"Invalid plugin slug."}`},
		{"/plugins/info/1.2/?action=plugin_information&request[slug]=withheld", 404, closed},
		{"/plugins/info/1.2/?action=plugin_information&slugs=withheld", 200, `{"withheld":` + closed + `}`},
		{"/plugins/info/1.2/?action=plugin_information&request[slug]=away", 503, `{"error":"The registry cannot answer now; try again later."}`},
		{"/plugins/info/1.2/?action=plugin_information", 400, `{"error":"Invalid Input"}`},
		{"/plugins/info/1.2/?action=plugin_information&request[slug][]=hello-yard", 400, `{"error":"Invalid Input"}`},
		{"/plugins/info/1.2/?action=plugin_information&request[slug]=hello-yard&request[locale][]=x", 400, `{"error":"Invalid Input"}`},
		{"/plugins/info/1.2/?action=plugin_information&slugs=" + hundred, 422, `{"error":"A maximum of 100 plugins can be queried at once."}`},
		{"/plugins/info/1.2/?action=query_plugins&request[search][]=x", 400, `{"error":"Invalid Input"}`},
		{"/plugins/info/1.2/?action=query_plugins&request[installed_plugins]=x", 400, `{"error":"Invalid Input"}`},
		{"/plugins/info/1.2/?action=rewrite", 400, `{"error":"Action not implemented"}`},
		{"/plugins/info/1.2/", 400, `{"error":"Action not implemented"}`},
		{"/plugins/info/1.2/?action=%zz", 400, `{"error":"Invalid Input"}`},
		{"/plugins/info/1.1/?action=plugin_information&request=O:8", 400, `{"error":"Invalid Input"}`},
		{"/plugins/info/1.3/?action=hot_tags", 404, `{"error":"Nothing is served at this address."}`},
		{"/themes/info/1.2/?action=theme_information&request[slug]=nope", 404, `{"error":"Theme not found"}`},
		{"/themes/info/1.2/?action=theme_information&request[slug]=hello-yard", 404, `{"error":"Theme not found"}`},
		{"/themes/info/1.1/?action=theme_information&request[slug]=nope", 404, `false`},
		{"/themes/info/1.0/?action=theme_information&request[slug]=nope", 404, `b:0;`},
		{"/themes/info/1.2/?action=theme_information", 404, `{"error":"Slug not provided"}`},
		{"/themes/info/1.2/?action=theme_information&slug=a/b", 404, `{"error":"Invalid slug provided"}`},
		{"/themes/info/1.2/?action=theme_information&slugs=nope", 200, `{"nope":{"error":"Theme not found"}}`},
		{"/themes/info/1.2/?action=rewrite", 404, `{"error":"Action not implemented. <a href=\"https://codex.wordpress.org/WordPress.org_API\">API Docs</a>"}`},
		{"/themes/info/1.2/?action=query_themes&request[author][]=x&request[browse]=updated&request[fields]=-", 400, ``},
		{"/themes/info/1.2/?action=query_themes&request[browse]=favorites", 400, `{"info":{"page":1,"pages":1,"results":0},"themes":[]}`},
		{"/plugin-checksums/Evil!/1.json", 404, `{"error":"Plugin not found."}`},
		{"/plugin-checksums/hello-yard/1.2.0", 404, `{"error":"Plugin not found."}`},
	} {
		got := a.get(t, test.address)
		if got.Status != test.status || test.body != "" && string(got.Body) != test.body {
			t.Errorf("%.100s: got %d %s, want %d %s", test.address, got.Status, got.Body, test.status, test.body)
		}
		if strings.Contains(string(got.Body), "token-abc123") || (got.Err != nil) != (got.Status == 503) || got.Err != nil && !errors.Is(got.Err, registry.ErrUnavailable) {
			t.Errorf("%.100s: got %s, %v", test.address, got.Body, got.Err)
		}
	}
	for _, address := range []string{"/plugins/info/1.2/", "/themes/info/1.2"} {
		if got := a.post(t, address, "action", "hot_tags"); got.Status != 405 || got.Allow == "" || string(got.Body) != "This API only serves GET requests." {
			t.Errorf("POST %s: got %d %s", address, got.Status, got.Body)
		}
	}
}

func TestChecksumsOfABranchAreNotKeptForLong(t *testing.T) {
	a := newAPI(t, newFake())
	for version, want := range map[string]int{"1.2.0": checksumsAge, "1.3.0-dev": infoAge, "1.0": infoAge} {
		if got := a.get(t, "/plugin-checksums/hello-yard/"+version+".json"); got.MaxAge != want {
			t.Errorf("%s: kept for %d seconds, want %d", version, got.MaxAge, want)
		}
	}
}

func TestQueriesChoose(t *testing.T) {
	f := newFake()
	for i := range 30 {
		l := *f.list[1]
		l.Slug, l.Name = registry.Slug(fmt.Sprintf("more-%02d", i)), fmt.Sprintf("More %02d", i)
		l.Added, l.Modified, l.Tags = fmt.Sprintf("2026-01-%02d", i+1), testTime.AddDate(0, 0, -i-2), nil
		f.list = append(f.list, &l)
	}
	f.list[1].Description = "About hello, in the description alone."
	a := newAPI(t, f)
	for _, test := range []struct {
		query string
		info  string
		slugs string // of the answer, those of other than More first
	}{
		{"search=HELLO", "1/1/2", "hello-yard bare"},
		{"search=hello%20yard", "1/1/2", "hello-yard bare"},
		{"search=hello%20nowhere", "1/0/0", ""},
		{"search=acme", "1/1/1", "hello-yard"},
		{"search=slug:bare", "1/1/1", "bare"},
		{"search=block:acme/x", "1/0/0", ""},
		{"search=%20", "1/2/32", "*24"},
		{"search=" + strings.Repeat("x", 10000), "1/0/0", ""},
		{"tag=yard", "1/1/2", "hello-yard bare"},
		{"tag=Greeting", "1/1/1", "hello-yard"},
		{"tag=garden", "1/0/0", ""},
		{"tag=blog", "1/0/0", ""},
		{"author=acme", "1/1/1", "hello-yard"},
		{"author=alice", "1/0/0", ""},
		{"block=x", "1/0/0", ""},
		{"browse=featured&per_page=2", "1/16/32", "hello-yard bare"},
		{"browse=recommended&installed_plugins[]=x&per_page=1", "1/32/32", "hello-yard"},
		{"browse=popular&per_page=1", "1/32/32", "hello-yard"},
		{"browse=new&per_page=1", "1/32/32", "more-29"},
		{"browse=updated&per_page=2", "1/16/32", "hello-yard bare"},
		{"browse=favorites&user=alice", "1/0/0", ""},
		{"user=alice", "1/0/0", ""},
		{"browse=nonsense", "1/0/0", ""},
		{"", "1/2/32", "*24"},
		{"page=2", "2/2/32", "*8"},
		{"page=3", "3/2/32", ""},
		{"page=0&per_page=0", "1/2/32", "*24"},
		{"page=-5&per_page=-1", "1/2/32", "*24"},
		{"page=99999999999999999999&per_page=99999999999999999999", "999/1/32", ""},
		{"page=abc&per_page=1e9", "1/32/32", "hello-yard"},
		{"per_page=1000", "1/1/32", "*32"},
	} {
		answer := a.get(t, "/plugins/info/1.2/?action=query_plugins&"+test.query)
		value, err := decodeJSON(answer.Body)
		if err != nil || answer.Status != 200 {
			t.Fatalf("%.60s: got %d %v", test.query, answer.Status, err)
		}
		info := value.(object).get("info").(object)
		if got := fmt.Sprintf("%v/%v/%v", info.get("page"), info.get("pages"), info.get("results")); got != test.info {
			t.Errorf("%.60s: got info %s, want %s", test.query, got, test.info)
		}
		var slugs []string
		plugins := value.(object).get("plugins").([]any)
		for _, plugin := range plugins {
			slugs = append(slugs, textOf(plugin.(object).get("slug")))
		}
		got := strings.Join(slugs, " ")
		if strings.HasPrefix(test.slugs, "*") {
			got = fmt.Sprintf("*%d", len(plugins))
		}
		if test.slugs == "more-29" {
			test.slugs = "bare" // whose document it has
		}
		if got != test.slugs {
			t.Errorf("%.60s: got %s, want %s", test.query, got, test.slugs)
		}
	}
}

func TestThemesAreChosenByAllTheirTags(t *testing.T) {
	a := newAPI(t, newFake())
	for query, want := range map[string]int{
		"": 1, "tag[]=blog": 1, "tag=blog,custom-colors": 1, "tag[]=blog&tag[]=news": 0, "tag[]=fixed-width": 0,
		"search=garden": 1, "search=hello": 0, "author=acme": 1, "author=bob": 0, "theme=garden-path": 1, "theme=other": 0,
		"browse=new": 1, "browse=popular&tag[]=news": 0, "browse=favorites&user=x": 0,
	} {
		answer := a.get(t, "/themes/info/1.2/?action=query_themes&"+query)
		value, err := decodeJSON(answer.Body)
		if err != nil || answer.Status != 200 {
			t.Fatalf("%s: got %d %v", query, answer.Status, err)
		}
		if got := len(value.(object).get("themes").([]any)); got != want {
			t.Errorf("%s: got %d themes, want %d", query, got, want)
		}
	}
}

func TestEachSiteIsShownItsOwnRelease(t *testing.T) {
	f := newFake()
	a := newAPI(t, f)
	for _, address := range []string{"/plugins/info/1.2/", "/themes/info/1.2/"} {
		action := "action=query_plugins"
		if strings.Contains(address, "themes") {
			action = "action=query_themes"
		}
		a.Answer(t.Context(), &Request{Method: "GET", Path: address, Query: action, Asked: registry.Query{Site: "c7", Environment: "staging"}})
	}
	for _, q := range f.queries {
		if q.Site != "c7" || q.Environment != "staging" {
			t.Errorf("a document was asked for with %+v", q)
		}
	}
	if len(f.queries) != 3 {
		t.Errorf("%d documents were asked for", len(f.queries))
	}
}

func TestFieldsInAllSpellings(t *testing.T) {
	a := newAPI(t, newFake())
	members := func(query string) string {
		value, err := decodeJSON(a.get(t, "/plugins/info/1.2/?action=plugin_information&request[slug]=hello-yard&"+query).Body)
		if err != nil {
			t.Fatal(err)
		}
		var keys []string
		for _, m := range value.(object) {
			keys = append(keys, m.key)
		}
		return " " + strings.Join(keys, " ") + " "
	}
	for _, test := range []struct {
		query      string
		with, lack string
	}{
		{"", "sections banners active_installs external digests", "icons downloaded description compatibility short_description provenance hello-yard download_url plugin"},
		{"request[fields]=icons,-banners", "icons", "banners"},
		{"request[fields][]=icons&request[fields][]=-banners", "icons", "banners"},
		{"request[fields][icons]=1&request[fields][banners]=0", "icons", "banners"},
		{"request[fields][icons]=true&request[fields][banners]=false", "icons banners", ""}, // PHP's (bool) "false"
		{"request[fields][downloadlink]=0", "", "download_link"},
		{"request[fields][sections]=0", "", "sections"},
		{"request[fields][sections]=0&request[fields][reviews]=1", "sections", ""},
		{"request[fields][business_model]=0", "", "business_model repository_url commercial_support_url"},
		{"request[fields][name]=0&request[fields][slug]=0&request[fields][external]=0", "name slug external", ""},
		{"request[fields][downloaded]=1&request[fields][description]=1&request[fields][language_packs]=1", "downloaded description language_packs", ""},
		{"request[fields][a][b]=1&request[fields][c][]=2", "sections", ""},
	} {
		got := members(test.query)
		for _, key := range strings.Fields(test.with) {
			if !strings.Contains(got, " "+key+" ") {
				t.Errorf("%s: %s is missing", test.query, key)
			}
		}
		for _, key := range strings.Fields(test.lack) {
			if strings.Contains(got, " "+key+" ") {
				t.Errorf("%s: %s is there", test.query, key)
			}
		}
	}
}

// FuzzInformation asserts of any address and form that the answer is JSON or
// PHP of a bounded size, with a status of this API.
func FuzzInformation(f *testing.F) {
	for _, query := range []string{
		"action=plugin_information&request[slug]=hello-yard&request[fields][sections]=0", "action=query_plugins&request[search]=a&request[page]=2",
		"action=hot_tags&request[number]=-1", "action=theme_information&slugs[]=garden-path&fields=a", "action=query_themes&request[tag][]=blog",
		"action=plugin_information&request=" + url.QueryEscape(`O:8:"stdClass":1:{s:4:"slug";s:4:"bare";}`), "a[b][c][][d]=1&a[b]=2&[x]=3&a[=4&a]b=5&&=&callback=x",
	} {
		f.Add("/plugins/info/1.2/", query, "")
		f.Add("/themes/info/1.0/", query, query)
		f.Add("/plugins/info/1.0/hello-yard.php", query, "")
	}
	f.Add("/plugins/info/1.0/", "action=plugin_information&slugs=%00a,b", "")
	f.Fuzz(func(t *testing.T, path, query, form string) {
		got := newAPI(t, newFake()).Answer(t.Context(), &Request{Method: "GET", Path: path, Query: query, Form: form})
		switch {
		case got.Status != 200 && got.Status != 400 && got.Status != 404 && got.Status != 422 || got.Err != nil:
			t.Fatalf("got %d, %v", got.Status, got.Err)
		case len(got.Body) > 1<<20:
			t.Fatalf("got %d bytes", len(got.Body))
		case strings.HasPrefix(got.Type, "application/json"):
			if _, err := decodeJSON(got.Body); err != nil {
				t.Fatalf("%v in %s", err, got.Body)
			}
		case strings.HasPrefix(got.Type, "text/plain"):
			if _, err := serialize.Read(string(got.Body), serialize.Limits{Bytes: 1 << 20, Depth: 16, Elements: 1 << 16}); err != nil {
				t.Fatalf("%v in %s", err, got.Body)
			}
		default:
			t.Fatalf("got an answer of type %q", got.Type)
		}
	})
}
