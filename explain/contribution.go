package explain

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// Scale says what the parts of a prediction add up to.
type Scale string

const (
	Prediction Scale = "prediction" // the predicted number or probability
	LogOdds    Scale = "log-odds"   // its log-odds; of several classes, scores whose softmax are the probabilities
	Logarithm  Scale = "logarithm"  // the logarithm of the predicted number
)

// Contribution splits one prediction up: for every output, Base plus the sum of Phi is the prediction on its scale.
type Contribution struct {
	Scale Scale
	Base  []float64   // by output: mean over the rows that it is compared with
	Phi   [][]float64 // by feature and output
}

// ErrInexact is an Attributor's answer for a model whose contributions it does not know exactly.
var ErrInexact = errors.New("explain: the contributions of this model are not known exactly")

// Attributor is a model that may know the contributions of its features exactly, such as one that is made of trees.
type Attributor interface {
	Contributions(ctx context.Context, x *dataset.Frame, features []Feature) ([]Contribution, error)
}

// Contributions estimates the Shapley values of every feature for every row of x, against background rows drawn from the
// columns of background: features are switched from a background row to the explained row one by one in random order,
// there and back (Štrumbelj and Kononenko 2014, with antithetic pairs as in Mitchell et al. 2022). The sum is exact
// whatever the number of pairs; single values have a standard error that falls with its root. A model that is an
// [Attributor] is asked first.
func Contributions(ctx context.Context, env *operators.Env, m Model, x, background *dataset.Frame, features []Feature, pairs int) ([]Contribution, error) {
	if a, ok := m.(Attributor); ok {
		if exact, err := a.Contributions(ctx, x, features); !errors.Is(err, ErrInexact) {
			return exact, err
		}
	}
	if background.Rows() == 0 || pairs < 1 {
		return nil, fmt.Errorf("explain: %d background rows and %d pairs of permutations: want at least one", background.Rows(), pairs)
	}
	if background.Cols() != x.Cols() {
		return nil, fmt.Errorf("explain: the background has %d columns, the rows to explain %d", background.Cols(), x.Cols())
	}
	out := make([]Contribution, x.Rows())
	err := env.Each(ctx, x.Rows(), func(i int, rng *rand.Rand) error {
		w := newWalk(rng, len(features), background.Rows(), pairs)
		p, err := m.Predict(ctx, w.frame(x, i, background, features))
		if err == nil {
			out[i] = w.split(p)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// walk is the list of points between background rows and one explained row: path after path, each of one more point than
// there are features.
type walk struct {
	order [][]int // by path: features in the order in which they are switched
	from  []int   // by path: background row
}

func newWalk(rng *rand.Rand, features, background, pairs int) *walk {
	w := &walk{}
	rows := rng.Perm(background)
	for k := range pairs {
		there := rng.Perm(features)
		back := make([]int, features)
		for i, f := range there {
			back[features-1-i] = f
		}
		w.order = append(w.order, there, back)
		w.from = append(w.from, rows[k%background], rows[k%background])
	}
	return w
}

// frame lays out the points of all paths as rows.
func (w *walk) frame(x *dataset.Frame, row int, background *dataset.Frame, features []Feature) *dataset.Frame {
	length := len(features) + 1
	n := length * len(w.order)
	switched := make([]int, len(features)) // step at which each feature is the explained row's
	cols := make([]*dataset.Column, x.Cols())
	for f := range features {
		for _, j := range features[f].Cols {
			if x.Col(j).Kind == dataset.Categorical {
				cols[j] = dataset.NewCategorical(x.Col(j).Name, make([]int32, n), x.Col(j).Levels)
			} else {
				cols[j] = dataset.NewNumeric(x.Col(j).Name, make([]float64, n))
			}
		}
	}
	for j := range cols {
		if cols[j] == nil { // of no feature that is asked for: stays as it is
			cols[j] = constant(x.Col(j), row, n)
		}
	}
	for p, order := range w.order {
		for i, f := range order {
			switched[f] = i + 1
		}
		for f := range features {
			for _, j := range features[f].Cols {
				from, to, c := background.Col(j), x.Col(j), cols[j]
				for step := range length {
					at := p*length + step
					switch {
					case c.Kind == dataset.Categorical && step >= switched[f]:
						c.Code[at] = to.Code[row]
					case c.Kind == dataset.Categorical:
						c.Code[at] = from.Code[w.from[p]]
					case step >= switched[f]:
						c.Float[at] = to.Float[row]
					default:
						c.Float[at] = from.Float[w.from[p]]
					}
				}
			}
		}
	}
	return dataset.MustFrame(n, cols...)
}

// split averages the differences along the paths.
func (w *walk) split(p *dataset.Frame) Contribution {
	features := len(w.order[0])
	share := 1 / float64(len(w.order))
	out := Contribution{Scale: Prediction, Base: make([]float64, p.Cols()), Phi: make([][]float64, features)}
	for f := range out.Phi {
		out.Phi[f] = make([]float64, p.Cols())
	}
	for c := range p.Cols() {
		v := p.Col(c).Float
		for k, order := range w.order {
			at := k * (features + 1)
			out.Base[c] += share * v[at]
			for i, f := range order {
				out.Phi[f][c] += share * (v[at+i+1] - v[at+i])
			}
		}
	}
	return out
}
