package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/url"
	"strings"

	"github.com/pluginyard/pluginyard/registry"
)

// The part of SARIF 2.1.0 that a report needs, which is also what GitHub's code
// scanning reads.
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool       sarifTool     `json:"tool"`
	ColumnKind string        `json:"columnKind"`
	Results    []sarifResult `json:"results"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name           string      `json:"name"`
	Version        string      `json:"version,omitempty"`
	InformationURI string      `json:"informationUri"`
	Rules          []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID                   string        `json:"id"`
	ShortDescription     sarifText     `json:"shortDescription"`
	FullDescription      sarifText     `json:"fullDescription"`
	Help                 sarifText     `json:"help"`
	DefaultConfiguration sarifDefaults `json:"defaultConfiguration"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifDefaults struct {
	Level string `json:"level"`
}

type sarifResult struct {
	RuleID       string            `json:"ruleId"`
	RuleIndex    int               `json:"ruleIndex"`
	Level        string            `json:"level"` // our severities are SARIF's levels
	Message      sarifText         `json:"message"`
	Locations    []sarifLocation   `json:"locations"`
	Fingerprints map[string]string `json:"partialFingerprints"`
}

type sarifLocation struct {
	Physical sarifPhysical `json:"physicalLocation"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   *sarifRegion  `json:"region,omitempty"`
}

type sarifArtifact struct {
	URI string `json:"uri"`
}

type sarifRegion struct {
	StartLine int `json:"startLine"`
}

const (
	sarifSchema  = "https://json.schemastore.org/sarif-2.1.0.json"
	sarifProject = "https://github.com/pluginyard/pluginyard"
)

// writeSARIF writes the report for code scanning.
func writeSARIF(w io.Writer, r *report) error {
	run := sarifRun{ColumnKind: "utf16CodeUnits", Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: "pluginyard", Version: readBuildFacts().Version, InformationURI: sarifProject, Rules: []sarifRule{}}
	known := map[string]registry.Rule{}
	for _, rule := range registry.Rules() {
		known[rule.Code] = rule
	}
	index := map[string]int{}
	for _, f := range r.findings {
		if _, ok := index[f.Code]; !ok {
			index[f.Code] = len(run.Tool.Driver.Rules)
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRuleOf(known[f.Code], f))
		}
		run.Results = append(run.Results, sarifResultOf(r, f, index[f.Code]))
	}
	return encodeIndented(w, sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{run}})
}

// sarifRuleOf describes a rule; one about the readme's text, which is
// WordPress.org's, by what was found.
func sarifRuleOf(rule registry.Rule, f registry.Finding) sarifRule {
	title := cmp.Or(rule.Title, "Readme: "+strings.ReplaceAll(f.Code, "_", " "))
	help := cmp.Or(rule.Help, f.Remedy, f.Message)
	return sarifRule{
		ID: f.Code, ShortDescription: sarifText{title + "."}, FullDescription: sarifText{cmp.Or(rule.Help, f.Message)},
		Help: sarifText{help}, DefaultConfiguration: sarifDefaults{f.Severity},
	}
}

func sarifResultOf(r *report, f registry.Finding, rule int) sarifResult {
	// Code scanning shows no result without a file: the main one stands for
	// the plugin as a whole.
	where := sarifPhysical{Artifact: sarifArtifact{URI: relativeURI(cmp.Or(f.Place, r.main, "readme.txt"))}}
	if f.Place != "" && f.Line > 0 {
		where.Region = &sarifRegion{StartLine: f.Line}
	}
	sum := sha256.Sum256([]byte(f.Code + "\x00" + f.Place + "\x00" + f.Message))
	return sarifResult{
		RuleID: f.Code, RuleIndex: rule, Level: f.Severity,
		Message:      sarifText{strings.TrimSpace(f.Message + " " + f.Remedy)},
		Locations:    []sarifLocation{{where}},
		Fingerprints: map[string]string{"finding/v1": hex.EncodeToString(sum[:16])},
	}
}

// relativeURI is a path as a relative reference: escaped, and never taken for
// an address or a scheme.
func relativeURI(name string) string {
	return (&url.URL{Path: name}).String()
}
