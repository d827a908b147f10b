// Package serialize reads and writes the format of PHP's serialize(), as far as
// WordPress's update protocols use it: null, booleans, integers, floats,
// strings, arrays and stdClass. There are no other classes, no references and
// no custom forms, so nothing that is read can be more than data.
//
// The reader takes what PHP itself writes and no more: the forms that
// unserialize() forgives besides, such as leading zeros, keys that PHP would
// have written as integers, or bytes after the value, are refused.
//
// Format: https://www.php.net/serialize, and what PHP 8.2 does.
package serialize

import "fmt"

// A value is nil, bool, int64, float64, string (bytes, not necessarily UTF-8),
// [Array] or [Object].

// Array is a PHP array: its elements keep their order, and no key is twice.
type Array []Element

// Element is one of an array.
type Element struct {
	Key   Key
	Value any
}

// Key is an array's key: an integer if Text is "" and Named is false.
type Key struct {
	Named  bool
	Text   string
	Number int64
}

// Object is a stdClass: its properties keep their order, and no name is twice.
type Object []Property

// Property is one of an object.
type Property struct {
	Name  string
	Value any
}

// Limits bound what is read.
type Limits struct {
	Bytes    int // of the text
	Depth    int // of arrays and objects within one another
	Elements int // and properties, of all arrays and objects together
}

// Name is the key that PHP makes of a string: a whole number in its shortest
// form becomes an integer.
func Name(s string) Key {
	if n, ok := decimal(s); ok {
		return Key{Number: n}
	}
	return Key{Named: true, Text: s}
}

// Index is an integer as a key.
func Index(n int64) Key { return Key{Number: n} }

// List makes an array of values, numbered from 0.
func List(values ...any) Array {
	list := make(Array, len(values))
	for i, value := range values {
		list[i] = Element{Index(int64(i)), value}
	}
	return list
}

// Error says where a text ceases to be what is read here.
type Error struct {
	Offset  int // bytes
	Problem string
}

func (e *Error) Error() string {
	return fmt.Sprintf("read serialised PHP: at byte %d: %s", e.Offset, e.Problem)
}
