package main

import (
	"fmt"
	"os"
	"slices"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/metrics"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/catalog"
	"github.com/lren-chuv/automl/pipeline"
)

// readSpace makes the search space of --config: by name, or from a JSON file.
func readSpace(config string, opt *automl.Options) error {
	if slices.Contains([]string{"default", "light", "fast", "mdr"}, config) {
		opt.Config = config
		return nil
	}
	data, err := os.ReadFile(config)
	if err != nil {
		return usagef("--config %s: neither default, light, fast or mdr nor a JSON file that can be read (%v)", config, reason(err))
	}
	if opt.Operators, err = catalog.ParseSpace(data, catalog.Stored()); err != nil {
		return usagef("--config %s: %v", config, err)
	}
	return nil
}

// fits refuses options that do not suit the table's task, which only its reading tells. Of the pipelines to start from,
// those that do not suit are left out with a warning.
func fits(opt *automl.Options, s dataset.Sample, warn func(string)) error {
	task := s.Task()
	if opt.Metric != "" {
		m, err := metrics.ByName(opt.Metric)
		if err != nil {
			return usageError{"--metric: " + err.Error()}
		}
		if !m.Serves(task) {
			return usagef("--metric %s does not serve a %s target; see --task", opt.Metric, task)
		}
	}
	if opt.Operators != nil {
		opt.Operators = catalog.Adapt(opt.Operators, s.X.Cols(), opt.FeatureSets)
	}
	all := opt.Operators
	if all == nil {
		all = catalog.ForTable(s.X.Cols(), opt.FeatureSets)
	}
	specs, err := catalog.Space(opt.Config, all)
	if err != nil {
		return usageError{"--config: " + err.Error()}
	}
	if opt.NoInstances {
		specs = slices.DeleteFunc(slices.Clone(specs), func(s *operators.Spec) bool { return s.TellsOfRows() })
	}
	g := pipeline.NewGrammar(task, specs)
	if len(g.Predictors) == 0 {
		return usagef("--config: the search space has no predictor for a %s target", task)
	}
	if opt.Template != "" {
		if g, err = g.WithTemplate(opt.Template); err != nil {
			return usageError{"--" + err.Error()}
		}
	}
	for _, text := range opt.Start {
		t, err := pipeline.Parse(text, all)
		if err == nil {
			err = g.Check(t)
		}
		if err != nil {
			warn(fmt.Sprintf("%s is not started from: %v", text, err))
		}
	}
	return nil
}

// checkStart refuses pipelines to start from that cannot be read.
func checkStart(file string, lines []line, opt *automl.Options) error {
	all := opt.Operators
	if all == nil { // the table is not read yet: as many columns as a mask may have
		all = catalog.ForTable(catalog.MaxMask, opt.FeatureSets)
	}
	for _, l := range lines {
		if _, err := pipeline.Parse(l.text, all); err != nil {
			return &dataset.DataError{File: file, Row: l.number, Msg: fmt.Sprint(err)}
		}
		opt.Start = append(opt.Start, l.text)
	}
	return nil
}
