package gp

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/pipeline"
)

// scored makes an individual whose predictor is called name with the given losses per fold.
func scoredBy(id int, name string, folds ...float64) *Individual {
	spec := toySpec(name, operators.Regressor)
	mean := pipeline.MeanScore(folds)
	return &Individual{ID: id, Tree: pipeline.Apply(spec, spec.Defaults(), pipeline.Leaf()),
		Result: pipeline.Result{Score: mean, Folds: folds, Took: time.Second}, Cost: []float64{mean, 1}}
}

func TestBarIsTheWorstOfTheLeadersOnTheSameFolds(t *testing.T) {
	r := race{loss: Objective{"loss", func(_ pipeline.Tree, res pipeline.Result) float64 { return res.Score }}}
	names := "ABCDEFGHIJ"
	for i := range names[:rivals-1] {
		r.add(scoredBy(i, names[i:i+1], 1, 1, float64(1+i)))
	}
	r.add(scoredBy(20, "A", 3, 1, 1)) // worse than A's best: changes nothing
	if r.bar != nil {
		t.Fatalf("a bar of %v with %d rivals", r.bar, rivals-1)
	}
	r.add(scoredBy(30, "H", 5, 1, 0))
	if want := []float64{5, 3, 3}; !slices.Equal(r.bar, want) {
		t.Errorf("bar %v, want %v", r.bar, want)
	}
	before := r.bar
	r.add(scoredBy(40, "I", 0, 0, 0)) // takes the place of the worst rival, G with 1 1 7
	if want := []float64{5, 3, 8. / 3}; !slices.Equal(r.bar, want) {
		t.Errorf("bar %v, want %v", r.bar, want)
	}
	if &before[0] == &r.bar[0] {
		t.Error("the bar that evaluations under way read was written to")
	}
}

// TestPaceDividesTimeEvenly: trees a hundred times as slow as the others are accepted so much more seldom that they get
// about the time of a fair share each, and never shut out.
func TestPaceDividesTimeEvenly(t *testing.T) {
	var p pace
	quick, slow := scoredBy(0, "Quick", 1, 1), scoredBy(1, "Slow", 1, 1)
	quick.Result.Took, slow.Result.Took = 10*time.Millisecond, 200*time.Millisecond
	rng := rand.New(rand.NewPCG(1, 2))
	if !p.welcome(rng, slow, nil) {
		t.Error("refused before anything is known")
	}
	for range 50 {
		p.add(quick)
	}
	p.add(slow)
	accepted := map[*Individual]int{}
	for range 2000 {
		for _, ind := range []*Individual{quick, slow} {
			if p.welcome(rng, ind, nil) {
				accepted[ind]++
			}
		}
	}
	if accepted[quick] != 2000 {
		t.Errorf("quick trees were accepted %d times of 2000", accepted[quick])
	}
	// fair is a little above 2 x 5 ms per fold, the slow take 100 ms per fold
	if n := accepted[slow]; n < 150 || n > 300 {
		t.Errorf("slow trees were accepted %d times of 2000, want about 210", n)
	}
	child := scoredBy(2, "Slow", 1)
	cheap := scoredBy(3, "Slow", 1, 1)
	cheap.Result.Took = time.Millisecond
	for range 100 {
		if !p.welcome(rng, child, cheap) {
			t.Fatal("the child of a quick parent was refused")
		}
	}
}
