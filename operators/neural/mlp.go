package neural

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/internal/posterior"
	"github.com/lren-chuv/automl/operators"
)

var (
	shaped  = &operators.Condition{Param: "hidden_layer_sizes", Is: []string{"None"}}
	stepped = &operators.Condition{Param: "solver", Is: []string{"adam", "sgd"}}
	params  = []operators.Param{
		{Name: "n_hidden_layers", Scale: operators.Int, Lo: 1, Hi: 3, Default: 1, When: shaped},
		{Name: "n_nodes_per_layer", Scale: operators.LogInt, Lo: 16, Hi: 512, Default: 100, When: shaped},
		{Name: "hidden_layer_sizes", Scale: operators.LogInt, Choices: []string{"None"}, Default: operators.Word(0), Fixed: true},
		{Name: "activation", Scale: operators.Choice, Choices: activationNames, Default: 3},
		{Name: "alpha", Scale: operators.Log, Lo: 1e-7, Hi: 0.1, Default: 1e-4},
		{Name: "learning_rate_init", Scale: operators.Log, Lo: 1e-4, Hi: 1, Default: 1e-3, When: stepped},
		{Name: "early_stopping", Scale: operators.Bool, When: stepped},
		{Name: "dropout", Scale: operators.Linear, Lo: 0, Hi: 0.5, When: stepped},
		{Name: "solver", Scale: operators.Choice, Choices: []string{"adam", "sgd", "lbfgs"}, Fixed: true},
		{Name: "learning_rate", Scale: operators.Choice, Choices: []string{"constant", "invscaling", "adaptive"}, Fixed: true},
		{Name: "power_t", Scale: operators.Linear, Default: 0.5, Fixed: true},
		{Name: "batch_size", Scale: operators.LogInt, Choices: []string{"auto"}, Default: operators.Word(0), Fixed: true},
		{Name: "max_iter", Scale: operators.LogInt, Default: 200, Fixed: true},
		{Name: "n_iter_no_change", Scale: operators.LogInt, Default: 10, Fixed: true},
		{Name: "tol", Scale: operators.Log, Default: 1e-4, Fixed: true},
		{Name: "validation_fraction", Scale: operators.Linear, Default: 0.1, Fixed: true},
		{Name: "batch_norm", Scale: operators.Bool},
	}
	ignored = []string{
		"random_state", "verbose", "warm_start", "shuffle", "momentum", "nesterovs_momentum", "beta_1", "beta_2", "epsilon", "max_fun",
	}
)

// MLPClassifier is a multilayer perceptron with logistic or softmax outputs, trained on the log loss with an l2 penalty.
//
// n_hidden_layers layers of n_nodes_per_layer units each, or one of hidden_layer_sizes units if that is given. adam and
// sgd take batches of batch_size rows (auto: at most 200) and stop after max_iter epochs, or once n_iter_no_change
// epochs have improved the training loss, or the score on the held-out validation_fraction if early_stopping, by less
// than tol; learning_rate and power_t are schedules of sgd. dropout and batch_norm are ours: the share of hidden units
// silenced at random in each training step, and whether inputs and a numeric target are standardised and batches
// normalised, so that columns of any scale will do. A categorical column is replaced by numbers learned for each of its
// levels, 1.6·n^0.56 of n levels and at most 50; levels of a single training row, unknown and missing ones share theirs.
var MLPClassifier = &operators.Spec{
	Name: "MLPClassifier", Doc: "neural network", Role: operators.Classifier, Traits: operators.Weights | operators.Random | operators.Categories,
	Params: params, Ignored: ignored, Memory: memory,
	New: func(v []float64) (operators.Operator, error) {
		m, err := newMLP(v)
		return mlpClassifier{m}, err
	},
	Decode: operators.Decode[classifier],
}

// MLPRegressor is a multilayer perceptron with one linear output, trained on the squared error; see [MLPClassifier].
var MLPRegressor = &operators.Spec{
	Name: "MLPRegressor", Doc: "neural network", Role: operators.Regressor, Traits: operators.Weights | operators.Random | operators.Categories,
	Params: params, Ignored: ignored, Memory: memory,
	New: func(v []float64) (operators.Operator, error) {
		m, err := newMLP(v)
		return mlpRegressor{m}, err
	},
	Decode: operators.Decode[regressor],
}

