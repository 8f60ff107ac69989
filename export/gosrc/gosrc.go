// Package gosrc writes a fitted model as one Go file without dependencies: a row type with a field per column, and
// Predict, which gives the same numbers as the model.
package gosrc

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"go/format"
	"go/token"
	"io"
	"slices"
	"strings"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/export/form"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/pipeline"
)

// sources holds the parts that the generated file is put together from, one type or so each.
//
//go:embed runtime/*.go.txt
var sources embed.FS

// needs lists which other parts a part uses.
var needs = map[string][]string{
	"posterior": nil, "data": nil, "columns": nil, "stacked": nil,
	"line": {"data"}, "planes": {"data", "posterior"}, "gaussians": {"posterior"}, "counts": {"posterior"},
	"discriminant": {"data", "posterior"}, "quadratic": {"data", "posterior"},
	"trees": {"data"}, "forest": {"trees"}, "booster": {"trees", "posterior"}, "medians": {"trees"},
	"neighbours": {"posterior"}, "kernel": {"data", "posterior"}, "network": {"posterior", "columns"},
}

// Write writes m as a Go file of the given package. An operator that has no form in Go gives an error that names it.
func Write(w io.Writer, m *automl.Model, pkg string) error {
	if !token.IsIdentifier(pkg) {
		return fmt.Errorf("go export: %q is no name for a package", pkg)
	}
	f := &file{model: m, parts: map[string]bool{"data": true}}
	if err := f.members(); err != nil {
		return err
	}
	f.row()
	f.predict()
	text, err := f.assemble(pkg)
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

// file is a Go file in the making.
type file struct {
	model *automl.Model
	parts map[string]bool // of sources that are used
	vars  bytes.Buffer    // fitted operators
	code  bytes.Buffer    // functions
	steps int
}

// use marks a part of the sources and all that it needs.
func (f *file) use(part string) {
	if !f.parts[part] {
		f.parts[part] = true
		for _, p := range needs[part] {
			f.use(p)
		}
	}
}

// flow is what the export knows of a point of the pipeline: the variable that holds the row, and what its columns are.
type flow struct {
	name  string
	frame *dataset.Frame // one row of any values
}

// members writes one function per pipeline of the ensemble.
func (f *file) members() error {
	start := form.Row(f.model.Schema)
	for i, member := range f.model.Members {
		fmt.Fprintf(&f.code, "\n// pipeline%d is %s\nfunc pipeline%d(row []float64) []float64 {\n", i, strings.ReplaceAll(member.Pipeline, "\n", " "), i)
		last, err := f.pipeline(member.Fitted.Steps(), start)
		if err != nil {
			return fmt.Errorf("go export: %w", err)
		}
		fmt.Fprintf(&f.code, "\treturn %s\n}\n", last)
	}
	return nil
}

// pipeline writes the statements for the steps and returns the variable that holds the result.
func (f *file) pipeline(steps []pipeline.FittedStep, start *dataset.Frame) (string, error) {
	var stack []flow
	local := 0
	assign := func(format string, args ...any) string {
		local++
		name := fmt.Sprintf("x%d", local)
		fmt.Fprintf(&f.code, "\t%s := %s\n", name, fmt.Sprintf(format, args...))
		return name
	}
	for i, s := range steps {
		cut := len(stack) - s.Arity
		switch s.Op {
		case pipeline.Input:
			stack = append(stack, flow{"row", start})
		case pipeline.Union:
			all := stack[cut]
			names := []string{"[]float64(nil)"}
			for k, b := range stack[cut:] {
				names = append(names, b.name+"...")
				if k > 0 {
					all.frame = all.frame.With(b.frame.Columns()...)
				}
			}
			text := names[0]
			for _, n := range names[1:] {
				text = "append(" + text + ", " + n + ")"
			}
			all.name = assign("%s", text)
			stack = append(stack[:cut], all)
		case pipeline.Step:
			in := stack[cut]
			variable, out, err := f.step(s, in.frame)
			if err != nil {
				return "", err
			}
			next := flow{assign("%s.apply(%s)", variable, in.name), out}
			if i+1 < len(steps) && steps[i+1].Op == pipeline.Stack {
				f.use("stacked")
				next = flow{assign("stacked(%s, %s)", next.name, in.name), stackedFrame(out, in.frame)}
			}
			stack = append(stack[:cut], next)
		}
	}
	return stack[0].name, nil
}

// stackedFrame has the columns of a stack: the predicted class, the predictions, the input.
func stackedFrame(p, in *dataset.Frame) *dataset.Frame {
	var cols []*dataset.Column
	if p.Cols() > 1 {
		cols = append(cols, dataset.NewNumeric("predicted", []float64{0}))
	}
	return dataset.MustFrame(1, append(append(cols, p.Columns()...), in.Columns()...)...)
}

// step writes a fitted operator as a variable and returns its name and what it makes of the columns.
func (f *file) step(s pipeline.FittedStep, in *dataset.Frame) (string, *dataset.Frame, error) {
	out, err := s.Model.Apply(context.Background(), operators.NewEnv(0, 0), in)
	if err != nil {
		return "", nil, fmt.Errorf("%s: %w", s.Spec.Name, err)
	}
	literal, err := f.literal(s, in)
	if err != nil {
		return "", nil, err
	}
	f.steps++
	name := fmt.Sprintf("step%d", f.steps)
	fmt.Fprintf(&f.vars, "\nvar %s = %s // %s\n", name, literal, s.Spec.Name)
	return name, out, nil
}

// assemble puts the file together and formats it.
func (f *file) assemble(pkg string) ([]byte, error) {
	var b bytes.Buffer
	m := f.model
	fmt.Fprintf(&b, "// Code generated by automl %s; DO NOT EDIT.\n\n", m.Search.Program)
	fmt.Fprintf(&b, "// Package %s predicts %s (%s), learned from %d rows (data %s).\npackage %s\n\n", pkg, oneLine(m.Target), m.Task, m.Search.Rows, m.Search.Fingerprint, pkg)
	var body bytes.Buffer
	body.Write(f.code.Bytes())
	body.Write(f.vars.Bytes())
	names := make([]string, 0, len(f.parts))
	for p := range f.parts {
		names = append(names, p)
	}
	slices.Sort(names)
	for _, p := range names {
		text, err := sources.ReadFile("runtime/" + p + ".go.txt")
		if err != nil {
			return nil, fmt.Errorf("go export: %w", err)
		}
		body.WriteString("\n" + string(text))
	}
	b.WriteString("import (\n")
	for _, path := range []string{"encoding/base64", "encoding/binary", "fmt", "math", "sort", "strconv", "strings", "time"} {
		if bytes.Contains(body.Bytes(), []byte(path[strings.LastIndexByte(path, '/')+1:]+".")) {
			fmt.Fprintf(&b, "\t%q\n", path)
		}
	}
	b.WriteString(")\n")
	b.Write(body.Bytes())
	out, err := format.Source(b.Bytes())
	if err != nil {
		return nil, fmt.Errorf("go export: the generated file is not Go: %w", err)
	}
	return out, nil
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
