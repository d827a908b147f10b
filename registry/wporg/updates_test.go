package wporg

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/pluginyard/pluginyard/registry"
	"github.com/pluginyard/pluginyard/registry/wporg/serialize"
)

func TestUpdateChecksAsWordPressReadsThem(t *testing.T) {
	a := newAPI(t, newFake())
	plugins := `{"plugins":{"bare/main.php":{"Name":"Bare","Version":"0.1","UpdateURI":""},"akismet/akismet.php":{"Version":"1.0","UpdateURI":""},"hello-yard/hello-yard.php":{"Name":"Hello Yard","Version":"1.1.0","UpdateURI":"https://updates.example.com/hello-yard"}},"active":[]}`
	serialised := `O:8:"stdClass":2:{s:7:"plugins";a:2:{s:25:"hello-yard/hello-yard.php";a:2:{s:4:"Name";s:10:"Hello Yard";s:7:"Version";s:5:"1.1.0";}s:13:"bare/main.php";a:1:{s:7:"Version";s:5:"0.0.9";}}s:6:"active";a:0:{}}`
	theme := `a:2:{s:4:"Name";s:11:"Garden Path";s:7:"Version";s:3:"1.9";}`
	for name, answer := range map[string]*Answer{
		"plugins-1.1":     a.post(t, "/plugins/update-check/1.1/", "plugins", plugins, "all", "true", "translations", "[]", "locale", "[]"),
		"plugins-1.1-not": a.post(t, "/plugins/update-check/1.1", "plugins", plugins),
		"plugins-1.0":     a.post(t, "/plugins/update-check/1.0/", "plugins", serialised),
		"themes-1.1":      a.post(t, "/themes/update-check/1.1/", "themes", `{"active":"garden-path","themes":{"garden-path":{"Version":"1.9","UpdateURI":""}}}`),
		"themes-1.1-not":  a.post(t, "/themes/update-check/1.1/", "themes", `{"active":"garden-path","themes":{"garden-path":{"Version":"2.0"}}}`),
		"themes-1.0":      a.post(t, "/themes/update-check/1.0/", "themes", `a:2:{s:13:"current_theme";a:1:{s:7:"Version";s:1:"1";}s:11:"garden-path";`+theme+`}`),
		"themes-1.0-new":  a.post(t, "/themes/update-check/1.0/", "themes", `O:8:"stdClass":2:{s:6:"active";s:11:"garden-path";s:6:"themes";a:1:{s:11:"garden-path";`+theme+`}}`),
	} {
		t.Run(name, func(t *testing.T) { same(t, "updates/"+name+".txt", pretty(t, answer)) })
	}
}

