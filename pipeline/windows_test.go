package pipeline

import (
	"context"
	"math"
	"testing"
)

// TestWindowsPredictOutOfFold: every training row of a fold is predicted by a fit, done here once more the long way, on
// the window at the other end of the training part.
func TestWindowsPredictOutOfFold(t *testing.T) {
	for _, folds := range []int{3, 5, 6, 7, 10} {
		s := noisy(97, 3)
		cv := crossVal(t, s, folds)
		tree := parse(t, "Nearest(Shift(input, by=0.5))")
		for k := range folds {
			train, test := cv.Folds.Fold(k)
			f := fitting{seed: 1, part: uint64(k) << 32, train: train, test: test.X, cache: cv.Cache, windows: cv.Folds.Windows(k)}
			got, err := f.run(context.Background(), tree, false)
			if err != nil {
				t.Fatal(err)
			}
			w := f.windows
			edge := train.Rows() - w[1].Train.Rows()
			var want []float64
			for i, part := range w {
				fit, err := Fit(context.Background(), tree, part.Train, 1, 1)
				if err != nil {
					t.Fatal(err)
				}
				x := train.X.Slice(0, edge)
				if i == 0 {
					x = train.X.Slice(edge, train.Rows())
				}
				p, err := Predict(context.Background(), fit, x, 1)
				if err != nil {
					t.Fatal(err)
				}
				want = append(append([]float64{}, p.Col(0).Float...), want...)
			}
			for i, v := range got.train.Col(0).Float {
				if math.Abs(v-want[i]) > 1e-6 { // the noise of the two fits differs
					t.Fatalf("%d folds, fold %d, row %d: %v, want %v", folds, k, i, v, want[i])
				}
				if math.Abs(v-train.Y.Float[i]) < 1e-6 {
					t.Fatalf("%d folds, fold %d, row %d is predicted from itself", folds, k, i)
				}
			}
		}
	}
}

// TestWindowsAreShared: with five folds a stack takes five fits for its out-of-fold predictions, not five times three.
func TestWindowsAreShared(t *testing.T) {
	cv := crossVal(t, noisy(100, 4), 5)
	before := fits.Load()
	evaluate(t, cv, "Nearest(stack(Nearest(input)))")
	if n := fits.Load() - before; n != 5+5+5 {
		t.Errorf("%d fits, want 15", n)
	}
}
