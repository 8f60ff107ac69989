package pipeline

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// stackFolds is the number of inner folds that make the out-of-fold predictions of a predictor inside a pipeline, where
// there are no windows of folds: with three a stack costs four fits instead of six with five.
const stackFolds = 3

// Fit learns the whole tree from s. Randomness depends on seed and on what each subtree is, nothing else.
func Fit(ctx context.Context, t Tree, s dataset.Sample, seed uint64, threads int) (*Fitted, error) {
	f := fitting{seed: seed, train: s, cache: NewCache(1 << 40), threads: threads}
	full := explicit(t, operators.HasCategories(s.X))
	out, err := f.run(ctx, full, true)
	if err != nil {
		return nil, err
	}
	return &Fitted{steps: out.steps}, nil
}

// fitting is one pair of training rows and rows to predict, for which many trees are fitted.
type fitting struct {
	seed    uint64
	part    uint64 // identifies the rows: (fold, inner fold, …)
	train   dataset.Sample
	test    *dataset.Frame // nil when only the fitted steps are wanted
	cache   *Cache
	threads int
	memory  int64 // that one fit may take, 0 is any

	windows []dataset.Window // of train, for out-of-fold predictions, if test is the fold that it is the training part of
}

// run fits an explicit tree. Nothing needs the training rows' output of a root, so that is left out.
func (f *fitting) run(ctx context.Context, t Tree, root bool) (output, error) {
	if err := ctx.Err(); err != nil {
		return output{}, err
	}
	n := t.Root()
	if n.Op == Input {
		return output{[]step{{op: Input}}, f.train.X, f.test}, nil
	}
	compute := func() (output, error) {
		switch n.Op {
		case Union:
			return f.union(ctx, t)
		case Stack:
			return f.stack(ctx, t)
		}
		return f.step(ctx, t, root)
	}
	if root {
		return compute()
	}
	return f.cache.get(ctx, prefixKey{t.hash, f.part, root}, compute)
}

func (f *fitting) union(ctx context.Context, t Tree) (output, error) {
	var all output
	for _, c := range t.Children(len(t.nodes) - 1) {
		o, err := f.run(ctx, t.Subtree(c), false)
		if err != nil {
			return output{}, err
		}
		all.steps = append(all.steps, o.steps...)
		all.train, all.test = beside(all.train, o.train), beside(all.test, o.test)
	}
	all.steps = append(all.steps, step{op: Union, arity: t.Root().Arity})
	return all, nil
}

func beside(a, b *dataset.Frame) *dataset.Frame {
	if a == nil || b == nil {
		return b
	}
	return a.With(b.Columns()...)
}

func (f *fitting) stack(ctx context.Context, t Tree) (output, error) {
	child := t.Subtree(len(t.nodes) - 2)
	p, err := f.run(ctx, child, false)
	if err != nil {
		return output{}, err
	}
	in, err := f.run(ctx, child.Subtree(len(child.nodes)-2), false)
	if err != nil {
		return output{}, err
	}
	o := output{steps: append(p.steps[:len(p.steps):len(p.steps)], step{op: Stack, arity: 1})}
	o.train = stacked(p.train, in.train)
	if f.test != nil {
		o.test = stacked(p.test, in.test)
	}
	return o, nil
}

// stacked puts the predicted class's code (for classifiers) and the predictions p before the columns of in.
func stacked(p, in *dataset.Frame) *dataset.Frame {
	cols := make([]*dataset.Column, 0, 1+p.Cols()+in.Cols())
	if p.Cols() > 1 {
		codes := make([]float64, p.Rows())
		for i := range codes {
			best := 0
			for k := 1; k < p.Cols(); k++ {
				if p.Col(k).Float[i] > p.Col(best).Float[i] {
					best = k
				}
			}
			codes[i] = float64(best)
		}
		cols = append(cols, dataset.NewNumeric("predicted", codes))
	}
	cols = append(append(cols, p.Columns()...), in.Columns()...)
	return dataset.MustFrame(in.Rows(), cols...)
}

// trainApplier is a transformer whose training rows are transformed otherwise than later rows: cross-fitted encoders.
type trainApplier interface {
	ApplyTrain(ctx context.Context, env *operators.Env, s dataset.Sample) (*dataset.Frame, error)
}

func (f *fitting) step(ctx context.Context, t Tree, root bool) (output, error) {
	n := t.Root()
	in, err := f.run(ctx, t.Subtree(len(t.nodes)-2), false)
	if err != nil {
		return output{}, err
	}
	op, err := n.Spec.New(n.Values)
	if err != nil {
		return output{}, err
	}
	s := f.train
	s.X = in.train
	if err := f.fits(n, s); err != nil {
		return output{}, err
	}
	model, err := op.Fit(ctx, f.env(t, 0), s)
	if err != nil {
		return output{}, fmt.Errorf("fit %s: %w", n.Spec.Name, err)
	}
	o := output{steps: append(in.steps[:len(in.steps):len(in.steps)], step{Step, 1, n.Spec, model})}
	if f.test != nil {
		if o.test, err = model.Apply(ctx, f.env(t, 1), in.test); err != nil {
			return output{}, fmt.Errorf("apply %s: %w", n.Spec.Name, err)
		}
	}
	if root {
		return o, nil
	}
	o.train, err = f.trainOutput(ctx, t, model, s)
	if err != nil {
		return output{}, fmt.Errorf("apply %s: %w", n.Spec.Name, err)
	}
	return o, nil
}

