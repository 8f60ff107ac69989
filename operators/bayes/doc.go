// Package bayes has the naive Bayes classifiers: columns are independent of each other given the class.
package bayes
