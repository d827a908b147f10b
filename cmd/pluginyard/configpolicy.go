package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/pluginyard/pluginyard/registry"
)

// pluginGroup is a key of a plugin that holds keys itself.
type pluginGroup struct {
	name string
	read func(r *policyReader, n *yaml.Node)
}

// pluginGroups is the one table of them.
func pluginGroups() []pluginGroup {
	return []pluginGroup{
		{"environments", (*policyReader).environments},
		{"rollout", (*policyReader).rollout},
	}
}

// policyReader reads the groups of one plugin, and notes where their keys stand
// for faults that show only when all are read.
type policyReader struct {
	*loader
	key    string // of the plugin, "plugins[0]"
	policy *registry.Policy
	places map[string]place // by key within the plugin
}

// noValue is the fault of a policy's key that is written without a value, or
// with a variable that is empty: what was meant to hold a release back would
// let it go out to everybody.
const noValue = "empty; give a value or remove the key"

// ofPolicy reports whether a key of a plugin is one of its policy's.
func ofPolicy(name string) bool {
	return slices.Contains([]string{"yanked", "min_version", "disable_autoupdate", "environments", "rollout"}, name)
}

// scalarAt reads a single value within the plugin with its variables replaced.
// There has to be one.
func (r *policyReader) scalarAt(name string, n *yaml.Node) (string, bool) {
	key := r.key + "." + name
	r.places[name] = r.at(n.Line)
	if r.lacks(key, n) {
		return "", false
	}
	w, ok := r.scalar(key, n)
	if !ok {
		return "", false
	}
	text, ok := r.expand(key, w, false)
	if ok && text == "" {
		r.fault(r.places[name], key, w.text, noValue)
	}
	return text, ok && text != ""
}

// lacks tells that a key of the policy has no value.
func (l *loader) lacks(key string, n *yaml.Node) bool {
	if isNull(n) {
		l.fault(l.at(n.Line), key, "", noValue)
	}
	return isNull(n)
}

// parsed reads a single value and has it parsed.
func (r *policyReader) parsed(name string, n *yaml.Node, set func(text string) error) {
	text, ok := r.scalarAt(name, n)
	if !ok {
		return
	}
	if err := set(text); err != nil {
		r.fault(r.places[name], r.key+"."+name, text, "%v", err)
	}
}

func (r *policyReader) environments(n *yaml.Node) {
	known := registry.Environments()
	r.pairs(n, r.key+".environments", func(name string, at, value *yaml.Node) {
		if !slices.Contains(known, name) {
			r.unknown(at, r.key+".environments."+name, known)
			return
		}
		if text, ok := r.scalarAt("environments."+name, value); ok {
			if r.policy.Environments == nil {
				r.policy.Environments = map[string]string{}
			}
			r.policy.Environments[name] = text
		}
	})
}

func (r *policyReader) rollout(n *yaml.Node) {
	rollout := &r.policy.Rollout
	first := "" // of percent and steps
	r.pairs(n, r.key+".rollout", func(name string, at, value *yaml.Node) {
		key := "rollout." + name
		if name == "percent" || name == "steps" {
			if first != "" {
				r.fault(r.at(at.Line), r.key+"."+key, "", "rollout.%s is given as well; keep one of them", first)
				return
			}
			first = name
		}
		switch name {
		case "percent":
			r.parsed(key, value, func(text string) error {
				step, err := parsePercent(text)
				rollout.Steps = []registry.RolloutStep{{Percent: step}}
				return err
			})
		case "steps":
			r.steps(key, value)
		case "halt":
			r.parsed(key, value, func(text string) (err error) {
				rollout.Halt, err = parseSwitch(text)
				return err
			})
		default:
			r.unknown(at, r.key+"."+key, []string{"halt", "percent", "steps"})
		}
	})
}

// steps reads the list of a rollout's steps.
func (r *policyReader) steps(key string, n *yaml.Node) {
	if r.lacks(r.key+"."+key, n) || !r.plain(n, r.key+"."+key, yaml.SequenceNode, "a list") {
		return
	}
	if len(n.Content) > maxPluginList {
		r.fault(r.at(n.Line), r.key+"."+key, "", "%d values; at most %d are allowed", len(n.Content), maxPluginList)
		return
	}
	for i, item := range n.Content {
		r.step(fmt.Sprintf("%s[%d]", key, i), item)
	}
}

func (r *policyReader) step(key string, n *yaml.Node) {
	if r.lacks(r.key+"."+key, n) {
		return
	}
	var step registry.RolloutStep
	given := map[string]bool{}
	r.places[key] = r.at(n.Line)
	r.pairs(n, r.key+"."+key, func(name string, at, value *yaml.Node) {
		given[name] = true
		switch name {
		case "after":
			r.parsed(key+".after", value, func(text string) (err error) {
				step.After, err = parseAfter(text)
				return err
			})
		case "percent":
			r.parsed(key+".percent", value, func(text string) (err error) {
				step.Percent, err = parsePercent(text)
				return err
			})
		default:
			r.unknown(at, r.key+"."+key+"."+name, []string{"after", "percent"})
		}
	})
	if n.Kind == yaml.MappingNode && !given["percent"] {
		r.fault(r.at(n.Line), r.key+"."+key+".percent", "", "missing; write for example {after: 2d, percent: 50}")
	}
	r.policy.Rollout.Steps = append(r.policy.Rollout.Steps, step)
}

// policyFaults tells what no single key of a plugin's policy shows.
func (l *loader) policyFaults(key string, p *registry.Plugin, places map[string]place) {
	for _, fault := range p.CheckPolicy() {
		at, name := place{}, fault.Key
		for at == (place{}) && name != "" {
			if at = places[name]; at == (place{}) {
				name = name[:max(strings.LastIndexAny(name, ".["), 0)]
			}
		}
		l.fault(at, key+"."+fault.Key, fault.Value, "%s", fault.Message)
	}
}

// parseSwitch reads true or false.
func parseSwitch(text string) (bool, error) {
	switch text {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, errors.New("write true or false")
}

// parsePercent reads a part of all sites.
func parsePercent(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > 100 {
		return 0, errors.New("write a number from 0 to 100")
	}
	return n, nil
}

// parseAfter reads a duration, or 0 for at once.
func parseAfter(text string) (time.Duration, error) {
	if text == "0" {
		return 0, nil
	}
	return parseDuration(text)
}
