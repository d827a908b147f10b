package main

import (
	"cmp"
	"encoding/json"
	"io"
	"runtime/debug"
	"slices"
	"strings"
)

// bom is a software bill of materials, CycloneDX 1.6 as JSON:
// https://cyclonedx.org/docs/1.6/json/. It holds no time but the commit's, so
// that the same program always has the same one.
type bom struct {
	Format       string          `json:"bomFormat"`
	SpecVersion  string          `json:"specVersion"`
	Version      int             `json:"version"`
	Metadata     bomMetadata     `json:"metadata"`
	Components   []bomComponent  `json:"components"`
	Dependencies []bomDependency `json:"dependencies"`
}

type bomMetadata struct {
	Timestamp string       `json:"timestamp,omitempty"`
	Component bomComponent `json:"component"`
}

type bomComponent struct {
	Type       string        `json:"type"` // "application" or "library"
	Ref        string        `json:"bom-ref"`
	Name       string        `json:"name"`
	Version    string        `json:"version,omitempty"`
	PURL       string        `json:"purl"`
	Properties []bomProperty `json:"properties,omitempty"`
}

type bomProperty struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type bomDependency struct {
	Ref       string   `json:"ref"`
	DependsOn []string `json:"dependsOn"`
}

// newBOM lists the modules that are linked into a program, as Go noted them in
// it, and Go's own library. Which module needs which is not noted: all are the
// program's.
func newBOM(info *debug.BuildInfo) bom {
	goVersion := strings.TrimPrefix(info.GoVersion, "go")
	library := func(path, version, sum string) bomComponent {
		c := bomComponent{Type: "library", Name: path, Version: version, PURL: purl(path, version)}
		c.Ref = c.PURL
		if sum != "" { // of go.sum: what the module's files hash to
			c.Properties = []bomProperty{{"pluginyard:go.sum", sum}}
		}
		return c
	}
	b := bom{Format: "CycloneDX", SpecVersion: "1.6", Version: 1, Components: []bomComponent{library("std", goVersion, "")}}
	main := bomComponent{Type: "application", Name: info.Main.Path, Version: cmp.Or(info.Main.Version, "(devel)"), PURL: purl(info.Main.Path, info.Main.Version)}
	main.Ref = main.PURL
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.time":
			b.Metadata.Timestamp = s.Value
		case strings.HasPrefix(s.Key, "vcs."), s.Key == "GOOS", s.Key == "GOARCH", s.Key == "CGO_ENABLED", s.Key == "-tags":
			main.Properties = append(main.Properties, bomProperty{"pluginyard:" + s.Key, s.Value})
		}
	}
	b.Metadata.Component = main
	for _, module := range info.Deps {
		if module.Replace != nil {
			module = module.Replace
		}
		b.Components = append(b.Components, library(module.Path, module.Version, module.Sum))
	}
	slices.SortFunc(b.Components, func(a, b bomComponent) int { return cmp.Compare(a.Ref, b.Ref) })
	needs := bomDependency{Ref: main.Ref}
	for _, c := range b.Components {
		needs.DependsOn = append(needs.DependsOn, c.Ref)
	}
	b.Dependencies = []bomDependency{needs}
	return b
}

// purl names a Go module as scanners look it up:
// https://github.com/package-url/purl-spec.
func purl(path, version string) string {
	name := "pkg:golang/" + strings.ReplaceAll(path, "+", "%2B")
	if version == "" || version == "(devel)" {
		return name
	}
	return name + "@" + strings.ReplaceAll(version, "+", "%2B")
}

func (b bom) write(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(b)
}