func TestWhatIsLeftOutOfUpdateChecks(t *testing.T) {
	f := newFake()
	f.unbuilt["bare"] = true
	a := newAPI(t, f)
	for _, test := range []struct {
		name, file, headers string
		want                string // "update", "current" or ""
	}{
		{"an older version", "hello-yard/hello-yard.php", `{"Version":"1.1.9"}`, "update"},
		{"the same version", "hello-yard/hello-yard.php", `{"Version":"1.2.0"}`, "current"},
		{"a newer version", "hello-yard/hello-yard.php", `{"Version":"1.10"}`, "current"},
		{"a prerelease of it", "hello-yard/hello-yard.php", `{"Version":"1.2.0-beta1"}`, "update"},
		{"no version", "hello-yard/hello-yard.php", `{}`, "update"},
		{"a version that is a number", "hello-yard/hello-yard.php", `{"Version":1.1}`, "update"},
		{"a version of another type", "hello-yard/hello-yard.php", `{"Version":["1.2.0"]}`, "update"},
		{"another file of the plugin", "hello-yard/other.php", `{"Version":"1.1.0"}`, ""},
		{"another folder", "hello-yard-2/hello-yard.php", `{"Version":"1.1.0"}`, ""},
		{"other capitals", "Hello-Yard/hello-yard.php", `{"Version":"1.1.0"}`, ""},
		{"no folder", "hello-yard.php", `{"Version":"1.1.0"}`, ""},
		{"a plugin that is not built", "bare/main.php", `{"Version":"0.0.1"}`, ""},
		{"a theme's name", "garden-path", `{"Version":"1.0"}`, ""},
		{"headers that are none", "hello-yard/hello-yard.php", `"1.1.0"`, ""},
		{"our host", "hello-yard/hello-yard.php", `{"Version":"1.1.0","UpdateURI":"https://UPDATES.example.com:8443/anything"}`, "update"},
		{"our host without a scheme", "hello-yard/hello-yard.php", `{"Version":"1.1.0","UpdateURI":"updates.example.com/hello-yard"}`, "update"},
		{"WordPress.org's own", "hello-yard/hello-yard.php", `{"Version":"1.1.0","UpdateURI":"https://wordpress.org/plugins/hello-yard/"}`, "update"},
		{"WordPress.org's own in short", "hello-yard/hello-yard.php", `{"Version":"1.1.0","UpdateURI":"w.org/plugin/hello-yard"}`, "update"},
		{"WordPress.org's of another", "hello-yard/hello-yard.php", `{"Version":"1.1.0","UpdateURI":"https://wordpress.org/plugins/hello/"}`, ""},
		{"WordPress.org's of a theme", "hello-yard/hello-yard.php", `{"Version":"1.1.0","UpdateURI":"w.org/theme/hello-yard"}`, ""},
		{"another host", "hello-yard/hello-yard.php", `{"Version":"1.1.0","UpdateURI":"https://example.com/updates.example.com"}`, ""},
		{"another host that ends as ours", "hello-yard/hello-yard.php", `{"Version":"1.1.0","UpdateURI":"https://evilupdates.example.com/"}`, ""},
		{"our host as a user", "hello-yard/hello-yard.php", `{"Version":"1.1.0","UpdateURI":"https://updates.example.com@example.com/"}`, ""},
		{"updates switched off", "hello-yard/hello-yard.php", `{"Version":"1.1.0","UpdateURI":"false"}`, ""},
		{"an address that is none", "hello-yard/hello-yard.php", `{"Version":"1.1.0","UpdateURI":"https://[::"}`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			file, err := json.Marshal(test.file)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			answer := a.post(t, "/plugins/update-check/1.1/", "plugins", `{"plugins":{`+string(file)+`:`+test.headers+`}}`, "all", "true")
			updates, current := threeKeys(t, "plugins", answer)
			if updates[test.file] != nil {
				got = "update"
			} else if current[test.file] != nil {
				got = "current"
			}
			if got != test.want || len(updates)+len(current) > 1 {
				t.Errorf("got %q, want %q: %s", got, test.want, answer.Body)
			}
		})
	}
}

// threeKeys asserts what WordPress reads of a 200 unguarded, and gives two of
// the keys.
func threeKeys(t testing.TB, member string, a *Answer) (updates, current map[string]map[string]any) {
	t.Helper()
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(a.Body, &keys); err != nil || a.Status != 200 || len(keys) != 3 || string(keys["translations"]) != "[]" {
		t.Fatalf("got %d %s, %v", a.Status, a.Body, err)
	}
	if err := json.Unmarshal(keys[member], &updates); err != nil || updates == nil {
		t.Fatalf("%s is no object: %s", member, keys[member])
	}
	if err := json.Unmarshal(keys["no_update"], &current); err != nil || current == nil {
		t.Fatalf("no_update is no object: %s", keys["no_update"])
	}
	for _, of := range []map[string]map[string]any{updates, current} {
		for file, entry := range of {
			for _, key := range map[string][]string{"plugins": {"id", "slug", "plugin", "new_version", "url", "package"}, "themes": {"theme", "new_version", "url", "package"}}[member] {
				if s, ok := entry[key].(string); !ok || s == "" {
					t.Fatalf("%s has no %s: %v", file, key, entry)
				}
			}
			if own := entry[strings.TrimSuffix(member, "s")]; own != file {
				t.Fatalf("%s is told as %v", file, own)
			}
		}
	}
	return updates, current
}

