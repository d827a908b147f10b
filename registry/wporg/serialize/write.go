package serialize

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Write gives a value as PHP's serialize() does. It fails for what is no value.
func Write(value any) ([]byte, error) { return Append(nil, value) }

// Append writes a value behind bytes.
func Append(b []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case nil:
		return append(b, "N;"...), nil
	case bool:
		if v {
			return append(b, "b:1;"...), nil
		}
		return append(b, "b:0;"...), nil
	case int64:
		return appendInteger(b, v), nil
	case float64:
		return append(append(append(b, "d:"...), formatFloat(v)...), ';'), nil
	case string:
		return appendString(b, v), nil
	case Array:
		b = appendCount(append(b, "a:"...), len(v))
		for _, element := range v {
			if element.Key.Named {
				b = appendString(b, element.Key.Text)
			} else {
				b = appendInteger(b, element.Key.Number)
			}
			var err error
			if b, err = Append(b, element.Value); err != nil {
				return nil, err
			}
		}
		return append(b, '}'), nil
	case Object:
		b = appendCount(append(b, `O:8:"stdClass":`...), len(v))
		for _, property := range v {
			b = appendString(b, property.Name)
			var err error
			if b, err = Append(b, property.Value); err != nil {
				return nil, err
			}
		}
		return append(b, '}'), nil
	}
	return nil, fmt.Errorf("serialise for PHP: no value of type %T", value)
}

func appendInteger(b []byte, n int64) []byte {
	return append(strconv.AppendInt(append(b, "i:"...), n, 10), ';')
}

func appendString(b []byte, s string) []byte {
	b = strconv.AppendInt(append(b, "s:"...), int64(len(s)), 10)
	return append(append(append(b, `:"`...), s...), `";`...)
}

func appendCount(b []byte, n int) []byte {
	return append(strconv.AppendInt(b, int64(n), 10), ":{"...)
}

// formatFloat writes a float as PHP 7.1 and later do where serialize_precision
// is -1, its default: the shortest digits that read back the same, and an
// exponent below 1.0E-4 and above 17 digits.
func formatFloat(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NAN"
	case math.IsInf(f, 1):
		return "INF"
	case math.IsInf(f, -1):
		return "-INF"
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'e', -1, 64), "e")
	power, err := strconv.Atoi(exponent)
	if err != nil {
		panic("format a float: " + err.Error()) // strconv always writes an exponent
	}
	if power >= -4 && power < 17 {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	if !strings.Contains(mantissa, ".") {
		mantissa += ".0"
	}
	return mantissa + "E" + fmt.Sprintf("%+d", power)
}
