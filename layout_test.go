package automl_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/lren-chuv/automl"

// below lists, for every package or family of packages, what it may import of ours. Imports point downwards only.
var below = []struct {
	from string
	may  []string
	why  string
}{
	{"internal/wire", nil, "knows bytes only"},
	{"internal/whole", nil, "knows files only"},
	{"dataset", []string{"internal/wire"}, "a schema is stored"},
	{"internal/stats", []string{"dataset", "internal/linalg"}, "describes columns"},
	{"internal/pgtest", nil, "starts a server for tests"},
	{"internal/linalg", nil, "knows matrices only"},
	{"internal/kernel", nil, "hot loops"},
	{"internal/interior", []string{"internal/linalg"}, "an optimiser"},
	{"internal/posterior", []string{"dataset", "internal/linalg"}, "probabilities of many rows at once"},
	{"internal/*", []string{"dataset"}, "what several families share"},
	{"metrics", []string{"dataset"}, "scores columns"},
	{"operators", []string{"dataset", "internal/wire"}, "the contract"},
	{"operators/operatortest", []string{"dataset", "operators"}, "judges operators"},
	{"operators/catalog", []string{"operators", "operators/*"}, "lists all families"},
	{"operators/*/*", []string{"dataset", "operators", "internal/*"}, "the inside of a family"},
	{"operators/*", []string{"dataset", "operators", "operators/*", "operators/*/*", "internal/*"}, "a family may build on another"},
	{"pipeline", []string{"dataset", "metrics", "operators", "operators/encode"}, "encodes where operators cannot take the data"},
	{"explain", []string{"dataset", "metrics", "operators"}, "sees models as functions of tables"},
	{"gp", []string{"pipeline"}, "sees neither data nor operators"},
	{"recipes", []string{"dataset"}, "data"},
	{".", []string{"recipes", "dataset", "metrics", "operators", "operators/catalog", "pipeline", "gp", "explain", "internal/linalg", "internal/wire", "internal/whole"}, "the wiring"},
	{"cluster", []string{"dataset", "metrics", "operators", "operators/catalog", "pipeline", "gp", "internal/wire"}, "evaluates on other machines; the search sees it by an interface"},
	{"report", []string{".", "dataset", "metrics", "operators/catalog", "operators/encode", "pipeline", "explain"}, "draws what a model remembers"},
	{"export/form", []string{"dataset", "operators", "internal/wire"}, "what operators have learned"},
	{"export/pfa/pfatest", nil, "judges documents"},
	{"export/*", []string{".", "export/form", "dataset", "operators", "operators/catalog", "pipeline", "internal/wire"}, "writes models for other readers"},
	{"mip", []string{".", "dataset", "metrics", "operators", "operators/catalog", "export/pfa", "gp", "internal/whole"}, "who asked, and where the answer goes"},
	{"launch", []string{"mip"}, "starts workers and searches by the schedulers that jobs are run by"},
	{"serve/store", nil, "keeps bytes"},
	{"serve/job", []string{"serve/store"}, "knows states, not what is done in them"},
	{"serve/web", nil, "files"},
	{"serve/data", []string{"dataset", "explain", "export/pfa", "internal/whole", "mip"}, "where tables come from"},
	{"serve/method", []string{".", "dataset", "explain", "internal/linalg", "operators/catalog", "mip"}, "what an experiment can be done with"},
	{"serve/work", []string{".", "dataset", "metrics", "gp", "report", "export/pfa", "internal/whole", "mip", "serve/data", "serve/job", "serve/method"}, "does what jobs ask for"},
	{"serve/backend", []string{".", "dataset", "internal/whole", "mip", "serve/method", "serve/work"}, "runs what jobs ask for elsewhere"},
	{"serve", []string{"dataset", "metrics", "serve/*", "mip", "internal/whole"}, "speaks HTTP"},
	{"cmd/automl", []string{".", "dataset", "metrics", "operators", "operators/catalog", "pipeline", "gp", "explain", "report", "export/*", "mip", "cluster", "launch", "serve", "serve/*", "internal/whole"}, "flags, files and printing"},
	{"docs/*", []string{".", "dataset", "metrics", "operators", "operators/catalog", "explain", "report", "export/*"}, "what users write"},
	{"bench", []string{".", "dataset", "metrics", "operators", "operators/*", "pipeline", "gp"}, "measures"},
	{"bench/*", []string{".", "dataset", "metrics", "operators", "operators/*", "pipeline", "gp"}, "measures"},
}

func TestImportsPointDownwards(t *testing.T) {
	files := 0
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && p != "." || d.Name() == "testdata" || d.Name() == "interop" || d.Name() == "tools") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			return nil
		}
		files++
		f, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		from := path.Dir(filepath.ToSlash(p))
		for _, spec := range f.Imports {
			to, _ := strconv.Unquote(spec.Path.Value)
			if to == module {
				to = "."
			} else if rest, ours := strings.CutPrefix(to, module+"/"); ours {
				to = rest
			} else {
				continue
			}
			if !allowed(from, to) {
				t.Errorf("%s imports %s", p, to)
			}
		}
		return nil
	})
	if err != nil || files < 50 {
		t.Errorf("%d files looked at: %v", files, err)
	}
}

func allowed(from, to string) bool {
	for _, b := range below {
		if ok, _ := path.Match(b.from, from); ok {
			for _, m := range b.may {
				if ok, _ := path.Match(m, to); ok {
					return true
				}
			}
			return false
		}
	}
	return false
}
