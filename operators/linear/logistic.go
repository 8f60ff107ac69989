package linear

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// LogisticRegression minimises C·Σ log-loss + penalty; the intercept is not penalised. Two classes share one row of
// coefficients, more have one each (multinomial).
var LogisticRegression = &operators.Spec{
	Name: "LogisticRegression", Doc: "linear classifier of log-odds with l1, l2 or both penalties", Role: operators.Classifier,
	Traits: operators.Weights, Ignored: append([]string{"multi_class", "intercept_scaling"}, ignored...),
	Params: []operators.Param{
		{Name: "C", Scale: operators.Log, Lo: 1e-4, Hi: 1e3, Default: 1},
		{Name: "penalty", Scale: operators.Choice, Choices: []string{"l2", "l1", "elasticnet", "None"}},
		{Name: "l1_ratio", Scale: operators.Linear, Lo: 0, Hi: 1, Default: 0.5, When: &operators.Condition{Param: "penalty", Is: []string{"elasticnet"}}},
		{Name: "class_weight", Scale: operators.Choice, Choices: []string{"None", "balanced"}},
		{Name: "fit_intercept", Scale: operators.Bool, Default: 1, Fixed: true},
	},
	New: func(v []float64) (operators.Operator, error) {
		if !(v[0] > 0) || v[2] < 0 || v[2] > 1 {
			return nil, fmt.Errorf("LogisticRegression: C=%g, l1_ratio=%g: want C above 0 and l1_ratio in [0, 1]", v[0], v[2])
		}
		o := logistic{c: v[0], balanced: v[3] != 0, intercept: v[4] != 0}
		switch v[1] {
		case 0:
			o.l2 = 1
		case 1:
			o.l1 = 1
		case 2:
			o.l1, o.l2 = v[2], 1-v[2]
		default:
			o.l2 = 1e-9 // none: just enough for separable classes to stay finite
		}
		return o, nil
	},
	Decode: operators.Decode[classification],
}

type logistic struct {
	c, l1, l2 float64
	balanced  bool
	intercept bool
}

// classification is a fitted linear classifier; Outputs is 1 for two classes.
type classification struct{ model }

func (o logistic) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	const name = "LogisticRegression"
	d, err := newDesign(dataset.Sample{X: s.X, Y: s.Y})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	f := &fitting{design: d, logistic: o, levels: s.Y.Levels, code: s.Y.Code, w: classWeights(s, o.balanced)}
	f.classes()
	if len(f.present) == 1 {
		return f.constant(name), nil
	}
	if err := f.solve(ctx); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return f.model(name)
}

// classWeights are the sample weights times n/(k·count) if balanced.
func classWeights(s dataset.Sample, balanced bool) []float64 {
	w := make([]float64, s.Rows())
	for i := range w {
		w[i] = 1
		if s.W != nil {
			w[i] = s.W[i]
		}
	}
	if !balanced {
		return w
	}
	count, present := make([]float64, len(s.Y.Levels)), 0.0
	n := 0.0
	for i, c := range s.Y.Code {
		if w[i] == 0 {
			continue
		}
		if count[c] == 0 {
			present++
		}
		count[c]++
		n++
	}
	for i, c := range s.Y.Code {
		if w[i] > 0 {
			w[i] *= n / (present * count[c])
		}
	}
	return w
}

// fitting is one fit: b holds, for each output, the intercept and the coefficients of the centred columns.
type fitting struct {
	*design
	logistic
	levels  []string
	code    []int32
	w       []float64
	present []int32 // classes with weight
	place   []int   // class → position in present
	k       int     // outputs: 1 for two classes
	b       []float64
	prob    [][]float64 // per output
}

func (f *fitting) classes() {
	has := make([]bool, len(f.levels))
	for i, c := range f.code {
		has[c] = has[c] || f.w[i] > 0
	}
	f.place = make([]int, len(f.levels))
	for c, ok := range has {
		if ok {
			f.place[c] = len(f.present)
			f.present = append(f.present, int32(c))
		}
	}
	f.k = len(f.present)
	if f.k == 2 {
		f.k = 1
	}
	f.b = make([]float64, f.k*(f.p+1))
	f.prob = make([][]float64, f.k)
	for k := range f.prob {
		f.prob[k] = make([]float64, f.n)
	}
}

