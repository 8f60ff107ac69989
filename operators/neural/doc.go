// Package neural has the multilayer perceptron for tables.
package neural
