// Package automl finds the best machine-learning pipeline for a table: cleaning, encoding, preprocessing, feature
// selection and construction, model and hyper-parameters, by genetic programming over trees of operators, and combines
// what it found into an ensemble.
//
// Train searches, Model predicts, Save and Load keep it. A table is a [dataset.Sample], read from a file by package
// dataset or made by hand. Everything observes its context; with a number of evaluations as the limit the same seed
// gives the same model, byte for byte, for any number of workers.
package automl

// Version is the version of this program, stored in every model file.
const Version = "0.1.0"
