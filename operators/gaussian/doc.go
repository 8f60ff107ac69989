// Package gaussian has the predictors that solve a linear system with the kernel between all training rows: Gaussian
// processes and kernel ridge regression. Time grows with the cube of the rows, memory with their square, so that large
// samples are refused.
package gaussian
