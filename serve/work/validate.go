package work

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/mip"
	"github.com/lren-chuv/automl/serve/data"
)

// Files of one algorithm's scores: of the folds, and of data sets kept apart.
const (
	validationFile = "validation.json"
	apartFile      = "apart.json"
)

// Apart is a data set that the models do not learn from and are scored on.
type Apart struct {
	Code    string       `json:"code"` // of the validation: testing, or remote-validation as the platform has it
	Dataset string       `json:"dataset"`
	Filters *data.Filter `json:"filters"` // that select its rows
}

// validates reports whether there is something to score the models on.
func (s *Spec) validates() bool { return s.Folds > 0 || len(s.Apart) > 0 }

// predicted collects what models said of rows that they had not seen.
type predicted struct {
	levels       []string
	truth, said  []int32
	numbers, est []float64
}

func (p *predicted) add(s dataset.Sample, labels []string, out *dataset.Frame) error {
	if s.Y.Kind == dataset.Numeric {
		p.numbers = append(p.numbers, s.Y.Float...)
		p.est = append(p.est, out.Col(0).Float...)
		return nil
	}
	p.levels = s.Y.Levels
	at := map[string]int32{}
	for k, level := range s.Y.Levels {
		at[level] = int32(k)
	}
	for i, label := range labels {
		k, ok := at[label]
		if !ok {
			return fmt.Errorf("the model predicts the class %q, which the data do not have", label)
		}
		p.truth, p.said = append(p.truth, s.Y.Code[i]), append(p.said, k)
	}
	return nil
}

func (p *predicted) score(g mip.Generation) map[string]any {
	if p.levels == nil {
		return mip.ScoreNumbers(p.numbers, p.est)
	}
	return mip.ScoreClasses(p.levels, p.truth, p.said, g)
}

// validate scores the models of the folds of algorithm a, each on the rows that it has not seen, and all of them together.
func (r *run) validate(ctx context.Context, a int) error {
	if r.files.Has(a, validationFile) {
		return nil
	}
	s, err := r.rows(ctx)
	if err != nil {
		return err
	}
	all := &predicted{}
	folds := map[string]any{}
	for k := range r.spec.Folds {
		m, err := r.model(a, part{a, k}.model())
		if err != nil || m == nil {
			return err
		}
		_, test, err := r.fold(s.Sample, k)
		if err != nil {
			return err
		}
		x, err := r.frame(a, m, test.X)
		if err != nil {
			return err
		}
		out, err := m.Predict(ctx, x)
		if err != nil {
			return err
		}
		var labels []string
		if m.Levels != nil {
			labels = m.Labels(out)
		}
		one := &predicted{}
		for _, p := range []*predicted{all, one} {
			if err := p.add(test, labels, out); err != nil {
				return err
			}
		}
		first := 1
		if r.spec.Generation == mip.Gen2017 {
			first = 0
		}
		folds[fmt.Sprint(k+first)] = one.score(r.spec.Generation)
	}
	kind := "KFoldCrossValidationScore"
	if r.spec.Generation == mip.Gen2017 {
		kind += "s"
	}
	return r.files.writeJSON(a, validationFile, map[string]any{"type": kind, "average": all.score(r.spec.Generation), "folds": folds})
}

// apartScore is what a model scores on one data set, or why there is no score.
type apartScore struct {
	Data  map[string]any `json:"data,omitempty"`
	Error string         `json:"error,omitempty"`
}

// scoreApart scores the model of algorithm a on the data sets kept apart.
func (r *run) scoreApart(ctx context.Context, a int, m *automl.Model) error {
	if len(r.spec.Apart) == 0 || r.files.Has(a, apartFile) {
		return nil
	}
	scores := make([]apartScore, len(r.spec.Apart))
	for i, d := range r.spec.Apart {
		score, err := r.scoreOn(ctx, a, m, d)
		if err != nil && !permanent(err) {
			return err
		}
		if scores[i].Data = score; err != nil {
			scores[i].Error = err.Error()
		}
	}
	return r.files.writeJSON(a, apartFile, scores)
}

