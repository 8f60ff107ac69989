// Package neighbors has the operators that predict from distances to training rows or to class centres.
package neighbors
