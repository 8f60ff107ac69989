package cluster

import (
	"fmt"
	"io"
	"math"
	"sync/atomic"

	"github.com/lren-chuv/automl/pipeline"
)

// Stats counts what a worker does.
type Stats struct {
	Connected atomic.Bool  // to NATS
	Busy      atomic.Int64 // tasks under way
	Evaluated atomic.Int64 // trees
	Failed    atomic.Int64 // of them, those without a score
	Pruned    atomic.Int64 // of them, those given up early
	Received  atomic.Int64 // bytes of tables and problems
	Working   atomic.Int64 // nanoseconds spent on evaluations
}

var nan = math.NaN()

func (s *Stats) count(r *pipeline.Result) {
	s.Evaluated.Add(1)
	s.Working.Add(int64(r.Took))
	if r.Failed() {
		s.Failed.Add(1)
	}
	if r.Pruned {
		s.Pruned.Add(1)
	}
}

// Prometheus writes the counts in Prometheus' text format.
func (s *Stats) Prometheus(w io.Writer, slots int) {
	up := 0
	if s.Connected.Load() {
		up = 1
	}
	for _, m := range []struct {
		name, kind, help string
		value            float64
	}{
		{"automl_worker_slots", "gauge", "Pipelines that can be evaluated at once.", float64(slots)},
		{"automl_worker_busy", "gauge", "Tasks under way.", float64(s.Busy.Load())},
		{"automl_worker_connected", "gauge", "1 while there is a connection to NATS.", float64(up)},
		{"automl_worker_evaluated_total", "counter", "Pipelines evaluated.", float64(s.Evaluated.Load())},
		{"automl_worker_failed_total", "counter", "Pipelines without a score.", float64(s.Failed.Load())},
		{"automl_worker_pruned_total", "counter", "Pipelines given up early.", float64(s.Pruned.Load())},
		{"automl_worker_evaluation_seconds_total", "counter", "Time spent on evaluations.", float64(s.Working.Load()) / 1e9},
		{"automl_worker_received_bytes_total", "counter", "Tables and problems fetched, compressed.", float64(s.Received.Load())},
	} {
		fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s %s\n%s %g\n", m.name, m.help, m.name, m.kind, m.name, m.value)
	}
}
