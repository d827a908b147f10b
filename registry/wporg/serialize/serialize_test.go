package serialize

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"testing"
)

var roomy = Limits{Bytes: 1 << 20, Depth: 16, Elements: 1000}

func TestRead(t *testing.T) {
	for _, test := range []struct {
		name string
		text string
		want any
	}{
		{"null", "N;", nil},
		{"booleans", "a:2:{i:0;b:0;i:1;b:1;}", List(false, true)},
		{"integers of 64 bits", "a:2:{i:0;i:-9223372036854775808;i:1;i:9223372036854775807;}", List(int64(math.MinInt64), int64(math.MaxInt64))},
		{"floats as old and new PHP write them", "a:4:{i:0;d:0.1;i:1;d:0.10000000000000001;i:2;d:1.0E+25;i:3;d:-INF;}", List(0.1, 0.1, 1e25, math.Inf(-1))},
		{"a string of any bytes, quotes among them", "s:5:\"\x00\"\xff\";\";", "\x00\"\xff\";"},
		{"an empty array", "a:0:{}", Array{}},
		{"keys of both kinds", `a:2:{s:1:"a";i:1;i:-5;N;}`, Array{{Name("a"), int64(1)}, {Index(-5), nil}}},
		{"an object, and one within it", `O:8:"stdClass":2:{s:1:"a";O:8:"stdClass":0:{}s:1:"7";i:1;}`, Object{{"a", Object{}}, {"7", int64(1)}}},
		{"names that old PHP wrote as integers", `O:8:"stdClass":1:{i:7;i:1;}`, Object{{"7", int64(1)}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := Read(test.text, roomy)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %#v, want %#v", got, test.want)
			}
		})
	}
}

// refused are texts that are not read, most of which PHP would take.
var refused = map[string]string{
	"nothing":                            "",
	"half a kind":                        "i",
	"a word":                             "hello",
	"JSON":                               `{"plugins":{}}`,
	"bytes after the value":              "i:1;i:2;",
	"space before it":                    " i:1;",
	"an integer with a sign":             "i:+1;",
	"an integer with a zero in front":    "i:01;",
	"minus nought":                       "i:-0;",
	"an integer that is too large":       "i:9223372036854775808;",
	"an integer without digits":          "i:;",
	"an integer without end":             "i:" + strings.Repeat("1", 1000),
	"a boolean of 2":                     "b:2;",
	"a float in hexadecimal":             "d:0x1p4;",
	"a float with underscores":           "d:1_0;",
	"a float beyond the largest":         "d:1E400;",
	"a float that is a word":             "d:infinity;",
	"a string of negative length":        `s:-1:"";`,
	"a string that is too long":          `s:6:"hello";`,
	"a string that is too short":         `s:4:"hello";`,
	"a string longer than memory":        `s:9223372036854775807:"a";`,
	"a length beyond 64 bits":            `s:99999999999999999999:"a";`,
	"a string without its end":           `s:5:"hello`,
	"a string with escapes":              `S:1:"\41";`,
	"an array of a negative count":       "a:-1:{}",
	"an array of a billion":              "a:1000000000:{}",
	"an array with too few elements":     "a:2:{i:0;N;}",
	"an array with too many elements":    "a:1:{i:0;N;i:1;N;}",
	"an array without its end":           "a:1:{i:0;N;",
	"an array with a key of null":        "a:1:{N;N;}",
	"an array with a key of a float":     "a:1:{d:1;N;}",
	"a key for the second time":          "a:2:{i:0;N;i:0;N;}",
	"a name that PHP makes an integer":   `a:1:{s:1:"5";N;}`,
	"a reference":                        "a:2:{i:0;i:1;i:1;R:2;}",
	"an object for the second time":      `a:2:{i:0;O:8:"stdClass":0:{}i:1;r:2;}`,
	"another class":                      `O:8:"Requests":0:{}`,
	"another class of another length":    `O:13:"ArrayIterator":0:{}`,
	"stdClass in small letters":          `O:8:"stdclass":0:{}`,
	"a class with a custom form":         `C:11:"ArrayObject":21:{x:i:0;a:0:{};m:a:0:{}}`,
	"an enumeration":                     `E:11:"Suit:Hearts";`,
	"a private property":                 "O:8:\"stdClass\":1:{s:4:\"\x00A\x00b\";N;}",
	"a property for the second time":     `O:8:"stdClass":2:{s:1:"a";N;s:1:"a";N;}`,
	"a class within a string's end":      `a:1:{i:0;s:1:"a"}O:4:"Evil":0:{}`,
	"arrays 10,000 deep":                 strings.Repeat("a:1:{i:0;", 10000) + "N;" + strings.Repeat("}", 10000),
	"objects 17 deep":                    strings.Repeat(`O:8:"stdClass":1:{s:1:"a";`, 17) + "N;" + strings.Repeat("}", 17),
	"more elements than allowed":         "a:1001:{" + strings.Repeat("i:0;N;", 1001) + "}",
	"more elements than allowed, spread": "a:2:{i:0;a:600:{" + numbered(600) + "}i:1;a:600:{" + numbered(600) + "}}",
	"more bytes than allowed":            `s:2000000:"` + strings.Repeat("a", 2000000) + `";`,
}

