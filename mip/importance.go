package mip

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"time"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/metrics"
)

const (
	importanceRows = 400
	importanceTime = 2 * time.Second // for all columns together; what is not done by then is left out
)

// importance is how much worse the model scores when a column is shuffled (Breiman 2001, section 10), on rows that it
// learned from: what the model relies on, not what the world does.
func importance(ctx context.Context, m *automl.Model, s dataset.Sample) map[string]float64 {
	how, err := metrics.ByName(m.Metric)
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, importanceTime)
	defer cancel()
	rng := rand.New(rand.NewPCG(m.Search.Seed, 0x1337))
	rows := make([]int32, 0, importanceRows)
	for _, i := range rng.Perm(s.Rows())[:min(importanceRows, s.Rows())] {
		rows = append(rows, int32(i))
	}
	x, y := s.X.Gather(rows), s.Y.Gather(rows)
	loss := func(x *dataset.Frame) float64 {
		p, err := m.Predict(ctx, x)
		if err != nil {
			return math.NaN()
		}
		v, err := how.Score(y, p, nil)
		if err != nil {
			return math.NaN()
		}
		return how.Loss(v)
	}
	base := loss(x)
	out := map[string]float64{}
	for j, c := range x.Columns() {
		shuffled := make([]int32, len(rows))
		for i, k := range rng.Perm(len(rows)) {
			shuffled[i] = int32(k)
		}
		cols := append([]*dataset.Column(nil), x.Columns()...)
		cols[j] = c.Gather(shuffled)
		if worse := loss(dataset.MustFrame(x.Rows(), cols...)) - base; worse-worse == 0 && ctx.Err() == nil {
			out[c.Name] = worse
		}
	}
	return out
}

// importanceText is the importance as the metadata of a document hold it.
func importanceText(of map[string]float64) string {
	data, err := json.Marshal(of)
	if err != nil {
		return "{}"
	}
	return string(data)
}