// WordPress 6.5 and before take disable_autoupdate for the opposite.
func TestBackgroundUpdatesAreStoppedWhereWordPressUnderstandsIt(t *testing.T) {
	f := newFake()
	f.list[0].Update = json.RawMessage(`{"id":"w","slug":"hello-yard","plugin":"hello-yard/hello-yard.php","new_version":"1.2.0","upgrade_notice":",\"disable_autoupdate\":true","disable_autoupdate":true,"icons":{}}`)
	a := newAPI(t, f)
	for agent, want := range map[string]bool{
		"WordPress/6.6; https://example.com/":    true,
		"WordPress/7.1.1; https://example.com/":  true,
		"WordPress/6.5.5; https://example.com/":  false,
		"WordPress/6.1.9; https://example.com/":  false,
		"WordPress/4.9.26; https://example.com/": false,
		"curl/8.5.0":                             false,
	} {
		form := url.Values{"plugins": {`{"plugins":{"hello-yard/hello-yard.php":{"Version":"1.1.0"}}}`}}
		answer := a.Answer(t.Context(), &Request{Method: "POST", Path: "/plugins/update-check/1.1/", Form: form.Encode(), UserAgent: agent})
		var told struct{ Plugins map[string]map[string]any }
		if err := json.Unmarshal(answer.Body, &told); err != nil {
			t.Fatalf("%s: %v in %s", agent, err, answer.Body)
		}
		update := told.Plugins["hello-yard/hello-yard.php"]
		if _, got := update["disable_autoupdate"]; got != want {
			t.Errorf("%s: told %v, want %v", agent, got, want)
		}
		if update["upgrade_notice"] != `,"disable_autoupdate":true` {
			t.Errorf("%s: a text was changed: %v", agent, update)
		}
	}
}

func TestPHPReadsTheUpdatesOf10(t *testing.T) {
	a := newAPI(t, newFake())
	limits := serialize.Limits{Bytes: 1 << 20, Depth: 8, Elements: 1000}
	answer := a.post(t, "/plugins/update-check/1.0/", "plugins", `a:1:{s:7:"plugins";a:1:{s:13:"bare/main.php";a:0:{}}}`)
	value, err := serialize.Read(string(answer.Body), limits)
	if err != nil {
		t.Fatal(err)
	}
	update, ok := value.(serialize.Array)[0].Value.(serialize.Object)
	if !ok || update[0].Name != "id" || update[0].Value != "updates.example.com/yard/bare" {
		t.Errorf("got %v", value)
	}
	if answer := a.post(t, "/plugins/update-check/1.0/", "plugins", `O:8:"stdClass":2:{s:7:"plugins";a:0:{}s:6:"active";a:0:{}}`); string(answer.Body) != "a:0:{}" {
		t.Errorf("nothing to update: got %s", answer.Body)
	}
}

