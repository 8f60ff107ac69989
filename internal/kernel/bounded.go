package kernel

// A Limited scan looks for a cut whose sides have values that are shrunk by L1, or kept in order.
type Limited struct {
	L1     float64
	Order  int8    // 1: the value of the left side must not be above that of the right, -1: not below, 0: any
	Lo, Hi float64 // what the values of the node's leaves are clipped to, if Clip
	Clip   bool
}

// Best is [Scan.Best] under limits, with scores that are values: twice the decrease of the regularised loss against
// leaves of value 0.
func (l Limited) Best(p *Packing, cells []int64, total, left int64, b Bounds, floor float64) (at int, score float64) {
	at, score = -1, floor
	all := p.Hessian(total)
	last := total&p.CountMask - b.Least
	for i, v := range cells {
		left += v
		c := left & p.CountMask
		if c < b.Least {
			continue
		}
		if c > last {
			break
		}
		h := p.Hessian(left)
		if h < b.Hessian || all-h < b.Hessian {
			continue
		}
		x, xl := l.Side(p.Gradient(left), h+b.L2)
		y, yl := l.Side(p.Gradient(total)-p.Gradient(left), all-h+b.L2)
		if l.Order > 0 && xl > yl || l.Order < 0 && xl < yl {
			continue
		}
		if x+y > score {
			at, score = i, x+y
		}
	}
	return at, score
}

// Side returns what a leaf with the sums g and d, the sum of hessians and L2, contributes to the score, and its value.
func (l Limited) Side(g, d float64) (score, value float64) {
	if d <= 0 {
		return 0, 0
	}
	g = Shrink(g, l.L1)
	if !l.Clip {
		return g * g / d, -g / d
	}
	value = max(l.Lo, min(-g/d, l.Hi))
	return -(2*g + d*value) * value, value
}
