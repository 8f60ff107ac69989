package linear

import (
	"context"
	"errors"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// link says how scores become probabilities.
type link uint8

const (
	softmax  link = iota // exp(s_k)/Σ exp(s); of two classes that share one score, the sigmoid
	sigmoids             // sigmoid of every score, divided by their sum
	clipped              // (clip(s, −1, 1) + 1)/2, divided by their sum: the estimate of the modified Huber loss
)

// planes is a fitted linear classifier: a hyperplane for every class that occurs, or one between two.
type planes struct {
	Levels      []string
	Present     wire.Ints   // position in Levels of each class that occurs
	Coef        wire.Floats // a row of weights per plane
	Intercept   wire.Floats // one per plane
	Features    int
	Link        link
	Temperature float64 // scores are multiplied by it before they become probabilities
}

// newPlanes allocates the planes for the classes of l.
func (l *labels) newPlanes(features, rows int, how link) *planes {
	p := &planes{
		Levels: l.levels, Coef: make(wire.Floats, rows*features), Intercept: make(wire.Floats, rows),
		Features: features, Link: how, Temperature: 1,
	}
	for _, k := range l.present {
		p.Present = append(p.Present, int32(k))
	}
	return p
}

// row returns the weights of plane r, shared.
func (p *planes) row(r int) []float64 { return p.Coef[r*p.Features : (r+1)*p.Features] }

// set takes plane r from the parameters of a design.
func (p *planes) set(r int, d *design, theta []float64) {
	copy(p.row(r), d.coef(theta))
	p.Intercept[r] = d.intercept(theta)
}

// Check refuses parts that do not fit together.
func (p *planes) Check() error {
	k, rows := len(p.Present), len(p.Intercept)
	last := int32(-1)
	for _, c := range p.Present {
		if c <= last || int(c) >= len(p.Levels) {
			return errors.New("linear: classes out of order or range")
		}
		last = c
	}
	switch {
	case k == 0 || k == 1 && rows != 0 || k == 2 && rows != 1 && rows != 2 || k > 2 && rows != k:
		return errors.New("linear: the number of planes does not fit the classes")
	case p.Features < 0 || p.Features > len(p.Coef) && rows > 0 || rows*p.Features != len(p.Coef):
		return errors.New("linear: the number of coefficients does not fit the planes")
	case !linalg.Finite(p.Coef) || !linalg.Finite(p.Intercept):
		return errors.New("linear: coefficients are not finite")
	case !(p.Temperature > 0) || !(p.Temperature <= 1e300) || p.Link > clipped:
		return errors.New("linear: unknown link")
	}
	return nil
}

// Coefficients returns one row of weights and one constant term per plane; a single plane is that of the second class.
func (p *planes) Coefficients() (coef [][]float64, intercept []float64) {
	for r := range p.Intercept {
		coef = append(coef, p.row(r))
	}
	return coef, p.Intercept
}

// LogOdds returns the logarithm of the odds of the second of two classes for every row, where one plane tells them apart;
// false says that there is no such thing.
func (p *planes) LogOdds(x *dataset.Frame) (odds []float64, ok bool, err error) {
	if len(p.Present) != 2 || len(p.Intercept) != 1 || p.Link == clipped {
		return nil, false, nil
	}
	odds, err = scores(x, p.row(0), p.Intercept[0])
	for i, s := range odds {
		odds[i] = p.Temperature * s
	}
	return odds, err == nil, err
}

// Apply gives the probability of every level.
func (p *planes) Apply(_ context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	if x.Cols() != p.Features {
		return nil, errors.New("linear: the number of columns differs from that of the training rows")
	}
	out := make([][]float64, len(p.Levels))
	for r := range p.Intercept {
		s, err := scores(x, p.row(r), p.Intercept[r])
		if err != nil {
			return nil, err
		}
		out[p.Present[len(p.Present)-len(p.Intercept)+r]] = s
	}
	cols := make([]*dataset.Column, len(out))
	for k, name := range p.Levels {
		if out[k] == nil {
			out[k] = make([]float64, x.Rows())
		}
		cols[k] = dataset.NewNumeric(name, out[k])
	}
	p.link(out)
	return dataset.MustFrame(x.Rows(), cols...), nil
}

// link turns scores, one slice per level, into probabilities in place.
func (p *planes) link(out [][]float64) {
	first := out[p.Present[0]]
	if len(p.Present) == 1 {
		for i := range first {
			first[i] = 1
		}
		return
	}
	if len(p.Intercept) == 1 && p.Link != clipped {
		second := out[p.Present[1]]
		for i, s := range second {
			second[i] = p.Temperature * s
		}
		linalg.Logistic(second)
		for i, s := range second {
			first[i] = 1 - s
		}
		return
	}
	if len(p.Intercept) == 1 {
		second := out[p.Present[1]]
		for i, s := range second {
			second[i] = p.squash(s)
			first[i] = 1 - second[i]
		}
		return
	}
	row := make([]float64, len(p.Present))
	for i := range first {
		for r, k := range p.Present {
			row[r] = out[k][i]
		}
		p.normalise(row)
		for r, k := range p.Present {
			out[k][i] = row[r]
		}
	}
}

// squash is the probability that belongs to one score.
func (p *planes) squash(s float64) float64 {
	if p.Link == clipped {
		return (min(max(s, -1), 1) + 1) / 2
	}
	return sigmoid(p.Temperature * s)
}

func sigmoid(v float64) float64 {
	if v >= 0 {
		return 1 / (1 + math.Exp(-v))
	}
	e := math.Exp(v)
	return e / (1 + e)
}

// normalise turns the scores of one row into probabilities. Where none of several sigmoids is above zero, the classes
// are as likely as the softmax of their scores.
func (p *planes) normalise(row []float64) {
	total := 0.0
	if p.Link != softmax {
		top := math.Inf(-1)
		for _, s := range row {
			total += p.squash(s)
			top = max(top, s)
		}
		if total > 1e-300 {
			for r, s := range row {
				row[r] = p.squash(s) / total
			}
			return
		}
	}
	top := math.Inf(-1)
	for _, s := range row {
		top = max(top, s)
	}
	total = 0
	for r, s := range row {
		row[r] = math.Exp(p.Temperature * (s - top))
		total += row[r]
	}
	for r := range row {
		row[r] /= total
	}
}

// fitted checks a classifier before it leaves Fit.
func (p *planes) fitted(name string) (operators.Fitted, error) {
	if err := p.Check(); err != nil {
		return nil, failed(name, err)
	}
	return p, nil
}
