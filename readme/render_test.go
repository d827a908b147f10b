package readme

import "testing"

// rendering is one case of a rule of HTML, GitHubHTML or Text.
type rendering struct {
	name, markdown, want string
}

// checkRendering runs the cases through render.
func checkRendering(t *testing.T, render func(string) string, cases []rendering) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Helper()
			if got := render(c.markdown); got != c.want {
				t.Errorf("%q\ngot  %q\nwant %q", c.markdown, got, c.want)
			}
		})
	}
}

// testOptions are the bases that relative addresses meet in tests.
var testOptions = Options{
	Profile:   Serve,
	LinkBase:  "https://example.com/acme/hello-yard/blob/main/",
	ImageBase: "https://raw.example.com/acme/hello-yard/main/",
}

// serving are the options of a registry.
var serving = Options{Profile: Serve}

func toHTML(markdown string) string { return HTML(markdown, testOptions) }
