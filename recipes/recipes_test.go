package recipes_test

import (
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators/catalog"
	"github.com/lren-chuv/automl/pipeline"
	"github.com/lren-chuv/automl/recipes"
)

// TestRecipesAreLegal: every line is a pipeline of its task, no two are alike, and there is variety.
func TestRecipesAreLegal(t *testing.T) {
	for _, task := range []dataset.Task{dataset.Binary, dataset.Multiclass, dataset.Regression} {
		g := pipeline.NewGrammar(task, catalog.All())
		seen, kinds := map[pipeline.Hash]bool{}, map[string]bool{}
		for _, text := range recipes.For(task, 20_000) {
			tree, err := pipeline.Parse(text, catalog.All())
			if err == nil {
				err = g.Check(tree)
			}
			if err != nil {
				t.Errorf("%s: %s: %v", task, text, err)
				continue
			}
			if seen[tree.Hash()] {
				t.Errorf("%s: %s stands twice", task, text)
			}
			seen[tree.Hash()], kinds[tree.Root().Spec.Name] = true, true
		}
		if len(kinds) < 8 {
			t.Errorf("%s: only %d kinds of predictors", task, len(kinds))
		}
	}
}
