package linear

import "math"

// The losses of the stochastic gradient family, by scikit-learn's names; log and squared_loss are the names that
// log_loss and squared_error had before version 1.1.
var (
	classificationLosses = []string{
		"hinge", "log_loss", "log", "modified_huber", "squared_hinge", "perceptron",
		"squared_error", "huber", "epsilon_insensitive", "squared_epsilon_insensitive",
	}
	regressionLosses = []string{"squared_error", "squared_loss", "huber", "epsilon_insensitive", "squared_epsilon_insensitive"}
)

// sgdLossOf returns the loss called name.
func sgdLossOf(name string, epsilon float64) sgdLoss {
	switch name {
	case "hinge":
		return hingeLoss(1)
	case "perceptron":
		return hingeLoss(0)
	case "log_loss", "log":
		return sgdLog
	case "modified_huber":
		return modifiedHuber
	case "squared_hinge":
		return func(y, p float64) (float64, float64) {
			value, slope, _ := squaredHinge(y, p)
			return value, slope
		}
	case "huber":
		return huberLoss(epsilon)
	case "epsilon_insensitive":
		return tubeLoss(epsilon)
	case "squared_epsilon_insensitive":
		tube := squaredTube(epsilon)
		return func(y, p float64) (float64, float64) {
			value, slope, _ := tube(y, p)
			return value, slope
		}
	}
	return func(y, p float64) (float64, float64) {
		value, slope, _ := halfSquare(y, p)
		return value, slope
	}
}

// hingeLoss is max(0, at − y·p).
func hingeLoss(at float64) sgdLoss {
	return func(y, p float64) (float64, float64) {
		if m := y * p; m <= at {
			return at - m, -y
		}
		return 0, 0
	}
}

// sgdLog is log(1 + exp(−y·p)), with scikit-learn's shortcuts beyond ±18.
func sgdLog(y, p float64) (float64, float64) {
	m := y * p
	switch {
	case m > 18:
		e := math.Exp(-m)
		return e, -y * e
	case m < -18:
		return -m, -y
	}
	e := math.Exp(-m)
	return math.Log(1 + e), -y * e / (1 + e)
}

// modifiedHuber is the squared hinge up to a margin of −1 and its tangent beyond.
func modifiedHuber(y, p float64) (float64, float64) {
	switch m := y * p; {
	case m >= 1:
		return 0, 0
	case m >= -1:
		return (1 - m) * (1 - m), -2 * (1 - m) * y
	default:
		return -4 * m, -4 * y
	}
}

// huberLoss is half the squared error up to c and its tangent beyond.
func huberLoss(c float64) sgdLoss {
	return func(y, p float64) (float64, float64) {
		r := p - y
		if a := math.Abs(r); a > c {
			return c*a - c*c/2, math.Copysign(c, r)
		}
		return r * r / 2, r
	}
}

// tubeLoss is max(0, |y − p| − epsilon).
func tubeLoss(epsilon float64) sgdLoss {
	return func(y, p float64) (float64, float64) {
		switch {
		case y-p > epsilon:
			return y - p - epsilon, -1
		case p-y > epsilon:
			return p - y - epsilon, 1
		}
		return 0, 0
	}
}
