package pipeline

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/encode"
)

// Grammar says which trees are legal and draws random ones. The root is a predictor of the task; steps, unions and
// stacked predictors stand below it.
type Grammar struct {
	Task       dataset.Task
	Predictors []*operators.Spec
	Steps      []*operators.Spec // everything that may stand below the root, predictors excluded
	Baselines  []*operators.Spec // predictors to compare with, which are not drawn
	MaxSteps   int               // operators in one tree
	Template   []Slot            // if set, a tree is exactly this chain, input side first
}

// Slot is one place of a template: what may stand there.
type Slot []*operators.Spec

// DefaultMaxSteps bounds the operators in one pipeline.
const DefaultMaxSteps = 8

// NewGrammar makes the grammar of all given operators that serve the task.
func NewGrammar(task dataset.Task, specs []*operators.Spec) *Grammar {
	g := &Grammar{Task: task, MaxSteps: DefaultMaxSteps}
	for _, s := range specs {
		switch {
		case !s.Serves(task):
		case s.Has(operators.Baseline):
			g.Baselines = append(g.Baselines, s)
		case s == encode.TableVectorizer: // a pipeline puts that where it is needed by itself
		case s.Predicts():
			g.Predictors = append(g.Predictors, s)
		default:
			g.Steps = append(g.Steps, s)
		}
	}
	return g
}

// WithTemplate restricts the grammar to chains of the given shape: names of operators or roles (Cleaner, Encoder,
// Scaler, Transformer, Selector, Classifier, Regressor) joined by "-", the predictor last.
func (g *Grammar) WithTemplate(text string) (*Grammar, error) {
	out := *g
	parts := strings.Split(text, "-")
	for i, name := range parts {
		var slot Slot
		for _, s := range append(slices.Clone(g.Steps), g.Predictors...) {
			if s.Name == name || strings.EqualFold(s.Role.String(), name) {
				slot = append(slot, s)
			}
		}
		if len(slot) == 0 {
			return nil, fmt.Errorf("template %q: no operator of this task is or serves as %q", text, name)
		}
		if last := i == len(parts)-1; last && !slot[0].Predicts() {
			return nil, fmt.Errorf("template %q: must end with a predictor, %q is none", text, name)
		}
		out.Template = append(out.Template, slot)
	}
	return &out, nil
}

// Check reports why t is not a tree of this grammar.
func (g *Grammar) Check(t Tree) error {
	if err := t.Check(); err != nil {
		return err
	}
	if root := t.Root(); !root.predicts() || !root.Spec.Serves(g.Task) {
		return fmt.Errorf("pipeline: %s cannot predict a %s target", t.Root().name(), g.Task)
	}
	if t.Steps() > g.MaxSteps {
		return fmt.Errorf("pipeline: %d operators, at most %d are allowed", t.Steps(), g.MaxSteps)
	}
	for i := range t.nodes {
		if n := &t.nodes[i]; n.Op == Step && !n.Spec.Serves(g.Task) {
			return fmt.Errorf("pipeline: %s does not serve a %s target", n.Spec.Name, g.Task)
		}
	}
	return g.checkTemplate(t)
}

func (g *Grammar) checkTemplate(t Tree) error {
	if g.Template == nil {
		return nil
	}
	if t.Len() != len(g.Template)+1 {
		return fmt.Errorf("pipeline: the template asks for a chain of %d operators", len(g.Template))
	}
	for i, slot := range g.Template {
		if n := t.Node(i + 1); n.Op != Step || !slices.Contains(slot, n.Spec) {
			return fmt.Errorf("pipeline: %s does not fit place %d of the template", n.name(), i+1)
		}
	}
	return nil
}

// Draw returns a random tree with at most steps operators.
func (g *Grammar) Draw(rng *rand.Rand, steps int) Tree {
	if g.Template != nil {
		t := Leaf()
		for _, slot := range g.Template {
			t = g.Grow(rng, pick(rng, slot), t)
		}
		return t
	}
	root := pick(rng, g.Predictors)
	return g.Grow(rng, root, g.DrawBelow(rng, min(steps, g.MaxSteps)-1))
}

