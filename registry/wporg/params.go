package wporg

import (
	"errors"
	"net/url"
	"strings"

	"github.com/pluginyard/pluginyard/registry/wporg/serialize"
)

// Bounds of what is read of a request's parameters.
const (
	MaxParameters = 1000 // of an address or a form; PHP has the same (max_input_vars)
	MaxNesting    = 8    // of request[a][b]…
	MaxPlugins    = 10_000
)

// limits of a serialised request for information, and of an inventory: ten
// thousand plugins of some fifteen headers each.
var (
	requestLimits   = serialize.Limits{Bytes: 64 << 10, Depth: MaxNesting, Elements: MaxParameters}
	inventoryLimits = serialize.Limits{Bytes: 8 << 20, Depth: MaxNesting, Elements: 20 * MaxPlugins}
)

var errParameters = errors.New("the parameters are not well formed, or too many")

// formValue finds the values of some names in a form, and unescapes no other:
// what a site says besides may have megabytes. Of a name given twice the last
// counts, as in PHP. It reports whether each was there.
func formValue(form string, names ...string) (values map[string]string, err error) {
	values = make(map[string]string, len(names))
	for parameters := 0; form != ""; parameters++ {
		if parameters >= MaxParameters {
			return nil, errParameters
		}
		var pair string
		pair, form, _ = strings.Cut(form, "&")
		key, value, _ := strings.Cut(pair, "=")
		for _, name := range names {
			if key != name {
				continue
			}
			if values[name], err = url.QueryUnescape(value); err != nil {
				return nil, errParameters
			}
		}
	}
	return values, nil
}

// parseParameters reads parameters as PHP does: request[fields][tags]=1 is an
// array within an array.
func parseParameters(raw string) (object, error) {
	root := &node{}
	for parameters := 0; raw != ""; parameters++ {
		if parameters >= MaxParameters {
			return nil, errParameters
		}
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		key, value, _ := strings.Cut(pair, "=")
		key, err := url.QueryUnescape(key)
		if err != nil {
			return nil, errParameters
		}
		if value, err = url.QueryUnescape(value); err != nil {
			return nil, errParameters
		}
		path, ok := keyPath(key)
		if !ok {
			continue
		}
		root.set(path, value)
	}
	return root.object(), nil
}

// keyPath takes "a[b][]" apart. What follows the brackets is passed over.
func keyPath(key string) ([]string, bool) {
	name, rest, _ := strings.Cut(key, "[")
	if name == "" {
		return nil, false
	}
	path := []string{name}
	if rest == "" {
		return path, len(name) == len(key)
	}
	for {
		part, after, ok := strings.Cut(rest, "]")
		if !ok || len(path) >= MaxNesting {
			return nil, false
		}
		path = append(path, part)
		if rest, ok = strings.CutPrefix(after, "["); !ok {
			return path, true
		}
	}
}

// node is an object in the making.
type node struct {
	keys  []string
	index map[string]int // into keys and values
	value []any          // string or *node
}

func (n *node) set(path []string, value string) {
	key := path[0]
	if key == "" {
		key = n.next()
	}
	i, ok := n.index[key]
	if !ok {
		if n.index == nil {
			n.index = map[string]int{}
		}
		i = len(n.keys)
		n.index[key] = i
		n.keys, n.value = append(n.keys, key), append(n.value, nil)
	}
	if len(path) == 1 {
		n.value[i] = value
		return
	}
	below, ok := n.value[i].(*node)
	if !ok {
		below = &node{}
		n.value[i] = below
	}
	below.set(path[1:], value)
}

// next is the key that PHP gives to a[]: one above the highest, nearly.
func (n *node) next() string { return textOf(int64(len(n.keys))) }

func (n *node) object() object {
	o := make(object, len(n.keys))
	for i, key := range n.keys {
		o[i] = member{key, n.value[i]}
		if below, ok := n.value[i].(*node); ok {
			o[i].value = below.object()
		}
	}
	return o
}

// call is what a request for information asks: an action and its arguments.
type call struct {
	action string
	args   object
}

// parseCall reads action and request, from the form of a POST or the address:
// request[slug]=…, or request=…, serialised; where there is none, the address
// itself has the arguments.
func parseCall(r *Request) (*call, error) {
	parameters, err := parseParameters(r.Query)
	if err != nil {
		return nil, err
	}
	if r.Form != "" {
		form, err := parseParameters(r.Form)
		if err != nil {
			return nil, err
		}
		// PHP's $_REQUEST: what the body says goes before the address.
		parameters = append(form, parameters...)
	}
	c := &call{action: textOf(parameters.get("action"))}
	switch request := parameters.get("request").(type) {
	case object:
		c.args = request
	case string:
		value, err := readRequest(request)
		if err != nil {
			return nil, err
		}
		c.args = value
	default:
		for _, m := range parameters {
			if m.key != "action" {
				c.args = append(c.args, m)
			}
		}
	}
	return c, nil
}

// readRequest reads a serialised request, which WordPress of old escaped twice.
func readRequest(s string) (object, error) {
	if strings.HasPrefix(s, "O%3A") || strings.HasPrefix(s, "a%3A") {
		once, err := url.QueryUnescape(s)
		if err != nil {
			return nil, errParameters
		}
		s = once
	}
	value, err := serialize.Read(s, requestLimits)
	if err != nil {
		return nil, err
	}
	o, ok := fromPHP(value).(object)
	if !ok {
		return nil, errParameters
	}
	return o, nil
}
