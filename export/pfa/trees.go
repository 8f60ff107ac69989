package pfa

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"

	"github.com/lren-chuv/automl/internal/wire"
)

// storedForest is the flat form of trees: see package tree. Nodes are blocks of 16 bytes: threshold, left child, column
// with flags.
type storedForest struct {
	Nodes   []byte
	Roots   wire.Ints
	Outputs int
	Values  wire.Floats
	Sets    wire.Ints
	Columns int
}

const (
	missingLeft = 1 << 30
	inSet       = 1 << 29
	columnMask  = 1<<24 - 1
)

// forest is what a cell holds of trees: parallel lists with an entry per node. Children of an inner node are next to
// each other, a leaf has left 0.
type forest struct {
	Feature   []int     `json:"feature"`
	Threshold []float64 `json:"threshold"` // of a leaf: its value
	Left      []int     `json:"left"`
	Missing   []int     `json:"missing"` // 1: missing values go left; empty if they never do
	Set       []int     `json:"set"`     // index of the codes that go left, -1 for a threshold; empty if there are none
	Sets      [][]int   `json:"sets"`
}

func forestType(name string) any {
	field := func(name string, typ any) any { return map[string]any{"name": name, "type": typ} }
	return map[string]any{"type": "record", "name": name, "fields": []any{
		field("feature", arrayOf("int")), field("threshold", arrayOf("double")), field("left", arrayOf("int")),
		field("missing", arrayOf("int")), field("set", arrayOf("int")), field("sets", arrayOf(arrayOf("int"))),
	}}
}

// unpack makes the lists.
func (s *storedForest) unpack() (*forest, error) {
	if len(s.Nodes)%16 != 0 {
		return nil, errors.New("nodes cut short")
	}
	n := len(s.Nodes) / 16
	f := &forest{Missing: []int{}, Set: []int{}, Sets: [][]int{}}
	missing, sets := make([]int, n), make([]int, n)
	anyMissing := false
	for i := range n {
		node := s.Nodes[16*i:]
		threshold := math.Float64frombits(binary.LittleEndian.Uint64(node))
		left, feature := int(int32(binary.LittleEndian.Uint32(node[8:]))), int(int32(binary.LittleEndian.Uint32(node[12:])))
		sets[i] = -1
		if left != 0 {
			if feature&missingLeft != 0 {
				missing[i], anyMissing = 1, true
			}
			if feature&inSet != 0 {
				sets[i] = len(f.Sets)
				f.Sets = append(f.Sets, s.members(int(threshold)))
				threshold = 0
			}
			feature &= columnMask
		}
		// Infinite thresholds say that all values go one way; JSON has the largest number for it.
		threshold = max(-math.MaxFloat64, min(math.MaxFloat64, threshold))
		f.Feature, f.Threshold, f.Left = append(f.Feature, feature), append(f.Threshold, threshold), append(f.Left, left)
	}
	if anyMissing {
		f.Missing = missing
	}
	if len(f.Sets) > 0 {
		f.Set = sets
	}
	return f, nil
}

// members lists the codes of a set.
func (s *storedForest) members(at int) []int {
	out := []int{}
	for w, word := range s.Sets[at+1 : at+1+int(s.Sets[at])] {
		for bit := range 32 {
			if uint32(word)>>bit&1 != 0 {
				out = append(out, 32*w+bit)
			}
		}
	}
	return out
}

// walk returns the name of the function that finds the leaf of a row.
func (b *builder) walk(f *forest, record string) string {
	node := func(list string) expr { return attr("f", key(list), "i") }
	v := attr("x", node("feature"))
	goesLeft := call("<=", "v", node("threshold"))
	if len(f.Set) > 0 {
		goesLeft = when(call(">=", node("set"), 0),
			call("a.contains", attr("f", key("sets"), node("set")), call("cast.int", "v")), goesLeft)
	}
	// A missing value is neither below nor above; comparing it is left to no engine.
	missing := expr(false)
	if len(f.Missing) > 0 {
		missing = call("==", node("missing"), 1)
	}
	goesLeft = when(isMissing("v"), missing, goesLeft)
	step := []any{
		map[string]any{"let": map[string]any{"v": v}},
		map[string]any{"set": map[string]any{"i": when(goesLeft, node("left"), call("+", node("left"), 1))}},
	}
	return b.function(b.fresh("walk"), []any{param("x", arrayOf("double")), param("root", "int"), param("f", record)}, "int",
		map[string]any{"let": map[string]any{"i": "root"}},
		map[string]any{"while": call(">", node("left"), 0), "do": step},
		"i")
}

