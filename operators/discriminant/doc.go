// Package discriminant has the classifiers that take the rows of each class as normal with a full covariance matrix.
package discriminant
