package linear

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/operatortest"
)

func fitLine(t *testing.T, spec *operators.Spec, values []float64, s dataset.Sample) *line {
	t.Helper()
	op, err := spec.New(values)
	if err != nil {
		t.Fatal(err)
	}
	f, err := op.Fit(context.Background(), operators.NewEnv(1, 1), s)
	if err != nil {
		t.Fatal(err)
	}
	return f.(*line)
}

// Without columns the quantile regression is the quantile, and no step away from the solution lowers the loss.
func TestQuantile(t *testing.T) {
	s := operatortest.Table(Ridge, dataset.Regression, 101, 3, 5)
	for _, q := range []float64{0.1, 0.5, 0.8} {
		for _, alpha := range []float64{0, 0.02, 10} {
			l := fitLine(t, QuantileRegressor, []float64{q, alpha, 1}, s)
			loss := func(coef []float64, b float64) float64 {
				total, w := 0.0, 0.0
				for i, y := range s.Y.Float {
					r := y - b
					for j, c := range coef {
						r -= c * s.X.Col(j).Float[i]
					}
					total += s.W[i] * max(q*r, (q-1)*r)
					w += s.W[i]
				}
				total /= w
				for _, c := range coef {
					total += alpha * math.Abs(c)
				}
				return total
			}
			at := loss(l.Coef, l.Intercept)
			for j := -1; j < 3; j++ {
				for _, d := range []float64{-1e-2, -1e-4, 1e-4, 1e-2} {
					coef, b := slices.Clone([]float64(l.Coef)), l.Intercept
					if j < 0 {
						b += d
					} else {
						coef[j] += d
					}
					if v := loss(coef, b); v < at-1e-9 {
						t.Errorf("quantile %g, alpha %g: moving %d by %g lowers the loss from %g to %g", q, alpha, j, d, at, v)
					}
				}
			}
		}
	}
}

// The pursuit takes the columns that matter and fits them exactly.
func TestPursuit(t *testing.T) {
	s := operatortest.Table(Ridge, dataset.Regression, 200, 12, 3)
	s.W = nil
	got := fitLine(t, OrthogonalMatchingPursuit, []float64{3, 1, 0}, s)
	three := s
	three.X = s.X.Select(0, 1, 2)
	want := fitLine(t, LinearRegression, LinearRegression.Defaults(), three)
	for j := range 12 {
		w := 0.0
		if j < 3 {
			w = want.Coef[j]
		}
		if math.Abs(got.Coef[j]-w) > 1e-9 {
			t.Errorf("coefficient %d is %g, want %g", j, got.Coef[j], w)
		}
	}
}

// The criterion keeps the three columns that matter and few of the nine others, and its model lies on the path of LassoLars.
func TestInformationCriterion(t *testing.T) {
	s := operatortest.Table(Ridge, dataset.Regression, 300, 12, 3)
	s.W = nil
	l := fitLine(t, LassoLarsIC, []float64{1, 1, 0, 0, 500, 0x1p-52}, s)
	if kept := len(slices.DeleteFunc(slices.Clone([]float64(l.Coef)), func(c float64) bool { return c == 0 })); kept > 5 {
		t.Errorf("%d coefficients are kept: %v", kept, l.Coef)
	}
	for j, c := range l.Coef[:3] {
		if c == 0 {
			t.Errorf("coefficient %d is dropped", j)
		}
	}
	same := fitLine(t, LassoLars, []float64{l.Alpha, 1, 0, 0, 500, 0x1p-52}, s)
	for j, c := range l.Coef {
		if math.Abs(c-same.Coef[j]) > 1e-6 {
			t.Errorf("coefficient %d is %g, on the path %g", j, c, same.Coef[j])
		}
	}
}

// slowLasso minimises by plain coordinate descent on the rows themselves, for a long time.
func slowLasso(s dataset.Sample, alpha, ratio float64) ([]float64, float64) {
	n, p := s.Rows(), s.X.Cols()
	coef, b := make([]float64, p), 0.0
	for range 3000 {
		for j := -1; j < p; j++ {
			num, den := 0.0, 0.0
			for i, y := range s.Y.Float {
				r, x := y-b, 1.0
				for k, c := range coef {
					r -= c * s.X.Col(k).Float[i]
				}
				if j >= 0 {
					x = s.X.Col(j).Float[i]
					r += coef[j] * x
				} else {
					r += b
				}
				num += s.W[i] * x * r
				den += s.W[i] * x * x
			}
			if j < 0 {
				b = num / den
				continue
			}
			total := 0.0
			for i := range n {
				total += s.W[i]
			}
			coef[j] = shrink(num, alpha*ratio*total, false) / (den + alpha*(1-ratio)*total)
		}
	}
	return coef, b
}