// row makes the numbers that trees read: codes of categorical columns are those of the training.
func (b *builder) row(in []column, levels [][]string) (string, error) {
	if err := wantColumns(len(in), len(levels)); err != nil {
		return "", err
	}
	in = b.settle(in)
	out := make([]column, len(in))
	for j, c := range in {
		switch {
		case c.categorical != (levels[j] != nil):
			return "", errKind
		case !c.categorical:
			out[j] = c
		default:
			values := make([]float64, len(c.levels))
			for l, name := range c.levels {
				if k := slices.Index(levels[j], name); k >= 0 {
					values[l] = float64(k)
				} else {
					values[l] = -1
				}
			}
			code := b.table(c.read(), -1, values)
			out[j] = numeric(when(call("<", code, number(0)), number(math.NaN()), code))
		}
	}
	return b.vector(b.settle(out)), nil
}

// grove is a forest in a cell and the way to walk it.
type grove struct {
	cell, walk, row string
}

func (b *builder) plant(s *storedForest, in []column, levels [][]string) (*grove, error) {
	x, err := b.row(in, levels)
	if err != nil {
		return nil, err
	}
	f, err := s.unpack()
	if err != nil {
		return nil, err
	}
	record := b.fresh("Forest")
	g := &grove{row: x, cell: b.cell("trees", forestType(record), f)}
	g.walk = b.walk(f, record)
	return g, nil
}

// sum adds the leaf values of the trees with the given roots to start.
func (b *builder) sum(g *grove, roots []int, start float64) expr {
	list := b.cell("roots", arrayOf("int"), roots)
	leaf := call(g.walk, g.row, "r", wholeCell(g.cell))
	return call("a.fold", wholeCell(list), number(start), lambda([]any{param("s", "double"), param("r", "int")}, "double",
		call("+", "s", fromCell(g.cell, key("threshold"), leaf))))
}

func toInts(v []int32) []int {
	out := make([]int, len(v))
	for i, k := range v {
		out[i] = int(k)
	}
	return out
}

// averagedTrees is the mean of the leaf values of single trees, forests and bags.
func averagedTrees(b *builder, data []byte, in []column) ([]column, error) {
	f, err := stored[struct {
		Levels  [][]string
		Classes []string
		Trees   storedForest
	}](data)
	if err != nil {
		return nil, err
	}
	if len(f.Classes) == 1 {
		return []column{numeric(number(1))}, nil
	}
	g, err := b.plant(&f.Trees, in, f.Levels)
	if err != nil {
		return nil, err
	}
	n := number(float64(len(f.Trees.Roots)))
	switch {
	case f.Classes == nil:
		return []column{numeric(call("/", b.sum(g, toInts(f.Trees.Roots), 0), n))}, nil
	case len(f.Classes) == 2:
		p := b.let("s", call("/", b.sum(g, toInts(f.Trees.Roots), 0), n))
		return b.twoClasses(when(call(">", p, number(1)), number(1), p)), nil
	}
	values := b.cell("leaves", arrayOf(arrayOf("double")), rowsOf(f.Trees.Values, len(f.Trees.Values)/f.Trees.Outputs))
	roots := b.cell("roots", arrayOf("int"), toInts(f.Trees.Roots))
	zero := b.cell("zero", arrayOf("double"), make([]float64, f.Trees.Outputs))
	leaf := fromCell(values, fromCell(g.cell, key("feature"), call(g.walk, g.row, "r", wholeCell(g.cell))))
	sums := call("a.fold", wholeCell(roots), wholeCell(zero),
		lambda([]any{param("s", arrayOf("double")), param("r", "int")}, arrayOf("double"), call("la.add", "s", leaf)))
	return b.normalize(b.spread(b.let("v", sums), f.Trees.Outputs)), nil
}

// boostedTrees adds the trees of every output to its start.
func boostedTrees(b *builder, data []byte, in []column) ([]column, error) {
	f, err := stored[struct {
		Levels  [][]string
		Classes []string
		Present wire.Ints
		Start   wire.Floats
		Log     bool
		Trees   storedForest
	}](data)
	if err != nil {
		return nil, err
	}
	k := len(f.Start)
	if k == 0 { // a single class
		return among(len(f.Classes), f.Present, []column{numeric(number(1))}), nil
	}
	g, err := b.plant(&f.Trees, in, f.Levels)
	if err != nil {
		return nil, err
	}
	scores := make([]column, k)
	for o := range scores {
		roots := []int{}
		for t := o; t < len(f.Trees.Roots); t += k {
			roots = append(roots, int(f.Trees.Roots[t]))
		}
		scores[o] = numeric(b.sum(g, roots, f.Start[o]))
	}
	switch {
	case f.Classes == nil && f.Log:
		s := b.let("s", scores[0].e)
		return []column{numeric(call("m.exp", when(call(">", s, number(700)), number(700), s)))}, nil
	case f.Classes == nil:
		return scores, nil
	case k == 1:
		return among(len(f.Classes), f.Present, b.twoClasses(call(b.sigmoid(), scores[0].e))), nil
	}
	return among(len(f.Classes), f.Present, b.softmax(scores)), nil
}
