package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// maxDescription bounds the description, in bytes; today's has 13 MB.
const maxDescription = 256 << 20

// description is GitHub's OpenAPI 3.0 document. Its schemas are made JSON
// Schema 2020-12 when it is loaded, which for what GitHub uses of OpenAPI's
// dialect means null alone.
type description struct {
	document map[string]any
	compiler *jsonschema.Compiler
}

const documentURL = "file:///description.json"

func loadDescription(file string) (*description, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, fmt.Errorf("read description: %w", err)
	}
	if info.Size() > maxDescription {
		return nil, fmt.Errorf("read description %s: more than %d bytes", file, maxDescription)
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("read description: %w", err)
	}
	defer f.Close()
	value, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		return nil, fmt.Errorf("parse description %s: %w", file, err)
	}
	document, ok := withNull(value).(map[string]any)
	if version, _ := document["openapi"].(string); !ok || !strings.HasPrefix(version, "3.0.") {
		return nil, fmt.Errorf("description %s is not of OpenAPI 3.0", file)
	}
	d := &description{document: document, compiler: jsonschema.NewCompiler()}
	d.compiler.DefaultDraft(jsonschema.Draft2020)
	d.compiler.AssertFormat()
	if err := d.compiler.AddResource(documentURL, document); err != nil {
		return nil, fmt.Errorf("read description %s: %w", file, err)
	}
	return d, nil
}

// withNull rewrites OpenAPI 3.0's nullable as a choice between the schema and
// null, wherever it stands. It drops the format of templates, of which the
// validator knows the first level alone: "{/sha}" is of the third.
func withNull(value any) any {
	switch value := value.(type) {
	case []any:
		for i, v := range value {
			value[i] = withNull(v)
		}
	case map[string]any:
		for name, v := range value {
			value[name] = withNull(v)
		}
		if value["format"] == "uri-template" {
			delete(value, "format")
		}
		if value["nullable"] == true {
			delete(value, "nullable")
			return map[string]any{"anyOf": []any{value, map[string]any{"type": "null"}}}
		}
	}
	return value
}

// response finds what the description says of a route's answer: the place of
// its schema in the document, "" if it has none. A route is "GET /path".
func (d *description) response(route string, status int, mediaType string) (pointer string, err error) {
	method, path, _ := strings.Cut(route, " ")
	at := []string{"paths", path, strings.ToLower(method)}
	if d.lookup(at) == nil {
		return "", fmt.Errorf("the description has no route %s", route)
	}
	at = append(at, "responses", strconv.Itoa(status))
	if d.lookup(at) == nil {
		if !isUndescribed(status) {
			return "", fmt.Errorf("status %d is not listed", status)
		}
		at = []string{"components", "schemas", "basic-error"}
		if mediaType == "" {
			return "", nil
		}
		return pointerTo(at), nil
	}
	at = d.follow(at)
	content := append(at, "content")
	if d.lookup(content) == nil {
		return "", nil
	}
	schema := append(content, mediaType, "schema")
	if d.lookup(schema) == nil {
		if status == 304 || mediaType == "" {
			return "", nil
		}
		return "", fmt.Errorf("media type %s is not listed for status %d", mediaType, status)
	}
	return pointerTo(schema), nil
}

// follow resolves a reference that stands at a place.
func (d *description) follow(at []string) []string {
	for {
		object, _ := d.lookup(at).(map[string]any)
		ref, ok := object["$ref"].(string)
		if !ok {
			return at
		}
		at = parsePointer(strings.TrimPrefix(ref, "#"))
	}
}

func (d *description) lookup(at []string) any {
	var value any = d.document
	for _, name := range at {
		switch v := value.(type) {
		case map[string]any:
			value = v[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(v) {
				return nil
			}
			value = v[i]
		default:
			return nil
		}
	}
	return value
}

// JSON pointers, RFC 6901.
var (
	escaper   = strings.NewReplacer("~", "~0", "/", "~1")
	unescaper = strings.NewReplacer("~1", "/", "~0", "~")
)

func pointerTo(at []string) string {
	var b strings.Builder
	for _, name := range at {
		b.WriteString("/" + escaper.Replace(name))
	}
	return b.String()
}

func parsePointer(pointer string) []string {
	var at []string
	for part := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		at = append(at, unescaper.Replace(part))
	}
	return at
}

// validate holds a JSON body against the schema at a place of the document.
func (d *description) validate(pointer string, body []byte) ([]string, error) {
	schema, err := d.compiler.Compile(documentURL + "#" + escapeFragment(pointer))
	if err != nil {
		return nil, fmt.Errorf("compile schema: %w", err)
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(body)))
	if err != nil {
		return []string{"the body is not JSON: " + err.Error()}, nil
	}
	var found []string
	if err := schema.Validate(value); err != nil {
		found = append(found, strings.ReplaceAll(err.Error(), "\n", "\n       "))
	}
	var plain any
	if err := json.Unmarshal(body, &plain); err != nil {
		return nil, err
	}
	unknown := unknownFields(d, []any{d.lookup(parsePointer(pointer))}, plain, "")
	return append(found, unknown...), nil
}

// escapeFragment encodes what a URL's fragment may not hold.
func escapeFragment(pointer string) string {
	return strings.NewReplacer("%", "%25", "{", "%7B", "}", "%7D", " ", "%20").Replace(pointer)
}
