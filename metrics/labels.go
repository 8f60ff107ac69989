package metrics

import "math"

// confusion is the weighted confusion matrix of true against predicted classes.
type confusion struct {
	k     int
	cells []float64 // true*k + predicted
	seen  []bool    // the class occurs among the true or predicted labels, whatever the weight
	total float64
}

func newConfusion(y, predicted []int32, k int, w []float64) (*confusion, error) {
	c := &confusion{k: k, cells: make([]float64, k*k), seen: make([]bool, k)}
	for i := range y {
		v := weight(w, i)
		c.cells[int(y[i])*k+int(predicted[i])] += v
		c.total += v
		c.seen[y[i]], c.seen[predicted[i]] = true, true
	}
	if c.total == 0 {
		return c, errNoWeight
	}
	return c, nil
}

// actual is the weight of the rows of class a, predicted that of the rows predicted as a.
func (c *confusion) actual(a int) float64 {
	sum := 0.0
	for b := range c.k {
		sum += c.cells[a*c.k+b]
	}
	return sum
}

func (c *confusion) predicted(a int) float64 {
	sum := 0.0
	for b := range c.k {
		sum += c.cells[b*c.k+a]
	}
	return sum
}

func (c *confusion) hit(a int) float64 { return c.cells[a*c.k+a] }

func (c *confusion) hits() float64 {
	sum := 0.0
	for a := range c.k {
		sum += c.hit(a)
	}
	return sum
}

func (c *confusion) accuracy() float64 { return c.hits() / c.total }

func (c *confusion) balancedAccuracy() float64 {
	sum, n := 0.0, 0.0
	for a := range c.k {
		if t := c.actual(a); t > 0 {
			sum, n = sum+c.hit(a)/t, n+1
		}
	}
	return sum / n
}

// matthews is the multi-class correlation of Gorodkin (2004); 0 where a margin is constant.
func (c *confusion) matthews() float64 {
	tp, tt, pp := 0.0, 0.0, 0.0
	for a := range c.k {
		t, p := c.actual(a), c.predicted(a)
		tp, tt, pp = tp+t*p, tt+t*t, pp+p*p
	}
	n2 := c.total * c.total
	if (n2-tt)*(n2-pp) == 0 {
		return 0
	}
	return (c.hits()*c.total - tp) / math.Sqrt((n2-tt)*(n2-pp))
}

// kappa is Cohen's (1960); NaN when only one class occurs at all.
func (c *confusion) kappa() float64 {
	wrong, expected := c.total-c.hits(), 0.0
	for a := range c.k {
		for b := range c.k {
			if a != b {
				expected += c.actual(a) * c.predicted(b)
			}
		}
	}
	return 1 - wrong/(expected/c.total)
}

// A ratio is a score of one class from its hits, the weight of its rows, and the weight of its predictions; it is 0 where
// it would divide by zero.
type ratio func(hit, actual, predicted float64) float64

func precision(hit, _, predicted float64) float64 { return over(hit, predicted) }
func recall(hit, actual, _ float64) float64       { return over(hit, actual) }
func f1(hit, actual, predicted float64) float64   { return over(2*hit, actual+predicted) }

func over(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

func positive(r ratio) func(*confusion) float64 {
	return func(c *confusion) float64 { return r(c.hit(1), c.actual(1), c.predicted(1)) }
}

// macro averages over the classes that occur in the truth or the predictions.
func macro(r ratio) func(*confusion) float64 {
	return func(c *confusion) float64 {
		sum, n := 0.0, 0.0
		for a := range c.k {
			if c.seen[a] {
				sum, n = sum+r(c.hit(a), c.actual(a), c.predicted(a)), n+1
			}
		}
		return sum / n
	}
}

func micro(r ratio) func(*confusion) float64 {
	return func(c *confusion) float64 { return r(c.hits(), c.total, c.total) }
}

func weighted(r ratio) func(*confusion) float64 {
	return func(c *confusion) float64 {
		sum := 0.0
		for a := range c.k {
			sum += r(c.hit(a), c.actual(a), c.predicted(a)) * c.actual(a)
		}
		return sum / c.total
	}
}