func numbered(n int) string {
	b, err := Write(List(make([]any, n)...))
	if err != nil {
		panic(err)
	}
	return string(b[bytes.IndexByte(b, '{')+1 : len(b)-1])
}

func TestWhatIsRefused(t *testing.T) {
	for name, text := range refused {
		t.Run(name, func(t *testing.T) {
			got, err := Read(text, roomy)
			if fault := (*Error)(nil); !errors.As(err, &fault) || fault.Offset < 0 || fault.Offset > len(text) {
				t.Errorf("got %v and %v, want an error with its place", got, err)
			}
		})
	}
}

func TestWhatIsNoValueIsNotWritten(t *testing.T) {
	for _, value := range []any{1, []any{1}, List(Object{{"a", map[string]any{}}})} {
		if b, err := Write(value); err == nil {
			t.Errorf("%T was written as %s", value, b)
		}
	}
}

// FuzzRead asserts that what is read is within the limits, and that it is read
// the same after it was written.
func FuzzRead(f *testing.F) {
	for _, text := range refused {
		if len(text) < 1000 {
			f.Add(text)
		}
	}
	f.Add(`O:8:"stdClass":2:{s:7:"plugins";a:1:{s:9:"hello.php";a:2:{s:4:"Name";s:5:"Hello";s:7:"Version";s:5:"1.7.2";}}s:6:"active";a:1:{i:0;s:9:"hello.php";}}`)
	f.Add(`a:3:{i:0;d:1.0E-7;i:1;b:1;i:2;d:-0;}`)
	f.Fuzz(func(t *testing.T, text string) {
		limits := Limits{Bytes: 4096, Depth: 4, Elements: 50}
		value, err := Read(text, limits)
		if err != nil {
			return
		}
		depth, elements := measure(value)
		if len(text) > limits.Bytes || depth > limits.Depth || elements > limits.Elements {
			t.Fatalf("%d bytes, %d deep, %d elements were read", len(text), depth, elements)
		}
		written, err := Write(value)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Read(string(written), limits)
		if err != nil {
			t.Fatalf("%s was read and written as %s: %v", text, written, err)
		}
		if twice, err := Write(again); err != nil || !bytes.Equal(written, twice) {
			t.Fatalf("%s was written again as %s: %v", written, twice, err)
		}
	})
}

func measure(value any) (depth, elements int) {
	each := func(value any) {
		below, within := measure(value)
		depth, elements = max(depth, below), elements+within+1
	}
	switch v := value.(type) {
	case Array:
		for _, element := range v {
			each(element.Value)
		}
	case Object:
		for _, property := range v {
			each(property.Value)
		}
	default:
		return 0, 0
	}
	return depth + 1, elements
}

