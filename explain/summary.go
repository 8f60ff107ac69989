package explain

import (
	"cmp"
	"math"
	"slices"

	"github.com/lren-chuv/automl/dataset"
)

// Column describes a column by counts and quantiles, never by rows.
type Column struct {
	Name      string
	Type      string // numeric, boolean, date or categorical
	Rows      int
	Missing   int
	Distinct  int
	Quantiles []float64 // numeric: minimum, quartiles and maximum, in ascending order; empty if nothing is known
	Mean, Std float64
	Histogram Histogram
	Levels    []Count // categorical: the most frequent levels
	Others    int     // rows of levels that are not listed
}

// Count is how many rows have a level.
type Count struct {
	Level string
	Rows  int
}

// Histogram counts values in bins of equal width from Lo to Hi.
type Histogram struct {
	Lo, Hi float64
	Counts []int
}

const (
	histogramBins = 24
	wholeBins     = 32 // whole numbers in a smaller range than this have a bin each
	listedLevels  = 12
	describedRows = 20_000
)

// Describe summarises a column. Nothing is told that fewer than least rows have, if that is more than 1: extremes give way
// to the 5% and 95% quantiles or those that least rows lie beyond, rare levels to "others", bins of few rows to empty ones.
func Describe(c *dataset.Column, least int) Column {
	d := Column{Name: c.Name, Type: c.Kind.String(), Rows: c.Len()}
	for i := range c.Len() {
		if c.Missing(i) {
			d.Missing++
		}
	}
	if c.Kind == dataset.Categorical {
		d.levels(c, least)
	} else {
		d.numbers(c, least)
	}
	return d
}

func (d *Column) levels(c *dataset.Column, least int) {
	counts := make([]Count, len(c.Levels))
	for k, level := range c.Levels {
		counts[k].Level = level
	}
	for _, k := range c.Code {
		if k >= 0 {
			counts[k].Rows++
		}
	}
	slices.SortStableFunc(counts, func(a, b Count) int { return cmp.Compare(b.Rows, a.Rows) })
	for _, n := range counts {
		switch {
		case n.Rows == 0:
			continue
		case len(d.Levels) == listedLevels || n.Rows < least:
			d.Others += n.Rows
		default:
			d.Levels = append(d.Levels, n)
		}
		d.Distinct++
	}
}

func (d *Column) numbers(c *dataset.Column, least int) {
	v := make([]float64, 0, min(c.Len(), describedRows))
	every := (c.Len() + describedRows - 1) / describedRows // a part of many rows tells as much
	for i := 0; i < c.Len(); i += every {
		if x := c.Float[i]; !math.IsNaN(x) && !math.IsInf(x, 0) {
			v = append(v, x)
		}
	}
	if len(v) == 0 || least > 1 && len(v) < 4*least {
		return
	}
	slices.Sort(v)
	for i := range v {
		if i == 0 || v[i] != v[i-1] {
			d.Distinct++
		}
	}
	d.Mean, d.Std = moments(v)
	ends := outer(len(v), least)
	for _, q := range []float64{ends, 0.25, 0.5, 0.75, 1 - ends} {
		d.Quantiles = append(d.Quantiles, quantile(v, q))
	}
	d.Histogram = NewHistogram(v, d.Quantiles[0], d.Quantiles[4], min(histogramBins, max(2, d.Distinct)))
	if lo, hi := math.Floor(d.Quantiles[0]), math.Ceil(d.Quantiles[4]); hi-lo < wholeBins && whole(v) {
		d.Histogram = NewHistogram(v, lo-0.5, hi+0.5, int(hi-lo)+1)
	}
	d.Histogram.Withhold(least)
}

// outer is the quantile that stands for the minimum of n values.
func outer(n, least int) float64 {
	if least <= 1 {
		return 0
	}
	return min(0.25, max(0.05, float64(least)/float64(n)))
}

func whole(v []float64) bool {
	for _, x := range v {
		if x != math.Trunc(x) {
			return false
		}
	}
	return true
}

func moments(v []float64) (mean, std float64) {
	n := float64(len(v))
	for _, x := range v {
		mean += x / n
	}
	for _, x := range v {
		std += (x - mean) * (x - mean) / max(1, n-1)
	}
	return mean, math.Sqrt(std)
}

// quantile interpolates linearly between sorted values (type 7 of Hyndman and Fan 1996).
func quantile(v []float64, q float64) float64 {
	at := q * float64(len(v)-1)
	i := min(int(at), len(v)-1)
	if i == len(v)-1 {
		return v[i]
	}
	return v[i] + (at-float64(i))*(v[i+1]-v[i])
}

// NewHistogram counts values in bins from lo to hi; what lies outside is counted in the outermost bins.
func NewHistogram(values []float64, lo, hi float64, bins int) Histogram {
	h := Histogram{lo, hi, make([]int, bins)}
	for _, v := range values {
		h.Counts[h.bin(v)]++
	}
	return h
}

