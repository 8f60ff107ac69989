package tree

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/kernel"
	"github.com/lren-chuv/automl/operators"
)

// forestParams are the parameters of forests, behind the criterion and class_weight.
func forestParams(maxFeatures float64, bootstrap float64) []operators.Param {
	return append([]operators.Param{
		{Name: "n_estimators", Scale: operators.LogInt, Lo: 50, Hi: 300, Default: 100, Fixed: true},
		{Name: "bootstrap", Scale: operators.Bool, Default: bootstrap},
		{Name: "max_samples", Scale: operators.Fraction, Lo: 0.1, Hi: 1, Default: operators.Word(0), Choices: []string{"None"}, Fixed: true},
		{Name: "oob_score", Scale: operators.Bool, Fixed: true},
	}, growthParams(maxFeatures, false)...)
}

func classForest(name, doc string, random bool) *operators.Spec {
	boot := 1.0
	if random {
		boot = 0
	}
	return &operators.Spec{
		Name: name, Doc: doc, Role: operators.Classifier, Traits: operators.Weights | operators.Random,
		Params: append([]operators.Param{
			{Name: "criterion", Scale: operators.Choice, Choices: classCriteria},
			{Name: "class_weight", Scale: operators.Choice, Choices: []string{"None", "balanced", "balanced_subsample"}},
		}, varied(forestParams(operators.Word(1), boot))...),
		Ignored: treeIgnored,
		New: func(v []float64) (operators.Operator, error) {
			f, err := newForest(v[2:], random)
			f.criterion, f.balance = classCriteria[int(v[0])], int(v[1])
			return f, err
		},
		Decode: operators.Decode[average],
	}
}

func valueForest(name, doc string, random bool) *operators.Spec {
	boot := 1.0
	if random {
		boot = 0
	}
	return &operators.Spec{
		Name: name, Doc: doc, Role: operators.Regressor, Traits: operators.Weights | operators.Random,
		Params: append([]operators.Param{
			{Name: "criterion", Scale: operators.Choice, Choices: valueCriteria, Fixed: true},
		}, varied(forestParams(1, boot))...),
		Ignored: treeIgnored,
		New: func(v []float64) (operators.Operator, error) {
			f, err := newForest(v[1:], random)
			f.criterion, f.auto = valueCriteria[int(v[0])], "None"
			return f, err
		},
		Decode: operators.Decode[average],
	}
}

// varied marks max_features as drawn by the search.
func varied(params []operators.Param) []operators.Param {
	for i := range params {
		if params[i].Name == "max_features" {
			params[i].Fixed = false
		}
	}
	return params
}

// RandomForestClassifier averages trees grown on bootstrap samples, each split chosen among max_features random columns
// (Breiman, Random Forests, 2001). Above 4,096 rows thresholds are taken between 255 quantiles of each column.
var RandomForestClassifier = classForest("RandomForestClassifier", "bagged trees on random columns", false)

// RandomForestRegressor is the forest for a numeric target; see [RandomForestClassifier].
var RandomForestRegressor = valueForest("RandomForestRegressor", "bagged trees on random columns", false)

// ExtraTreesClassifier averages trees whose thresholds are drawn at random, one for each of max_features columns, the
// best of which is taken (Geurts, Ernst and Wehenkel, Extremely randomized trees, 2006).
var ExtraTreesClassifier = classForest("ExtraTreesClassifier", "trees with random thresholds", true)

// ExtraTreesRegressor is the same for a numeric target; see [ExtraTreesClassifier].
var ExtraTreesRegressor = valueForest("ExtraTreesRegressor", "trees with random thresholds", true)

// forest holds the hyper-parameters of a forest.
type forest struct {
	pruned
	criterion string
	balance   int // 0 no, 1 over all rows, 2 in every bootstrap sample
	auto      string
	trees     int
	bootstrap bool
	samples   float64
	subsample bool // samples rows without replacement where there is no bootstrap
	oob       bool
	subspace  subspace
}

// maxTrees bounds n_estimators.
const maxTrees = 1 << 20

func newForest(v []float64, random bool) (forest, error) {
	g, err := newGrowth(v[4:])
	g.random = random
	f := forest{pruned: g, auto: "sqrt", bootstrap: v[1] != 0, samples: v[2], oob: v[3] != 0}
	if _, none := operators.IsWord(v[2]); none {
		f.samples = 1
	}
	if err == nil && !(v[0] >= 1 && v[0] <= maxTrees) {
		err = fmt.Errorf("n_estimators %v: want at least 1", v[0])
	}
	if err == nil && f.oob && !f.bootstrap {
		err = fmt.Errorf("oob_score needs bootstrap")
	}
	if err != nil {
		return f, fmt.Errorf("forest: %w", err)
	}
	f.trees = int(v[0])
	return f, nil
}

// Beyond exactRows rows, forests look for splits among coarseRanks codes per column: their histograms stay in the
// fastest cache, and averaging hides what a threshold loses.
const exactRows, coarseRanks = 4096, 255

