package wporg

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/pluginyard/pluginyard/registry"
)

// Bounds of a query, those of WordPress.org where it has them.
const (
	MaxPage          = 999
	MaxPluginsAPage  = 250
	MaxThemesAPage   = 999
	pluginsAPage     = 24
	MaxSearch        = 200 // bytes that are looked at
	MaxSearchedWords = 10
	MaxTags          = 20 // that themes are chosen by, each once, in 50 of each theme's
)

// queryPlugins answers with a page of plugins.
func (a *API) queryPlugins(ctx context.Context, r *Request, v version, args object) reply {
	for _, name := range []string{"page", "per_page", "browse", "user", "tag", "search", "author", "block", "wp_version", "locale"} {
		if _, ok := text(args.get(name)); !ok && args.get(name) != nil {
			return reply{status: http.StatusBadRequest, value: failure("Invalid Input")}
		}
	}
	if _, ok := args.get("installed_plugins").(object); !ok && args.get("installed_plugins") != nil {
		return reply{status: http.StatusBadRequest, value: failure("Invalid Input")}
	}
	list, err := a.list(ctx, r, registry.TypePlugin)
	if err != nil {
		return unavailable(err)
	}
	list = choose(list, &query{
		browse: textOf(args.get("browse")), user: textOf(args.get("user")), search: textOf(args.get("search")),
		tags: nonEmpty(textOf(args.get("tag"))), author: textOf(args.get("author")), block: textOf(args.get("block")),
	})
	p := pageOf(args, len(list), MaxPluginsAPage)
	f := pluginFields(true, v, args)
	plugins, err := a.fill(ctx, r, list[p.first:p.end], f, a.pluginObject)
	if err != nil {
		return unavailable(err)
	}
	return reply{value: class{{"info", p.info()}, {"plugins", plugins}}}
}

// list is what there is of one type.
func (a *API) list(ctx context.Context, r *Request, kind registry.Type) ([]*registry.Listing, error) {
	q := r.Asked
	q.Site = "" // a list is the same for all; each plugin of a page is the site's own
	all, err := a.catalogue.Listings(ctx, q)
	if err != nil {
		return nil, err
	}
	list := make([]*registry.Listing, 0, len(all))
	for _, l := range all {
		if l.Type == kind {
			list = append(list, l)
		}
	}
	return list, nil
}

// whole is a plugin or theme with its document, as this site is to see it. It waits for
// no build.
func (a *API) whole(ctx context.Context, r *Request, slug registry.Slug) (*registry.Listing, error) {
	if _, err := a.catalogue.Built(ctx, string(slug), r.Asked); err != nil {
		return nil, err
	}
	l, err := a.catalogue.Listing(ctx, string(slug), r.Asked)
	if err == nil {
		r.holds(l)
	}
	return l, err
}

