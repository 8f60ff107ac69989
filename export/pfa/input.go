package pfa

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"

	"github.com/lren-chuv/automl/dataset"
)

// inputs makes the record's fields and the feature columns that are read from them.
func (b *builder) inputs(s *dataset.Schema, opt Options) (fields []any, columns []column, err error) {
	names := map[string]bool{}
	for i := range s.Fields {
		f := &s.Fields[i]
		if !f.Type.Used() {
			continue
		}
		in := opt.Inputs[f.Name]
		if in.Avro == "" {
			in.Avro = "string"
			if f.Type == dataset.Number {
				in.Avro = "double"
			}
		}
		name := avroName(f.Name, names)
		var typ any = in.Avro
		if opt.Nullable {
			typ = []any{in.Avro, "null"}
		}
		fields = append(fields, map[string]any{"name": name, "type": typ})
		c, err := b.feature(f, in, attr("input", key(name)), opt.Nullable)
		if err != nil {
			return nil, nil, fmt.Errorf("pfa: column %q: %w", f.Name, err)
		}
		columns = append(columns, c)
	}
	if len(fields) == 0 {
		return nil, nil, errors.New("pfa: the model reads no column")
	}
	return fields, columns, nil
}

var notInNames = regexp.MustCompile(`[^A-Za-z0-9_]`)

// avroName makes a name fit for Avro and unlike those before.
func avroName(name string, taken map[string]bool) string {
	name = notInNames.ReplaceAllString(name, "_")
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		name = "_" + name
	}
	unique := name
	for k := 2; taken[unique]; k++ {
		unique = name + "_" + strconv.Itoa(k)
	}
	taken[unique] = true
	return unique
}

// feature reads one field.
func (b *builder) feature(f *dataset.Field, in Input, value expr, nullable bool) (column, error) {
	read, missing := value, expr(nil)
	if nullable {
		read = "v"
	}
	var c column
	switch {
	case f.Type == dataset.Number && (in.Avro == "double" || in.Avro == "int"):
		c, missing = numeric(read), number(math.NaN())
		if in.Avro == "int" {
			c.e = call("cast.double", read)
		}
	case f.Type == dataset.Boolean && in.Avro == "boolean":
		c, missing = numeric(when(read, number(1), number(0))), number(math.NaN())
	case f.Type == dataset.Boolean && in.Avro == "string":
		c, missing = numeric(b.truth(read)), number(math.NaN())
	case f.Type == dataset.Category && in.Avro != "double":
		code, err := b.code(f, in, read)
		if err != nil {
			return c, err
		}
		c, missing = column{categorical: true, levels: f.Levels, e: code}, -1
	default:
		return c, fmt.Errorf("%v values cannot be read from a field of type %s", f.Type, in.Avro)
	}
	if nullable {
		c.e = map[string]any{"ifnotnull": map[string]any{"v": value}, "then": c.e, "else": missing}
	}
	return c, nil
}

// code is the place of a value among the levels, -1 if it is none of them.
func (b *builder) code(f *dataset.Field, in Input, read expr) (expr, error) {
	if in.Avro == "string" {
		if in.Pad {
			read = call("s.rstrip", read, key(" "))
		}
		return call("a.index", wholeCell(b.cell("levels", arrayOf("string"), f.Levels)), read), nil
	}
	if in.Avro == "boolean" {
		yes, no := -1, -1
		for k, level := range f.Levels {
			switch level {
			case "true":
				yes = k
			case "false":
				no = k
			}
		}
		return when(read, yes, no), nil
	}
	levels := make([]int, len(f.Levels))
	for k, level := range f.Levels {
		v, err := strconv.ParseFloat(level, 64)
		if err != nil || v != float64(int32(v)) {
			return nil, fmt.Errorf("level %q is no integer", level)
		}
		levels[k] = int(v)
	}
	return call("a.index", wholeCell(b.cell("levels", arrayOf("int"), levels)), read), nil
}

// truth is 1 for a word that means true, 0 for one that means false, else missing.
func (b *builder) truth(word expr) expr {
	words := arrayOf("string")
	if _, done := b.fcns["truth"]; !done {
		yes := b.cell("yes", words, []string{"true", "yes", "t", "y", "1"})
		no := b.cell("no", words, []string{"false", "no", "f", "n", "0"})
		b.function("truth", []any{param("w", "string")}, "double",
			map[string]any{"let": map[string]any{"l": call("s.lower", "w")}},
			when(call("a.contains", wholeCell(yes), "l"), number(1), when(call("a.contains", wholeCell(no), "l"), number(0), number(math.NaN()))))
	}
	return call("u.truth", word)
}
