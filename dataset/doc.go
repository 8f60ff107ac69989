// Package dataset holds typed, immutable, columnar tables and everything that makes them: readers for CSV, ARFF and
// Parquet files, type inference, the schema that a model remembers, and the splitting of rows into folds.
//
// Data flow one way: Read turns a file into a Table of typed columns, Table.Sample names the target and gives a Sample,
// NewFolds lays its rows out for cross-validation. Nothing here is ever changed after it was made; frames and columns
// are shared freely between goroutines.
package dataset