// scoreOn scores a model on one data set. As in training, rows take no part whose variable is missing or a class that the model does not
// know.
func (r *run) scoreOn(ctx context.Context, a int, m *automl.Model, d Apart) (map[string]any, error) {
	sel := r.spec.Selection
	sel.Filters = d.Filters
	t, err := r.Source.Rows(ctx, &sel)
	if err != nil {
		return nil, err
	}
	y := likeTarget(t.Column(r.spec.Variable), m)
	var known []int32
	for i := range y.Len() {
		if !y.Missing(i) {
			known = append(known, int32(i))
		}
	}
	least := 1
	if r.spec.Private {
		least = max(1, r.MinCount)
	}
	if len(known) < least {
		return nil, data.Error{Msg: fmt.Sprintf("The data set %s has fewer than %d patients of whom the variable is known.", d.Dataset, least)}
	}
	x, err := r.features(ctx, a, m, t)
	if err != nil {
		return nil, err
	}
	s := dataset.Sample{X: x, Y: y}.Gather(known)
	out, err := m.Predict(ctx, s.X)
	if err != nil {
		return nil, err
	}
	var labels []string
	if m.Levels != nil {
		labels = m.Labels(out)
	}
	p := &predicted{}
	if err := p.add(s, labels, out); err != nil {
		return nil, err
	}
	return p.score(r.spec.Generation), nil
}

// likeTarget is a column of the table as the model's target: its classes in the model's order, or numbers.
func likeTarget(c *dataset.Column, m *automl.Model) *dataset.Column {
	if m.Levels == nil {
		if c.Kind == dataset.Numeric {
			return c
		}
		numbers := make([]float64, c.Len())
		for i := range numbers {
			var err error
			if numbers[i], err = strconv.ParseFloat(textOf(c, i), 64); err != nil {
				numbers[i] = math.NaN()
			}
		}
		return dataset.NewNumeric(c.Name, numbers)
	}
	at := map[string]int32{}
	for k, level := range m.Levels {
		at[level] = int32(k)
	}
	codes := make([]int32, c.Len())
	for i := range codes {
		k, ok := at[textOf(c, i)]
		if codes[i] = k; !ok {
			codes[i] = -1
		}
	}
	return dataset.NewCategorical(c.Name, codes, m.Levels)
}

// validations are what is known of how good the model of algorithm a is, in the platform's form.
func (r *run) validations(a int, node string) (out []any, err error) {
	add := func(code string, parameters []QueriedSetting, what string, v any) {
		one := map[string]any{"code": code, "node": node, what: v, "validationSpec": QueriedAlgorithm{Code: code, Parameters: parameters}}
		if r.spec.Generation == mip.Gen2017 {
			one["name"], one["parameters"] = code, parameters
		}
		out = append(out, one)
	}
	folds, err := r.files.Read(a, validationFile)
	if err != nil {
		return nil, err
	}
	if folds != nil {
		add("kfold", []QueriedSetting{{"k", fmt.Sprint(r.spec.Folds)}}, "data", json.RawMessage(folds))
	}
	encoded, err := r.files.Read(a, apartFile)
	if err != nil || encoded == nil {
		return out, err
	}
	var scores []apartScore
	if err := json.Unmarshal(encoded, &scores); err != nil {
		return nil, err
	}
	for i, d := range r.spec.Apart {
		parameters := []QueriedSetting{{"node", node}, {"dataset", d.Dataset}}
		if scores[i].Error != "" {
			add(d.Code, parameters, "error", scores[i].Error)
		} else {
			add(d.Code, parameters, "data", scores[i].Data)
		}
	}
	return out, nil
}

// validated puts the scores of the validations where the platform's readers look for them: among the cells of the document, in 2019 as
// a cell with a type, before that as a plain list.
func validated(doc []byte, validations []any, g mip.Generation) (json.RawMessage, error) {
	if len(validations) == 0 {
		return doc, nil
	}
	var cell any = validations
	if g != mip.Gen2017 {
		cell = map[string]any{"type": map[string]string{"type": "array", "items": "Record"}, "init": validations}
	}
	encoded, err := json.Marshal(cell)
	if err != nil {
		return nil, err
	}
	const cells = `"cells":{`
	at := bytes.Index(doc, []byte(cells))
	if at < 0 {
		return nil, fmt.Errorf("the document has no cells")
	}
	at += len(cells)
	out := append([]byte{}, doc[:at]...)
	out = append(out, `"validations":`...)
	out = append(out, encoded...)
	if doc[at] != '}' {
		out = append(out, ',')
	}
	out = append(out, doc[at:]...)
	if !json.Valid(out) {
		return nil, fmt.Errorf("the document with its validations is no JSON")
	}
	return out, nil
}