// values are what PHP is asked to write: each is an expression of PHP.
var values = []string{
	`null`, `true`, `false`, `0`, `-1`, `PHP_INT_MAX`, `PHP_INT_MIN`, `0.1`, `-0.0`, `1e15`, `1e16`, `1e17`, `123456789012345678.0`,
	`0.0001`, `0.00001`, `1.5e-7`, `1e100`, `5e-324`, `PHP_FLOAT_MAX`, `1/3`, `NAN`, `INF`, `-INF`, `""`, `"\0\xff\"';"`, `"Grüße"`, `[]`, `[1, 2, 3]`,
	`["a" => 1, "5" => 2, "05" => 3, "-5" => 4, "-0" => 5, "" => 6, 9 => 7, "9223372036854775808" => 8]`, `new stdClass`,
	`(object) ["a" => 1, "5" => [null, (object) []]]`,
	`(object) ["plugins" => ["hello.php" => ["Name" => "Hello", "Version" => "1.7.2", "Network" => false]], "active" => ["hello.php"]]`,
}

// TestPHPWritesTheSame asks the real PHP. That we write the very bytes means
// that the value was understood; PHP's own reading of ours is the same bytes
// again.
func TestPHPWritesTheSame(t *testing.T) {
	for i, text := range php(t, `foreach ($in as $e) { $out[] = base64_encode(serialize(eval("return $e;"))); }`, values) {
		value, err := Read(text, roomy)
		if err != nil {
			t.Errorf("%s: %v", values[i], err)
			continue
		}
		if got, err := Write(value); err != nil || string(got) != text {
			t.Errorf("%s: got %s, %v, want %s", values[i], got, err, text)
		}
	}
}

// TestWhatPHPRefusesIsRefused holds the other way round: whatever we read, PHP
// reads.
func TestWhatPHPRefusesIsRefused(t *testing.T) {
	var texts []string
	for name := range refused {
		if len(refused[name]) < 1000 {
			texts = append(texts, refused[name])
		}
	}
	// Cut and changed in every place, what PHP writes is seldom read.
	whole, err := Write(Object{{"a", List(int64(12), 1.5, "hello", true, nil)}, {"b", Object{}}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range whole {
		for _, c := range []byte(`0;:"}aO`) {
			changed := bytes.Clone(whole)
			changed[i] = c
			texts = append(texts, string(changed))
		}
		texts = append(texts, string(whole[:i]))
	}
	verdicts := php(t, `foreach ($in as $e) { $v = @unserialize($e, ["allowed_classes" => ["stdClass"]]); $out[] = base64_encode($v === false && $e !== "b:0;" ? "refused" : serialize($v)); }`, texts)
	for i, text := range texts {
		value, err := Read(text, roomy)
		if err != nil {
			continue
		}
		written, err := Write(value)
		if err != nil || verdicts[i] != string(written) {
			t.Errorf("%q was read as %s, %v; PHP says %s", text, written, err, verdicts[i])
		}
	}
}

// php runs a script that makes $out of $in, both lists of strings; those of
// $out are in base64.
func php(t *testing.T, script string, in []string) []string {
	t.Helper()
	binary, err := exec.LookPath("php")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("there is no PHP here")
		}
		t.Skip("there is no PHP here")
	}
	encoded := make([][]byte, len(in))
	for i, text := range in {
		encoded[i] = []byte(text)
	}
	input, err := json.Marshal(encoded)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), binary, "-d", "serialize_precision=-1", "-r",
		`$in = array_map("base64_decode", json_decode(stream_get_contents(STDIN))); $out = []; `+script+` echo json_encode($out);`)
	cmd.Stdin = bytes.NewReader(input)
	output, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	var out [][]byte
	if err := json.Unmarshal(output, &out); err != nil || len(out) != len(in) {
		t.Fatalf("PHP answered %s: %v", output, err)
	}
	texts := make([]string, len(out))
	for i := range out {
		texts[i] = string(out[i])
	}
	return texts
}