// bin is the bin of a value.
func (h *Histogram) bin(v float64) int {
	if !(h.Hi > h.Lo) {
		return 0
	}
	return max(0, min(len(h.Counts)-1, int(float64(len(h.Counts))*(v-h.Lo)/(h.Hi-h.Lo))))
}

// Withhold empties the bins of fewer than least rows.
func (h *Histogram) Withhold(least int) {
	for i, n := range h.Counts {
		if n < least {
			h.Counts[i] = 0
		}
	}
}

// Grid counts pairs of numbers in square cells: a scatter plot without its points.
type Grid struct {
	Lo, Hi float64
	Counts [][]int // by cell of x, then of y
}

// NewGrid counts the pairs (x, y) in cells × cells cells over their common range. If least is more than 1, cells of fewer
// pairs are empty and the range ends at the 5% and 95% quantiles or those that least values lie beyond.
func NewGrid(x, y []float64, cells, least int) Grid {
	all := append(slices.Clone(x), y...)
	slices.Sort(all)
	if len(all) == 0 {
		return Grid{}
	}
	ends := outer(len(all), 2*least)
	if least <= 1 {
		ends = 0
	}
	h := Histogram{quantile(all, ends), quantile(all, 1-ends), make([]int, cells)}
	g := Grid{Lo: h.Lo, Hi: h.Hi, Counts: make([][]int, cells)}
	for i := range g.Counts {
		g.Counts[i] = make([]int, cells)
	}
	for i := range x {
		g.Counts[h.bin(x[i])][h.bin(y[i])]++
	}
	for i := range g.Counts {
		for j, n := range g.Counts[i] {
			if n < least {
				g.Counts[i][j] = 0
			}
		}
	}
	return g
}

// Effect summarises the contributions of one feature to many predictions.
type Effect struct {
	Feature string
	Mean    float64   // mean absolute contribution
	Spread  Histogram // of the contributions
	Value   []float64 // per bin: mean rank of the feature's value, 0 lowest, 1 highest; NaN if the bin is empty or the feature is a category
}

// Effects summarises what Contributions returned for the rows of x, for one output. If least is more than 1, the bins are
// wider, those of fewer rows are empty, and the range ends with the last bins that are not.
func Effects(cs []Contribution, x *dataset.Frame, features []Feature, output, least int) []Effect {
	out := make([]Effect, len(features))
	n := float64(len(cs))
	for f := range features {
		phi := make([]float64, len(cs))
		for i := range cs {
			phi[i] = cs[i].Phi[f][output]
			out[f].Mean += math.Abs(phi[i]) / n
		}
		out[f].Feature = features[f].Name
		lo, hi := slices.Min(phi), slices.Max(phi)
		bins := histogramBins
		if least > 1 {
			bins = max(3, min(bins, len(phi)/least))
		}
		out[f].Spread = NewHistogram(phi, lo, hi, bins)
		out[f].Value = out[f].Spread.meanRank(phi, x.Col(features[f].Cols[0]))
		out[f].withhold(least)
	}
	return out
}

// withhold drops what fewer than least rows have.
func (e *Effect) withhold(least int) {
	if least <= 1 {
		return
	}
	h := &e.Spread
	h.Withhold(least)
	first, last := 0, len(h.Counts)
	for first < last && h.Counts[first] == 0 {
		first++
	}
	for last > first && h.Counts[last-1] == 0 {
		last--
	}
	step := (h.Hi - h.Lo) / float64(len(h.Counts))
	h.Lo, h.Hi = h.Lo+step*float64(first), h.Lo+step*float64(last)
	h.Counts, e.Value = h.Counts[first:last], e.Value[first:last]
	for b, n := range h.Counts {
		if n == 0 {
			e.Value[b] = math.NaN()
		}
	}
}

// meanRank is the mean relative rank of the column's values in each bin of phi.
func (h *Histogram) meanRank(phi []float64, c *dataset.Column) []float64 {
	sum, count := make([]float64, len(h.Counts)), make([]float64, len(h.Counts))
	if c.Kind == dataset.Numeric {
		var sorted []float64
		for _, v := range c.Float {
			if v == v {
				sorted = append(sorted, v)
			}
		}
		slices.Sort(sorted)
		for i, v := range c.Float {
			if v != v {
				continue
			}
			below, _ := slices.BinarySearch(sorted, v)
			above, _ := slices.BinarySearch(sorted, math.Nextafter(v, math.Inf(1)))
			b := h.bin(phi[i])
			sum[b] += float64(below+above) / 2 / float64(len(sorted))
			count[b]++
		}
	}
	for b := range sum {
		sum[b] /= count[b] // NaN without values
	}
	return sum
}
