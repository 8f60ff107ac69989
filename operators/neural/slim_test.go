package neural

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/lren-chuv/automl/internal/linalg"
)

// TestSlim compares the products of a layer of few outputs with those of whole matrices.
func TestSlim(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 1))
	draw := func(n int) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = rng.NormFloat64()
		}
		return v
	}
	near := func(name string, got, want []float64) {
		t.Helper()
		for i, v := range want {
			if math.Abs(got[i]-v) > 1e-12 {
				t.Fatalf("%s %d is %v, want %v", name, i, got[i], v)
			}
		}
	}
	for k := 1; k <= slimmest; k++ {
		for _, rows := range []int{1, 4, 7, 13} {
			const in = 11
			room := draw((rows + 3) / 4 * 4 * in)
			a, w, delta, b := matrix(room, rows, in), matrix(draw(in*k), in, k), matrix(draw(rows*k), rows, k), draw(k)
			const live = 8 // what stands behind must not matter
			for i := range room {
				if i%in >= live {
					room[i] = 0
				}
			}
			var s slim
			var work linalg.Workspace
			z := make([]float64, rows*k)
			s.take(w)
			s.forward(z, room, b, live)
			want := linalg.Mul(a, w)
			for i := range want.Data {
				want.Data[i] += b[i%k]
			}
			near("output", z, want.Data)
			dw, db := linalg.NewMatrix(in, k), make([]float64, k)
			for i := range dw.Data {
				dw.Data[i] = 7
			}
			s.backward(&work, dw, db, a, delta, live)
			near("derivative", dw.Data, linalg.TMul(a, delta).Data)
			sums := make([]float64, k)
			sumRows(sums, delta.Data)
			near("intercept's derivative", db, sums)
			out := draw(rows * in)
			s.outer(&work, matrix(out, rows, in), delta, in)
			near("derivative below", out, linalg.MulT(delta, w).Data)
		}
	}
}

// TestPadded: the units that fill up layers change neither outputs nor derivatives, are not moved, and can be taken off again.
func TestPadded(t *testing.T) {
	for _, activation := range activationNames {
		rng := rand.New(rand.NewPCG(12, 1))
		task := &task{inputs: inputs{numeric: 2, codes: [][]int32{{0, 1, 1, 2, 0, 2, 1}}}, outputs: 2, alpha: 0.1}
		for range 7 * 2 {
			task.numbers, task.y = append(task.numbers, rng.NormFloat64()), append(task.y, rng.NormFloat64())
		}
		net := newNetwork([]int{5, 9, 8, 3, 2}, activation, rng)
		net.embed([]embedding{{Levels: []string{"a", "b"}, Dim: 3}}, rng)
		wide := net.padded()
		if !slices.Equal(wide.Sizes, []int{5, 16, 8, 8, 2}) || !slices.Equal(wide.resized(net.Sizes).Theta, net.Theta) {
			t.Fatalf("%v", wide.Sizes)
		}
		derivative := func(n *network) (float64, []float64) {
			grad := make([]float64, len(n.Theta))
			return n.gradient(task, n.newPass(7), []int32{0, 1, 2, 3, 4, 5, 6}, grad), grad
		}
		loss, grad := derivative(net)
		wideLoss, wideGrad := derivative(wide)
		back := (&network{Sizes: wide.Sizes, Embed: net.Embed, Theta: wideGrad}).resized(net.Sizes).Theta
		for i, g := range grad {
			if math.Abs(g-back[i]) > 1e-12 {
				t.Fatalf("%s: derivative %d is %v, want %v", activation, i, back[i], g)
			}
		}
		moved := 0
		for _, g := range wideGrad {
			if g != 0 {
				moved++
			}
		}
		for _, g := range back {
			if g != 0 {
				moved--
			}
		}
		if math.Abs(loss-wideLoss) > 1e-12 || moved != 0 {
			t.Errorf("%s: a loss of %v, want %v; %d weights too many move", activation, wideLoss, loss, moved)
		}
	}
}
