package explain

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// Dependence is the mean prediction as a function of one feature, everything else left as it is (Friedman 2001).
type Dependence struct {
	Feature string
	Grid    []float64   // of a number or date: quantiles of the data, ascending
	Levels  []string    // of a category: its most frequent levels, in their order
	Mean    [][]float64 // prediction by output (class) and point of the grid
}

// PartialDependence computes the dependence of the model on each of the given features, averaged over the rows of x, at
// up to points values of each. All columns of a feature take the values of one row, the donor, at a time.
func PartialDependence(ctx context.Context, env *operators.Env, m Model, x *dataset.Frame, features []Feature, points int) ([]Dependence, error) {
	out := make([]Dependence, len(features))
	type task struct{ feature, point, donor int }
	var tasks []task
	for f := range features {
		d := &out[f]
		d.Feature = features[f].Name
		for k, row := range d.donors(x.Col(features[f].Cols[0]), points) {
			tasks = append(tasks, task{f, k, row})
		}
	}
	means := make([][]float64, len(tasks))
	err := env.Each(ctx, len(tasks), func(i int, _ *rand.Rand) (err error) {
		t := tasks[i]
		means[i], err = meanAt(ctx, m, x, features[t.feature], t.donor)
		return err
	})
	if err != nil {
		return nil, err
	}
	for i, t := range tasks {
		d := &out[t.feature]
		if d.Mean == nil {
			d.Mean = make([][]float64, len(means[i]))
		}
		for c, v := range means[i] {
			d.Mean[c] = append(d.Mean[c], v)
		}
	}
	return out, nil
}

// donors fills in the grid or the levels of d and returns a row that has each value.
func (d *Dependence) donors(c *dataset.Column, points int) []int {
	if c.Kind == dataset.Categorical {
		return d.levelDonors(c, points)
	}
	order := make([]int32, 0, c.Len())
	for i := range c.Float {
		if !c.Missing(i) {
			order = append(order, int32(i))
		}
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(c.Float[a], c.Float[b]) })
	var rows []int
	for k := range min(points, len(order)) {
		row := order[k*(len(order)-1)/max(1, points-1)]
		if v := c.Float[row]; len(d.Grid) == 0 || v != d.Grid[len(d.Grid)-1] {
			d.Grid, rows = append(d.Grid, v), append(rows, int(row))
		}
	}
	return rows
}

func (d *Dependence) levelDonors(c *dataset.Column, points int) []int {
	count, first := make([]int, len(c.Levels)), make([]int, len(c.Levels))
	for i, k := range c.Code {
		if k < 0 {
			continue
		}
		if count[k] == 0 {
			first[k] = i
		}
		count[k]++
	}
	var codes []int
	for k := range count {
		if count[k] > 0 {
			codes = append(codes, k)
		}
	}
	slices.SortStableFunc(codes, func(a, b int) int { return count[b] - count[a] })
	codes = codes[:min(points, len(codes))]
	slices.Sort(codes)
	rows := make([]int, len(codes))
	for i, k := range codes {
		d.Levels, rows[i] = append(d.Levels, c.Levels[k]), first[k]
	}
	return rows
}

// meanAt is the mean prediction with the donor's feature in every row.
func meanAt(ctx context.Context, m Model, x *dataset.Frame, f Feature, donor int) ([]float64, error) {
	cols := make([]*dataset.Column, len(f.Cols))
	for k, j := range f.Cols {
		cols[k] = constant(x.Col(j), donor, x.Rows())
	}
	p, err := m.Predict(ctx, replace(x, f.Cols, cols))
	if err != nil {
		return nil, err
	}
	out := make([]float64, p.Cols())
	for c := range out {
		for _, v := range p.Col(c).Float {
			out[c] += v / float64(p.Rows())
		}
	}
	return out, nil
}
