package operatortest

import (
	"math"

	"github.com/lren-chuv/automl/dataset"
)

// The scores below are slow and obvious on purpose: they judge operators without leaning on package metrics.

func argmax(p *dataset.Frame, i int) int32 {
	best := 0
	for k := 1; k < p.Cols(); k++ {
		if p.Col(k).Float[i] > p.Col(best).Float[i] {
			best = k
		}
	}
	return int32(best)
}

func accuracy(y []int32, p *dataset.Frame) float64 {
	hits := 0.0
	for i := range y {
		if argmax(p, i) == y[i] {
			hits++
		}
	}
	return hits / float64(len(y))
}

func balancedAccuracy(y []int32, p *dataset.Frame) float64 {
	sum, classes := 0.0, 0.0
	for k := range p.Cols() {
		n, hits := 0.0, 0.0
		for i := range y {
			if int(y[i]) == k {
				n++
				if int(argmax(p, i)) == k {
					hits++
				}
			}
		}
		if n > 0 {
			sum, classes = sum+hits/n, classes+1
		}
	}
	return sum / classes
}

func logLoss(y []int32, p *dataset.Frame) float64 {
	const eps = 2.220446049250313e-16
	sum := 0.0
	for i := range y {
		sum -= math.Log(min(max(p.Col(int(y[i])).Float[i], eps), 1-eps))
	}
	return sum / float64(len(y))
}

// rocAUC counts pairs for each class against the rest and averages the classes; two classes count once.
func rocAUC(y []int32, p *dataset.Frame) float64 {
	sum, n := 0.0, 0.0
	for k := range p.Cols() {
		if p.Cols() == 2 && k == 0 {
			continue
		}
		score, wins, pairs := p.Col(k).Float, 0.0, 0.0
		for i := range y {
			for j := range y {
				if int(y[i]) == k && int(y[j]) != k {
					pairs++
					switch {
					case score[i] > score[j]:
						wins++
					case score[i] == score[j]:
						wins += 0.5
					}
				}
			}
		}
		sum, n = sum+wins/pairs, n+1
	}
	return sum / n
}

func rSquared(y, p []float64) float64 {
	mean := 0.0
	for _, v := range y {
		mean += v / float64(len(y))
	}
	rest, total := 0.0, 0.0
	for i := range y {
		rest += (y[i] - p[i]) * (y[i] - p[i])
		total += (y[i] - mean) * (y[i] - mean)
	}
	return 1 - rest/total
}

func meanError(y, p []float64, power float64) float64 {
	sum := 0.0
	for i := range y {
		sum += math.Pow(math.Abs(y[i]-p[i]), power)
	}
	return sum / float64(len(y))
}
