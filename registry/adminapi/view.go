package adminapi

import (
	"context"
	"slices"

	"github.com/pluginyard/pluginyard/registry"
	"github.com/pluginyard/pluginyard/templates"
)

// report asks for everything that is told.
func (s *server) report(ctx context.Context) *report {
	r := &report{Time: s.cfg.Now().UTC(), Version: s.cfg.Version, Plugins: s.cfg.Status(ctx), Allowances: []registry.Allowance{}}
	slices.SortFunc(r.Plugins, registry.WorstFirst)
	if s.cfg.Owners != nil {
		r.Owners = s.cfg.Owners()
	}
	if s.cfg.Allowances != nil {
		r.Allowances = append(r.Allowances, s.cfg.Allowances()...)
	}
	if s.cfg.Queue != nil {
		r.Builds = &builds{}
		r.Builds.Building, r.Builds.Waiting = s.cfg.Queue()
	}
	if s.cfg.Usage != nil {
		if usage, ok := s.cfg.Usage(ctx); ok {
			r.Store = &usage
		}
	}
	return r
}

// words says a state to people.
func words(s registry.State) string {
	switch s {
	case registry.StateFresh:
		return "up to date"
	case registry.StateStale:
		return "out of date"
	case registry.StateWaiting:
		return "waits for its signature"
	case registry.StateHeld:
		return "held, asks for you"
	case registry.StateWithdrawn:
		return "not served any more"
	case registry.StateExpired:
		return "too old to be served"
	case registry.StateFailed:
		return "never built"
	}
	return string(s)
}

// view is what the page shows of a report.
func (s *server) view(r *report, refresh bool) templates.Status {
	v := templates.Status{
		Site: templates.Site{Root: s.cfg.Base + "/", Style: "style.css", Version: s.cfg.Version},
		Now:  r.Time, More: max(0, len(r.Plugins)-MaxRows),
	}
	if refresh {
		v.Refresh = refreshEvery
	}
	counts := map[registry.State]int{}
	for i := range r.Plugins {
		st := &r.Plugins[i]
		counts[st.State]++
		if st.State != registry.StateFresh || st.Error != "" {
			v.Troubled++
		}
		if i >= MaxRows {
			continue
		}
		v.Plugins = append(v.Plugins, templates.StatusRow{
			Slug: string(st.Slug), Repo: st.Repo.String(), URL: s.cfg.Base + "/" + string(st.Slug) + "/",
			State: string(st.State), Word: words(st.State),
			Version: st.Version, Revision: st.Revision, Commit: st.Commit,
			Built: st.Built, Checked: st.Checked, Tried: st.Tried, Next: st.Next,
			Error: st.Error, Failed: st.Failed, Remedy: st.Remedy,
		})
	}
	for _, state := range registry.States() {
		if counts[state] > 0 {
			v.Counts = append(v.Counts, templates.StateCount{State: string(state), Word: words(state), Number: counts[state]})
		}
	}
	for i := range r.Owners {
		o := &r.Owners[i]
		if o.Error != "" || len(o.Troubles) > 0 {
			v.TroubledOwners++
		}
		v.Owners = append(v.Owners, templates.OwnerRow{
			Name: o.Name, Held: o.Held, Served: o.Served, Withdrawn: o.Withdrawn, Looked: o.Looked, Tried: o.Tried, Next: o.Next,
			Error: o.Error, Failed: o.Failed, Remedy: o.Remedy, Troubles: o.Troubles,
		})
	}
	for _, a := range r.Allowances {
		v.Allowances = append(v.Allowances, templates.AllowanceRow(a))
	}
	if r.Builds != nil {
		v.Queue = &templates.Queue{Building: r.Builds.Building, Waiting: r.Builds.Waiting}
	}
	if r.Store != nil {
		v.Usage = &templates.Usage{Used: r.Store.Used, Free: r.Store.Free, Total: r.Store.Total, Files: r.Store.Files}
	}
	return v
}
