package calibration

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/internal/posterior"
	"github.com/lren-chuv/automl/operators"
)

// calibratedFit is a fitted CalibratedClassifierCV.
type calibratedFit struct {
	Classes   posterior.Classes
	Estimator int // index into bases
	Members   []member
}

// member is a fitted classifier and what to make of its words.
type member struct {
	Fitted []byte  // encoded
	Curves []curve // one per class, one in all, or none

	fitted operators.Fitted
}

// curve maps what a classifier says to a probability; one of its fields is set.
type curve struct {
	Sigmoid     *posterior.Sigmoid
	Steps       *steps
	Temperature float64 // of all classes at once
}

func (c *curve) at(v float64) float64 {
	if c.Sigmoid != nil {
		return c.Sigmoid.At(v)
	}
	return min(max(c.Steps.at(v), 0), 1)
}

func (c *curve) check() error {
	switch {
	case c.Sigmoid != nil:
		if v := c.Sigmoid.A + c.Sigmoid.B; v-v != 0 {
			return errors.New("calibration: a sigmoid is not finite")
		}
		return nil
	case c.Steps != nil:
		return c.Steps.check()
	}
	if !(c.Temperature > 0 && c.Temperature <= math.MaxFloat64) {
		return fmt.Errorf("calibration: temperature %v", c.Temperature)
	}
	return nil
}

// Check reports what a decoded value cannot be, and decodes the classifiers.
func (f *calibratedFit) Check() error {
	if err := f.Classes.Check(); err != nil {
		return err
	}
	if f.Estimator < 0 || f.Estimator >= len(bases()) || len(f.Members) == 0 {
		return fmt.Errorf("calibration: %d members of kind %d", len(f.Members), f.Estimator)
	}
	for i := range f.Members {
		m := &f.Members[i]
		if err := m.check(f.Classes.Len()); err != nil {
			return err
		}
		var err error
		if m.fitted, err = bases()[f.Estimator].spec.Decode(m.Fitted); err != nil {
			return err
		}
	}
	return nil
}

func (m *member) check(classes int) error {
	n := len(m.Curves)
	for i := range m.Curves {
		if err := m.Curves[i].check(); err != nil {
			return err
		}
		if t := m.Curves[i]; n > 1 && t.Sigmoid == nil && t.Steps == nil {
			return errors.New("calibration: several temperatures")
		}
	}
	single := n == 1 && m.Curves[0].Sigmoid == nil && m.Curves[0].Steps == nil
	if n == 0 || single || n == classes && classes != 2 || n == 1 && classes == 2 {
		return nil
	}
	return fmt.Errorf("calibration: %d curves for %d classes", n, classes)
}

// says returns what the classifier says of each row, per class: log-odds or probabilities.
func (f *calibratedFit) says(ctx context.Context, env *operators.Env, m *member, x *dataset.Frame) ([][]float64, error) {
	if l, is := m.fitted.(interface {
		LogOdds(x *dataset.Frame) ([]float64, bool, error)
	}); is && bases()[f.Estimator].logOdds && f.Classes.Len() == 2 {
		own, ok, err := l.LogOdds(x)
		if err != nil {
			return nil, err
		}
		if ok {
			rest := make([]float64, len(own))
			for i, v := range own {
				rest[i] = -v
			}
			return [][]float64{rest, own}, nil
		}
	}
	p, err := m.fitted.Apply(ctx, env, x)
	if err != nil {
		return nil, err
	}
	if p.Cols() != len(f.Classes.Levels) {
		return nil, fmt.Errorf("calibration: %d classes, want %d", p.Cols(), len(f.Classes.Levels))
	}
	out := make([][]float64, f.Classes.Len())
	for k, level := range f.Classes.Present {
		out[k] = p.Col(int(level)).Float
	}
	if !bases()[f.Estimator].logOdds {
		return out, nil
	}
	odds := make([][]float64, len(out))
	for k := range out {
		odds[k] = make([]float64, x.Rows())
		for i, own := range out[k] {
			rest := 0.0
			for other := range out {
				if other != k {
					rest += out[other][i]
				}
			}
			odds[k][i] = math.Log(max(own, math.SmallestNonzeroFloat64)) - math.Log(max(rest, math.SmallestNonzeroFloat64))
		}
	}
	return odds, nil
}

// logs returns the logarithms of the probabilities, up to a term that all classes of a row share, of what was said.
func (f *calibratedFit) logs(said [][]float64) [][]float64 {
	out := make([][]float64, len(said))
	for k := range said {
		out[k] = make([]float64, len(said[k]))
		for i, v := range said[k] {
			if bases()[f.Estimator].logOdds {
				out[k][i] = -math.Log1p(math.Exp(-max(v, -700)))
			} else {
				out[k][i] = math.Log(max(v, 1e-15))
			}
		}
	}
	return out
}

// Apply returns the mean of the members' calibrated probabilities.
func (f *calibratedFit) Apply(ctx context.Context, env *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	k := f.Classes.Len()
	p, row := make([]float64, x.Rows()*k), make([]float64, k)
	for c := range f.Members {
		m := &f.Members[c]
		said, err := f.says(ctx, env, m, x)
		if err != nil {
			return nil, err
		}
		var logs [][]float64
		if len(m.Curves) == 0 || m.Curves[0].Temperature > 0 {
			logs = f.logs(said)
		}
		if k == 2 && logs == nil && m.Curves[0].Sigmoid != nil {
			m.addSigmoid(p, said[1], float64(len(f.Members)))
			continue
		}
		for i := range x.Rows() {
			if logs != nil {
				m.soften(row, logs, i)
			} else {
				m.calibrate(row, said, i)
			}
			for j, v := range row {
				p[i*k+j] += v / float64(len(f.Members))
			}
		}
	}
	for i := 0; i < len(p); i += k {
		posterior.Normalize(p[i : i+k])
	}
	return f.Classes.Frame(x.Rows(), p), nil
}

// addSigmoid adds the probabilities of two classes, given the log-odds of the second, divided by the number of members.
func (m *member) addSigmoid(p, odds []float64, members float64) {
	second := make([]float64, len(odds))
	for i, v := range odds {
		second[i] = -(m.Curves[0].Sigmoid.A*v + m.Curves[0].Sigmoid.B)
	}
	linalg.Logistic(second)
	for i, v := range second {
		p[2*i] += (1 - v) / members
		p[2*i+1] += v / members
	}
}

// soften writes the probabilities of row i at the member's temperature.
func (m *member) soften(row []float64, logs [][]float64, i int) {
	t := 1.0
	if len(m.Curves) > 0 {
		t = m.Curves[0].Temperature
	}
	for k := range row {
		row[k] = logs[k][i] / t
	}
	posterior.Softmax(row, nil)
}

// calibrate writes the probabilities of row i that the curves give.
func (m *member) calibrate(row []float64, said [][]float64, i int) {
	if len(row) == 2 {
		row[1] = m.Curves[0].at(said[1][i])
		row[0] = 1 - row[1]
		return
	}
	for k := range row {
		row[k] = m.Curves[k].at(said[k][i])
	}
	posterior.Normalize(row)
}
