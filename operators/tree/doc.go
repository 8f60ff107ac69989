// Package tree grows decision trees: single ones, forests, and boosted ones on histograms.
//
// Columns are binned once per column and row range, whoever asks (see bins), and shared by all trees, forests and
// boosters that learn from the same rows. Missing values go right in trees and forests and where the gain is larger in
// boosted trees.
package tree
