package neural

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/posterior"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/operatortest"
)

func TestConformance(t *testing.T) {
	operatortest.Run(t, narrow(MLPClassifier), nil)
	operatortest.Run(t, narrow(MLPRegressor), nil)
}

// narrow limits the width of the layers, whose corners take the time of all other checks.
func narrow(spec *operators.Spec) *operators.Spec {
	s := *spec
	s.Params = slices.Clone(s.Params)
	s.Params[s.Index("n_nodes_per_layer")].Hi = 48
	return &s
}

var oneLayer = map[string]string{
	"hidden_layer_sizes=[20]": "n_nodes_per_layer=20", "hidden_layer_sizes=[30]": "n_nodes_per_layer=30",
	"hidden_layer_sizes=[50]": "n_nodes_per_layer=50", "hidden_layer_sizes=[10]": "n_nodes_per_layer=10",
}

func TestGolden(t *testing.T) {
	if testing.Short() {
		t.Skip("slow")
	}
	given := "the weights are given; see TestGivenWeights"
	operatortest.Golden(t, MLPClassifier, operatortest.GoldenOptions{Params: oneLayer, Skip: map[string]string{
		"given weights, relu": given, "given weights, tanh": given, "given weights, logistic": given, "given weights, identity": given,
		"lr=1 (diverges or stalls)": "steps of length 1 are chaotic: the log loss of one seed spreads from 0.5 to 3",
	}})
	operatortest.Golden(t, MLPRegressor, operatortest.GoldenOptions{Params: oneLayer, Skip: map[string]string{"given weights, tanh": given}})
}

// givenCase is a golden case with the weights that scikit-learn found.
type givenCase struct {
	Case       string
	Params     struct{ Activation string }
	Attributes struct {
		Coefs      [][][]float64 `json:"coefs_"`
		Intercepts [][]float64   `json:"intercepts_"`
	}
}

// settled hands out the network given for its activation and for the columns it is shown.
type settled struct {
	networks   []network
	activation string
}

func (o settled) Fit(_ context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	for _, net := range o.networks {
		if net.Activation == o.activation && net.Sizes[0] == s.X.Cols() {
			classes, _, err := posterior.Of(s.Y, nil)
			if err != nil {
				return &regressor{Net: net}, nil
			}
			return &classifier{Classes: classes, Net: net}, nil
		}
	}
	return nil, errors.New("no weights given")
}

func TestGivenWeights(t *testing.T) {
	for _, spec := range []*operators.Spec{MLPClassifier, MLPRegressor} {
		raw, err := os.ReadFile("../../testdata/golden/operators/" + spec.Name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var cases []givenCase
		if err := json.Unmarshal(raw, &cases); err != nil {
			t.Fatal(err)
		}
		given, skip := settled{}, map[string]string{}
		for _, c := range cases {
			if !strings.HasPrefix(c.Case, "given weights") {
				skip[c.Case] = "for training"
				continue
			}
			given.networks = append(given.networks, c.network())
		}
		fixed := *spec
		fixed.New = func(v []float64) (operators.Operator, error) {
			return settled{networks: given.networks, activation: activationNames[int(v[3])]}, nil
		}
		operatortest.Golden(t, &fixed, operatortest.GoldenOptions{Skip: skip, Params: map[string]string{"hidden_layer_sizes": ""}})
	}
}

func (c givenCase) network() network {
	net := network{Activation: c.Params.Activation, Sizes: []int{len(c.Attributes.Coefs[0])}}
	for l, w := range c.Attributes.Coefs {
		for _, row := range w {
			net.Theta = append(net.Theta, row...)
		}
		net.Theta = append(net.Theta, c.Attributes.Intercepts[l]...)
		net.Sizes = append(net.Sizes, len(w[0]))
	}
	return net
}

// The gradient agrees with differences of the loss.
func TestGradient(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, activation := range activationNames {
		for _, outputs := range []int{1, 3} {
			for _, classify := range []bool{true, false} {
				tk := &task{inputs: inputs{numeric: 3}, outputs: outputs, classify: classify, alpha: 0.3, weight: []float64{0.5, 2, 0.5, 1, 1}}
				for i := range 5 {
					tk.numbers = append(tk.numbers, rng.NormFloat64(), rng.NormFloat64(), rng.NormFloat64())
					y := make([]float64, outputs)
					y[i%outputs] = float64(max(i%2, outputs/3))
					tk.y = append(tk.y, y...)
				}
				net := newNetwork([]int{3, 4, 5, outputs}, activation, rng)
				rows, pass := []int32{4, 1, 0, 3}, net.newPass(4)
				grad, scratch := make([]float64, len(net.Theta)), make([]float64, len(net.Theta))
				net.gradient(tk, pass, rows, grad)
				for i := range net.Theta {
					const h = 1e-6
					at := net.Theta[i]
					net.Theta[i] = at + h
					up := net.gradient(tk, pass, rows, scratch)
					net.Theta[i] = at - h
					down := net.gradient(tk, pass, rows, scratch)
					net.Theta[i] = at
					if want := (up - down) / (2 * h); math.Abs(grad[i]-want) > 1e-7 {
						t.Fatalf("%s, %d outputs, classify %v, weight %d: gradient %v, want %v", activation, outputs, classify, i, grad[i], want)
					}
				}
			}
		}
	}
}

func TestHoldOut(t *testing.T) {
	tk := &task{outputs: 1, classify: true}
	for i := range 100 {
		tk.y = append(tk.y, float64(i%5/4))
	}
	rows := make([]int32, 100)
	for i := range rows {
		rows[i] = int32(i)
	}
	l := &loop{mlp: mlp{validation: 0.1}, task: tk, rng: rand.New(rand.NewPCG(1, 1))}
	train, held := l.holdOut(rows)
	ones := 0.0
	for _, r := range held {
		ones += tk.y[r]
	}
	all := append(slices.Clone(train), held...)
	slices.Sort(all)
	if len(held) != 10 || ones != 2 || len(slices.Compact(all)) != 100 {
		t.Errorf("held %v with %v ones, %d rows in all", held, ones, len(all))
	}
}

func TestNewRefuses(t *testing.T) {
	for name, bad := range map[string]float64{
		"n_hidden_layers": 0, "n_nodes_per_layer": 1e9, "alpha": -1, "learning_rate_init": 0, "batch_size": 0, "max_iter": 0, "dropout": 1,
		"validation_fraction": 0,
	} {
		v := MLPClassifier.Defaults()
		v[MLPClassifier.Index(name)] = bad
		if _, err := MLPClassifier.New(v); err == nil {
			t.Errorf("%s=%v passes", name, bad)
		}
	}
}

func BenchmarkMLP(b *testing.B) {
	for name, n := range map[string]int{"360x30": 360, "10000x50": 10_000} {
		p := map[int]int{360: 30, 10_000: 50}[n]
		s := operatortest.Table(MLPClassifier, dataset.Binary, n, p, 1)
		v := MLPClassifier.Defaults()
		v[MLPClassifier.Index("max_iter")] = 10
		op, _ := MLPClassifier.New(v)
		b.Run(name+"-10epochs", func(b *testing.B) {
			for range b.N {
				if _, err := op.Fit(context.Background(), operators.NewEnv(1, 1), s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