// memory counts six vectors of weights and two batches of activations.
func memory(shape operators.Shape, v []float64) int64 {
	m, err := newMLP(v)
	if err != nil {
		return 0
	}
	weights, units, last := 0, shape.Cols, shape.Cols
	for _, size := range append(m.hidden, max(1, shape.Classes)) {
		weights += (last + 1) * size
		units += size
		last = size
	}
	batch := min(m.batchSize, shape.Rows)
	if m.solver == "lbfgs" {
		batch, weights = shape.Rows, 4*weights
	}
	return 8 * int64(6*weights+2*batch*units)
}

// mlp is what both forms share.
type mlp struct {
	hidden           []int
	activation       string
	solver, schedule string
	alpha, rate      float64
	powerT, tol      float64
	dropout          float64
	validation       float64
	earlyStopping    bool
	batchNorm        bool
	batchSize        int
	maxIter          int
	patience         int
}

func newMLP(v []float64) (mlp, error) {
	m := mlp{
		activation: activationNames[int(v[3])], alpha: v[4], rate: v[5], earlyStopping: v[6] == 1, dropout: v[7],
		solver: params[8].Choices[int(v[8])], schedule: params[9].Choices[int(v[9])], powerT: v[10], batchNorm: v[16] == 1,
		batchSize: 200, maxIter: int(v[12]), patience: int(v[13]), tol: v[14], validation: v[15],
	}
	if _, auto := operators.IsWord(v[11]); !auto {
		m.batchSize = int(v[11])
	}
	layers, units := v[0], v[1]
	if _, none := operators.IsWord(v[2]); !none {
		layers, units = 1, v[2]
	}
	if layers < 1 || layers > 20 || units < 1 || units > 1<<16 {
		return m, fmt.Errorf("perceptron: %v layers of %v units", layers, units)
	}
	for range int(layers) {
		m.hidden = append(m.hidden, int(units))
	}
	switch {
	case m.alpha < 0 || m.rate <= 0 || m.tol < 0:
		return m, fmt.Errorf("perceptron: alpha %v, learning_rate_init %v, tol %v", m.alpha, m.rate, m.tol)
	case m.batchSize < 1 || m.maxIter < 1 || m.patience < 1:
		return m, fmt.Errorf("perceptron: batch_size %d, max_iter %d, n_iter_no_change %d", m.batchSize, m.maxIter, m.patience)
	case m.dropout < 0 || m.dropout >= 1 || m.validation <= 0 || m.validation >= 1:
		return m, fmt.Errorf("perceptron: dropout %v, validation_fraction %v", m.dropout, m.validation)
	}
	return m, nil
}

// learn trains a network for t on the features of s.
func (m mlp) learn(ctx context.Context, rng *rand.Rand, s dataset.Sample, t *task) (network, error) {
	if s.X.Cols() == 0 {
		return network{}, errors.New("perceptron: no columns")
	}
	t.alpha = m.alpha
	embed := embeddings(s.X, s.W)
	var err error
	if t.inputs, err = inputsOf(s.X, embed); err != nil {
		return network{}, err
	}
	t.numbers = t.frame.Matrix()
	if s.W != nil {
		if t.weight = relative(s.W); t.weight == nil {
			return network{}, errors.New("perceptron: no row has a weight")
		}
	}
	width := t.numeric
	for _, e := range embed {
		width += e.Dim
	}
	net := newNetwork(append(append([]int{width}, m.hidden...), t.outputs), m.activation, rng)
	net.embed(embed, rng)
	wide := net.padded()
	if err := m.train(ctx, wide, t, rng); err != nil {
		return network{}, fmt.Errorf("perceptron: %w", err)
	}
	net = wide.resized(net.Sizes)
	for _, v := range net.Theta {
		if v-v != 0 {
			return network{}, errors.New("perceptron: the weights grew beyond all numbers; scale the columns or learn more slowly")
		}
	}
	return *net, nil
}

// relative scales weights to a mean of one; nil if they are all zero.
func relative(w []float64) []float64 {
	sum := 0.0
	for _, v := range w {
		sum += v
	}
	if !(sum > 0) {
		return nil
	}
	out := make([]float64, len(w))
	for i, v := range w {
		out[i] = v * float64(len(w)) / sum
	}
	return out
}

type mlpClassifier struct{ mlp }

