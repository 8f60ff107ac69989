package neural

import "github.com/lren-chuv/automl/internal/linalg"

var activationNames = []string{"identity", "logistic", "tanh", "relu"}

// activate replaces z by the activation of each element.
func activate(name string, z []float64) {
	switch name {
	case "logistic":
		linalg.Logistic(z)
	case "tanh":
		linalg.Tanh(z)
	case "relu":
		linalg.Rectify(z)
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
		linalg.Silence(delta, a)
	}
}