// DrawBelow returns a random tree that may stand below a predictor, with at most steps operators.
func (g *Grammar) DrawBelow(rng *rand.Rand, steps int) Tree {
	if steps <= 0 || len(g.Steps) == 0 || rng.Float64() < 0.25 {
		return Leaf()
	}
	switch u := rng.Float64(); {
	case u < 0.1 && steps >= 3: // two views of the data side by side, often one of them as it is
		a := g.DrawStep(rng, Leaf())
		b := g.DrawBelow(rng, steps-2)
		if a.hash != b.hash {
			return Unite(a, b)
		}
		return a
	case u < 0.15 && steps >= 3:
		return StackOn(g.Grow(rng, pick(rng, g.Predictors), g.DrawBelow(rng, steps-2)))
	}
	return g.DrawStep(rng, g.DrawBelow(rng, steps-1))
}

// DrawStep puts a random operator on top of child.
func (g *Grammar) DrawStep(rng *rand.Rand, child Tree) Tree {
	return g.Grow(rng, pick(rng, g.Steps), child)
}

// Grow puts spec with random hyper-parameters on top of child.
func (g *Grammar) Grow(rng *rand.Rand, spec *operators.Spec, child Tree) Tree {
	return Apply(spec, DrawValues(rng, spec), child)
}

func pick[T any](rng *rand.Rand, from []T) T { return from[rng.IntN(len(from))] }

// DrawValues draws hyper-parameters: a third of them rest at their defaults, which are good more often than not.
func DrawValues(rng *rand.Rand, spec *operators.Spec) []float64 {
	values := spec.Defaults()
	for i := range spec.Params {
		if p := &spec.Params[i]; !p.Fixed && rng.Float64() > 1./3 {
			values[i] = DrawValue(rng, p)
		}
	}
	return values
}

// DrawValue draws one hyper-parameter from its range. Words count as one more value.
func DrawValue(rng *rand.Rand, p *operators.Param) float64 {
	switch p.Scale {
	case operators.Choice:
		return float64(rng.IntN(len(p.Choices)))
	case operators.Bool:
		return float64(rng.IntN(2))
	}
	if n := len(p.Choices); n > 0 && rng.Float64() < 0.2 {
		return operators.Word(rng.IntN(n))
	}
	return fromUnit(p, rng.Float64())
}

// fromUnit maps [0, 1) to the range of a numeric parameter; toUnit maps back.
func fromUnit(p *operators.Param, u float64) float64 {
	switch p.Scale {
	case operators.Log:
		return tidy(p, p.Lo*math.Pow(p.Hi/p.Lo, u))
	case operators.LogInt:
		return min(p.Hi, math.Floor(p.Lo*math.Pow((p.Hi+1)/p.Lo, u)))
	case operators.Int:
		return min(p.Hi, p.Lo+math.Floor(u*(p.Hi-p.Lo+1)))
	}
	return tidy(p, p.Lo+u*(p.Hi-p.Lo))
}

func toUnit(p *operators.Param, v float64) float64 {
	v = max(p.Lo, min(p.Hi, v))
	if p.Scale == operators.Log || p.Scale == operators.LogInt {
		return math.Log(v/p.Lo) / math.Log(p.Hi/p.Lo)
	}
	return (v - p.Lo) / (p.Hi - p.Lo)
}

// tidy rounds to three significant digits: neighbours that cannot differ become equal, and texts stay readable.
func tidy(p *operators.Param, v float64) float64 {
	if v == 0 {
		return 0
	}
	unit := math.Pow(10, math.Floor(math.Log10(math.Abs(v)))-2)
	r := math.Round(v/unit) * unit
	if unit < 1 { // dividing by a whole number is exact where multiplying by 0.001 is not
		r = math.Round(v/unit) / math.Round(1/unit)
	}
	return max(p.Lo, min(p.Hi, r))
}

// Step moves one hyper-parameter a little: numbers by a Gaussian step on their scale, choices to another one.
func StepValue(rng *rand.Rand, p *operators.Param, v float64) float64 {
	if p.Scale == operators.Choice || p.Scale == operators.Bool {
		n := max(2, len(p.Choices))
		return float64((int(v) + 1 + rng.IntN(n-1)) % n)
	}
	if _, word := operators.IsWord(v); word || v < p.Lo && p.Scale == operators.Fraction || rng.Float64() < 0.1 {
		return DrawValue(rng, p)
	}
	for range 8 {
		u := toUnit(p, v) + 0.12*rng.NormFloat64()
		if w := fromUnit(p, max(0, min(u, 1-1e-9))); w != v {
			return w
		}
	}
	return DrawValue(rng, p)
}
