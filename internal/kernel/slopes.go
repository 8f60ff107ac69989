package kernel

// What boosting does with the slopes of all rows, for rows that follow each other, eight at a time.

// Odds writes the numbers whose exponentials [LogisticSlopes] wants for the given scores: these with the other sign and of
// size far at most.
func Odds(dst, scores []float64, far float64) {
	scores = scores[:len(dst)]
	n := 0
	if wide {
		if n = len(dst) &^ 7; n > 0 {
			odds8(&dst[0], &scores[0], n, far)
		}
	}
	for i := n; i < len(dst); i++ {
		dst[i] = -max(-far, min(scores[i], far))
	}
}

// LogisticSlopes are the gradients and hessians of the log-loss of two classes, times the weights, for the exponentials of
// the odds of the first.
func LogisticSlopes(odds, weight []float64, class []int32, out []Slope) {
	odds, weight, class = odds[:len(out)], weight[:len(out)], class[:len(out)]
	n := 0
	if wide {
		if n = len(out) &^ 7; n > 0 {
			logistic8(&odds[0], &weight[0], &class[0], &out[0], n)
		}
	}
	for i := n; i < len(out); i++ {
		p, w := 1/(1+odds[i]), weight[i]
		out[i] = Slope{G: w * (p - float64(class[i])), H: w * p * (1 - p)}
	}
}

// ExtentOfRun is [ExtentOf] for all slopes.
func ExtentOfRun(slopes []Slope) Extent {
	x := bitExtent{low: sizeBits}
	n := 0
	if wide {
		if n = len(slopes) &^ 7; n > 0 {
			extent8(&slopes[0], n, &x)
		}
	}
	for i := range slopes[n:] {
		x.add(&slopes[n+i])
	}
	return x.extent()
}

// PackRun is [Packing.Pack] for all slopes.
func (p *Packing) PackRun(slopes []Slope, words []int64) int64 {
	words = words[:len(slopes)]
	r := runPacking{gs: 1 / p.GradientUnit, gradientShift: int64(p.GradientShift), hessianShift: int64(p.HessianShift)}
	if p.hessians {
		r.hs = 1 / p.HessianUnit
	}
	if p.counted {
		r.one = 1
	}
	n, total := 0, int64(0)
	if wide {
		if n = len(slopes) &^ 7; n > 0 {
			total = pack8(&slopes[0], &words[0], n, &r)
		}
	}
	for i, x := range slopes[n:] {
		w := round(x.G*r.gs)<<(r.gradientShift&63) + round(x.H*r.hs)<<(r.hessianShift&63) + r.one
		words[n+i] = w
		total += w
	}
	return total
}

// runPacking is a packing as the assembly knows it, with an hs of 0 where there are no hessians.
type runPacking struct {
	gs, hs                           float64
	gradientShift, hessianShift, one int64
}
