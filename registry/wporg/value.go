package wporg

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/pluginyard/pluginyard/registry/wporg/serialize"
)

// object is a map whose members keep their order: a JSON object, a PHP array.
// Values are nil, bool, int, int64, float64, string, []any, object, class, and
// what is JSON already, json.RawMessage.
type object []member

type member struct {
	key   string
	value any
}

// class is an object that is a stdClass in PHP.
type class object

func (o object) get(key string) any {
	for _, m := range o {
		if m.key == key {
			return m.value
		}
	}
	return nil
}

// MarshalJSON writes "{}" for an empty object.
func (o object) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, m := range o {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendText(b, m.key), ':')
		value, err := encodeJSON(m.value)
		if err != nil {
			return nil, err
		}
		b = append(b, value...)
	}
	return append(b, '}'), nil
}

// MarshalJSON writes a class as an object.
func (c class) MarshalJSON() ([]byte, error) { return object(c).MarshalJSON() }

// encodeJSON encodes without escaping <, > and &: answers are served as JSON,
// with nosniff, and most of them is HTML.
func encodeJSON(v any) ([]byte, error) {
	switch v := v.(type) {
	case json.RawMessage:
		return v, nil
	case object:
		return v.MarshalJSON() // or the encoder would go over it again
	case class:
		return object(v).MarshalJSON()
	case []any:
		b := []byte{'['}
		for i, element := range v {
			if i > 0 {
				b = append(b, ',')
			}
			value, err := encodeJSON(element)
			if err != nil {
				return nil, err
			}
			b = append(b, value...)
		}
		return append(b, ']'), nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// appendText appends a string as JSON.
func appendText(b []byte, s string) []byte {
	text, err := encodeJSON(s)
	if err != nil {
		panic("encode a string: " + err.Error()) // a string always encodes
	}
	return append(b, text...)
}

// decodeJSON reads JSON of our own, and keeps the order of members.
func decodeJSON(data []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	return decodeValue(d)
}

func decodeValue(d *json.Decoder) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t := token.(type) {
	case json.Number:
		if n, err := strconv.ParseInt(t.String(), 10, 64); err == nil {
			return n, nil
		}
		return t.Float64()
	case json.Delim:
		return decodeWithin(d, t)
	}
	return token, nil
}

// decodeWithin reads an object or an array after its first brace.
func decodeWithin(d *json.Decoder, open json.Delim) (any, error) {
	o, list := object{}, []any{}
	for d.More() {
		var key string
		if open == '{' {
			token, err := d.Token()
			if err != nil {
				return nil, err
			}
			key = token.(string)
		}
		value, err := decodeValue(d)
		if err != nil {
			return nil, err
		}
		if open == '{' {
			o = append(o, member{key, value})
		} else {
			list = append(list, value)
		}
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	if open == '{' {
		return o, nil
	}
	return list, nil
}

// toPHP makes a value of PHP.
func toPHP(v any) (any, error) {
	switch v := v.(type) {
	case nil, bool, int64, float64, string:
		return v, nil
	case int:
		return int64(v), nil
	case json.RawMessage:
		value, err := decodeJSON(v)
		if err != nil {
			return nil, err
		}
		return toPHP(value)
	case []any:
		list := serialize.List(v...)
		for i := range list {
			var err error
			if list[i].Value, err = toPHP(list[i].Value); err != nil {
				return nil, err
			}
		}
		return list, nil
	case object:
		array := make(serialize.Array, len(v))
		for i, m := range v {
			value, err := toPHP(m.value)
			if err != nil {
				return nil, err
			}
			array[i] = serialize.Element{Key: serialize.Name(m.key), Value: value}
		}
		return array, nil
	case class:
		properties := make(serialize.Object, len(v))
		for i, m := range v {
			value, err := toPHP(m.value)
			if err != nil {
				return nil, err
			}
			properties[i] = serialize.Property{Name: m.key, Value: value}
		}
		return properties, nil
	}
	return nil, fmt.Errorf("no value of PHP: %T", v)
}

// fromPHP makes an object of arrays and objects of PHP, so that parameters are
// the same however they came.
func fromPHP(v any) any {
	switch v := v.(type) {
	case serialize.Array:
		o := make(object, len(v))
		for i, element := range v {
			o[i] = member{keyText(element.Key), fromPHP(element.Value)}
		}
		return o
	case serialize.Object:
		o := make(object, len(v))
		for i, property := range v {
			o[i] = member{property.Name, fromPHP(property.Value)}
		}
		return o
	}
	return v
}

func keyText(key serialize.Key) string {
	if key.Named {
		return key.Text
	}
	return strconv.FormatInt(key.Number, 10)
}

// numbered reports whether a key is an integer in PHP, as those of lists are.
func numbered(key string) bool { return !serialize.Name(key).Named }

// text is a scalar as PHP makes a string of it; false if it is none.
func text(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case int64:
		return strconv.FormatInt(v, 10), true
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), true
	case bool:
		if v {
			return "1", true
		}
		return "", true
	}
	return "", false
}

// textOf is text, or "" for what is no scalar.
func textOf(v any) string {
	s, _ := text(v)
	return s
}

// truthy is PHP's (bool).
func truthy(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case string:
		return v != "" && v != "0"
	case bool:
		return v
	case int64:
		return v != 0
	case float64:
		return v != 0
	case object:
		return len(v) > 0
	}
	return true
}

// number is PHP's (int) of a scalar, within bounds.
func number(v any, least, most int) int {
	s := strings.TrimSpace(textOf(v))
	end := 0
	for end < len(s) && (s[end] >= '0' && s[end] <= '9' || end == 0 && (s[0] == '-' || s[0] == '+')) {
		end++
	}
	n, err := strconv.Atoi(s[:end])
	if err != nil && strings.Trim(s[:end], "+-") == "" {
		n = 0
	} // else Atoi gives the nearest number of its size
	return min(max(n, least), most)
}
