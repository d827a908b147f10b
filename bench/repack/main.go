// Command repack makes an installer from an archive, as a build does, and
// tells what it cost.
//
//	repack -o installer.zip archive.zip
//	repack -verify=false -o installer.zip archive.zip
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"runtime/metrics"
	"strings"
	"time"

	"github.com/pluginyard/pluginyard/registry/installer"
)

func main() {
	verify := flag.Bool("verify", true, "whether contents are checked against their checksums")
	name := flag.String("o", "installer.zip", "file to write")
	flag.Parse()
	if err := repack(flag.Arg(0), *name, *verify); err != nil {
		log.Fatal(err)
	}
}

func repack(from, to string, verify bool) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	info, err := src.Stat()
	if err != nil {
		return err
	}
	dst, err := os.Create(to)
	if err != nil {
		return err
	}
	defer dst.Close()
	peak := watchHeap()
	start := time.Now()
	out := bufio.NewWriterSize(dst, 1<<16)
	result, err := installer.FromArchive(context.Background(), src, info.Size(), out,
		installer.Options{Slug: "large-yard", SkipVerify: !verify})
	if err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return err
	}
	elapsed := time.Since(start)
	fmt.Printf("files=%d elapsed_ms=%.1f heap_mib=%.1f rss_mib=%.1f\n", result.Files,
		float64(elapsed.Microseconds())/1000, float64(peak())/(1<<20), float64(peakRSS())/1024)
	return dst.Close()
}

// watchHeap reads the bytes of live and unswept objects every millisecond;
// the function that it returns ends that and gives the most that was seen.
func watchHeap() (peak func() uint64) {
	stop, done := make(chan struct{}), make(chan uint64)
	go func() {
		s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		var most uint64
		for {
			metrics.Read(s)
			most = max(most, s[0].Value.Uint64())
			select {
			case <-stop:
				done <- most
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	return func() uint64 { close(stop); return <-done }
}

// peakRSS is the most memory that the process had so far, in KiB, or 0 where
// the system doesn't tell.
func peakRSS() (kib int) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, line, _ := strings.Cut(string(status), "VmHWM:")
	fmt.Sscan(line, &kib)
	return kib
}
