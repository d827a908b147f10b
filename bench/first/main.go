// Command first starts a server and asks it as soon as it listens:
//
//	first -n 1000 -url http://127.0.0.1:18400/small-yard.json -- pluginyard serve …
//
// It tells when the first and the last of the n answers had come, counted from
// the start of the process and from the moment of asking, what they were, and
// the memory of the process then. What -then lists is asked next, one after
// the other. With -all its lines are addresses that are asked at last.
package main

import (
	"bufio"
	"crypto/sha256"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"sort"
	"strings"
	"sync"
	"syscall"
	"time"
)

func main() {
	n := flag.Int("n", 1, "how many ask at once")
	address := flag.String("url", "", "what they ask for")
	then := flag.String("then", "", "addresses that are asked for next, separated by commas")
	all := flag.String("all", "", "file with addresses that are asked for at last")
	flag.Parse()
	if err := run(*n, *address, *then, *all, flag.Args()); err != nil {
		log.Fatal(err)
	}
}

func run(n int, address, then, all string, command []string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stderr = os.Stderr
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return err
	}
	defer cmd.Wait()
	defer cmd.Process.Signal(syscall.SIGTERM)
	for {
		conn, err := net.Dial("tcp", u.Host)
		if err == nil {
			conn.Close()
			break
		}
		if time.Since(start) > time.Minute {
			return err
		}
		time.Sleep(time.Millisecond)
	}
	fmt.Printf("listening_ms=%.1f\n", ms(time.Since(start)))
	crowd(n, address, start)
	fmt.Printf("rss_first_mib=%.1f\n", rss(cmd.Process.Pid))
	for _, address := range strings.FieldsFunc(then, func(c rune) bool { return c == ',' }) {
		asked := time.Now()
		status, size, _ := get(http.DefaultClient, address)
		fmt.Printf("then_ms=%.1f then_start_ms=%.1f then_status=%d then_bytes=%d rss_then_mib=%.1f\n",
			ms(time.Since(asked)), ms(time.Since(start)), status, size, rss(cmd.Process.Pid))
	}
	if all == "" {
		return nil
	}
	f, err := os.Open(all)
	if err != nil {
		return err
	}
	defer f.Close()
	asked, count, good := time.Now(), 0, 0
	for lines := bufio.NewScanner(f); lines.Scan(); count++ {
		if status, _, _ := get(http.DefaultClient, lines.Text()); status == http.StatusOK {
			good++
		}
	}
	fmt.Printf("all_count=%d all_ok=%d all_ms=%.1f rss_all_mib=%.1f\n", count, good, ms(time.Since(asked)), rss(cmd.Process.Pid))
	return nil
}

// crowd asks n times at once, each over a connection of its own.
func crowd(n int, address string, start time.Time) {
	client := &http.Client{Transport: &http.Transport{DisableCompression: true, DisableKeepAlives: true}}
	var mu sync.Mutex
	answers := map[string]int{}
	var times []float64
	ready, wait := make(chan struct{}), sync.WaitGroup{}
	for range n {
		wait.Go(func() {
			<-ready
			status, size, sum := get(client, address)
			mu.Lock()
			defer mu.Unlock()
			times = append(times, ms(time.Since(start)))
			answers[fmt.Sprintf("%d:%d:%.8s", status, size, sum)]++
		})
	}
	asked := ms(time.Since(start))
	close(ready)
	wait.Wait()
	sort.Float64s(times)
	fmt.Printf("first_start_ms=%.1f first_ms=%.1f last_ms=%.1f different=%d\n", times[0], times[0]-asked, times[n-1]-asked, len(answers))
	for answer, count := range answers {
		fmt.Printf("# %d times %s (status:bytes:digest)\n", count, answer)
	}
}

func get(client *http.Client, address string) (status int, size int64, sum string) {
	res, err := client.Get(address)
	if err != nil {
		return 0, 0, err.Error()
	}
	defer res.Body.Close()
	h := sha256.New()
	size, err = io.Copy(h, res.Body)
	if err != nil {
		return 0, size, err.Error()
	}
	return res.StatusCode, size, fmt.Sprintf("%x", h.Sum(nil))
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// rss is the resident memory of a process in MiB.
func rss(pid int) float64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, line, _ := strings.Cut(string(status), "VmRSS:")
	kib := 0
	fmt.Sscan(line, &kib)
	return float64(kib) / 1024
}
