package onnx

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/export/form"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

type classes struct {
	Levels  []string
	Present []int32
}

// spread puts the probabilities of the classes that were seen among all classes.
func (g *graph) spread(p string, present []int32, levels int) string {
	if len(present) == levels {
		return p
	}
	to := make([]float64, len(present)*levels)
	for i, k := range present {
		to[i*levels+int(k)] = 1
	}
	return g.matMul(p, g.constant(to, len(present), levels))
}

// certain is the answer of a classifier that has seen one class alone.
func (g *graph) certain(in flow, present []int32, levels int) string {
	row := make([]float64, levels)
	row[present[0]] = 1
	return g.where(g.missing(g.columns(in.name, []int64{0})), g.row(row), g.row(row))
}

// pair is the probabilities of two classes, given that of the second.
func (g *graph) pair(q string) string {
	return g.beside(matrix{g.sub(g.number(1), q), 1}, matrix{q, 1}).name
}

// transposed makes columns of rows.
func transposed(v []float64, rows, cols int) []float64 {
	out := make([]float64, len(v))
	for i := range rows {
		for j := range cols {
			out[j*rows+i] = v[i*cols+j]
		}
	}
	return out
}

func line(g *graph, m operators.Fitted, in flow) (string, error) {
	v, err := form.Stored[struct {
		Coef      wire.Floats
		Intercept float64
		Log       bool
	}](m)
	out := g.add(g.matMul(in.name, g.constant(v.Coef, len(v.Coef), 1)), g.number(v.Intercept))
	if v.Log {
		out = g.op("Exp", []string{g.clip(out, g.number(-1e300), g.number(300))})
	}
	return out, err
}

func planes(g *graph, m operators.Fitted, in flow) (string, error) {
	v, err := form.Stored[struct {
		Levels          []string
		Present         wire.Ints
		Coef, Intercept wire.Floats
		Link            uint8
		Temperature     float64
	}](m)
	if err != nil {
		return "", err
	}
	if len(v.Present) == 1 {
		return g.certain(in, v.Present, len(v.Levels)), nil
	}
	rows := len(v.Intercept)
	scores := g.add(g.matMul(in.name, g.constant(transposed(v.Coef, rows, in.cols), in.cols, rows)), g.row(v.Intercept))
	heated := g.mul(scores, g.number(v.Temperature))
	squashed := g.op("Sigmoid", []string{heated})
	if v.Link == 2 {
		squashed = g.div(g.add(g.clip(scores, g.number(-1), g.number(1)), g.number(1)), g.number(2))
	}
	switch {
	case rows == 1:
		return g.spread(g.pair(squashed), v.Present, len(v.Levels)), nil
	case v.Link == 0:
		return g.spread(g.softmax(heated), v.Present, len(v.Levels)), nil
	}
	total := g.sum(squashed)
	p := g.where(g.compare("Greater", total, g.number(1e-300)), g.div(squashed, total), g.softmax(heated))
	return g.spread(p, v.Present, len(v.Levels)), nil
}

func gaussianNB(g *graph, m operators.Fitted, in flow) (string, error) {
	v, err := form.Stored[struct {
		Classes          classes
		Prior, Mean, Var wire.Floats
	}](m)
	if err != nil {
		return "", err
	}
	k := len(v.Prior)
	var parts []matrix
	for c := range k {
		start := math.Log(v.Prior[c])
		mean, inverse := make([]float64, in.cols), make([]float64, in.cols)
		for j := range mean {
			mean[j], inverse[j] = v.Mean[j*k+c], -0.5/v.Var[j*k+c]
			start -= 0.5 * math.Log(2*math.Pi*v.Var[j*k+c])
		}
		d := g.sub(in.name, g.row(mean))
		parts = append(parts, matrix{g.add(g.matMul(g.mul(d, d), g.constant(inverse, in.cols, 1)), g.number(start)), 1})
	}
	return g.spread(g.softmax(g.beside(parts...).name), v.Classes.Present, len(v.Classes.Levels)), nil
}

func counts(g *graph, m operators.Fitted, in flow) (string, error) {
	v, err := form.Stored[struct {
		Classes         classes
		Intercept, Coef wire.Floats
		Binarize        *float64
	}](m)
	if err != nil {
		return "", err
	}
	x := in.name
	if v.Binarize != nil {
		x = g.toDouble(g.compare("Greater", x, g.number(*v.Binarize)))
	}
	scores := g.add(g.matMul(x, g.constant(v.Coef, in.cols, len(v.Intercept))), g.row(v.Intercept))
	return g.spread(g.softmax(scores), v.Classes.Present, len(v.Classes.Levels)), nil
}

func lda(g *graph, m operators.Fitted, in flow) (string, error) {
	v, err := form.Stored[struct {
		Classes         classes
		Coef, Intercept wire.Floats
	}](m)
	if err != nil {
		return "", err
	}
	k := len(v.Intercept)
	scores := g.add(g.matMul(in.name, g.constant(transposed(v.Coef, k, in.cols), in.cols, k)), g.row(v.Intercept))
	return g.spread(g.softmax(scores), v.Classes.Present, len(v.Classes.Levels)), nil
}

