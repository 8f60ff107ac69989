package cluster

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/metrics"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/catalog"
	"github.com/lren-chuv/automl/pipeline"
)

// sampleData is a sample as it travels.
type sampleData struct {
	Columns []columnData // the features
	Target  columnData
	Weights wire.Floats
	Groups  wire.Ints
	Rows    int
}

type columnData struct {
	Name   string
	Float  wire.Floats // of a numeric column
	Code   wire.Ints   // of a categorical one
	Levels []string
	Kind   dataset.Kind
}

// problemData is what the result of a tree depends on besides the rows.
type problemData struct {
	Data     string // fingerprint of the sample
	Tests    []wire.Ints
	Metric   string
	Seed     uint64
	Limit    time.Duration
	Threads  int
	Memory   int64
	Use      int
	Trial    wire.Floats // one number
	NoOOF    bool
	Humble   bool
	Features int
	Sets     []catalog.FeatureSet
	Specs    []specData
}

type specData struct {
	Name   string
	Params []operators.Param
}

func column(c *dataset.Column) columnData {
	return columnData{Name: c.Name, Kind: c.Kind, Float: c.Float, Code: c.Code, Levels: c.Levels}
}

func (d columnData) column(rows int) (*dataset.Column, error) {
	c := dataset.NewNumeric(d.Name, d.Float)
	if d.Kind == dataset.Categorical {
		c = dataset.NewCategorical(d.Name, d.Code, d.Levels)
	}
	if c.Len() != rows {
		return nil, fmt.Errorf("cluster: column %q has %d of %d rows", d.Name, c.Len(), rows)
	}
	return c, nil
}

func encodeSample(s dataset.Sample) ([]byte, error) {
	d := sampleData{Target: column(s.Y), Weights: s.W, Groups: s.Group, Rows: s.Rows()}
	for _, c := range s.X.Columns() {
		d.Columns = append(d.Columns, column(c))
	}
	return pack(&d)
}

func decodeSample(data []byte) (dataset.Sample, error) {
	var d sampleData
	var s dataset.Sample
	if err := unpack(data, &d); err != nil {
		return s, err
	}
	y, err := d.Target.column(d.Rows)
	if err != nil {
		return s, err
	}
	cols := make([]*dataset.Column, len(d.Columns))
	for j := range cols {
		if cols[j], err = d.Columns[j].column(d.Rows); err != nil {
			return s, err
		}
	}
	x := dataset.MustFrame(d.Rows, cols...)
	if len(cols) > 0 {
		if x, err = dataset.NewFrame(cols...); err != nil {
			return s, err
		}
	}
	if _, err := dataset.NewFrame(y); err != nil { // looks at the codes
		return s, err
	}
	s = dataset.Sample{X: x, Y: y, W: d.Weights, Group: d.Groups}
	return s, s.Check()
}

// describe is the problem that cv poses, whose trees are made of specs.
func describe(cv *pipeline.CrossVal, s dataset.Sample, specs []*operators.Spec, sets []catalog.FeatureSet) (problemData, error) {
	d := problemData{Data: s.Fingerprint().String(), Metric: cv.Metric.Name, Seed: cv.Seed, Limit: cv.Limit, Threads: cv.Threads, Memory: cv.Memory, Use: cv.Use,
		Trial: wire.Floats{cv.Trial}, NoOOF: cv.NoOOF, Humble: cv.Humble, Features: s.X.Cols(), Sets: sets}
	for k := range cv.Folds.Len() {
		d.Tests = append(d.Tests, cv.Folds.TestRows(k))
	}
	for _, spec := range specs {
		params := slices.Clone(spec.Params)
		for i := range params {
			params[i].When = nil // the worker's own
		}
		d.Specs = append(d.Specs, specData{spec.Name, params})
	}
	if _, err := d.specs(); err != nil {
		return d, fmt.Errorf("the search space cannot be used on other machines: %w", err)
	}
	return d, nil
}

// specs are the operators as this program knows them.
func (d *problemData) specs() ([]*operators.Spec, error) {
	all := catalog.ForTable(d.Features, d.Sets)
	out := make([]*operators.Spec, len(d.Specs))
	for i, s := range d.Specs {
		k := slices.IndexFunc(all, func(o *operators.Spec) bool { return o.Name == s.Name })
		if k < 0 {
			return nil, fmt.Errorf("there is no operator %q in the catalogue", s.Name)
		}
		var err error
		if out[i], err = all[k].WithParams(s.Params); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// crossVal is the evaluator that the problem was made of.
func (d *problemData) crossVal(s dataset.Sample, cache *pipeline.Cache) (*pipeline.CrossVal, error) {
	m, err := metrics.ByName(d.Metric)
	if err != nil {
		return nil, err
	}
	if !m.Serves(s.Task()) || len(d.Trial) != 1 || d.Trial[0] < 0 || d.Trial[0] > 1 {
		return nil, errors.New("cluster: the problem does not fit its rows")
	}
	tests := make([][]int32, len(d.Tests))
	for k := range tests {
		tests[k] = d.Tests[k]
	}
	folds, err := dataset.FoldsOf(s, tests)
	if err != nil {
		return nil, err
	}
	return &pipeline.CrossVal{Folds: folds, Rows: s.Rows(), Metric: m, Seed: d.Seed, Limit: d.Limit, Threads: d.Threads, Memory: d.Memory,
		Cache: cache, Use: d.Use, Trial: d.Trial[0], NoOOF: d.NoOOF, Humble: d.Humble}, nil
}

const largestData = 16 << 30 // bytes that rows may have once they are decompressed

// pack encodes and compresses.
func pack(v any) ([]byte, error) {
	data, err := wire.Marshal(v)
	if err != nil {
		return nil, err
	}
	e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	defer func() { _ = e.Close() }()
	return e.EncodeAll(data, nil), nil
}

func unpack(data []byte, v any) error {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(largestData))
	if err != nil {
		return err
	}
	defer d.Close()
	plain, err := d.DecodeAll(data, nil)
	if err != nil {
		return fmt.Errorf("cluster: damaged data: %w", err)
	}
	return wire.Unmarshal(plain, v)
}
