package linear

import (
	"context"
	"fmt"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/operators"
)

// OrthogonalMatchingPursuit adds, step by step, the column that correlates most with the residual of least squares on
// those taken before (Mallat and Zhang, IEEE Trans. Signal Process. 41(12), 1993; Rubinstein et al., 2008). By default
// it takes a tenth of the columns.
var OrthogonalMatchingPursuit = &operators.Spec{
	Name: "OrthogonalMatchingPursuit", Doc: "greedy least squares on few columns", Role: operators.Regressor, Traits: operators.Weights,
	Params: []operators.Param{
		{Name: "n_nonzero_coefs", Scale: operators.LogInt, Lo: 1, Hi: 100, Choices: []string{"None"}, Default: operators.Word(0)},
		fitIntercept, normalize,
	},
	Ignored: []string{"precompute"},
	New: func(v []float64) (operators.Operator, error) {
		o := pursuit{intercept: v[1] != 0, normalize: v[2] != 0}
		if _, none := operators.IsWord(v[0]); !none {
			if o.most = int(v[0]); o.most < 1 {
				return nil, fmt.Errorf("orthogonal matching pursuit: n_nonzero_coefs=%g: want at least 1", v[0])
			}
		}
		return o, nil
	},
	Decode: operators.Decode[line],
	Memory: columnMemory,
}

type pursuit struct {
	most                 int // 0: a tenth of the columns
	intercept, normalize bool
}

func (o pursuit) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	const name = "orthogonal matching pursuit"
	p, err := newProblem(ctx, s, o.intercept, 1)
	if err != nil {
		return nil, failed(name, err)
	}
	sys := p.system(-1)
	var norms []float64
	if o.normalize {
		norms = sys.normalize()
	}
	most := o.most
	if most == 0 {
		most = max(1, len(sys.xy)/10)
	}
	coef, err := sys.pursue(ctx, min(most, len(sys.xy)))
	if err != nil {
		return nil, failed(name, err)
	}
	divide(coef, norms)
	return sys.line(coef).fitted(name)
}

// pursue takes up to most columns, fewer if the next one is a combination of those there.
func (s *system) pursue(ctx context.Context, most int) ([]float64, error) {
	m := &lars{sys: s, coef: make([]float64, len(s.xy)), slope: append([]float64(nil), s.xy...), used: make([]bool, len(s.xy))}
	m.factor = linalg.NewMatrix(most, most+1)
	for len(m.active) < most {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		next, top := m.strongest()
		if top <= 0 || !m.join(next) {
			break
		}
		k := len(m.active)
		b := make([]float64, k)
		for r, j := range m.active {
			row := m.factor.Row(r)
			b[r] = (s.xy[j] - linalg.Dot(row[:r], b[:r])) / row[r]
		}
		for r := k - 1; r >= 0; r-- {
			row := m.factor.Row(r)
			b[r] /= row[r]
			linalg.AddScaled(b[:r], -b[r], row[:r])
		}
		copy(m.slope, s.xy)
		for r, j := range m.active {
			m.coef[j] = b[r]
			linalg.AddScaled(m.slope, -b[r], s.gram.Row(j))
		}
		if math.IsNaN(b[k-1]) {
			return nil, linalg.ErrNotFinite
		}
	}
	return m.coef, nil
}