func TestElasticNetAgainstPlainCoordinateDescent(t *testing.T) {
	s := operatortest.Table(Ridge, dataset.Regression, 30, 4, 9)
	shifted := make([]float64, 30)
	for i, v := range s.X.Col(1).Float { // correlated and far from zero
		shifted[i] = 3 + s.X.Col(0).Float[i] + 0.3*v + 0.5*s.X.Col(3).Float[(i+1)%30]
	}
	s.X = s.X.With(dataset.NewNumeric("shifted", shifted))
	for _, ratio := range []float64{0, 0.5, 1} {
		for _, alpha := range []float64{0.01, 0.3} {
			want, b := slowLasso(s, alpha, ratio)
			got := fitLine(t, ElasticNet, []float64{alpha, ratio, 1, 0}, s)
			for j, w := range want {
				if math.Abs(got.Coef[j]-w) > 1e-6 {
					t.Errorf("alpha %g, ratio %g: coefficient %d is %g, want %g", alpha, ratio, j, got.Coef[j], w)
				}
			}
			if math.Abs(got.Intercept-b) > 1e-5 {
				t.Errorf("intercept %g, want %g", got.Intercept, b)
			}
		}
	}
}

// A third of the rows is off by far; the fit to the rest does not notice.
func TestRANSAC(t *testing.T) {
	s := operatortest.Table(Ridge, dataset.Regression, 90, 3, 5)
	y := slices.Clone(s.Y.Float)
	for i := range 30 {
		y[3*i] += 100 + float64(i)
	}
	s.Y = dataset.NewNumeric("y", y)
	l := fitLine(t, RANSACRegressor, RANSACRegressor.Defaults(), s)
	for j, want := range []float64{3, 2, 1} {
		if math.Abs(l.Coef[j]-want) > 0.2 {
			t.Errorf("coefficient %d is %g, want about %g", j, l.Coef[j], want)
		}
	}
}

// With few rows every subset is used, so the result does not depend on the random stream.
func TestTheilSenUsesEverySubset(t *testing.T) {
	s := operatortest.Table(Ridge, dataset.Regression, 12, 2, 5)
	op, _ := TheilSenRegressor.New(TheilSenRegressor.Defaults())
	var before *line
	for seed := range uint64(3) {
		f, err := op.Fit(context.Background(), operators.NewEnv(seed, 1), s)
		if err != nil {
			t.Fatal(err)
		}
		if before != nil && f.(*line).Intercept != before.Intercept {
			t.Errorf("seed %d gives %v, the one before %v", seed, f, before)
		}
		before = f.(*line)
	}
	next, seen := nextSubset(6, 3), map[[3]int]bool{}
	for range int(subsets(6, 3)) {
		seen[[3]int(next())] = true
	}
	if len(seen) != 20 {
		t.Errorf("%d subsets of 3 out of 6, want 20", len(seen))
	}
}

// The way over some of the rows ends where Newton's method with all rows does.
func TestThinnedStart(t *testing.T) {
	s := operatortest.Table(Ridge, dataset.Binary, 2000, 4, 5)
	l, err := labelsOf(s, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	d, err := designOf(s.X, centred)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	for name, l1 := range map[string][]float64{"l2": nil, "l1": d.penalty(3)} {
		for _, loss := range []rowLoss{logLoss, squaredHinge} {
			f := newMargins(d, l.signs(1), l.w, loss, d.penalty(0.5))
			got, want := make([]float64, 5), make([]float64, 5)
			if err := newton(ctx, f, want, l1, 1e-12); err != nil {
				t.Fatal(err)
			}
			if err := f.minimise(ctx, got, l1); err != nil {
				t.Fatal(err)
			}
			for j, w := range want {
				if math.Abs(got[j]-w) > 1e-6*(1+math.Abs(w)) {
					t.Errorf("%s: parameter %d is %.9g, want %.9g", name, j, got[j], w)
				}
			}
		}
	}
}

// With fewer rows than columns the models in the rows' span are those on the columns themselves.
func TestNarrowDesign(t *testing.T) {
	s := operatortest.Table(Ridge, dataset.Binary, 12, 30, 5)
	for j, c := range s.X.Columns() { // far from zero, so that an intercept matters
		for i := range c.Float {
			c.Float[i] += float64(j % 4)
		}
	}
	l, err := labelsOf(s, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	for _, b := range []basis{plain, centred, lifted} {
		var coefs [2][]float64
		var intercepts [2]float64
		for k, of := range []func(*dataset.Frame, basis) (*design, error){designOf, narrowDesignOf} {
			d, err := of(s.X, b)
			if err != nil {
				t.Fatal(err)
			}
			theta := make([]float64, d.z.Cols)
			if err := newMargins(d, l.signs(1), l.w, logLoss, d.penalty(0.5)).minimise(ctx, theta, nil); err != nil {
				t.Fatal(err)
			}
			coefs[k], intercepts[k] = d.coef(theta), d.intercept(theta)
		}
		for j, w := range coefs[0] {
			if math.Abs(coefs[1][j]-w) > 1e-8 {
				t.Errorf("basis %d: coefficient %d is %g, want %g", b, j, coefs[1][j], w)
			}
		}
		if math.Abs(intercepts[0]-intercepts[1]) > 1e-8 {
			t.Errorf("basis %d: intercept %g, want %g", b, intercepts[1], intercepts[0])
		}
	}
}
