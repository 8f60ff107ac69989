package encode

import (
	"context"
	"fmt"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// coder is what was learned about one categorical column: the columns that stand for it.
type coder interface {
	apply(c *dataset.Column) []*dataset.Column
	check() error
}

// coded replaces every categorical column by those of its coder; numeric columns pass.
type coded[T any, P interface {
	*T
	coder
}] struct {
	Name   string
	Coders []P // nil for a numeric column
}

// learnCoders makes a coder for every categorical column.
func learnCoders[T any, P interface {
	*T
	coder
}](ctx context.Context, name string, x *dataset.Frame, learn func(c *dataset.Column) P) (*coded[T, P], error) {
	f := &coded[T, P]{Name: name, Coders: make([]P, x.Cols())}
	for j, c := range x.Columns() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if c.Kind == dataset.Categorical {
			f.Coders[j] = learn(c)
		}
	}
	return f, nil
}

// Apply encodes x.
func (f *coded[T, P]) Apply(ctx context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	return f.encode(ctx, x, func(c *dataset.Column, p P) []*dataset.Column { return p.apply(c) })
}

func (f *coded[T, P]) encode(ctx context.Context, x *dataset.Frame, apply func(*dataset.Column, P) []*dataset.Column) (*dataset.Frame, error) {
	if x.Cols() != len(f.Coders) {
		return nil, fmt.Errorf("%s: %d columns, learned from %d", f.Name, x.Cols(), len(f.Coders))
	}
	out := make([]*dataset.Column, 0, x.Cols())
	for j, c := range x.Columns() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if (c.Kind == dataset.Categorical) != (f.Coders[j] != nil) {
			return nil, fmt.Errorf("%s: column %q is %v, unlike in training", f.Name, c.Name, c.Kind)
		}
		if f.Coders[j] == nil {
			out = append(out, c)
			continue
		}
		out = append(out, apply(c, f.Coders[j])...)
	}
	return dataset.MustFrame(x.Rows(), out...), nil
}

// Check refuses what Fit cannot have made.
func (f *coded[T, P]) Check() error {
	for _, c := range f.Coders {
		if c == nil {
			continue
		}
		if err := c.check(); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	return nil
}
