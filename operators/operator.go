// Package operators is the contract between a pipeline and what it is made of: a Spec describes an operator and its
// hyper-parameters, an Operator is a choice of hyper-parameters that can be fitted, a Fitted is what was learned.
// The operators themselves live in the packages below this one, one family each; package catalog lists them all.
package operators

import (
	"context"

	"github.com/lren-chuv/automl/dataset"
)

// Operator is a plain value of hyper-parameters. Fit learns from s and leaves both the operator and s untouched; the
// same operator, sample and random stream give the same result, bit for bit, for any number of threads. A Fit that can
// run long polls ctx and returns its error soon after it is done. Bad data give an error, never a panic.
type Operator interface {
	Fit(ctx context.Context, env *Env, s dataset.Sample) (Fitted, error)
}

// Fitted is what an operator learned: immutable, and safe for use by many goroutines at once.
//
// A transformer's Apply returns the new columns and shares those it leaves alone. A predictor's returns one numeric
// column (regression), or one column of probabilities per class in the order of the target's Levels, each row summing
// to one (classification); classes that had no training row have probability 0. Rows are treated independently of each
// other, and the frame has the columns (number, order, kinds) that Fit saw. A fitted value is encoded by msgpack through
// its exported fields.
type Fitted interface {
	Apply(ctx context.Context, env *Env, x *dataset.Frame) (*dataset.Frame, error)
}
