package main

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// The last columns of a treesmix table are categorical.
const mixed, mixedLevels = 5, 50

// forest makes a table that is hard to learn, for tree ensembles: the target depends on nine of its columns, on three of
// them through a sine, and on the categorical ones by an effect of each level.
func forest(kind string, rows, cols int) (*table, error) {
	t := &table{kind: kind, rows: rows, cols: cols, x: make([]float64, rows*cols), y: make([]float64, rows)}
	rng := rand.New(rand.NewPCG(11, uint64(rows+cols)))
	effects := make([]float64, mixedLevels)
	for k := range effects {
		effects[k] = rng.NormFloat64()
	}
	signal := make([]float64, rows)
	for i := range rows {
		row := t.x[i*cols : (i+1)*cols]
		for j := range row {
			row[j], signal[i] = t.draw(rng, j, signal[i], effects)
		}
	}
	for i, s := range signal {
		p := 1 / (1 + math.Exp(1-s-0.5*rng.NormFloat64()))
		switch kind {
		case "trees", "treesmix":
			t.y[i] = math.Floor(min(2*p, 1))
		case "trees5":
			t.y[i] = math.Floor(min(5*p, 4))
		case "treesreg":
			t.y[i] = s + rng.NormFloat64()
		default:
			return nil, fmt.Errorf("no data of kind %q", kind)
		}
	}
	return t, nil
}

// draw makes the value of column j and adds its part to the signal.
func (t *table) draw(rng *rand.Rand, j int, signal float64, effects []float64) (v, sum float64) {
	switch {
	case t.levels(j) > 0:
		v = float64(rng.IntN(mixedLevels))
		signal += 0.3 * effects[int(v)]
	case j%3 == 0:
		v = rng.NormFloat64()
	case j%3 == 1:
		v = math.Round(1000*rng.ExpFloat64()) / 1000
	default:
		v = float64(rng.IntN(4 + j%100))
	}
	switch {
	case t.levels(j) > 0:
	case j < 6:
		signal += 0.5 * (v - float64(j%3))
	case j < 9:
		signal += math.Sin(2 * v)
	}
	if t.kind == "treesmix" && rng.Float64() < 0.3 {
		v = math.NaN()
	}
	return v, signal
}
