package mip

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/export/pfa"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/catalog"
)

// DefaultTime fits a mining request of the platform, which waits 180 seconds, and the k+1 runs of a cross-validation.
const DefaultTime = 20 * time.Second

// granted applies the limits of the cgroup and of Chronos to this process and returns the number of workers and the
// bytes that the search may take.
func (s *Settings) granted() (workers int, memory int64) {
	workers = runtime.GOMAXPROCS(0) // follows the cgroup
	if s.CPU > 0 {
		workers = max(1, min(workers, int(math.Ceil(s.CPU))))
	}
	memory = containerMemory()
	if s.Memory > 0 {
		memory = min(memory, int64(s.Memory)<<20)
	}
	memory = memory / 10 * 8
	debug.SetMemoryLimit(memory)
	return workers, memory
}

// containerMemory is the smallest of the machine's memory and the limits of cgroup versions 1 and 2.
func containerMemory() int64 {
	limit := int64(2) << 30
	for _, path := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		if data, err := os.ReadFile(path); err == nil {
			if v, err := strconv.ParseInt(strings.TrimSpace(string(data)), 10, 64); err == nil && v > 0 {
				limit = min(limit, v)
			}
		}
	}
	return limit
}

// Space is the operators that a job may search among: for a document those that PFA can express.
func Space(expressible bool) []*operators.Spec {
	if expressible {
		return pfa.Operators(catalog.All())
	}
	return catalog.All()
}

// options reads the search's parameters.
func (s *Settings) options(p params, expressible bool) automl.Options {
	workers, memory := s.granted()
	o := automl.Options{
		Metric: p.text("metric", ""), Config: p.text("config", ""), Template: p.text("template", ""),
		Evaluations: p.int("evaluations", 0, 0), Generations: p.int("generations", 0, 0),
		Population: p.int("population", 50, 2), Folds: p.int("folds", 5, 2), Holdout: p.float("holdout", 0, 0, 0.5),
		Seed: uint64(p.int("seed", 1, 0)), Workers: p.int("workers", workers, 1), Memory: memory,
		Ensemble: p.int("ensemble", 8, 0),
	}
	if o.Evaluations == 0 && o.Generations == 0 || strings.TrimSpace(s.Params["time"]) != "" {
		o.Time = p.seconds("time", DefaultTime)
	}
	o.Single = o.Ensemble == 0
	o.NoInstances = p.bool("no_instances", true)
	o.MinCount = p.int("min_count", DefaultMinCount, 1)
	o.Operators = Space(expressible)
	return o
}