// Fit grows the trees.
func (f forest) Fit(ctx context.Context, env *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	t, err := newTarget(s)
	if err == nil {
		err = t.accepts(f.criterion)
	}
	if err != nil {
		return nil, fmt.Errorf("forest: %w", err)
	}
	limit := maxRanks
	if s.Rows() > exactRows {
		limit = coarseRanks
	}
	cols, err := tableOf(ctx, s.X, limit, f.random && limit == maxRanks)
	if err != nil {
		return nil, err
	}
	p := planter{forest: f, t: t, table: cols, codes: cols.most(s.Rows())}
	p.halves = t.once() && !f.bootstrap && !f.subsample
	if f.random && limit == coarseRanks && (p.halves || kernel.Lined() && t.adds(f.criterion)) {
		if p.lattice, err = newLattice(ctx, &p.table, s.X, t.class, p.halves); err != nil {
			return nil, err
		}
	}
	if f.balance > 0 {
		p.factor = t.balance(nil)
	}
	parts := make([]*Ensemble, f.trees)
	if env.Threads <= 1 && !f.oob { // trees come one after the other
		parts = parts[:1]
	}
	var missed []votes
	if f.oob {
		missed = make([]votes, f.trees)
	}
	var idle sync.Pool // gardeners wait here between trees
	err = env.Each(ctx, f.trees, func(i int, rng *rand.Rand) error {
		w, _ := idle.Get().(*gardener)
		if w == nil {
			w = p.hire()
		}
		defer idle.Put(w)
		e := parts[i%len(parts)]
		if e == nil {
			e = &Ensemble{Outputs: w.outputs, Columns: len(w.cols), Values: []float64{}}
			parts[i] = e
		}
		err := w.plant(ctx, rng, e)
		if i == 0 && len(parts) == 1 { // the others will be of similar size
			e.reserve(f.trees + f.trees/8)
		}
		if err == nil && f.oob {
			missed[i] = w.leftOut(e)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	fitted := &average{Levels: layoutOf(s.X).Levels, Classes: t.levels, Trees: *together(parts)}
	if f.oob {
		fitted.OOB = t.outOfBag(missed)
	}
	return fitted, nil
}

// together joins the parts into one ensemble.
func together(parts []*Ensemble) *Ensemble {
	if len(parts) == 1 {
		return parts[0]
	}
	n, leaves := 0, 0
	for _, p := range parts {
		n, leaves = n+len(p.Nodes), leaves+len(p.Values)
	}
	e := &Ensemble{Outputs: parts[0].Outputs, Columns: parts[0].Columns}
	e.Nodes, e.Cover, e.Gain = make(nodes, 0, n), make([]float64, 0, n), make([]float64, 0, n)
	e.Roots, e.Values = make([]int32, 0, len(parts)), make([]float64, 0, leaves)
	for _, p := range parts {
		e.join(p)
	}
	return e
}

// planter is what the trees of one forest share.
type planter struct {
	forest
	table   table
	t       *target
	codes   int
	factor  []float64
	lattice *lattice // nil unless halves or lines apply
	halves  bool     // they apply
}

// gardener grows one tree after the other in the same memory.
type gardener struct {
	*planter
	*grower
	prepare func(bag)
	times   []int32
	chosen  []int32
}

func (p *planter) hire() *gardener {
	crit, prepare := p.t.judge(p.criterion, p.codes, p.factor)
	g := &gardener{planter: p, prepare: prepare}
	g.grower = newGrower(p.of(len(p.table.cols), p.auto), p.table, crit, p.t.outputs(), len(p.t.rows))
	g.friedman = p.criterion == "friedman_mse"
	if p.bootstrap || p.forest.subsample {
		g.times = make([]int32, max(len(p.t.class), len(p.t.y)))
	} else {
		prepare(bag{factor: p.factor})
	}
	switch {
	case p.lattice == nil:
	case !p.halves:
		g.broad = newBroad(p.lattice, crit, len(g.spare))
	default:
		c := crit.(*counted)
		g.grower.halves = newHalves(p.lattice, c, len(p.t.class), kernel.Lined())
		g.grower.halves.load(p.t)
	}
	return g
}

// plant grows a tree and appends it to e.
func (g *gardener) plant(ctx context.Context, rng *rand.Rand, e *Ensemble) error {
	if g.times != nil {
		g.draw(rng)
		factor := g.factor
		if g.balance == 2 {
			factor = g.t.balance(g.times)
		}
		g.prepare(bag{g.times, factor})
	}
	g.chosen = g.t.chosen(g.times, g.chosen)
	g.see(rng)
	if err := g.grow(ctx, g.chosen, rng); err != nil {
		return err
	}
	if g.ccpAlpha > 0 {
		g.prune(g.ccpAlpha)
	}
	if e.Nodes == nil {
		n := len(g.nodes)
		e.Nodes, e.Cover, e.Gain = make(nodes, 0, n), make([]float64, 0, n), make([]float64, 0, n)
	}
	g.emit(e)
	return nil
}

// see chooses the columns that the next tree may split.
func (g *gardener) see(rng *rand.Rand) {
	p := len(g.cols)
	g.features = g.features[:0]
	for j := range p {
		g.features = append(g.features, int32(j))
	}
	if g.subspace.share == 0 || p == 0 {
		return
	}
	k := operators.Resolve(g.subspace.share, p)
	for i := range k {
		if g.subspace.bootstrap {
			g.features = append(g.features, int32(rng.IntN(p)))
			continue
		}
		j := i + rng.IntN(p-i)
		g.features[i], g.features[j] = g.features[j], g.features[i]
	}
	if g.subspace.bootstrap {
		g.features = append(g.features[:0], g.features[p:]...)
	}
	g.features = g.features[:k]
	slices.Sort(g.features)
	g.features = slices.Compact(g.features)
	g.maxFeatures = len(g.features)
}

// draw fills times with a sample of the rows of positive weight, drawn with or without replacement.
func (g *gardener) draw(rng *rand.Rand) {
	clear(g.times)
	rows := g.t.rows
	left, want := len(rows), operators.Resolve(g.samples, len(rows))
	if g.bootstrap {
		for range want {
			g.times[rows[drawBelow(rng, left)]]++
		}
		return
	}
	for _, r := range rows { // each of the rows left is as likely as any other to be among those still wanted
		if drawBelow(rng, left) < want {
			g.times[r] = 1
			want--
		}
		left--
	}
}
