// Package kernel holds the hot loops of tree learning: histograms, ordered visits, partitions and split scans. Each has
// a slow and obvious reference in the tests that it must agree with.
package kernel
