package selection

import (
	"context"
	"math"
	"math/bits"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/stats"
)

// rows holds a table so that the differences of two rows are found quickly. The difference in a discrete column is 0 or
// 1, in others the share of the column's range. Eight discrete values, each a code below 128, stand in one word.
type rows struct {
	n        int
	words    int
	codes    []uint64 // n × words
	discrete []int    // the column of every code
	scaled   []float64
	numbers  []int   // the column of every number of a row in scaled
	mean     float64 // mean distance of two different rows
}

func newRows(ctx context.Context, x *dataset.Frame, threshold int) (*rows, error) {
	r := &rows{n: x.Rows()}
	pairs := float64(r.n) * float64(r.n-1) / 2
	for j, c := range x.Columns() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		m := stats.Describe(c)
		if !(m.Max-m.Min <= math.MaxFloat64) {
			return nil, errNotNumbers
		}
		values, count := stats.Distinct(c)
		if len(values) <= threshold {
			r.discrete = append(r.discrete, j)
			same := 0.0
			for _, k := range count {
				same += float64(k) * float64(k-1) / 2
			}
			r.mean += (pairs - same) / pairs
			continue
		}
		r.numbers = append(r.numbers, j)
		below := 0.0
		for i, v := range stats.Sorted(c) { // v is subtracted by the rows above it, and subtracts those below it
			below += (v - m.Min) / (m.Max - m.Min) * float64(2*i-r.n+1)
		}
		r.mean += below / pairs
	}
	r.words = (len(r.discrete) + 7) / 8
	r.codes = make([]uint64, r.n*r.words)
	for k, j := range r.discrete {
		values, _ := stats.Distinct(x.Col(j))
		for i, v := range x.Col(j).Float {
			code, _ := slices.BinarySearch(values, v)
			r.codes[i*r.words+k/8] |= uint64(code) << (8 * (k % 8))
		}
	}
	q := len(r.numbers)
	r.scaled = make([]float64, r.n*q)
	for k, j := range r.numbers {
		m := stats.Describe(x.Col(j))
		for i, v := range x.Col(j).Float {
			r.scaled[i*q+k] = (v - m.Min) / (m.Max - m.Min)
		}
	}
	return r, nil
}

const (
	lowBits  = 0x7f7f7f7f7f7f7f7f
	highBits = 0x8080808080808080
)

// unequal has the high bit of every byte in which a and b differ; bytes are below 128, so no sum carries over.
func unequal(a, b uint64) uint64 { return ((a ^ b) + lowBits) & highBits }

// distance is the sum of the differences of rows i and j.
func (r *rows) distance(i, j int) float64 {
	differ := 0
	b := r.codes[j*r.words : (j+1)*r.words]
	for w, a := range r.codes[i*r.words : (i+1)*r.words] {
		differ += bits.OnesCount64(unequal(a, b[w]))
	}
	q, sum := len(r.numbers), float64(differ)
	v := r.scaled[j*q : (j+1)*q]
	for k, u := range r.scaled[i*q : (i+1)*q] {
		sum += math.Abs(u - v[k])
	}
	return sum
}

// differences sums up the differences of pairs of rows by column. A byte counts up to 255 pairs before it is emptied
// into total.
type differences struct {
	count   int
	pending int
	bytes   []uint64
	total   []float64 // by discrete column
	numbers []float64 // by other column
}

func newDifferences(r *rows) *differences {
	return &differences{bytes: make([]uint64, r.words), total: make([]float64, len(r.discrete)), numbers: make([]float64, len(r.numbers))}
}

func (d *differences) reset() {
	d.count, d.pending = 0, 0
	clear(d.bytes)
	clear(d.total)
	clear(d.numbers)
}

func (d *differences) add(r *rows, i, j int) {
	if d.pending == 255 {
		d.empty()
	}
	d.count++
	d.pending++
	b := r.codes[j*r.words : (j+1)*r.words]
	for w, a := range r.codes[i*r.words : (i+1)*r.words] {
		d.bytes[w] += unequal(a, b[w]) >> 7
	}
	q := len(r.numbers)
	v := r.scaled[j*q : (j+1)*q]
	for k, u := range r.scaled[i*q : (i+1)*q] {
		d.numbers[k] += math.Abs(u - v[k])
	}
}

func (d *differences) empty() {
	for k := range d.total {
		d.total[k] += float64(d.bytes[k/8] >> (8 * (k % 8)) & 0xff)
	}
	clear(d.bytes)
	d.pending = 0
}

// into adds factor times the sums to the columns' scores.
func (d *differences) into(score []float64, r *rows, factor float64) {
	d.empty()
	for k, j := range r.discrete {
		score[j] += factor * d.total[k]
	}
	for k, j := range r.numbers {
		score[j] += factor * d.numbers[k]
	}
}
