// Package calibration has isotonic regression, and the classifier that makes another one's probabilities honest.
package calibration