// hostile are values of plugins= and themes= that nobody's WordPress sends.
// What of them is well formed is answered, and the rest refused.
func hostile() map[string]string {
	deep := func(open, end string) string {
		return `{"plugins":` + strings.Repeat(open, 10000) + strings.Repeat(end, 10000) + `}`
	}
	var unknown, twice strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&unknown, `"unknown-%d/unknown.php":{"Version":"1.0"},`, i)
		twice.WriteString(`"hello-yard/hello-yard.php":{"Version":"9"},`)
	}
	return map[string]string{
		"nothing":                      "",
		"a word":                       "plugins",
		"null":                         "null",
		"a string":                     `"plugins"`,
		"a list":                       `[]`,
		"an object without plugins":    `{"active":[]}`,
		"plugins of null":              `{"plugins":null}`,
		"plugins of a number":          `{"plugins":1}`,
		"plugins of a string":          `{"plugins":"hello-yard/hello-yard.php"}`,
		"plugins of a list":            `{"plugins":["hello-yard/hello-yard.php",{"Version":"1"}]}`,
		"plugins of an empty list":     `{"plugins":[],"active":[]}`,
		"half an object":               `{"plugins":{"hello-yard/hello-yard.php":{"Version":"1.0"`,
		"something behind it":          `{"plugins":{}}{}`,
		"wrong types everywhere":       `{"plugins":{"hello-yard/hello-yard.php":{"Name":[],"Version":{"a":1},"UpdateURI":[null],"Network":"x"},"a":1,"b":null,"c":[],"d":"e","f":true}, "active":{"a":{}}}`,
		"names in other capitals":      `{"plugins":{"hello-yard/hello-yard.php":{"version":[],"VERSION":null}}}`,
		"a file twice":                 `{"plugins":{"hello-yard/hello-yard.php":{"Version":"9"},"hello-yard/hello-yard.php":{"Version":"1"}}}`,
		"a file five thousand times":   `{"plugins":{` + twice.String() + `"a":1}}`,
		"plugins twice":                `{"plugins":{"hello-yard/hello-yard.php":{"Version":"1"}},"plugins":{}}`,
		"bytes that are no UTF-8":      "{\"plugins\":{\"hello-yard/\xff\xfe.php\":{\"Version\":\"\xff\"}}}",
		"half a surrogate":             `{"plugins":{"\ud800/hello.php":{"Version":"\udfff"}}}`,
		"a number without end":         `{"plugins":{"a/b.php":{"Version":1` + strings.Repeat("0", 100000) + `}}}`,
		"a number beyond all":          `{"plugins":{"hello-yard/hello-yard.php":{"Version":1e999999999}}}`,
		"objects 10,000 deep":          deep(`{"a":`, `}`),
		"lists 10,000 deep":            deep(`[`, `]`),
		"a plugin of lists in lists":   `{"plugins":{"a/b.php":{"Version":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}}}`,
		"unknown plugins by thousands": `{"plugins":{` + unknown.String() + `"hello-yard/hello-yard.php":{"Version":"1.0"}}}`,
		"more plugins than are read":   `{"plugins":{` + strings.Repeat(`"a":{},`, MaxPlugins) + `"hello-yard/hello-yard.php":{"Version":"1.0"}}}`,
		"ten megabytes":                `{"plugins":{"a/b.php":{"Description":"` + strings.Repeat("a", 10<<20) + `"}}}`,
		"an object of PHP":             `O:8:"stdClass":1:{s:7:"plugins";a:1:{s:25:"hello-yard/hello-yard.php";a:1:{s:7:"Version";s:1:"1";}}}`,
		"PHP of wrong types":           `O:8:"stdClass":1:{s:7:"plugins";a:3:{s:25:"hello-yard/hello-yard.php";a:2:{s:7:"Version";a:0:{}s:9:"UpdateURI";N;}i:7;i:8;s:1:"x";d:1.5;}}`,
		"PHP without plugins":          `O:8:"stdClass":0:{}`,
		"PHP that is no array":         `i:1;`,
		"another class":                `O:8:"Requests":1:{s:7:"plugins";a:0:{}}`,
		"another class within":         `O:8:"stdClass":1:{s:7:"plugins";a:1:{s:1:"a";O:5:"WP_Up":0:{}}}`,
		"a negative length":            `a:-1:{}`,
		"a length of a gigabyte":       `a:1073741824:{s:1:"a";N;}`,
		"a number beyond 64 bits":      `a:1:{i:99999999999999999999;N;}`,
		"a reference":                  `a:2:{s:7:"plugins";a:0:{}s:1:"b";R:2;}`,
		"PHP 10,000 deep":              strings.Repeat(`a:1:{s:7:"plugins";`, 10000) + "N;" + strings.Repeat("}", 10000),
		"a key twice":                  `a:2:{s:7:"plugins";a:0:{}s:7:"plugins";a:0:{}}`,
	}
}

func TestHostileUpdateChecks(t *testing.T) {
	a := newAPI(t, newFake())
	for name, value := range hostile() {
		t.Run(name, func(t *testing.T) {
			for _, member := range []string{"plugins", "themes"} {
				value := strings.Replace(value, "plugins", member, 1)
				for _, version := range []string{"1.0", "1.1"} {
					sound(t, member, version, a.post(t, "/"+member+"/update-check/"+version+"/", member, value, "all", "true"))
				}
			}
		})
	}
}

// sound asserts what may be answered to an update check, whatever was asked.
func sound(t *testing.T, member, version string, a *Answer) {
	t.Helper()
	switch {
	case a.Status != 200 && a.Status != 400 || a.Err != nil:
		t.Fatalf("got %d %v", a.Status, a.Err)
	case len(a.Body) > 1<<20:
		t.Fatalf("got %d bytes", len(a.Body))
	case version == "1.1" && a.Status == 200:
		threeKeys(t, member, a)
	case version == "1.1":
		var fault map[string]string
		if err := json.Unmarshal(a.Body, &fault); err != nil || fault["error"] == "" {
			t.Fatalf("got %s, %v", a.Body, err)
		}
	default:
		value, err := serialize.Read(string(a.Body), serialize.Limits{Bytes: 1 << 20, Depth: 8, Elements: 1 << 16})
		if _, ok := value.(serialize.Array); err != nil || ok != (a.Status == 200) {
			t.Fatalf("got %d %s, %v", a.Status, a.Body, err)
		}
	}
}

