package posterior

import "math"

// Couple turns the probabilities r[a·k+b] of class a against class b, r[b·k+a] = 1 - r[a·k+b], into those of k classes
// (Wu, Lin and Weng 2004, their second method), written to p.
func Couple(r, p []float64) {
	k := len(p)
	q := make([]float64, k*k)
	for a := range k {
		for b := range k {
			if a != b {
				q[a*k+a] += r[b*k+a] * r[b*k+a]
				q[a*k+b] = -r[b*k+a] * r[a*k+b]
			}
		}
		p[a] = 1 / float64(k)
	}
	qp := make([]float64, k)
	for range max(100, k) {
		total := 0.0
		for a := range k {
			qp[a] = 0
			for b := range k {
				qp[a] += q[a*k+b] * p[b]
			}
			total += p[a] * qp[a]
		}
		worst := 0.0
		for a := range k {
			worst = max(worst, math.Abs(qp[a]-total))
		}
		if worst < 0.001/float64(k) {
			break
		}
		for a := range k {
			d := (total - qp[a]) / q[a*k+a]
			p[a] += d
			total = (total + d*(d*q[a*k+a]+2*qp[a])) / ((1 + d) * (1 + d))
			for b := range k {
				qp[b] = (qp[b] + d*q[b*k+a]) / (1 + d)
				p[b] /= 1 + d
			}
		}
	}
	Normalize(p)
}
