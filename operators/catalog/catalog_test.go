package catalog

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestNamesAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range All() {
		if seen[s.Name] {
			t.Errorf("%s is listed twice", s.Name)
		}
		seen[s.Name] = true
		if s.Doc == "" || s.New == nil || s.Decode == nil {
			t.Errorf("%s is incomplete", s.Name)
		}
		if err := s.Check(s.Defaults()); err != nil {
			t.Error(err)
		}
	}
}

// TestNothingIsForgotten: every exported Spec of every family is in the catalogue.
func TestNothingIsForgotten(t *testing.T) {
	listed, err := os.ReadFile("catalog.go")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	specs := 0
	for _, path := range files {
		family := filepath.Base(filepath.Dir(path))
		if strings.HasSuffix(path, "_test.go") || family == "catalog" || family == "operatortest" {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.VAR {
				continue
			}
			for _, s := range g.Specs {
				for _, name := range s.(*ast.ValueSpec).Names {
					if !name.IsExported() {
						continue
					}
					specs++
					if !strings.Contains(string(listed), "\t\t"+family+"."+name.Name+",\n") {
						t.Errorf("%s.%s is not in the catalogue", family, name.Name)
					}
				}
			}
		}
	}
	if specs < 20 {
		t.Errorf("only %d Specs were found", specs)
	}
}

func TestSpaces(t *testing.T) {
	for _, name := range []string{"", "default", "light", "fast", "mdr"} {
		specs, err := Space(name, All())
		if err != nil || len(specs) < 5 {
			t.Errorf("%q: %d operators, %v", name, len(specs), err)
		}
	}
	if _, err := Space("nonsense", All()); err == nil {
		t.Error("an unknown space gives no error")
	}
}
