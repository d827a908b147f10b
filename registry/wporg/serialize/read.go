package serialize

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// smallest is the least that an element takes, "i:0;N;": a count that the rest
// of the text cannot hold is refused before anything is made for it.
const smallest = len("i:0;N;")

// maxNumber bounds an integer or a float, in bytes: PHP's longest are shorter
// than 30.
const maxNumber = 64

// Read reads one value. Strings of the result are parts of the text. An error
// is an [*Error].
func Read(text string, limits Limits) (any, error) {
	if len(text) > limits.Bytes {
		return nil, &Error{limits.Bytes, fmt.Sprintf("more than %d bytes", limits.Bytes)}
	}
	r := &reader{text: text, elements: limits.Elements}
	value, err := r.value(limits.Depth)
	if err != nil {
		return nil, err
	}
	if r.at != len(text) {
		return nil, r.fail("something follows the value")
	}
	return value, nil
}

type reader struct {
	text     string
	at       int // the next byte
	elements int // that may still come
}

func (r *reader) fail(format string, args ...any) error {
	return &Error{r.at, fmt.Sprintf(format, args...)}
}

// take reads what has to stand here.
func (r *reader) take(want string) error {
	if !strings.HasPrefix(r.text[r.at:], want) {
		return r.fail("want %q", want)
	}
	r.at += len(want)
	return nil
}

// until reads up to a byte within the next few, and the byte.
func (r *reader) until(end byte) (string, error) {
	rest := r.text[r.at:]
	n := strings.IndexByte(rest[:min(len(rest), maxNumber)], end)
	if n < 0 {
		return "", r.fail("no %q where a number should end", string(end))
	}
	r.at += n + 1
	return rest[:n], nil
}

// value reads a value; depth is how many arrays and objects may still be
// within one another.
func (r *reader) value(depth int) (any, error) {
	if err := r.whole(); err != nil {
		return nil, err
	}
	kind := r.text[r.at : r.at+2]
	r.at += 2
	switch kind {
	case "N;":
		return nil, nil
	case "b:":
		return r.boolean()
	case "i:":
		return r.integer()
	case "d:":
		return r.float()
	case "s:":
		return r.quoted(';')
	case "a:":
		return r.array(depth)
	case "O:":
		return r.object(depth)
	}
	r.at -= 2
	return nil, r.fail("a value of a kind that is not read here")
}

// whole makes sure that there is room for a kind.
func (r *reader) whole() error {
	if len(r.text)-r.at < 2 {
		return r.fail("the text ends")
	}
	return nil
}

func (r *reader) boolean() (any, error) {
	switch {
	case strings.HasPrefix(r.text[r.at:], "0;"):
		r.at += 2
		return false, nil
	case strings.HasPrefix(r.text[r.at:], "1;"):
		r.at += 2
		return true, nil
	}
	return nil, r.fail("a boolean that is neither 0 nor 1")
}

func (r *reader) integer() (any, error) {
	digits, err := r.until(';')
	if err != nil {
		return nil, err
	}
	n, ok := decimal(digits)
	if !ok {
		return nil, r.fail("%.30q is not an integer", digits)
	}
	return n, nil
}

// decimal reads a whole number of 64 bits in the only form that PHP writes.
func decimal(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && strconv.FormatInt(n, 10) == s
}

func (r *reader) float() (any, error) {
	digits, err := r.until(';')
	if err != nil {
		return nil, err
	}
	switch digits {
	case "NAN":
		return math.NaN(), nil
	case "INF":
		return math.Inf(1), nil
	case "-INF":
		return math.Inf(-1), nil
	}
	f, err := strconv.ParseFloat(digits, 64)
	if err != nil || strings.Trim(digits, "0123456789.eE+-") != "" || digits[0] == '+' {
		return nil, r.fail("%.30q is not a float", digits)
	}
	return f, nil
}

