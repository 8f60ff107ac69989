package neural

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestSleep: with units left out that give nothing, some of which wake up again, losses and derivatives are those of the whole
// network, and in the end every unit is where it was.
func TestSleep(t *testing.T) {
	for _, outputs := range []int{1, 2, 3, 4} {
		rng := rand.New(rand.NewPCG(21, uint64(outputs)))
		task := &task{inputs: inputs{numeric: 5}, outputs: outputs, classify: true, alpha: 0.1}
		rows := make([]int32, 77)
		for i := range rows {
			rows[i] = int32(i)
			for range task.numeric {
				task.numbers = append(task.numbers, 3+rng.NormFloat64())
			}
			y := make([]float64, outputs)
			y[i%outputs] = float64(max(i%2, min(outputs-1, 1)))
			task.y = append(task.y, y...)
		}
		net := newNetwork([]int{task.numeric, 60, outputs}, "relu", rng).padded()
		plain := *net
		plain.Theta = slices.Clone(net.Theta)
		s := net.newSleep(mlp{}, task)
		if s == nil {
			t.Fatal("the network does not sleep")
		}
		solver, still := &adam{rate: 0.01}, &adam{rate: 0.01}
		p, q := net.newPass(len(rows)), plain.newPass(len(rows))
		p.sleep = s
		grad, want := make([]float64, len(net.Theta)), make([]float64, len(net.Theta))
		back := func(v []float64) []float64 {
			out := *net
			out.Theta = slices.Clone(v)
			s.restore(&out, nil)
			return out.Theta
		}
		// push moves what goes into every third unit of the network as it was.
		push := func(by float64) {
			_, b := net.layer(net.Theta, 0)
			for place, unit := range s.order {
				if unit%3 == 0 && unit < 60 {
					b[place] += by
				}
			}
			_, b = plain.layer(plain.Theta, 0)
			for unit := 0; unit < 60; unit += 3 {
				b[unit] += by
			}
		}
		least := len(s.order)
		for epoch := range 12 {
			switch epoch {
			case 3:
				push(-100)
			case 8:
				push(100)
			}
			part := rows[epoch : len(rows)-epoch]
			loss, same := net.gradient(task, p, part, grad), plain.gradient(task, q, part, want)
			if math.Abs(loss-same) > 1e-10*(1+same) {
				t.Fatalf("%d outputs, epoch %d: a loss of %v, want %v", outputs, epoch, loss, same)
			}
			for i, v := range back(grad) {
				if math.Abs(v-want[i]) > 1e-10 {
					t.Fatalf("%d outputs, epoch %d: derivative %d is %v, want %v", outputs, epoch, i, v, want[i])
				}
			}
			solver.step(net.Theta, grad)
			still.step(plain.Theta, want)
			s.turn(net, solver)
			least = min(least, s.awake)
		}
		if least > 40 || s.awake <= least {
			t.Errorf("%d outputs: %d units awake at least, %d in the end", outputs, least, s.awake)
		}
		for i, v := range back(solver.v) {
			if math.Abs(v-still.v[i]) > 1e-10 {
				t.Fatalf("%d outputs: a mean square %d of %v, want %v", outputs, i, v, still.v[i])
			}
		}
		if got := back(net.Theta); !slices.Equal((&network{Sizes: net.Sizes, Theta: got}).resized([]int{task.numeric, 60, outputs}).padded().Theta, got) {
			t.Errorf("%d outputs: the units that fill up the layer are not behind the others", outputs)
		}
	}
}

// TestSleepOfNone: numbers that are none are not taken for units asleep.
func TestSleepOfNone(t *testing.T) {
	task := &task{inputs: inputs{numeric: 1, numbers: []float64{1, 2}}, outputs: 1, y: []float64{1, 2}}
	net := newNetwork([]int{1, 16, 1}, "relu", rand.New(rand.NewPCG(22, 1)))
	s := net.newSleep(mlp{}, task)
	w, b := net.layer(net.Theta, 0)
	for i := range b {
		w.Data[i], b[i] = -1, 0
	}
	s.awake = 0
	if got := s.possible(net); got != 0 {
		t.Errorf("%d units may be awake, want 0", got)
	}
	b[3] = math.NaN()
	if got := s.possible(net); got != lanes {
		t.Errorf("%d units may be awake, want %d", got, lanes)
	}
	b[3], b[9] = 0, 1.1
	if got := s.possible(net); got != 2*lanes {
		t.Errorf("%d units may be awake, want %d", got, 2*lanes)
	}
	p := net.newPass(2)
	p.sleep, s.awake = s, 0
	b[9], b[0] = 0, math.NaN()
	grad := make([]float64, len(net.Theta))
	if loss := net.gradient(task, p, []int32{0, 1}, grad); loss == loss {
		t.Errorf("a loss of %v", loss)
	}
}

// TestSleepTrains: whatever moves the weights and whenever training ends, a network whose units sleep becomes what it would be
// if they did not.
func TestSleepTrains(t *testing.T) {
	rng := rand.New(rand.NewPCG(23, 1))
	task := &task{inputs: inputs{numeric: 4}, outputs: 1, alpha: 0.01}
	for range 120 {
		sum := 0.0
		for range task.numeric {
			v := 2 + rng.NormFloat64()
			task.numbers = append(task.numbers, v)
			sum += v
		}
		task.y = append(task.y, math.Sin(sum)+0.3*rng.NormFloat64())
	}
	for _, m := range []mlp{
		{solver: "adam", rate: 0.003, maxIter: 25, patience: 25, tol: 1e-4},
		{solver: "sgd", schedule: "constant", rate: 0.003, maxIter: 25, patience: 25, tol: 1e-4},
		{solver: "adam", rate: 0.003, maxIter: 25, patience: 3, tol: 1e-4, earlyStopping: true, validation: 0.2},
		{solver: "sgd", schedule: "adaptive", rate: 0.003, maxIter: 25, patience: 2, tol: 1e-3, earlyStopping: true, validation: 0.2},
	} {
		train := func(sleeps bool) (net *network, least int) {
			net = newNetwork([]int{task.numeric, 40, 1}, "relu", rand.New(rand.NewPCG(23, 2))).padded()
			_, b := net.layer(net.Theta, 0)
			for u := 0; u < 40; u += 2 {
				b[u] = -100 // asleep
			}
			l := &loop{mlp: m, net: net, task: task, best: math.Inf(1), rng: rand.New(rand.NewPCG(23, 3)), batch: 16, pass: net.newPass(16), solver: &adam{rate: m.rate}}
			rows := make([]int32, task.rows())
			for i := range rows {
				rows[i] = int32(i)
			}
			if m.earlyStopping {
				rows, l.held = l.holdOut(rows)
			}
			if m.solver == "sgd" {
				l.descent = &momentum{rate: m.rate}
				l.solver = l.descent
			}
			if sleeps {
				l.pass.sleep = net.newSleep(m, task)
			}
			if err := l.run(context.Background(), rows); err != nil {
				t.Fatal(err)
			}
			if sleeps {
				least = l.pass.sleep.awake
			}
			return net, least
		}
		got, awake := train(true)
		want, _ := train(false)
		if awake > 24 {
			t.Errorf("%+v: %d units awake, want half of them asleep", m, awake)
		}
		for i, v := range got.Theta {
			if math.Abs(v-want.Theta[i]) > 1e-8 {
				t.Fatalf("%+v: weight %d is %v, want %v", m, i, v, want.Theta[i])
			}
		}
	}
}
