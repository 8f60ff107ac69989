// Package linear holds the linear models: least squares and its penalised, robust and Bayesian relatives, generalised
// linear models, logistic regression, linear support vector machines and the stochastic gradient family.
//
// The convex ones are solved to their optimum, whatever scikit-learn's tolerances would have allowed, by the method
// that suits the shape of the problem: normal equations for least squares, coordinate descent with an exact finish for
// l1 penalties, (proximal) Newton for smooth losses and an interior point method for piecewise linear ones. What
// depends on the training features alone is derived once per frame and shared by all fits on it.
package linear
