package golearn

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"github.com/sjwhitworth/golearn/base"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// Spec describes any golearn classifier as an operator that searches and pipelines can use under the given name. create
// makes a classifier that has learned nothing; its settings are create's affair, so the operator has no
// hyper-parameters: offer several Specs to let a search choose. Numeric columns become float attributes.
//
// What golearn lacks shows:
//   - It predicts labels only. The predicted class gets the probability (n+1)/(n+k) and every other of the k classes of
//     the n training rows 1/(n+k) (Laplace's rule), so that ranking metrics see nothing but the label.
//   - It knows no sample weights; they are ignored.
//   - A fit cannot be interrupted: the context is looked at before and after. A panic becomes an error.
//   - Some classifiers break ties in the order of a Go map or draw from the global random source; a search with them is
//     as repeatable as they are.
//   - A classifier cannot be stored, so a model that holds one refuses to be saved; it predicts as long as the process
//     lives. For a model file, leave the Spec out of the search.
func Spec(name string, create func() base.Classifier) *operators.Spec {
	return spec(&classifier{name: name, create: create})
}

// BinarySpec is Spec for classifiers that take binary attributes only, such as golearn's naive Bayes: a column is 1 where
// its values are positive, and 0 elsewhere.
func BinarySpec(name string, create func() base.Classifier) *operators.Spec {
	return spec(&classifier{name: name, create: create, binary: true})
}

func spec(c *classifier) *operators.Spec {
	return &operators.Spec{
		Name: c.name, Doc: "golearn's classifier of that name", Role: operators.Classifier,
		Traits: operators.Instances | operators.Random,
		New:    func([]float64) (operators.Operator, error) { return c, nil },
		Decode: func([]byte) (operators.Fitted, error) { return nil, c.unstorable() },
	}
}

// classifier is a golearn classifier to be trained.
type classifier struct {
	name   string
	create func() base.Classifier
	binary bool
}

func (c *classifier) unstorable() error {
	return fmt.Errorf("golearn: %s cannot be written to a model file; leave it out of the operators of the search to save the model", c.name)
}

// Fit trains a new classifier on s.
func (c *classifier) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	if s.Y.Kind != dataset.Categorical {
		return nil, fmt.Errorf("golearn: %s: the target is not categorical", c.name)
	}
	f := &fitted{of: c, cols: s.X.Cols(), rows: s.Rows(), levels: s.Y.Levels}
	if f.cols < 1 || f.rows < 1 {
		return nil, fmt.Errorf("golearn: %s: %d rows of %d columns: want at least one of each", c.name, f.rows, f.cols)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := f.learn(s); err != nil {
		return nil, err
	}
	return f, ctx.Err()
}

// fitted is a trained classifier.
type fitted struct {
	of      *classifier
	rows    int // it was trained on
	cols    int
	levels  []string
	present []bool     // the class has a training row
	mu      sync.Mutex // golearn does not promise that predictions may run at once
	model   base.Classifier
}

func (f *fitted) learn(s dataset.Sample) (err error) {
	defer recovered("training "+f.of.name, &err)
	f.model = f.of.create()
	if err := f.model.Fit(f.grid(s.X.Matrix(), s.Y.Code)); err != nil {
		return fmt.Errorf("golearn: training %s: %w", f.of.name, err)
	}
	f.present = make([]bool, len(f.levels))
	for _, k := range s.Y.Code {
		f.present[k] = true
	}
	return nil
}

// MarshalBinary refuses: golearn's classifiers cannot be written down.
func (f *fitted) MarshalBinary() ([]byte, error) { return nil, f.of.unstorable() }

// Apply predicts; see Spec for the probabilities.
func (f *fitted) Apply(_ context.Context, _ *operators.Env, x *dataset.Frame) (_ *dataset.Frame, err error) {
	defer recovered("predicting", &err)
	if x.Cols() != f.cols {
		return nil, fmt.Errorf("golearn: %d columns, trained on %d", x.Cols(), f.cols)
	}
	labels, err := f.labels(x)
	if err != nil {
		return nil, err
	}
	k := 0
	for _, p := range f.present {
		if p {
			k++
		}
	}
	rest := 1 / float64(f.rows+k)
	cols := make([]*dataset.Column, len(f.levels))
	for c, level := range f.levels {
		values := make([]float64, len(labels))
		for i, label := range labels {
			switch {
			case label == level:
				values[i] = 1 - float64(k-1)*rest
			case f.present[c]:
				values[i] = rest
			}
		}
		cols[c] = dataset.NewNumeric(level, values)
	}
	return dataset.MustFrame(x.Rows(), cols...), nil
}

// labels are the predicted classes, each of which has a training row.
func (f *fitted) labels(x *dataset.Frame) ([]string, error) {
	out := make([]string, x.Rows())
	if len(out) == 0 {
		return out, nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	predicted, err := f.model.Predict(f.grid(x.Matrix(), make([]int32, len(out))))
	if err != nil {
		return nil, fmt.Errorf("golearn: %w", err)
	}
	for i := range out {
		out[i] = base.GetClass(predicted, i)
		if c := slices.Index(f.levels, out[i]); c < 0 || !f.present[c] {
			return nil, fmt.Errorf("golearn: row %d is predicted as %q, which it was not trained on", i, out[i])
		}
	}
	return out, nil
}

// grid makes golearn's table of row-major features and classes. Attributes are named by position: golearn finds them by
// name, and ours need not be unique.
func (f *fitted) grid(x []float64, y []int32) *base.DenseInstances {
	g := base.NewDenseInstances()
	specs := make([]base.AttributeSpec, f.cols)
	for j := range specs {
		if name := strconv.Itoa(j); f.of.binary {
			specs[j] = g.AddAttribute(base.NewBinaryAttribute(name))
		} else {
			specs[j] = g.AddAttribute(base.NewFloatAttribute(name))
		}
	}
	class := base.NewCategoricalAttribute()
	class.SetName("class")
	for _, level := range f.levels {
		class.GetSysValFromString(level) // adds it
	}
	target := g.AddAttribute(class)
	if err := errors.Join(g.AddClassAttribute(class), g.Extend(len(y))); err != nil {
		panic(err) // recovered by the caller
	}
	for i, k := range y {
		for j, s := range specs {
			g.Set(s, i, f.value(x[i*f.cols+j]))
		}
		g.Set(target, i, base.PackU64ToBytes(uint64(k)))
	}
	return g
}

func (f *fitted) value(v float64) []byte {
	switch {
	case !f.of.binary:
		return base.PackFloatToBytes(v)
	case v > 0:
		return []byte{1}
	}
	return []byte{0}
}
