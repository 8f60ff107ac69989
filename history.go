package automl

import (
	"encoding/csv"
	"errors"
	"io"
	"math"
	"strconv"
)

// historyHeader names the columns that WriteHistory writes.
var historyHeader = [...]string{"id", "parent1", "parent2", "origin", "operators", "score", "std", "at_seconds", "took_seconds", "state", "front", "error", "pipeline"}

var errNoHistory = errors.New("the model file holds no history of its search; train again with this program")

// onFront tells which pipelines are on the Pareto front.
func (m *Model) onFront() map[string]bool {
	front := make(map[string]bool, len(m.Front))
	for _, s := range m.Front {
		front[s.Pipeline] = true
	}
	return front
}

// state is what became of the pipeline.
func (e *Evaluation) state() string {
	switch {
	case e.Err != "":
		return "failed"
	case e.Pruned:
		return "pruned"
	}
	return "evaluated"
}

// WriteHistory writes every pipeline of the search as one line of CSV under a header, in the order in which results came:
// its number, the numbers of its parents, the variation that made it, size, score, times where they are known, state
// (evaluated, pruned or failed), whether it is on the Pareto front, why it failed, and its text.
func (m *Model) WriteHistory(w io.Writer) error {
	if m.Record == nil {
		return errNoHistory
	}
	front := m.onFront()
	c := csv.NewWriter(w)
	if err := c.Write(historyHeader[:]); err != nil {
		return err
	}
	for i := range m.Record.History {
		e := &m.Record.History[i]
		if err := c.Write(e.fields(front[e.Pipeline])); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

func (e *Evaluation) fields(front bool) []string {
	return []string{strconv.Itoa(e.ID), parent(e.Parents[0]), parent(e.Parents[1]), e.Origin, strconv.Itoa(e.Steps), known(e.Score, false), known(e.Std, e.Err != ""),
		known(e.At, e.At == 0), known(e.Took, e.Took == 0), e.state(), strconv.FormatBool(front), e.Err, e.Pipeline}
}

func parent(id int) string {
	if id < 0 {
		return ""
	}
	return strconv.Itoa(id)
}

// known is the number, or empty where there is none.
func known(v float64, missing bool) string {
	if missing || math.IsNaN(v) {
		return ""
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}
