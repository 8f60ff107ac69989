// Package cluster evaluates pipelines on many machines, over NATS JetStream.
//
// A [Search] stands in for the evaluator of a search: it publishes trees, and [Worker]s anywhere evaluate them with the
// same code on the same rows, folds and seeds, so that every result is what the local evaluator would have returned,
// to the bit, whoever computed it and however often it had to be started.
//
//	automl.task.<kind>.<run>    stream AUTOML_TASKS, a work queue: one message is one batch of trees
//	automl.result.<run>         stream AUTOML_RESULTS, a work queue that the run empties
//	AUTOML_DATA                 object store: the rows, the folds, and predictions too large for a message
//	automl.search, .worker      who is there, every few seconds, kept nowhere
//
// Kind stands for the version of the program: workers get the tasks of their own kind only. A run is one set of folds.
//
// Tasks are delivered at least once: a worker acknowledges a task when its result is stored, and says every second that
// it is still at work; who falls silent has its tasks given to others. Results are taken once, by the hash of the tree.
// Messages that got lost with a server's store are noticed and sent again. How much is under way is bounded by the
// search, which makes no new tree before an old result was folded in, and a worker asks for one task per free slot.
package cluster
