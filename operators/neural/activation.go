package neural

import (
	"math"

	"github.com/lren-chuv/automl/internal/linalg"
)

var activationNames = []string{"identity", "logistic", "tanh", "relu"}

// activate replaces z by the activation of each element.
func activate(name string, z []float64) {
	switch name {
	case "logistic":
		linalg.Logistic(z)
	case "tanh":
		linalg.Tanh(z)
	case "relu":
		for i, v := range z {
			z[i] = max(v, 0)
		}
	}
}

// derive multiplies delta by the derivative of the activation, given the activations a.
func derive(name string, a, delta []float64) {
	switch name {
	case "logistic":
		for i, v := range a {
			delta[i] *= v * (1 - v)
		}
	case "tanh":
		for i, v := range a {
			delta[i] *= 1 - v*v
		}
	case "relu":
		silence(a, delta)
	}
}

// silence zeroes delta wherever a is zero. Half of all units are, at random, so that a branch would be mispredicted.
func silence(a, delta []float64) {
	for i, v := range a[:len(delta)] {
		bits := math.Float64bits(v)
		mask := uint64(int64(bits|-bits) >> 63)
		delta[i] = math.Float64frombits(math.Float64bits(delta[i]) & mask)
	}
}
