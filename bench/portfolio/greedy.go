package main

import (
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// regrets says how far each pipeline (by its text) stays behind the best on each table: 0 is the best, 1 the median.
type regrets struct {
	texts  []string
	tables []string
	value  [][]float64 // table → pipeline
}

func (b *board) regrets(texts []string) regrets {
	r := regrets{texts: texts}
	for _, table := range slices.Sorted(maps.Keys(b.losses)) {
		var losses []float64
		for _, t := range texts {
			loss, known := b.losses[table][t]
			if !known {
				loss = math.Inf(1)
			}
			losses = append(losses, loss)
		}
		sorted := slices.Sorted(slices.Values(losses))
		best, middle := sorted[0], sorted[len(sorted)/2]
		if math.IsInf(middle, 1) || middle <= best { // another task's table, or one that all solve alike
			continue
		}
		row := make([]float64, len(losses))
		for i, loss := range losses {
			row[i] = min((loss-best)/(middle-best), 3)
		}
		r.tables, r.value = append(r.tables, table), append(r.value, row)
	}
	return r
}

// portfolio chooses up to size pipelines greedily for all tables but one (none: -1), and returns the mean regret after
// each choice.
func (r regrets) portfolio(size, without int) (chosen []int, after []float64) {
	best := make([]float64, len(r.tables))
	for t := range best {
		best[t] = 3
	}
	for len(chosen) < min(size, len(r.texts)) {
		pick, least := -1, math.Inf(1)
		for i := range r.texts {
			sum := 0.0
			for t := range r.tables {
				if t != without {
					sum += min(best[t], r.value[t][i])
				}
			}
			if sum < least && !slices.Contains(chosen, i) {
				pick, least = i, sum
			}
		}
		chosen = append(chosen, pick)
		for t := range best {
			best[t] = min(best[t], r.value[t][pick])
		}
		after = append(after, least/float64(len(r.tables)))
	}
	return chosen, after
}

// report writes the portfolio and what portfolios learned without a table are worth on it.
func report(w io.Writer, r regrets, size int) {
	chosen, after := r.portfolio(size, -1)
	for k, i := range chosen {
		fmt.Fprintf(w, "# regret %.3f\n%s\n", after[k], r.texts[i])
	}
	for _, k := range []int{1, 4, 8, size} {
		sum := 0.0
		for t := range r.tables {
			others, _ := r.portfolio(min(k, size), t)
			least := math.Inf(1)
			for _, i := range others {
				least = min(least, r.value[t][i])
			}
			sum += least
		}
		fmt.Fprintf(w, "# the first %d, learned without a table, leave a mean regret of %.3f on it (%d tables)\n", min(k, size), sum/float64(len(r.tables)), len(r.tables))
	}
}

// writeEach writes for every table the pipelines chosen without looking at it, a line each.
func (r regrets) writeEach(dir string, size int) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for t, table := range r.tables {
		var text strings.Builder
		chosen, _ := r.portfolio(size, t)
		for _, i := range chosen {
			fmt.Fprintln(&text, r.texts[i])
		}
		if err := os.WriteFile(filepath.Join(dir, table+".txt"), []byte(text.String()), 0o644); err != nil {
			return err
		}
	}
	return nil
}
