package githubtest

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// The sizes of a page, as GitHub has them.
const (
	pageSize    = 30
	maxPageSize = 100
)

// paginate cuts out the page that the query asks for and adds the Link header
// (RFC 8288), whose addresses name the repository by its id, as GitHub's do.
// at is that address beneath the API's.
func paginate[T any](c *call, at string, all []T, shape func(T) object) answer {
	size, err := strconv.Atoi(c.query.Get("per_page"))
	if err != nil || size < 1 {
		size = pageSize
	}
	size = min(size, maxPageSize)
	page, err := strconv.Atoi(c.query.Get("page"))
	if err != nil || page < 1 {
		page = 1
	}
	last := max((len(all)+size-1)/size, 1)
	list := []object{}
	if page <= last {
		begin := (page - 1) * size
		for _, v := range all[begin:min(begin+size, len(all))] {
			list = append(list, shape(v))
		}
	}
	a := ok(list)
	if links := c.links(at, page, last); links != "" {
		a.header = http.Header{"Link": {links}}
	}
	return a
}

func (c *call) links(at string, page, last int) string {
	var links []string
	link := func(rel string, n int) {
		query := url.Values{}
		for name, values := range c.query {
			query[name] = values
		}
		query.Set("page", strconv.Itoa(n))
		links = append(links, fmt.Sprintf("<%s%s?%s>; rel=%q", c.base, at, query.Encode(), rel))
	}
	if page > 1 {
		link("prev", min(page-1, last))
	}
	if page < last {
		link("next", page+1)
		link("last", last)
	}
	if page > 1 {
		link("first", 1)
	}
	return strings.Join(links, ", ")
}

func (r *Repository) path() string { return "/repositories/" + strconv.FormatInt(r.id, 10) }