// count reads a length or a number of elements, with its colon.
func (r *reader) count() (int, error) {
	digits, err := r.until(':')
	if err != nil {
		return 0, err
	}
	n, ok := decimal(digits)
	if !ok || n < 0 || n > int64(len(r.text)-r.at) {
		return 0, r.fail("%.30q is no count, or more than the text holds", digits)
	}
	return int(n), nil
}

// quoted reads the rest of a string, which ends with the byte given.
func (r *reader) quoted(end byte) (string, error) {
	n, err := r.count()
	if err != nil {
		return "", err
	}
	if err := r.take(`"`); err != nil {
		return "", err
	}
	if len(r.text)-r.at < n+2 || r.text[r.at+n] != '"' || r.text[r.at+n+1] != end {
		return "", r.fail("a string that does not end where it says")
	}
	s := r.text[r.at : r.at+n]
	r.at += n + 2
	return s, nil
}

// open reads the number of elements and the brace, and takes the elements off
// what may still come.
func (r *reader) open(depth int) (int, error) {
	if depth <= 0 {
		return 0, r.fail("arrays and objects too deep within one another")
	}
	n, err := r.count()
	if err != nil {
		return 0, err
	}
	if err := r.take("{"); err != nil {
		return 0, err
	}
	if n > r.elements || n > (len(r.text)-r.at)/smallest {
		return 0, r.fail("%d elements, more than are allowed or than the text holds", n)
	}
	r.elements -= n
	return n, nil
}

func (r *reader) array(depth int) (any, error) {
	n, err := r.open(depth)
	if err != nil {
		return nil, err
	}
	array := make(Array, 0, n)
	seen := make(map[Key]bool, n)
	for range n {
		key, err := r.key()
		if err != nil {
			return nil, err
		}
		if seen[key] {
			return nil, r.fail("a key for the second time")
		}
		seen[key] = true
		value, err := r.value(depth - 1)
		if err != nil {
			return nil, err
		}
		array = append(array, Element{key, value})
	}
	return array, r.take("}")
}

// key reads an array's key. A string that is a whole number is none: PHP makes
// an integer of it.
func (r *reader) key() (Key, error) {
	name, number, err := r.keyText()
	if err != nil {
		return Key{}, err
	}
	if number != nil {
		return Index(*number), nil
	}
	key := Name(name)
	if !key.Named {
		return Key{}, r.fail("the key %q, which PHP would have made an integer", name)
	}
	return key, nil
}

// keyText reads a string, or an integer.
func (r *reader) keyText() (string, *int64, error) {
	if err := r.whole(); err != nil {
		return "", nil, err
	}
	kind := r.text[r.at : r.at+2]
	r.at += 2
	switch kind {
	case "s:":
		name, err := r.quoted(';')
		return name, nil, err
	case "i:":
		value, err := r.integer()
		if err != nil {
			return "", nil, err
		}
		number := value.(int64)
		return "", &number, nil
	}
	r.at -= 2
	return "", nil, r.fail("a key that is neither a string nor an integer")
}

// object reads the rest of a stdClass. PHP before 7.2 wrote integers for names
// that are numbers.
func (r *reader) object(depth int) (any, error) {
	if err := r.take(`8:"stdClass":`); err != nil {
		return nil, err
	}
	n, err := r.open(depth)
	if err != nil {
		return nil, err
	}
	object := make(Object, 0, n)
	seen := make(map[string]bool, n)
	for range n {
		name, number, err := r.keyText()
		if err != nil {
			return nil, err
		}
		if number != nil {
			name = strconv.FormatInt(*number, 10)
		}
		if strings.HasPrefix(name, "\x00") || seen[name] {
			return nil, r.fail("the property %.30q, which is not public, or for the second time", name)
		}
		seen[name] = true
		value, err := r.value(depth - 1)
		if err != nil {
			return nil, err
		}
		object = append(object, Property{name, value})
	}
	return object, r.take("}")
}
