package wporg

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// unserialised gives what the real PHP makes of an answer, as JSON makes it:
// arrays of text keys and objects are the same then, and so are empty ones and
// lists.
func unserialised(t *testing.T, body []byte) any {
	t.Helper()
	binary, err := exec.LookPath("php")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("there is no PHP here")
		}
		t.Skip("there is no PHP here")
	}
	cmd := exec.CommandContext(t.Context(), binary, "-r", `echo json_encode(unserialize(stream_get_contents(STDIN), ["allowed_classes" => ["stdClass"]]), JSON_THROW_ON_ERROR);`)
	cmd.Stdin = bytes.NewReader(body)
	output, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	return decoded(t, output)
}

func decoded(t *testing.T, body []byte) any {
	t.Helper()
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return alike(value)
}

// alike makes lists of empty objects.
func alike(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for key := range v {
			v[key] = alike(v[key])
		}
		if len(v) == 0 {
			return []any{}
		}
	case []any:
		for i := range v {
			v[i] = alike(v[i])
		}
	}
	return value
}

// TestOldAndNewProtocolsSayTheSame compares, key by key, what PHP reads of 1.0
// with the JSON of 1.1 or of the same address with .json.
func TestOldAndNewProtocolsSayTheSame(t *testing.T) {
	a := newAPI(t, newFake())
	plugins := `O:8:"stdClass":2:{s:7:"plugins";a:2:{s:25:"hello-yard/hello-yard.php";a:14:{s:4:"Name";s:10:"Hello Yard";s:9:"PluginURI";s:0:"";s:7:"Version";s:5:"1.1.0";s:11:"Description";s:19:"Greets <em>all</em>";s:6:"Author";s:4:"Acme";s:9:"AuthorURI";s:0:"";s:10:"TextDomain";s:0:"";s:10:"DomainPath";s:0:"";s:7:"Network";b:0;s:5:"Title";s:10:"Hello Yard";s:10:"AuthorName";s:4:"Acme";s:6:"Number";i:1;s:5:"Float";d:1.5;s:4:"Null";N;}s:13:"bare/main.php";a:1:{s:7:"Version";s:5:"0.0.9";}}s:6:"active";a:1:{i:0;s:25:"hello-yard/hello-yard.php";}}`
	asJSON := a.post(t, "/plugins/update-check/1.1/", "plugins", `{"plugins":{"hello-yard/hello-yard.php":{"Version":"1.1.0"},"bare/main.php":{"Version":"0.0.9"}}}`)
	for _, test := range []struct {
		name     string
		old, new []byte
		member   string // of the new one
	}{
		{"plugins/update-check", a.post(t, "/plugins/update-check/1.0/", "plugins", plugins).Body, asJSON.Body, "plugins"},
		{
			"themes/update-check", a.post(t, "/themes/update-check/1.0/", "themes", `a:1:{s:11:"garden-path";a:1:{s:7:"Version";s:1:"1";}}`).Body,
			a.post(t, "/themes/update-check/1.1/", "themes", `{"themes":{"garden-path":{"Version":"1"}}}`).Body, "themes",
		},
		{"plugins/info", a.get(t, "/plugins/info/1.0/hello-yard").Body, a.get(t, "/plugins/info/1.0/hello-yard.json").Body, ""},
		{
			"themes/info", a.get(t, "/themes/info/1.0/?action=query_themes").Body,
			a.get(t, "/themes/info/1.1/?action=query_themes").Body, "",
		},
		{"plugins/info, none", a.get(t, "/plugins/info/1.0/nope").Body, a.get(t, "/plugins/info/1.0/nope.json").Body, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			want := decoded(t, test.new)
			if test.member != "" {
				want = want.(map[string]any)[test.member]
			}
			if diff := cmp.Diff(want, unserialised(t, test.old)); diff != "" {
				t.Errorf("1.0 says something else (-JSON +PHP):\n%s", diff)
			}
		})
	}
}
