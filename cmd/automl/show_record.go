package main

import (
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/metrics"
)

// showRecord prints what the model remembers: how the score rose, what failed, what it relies on.
func showRecord(w io.Writer, m *automl.Model) {
	rec := m.Record
	if rec == nil {
		return
	}
	fmt.Fprintf(w, "\nScore over the search, best so far  %s\n", sparkline(rising(m, 60)))
	if q := rec.Quality; q.Lo != q.Hi {
		fmt.Fprintf(w, "95%% interval of %s on %d out-of-fold predictions: %.5g to %.5g\n", m.Metric, q.Rows, q.Lo, q.Hi)
	}
	r := rec.Reasons
	if len(r.Importance) == 0 {
		return
	}
	on := map[string]string{"holdout": "the holdout", "fold": "rows that a copy of the model had not seen", "training": "training rows"}[r.On]
	fmt.Fprintf(w, "\nPermutation importance (rise of the loss, 95%% interval) on %d rows: %s\n", r.Rows, on)
	width, most := 0, 0.0
	top := r.Importance[:min(20, len(r.Importance))]
	for _, f := range top {
		width, most = max(width, utf8.RuneCountInString(f.Feature)), math.Max(most, f.Mean)
	}
	for _, f := range top {
		blocks := 0
		if most > 0 {
			blocks = max(0, int(20*f.Mean/most+0.5))
		}
		fmt.Fprintf(w, "  %s%s  %9.4g  [%.4g, %.4g]  %s\n", f.Feature, strings.Repeat(" ", width-utf8.RuneCountInString(f.Feature)), f.Mean, f.Lo, f.Hi, strings.Repeat("█", blocks))
	}
	if n := len(r.Importance) - len(top); n > 0 {
		fmt.Fprintf(w, "  and %d more\n", n)
	}
}

// rising is the best loss after every n-th part of the search.
func rising(m *automl.Model, n int) []float64 {
	metric, err := metrics.ByName(m.Metric)
	if err != nil {
		return nil
	}
	var losses []float64
	best := math.Inf(1)
	for _, e := range m.Record.History {
		if loss := metric.Loss(e.Score); e.Err == "" && !e.Pruned && loss < best {
			best = loss
		}
		losses = append(losses, best)
	}
	n = min(n, len(losses))
	out := make([]float64, n)
	for k := range out {
		out[k] = losses[(k+1)*len(losses)/n-1]
	}
	return out
}

// sparkline draws falling losses as rising letters, one each; there is nothing where the loss is infinite. The distance
// to the last one is shown by its logarithm, or the first step would hide all that follow.
func sparkline(losses []float64) string {
	const spread = 100
	first, last := math.Inf(1), math.Inf(1)
	for _, v := range losses {
		if math.IsInf(first, 1) {
			first = v
		}
		last = v
	}
	letters := []rune("▁▂▃▄▅▆▇█")
	var b strings.Builder
	for _, v := range losses {
		switch {
		case math.IsInf(v, 1):
			b.WriteByte(' ')
		case first == last:
			b.WriteRune('▄')
		default:
			far := math.Log1p(spread*(v-last)/(first-last)) / math.Log1p(spread)
			b.WriteRune(letters[int(7*(1-far)+0.5)])
		}
	}
	return b.String()
}