// constant predicts the only class there is.
func (f *fitting) constant(name string) *classification {
	m := model{Name: name, Levels: f.levels, Features: f.p}
	outputs := len(f.levels)
	if outputs == 2 {
		outputs = 1
	}
	m.Coef, m.Intercept = make(wire.Floats, outputs*f.p), make(wire.Floats, outputs)
	for k := range m.Intercept {
		m.Intercept[k] = -absent
	}
	if len(f.present) == 1 {
		c := f.present[0]
		switch {
		case outputs > 1:
			m.Intercept[c] = 0
		case c == 1 || len(f.levels) == 1:
			m.Intercept[0] = absent
		}
	}
	return &classification{m}
}

// absent is the score that makes a probability zero.
const absent = 1e4

// model puts the outputs in the order of all levels and undoes the centring.
func (f *fitting) model(name string) (*classification, error) {
	out := f.constant(name)
	for k := range f.k {
		row := f.b[k*(f.p+1) : (k+1)*(f.p+1)]
		at, sign := 0, 1.0
		switch {
		case len(f.levels) > 2 && f.k > 1:
			at = int(f.present[k])
		case len(f.levels) > 2: // two of many classes are present: half the score each way
			sign = 0.5
			at = int(f.present[1])
			first := int(f.present[0])
			for j := range f.p {
				out.Coef[first*f.p+j] = -row[1+j] / 2
			}
			out.Intercept[first] = -(row[0] - floats.Dot(row[1:], f.mean)) / 2
		}
		for j := range f.p {
			out.Coef[at*f.p+j] = sign * row[1+j]
		}
		out.Intercept[at] = sign * (row[0] - floats.Dot(row[1:], f.mean))
	}
	return out, out.check(len(out.Intercept))
}

// forward computes the probabilities for b and returns the penalised loss.
func (f *fitting) forward(b []float64) float64 {
	loss := 0.0
	for k := range f.k {
		row := b[k*(f.p+1) : (k+1)*(f.p+1)]
		f.times(row[1:], f.prob[k])
		floats.AddConst(row[0], f.prob[k])
	}
	if f.k == 1 {
		s := f.prob[0]
		for i, v := range s {
			e := math.Exp(-math.Abs(v))
			l := math.Log1p(e)
			if positive := f.place[f.code[i]] == 1; positive != (v > 0) {
				l += math.Abs(v)
			}
			loss += f.w[i] * l
			if v > 0 {
				s[i] = 1 / (1 + e)
			} else {
				s[i] = e / (1 + e)
			}
		}
	} else {
		for i := range f.n {
			top := math.Inf(-1)
			for k := range f.prob {
				top = max(top, f.prob[k][i])
			}
			own, sum := f.prob[f.place[f.code[i]]][i], 0.0
			for k := range f.prob {
				e := math.Exp(f.prob[k][i] - top)
				f.prob[k][i] = e
				sum += e
			}
			loss += f.w[i] * (math.Log(sum) + top - own)
			for k := range f.prob {
				f.prob[k][i] /= sum
			}
		}
	}
	return f.c*loss + f.penalty(b)
}

func (f *fitting) penalty(b []float64) float64 {
	sum := 0.0
	for k := range f.k {
		for _, v := range b[k*(f.p+1)+1 : (k+1)*(f.p+1)] {
			sum += f.l1*math.Abs(v) + f.l2*v*v/2
		}
	}
	return sum
}

// gradient is that of the smooth part, after forward.
func (f *fitting) gradient(b, g []float64) {
	r := make([]float64, f.n)
	for k := range f.k {
		for i, p := range f.prob[k] {
			if f.k == 1 && f.place[f.code[i]] == 1 || f.k > 1 && f.place[f.code[i]] == k {
				p--
			}
			r[i] = f.c * f.w[i] * p
		}
		row := g[k*(f.p+1) : (k+1)*(f.p+1)]
		row[0] = floats.Sum(r)
		if !f.intercept {
			row[0] = 0
		}
		f.transposeTimes(r, row[1:])
		floats.AddScaled(row[1:], f.l2, b[k*(f.p+1)+1:(k+1)*(f.p+1)])
	}
}

// optimality is the largest violation of the optimality conditions.
func (f *fitting) optimality(b, g []float64) float64 {
	worst := 0.0
	for i, v := range g {
		if i%(f.p+1) != 0 && f.l1 > 0 {
			switch {
			case b[i] > 0:
				v += f.l1
			case b[i] < 0:
				v -= f.l1
			default:
				v = soft(v, f.l1)
			}
		}
		worst = max(worst, math.Abs(v))
	}
	return worst
}

