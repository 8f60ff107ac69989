// Package gota exchanges tables with github.com/go-gota/gota: its users hand us a DataFrame and get one back.
//
//	frame, err := gota.FromDataFrame(df)
//	table, err := dataset.NewTable(frame.Columns()...)
//	sample, schema, err := table.Sample(dataset.SampleOptions{Target: "diagnosis"})
//	model, err := automl.Train(ctx, sample, automl.Options{Schema: schema})
//
// It is a module of its own, so that the engine does not depend on gota, which is no longer maintained.
package gota
