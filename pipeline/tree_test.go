package pipeline

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/lren-chuv/automl/dataset"
)

func grammar() *Grammar {
	g := NewGrammar(dataset.Regression, fakes[:2])
	return g
}

func TestRandomTreesAreLegalAndSurviveText(t *testing.T) {
	g, rng := grammar(), rand.New(rand.NewPCG(1, 1))
	for range 2000 {
		tree := g.Draw(rng, 1+rng.IntN(8))
		if err := g.Check(tree); err != nil {
			t.Fatalf("%s: %v", tree, err)
		}
		back, err := Parse(tree.String(), fakes)
		if err != nil || back.Hash() != tree.Hash() || back.String() != tree.String() {
			t.Fatalf("%s came back as %s, %v", tree, back, err)
		}
	}
}

func TestEditsKeepTreesSound(t *testing.T) {
	g, rng := grammar(), rand.New(rand.NewPCG(2, 2))
	for range 2000 {
		a, b := g.Draw(rng, 7), g.DrawBelow(rng, 3)
		i := rng.IntN(a.Len())
		if p := a.Parent(i); p >= 0 && a.Node(p).Op == Stack || i == a.Len()-1 {
			continue
		}
		before := a.String()
		c := a.Replace(i, b)
		if err := c.Check(); err != nil {
			t.Fatalf("%s in %s: %v", b, a, err)
		}
		if want := a.Len() - a.Subtree(i).Len() + b.Len(); c.Len() != want {
			t.Fatalf("%d nodes, want %d", c.Len(), want)
		}
		if a.String() != before {
			t.Fatal("Replace changed its tree")
		}
		if same := a.Replace(i, a.Subtree(i)); same.Hash() != a.Hash() {
			t.Fatalf("replacing a subtree by itself gives %s from %s", same, a)
		}
		for _, child := range a.Children(a.Len() - 1) {
			if a.Parent(child) != a.Len()-1 {
				t.Fatal("Parent and Children disagree")
			}
		}
	}
}

func TestEqualPipelinesAreEqualValues(t *testing.T) {
	for _, pair := range [][2]string{
		{"Nearest(union(Shift(input, by=0.5), input))", "Nearest(union(input, Shift(input, by=0.5)))"},
		{"Nearest(Shift(input, by=0.5, extra=7))", "Nearest(Shift(input,by=0.5,extra=2),noise=1e-09)"},
		{"Nearest( Shift( input , twice = True ) )", "Nearest(Shift(input, twice=true, extra=1))"},
	} {
		a, err := Parse(pair[0], fakes)
		b, err2 := Parse(pair[1], fakes)
		if err != nil || err2 != nil || a.Hash() != b.Hash() || a.String() != b.String() {
			t.Errorf("%s and %s differ: %s, %s, %v, %v", pair[0], pair[1], a, b, err, err2)
		}
	}
}

func TestParseErrorsNameThePlace(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "operator's name",
		"Neerest(input)":               "no operator",
		"nearestneighbor(input)":       "did you mean Nearest",
		"Nearest":                      "want (",
		"Nearest(input":                "want , or )",
		"Nearest(input) x":             "after the end",
		"Nearest()":                    "operator's name",
		"Nearest(noise=1)":             "one input",
		"Nearest(input, input)":        "one input",
		"Nearest(input, what=1)":       "no parameter",
		"Nearest(input, noise=loud)":   "want a number",
		"Nearest(union(input))":        "at least two",
		"Nearest(stack(input))":        "predictor",
		"Nearest(union(input, a=1))":   "takes no parameters",
		strings.Repeat("Shift(", 5000): "nested too deeply",
	} {
		_, err := Parse(text, fakes)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "column") {
			t.Errorf("Parse(%.40q): %v, want %q", text, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("Nearest(union(Shift(input, by=0.5), stack(Nearest(input))), noise=0.1)")
	f.Fuzz(func(t *testing.T, text string) {
		tree, err := Parse(text, fakes)
		if err != nil {
			return
		}
		if back, err := Parse(tree.String(), fakes); err != nil || back.Hash() != tree.Hash() {
			t.Fatalf("%q gives %s, which gives %s, %v", text, tree, back, err)
		}
	})
}

func TestTemplate(t *testing.T) {
	g, err := grammar().WithTemplate("Scaler-Shift-Regressor")
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(3, 3))
	for range 50 {
		if err := g.Check(g.Draw(rng, 9)); err != nil {
			t.Fatal(err)
		}
	}
	tree, _ := Parse("Nearest(Shift(input))", fakes)
	if g.Check(tree) == nil {
		t.Error("a shorter chain passes the template")
	}
	for _, bad := range []string{"Nope-Regressor", "Shift", "Classifier", ""} {
		if _, err := grammar().WithTemplate(bad); err == nil {
			t.Errorf("template %q gives no error", bad)
		}
	}
}

func TestValuesStayInRange(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	for _, spec := range fakes {
		for i := range spec.Params {
			p := &spec.Params[i]
			v := p.Default
			for range 500 {
				v = StepValue(rng, p, v)
				if err := p.Check(v); err != nil {
					t.Fatalf("%s.%s: %v", spec.Name, p.Name, err)
				}
				if p.Lo < p.Hi && (v < p.Lo || v > p.Hi) {
					t.Fatalf("%s.%s = %v outside [%v, %v]", spec.Name, p.Name, v, p.Lo, p.Hi)
				}
			}
		}
	}
}