// newtonSize is the number of parameters up to which second derivatives are cheaper than more iterations.
const newtonSize = 400

func (f *fitting) solve(ctx context.Context) error {
	if len(f.b) <= newtonSize {
		return f.newton(ctx)
	}
	return f.proximal(ctx)
}

// newton minimises the local quadratic model with the penalty, by Cholesky or, with an l1 penalty, by coordinate descent
// (Lee et al. 2014, "Proximal Newton-type methods"), and goes back along the step until the loss falls.
func (f *fitting) newton(ctx context.Context) error {
	size := len(f.b)
	g, next := make([]float64, size), make([]float64, size)
	loss := f.forward(f.b)
	f.gradient(f.b, g)
	tol := 1e-9 * max(1, f.optimality(f.b, g))
	for range 100 {
		if err := ctx.Err(); err != nil {
			return err
		}
		target, err := f.quadratic(ctx, g)
		if err != nil {
			return err
		}
		step, improved := 1.0, false
		for range 40 {
			for i := range next {
				next[i] = f.b[i] + step*(target[i]-f.b[i])
			}
			if l := f.forward(next); l <= loss+1e-13*math.Abs(loss) {
				improved = l < loss
				copy(f.b, next)
				loss = l
				break
			}
			step /= 2
		}
		if !improved {
			f.forward(f.b)
			return nil
		}
		f.gradient(f.b, g)
		if f.optimality(f.b, g) <= tol {
			return nil
		}
	}
	return nil
}

// quadratic minimises the second-order model around b.
func (f *fitting) quadratic(ctx context.Context, g []float64) ([]float64, error) {
	a := f.hessian()
	size := len(f.b)
	c := make([]float64, size) // A·b − g, so that b'Ab/2 − c'b is the model
	for i := range c {
		c[i] = floats.Dot(a[i*size:(i+1)*size], f.b) - g[i]
	}
	if f.l1 == 0 {
		return solvePositive(a, c)
	}
	// Coordinates in which the l1 penalty does not act are told by a weight per coordinate.
	return f.descendPenalised(ctx, a, c)
}

// descendPenalised is coordinate descent with intercepts left free.
func (f *fitting) descendPenalised(ctx context.Context, a, c []float64) ([]float64, error) {
	size := len(c)
	b := append([]float64(nil), f.b...)
	ab := make([]float64, size)
	for j, v := range b {
		if v != 0 {
			floats.AddScaled(ab, v, a[j*size:(j+1)*size])
		}
	}
	for round := range 1000 {
		if round%16 == 0 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
		}
		moved, largest := 0.0, 0.0
		for j := range size {
			q := a[j*size+j]
			if q <= 0 {
				continue
			}
			v := c[j] - ab[j] + q*b[j]
			if j%(f.p+1) != 0 {
				v = soft(v, f.l1)
			}
			v /= q
			if step := v - b[j]; step != 0 {
				floats.AddScaled(ab, step, a[j*size:(j+1)*size])
				b[j] = v
				moved = max(moved, math.Abs(step)*math.Sqrt(q))
			}
			largest = max(largest, math.Abs(v)*math.Sqrt(q))
		}
		if moved <= 1e-9*largest {
			break
		}
	}
	return b, nil
}

// hessian is that of the smooth part; a little is added to its diagonal where nothing is penalised.
func (f *fitting) hessian() []float64 {
	size, q := len(f.b), f.p+1
	a := make([]float64, size*size)
	h := make([]float64, f.n)
	col := make([]float64, f.p)
	for k := range f.k {
		for l := range k + 1 {
			total := 0.0
			for i := range h {
				p := f.prob[k][i]
				v := -p * f.prob[l][i]
				if k == l {
					v += p
				}
				h[i] = f.c * f.w[i] * v
				total += h[i]
			}
			block := f.signed(h, k != l)
			f.transposeTimes(h, col)
			for x := range f.p {
				for y := range f.p {
					v := block[x*f.p+y]
					a[(k*q+1+x)*size+l*q+1+y] = v
					a[(l*q+1+y)*size+k*q+1+x] = v
				}
				if f.intercept {
					for _, at := range [4][2]int{{k * q, l*q + 1 + x}, {l*q + 1 + x, k * q}, {l * q, k*q + 1 + x}, {k*q + 1 + x, l * q}} {
						a[at[0]*size+at[1]] = col[x]
					}
				}
			}
			if f.intercept {
				a[k*q*size+l*q], a[l*q*size+k*q] = total, total
			}
		}
	}
	trace := 0.0
	for i := range size {
		trace += a[i*size+i]
	}
	for i := range size {
		a[i*size+i] += 1e-11 * trace / float64(size)
		if i%q != 0 {
			a[i*size+i] += f.l2
		} else if !f.intercept {
			a[i*size+i] = 1
		}
	}
	return a
}

