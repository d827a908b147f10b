// Command openapicheck asks the emulator in githubtest for every route it has
// and holds the answers against GitHub's own OpenAPI description: that the
// status is one that GitHub lists for the route, that the body is what its
// schema says (types, required fields, enumerations, formats, null where it may
// be), and that it has no field that GitHub does not know. So are the payloads
// of its webhooks.
//
//	go run ./github/githubtest/openapicheck api.github.com.json
//
// The description is in the npm package @octokit/openapi, at
// generated/api.github.com.json. It exits 1 and names route and field for
// every difference.
package main

import (
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"slices"

	"github.com/pluginyard/pluginyard/github/githubtest"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: openapicheck api.github.com.json")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "openapicheck:", err)
		os.Exit(1)
	}
}

// run checks every request and prints a line for each and for each difference.
func run(file string, out io.Writer) error {
	api, err := loadDescription(file)
	if err != nil {
		return err
	}
	w := newWorld()
	server := httptest.NewServer(w.GitHub)
	defer server.Close()

	differences := 0
	asked := map[string]bool{}
	requests, err := w.requests()
	if err != nil {
		return err
	}
	for _, request := range requests {
		asked[request.route] = true
		found, err := check(api, server.URL, request)
		if err != nil {
			return fmt.Errorf("%s: %w", request, err)
		}
		fmt.Fprintf(out, "%3d  %s\n", request.status, request)
		for _, difference := range found {
			fmt.Fprintf(out, "     DIFFERENCE %s\n", difference)
		}
		differences += len(found)
	}
	for _, route := range githubtest.Routes() {
		if !asked[route] {
			fmt.Fprintf(out, "     DIFFERENCE no request asks for %s\n", route)
			differences++
		}
	}
	deliveries := w.deliveries()
	for _, delivery := range deliveries {
		name, found, err := checkDelivery(api, delivery)
		if err != nil {
			return fmt.Errorf("webhook %s: %w", name, err)
		}
		fmt.Fprintf(out, "     webhook %s\n", name)
		for _, difference := range found {
			fmt.Fprintf(out, "     DIFFERENCE %s\n", difference)
		}
		differences += len(found)
	}
	fmt.Fprintf(out, "%d requests, %d routes, %d webhooks, %d differences\n", len(requests), len(asked), len(deliveries), differences)
	if differences > 0 {
		return fmt.Errorf("%d differences from %s", differences, file)
	}
	return nil
}

// isUndescribed tells the statuses that GitHub answers on every route, though
// the description lists them for some only; their body is its basic error.
func isUndescribed(status int) bool {
	return slices.Contains([]int{304, 401, 403, 404, 429}, status)
}
