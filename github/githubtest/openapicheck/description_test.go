package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// small is a description in miniature.
const small = `{
	"openapi": "3.0.3",
	"paths": {"/repos/{owner}/{repo}": {"get": {"responses": {
		"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/repo"}}}},
		"302": {"$ref": "#/components/responses/found"}
	}}}},
	"components": {
		"responses": {"found": {"description": "Found"}},
		"schemas": {
			"basic-error": {"type": "object", "properties": {"message": {"type": "string"}}},
			"owner": {"nullable": true, "allOf": [
				{"type": "object", "required": ["login"], "properties": {"login": {"type": "string"}}},
				{"type": "object", "properties": {"id": {"type": "integer", "nullable": true}}}
			]},
			"repo": {"type": "object", "required": ["url"], "properties": {
				"url": {"type": "string", "format": "uri"},
				"state": {"type": "string", "nullable": true, "enum": ["open", "closed"]},
				"owner": {"$ref": "#/components/schemas/owner"},
				"list": {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "string"}}}},
				"open": {"type": "object", "additionalProperties": true, "properties": {"a": {"type": "string"}}}
			}}
		}
	}
}`

const smallRoute = "GET /repos/{owner}/{repo}"

func loadSmall(t *testing.T) *description {
	t.Helper()
	file := filepath.Join(t.TempDir(), "small.json")
	if err := os.WriteFile(file, []byte(small), 0o666); err != nil {
		t.Fatal(err)
	}
	d, err := loadDescription(file)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDifferencesAreFound(t *testing.T) {
	d := loadSmall(t)
	pointer, err := d.response(smallRoute, 200, "application/json")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, body, want string }{
		{"all is well", `{"url":"http://x/","state":"open","owner":{"login":"a","id":null},"list":[{"a":"b"}]}`, ""},
		{"null where it may be", `{"url":"http://x/","state":null,"owner":null}`, ""},
		{"null where it may not be", `{"url":null}`, "'/url': got null, want string"},
		{"a field is missing", `{}`, "missing property 'url'"},
		{"a field of a part is missing", `{"url":"http://x/","owner":{"id":1}}`, "missing property 'login'"},
		{"another value than is listed", `{"url":"http://x/","state":"shut"}`, "value must be one of 'open', 'closed'"},
		{"no address", `{"url":"x"}`, "is not valid uri"},
		{"a field that is not described", `{"url":"http://x/","ulr":1}`, "at /ulr: GitHub describes no such field"},
		{"one in a list", `{"url":"http://x/","list":[{"a":"b"},{"b":"a"}]}`, "at /list/1/b: GitHub describes no such field"},
		{"one in a part of several schemas", `{"url":"http://x/","owner":{"login":"a","name":"b"}}`, "at /owner/name: GitHub describes no such field"},
		{"one where any may be", `{"url":"http://x/","open":{"b":1}}`, ""},
		{"no JSON", `<html>`, "the body is not JSON"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			found, err := d.validate(pointer, []byte(test.body))
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(found, "\n")
			if test.want == "" && got != "" || !strings.Contains(got, test.want) {
				t.Errorf("found %q, want %q", got, test.want)
			}
		})
	}
}

func TestStatusesAreLookedUp(t *testing.T) {
	d := loadSmall(t)
	tests := []struct {
		name, route string
		status      int
		mediaType   string
		pointer     string
		err         string
	}{
		{"described", smallRoute, 200, "application/json", "/paths/~1repos~1{owner}~1{repo}/get/responses/200/content/application~1json/schema", ""},
		{"described elsewhere, without a body", smallRoute, 302, "text/html", "", ""},
		{"not described, yet answered anywhere", smallRoute, 404, "application/json", "/components/schemas/basic-error", ""},
		{"not described", smallRoute, 418, "application/json", "", "status 418 is not listed"},
		{"another media type", smallRoute, 200, "text/html", "", "media type text/html is not listed"},
		{"another route", "GET /repos", 200, "application/json", "", "has no route"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			pointer, err := d.response(test.route, test.status, test.mediaType)
			text := ""
			if err != nil {
				text = err.Error()
			}
			if pointer != test.pointer || (text == "") != (test.err == "") || !strings.Contains(text, test.err) {
				t.Errorf("got %q, %q; want %q, %q", pointer, text, test.pointer, test.err)
			}
		})
	}
}