// signed is X'HX where the weights are all of one sign.
func (f *fitting) signed(h []float64, negative bool) []float64 {
	if !negative {
		return f.weighted(h)
	}
	m := make([]float64, len(h))
	floats.ScaleTo(m, -1, h)
	out := f.weighted(m)
	floats.Scale(-1, out)
	return out
}

// proximal is the accelerated proximal gradient method with backtracking and restarts (Beck and Teboulle 2009; O'Donoghue
// and Candès 2015), for models with many parameters.
func (f *fitting) proximal(ctx context.Context) error {
	size := len(f.b)
	g, y, last, next := make([]float64, size), make([]float64, size), make([]float64, size), make([]float64, size)
	t, lip := 1.0, 1.0
	loss := f.forward(f.b)
	f.gradient(f.b, g)
	tol := 1e-6 * max(1, f.optimality(f.b, g))
	for iter := range 1000 {
		if err := ctx.Err(); err != nil {
			return err
		}
		copy(last, f.b)
		smooth := f.forward(y) - f.l1Norm(y)
		f.gradient(y, g)
		for range 60 {
			for i := range next {
				next[i] = y[i] - g[i]/lip
				if i%(f.p+1) != 0 {
					next[i] = soft(next[i], f.l1/lip)
				}
			}
			bound := smooth
			for i := range next {
				d := next[i] - y[i]
				bound += g[i]*d + lip/2*d*d
			}
			if f.forward(next)-f.l1Norm(next) <= bound+1e-12*math.Abs(bound) {
				break
			}
			lip *= 2
		}
		copy(f.b, next)
		now := f.forward(f.b)
		if now > loss { // momentum overshot
			t = 1
			copy(y, last)
			copy(f.b, last)
			continue
		}
		loss = now
		next2 := (1 + math.Sqrt(1+4*t*t)) / 2
		for i := range y {
			y[i] = f.b[i] + (t-1)/next2*(f.b[i]-last[i])
		}
		t = next2
		lip *= 0.95
		if iter%10 == 9 {
			f.gradient(f.b, g)
			if f.optimality(f.b, g) <= tol {
				break
			}
		}
	}
	return nil
}

func (f *fitting) l1Norm(b []float64) float64 {
	if f.l1 == 0 {
		return 0
	}
	sum := 0.0
	for i, v := range b {
		if i%(f.p+1) != 0 {
			sum += f.l1 * math.Abs(v)
		}
	}
	return sum
}

// Check refuses what could not predict.
func (m *classification) Check() error {
	outputs := len(m.Levels)
	if outputs == 2 {
		outputs = 1
	}
	if outputs == 0 {
		return fmt.Errorf("%s: no classes", m.Name)
	}
	return m.check(outputs)
}

// Apply gives probabilities: the logistic function of the score, or the softmax of the scores.
func (m *classification) Apply(_ context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	s, err := m.scores(x)
	if err != nil {
		return nil, err
	}
	if len(m.Levels) == 2 {
		rest := make([]float64, x.Rows())
		for i, v := range s[0] {
			if !(math.Abs(v) < absent) {
				v = math.Copysign(absent, v)
			}
			s[0][i] = 1 / (1 + math.Exp(-v))
			rest[i] = 1 / (1 + math.Exp(v))
		}
		s = [][]float64{rest, s[0]}
	} else {
		softmax(s)
	}
	cols := make([]*dataset.Column, len(s))
	for k := range cols {
		cols[k] = dataset.NewNumeric(m.Levels[k], s[k])
	}
	return dataset.MustFrame(x.Rows(), cols...), nil
}

func softmax(s [][]float64) {
	for i := range s[0] {
		top := math.Inf(-1)
		for k := range s {
			if s[k][i] != s[k][i] {
				s[k][i] = 0
			}
			s[k][i] = max(-1e300, min(1e300, s[k][i]))
			top = max(top, s[k][i])
		}
		sum := 0.0
		for k := range s {
			s[k][i] = math.Exp(s[k][i] - top)
			sum += s[k][i]
		}
		for k := range s {
			s[k][i] /= sum
		}
	}
}