func TestWhichHostileUpdateChecksAreAnswered(t *testing.T) {
	a := newAPI(t, newFake())
	values := hostile()
	for name, want := range map[string]int{
		"plugins of an empty list": 200, "plugins of a list": 200, "wrong types everywhere": 200, "a file twice": 200,
		"bytes that are no UTF-8": 200, "unknown plugins by thousands": 200, "ten megabytes": 200,
		"nothing": 400, "a list": 400, "an object without plugins": 400, "plugins of null": 400, "something behind it": 400,
		"objects 10,000 deep": 400, "more plugins than are read": 400, "an object of PHP": 400,
	} {
		if a := a.post(t, "/plugins/update-check/1.1/", "plugins", values[name]); a.Status != want {
			t.Errorf("%s: got %d, want %d", name, a.Status, want)
		}
	}
	for name, want := range map[string]int{"an object of PHP": 200, "PHP of wrong types": 200, "nothing": 400, "another class within": 400, "a length of a gigabyte": 400} {
		if a := a.post(t, "/plugins/update-check/1.0/", "plugins", values[name]); a.Status != want {
			t.Errorf("1.0, %s: got %d, want %d", name, a.Status, want)
		}
	}
}

func TestFormsThatAreNone(t *testing.T) {
	a := newAPI(t, newFake())
	for name, form := range map[string]string{
		"nothing":              "",
		"a broken escape":      "plugins=%zz",
		"parameters by millon": strings.Repeat("a=&", 1_000_000) + "plugins=%7B%22plugins%22%3A%7B%7D%7D",
		"JSON itself":          `{"plugins":{}}`,
	} {
		if got := a.Answer(t.Context(), &Request{Method: "POST", Path: "/plugins/update-check/1.1/", Form: form}); got.Status != 400 {
			t.Errorf("%s: got %d", name, got.Status)
		}
	}
	// Of a field given twice the last counts, and another's escapes are not
	// looked at.
	form := "plugins=x&translations=%zz&plugins=" + url.QueryEscape(`{"plugins":{}}`)
	threeKeys(t, "plugins", a.Answer(t.Context(), &Request{Method: "POST", Path: "/plugins/update-check/1.1/", Form: form}))
}

// FuzzUpdateCheck asserts of any form that the answer is one that WordPress can
// read.
func FuzzUpdateCheck(f *testing.F) {
	for _, value := range hostile() {
		if len(value) < 2000 {
			f.Add("plugins=" + url.QueryEscape(value) + "&all=true")
			f.Add("themes=" + url.QueryEscape(strings.Replace(value, "plugins", "themes", 1)))
		}
	}
	f.Fuzz(func(t *testing.T, form string) {
		a := newAPI(t, newFake())
		for _, member := range []string{"plugins", "themes"} {
			for _, version := range []string{"1.0", "1.1"} {
				sound(t, member, version, a.Answer(t.Context(), &Request{Method: "POST", Path: "/" + member + "/update-check/" + version, Form: form}))
			}
		}
	})
}

// TestCapturedRequests replays what WordPress 6.1 and 7.1 sent.
func TestCapturedRequests(t *testing.T) {
	f := newFake()
	f.list[0].Slug, f.list[0].File = "slip-demo", "slip-demo/slip-demo.php"
	f.list[0].Update = json.RawMessage(strings.ReplaceAll(string(f.list[0].Update), "hello-yard", "slip-demo"))
	f.list[2].Slug, f.list[2].File = "slip-theme", "slip-theme"
	f.list[2].Update = json.RawMessage(strings.ReplaceAll(string(f.list[2].Update), "garden-path", "slip-theme"))
	base, err := url.Parse("https://updates.example.test")
	if err != nil {
		t.Fatal(err)
	}
	a := New(f, base)
	file, err := os.Open("testdata/captures.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var told strings.Builder
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var captured struct{ Method, URL, UserAgent, Body string }
		if err := json.Unmarshal(lines.Bytes(), &captured); err != nil {
			t.Fatal(err)
		}
		path, query, _ := strings.Cut(captured.URL, "?")
		answer := a.Answer(t.Context(), &Request{Method: captured.Method, Path: path, Query: query, Form: captured.Body, UserAgent: captured.UserAgent, Asked: registry.Query{}})
		fmt.Fprintf(&told, "%s %s %s\n", captured.UserAgent, captured.Method, captured.URL)
		if strings.Contains(path, "update-check") {
			updates, current := threeKeys(t, strings.Split(path, "/")[1], answer)
			if len(updates) == 0 && len(current) == 0 {
				t.Errorf("%s: nothing of ours was found", path)
			}
		}
		told.Write(pretty(t, answer))
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	same(t, "captures.txt", []byte(told.String()))
}
