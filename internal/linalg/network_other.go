//go:build !amd64

package linalg

// Rectify replaces negative numbers by 0.
func Rectify(v []float64) { rectifyGo(v) }

// Silence replaces the numbers of v by 0 where those of by are 0.
func Silence(v, by []float64) { silenceGo(v, by[:len(v)]) }

// Adam moves theta against the gradient as Kingma and Ba (2015) do, with decays of 0.9 and 0.999 and ε = 1e-8, where m and v
// are the running means of the gradient and of its square and rate is the step with their bias corrected.
func Adam(theta, grad, m, v []float64, rate float64) {
	adamGo(theta[:len(grad)], grad, m[:len(grad)], v[:len(grad)], rate)
}
