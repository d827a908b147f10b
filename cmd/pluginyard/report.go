package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/pluginyard/pluginyard/registry"
)

// format is a form of a report.
type format struct {
	name  string
	write func(io.Writer, *report) error
}

func formats() []format {
	return []format{{"text", writeText}, {"json", writeJSON}, {"github", writeGitHub}, {"sarif", writeSARIF}}
}

func formatNames() []string {
	var names []string
	for _, f := range formats() {
		names = append(names, f.name)
	}
	return names
}

// formatOf is the format of that name, or nil.
func formatOf(name string) *format {
	for _, f := range formats() {
		if f.name == name {
			return &f
		}
	}
	return nil
}

// writeText writes the report for people, in the form that editors know from
// compilers.
func writeText(w io.Writer, r *report) error {
	out := bufio.NewWriter(w)
	for _, f := range r.findings {
		place := cmp.Or(f.Place, r.slug, r.source)
		if f.Place != "" && f.Line > 0 {
			place = fmt.Sprintf("%s:%d", place, f.Line)
		}
		fmt.Fprintln(out, inert(fmt.Sprintf("%s: %s: %s [%s]", place, f.Severity, f.Message, f.Code)))
		if f.Remedy != "" {
			fmt.Fprintln(out, inert("    "+f.Remedy))
		}
	}
	fmt.Fprintln(out, inert(r.summary()))
	return out.Flush()
}

// inert keeps a line of text, which holds names of strangers, from being a
// command where a workflow of GitHub shows it: "::name::" at its start, or in
// an older form "##[name]" anywhere.
func inert(line string) string {
	line = strings.ReplaceAll(line, "##[", "## [")
	if strings.HasPrefix(strings.TrimSpace(line), "::") {
		line = "./" + line
	}
	return line
}

// jsonReport is the report for programs.
type jsonReport struct {
	Source   string        `json:"source"` // as given
	Plugin   jsonPlugin    `json:"plugin"`
	Summary  jsonSummary   `json:"summary"`
	Findings []jsonFinding `json:"findings"` // the gravest first
}

type jsonPlugin struct {
	Slug    string `json:"slug"`
	Type    string `json:"type"`    // "plugin" or "theme"; "" if it cannot be served
	Name    string `json:"name"`    // "" if the plugin cannot be served
	Version string `json:"version"` // that would be advertised
	File    string `json:"file"`    // the main file
}

type jsonSummary struct {
	Errors   int `json:"errors"`
	Warnings int `json:"warnings"`
	Notes    int `json:"notes"`
}

type jsonFinding struct {
	Severity string `json:"severity"`
	Code     string `json:"code"`
	File     string `json:"file"` // "" concerns the plugin as a whole
	Line     int    `json:"line"` // from 1; 0 concerns the file as a whole
	Message  string `json:"message"`
	Remedy   string `json:"remedy"`
}

func writeJSON(w io.Writer, r *report) error {
	j := jsonReport{
		Source:   r.source,
		Plugin:   jsonPlugin{Slug: r.slug, Type: string(r.kind), Name: r.name, Version: r.version, File: r.main},
		Summary:  jsonSummary{r.count(registry.SeverityError), r.count(registry.SeverityWarning), r.count(registry.SeverityNote)},
		Findings: []jsonFinding{},
	}
	for _, f := range r.findings {
		j.Findings = append(j.Findings, jsonFinding{f.Severity, f.Code, f.Place, f.Line, f.Message, f.Remedy})
	}
	return encodeIndented(w, j)
}

func encodeIndented(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}

// writeGitHub writes the report as commands that a workflow of GitHub turns
// into annotations of the files.
// https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
func writeGitHub(w io.Writer, r *report) error {
	out := bufio.NewWriter(w)
	for _, f := range r.findings {
		command := f.Severity
		if f.Severity == registry.SeverityNote {
			command = "notice"
		}
		var properties []string
		if f.Place != "" {
			properties = append(properties, "file="+escapeProperty(f.Place))
			if f.Line > 0 {
				properties = append(properties, fmt.Sprintf("line=%d", f.Line))
			}
		}
		properties = append(properties, "title="+escapeProperty(f.Code))
		fmt.Fprintf(out, "::%s %s::%s\n", command, strings.Join(properties, ","), escapeData(strings.TrimSpace(f.Message+"\n"+f.Remedy)))
	}
	fmt.Fprintln(out, inert(r.summary()))
	return out.Flush()
}

// escapeData and escapeProperty escape as GitHub's own toolkit does.
// https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
func escapeData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

func escapeProperty(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(s)
}