func qda(g *graph, m operators.Fitted, in flow) (string, error) {
	v, err := form.Stored[struct {
		Classes                   classes
		Prior, Mean, Axes, LogVar wire.Floats
		Rank                      wire.Ints
	}](m)
	if err != nil {
		return "", err
	}
	var parts []matrix
	at := 0
	for c, rank := range v.Rank {
		size := int(rank) * in.cols
		axes := transposed(v.Axes[at:at+size], int(rank), in.cols)
		at += size
		z := g.matMul(g.sub(in.name, g.row(v.Mean[c*in.cols:(c+1)*in.cols])), g.constant(axes, in.cols, int(rank)))
		score := g.sub(g.number(math.Log(v.Prior[c])-v.LogVar[c]/2), g.mul(g.sum(g.mul(z, z)), g.number(0.5)))
		parts = append(parts, matrix{score, 1})
	}
	return g.spread(g.softmax(g.beside(parts...).name), v.Classes.Present, len(v.Classes.Levels)), nil
}

func perceptron(g *graph, m operators.Fitted, in flow) (string, error) {
	v, err := form.Stored[struct {
		Classes classes
		Net     struct {
			Sizes      []int
			Activation string
			Theta      wire.Floats
		}
	}](m)
	if err != nil {
		return "", err
	}
	x, at, last := in.name, 0, len(v.Net.Sizes)-1
	if embedding := form.Before(m); embedding != nil {
		if x, err = g.lookups(embedding, in, nil); err != nil {
			return "", err
		}
	}
	for l := 1; l <= last; l++ {
		rows, cols := v.Net.Sizes[l-1], v.Net.Sizes[l]
		weights := v.Net.Theta[at : at+rows*cols]
		at += (rows + 1) * cols
		x = g.add(g.matMul(x, g.constant(weights, rows, cols)), g.row(v.Net.Theta[at-cols:at]))
		if kind := map[string]string{"logistic": "Sigmoid", "tanh": "Tanh", "relu": "Relu"}[v.Net.Activation]; l < last && kind != "" {
			x = g.op(kind, []string{x})
		}
	}
	switch {
	case len(v.Classes.Levels) == 0:
		return x, nil
	case v.Net.Sizes[last] == 1:
		x = g.pair(g.op("Sigmoid", []string{x}))
	default:
		x = g.softmax(x)
	}
	return g.spread(x, v.Classes.Present, len(v.Classes.Levels)), nil
}

// ensemble is the stored form of decision trees.
type ensemble struct {
	Nodes   []byte
	Roots   wire.Ints
	Outputs int
	Values  wire.Floats
	Sets    wire.Ints
}

// node is one of their nodes; see the type of the same name in package tree.
type node struct {
	threshold     float64
	left, feature int32
}

const (
	missingLeft = 1 << 30
	inSet       = 1 << 29
	featureMask = 1<<24 - 1
)

func (e *ensemble) nodes() []node {
	out := make([]node, len(e.Nodes)/16)
	for i := range out {
		b := e.Nodes[16*i:]
		out[i] = node{math.Float64frombits(binary.LittleEndian.Uint64(b)), int32(binary.LittleEndian.Uint32(b[8:])), int32(binary.LittleEndian.Uint32(b[12:]))}
	}
	return out
}

// forest is the mean of its trees.
func forest(g *graph, m operators.Fitted, in flow) (string, error) {
	v, err := form.Stored[struct {
		Classes []string
		Trees   ensemble
	}](m)
	if err != nil {
		return "", err
	}
	if len(v.Classes) == 1 {
		return g.certain(in, []int32{0}, 1), nil
	}
	sums := g.trees(&v.Trees, in, func(int) int { return 0 }, v.Trees.Outputs)
	if v.Trees.Outputs > 1 {
		return g.div(sums, g.sum(sums)), nil
	}
	mean := g.div(sums, g.number(float64(len(v.Trees.Roots))))
	if len(v.Classes) == 2 {
		return g.pair(g.clip(mean, g.number(0), g.number(1))), nil
	}
	return mean, nil
}

// booster is the sum of its trees.
func booster(g *graph, m operators.Fitted, in flow) (string, error) {
	v, err := form.Stored[struct {
		Classes []string
		Present wire.Ints
		Start   wire.Floats
		Log     bool
		Trees   ensemble
	}](m)
	if err != nil {
		return "", err
	}
	if len(v.Start) == 0 {
		return g.certain(in, v.Present, len(v.Classes)), nil
	}
	scores := g.row(v.Start)
	if len(v.Trees.Roots) == 0 {
		return "", fmt.Errorf("it has no trees")
	}
	scores = g.add(g.trees(&v.Trees, in, func(t int) int { return t % len(v.Start) }, len(v.Start)), scores)
	switch {
	case v.Log:
		return g.op("Exp", []string{g.clip(scores, g.number(-1e300), g.number(700))}), nil
	case v.Classes == nil:
		return scores, nil
	case len(v.Start) == 1:
		return g.spread(g.pair(g.op("Sigmoid", []string{scores})), v.Present, len(v.Classes)), nil
	}
	return g.spread(g.softmax(scores), v.Present, len(v.Classes)), nil
}

