package github_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// The client library must be exchangeable: whatever is exported is ours.
func TestNothingExportedShowsTheLibrary(t *testing.T) {
	names, err := filepath.Glob("*.go")
	if err != nil || len(names) < 10 {
		t.Fatalf("files are %q, error %v", names, err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.FileExports(file)
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok {
				f.Body = nil
			}
			ast.Inspect(decl, func(n ast.Node) bool {
				if x, ok := n.(*ast.Ident); ok && (x.Name == "gogithub" || x.Name == "jwt") {
					t.Errorf("%s: %s shows in what is exported", name, x.Name)
				}
				return true
			})
		}
	}
}