// Fit trains the network.
func (m mlpClassifier) Fit(ctx context.Context, env *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	classes, codes, err := posterior.Of(s.Y, nil)
	if err != nil {
		return nil, fmt.Errorf("perceptron: %w", err)
	}
	t := &task{outputs: classes.Len(), classify: true}
	if t.outputs == 2 {
		t.outputs = 1
	}
	t.y = make([]float64, len(codes)*t.outputs)
	for i, k := range codes {
		switch {
		case classes.Len() != 2:
			t.y[i*t.outputs+int(k)] = 1
		case k == 1:
			t.y[i] = 1
		}
	}
	f := &classifier{Classes: classes}
	if f.Net, err = m.learn(ctx, env.Rand, s, t); err != nil {
		return nil, err
	}
	return f, nil
}

// classifier is a fitted MLPClassifier.
type classifier struct {
	Classes posterior.Classes
	Net     network
}

// Check reports what a decoded value cannot be.
func (c *classifier) Check() error {
	if err := c.Classes.Check(); err != nil {
		return err
	}
	if err := c.Net.check(); err != nil {
		return err
	}
	if k := c.Classes.Len(); c.Net.outputs() != k && !(k == 2 && c.Net.outputs() == 1) {
		return fmt.Errorf("neural: %d outputs for %d classes", c.Net.outputs(), k)
	}
	return nil
}

// Apply returns the probability of each class.
func (c *classifier) Apply(ctx context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	k, width := c.Classes.Len(), c.Net.outputs()
	p := make([]float64, x.Rows()*k)
	err := c.Net.apply(ctx, x, func(lo int, out []float64) {
		respond(out, width)
		rows := p[lo*k:][:len(out)/width*k]
		if k == 2 && width == 1 {
			for i, q := range out {
				rows[2*i], rows[2*i+1] = 1-q, q
			}
		} else {
			copy(rows, out)
		}
		for ; len(rows) > 0; rows = rows[k:] {
			posterior.Normalize(rows[:k])
		}
	})
	if err != nil {
		return nil, err
	}
	return c.Classes.Frame(x.Rows(), p), nil
}

type mlpRegressor struct{ mlp }

// Fit trains the network.
func (m mlpRegressor) Fit(ctx context.Context, env *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	f := &regressor{}
	y, centre, scale := s.Y.Float, 0.0, 1.0
	if m.batchNorm {
		y, centre, scale = standard(y)
	}
	var err error
	if f.Net, err = m.learn(ctx, env.Rand, s, &task{outputs: 1, y: y}); err != nil {
		return nil, err
	}
	if m.batchNorm {
		f.Net.stretch(centre, scale)
	}
	return f, nil
}

// regressor is a fitted MLPRegressor.
type regressor struct{ Net network }

// Check reports what a decoded value cannot be.
func (r *regressor) Check() error {
	if err := r.Net.check(); err != nil {
		return err
	}
	if r.Net.outputs() != 1 {
		return fmt.Errorf("neural: %d outputs", r.Net.outputs())
	}
	return nil
}

// Apply returns the prediction of each row.
func (r *regressor) Apply(ctx context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	y := make([]float64, x.Rows())
	if err := r.Net.apply(ctx, x, func(lo int, out []float64) { copy(y[lo:], out) }); err != nil {
		return nil, err
	}
	for i, v := range y {
		if v-v != 0 {
			return nil, fmt.Errorf("perceptron: the prediction of row %d is %v", i, v)
		}
	}
	return dataset.MustFrame(len(y), dataset.NewNumeric("prediction", y)), nil
}

// apply runs blocks of the rows of x through the network and calls use with the outputs of those from lo on.
func (n *network) apply(ctx context.Context, x *dataset.Frame, use func(lo int, out []float64)) error {
	if trained := n.numeric() + len(n.Embed); x.Cols() != trained {
		return fmt.Errorf("perceptron: %d columns, trained on %d", x.Cols(), trained)
	}
	in, err := inputsOf(x, n.Embed)
	if err != nil {
		return err
	}
	const block = 128 // rows whose activations stay in cache
	n = n.padded()
	p, columns := n.newPass(min(block, x.Rows())), in.frame.Floats()
	p.packed = linalg.PackRows(n.affine(n.Theta, 0).T())
	for lo := 0; lo < x.Rows(); lo += block {
		rows := min(block, x.Rows()-lo)
		n.loadRows(p, &in, columns, lo, lo+rows)
		use(lo, n.forward(p, rows))
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}