// trees adds a TreeEnsembleRegressor that sums up the leaves, per output. A split by a set of categories becomes a split
// by a column that is 1 for the members of the set, which is looked up before.
func (g *graph) trees(e *ensemble, in flow, output func(tree int) int, outputs int) string {
	w := &treeWriter{ensemble: e, sets: map[[2]int]int{}}
	all := e.nodes()
	for t, root := range e.Roots {
		end := int32(len(all))
		if t+1 < len(e.Roots) {
			end = e.Roots[t+1]
		}
		for i := root; i < end; i++ {
			w.add(t, all[i], int64(i-root), root, output(t), in.cols)
		}
	}
	x := in.matrix
	for _, s := range w.order {
		x = g.beside(x, matrix{g.membership(e, in, s), 1})
	}
	out := g.op("TreeEnsembleRegressor", []string{x.name},
		named{"nodes_treeids", w.tree}, named{"nodes_nodeids", w.id}, named{"nodes_featureids", w.feature}, named{"nodes_modes", w.mode},
		named{"nodes_values_as_tensor", doubles("", w.value, len(w.value))}, named{"nodes_truenodeids", w.yes}, named{"nodes_falsenodeids", w.no},
		named{"nodes_missing_value_tracks_true", w.missing}, named{"target_treeids", w.targetTree}, named{"target_nodeids", w.targetNode},
		named{"target_ids", w.target}, named{"target_weights_as_tensor", doubles("", w.weight, len(w.weight))},
		named{"n_targets", int64(outputs)}, named{"aggregate_function", "SUM"}, named{"post_transform", "NONE"})
	return g.toDouble(out)
}

// treeWriter collects the attributes of a TreeEnsembleRegressor.
type treeWriter struct {
	*ensemble
	tree, id, feature, yes, no, missing []int64
	mode                                []string
	value                               []float64
	targetTree, targetNode, target      []int64
	weight                              []float64

	sets  map[[2]int]int // column and offset of a set → number of the column of its members
	order [][2]int
}

func (w *treeWriter) add(t int, n node, id int64, root int32, output, cols int) {
	w.tree, w.id = append(w.tree, int64(t)), append(w.id, id)
	if n.left == 0 {
		w.feature, w.mode, w.value = append(w.feature, 0), append(w.mode, "LEAF"), append(w.value, 0)
		w.yes, w.no, w.missing = append(w.yes, 0), append(w.no, 0), append(w.missing, 0)
		values := []float64{n.threshold}
		if w.Outputs > 1 {
			values = w.Values[int(n.feature)*w.Outputs : int(n.feature+1)*w.Outputs]
		}
		for k, v := range values {
			w.targetTree, w.targetNode = append(w.targetTree, int64(t)), append(w.targetNode, id)
			w.target, w.weight = append(w.target, int64(output+k)), append(w.weight, v)
		}
		return
	}
	feature, mode, threshold := int(n.feature&featureMask), "BRANCH_LEQ", n.threshold
	if n.feature&inSet != 0 {
		key := [2]int{feature, int(n.threshold)}
		if _, known := w.sets[key]; !known {
			w.sets[key] = cols + len(w.order)
			w.order = append(w.order, key)
		}
		feature, mode, threshold = w.sets[key], "BRANCH_GT", 0.5
	}
	w.feature, w.mode, w.value = append(w.feature, int64(feature)), append(w.mode, mode), append(w.value, threshold)
	left := int64(n.left - root)
	w.yes, w.no = append(w.yes, left), append(w.no, left+1)
	tracks := int64(0)
	if n.feature&missingLeft != 0 {
		tracks = 1
	}
	w.missing = append(w.missing, tracks)
}

// membership is 1 where the category is in the set, 0 where it is not, NaN where it is missing.
func (g *graph) membership(e *ensemble, in flow, set [2]int) string {
	words := e.Sets[set[1]+1 : set[1]+1+int(e.Sets[set[1]])]
	c := in.frame.Col(set[0])
	levels := 0
	if c.Kind == dataset.Categorical {
		levels = len(c.Levels)
	}
	table := make([]float64, levels+1)
	for k := range levels {
		if k>>5 < len(words) && words[k>>5]>>(k&31)&1 != 0 {
			table[k] = 1
		}
	}
	table[levels] = math.NaN()
	return g.op("Gather", []string{g.constant(table, levels+1, 1), g.codes(in.name, set[0], levels)}, named{"axis", int64(0)})
}