// fill makes the objects of a page, as far as there is room for them.
func (a *API) fill(ctx context.Context, r *Request, list []*registry.Listing, f fields, makeObject func(*registry.Listing, fields) (object, error)) ([]any, error) {
	objects := []any{}
	var taken room
	for _, l := range list {
		l, err := a.whole(ctx, r, l.Slug)
		if err != nil {
			continue // replaced meanwhile, or too old to be served
		}
		made, err := taken.add(l, f, makeObject)
		if err != nil {
			return nil, err
		}
		if made == nil {
			break
		}
		objects = append(objects, class(made))
	}
	return objects, nil
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// query is what plugins or themes are chosen by. Browsing goes before all else,
// as on WordPress.org.
type query struct {
	browse, user         string
	search               string
	tags                 []string // all of them
	author, block, theme string
	both                 bool // browsing and the rest, as themes do
}

// choose gives what a query asks for, in order. The list is its own copy.
func choose(list []*registry.Listing, q *query) []*registry.Listing {
	if q.browse != "" || q.user != "" {
		list = browse(list, cmp.Or(q.browse, "favorites"))
		if !q.both {
			return list
		}
	}
	if q.block != "" {
		return nil // there are no block plugins of their own here
	}
	list = slices.DeleteFunc(list, func(l *registry.Listing) bool {
		return q.theme != "" && string(l.Slug) != q.theme || q.author != "" && !isAuthor(l, q.author) ||
			slices.ContainsFunc(q.tags, func(tag string) bool { return !hasTag(l, tag) })
	})
	if q.search != "" {
		return search(list, q.search)
	}
	return list
}

// browse orders by one of WordPress.org's views. Featured and recommended is
// everything, in the order of the configuration; nobody has favourites here.
func browse(list []*registry.Listing, view string) []*registry.Listing {
	switch view {
	case "featured", "recommended":
	case "popular":
		slices.SortStableFunc(list, func(a, b *registry.Listing) int { return cmp.Compare(b.Popularity, a.Popularity) })
	case "new":
		slices.SortStableFunc(list, func(a, b *registry.Listing) int { return cmp.Compare(b.Added, a.Added) })
	case "updated":
		slices.SortStableFunc(list, func(a, b *registry.Listing) int { return b.Modified.Compare(a.Modified) })
	default:
		return nil
	}
	return list
}

func hasTag(l *registry.Listing, tag string) bool {
	return slices.ContainsFunc(l.Tags, func(t registry.Tag) bool {
		return strings.EqualFold(t.Slug, tag) || strings.EqualFold(t.Name, tag)
	})
}

func isAuthor(l *registry.Listing, author string) bool {
	return strings.EqualFold(l.Author, author) || slices.ContainsFunc(l.Contributors, func(slug string) bool { return strings.EqualFold(slug, author) })
}

// search keeps what holds every word, the best first: a word counts more in the
// name than in the description. "slug:hello-yard" is that plugin alone.
func search(list []*registry.Listing, phrase string) []*registry.Listing {
	phrase = strings.ToLower(strings.TrimSpace(phrase[:min(len(phrase), MaxSearch)]))
	if slug, ok := strings.CutPrefix(phrase, "slug:"); ok {
		return slices.DeleteFunc(list, func(l *registry.Listing) bool { return string(l.Slug) != slug })
	}
	if strings.HasPrefix(phrase, "block:") {
		return nil
	}
	words := strings.Fields(phrase)
	words = words[:min(len(words), MaxSearchedWords)]
	scores := make(map[*registry.Listing]int, len(list))
	list = slices.DeleteFunc(list, func(l *registry.Listing) bool {
		scores[l] = score(l, phrase, words)
		return scores[l] == 0
	})
	slices.SortStableFunc(list, func(a, b *registry.Listing) int {
		return cmp.Or(cmp.Compare(scores[b], scores[a]), cmp.Compare(b.Popularity, a.Popularity))
	})
	return list
}

// score says how well a plugin answers a search; 0 is not at all. No words are
// in everything.
func score(l *registry.Listing, phrase string, words []string) int {
	name, description := strings.ToLower(l.Name), strings.ToLower(l.Description)
	total := 1
	if name == phrase || string(l.Slug) == phrase {
		total += 100
	}
	for _, word := range words {
		points := 0
		for _, place := range []struct {
			holds  bool
			points int
		}{
			{strings.Contains(name, word), 10},
			{strings.Contains(string(l.Slug), word), 8},
			{slices.ContainsFunc(l.Tags, func(t registry.Tag) bool { return strings.Contains(strings.ToLower(t.Name), word) }), 6},
			{strings.Contains(description, word), 3},
			{strings.Contains(strings.ToLower(l.Author), word) || isAuthor(l, word), 2},
		} {
			if place.holds {
				points += place.points
			}
		}
		if points == 0 {
			return 0
		}
		total += points
	}
	return total
}

// page is a part of a list.
type page struct {
	number, size, results int
	first, end            int // of the list
}

// pageOf reads page and per_page.
func pageOf(args object, results, most int) page {
	p := page{number: 1, size: pluginsAPage, results: results}
	if args.get("page") != nil {
		p.number = number(args.get("page"), 1, MaxPage)
	}
	if n := number(args.get("per_page"), 0, most); n > 0 {
		p.size = n
	}
	p.first = min((p.number-1)*p.size, results)
	p.end = min(p.first+p.size, results)
	return p
}

func (p page) pages() int { return (p.results + p.size - 1) / p.size }

func (p page) info() object {
	return object{{"page", p.number}, {"pages", p.pages()}, {"results", p.results}}
}

// hotTags answers with the tags by how many have them. No number is most, or
// all of them where that is 0.
func (a *API) hotTags(ctx context.Context, r *Request, kind registry.Type, args object, most int) reply {
	list, err := a.list(ctx, r, kind)
	if err != nil {
		return unavailable(err)
	}
	var tags []registry.Tag
	counts := map[string]int{}
	for _, l := range list {
		for _, tag := range l.Tags {
			if counts[tag.Slug]++; counts[tag.Slug] == 1 {
				tags = append(tags, tag)
			}
		}
	}
	slices.SortStableFunc(tags, func(a, b registry.Tag) int {
		return cmp.Or(cmp.Compare(counts[b.Slug], counts[a.Slug]), cmp.Compare(a.Slug, b.Slug))
	})
	if truthy(args.get("number")) {
		most = number(args.get("number"), 1, len(tags)+1)
	}
	if most > 0 && len(tags) > most {
		tags = tags[:most]
	}
	hot := object{}
	for _, tag := range tags {
		hot = append(hot, member{tag.Slug, object{{"name", tag.Name}, {"slug", tag.Slug}, {"count", counts[tag.Slug]}}})
	}
	if kind == registry.TypePlugin {
		return reply{value: class(hot)}
	}
	return reply{value: hot}
}
