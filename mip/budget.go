package mip

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
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

// singular keeps values of single patients: the extremes or all quantiles of a column, centres of clusters of one row.
var singular = []string{"KMeans", "MinMaxScaler", "MaxAbsScaler", "QuantileTransformer", "IsotonicRegression", "KNNImputer"}

// space is the operators that a job may use: those that keep no patient's values and, for a document, that PFA can
// express. Leaves of trees are about minCount patients at least.
func space(minCount int, instances, expressible bool) []*operators.Spec {
	all := catalog.All()
	if expressible {
		all = pfa.Operators(all)
	}
	if instances {
		return all
	}
	var out []*operators.Spec
	for _, s := range all {
		if !slices.Contains(singular, s.Name) && !s.Has(operators.Instances) {
			out = append(out, withLeaves(s, minCount))
		}
	}
	return out
}

// leafParams bound the size of a leaf: rows, or the sum of the second derivatives, of which every row adds at most one
// (half of one for classes).
var leafParams = map[string]float64{"min_samples_leaf": 1, "estimator__min_samples_leaf": 1, "min_child_samples": 1, "min_child_weight": 0}

// withLeaves returns the operator with leaves of at least n rows, whatever is asked for.
func withLeaves(s *operators.Spec, n int) *operators.Spec {
	least := map[int]float64{}
	for i, p := range s.Params {
		if _, bounds := leafParams[p.Name]; !bounds {
			continue
		}
		least[i] = float64(n)
		if p.Name == "min_child_weight" {
			if !strings.HasPrefix(s.Name, "XGB") {
				delete(least, i) // there, the number of rows is bounded too
			} else if s.Role == operators.Classifier {
				least[i] = float64(n) / 2
			}
		}
	}
	if len(least) == 0 || n <= 1 {
		return s
	}
	out := *s
	out.Params = slices.Clone(s.Params)
	for i, v := range least {
		p := &out.Params[i]
		p.Lo, p.Hi, p.Default = max(p.Lo, v), max(p.Hi, v), max(p.Default, v)
	}
	out.New = func(values []float64) (operators.Operator, error) {
		values = slices.Clone(values)
		for i, v := range least {
			values[i] = max(values[i], v)
		}
		return s.New(values)
	}
	return &out
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
	o.Operators = space(p.int("min_count", DefaultMinCount, 1), !o.NoInstances, expressible)
	return o
}
