package linalg

// Rectify replaces negative numbers by 0.
func Rectify(v []float64) {
	body := 0
	if hasAVX2 && len(v) >= 4 {
		body = len(v) &^ 3
		rectify(&v[0], body/4)
	}
	rectifyGo(v[body:])
}

// Silence replaces the numbers of v by 0 where those of by are 0.
func Silence(v, by []float64) {
	by = by[:len(v)]
	body := 0
	if hasAVX2 && len(v) >= 4 {
		body = len(v) &^ 3
		silence(&v[0], &by[0], body/4)
	}
	silenceGo(v[body:], by[body:])
}

// Adam moves theta against the gradient as Kingma and Ba (2015) do, with decays of 0.9 and 0.999 and ε = 1e-8, where m and v
// are the running means of the gradient and of its square and rate is the step with their bias corrected.
func Adam(theta, grad, m, v []float64, rate float64) {
	theta, m, v = theta[:len(grad)], m[:len(grad)], v[:len(grad)]
	body := 0
	if hasAVX2 && len(grad) >= 4 {
		body = len(grad) &^ 3
		adam(&theta[0], &grad[0], &m[0], &v[0], body/4, rate)
	}
	adamGo(theta[body:], grad[body:], m[body:], v[body:], rate)
}
