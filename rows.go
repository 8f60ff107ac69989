package automl

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// Which rows serve what: a holdout apart if asked for, all others for the model and, of a table that is too large for
// its time budget, only some of them for the search.

// keepApart makes the holdout.
func (r *run) keepApart(rng *rand.Rand) error {
	out, in, err := divide(r.all, r.opt.Holdout, rng)
	if err != nil {
		return err
	}
	if len(in) < 2 || len(out) == 0 {
		return fmt.Errorf("%d rows are too few to keep a share of %g apart", r.all.Rows(), r.opt.Holdout)
	}
	r.full, r.holdout = r.all.Gather(in), r.all.Gather(out)
	return nil
}

// divide draws a share of the rows. It is made of parts of a random split, taken at even distances: a stratified split
// deals the rows of a class one after the other, so that a rare class has rows on both sides. Groups stay together.
func divide(s dataset.Sample, share float64, rng *rand.Rand) (drawn, rest []int32, err error) {
	parts := 100
	if share < 0.1 {
		parts = 1000
	}
	if n := s.Rows(); n < 2*parts {
		parts = max(2, n/2)
	}
	if groups := s.Groups(); groups > 0 {
		parts = min(parts, groups)
	}
	a, err := dataset.Split(s, parts, rng)
	if err != nil {
		return nil, nil, err
	}
	wanted := max(1, int(float64(parts)*share+0.5))
	for i, part := range a {
		if int(part)*wanted%parts < wanted {
			drawn = append(drawn, int32(i))
		} else {
			rest = append(rest, int32(i))
		}
	}
	return drawn, rest, nil
}

const (
	secondsPerCell = 1.5e-6 // of one boosted model
	tries          = 40     // evaluations on all folds that should fit into a budget, which are some hundred with racing
	fewestSearched = 10_000 // rows, of a table that is too large
	fewestTested   = 500    // rows that pipelines are judged by, if there are so many
)

// affordableFolds is how many folds of so many rows leave time for enough evaluations.
func (r *run) affordableFolds(rows int) float64 {
	perFold := secondsPerCell * float64(rows) * float64(r.full.X.Cols()+1)
	return r.opt.Time.Seconds() * float64(r.slots()) / (tries * perFold)
}

// thin draws the rows to search on, if not even on a single fold of all rows enough pipelines could be tried.
func (r *run) thin(rng *rand.Rand) error {
	r.train = r.full
	n := r.full.Rows()
	if r.opt.ordered() || n <= fewestSearched {
		return nil
	}
	share := max(r.affordableFolds(n), float64(fewestSearched)/float64(n))
	if share >= 1 {
		return nil
	}
	drawn, _, err := divide(r.full, share, rng)
	if err == nil {
		r.train = r.full.Gather(drawn)
	}
	return err
}

// sampled is how many rows the search used, 0 if all.
func (r *run) sampled() int {
	if r.train.Rows() == r.full.Rows() {
		return 0
	}
	return r.train.Rows()
}

// foldsToUse evaluates on fewer folds than were asked for where the table is so large that hardly any pipeline could
// be tried otherwise. It is not for tables that are large by their columns alone: few test rows tell nothing.
func (r *run) foldsToUse(folds int) int {
	if r.opt.ordered() {
		return folds
	}
	telling := (fewestTested*folds + r.train.Rows() - 1) / r.train.Rows()
	return max(1, min(folds, max(telling, int(r.affordableFolds(r.train.Rows())))))
}

// enlarged is how many times the rows of a fold's training part a model is fitted on in the end.
func (r *run) enlarged() float64 {
	first, _ := r.cv.Folds.Fold(0)
	return float64(r.full.Rows()) / float64(first.Rows())
}

// expected estimates how long it takes to fit a member on all rows.
func (r *run) expected(took time.Duration, folds int) time.Duration {
	return time.Duration(float64(took) / float64(max(1, folds)) * r.enlarged())
}

// sparing is the part of a deadline that a refit on some rows only aims at.
const sparing = 0.8

// rowsFor returns the rows to fit a member on: all, or, of a table whose search went without most of them, as many as
// can be expected to be done in the given time, those of the search at least.
func (r *run) rowsFor(c refitted, slot time.Duration) dataset.Sample {
	if r.sampled() == 0 || slot <= 0 {
		return r.full
	}
	need := r.expected(c.ind.Result.Took, len(c.ind.Result.Folds))
	share := sparing * float64(slot) / float64(max(need, time.Millisecond))
	if predictor(c.ind).Has(operators.Instances) { // kernel machines: quadratic at least
		share = math.Sqrt(sparing * float64(slot) / (float64(need) * float64(r.full.Rows()) / float64(r.train.Rows())))
	}
	if share >= 1 {
		return r.full
	}
	if share*float64(r.full.Rows()) <= float64(r.train.Rows()) {
		return r.train
	}
	drawn, _, err := divide(r.full, share, rand.New(rand.NewPCG(r.opt.Seed, 0xd1ce)))
	if err != nil {
		return r.train
	}
	return r.full.Gather(drawn)
}
