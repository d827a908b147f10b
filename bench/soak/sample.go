package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// sample is what the registry takes at one moment.
type sample struct {
	at          time.Duration
	rss         float64 // MiB
	descriptors float64
	heap        float64 // MiB in use; 0 without metrics
	goroutines  float64 // 0 without metrics
	answers     int64   // until then
}

// process is the registry's, as seen from outside.
type process struct {
	pid     int
	metrics string
}

func (p *process) look() (sample, error) {
	var s sample
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.pid))
	if err != nil {
		return s, err
	}
	s.descriptors = float64(len(open))
	status, err := os.Open(fmt.Sprintf("/proc/%d/status", p.pid))
	if err != nil {
		return s, err
	}
	defer status.Close()
	kilobytes, err := numbers(status)
	if err != nil {
		return s, err
	}
	s.rss = kilobytes["VmRSS:"] / 1024
	if p.metrics == "" {
		return s, nil
	}
	answer, err := http.Get(p.metrics)
	if err != nil {
		return s, err
	}
	defer answer.Body.Close()
	values, err := numbers(answer.Body)
	if err == nil && (answer.StatusCode != http.StatusOK || values["go_goroutines"] == 0) {
		err = fmt.Errorf("%s: %s, without the number of goroutines", p.metrics, answer.Status)
	}
	s.heap = cmp.Or(values["go_memstats_heap_inuse_bytes"], values["go_memory_classes_heap_objects_bytes"]) / (1 << 20)
	s.goroutines = values["go_goroutines"]
	return s, err
}

// numbers reads lines of a name and a number.
func numbers(r io.Reader) (map[string]float64, error) {
	values := map[string]float64{}
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if words := strings.Fields(lines.Text()); len(words) >= 2 {
			if value, err := strconv.ParseFloat(words[1], 64); err == nil {
				values[words[0]] = value
			}
		}
	}
	return values, lines.Err()
}

// measures are what must not grow, and by how much it may: a part of what it
// was, and a number beyond that.
var measures = []struct {
	name   string
	of     func(sample) float64
	part   float64
	beyond float64
}{
	{"resident memory, MiB", func(s sample) float64 { return s.rss }, 0.10, 16},
	{"descriptors", func(s sample) float64 { return s.descriptors }, 0, 16},
	{"heap in use, MiB", func(s sample) float64 { return s.heap }, 0.10, 16},
	{"goroutines", func(s sample) float64 { return s.goroutines }, 0, 32},
}

// thirds are the first and the last third of the samples after the warm-up,
// which is a tenth.
func thirds(samples []sample) (first, last []sample) {
	samples = samples[len(samples)/10:]
	n := len(samples) / 3
	return samples[:n], samples[len(samples)-n:]
}

// flat is an error that names what grew.
func flat(samples []sample) error {
	first, last := thirds(samples)
	if len(first) == 0 {
		return errors.New("too few samples: let it last longer, or look more often")
	}
	var faults []error
	for _, m := range measures {
		was, is := middle(first, m.of), middle(last, m.of)
		if is > was*(1+m.part)+m.beyond {
			faults = append(faults, fmt.Errorf("%s grew from %.0f to %.0f", m.name, was, is))
		}
	}
	return errors.Join(faults...)
}

// middle is the median.
func middle(samples []sample, of func(sample) float64) float64 {
	values := make([]float64, len(samples))
	for i, s := range samples {
		values[i] = of(s)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// show writes the samples and the thirds as a table.
func show(w io.Writer, samples []sample) {
	fmt.Fprintln(w, "| after | requests | resident, MiB | heap in use, MiB | goroutines | descriptors |")
	fmt.Fprintln(w, "| ---: | ---: | ---: | ---: | ---: | ---: |")
	row := func(name string, answers int64, rss, heap, goroutines, descriptors float64) {
		fmt.Fprintf(w, "| %s | %d | %.1f | %s | %s | %.0f |\n", name, answers, rss, known(heap, "%.1f"), known(goroutines, "%.0f"), descriptors)
	}
	for _, s := range samples {
		row(s.at.Round(time.Second).String(), s.answers, s.rss, s.heap, s.goroutines, s.descriptors)
	}
	first, last := thirds(samples)
	for i, part := range [][]sample{first, last} {
		if len(part) > 0 {
			row([]string{"first", "last"}[i]+" third, median", part[len(part)-1].answers, middle(part, measures[0].of), middle(part, measures[2].of), middle(part, measures[3].of), middle(part, measures[1].of))
		}
	}
}

// known leaves out what was not measured.
func known(value float64, format string) string {
	if value == 0 {
		return "–"
	}
	return fmt.Sprintf(format, value)
}
