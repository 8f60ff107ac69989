package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// Fitted is a pipeline that has learned: immutable, safe for concurrent use.
type Fitted struct {
	steps []step // postfix, as in the tree that was fitted
}

type step struct {
	op    Op
	arity int32
	spec  *operators.Spec  // of a Step
	model operators.Fitted // of a Step
}

// Apply predicts: one numeric column, or a probability column per class.
func (f *Fitted) Apply(ctx context.Context, env *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	var stack []*dataset.Frame // outputs of finished subtrees
	for i := range f.steps {
		s := &f.steps[i]
		switch s.op {
		case Input:
			stack = append(stack, x)
		case Union:
			cut := len(stack) - int(s.arity)
			all := stack[cut]
			for _, b := range stack[cut+1:] {
				all = beside(all, b)
			}
			stack = append(stack[:cut], all)
		case Step:
			in := stack[len(stack)-1]
			out, err := s.model.Apply(ctx, env, in)
			if err != nil {
				return nil, fmt.Errorf("apply %s: %w", s.spec.Name, err)
			}
			if i+1 < len(f.steps) && f.steps[i+1].op == Stack {
				out = stacked(out, in)
			}
			stack[len(stack)-1] = out
		}
	}
	return stack[0], nil
}

// Step is one fitted operator of a pipeline, for those who explain or export it.
type FittedStep struct {
	Op    Op
	Arity int
	Spec  *operators.Spec
	Model operators.Fitted
}

// Steps lists the fitted pipeline in postfix order, the steps that encode and impute included.
func (f *Fitted) Steps() []FittedStep {
	out := make([]FittedStep, len(f.steps))
	for i, s := range f.steps {
		out[i] = FittedStep{s.op, int(s.arity), s.spec, s.model}
	}
	return out
}

// Before is the pipeline without its last step: it gives what that is applied to.
func (f *Fitted) Before() *Fitted { return &Fitted{f.steps[:len(f.steps)-1]} }

// Encoded is the stored form of a fitted pipeline, postfix.
type Encoded struct {
	Op    uint8
	Arity int32
	Spec  string
	Model []byte
}

// Encode returns the stored form.
func (f *Fitted) Encode() ([]Encoded, error) {
	out := make([]Encoded, len(f.steps))
	for i, s := range f.steps {
		out[i] = Encoded{Op: uint8(s.op), Arity: s.arity}
		if s.op != Step {
			continue
		}
		data, err := operators.Encode(s.model)
		if err != nil {
			return nil, fmt.Errorf("pipeline: encode %s: %w", s.spec.Name, err)
		}
		out[i].Spec, out[i].Model = s.spec.Name, data
	}
	return out, nil
}

// Decode reads a stored pipeline back. Whatever the bytes are, the result is an error or a pipeline that can be applied.
func Decode(stored []Encoded, catalog []*operators.Spec) (*Fitted, error) {
	f := &Fitted{steps: make([]step, len(stored))}
	depth := 0
	for i, e := range stored {
		s := step{op: Op(e.Op), arity: e.Arity}
		want := map[Op][2]int32{Input: {0, 0}, Step: {1, 1}, Union: {2, 16}, Stack: {1, 1}}
		bounds, known := want[s.op]
		if !known || e.Arity < bounds[0] || e.Arity > bounds[1] || int(e.Arity) > depth {
			return nil, fmt.Errorf("pipeline: stored node %d is malformed", i)
		}
		depth += 1 - int(e.Arity)
		if s.op == Stack && (f.steps[i-1].op != Step || !f.steps[i-1].spec.Predicts()) {
			return nil, fmt.Errorf("pipeline: stored node %d stacks what does not predict", i)
		}
		if s.op == Step {
			k := slices.IndexFunc(catalog, func(spec *operators.Spec) bool { return spec.Name == e.Spec })
			if k < 0 {
				return nil, fmt.Errorf("pipeline: this program has no operator %q", e.Spec)
			}
			s.spec = catalog[k]
			var err error
			if s.model, err = s.spec.Decode(e.Model); err != nil {
				return nil, fmt.Errorf("pipeline: decode %s: %w", e.Spec, err)
			}
		}
		f.steps[i] = s
	}
	if depth != 1 {
		return nil, errors.New("pipeline: stored pipeline is not one tree")
	}
	return f, nil
}
