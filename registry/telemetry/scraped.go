package telemetry

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pluginyard/pluginyard/registry"
)

// scrapeTime bounds what a scrape asks the store: Prometheus gives up after ten
// seconds itself.
const scrapeTime = 8 * time.Second

// scraped are the gauges that are read when somebody asks: the state of each
// plugin, what the forge lets us ask for yet, and the store's space. Of plugins
// there may be thousands, so each has but a few gauges, and no histogram.
type scraped struct {
	cfg Config

	plugins, state, built, checked, next, failing *prometheus.Desc
	every, serveStale                             *prometheus.Desc
	limit, remaining, reserve, reset, paused      *prometheus.Desc
	used, files, free, total                      *prometheus.Desc
	open, most, waited, closed                    *prometheus.Desc
}

func newScraped(cfg Config) *scraped {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, labels, nil)
	}
	return &scraped{
		cfg:     cfg,
		plugins: desc("plugins", "Plugins and themes in each state.", "state"),
		state:   desc("plugin_state", "1 for the state that a plugin is in.", "plugin", "state"),
		built:   desc("plugin_built_timestamp_seconds", "When the package that is served was built.", "plugin"),
		checked: desc("plugin_checked_timestamp_seconds", "When the last check ended well; 0 is never.", "plugin"),
		next:    desc("plugin_next_check_timestamp_seconds", "When the next check is due.", "plugin"),
		failing: desc("plugin_failing", "1 if the last check or build failed, or something is in the way of serving it.", "plugin"),

		every:      desc("refresh_every_seconds", "refresh.every of the configuration."),
		serveStale: desc("serve_stale_seconds", "refresh.serve_stale of the configuration."),

		limit:     desc("github_allowance_limit", "Requests in each period.", "credential"),
		remaining: desc("github_allowance_remaining", "Requests left in this period.", "credential"),
		reserve:   desc("github_allowance_reserve", "Requests that are kept from background work.", "credential"),
		reset:     desc("github_allowance_reset_timestamp_seconds", "When the period ends.", "credential"),
		paused:    desc("github_paused_until_timestamp_seconds", "Until when nothing is asked; 0 if it may be.", "credential"),

		used:  desc("store_used_bytes", "What is stored takes this much."),
		files: desc("store_files", "Files in the store."),
		free:  desc("store_free_bytes", "What the store's file system has left for us."),
		total: desc("store_total_bytes", "Size of the store's file system."),

		open:   desc("connections_open", "Connections of the public that are open."),
		most:   desc("connections_limit", "The most that may be open; 0 is no bound."),
		waited: desc("connections_waited_total", "Connections that had to wait for a place."),
		closed: desc("connections_closed_total", "Connections that we closed: idle or stalled ones to make place, and those whose client was too slow.", "reason"),
	}
}

// Describe tells of every gauge.
func (s *scraped) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		s.plugins, s.state, s.built, s.checked, s.next, s.failing, s.every, s.serveStale,
		s.limit, s.remaining, s.reserve, s.reset, s.paused, s.used, s.files, s.free, s.total,
		s.open, s.most, s.waited, s.closed,
	} {
		out <- d
	}
}

// Collect reads them all.
func (s *scraped) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	set := func(d *prometheus.Desc, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	set(s.every, s.cfg.Every.Seconds())
	set(s.serveStale, s.cfg.ServeStale.Seconds())
	if s.cfg.Status != nil {
		s.collectPlugins(set, s.cfg.Status(ctx))
	}
	if s.cfg.Allowances != nil {
		seen := map[string]bool{}
		for _, a := range s.cfg.Allowances() {
			if seen[a.Credential] {
				continue // two of one name would spoil the whole scrape
			}
			seen[a.Credential] = true
			if a.Limit > 0 {
				set(s.limit, float64(a.Limit), a.Credential)
				set(s.remaining, float64(a.Remaining), a.Credential)
			}
			set(s.reserve, float64(a.Reserve), a.Credential)
			set(s.reset, seconds(a.Reset), a.Credential)
			set(s.paused, seconds(a.Paused), a.Credential)
		}
	}
	if s.cfg.Connections != nil {
		c := s.cfg.Connections()
		set(s.open, float64(c.Open))
		set(s.most, float64(c.Max))
		count := func(d *prometheus.Desc, n int64, labels ...string) {
			out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), labels...)
		}
		count(s.waited, c.Waited)
		count(s.closed, c.Idle, "idle")
		count(s.closed, c.Stalled, "stalled")
		count(s.closed, c.Slow, "slow")
	}
	if s.cfg.Usage == nil {
		return
	}
	if usage, ok := s.cfg.Usage(ctx); ok {
		set(s.used, float64(usage.Used))
		set(s.files, float64(usage.Files))
		set(s.free, float64(usage.Free))
		set(s.total, float64(usage.Total))
	}
}

func (s *scraped) collectPlugins(set func(*prometheus.Desc, float64, ...string), list []registry.Status) {
	counts := map[registry.State]int{}
	for i := range list {
		st := &list[i]
		slug := string(st.Slug)
		counts[st.State]++
		set(s.state, 1, slug, string(st.State))
		set(s.checked, seconds(st.Checked), slug)
		failing := 0.0
		if st.Error != "" {
			failing = 1
		}
		set(s.failing, failing, slug)
		if !st.Built.IsZero() {
			set(s.built, seconds(st.Built), slug)
		}
		if !st.Next.IsZero() {
			set(s.next, seconds(st.Next), slug)
		}
	}
	for _, state := range registry.States() {
		set(s.plugins, float64(counts[state]), string(state))
	}
}

// seconds is a time as Prometheus has it; 0 is no time.
func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}
