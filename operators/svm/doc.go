// Package svm has the support vector machines with kernels.
package svm
