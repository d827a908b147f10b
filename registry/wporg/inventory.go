package wporg

import (
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/pluginyard/pluginyard/registry"
	"github.com/pluginyard/pluginyard/registry/wporg/serialize"
)

// installed is a plugin or a theme that a site has.
type installed struct {
	file      string // a plugin's basename, or a theme's stylesheet
	version   string
	updateURI string
}

var errInventory = errors.New("the list of what is installed is missing or not well formed")

// inventory is what a site has, in the order of its list; a file given twice
// is as it was given last.
type inventory struct {
	list  []installed
	index map[string]int
}

// maxUpdateURI bounds an Update URI, in bytes: browsers stop there too.
const maxUpdateURI = 2 << 10

// add notes what is installed. What has a longer version than we give out, or a
// longer Update URI than anybody's, is none of ours and left out.
func (inv *inventory) add(one installed) error {
	if len(one.version) > registry.MaxVersion || len(one.updateURI) > maxUpdateURI {
		return nil
	}
	if i, ok := inv.index[one.file]; ok {
		inv.list[i] = one
		return nil
	}
	if len(inv.list) >= MaxPlugins {
		return errInventory
	}
	if inv.index == nil {
		inv.index = map[string]int{}
	}
	inv.index[one.file] = len(inv.list)
	inv.list = append(inv.list, one)
	return nil
}

// readJSON reads {"plugins":{FILE:{"Version":…,"UpdateURI":…}},"active":…} of
// 1.1; member is "plugins" or "themes". An empty PHP array comes as []. What is
// of no use to us may be of any type.
func readJSON(data, member string) ([]installed, error) {
	d := json.NewDecoder(strings.NewReader(data))
	d.UseNumber()
	if err := expect(d, '{'); err != nil {
		return nil, err
	}
	inv, found := &inventory{}, false
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, errInventory
		}
		if key != member {
			err = skip(d)
		} else {
			inv, found = &inventory{}, true
			err = inv.readJSON(d)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := expect(d, '}'); err != nil || !found {
		return nil, errInventory
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errInventory
	}
	return inv.list, nil
}

// readJSON reads the files of a list.
func (inv *inventory) readJSON(d *json.Decoder) error {
	token, err := d.Token()
	if err != nil || token != json.Delim('{') && token != json.Delim('[') {
		return errInventory
	}
	for count := 0; d.More(); count++ {
		if count >= MaxPlugins {
			return errInventory
		}
		one := installed{}
		if token == json.Delim('{') {
			key, err := d.Token()
			if err != nil {
				return errInventory
			}
			one.file = key.(string)
		}
		var h headers
		if err := d.Decode(&h); err != nil {
			return errInventory
		}
		if !h.is || token != json.Delim('{') {
			continue // a list names no files
		}
		one.version, one.updateURI = string(h.Version), string(h.UpdateURI)
		if err := inv.add(one); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}

// headers are those that count, of a JSON object; anything else is none.
type headers struct {
	is        bool
	Version   scalar
	UpdateURI scalar
}

func (h *headers) UnmarshalJSON(data []byte) error {
	type plain headers
	if h.is = data[0] == '{'; !h.is {
		return nil
	}
	return json.Unmarshal(data, (*plain)(h))
}

// scalar is a string or a number, as text; "" for anything else.
type scalar string

func (s *scalar) UnmarshalJSON(data []byte) error {
	switch c := data[0]; {
	case c == '"':
		return json.Unmarshal(data, (*string)(s))
	case c == '-' || c >= '0' && c <= '9':
		*s = scalar(data)
	default:
		*s = ""
	}
	return nil
}

func expect(d *json.Decoder, want json.Delim) error {
	if token, err := d.Token(); err != nil || token != want {
		return errInventory
	}
	return nil
}

// skip passes over a value.
func skip(d *json.Decoder) error {
	var nothing nothing
	if err := d.Decode(&nothing); err != nil {
		return errInventory
	}
	return nil
}

// nothing takes any JSON value and keeps none.
type nothing struct{}

func (nothing) UnmarshalJSON([]byte) error { return nil }

// readPHP reads the serialised form of 1.0: an object or an array with the
// member, or, as the themes of old WordPress came, the list itself.
func readPHP(data, member string) ([]installed, error) {
	value, err := serialize.Read(data, inventoryLimits)
	if err != nil {
		return nil, errInventory
	}
	top, ok := fromPHP(value).(object)
	if !ok {
		return nil, errInventory
	}
	list, ok := top.get(member).(object)
	if !ok {
		if member != "themes" || top.get(member) != nil {
			return nil, errInventory
		}
		list = top
	}
	inv := &inventory{}
	for _, m := range list {
		headers, ok := m.value.(object)
		// Beside its themes, WordPress 2.8 to 3.3 told which is active.
		if !ok || member == "themes" && m.key == "current_theme" {
			continue
		}
		if err := inv.add(installed{m.key, textOf(headers.get("Version")), textOf(headers.get("UpdateURI"))}); err != nil {
			return nil, err
		}
	}
	return inv.list, nil
}