// fits refuses what would take more memory than there is.
func (f *fitting) fits(n *Node, s dataset.Sample) error {
	if f.memory == 0 {
		return nil
	}
	shape := operators.Shape{Rows: s.Rows(), Cols: s.X.Cols(), Classes: len(s.Y.Levels)}
	if need := n.Spec.Needs(shape, n.Values); need > f.memory {
		return fmt.Errorf("%s on %d rows of %d columns needs about %d MB of memory, and one fit may take %d MB", n.Spec.Name, shape.Rows, shape.Cols, need>>20, f.memory>>20)
	}
	return nil
}

// trainOutput is what the next step learns from: a transformer's output, or the out-of-fold predictions of a predictor.
func (f *fitting) trainOutput(ctx context.Context, t Tree, model operators.Fitted, s dataset.Sample) (*dataset.Frame, error) {
	if t.Root().predicts() {
		return f.outOfFold(ctx, t)
	}
	if m, ok := model.(trainApplier); ok {
		return m.ApplyTrain(ctx, f.env(t, 2), s)
	}
	return model.Apply(ctx, f.env(t, 2), s.X)
}

// outOfFold predicts every training row by a copy of the whole subtree that has not seen it.
func (f *fitting) outOfFold(ctx context.Context, t Tree) (*dataset.Frame, error) {
	if f.windows != nil {
		return f.byWindows(ctx, t)
	}
	folds, err := f.inner()
	if err != nil {
		return nil, err
	}
	var values [][]float64
	var names []*dataset.Column
	for k := range folds.Len() {
		train, test := folds.Fold(k)
		g := f.inside(mix(f.part, uint64(k)+1), train, test.X)
		o, err := g.run(ctx, t, true)
		if err != nil {
			return nil, err
		}
		if values == nil {
			names = o.test.Columns()
			values = make([][]float64, len(names))
			for c := range values {
				values[c] = make([]float64, f.train.Rows())
			}
		}
		for c := range values {
			for i, row := range folds.TestRows(k) {
				values[c][row] = o.test.Col(c).Float[i]
			}
		}
	}
	cols := make([]*dataset.Column, len(values))
	for c := range cols {
		cols[c] = dataset.NewNumeric(names[c].Name, values[c])
	}
	return dataset.MustFrame(f.train.Rows(), cols...), nil
}

// inside is the fitting of other rows, which are among those of f, under the same conditions.
func (f *fitting) inside(part uint64, train dataset.Sample, test *dataset.Frame) *fitting {
	return &fitting{seed: f.seed, part: part, train: train, test: test, cache: f.cache, threads: f.threads, memory: f.memory}
}

// windowPart tells the rows of a window from those of a fold.
const windowPart = 1 << 30

// byWindows predicts the training rows of a fold by copies of the subtree that have learned from a window of folds each:
// its beginning by the window at its end, and its end by the one at its beginning. The folds of a repetition share the
// windows, so that in all a stack costs half a fit more per fold, not three of two thirds of the rows.
func (f *fitting) byWindows(ctx context.Context, t Tree) (*dataset.Frame, error) {
	var predicted [2]*dataset.Frame
	for i, w := range f.windows {
		g := f.inside(uint64(w.ID)<<32|windowPart, w.Train, w.Rest.X)
		o, err := f.cache.get(ctx, prefixKey{t.hash, g.part, true}, func() (output, error) {
			o, err := g.run(ctx, t, true)
			return output{test: o.test}, err
		})
		if err != nil {
			return nil, err
		}
		predicted[i] = o.test
	}
	first, last := f.windows[0].Train.Rows(), f.windows[1].Train.Rows()
	rows, skip := f.train.Rows(), f.test.Rows()
	cols := make([]*dataset.Column, predicted[0].Cols())
	for c := range cols {
		begin, end := predicted[1].Col(c), predicted[0].Col(c) // what follows the last window begins with the test rows
		values := append(make([]float64, 0, rows), begin.Float[skip:skip+rows-last]...)
		cols[c] = dataset.NewNumeric(begin.Name, append(values, end.Float[rows-last-first:rows-first]...))
	}
	return dataset.MustFrame(rows, cols...), nil
}

type innerKey struct{ seed, part uint64 }

type innerFolds struct {
	folds *dataset.Folds
	err   error
}

// inner lays the training rows out for stacking, once for all pipelines.
func (f *fitting) inner() (*dataset.Folds, error) {
	got := f.train.X.Derive(innerKey{f.seed, f.part}, func() any {
		rng := rand.New(rand.NewPCG(f.seed, mix(f.part, 0x5741)))
		a, err := dataset.Split(f.train, stackFolds, rng)
		if err != nil {
			return innerFolds{err: err}
		}
		folds, err := dataset.NewFolds(f.train, rng, a)
		return innerFolds{folds, err}
	}).(innerFolds)
	return got.folds, got.err
}

// env is the random stream of one subtree on one part of the data.
func (f *fitting) env(t Tree, purpose uint64) *operators.Env {
	env := operators.NewEnv(mix(f.seed, f.part), mix(binary.LittleEndian.Uint64(t.hash[:8]), purpose))
	env.Threads = f.threads
	return env
}

// mix combines two numbers into one that looks random (the finaliser of SplitMix64).
func mix(a, b uint64) uint64 {
	z := a*0x9e3779b97f4a7c15 + b + 0x632be59bd9b4e019
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
