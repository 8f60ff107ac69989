package gosrc

import (
	"encoding/base64"
	"fmt"
	"math"
	"strings"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/export/form"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// classes is how most classifiers remember their classes.
type classes struct {
	Levels  []string
	Present []int32
}

// text writes the first two fields of a classifier.
func (c classes) text() string { return fmt.Sprintf("%d, %s", len(c.Levels), ints(c.Present)) }

func line(f *file, m operators.Fitted, _ *dataset.Frame) (string, error) {
	f.use("line")
	v, err := form.Stored[struct {
		Coef      wire.Floats
		Intercept float64
		Log       bool
	}](m)
	return fmt.Sprintf("line{%s, %s, %v}", floats(v.Coef), floatText(v.Intercept), v.Log), err
}

func planes(f *file, m operators.Fitted, _ *dataset.Frame) (string, error) {
	f.use("planes")
	v, err := form.Stored[struct {
		Levels          []string
		Present         wire.Ints
		Coef, Intercept wire.Floats
		Link            uint8
		Temperature     float64
	}](m)
	return fmt.Sprintf("planes{%d, %s, %s, %s, %d, %s}", len(v.Levels), ints(v.Present), floats(v.Coef), floats(v.Intercept), v.Link, floatText(v.Temperature)), err
}

func gaussianNB(f *file, m operators.Fitted, _ *dataset.Frame) (string, error) {
	f.use("gaussians")
	v, err := form.Stored[struct {
		Classes          classes
		Prior, Mean, Var wire.Floats
	}](m)
	return fmt.Sprintf("gaussians{%s, %s, %s, %s}", v.Classes.text(), floats(v.Prior), floats(v.Mean), floats(v.Var)), err
}

func counts(f *file, m operators.Fitted, _ *dataset.Frame) (string, error) {
	f.use("counts")
	v, err := form.Stored[struct {
		Classes                classes
		Prior, Intercept, Coef wire.Floats
		Binarize               *float64
	}](m)
	threshold := 0.0
	if v.Binarize != nil {
		threshold = *v.Binarize
	}
	return fmt.Sprintf("counts{%s, %s, %s, %s, %v, %s}", v.Classes.text(), floats(v.Prior), floats(v.Intercept), floats(v.Coef), v.Binarize != nil, floatText(threshold)), err
}

func lda(f *file, m operators.Fitted, _ *dataset.Frame) (string, error) {
	f.use("discriminant")
	v, err := form.Stored[struct {
		Classes                classes
		Prior, Coef, Intercept wire.Floats
	}](m)
	return fmt.Sprintf("discriminant{%s, %s, %s, %s}", v.Classes.text(), floats(v.Prior), floats(v.Coef), floats(v.Intercept)), err
}

func qda(f *file, m operators.Fitted, _ *dataset.Frame) (string, error) {
	f.use("quadratic")
	v, err := form.Stored[struct {
		Classes                   classes
		Prior, Mean, Axes, LogVar wire.Floats
		Rank                      wire.Ints
	}](m)
	return fmt.Sprintf("quadratic{%s, %s, %s, %s, %s, %s}", v.Classes.text(), ints(v.Rank), floats(v.Prior), floats(v.Mean), floats(v.Axes), floats(v.LogVar)), err
}

// ensemble is the stored form of the trees.
type ensemble struct {
	Nodes   []byte
	Roots   wire.Ints
	Outputs int
	Values  wire.Floats
	Sets    wire.Ints
}

func (e *ensemble) text() string {
	return fmt.Sprintf("trees{nodes(%q), %s, %d, %s, %s}", base64.StdEncoding.EncodeToString(e.Nodes), ints(e.Roots), e.Outputs, floats(e.Values), ints(e.Sets))
}

// sameLevels reports categories that have other codes here than in training; pipelines that were fitted have none.
func sameLevels(in *dataset.Frame, levels [][]string) error {
	for j, c := range in.Columns() {
		if c.Kind != dataset.Categorical {
			continue
		}
		if strings.Join(c.Levels, "\x00") != strings.Join(levels[j], "\x00") {
			return fmt.Errorf("the levels of column %q are not those of training", c.Name)
		}
	}
	return nil
}

func forest(f *file, m operators.Fitted, in *dataset.Frame) (string, error) {
	f.use("forest")
	v, err := form.Stored[struct {
		Levels  [][]string
		Classes []string
		Trees   ensemble
	}](m)
	if err == nil {
		err = sameLevels(in, v.Levels)
	}
	return fmt.Sprintf("&forest{%d, %s}", len(v.Classes), v.Trees.text()), err
}

func booster(f *file, m operators.Fitted, in *dataset.Frame) (string, error) {
	f.use("booster")
	v, err := form.Stored[struct {
		Levels  [][]string
		Classes []string
		Present wire.Ints
		Start   wire.Floats
		Log     bool
		Trees   ensemble
	}](m)
	if err == nil {
		err = sameLevels(in, v.Levels)
	}
	return fmt.Sprintf("&booster{%d, %s, %s, %v, %s}", len(v.Classes), ints(v.Present), floats(v.Start), v.Log, v.Trees.text()), err
}

func medians(f *file, m operators.Fitted, in *dataset.Frame) (string, error) {
	f.use("medians")
	v, err := form.Stored[struct {
		Levels  [][]string
		Trees   ensemble
		Weights wire.Floats
	}](m)
	if err == nil {
		err = sameLevels(in, v.Levels)
	}
	return fmt.Sprintf("&medians{%s, %s}", floats(v.Weights), v.Trees.text()), err
}

// store is how nearest neighbours remember the training rows.
type store struct {
	Rows      wire.Floats
	Neighbors int
	Metric    int
	P         float64
}

// text writes the fields k, metric and p.
func (s *store) text() string {
	switch s.Metric {
	case 1:
		return fmt.Sprintf("%d, %q, 2", s.Neighbors, "minkowski")
	case 2:
		return fmt.Sprintf("%d, %q, 1", s.Neighbors, "minkowski")
	case 3:
		return fmt.Sprintf("%d, %q, 0", s.Neighbors, "chebyshev")
	}
	return fmt.Sprintf("%d, %q, %s", s.Neighbors, "minkowski", floatText(s.P))
}

func votes(f *file, m operators.Fitted, _ *dataset.Frame) (string, error) {
	f.use("neighbours")
	v, err := form.Stored[struct {
		Store      store
		ByDistance bool
		Classes    classes
		Codes      wire.Ints
	}](m)
	target := make([]float64, len(v.Codes))
	for i, c := range v.Codes {
		target[i] = float64(c)
	}
	return fmt.Sprintf("&neighbours{%s, %s, %s, %s, %v}", v.Classes.text(), floats(v.Store.Rows), floats(target), v.Store.text(), v.ByDistance), err
}

func means(f *file, m operators.Fitted, _ *dataset.Frame) (string, error) {
	f.use("neighbours")
	v, err := form.Stored[struct {
		Store      store
		ByDistance bool
		Target     wire.Floats
	}](m)
	return fmt.Sprintf("&neighbours{0, nil, %s, %s, %s, %v}", floats(v.Store.Rows), floats(v.Target), v.Store.text(), v.ByDistance), err
}

// vectors is the stored form of support vectors.
type vectors struct {
	Kernel struct {
		Name         string
		Gamma, Coef0 float64
		Degree       int
	}
	Rows      wire.Floats
	Decisions []struct {
		Vector wire.Ints
		Coef   wire.Floats
		Bias   float64
		Curve  struct{ A, B float64 }
	}
}

func (v *vectors) text() string {
	var b strings.Builder
	k := v.Kernel
	coef := k.Coef0
	if k.Name == "linear" { // has no constant
		coef = 0
	}
	fmt.Fprintf(&b, "kernel{%q, %s, %s, %d}, %s, []decision{\n", k.Name, floatText(k.Gamma), floatText(coef), k.Degree, floats(v.Rows))
	for _, d := range v.Decisions {
		fmt.Fprintf(&b, "{%s, %s, %s, %s, %s},\n", ints(d.Vector), floats(d.Coef), floatText(d.Bias), floatText(d.Curve.A), floatText(d.Curve.B))
	}
	return b.String() + "}"
}

func svc(f *file, m operators.Fitted, _ *dataset.Frame) (string, error) {
	f.use("kernel")
	v, err := form.Stored[struct {
		Classes classes
		Vectors vectors
	}](m)
	return fmt.Sprintf("&machine{%s, %s}", v.Classes.text(), v.Vectors.text()), err
}

func svr(f *file, m operators.Fitted, _ *dataset.Frame) (string, error) {
	f.use("kernel")
	v, err := form.Stored[struct{ Vectors vectors }](m)
	return fmt.Sprintf("&machine{0, nil, %s}", v.Vectors.text()), err
}

// expansion writes kernel ridge regression and Gaussian processes: sums of kernels around all training rows.
func expansion(f *file, m operators.Fitted, _ *dataset.Frame) (string, error) {
	f.use("kernel")
	v, err := form.Stored[struct {
		Kernel struct {
			Name                 string
			Gamma, Coef0, Degree float64
		}
		Rows, Weight wire.Floats
		Shift, Scale float64
	}](m)
	vector, coef := make([]int32, len(v.Weight)), make([]float64, len(v.Weight))
	for i, w := range v.Weight {
		vector[i], coef[i] = int32(i), v.Scale*w
	}
	k := v.Kernel
	return fmt.Sprintf("&machine{0, nil, kernel{%q, %s, %s, %s}, %s, []decision{{%s, %s, %s, 0, 0}}}", k.Name, floatText(k.Gamma), floatText(k.Coef0), floatText(k.Degree),
		floats(v.Rows), ints(vector), floats(coef), floatText(v.Shift)), err
}

func perceptron(f *file, m operators.Fitted, in *dataset.Frame) (string, error) {
	f.use("network")
	v, err := form.Stored[struct {
		Classes classes
		Net     struct {
			Sizes      []int
			Activation string
			Theta      wire.Floats
		}
	}](m)
	for _, t := range v.Net.Theta {
		if math.IsNaN(t) {
			return "", fmt.Errorf("a weight is not a number")
		}
	}
	if err != nil {
		return "", err
	}
	inputs := "nil"
	if embedding := form.Before(m); embedding != nil {
		if inputs, err = columnText(embedding, in, nil); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("&network{%s, %s, %#v, %q, %s}", v.Classes.text(), inputs, v.Net.Sizes, v.Net.Activation, floats(v.Net.Theta)), nil
}
