package neural

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// TestNormedGradient compares the derivatives of a network with norms with differences of its loss.
func TestNormedGradient(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, activation := range activationNames {
		task := &task{inputs: inputs{numeric: 3}, outputs: 2, alpha: 0.1}
		for range 12 * task.numeric {
			task.numbers = append(task.numbers, 100+30*rng.NormFloat64())
		}
		for range 12 * task.outputs {
			task.y = append(task.y, rng.NormFloat64())
		}
		net := newNetwork([]int{3, 5, 4, 2}, activation, rng)
		net.normalise(task)
		for i := net.norm.plain; i < len(net.Theta); i++ {
			net.Theta[i] += 0.3 * rng.NormFloat64()
		}
		rows := []int32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}
		pass := net.newPass(len(rows))
		grad, scratch := make([]float64, len(net.Theta)), make([]float64, len(net.Theta))
		net.gradient(task, pass, rows, grad)
		for i := range net.Theta {
			const h = 1e-5
			at := net.Theta[i]
			net.Theta[i] = at + h
			above := net.gradient(task, pass, rows, scratch)
			net.Theta[i] = at - h
			below := net.gradient(task, pass, rows, scratch)
			net.Theta[i] = at
			if want := (above - below) / (2 * h); math.Abs(grad[i]-want) > 1e-5*max(1, math.Abs(want)) {
				t.Errorf("%s: derivative %d is %v, want %v", activation, i, grad[i], want)
			}
		}
	}
}

// TestFolded: the network that is left after training predicts what the normalising one does on the same rows.
func TestFolded(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 1))
	task := &task{inputs: inputs{numeric: 4}, outputs: 1}
	for i := range 40 * task.numeric {
		v := 1000 + 50*rng.NormFloat64()
		if i%task.numeric == 3 {
			v = 7 // constant
		}
		task.numbers = append(task.numbers, v)
	}
	raw := task.numbers
	net := newNetwork([]int{4, 6, 5, 1}, "tanh", rng)
	net.normalise(task)
	for i := net.norm.plain; i < len(net.Theta); i++ {
		net.Theta[i] += 0.3 * rng.NormFloat64()
	}
	rows := make([]int32, 40)
	for i := range rows {
		rows[i] = int32(i)
	}
	pass := net.newPass(40)
	load := func(net *network) {
		for i := range rows {
			net.load(pass, i, &task.inputs, i)
		}
	}
	load(net)
	want := append([]float64(nil), net.forward(pass, 40)...)
	plain, err := net.folded(context.Background(), task, rows)
	if err != nil {
		t.Fatal(err)
	}
	if err := plain.check(); err != nil {
		t.Fatal(err)
	}
	pass = plain.newPass(40)
	task.numbers = raw
	load(plain)
	for i, v := range plain.forward(pass, 40) {
		if math.Abs(v-want[i]) > 1e-9 {
			t.Errorf("row %d: %v, want %v", i, v, want[i])
		}
	}
}

// TestBatchNormTakesAnyScale: columns of very different scales, on which plain training fails.
func TestBatchNormTakesAnyScale(t *testing.T) {
	const n = 400
	rng := rand.New(rand.NewPCG(3, 1))
	a, b, y := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range a {
		a[i], b[i] = 1e5+1e3*rng.NormFloat64(), 1e-3*rng.NormFloat64()
		y[i] = (a[i]-1e5)/1e3*b[i]*1e3 + 0.1*rng.NormFloat64()
	}
	s := dataset.Sample{X: dataset.MustFrame(n, dataset.NewNumeric("a", a), dataset.NewNumeric("b", b)), Y: dataset.NewNumeric("y", y)}
	r2 := func(norm, stop float64) float64 {
		values := MLPRegressor.Defaults()
		values[MLPRegressor.Index("batch_norm")] = norm
		values[MLPRegressor.Index("early_stopping")] = stop
		values[MLPRegressor.Index("learning_rate_init")] = 0.003
		op, err := MLPRegressor.New(values)
		if err != nil {
			t.Fatal(err)
		}
		f, err := op.Fit(context.Background(), operators.NewEnv(1, 1), s.Slice(0, 300))
		if err != nil {
			t.Fatal(err)
		}
		test := s.Slice(300, n)
		out, err := f.Apply(context.Background(), operators.NewEnv(1, 1), test.X)
		if err != nil {
			t.Fatal(err)
		}
		rest, all := 0.0, 0.0
		for i, v := range out.Col(0).Float {
			rest += (v - test.Y.Float[i]) * (v - test.Y.Float[i])
			all += test.Y.Float[i] * test.Y.Float[i]
		}
		return 1 - rest/all
	}
	if got := r2(1, 0); got < 0.85 {
		t.Errorf("R² %.3f with batch_norm", got)
	}
	if got := r2(1, 1); got < 0.7 {
		t.Errorf("R² %.3f with batch_norm and early stopping", got)
	}
	if got := r2(0, 0); got > 0.5 {
		t.Errorf("R² %.3f without: the test shows nothing", got)
	}
}
