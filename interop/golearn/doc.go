// Package golearn exchanges data and classifiers with github.com/sjwhitworth/golearn: its users hand us their Instances,
// and any golearn classifier can take part in a search as an operator.
//
//	sample, err := golearn.FromInstances(instances)
//	id3 := golearn.Spec("ID3", func() base.Classifier { return trees.NewID3DecisionTree(0) })
//	model, err := automl.Train(ctx, sample, automl.Options{Operators: append(catalog.All(), id3)})
//
// It is a module of its own, so that the engine does not depend on golearn, which is no longer maintained. It imports
// nothing of golearn that needs cgo; its packages ensemble, knn and linear_models do, and some of their estimators panic.
package golearn
