package main

import (
	"bytes"
	"encoding/json"
	"runtime/debug"
	"strings"
	"testing"
)

func TestBillOfMaterialsNamesEveryModule(t *testing.T) {
	info := &debug.BuildInfo{
		GoVersion: "go1.26.8",
		Main:      debug.Module{Path: "github.com/pluginyard/pluginyard", Version: "v1.2.0+dirty"},
		Deps: []*debug.Module{
			{Path: "golang.org/x/net", Version: "v0.59.0", Sum: "h1:bm90IGEgc3Vt="},
			{Path: "example.com/old", Version: "v1.0.0", Replace: &debug.Module{Path: "example.com/new", Version: "v1.1.0"}},
		},
		Settings: []debug.BuildSetting{{Key: "vcs.time", Value: "2026-11-22T05:00:00Z"}, {Key: "vcs.revision", Value: "c0ffee"}, {Key: "-ldflags", Value: "-X key=secret"}},
	}
	var text bytes.Buffer
	if err := newBOM(info).write(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"bomFormat": "CycloneDX"`, `"specVersion": "1.6"`, `"timestamp": "2026-11-22T05:00:00Z"`,
		`"pkg:golang/github.com/pluginyard/pluginyard@v1.2.0%2Bdirty"`, `"pkg:golang/std@1.26.8"`,
		`"pkg:golang/golang.org/x/net@v0.59.0"`, `"h1:bm90IGEgc3Vt="`, `"pkg:golang/example.com/new@v1.1.0"`, `"c0ffee"`,
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("it lacks %s", want)
		}
	}
	for _, not := range []string{"example.com/old", "secret"} {
		if strings.Contains(text.String(), not) {
			t.Errorf("it holds %s", not)
		}
	}
	var b bom
	if err := json.Unmarshal(text.Bytes(), &b); err != nil {
		t.Fatal(err)
	}
	if got, want := len(b.Dependencies[0].DependsOn), len(b.Components); got != want || want != 3 {
		t.Errorf("%d of %d components are needed, want 3 of 3", got, want)
	}
}
