package linear

import "math"

// logLoss is log(1 + exp(−y·η)) for y = ±1.
func logLoss(y, eta float64) (value, slope, curve float64) {
	m := y * eta
	if m > 40 { // less than rounding
		return 0, 0, 0
	}
	e := math.Exp(-math.Abs(m))
	p := 1 / (1 + e) // probability of the side that η is on
	if m > 0 {
		return math.Log(1 + e), -y * e * p, e * p * p
	}
	return math.Log(1+e) - m, -y * p, e * p * p
}

// squaredHinge is max(0, 1 − y·η)² for y = ±1.
func squaredHinge(y, eta float64) (value, slope, curve float64) {
	d := 1 - y*eta
	if d <= 0 {
		return 0, 0, 0
	}
	return d * d, -2 * y * d, 2
}

// squaredTube returns the loss max(0, |y − η| − epsilon)².
func squaredTube(epsilon float64) rowLoss {
	return func(y, eta float64) (value, slope, curve float64) {
		r := eta - y
		d := math.Abs(r) - epsilon
		if d <= 0 {
			return 0, 0, 0
		}
		return d * d, 2 * math.Copysign(d, r), 2
	}
}

// halfPoisson is half the Poisson deviance of exp(η), less what depends on y alone.
func halfPoisson(y, eta float64) (value, slope, curve float64) {
	e := math.Exp(eta)
	return e - y*eta, e - y, e
}

// halfGamma is half the gamma deviance of exp(η), less what depends on y alone.
func halfGamma(y, eta float64) (value, slope, curve float64) {
	r := y * math.Exp(-eta)
	return eta + r, 1 - r, r
}

// halfTweedie returns half the Tweedie deviance of exp(η) for a power other than 1 and 2, less what depends on y alone.
func halfTweedie(power float64) rowLoss {
	return func(y, eta float64) (value, slope, curve float64) {
		a, b := math.Exp((2-power)*eta), y*math.Exp((1-power)*eta)
		return a/(2-power) - b/(1-power), a - b, (2-power)*a - (1-power)*b
	}
}

// halfSquare is half the squared error.
func halfSquare(y, eta float64) (value, slope, curve float64) {
	r := eta - y
	return r * r / 2, r, 1
}

// halfSquareOfLog is half the squared error of exp(η). It is not convex: where its second derivative is negative the
// Gauss-Newton term stands instead.
func halfSquareOfLog(y, eta float64) (value, slope, curve float64) {
	e := math.Exp(eta)
	r := e - y
	return r * r / 2, r * e, e*e + max(0, r*e)
}
