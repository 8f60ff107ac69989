package pipeline

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lren-chuv/automl/operators"
)

// String writes the tree in its text form, Estimator(INPUT, param=value, …), where INPUT is input, another step,
// union(A, B, …) or stack(P(INPUT)). Parameters that the search does not vary are left out when at their default, and
// those without effect always.
func (t Tree) String() string {
	if len(t.nodes) == 0 {
		return ""
	}
	var b strings.Builder
	t.write(&b, len(t.nodes)-1)
	return b.String()
}

func (t Tree) write(b *strings.Builder, i int) {
	n := &t.nodes[i]
	b.WriteString(n.name())
	if n.Op == Input {
		return
	}
	b.WriteByte('(')
	for k, c := range t.Children(i) {
		if k > 0 {
			b.WriteString(", ")
		}
		t.write(b, c)
	}
	if n.Op == Step {
		for _, text := range n.Settings() {
			b.WriteString(", ")
			b.WriteString(text)
		}
	}
	b.WriteByte(')')
}

// Settings lists the hyper-parameters of a step as name=value, those that matter.
func (n *Node) Settings() []string {
	var out []string
	for i := range n.Spec.Params {
		p := &n.Spec.Params[i]
		if !n.Spec.Active(i, n.Values) || p.Fixed && !p.Named && n.Values[i] == p.Default {
			continue
		}
		out = append(out, p.Name+"="+p.Format(n.Values[i]))
	}
	return out
}

const maxTextDepth = 100

// Parse reads a tree from its text form. Parameters that are not named have their defaults; Python's spelling of values
// is understood, and so are scikit-learn's parameters that mean nothing here, such as n_jobs.
func Parse(text string, catalog []*operators.Spec) (Tree, error) {
	p := parser{text: text, catalog: catalog}
	t, err := p.tree(0)
	if err == nil {
		p.space()
		if p.at < len(p.text) {
			err = p.errorf("%q after the end", p.text[p.at:])
		}
	}
	if err != nil {
		return Tree{}, err
	}
	return t, t.Check()
}

type parser struct {
	text    string
	at      int
	catalog []*operators.Spec
}

func (p *parser) errorf(format string, args ...any) error {
	return fmt.Errorf("pipeline text, column %d: %s", p.at+1, fmt.Sprintf(format, args...))
}

func (p *parser) space() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

func (p *parser) accept(c byte) bool {
	p.space()
	if p.at < len(p.text) && p.text[p.at] == c {
		p.at++
		return true
	}
	return false
}

// word reads up to the next delimiter.
func (p *parser) word() string {
	p.space()
	start := p.at
	for p.at < len(p.text) && strings.IndexByte("(),= \t\r\n", p.text[p.at]) < 0 {
		p.at++
	}
	return p.text[start:p.at]
}

func (p *parser) tree(depth int) (Tree, error) {
	if depth > maxTextDepth {
		return Tree{}, p.errorf("nested too deeply")
	}
	start := p.at
	name := p.word()
	switch {
	case name == "":
		return Tree{}, p.errorf("want an operator's name or input")
	case name == "input":
		return Leaf(), nil
	}
	var spec *operators.Spec
	if name != "union" && name != "stack" {
		i := slices.IndexFunc(p.catalog, func(s *operators.Spec) bool { return s.Name == name })
		if i < 0 {
			p.at = start
			return Tree{}, p.errorf("no operator is called %q%s", name, p.similar(name))
		}
		spec = p.catalog[i]
	}
	if !p.accept('(') {
		return Tree{}, p.errorf("want ( after %s", name)
	}
	return p.arguments(name, spec, depth)
}

// arguments reads what stands between the parentheses: children first, then name=value.
func (p *parser) arguments(name string, spec *operators.Spec, depth int) (Tree, error) {
	var children []Tree
	var values []float64
	if spec != nil {
		values = spec.Defaults()
	}
	for {
		mark := p.at
		if key := p.word(); p.accept('=') {
			if spec == nil {
				return Tree{}, p.errorf("%s takes no parameters", name)
			}
			if err := p.value(spec, key, values); err != nil {
				return Tree{}, err
			}
		} else {
			p.at = mark
			child, err := p.tree(depth + 1)
			if err != nil {
				return Tree{}, err
			}
			children = append(children, child)
		}
		if p.accept(',') {
			continue
		}
		if !p.accept(')') {
			return Tree{}, p.errorf("want , or ) in %s", name)
		}
		return p.build(name, spec, values, children)
	}
}

func (p *parser) value(spec *operators.Spec, key string, values []float64) error {
	text := p.word()
	if slices.Contains(spec.Ignored, key) {
		return nil
	}
	i := spec.Index(key)
	if i < 0 {
		return p.errorf("%s has no parameter %q", spec.Name, key)
	}
	v, err := spec.Params[i].Parse(text)
	if err != nil {
		return p.errorf("%s: %v", spec.Name, err)
	}
	values[i] = v
	return nil
}

func (p *parser) build(name string, spec *operators.Spec, values []float64, children []Tree) (Tree, error) {
	switch {
	case name == "union":
		if len(children) < 2 {
			return Tree{}, p.errorf("union wants at least two branches")
		}
		return Unite(children...), nil
	case len(children) != 1:
		return Tree{}, p.errorf("%s wants one input, has %d", name, len(children))
	case name == "stack":
		if !children[0].Root().predicts() {
			return Tree{}, p.errorf("stack wants a predictor, %s is none", children[0].Root().name())
		}
		return StackOn(children[0]), nil
	}
	if _, err := spec.New(spec.Canonical(values)); err != nil {
		return Tree{}, p.errorf("%v", err)
	}
	return Apply(spec, values, children[0]), nil
}

// similar suggests the operator whose name starts most alike.
func (p *parser) similar(name string) string {
	best, length := "", 2
	for _, s := range p.catalog {
		n := 0
		for n < len(name) && n < len(s.Name) && name[n]|0x20 == s.Name[n]|0x20 {
			n++
		}
		if n > length {
			best, length = s.Name, n
		}
	}
	if best == "" {
		return ""
	}
	return "; did you mean " + best + "?"
}
