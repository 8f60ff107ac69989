// Package tree holds everything that splits: single decision trees, forests, boosting and what is built from them.
//
// What depends on a column alone (its ranks, its bins) is derived once per column and row range and shared by every
// fit; see [dataset.Column.Derive]. All learners end in the same flat array of nodes.
package tree
