package pfa

import (
	"errors"
	"slices"

	"github.com/lren-chuv/automl/internal/wire"
)

// What encoders and imputers store; the meaning of the fields is that of package encode and package impute.
type (
	storedIndicators struct {
		Values           wire.Floats
		Levels           []string
		Slot             wire.Ints
		Missing, Unknown int32
		Names            []string
	}
	storedMeans struct {
		Levels []string
		Means  []wire.Floats
	}
	storedShares struct {
		Levels []string
		Share  wire.Floats
	}
	storedFilling struct {
		Value  float64
		Marker string
	}
	vectorizedColumn struct {
		Fill       *storedFilling
		Indicators *storedIndicators
		Target     *storedMeans
		Share      *storedShares
	}
)

var errKind = errors.New("a column is not of the kind it was in training")

func tableVectorizer(b *builder, data []byte, in []column) ([]column, error) {
	f, err := stored[struct{ Columns []vectorizedColumn }](data)
	if err != nil {
		return nil, err
	}
	if err := wantColumns(len(in), len(f.Columns)); err != nil {
		return nil, err
	}
	in = b.settle(in)
	var out []column
	for j, c := range in {
		col := f.Columns[j]
		if encoded := col.Indicators != nil || col.Target != nil; c.categorical && col.Fill != nil || !c.categorical && encoded {
			return nil, errKind
		}
		switch {
		case col.Fill != nil:
			out = append(out, numeric(filled(c, col.Fill.Value)))
			if col.Fill.Marker != "" {
				out = append(out, numeric(marker(c)))
			}
		case col.Indicators != nil:
			out = append(out, b.indicators(c, col.Indicators)...)
		case col.Target != nil:
			out = append(append(out, b.means(c, col.Target)...), b.share(c, col.Share))
		default:
			out = append(out, c)
		}
	}
	return out, nil
}

func filled(c column, value float64) expr {
	return when(isMissing(c.read()), number(value), c.read())
}

func marker(c column) expr {
	if c.categorical {
		return when(call("<", c.read(), 0), number(1), number(0))
	}
	return when(isMissing(c.read()), number(1), number(0))
}

// indicators makes the 0/1 columns of one column.
func (b *builder) indicators(c column, d *storedIndicators) []column {
	out := make([]column, len(d.Names))
	if !c.categorical {
		for slot := range out {
			out[slot] = numeric(d.numberIs(c, int32(slot)))
		}
		return out
	}
	slots := make([]int32, len(c.levels))
	for l, name := range c.levels {
		slots[l] = d.Unknown
		if k := slices.Index(d.Levels, name); k >= 0 {
			slots[l] = d.Slot[k]
		}
	}
	for slot := range out {
		values := make([]float64, len(slots))
		for l, s := range slots {
			if s == int32(slot) {
				values[l] = 1
			}
		}
		missing := 0.0
		if d.Missing == int32(slot) {
			missing = 1
		}
		out[slot] = numeric(b.table(c.read(), missing, values))
	}
	return out
}

// numberIs is 1 where a number belongs to an output column.
func (d *storedIndicators) numberIs(c column, slot int32) expr {
	e := number(0)
	if d.Unknown == slot {
		e = number(1)
	}
	for k, v := range d.Values {
		is := 0.0
		if d.Slot[k] == slot {
			is = 1
		}
		if is == 1 || d.Unknown == slot {
			e = when(call("==", c.read(), number(v)), number(is), e)
		}
	}
	missing := number(0)
	if d.Missing == slot {
		missing = number(1)
	}
	return when(isMissing(c.read()), missing, e)
}

// means makes the columns of target means of one column.
func (b *builder) means(c column, t *storedMeans) []column {
	out := make([]column, len(t.Means))
	for j, means := range t.Means {
		other := means[len(t.Levels)]
		out[j] = numeric(b.table(c.read(), other, byLevel(c, t.Levels, means, other)))
	}
	return out
}

func (b *builder) share(c column, s *storedShares) column {
	return numeric(b.table(c.read(), s.Share[len(s.Levels)], byLevel(c, s.Levels, s.Share, 0)))
}

// byLevel translates values per training level to values per level of c.
func byLevel(c column, levels []string, values []float64, unknown float64) []float64 {
	out := make([]float64, len(c.levels))
	for l, name := range c.levels {
		out[l] = unknown
		if k := slices.Index(levels, name); k >= 0 {
			out[l] = values[k]
		}
	}
	return out
}

func simpleImputer(b *builder, data []byte, in []column) ([]column, error) {
	f, err := stored[struct {
		Value     wire.Floats
		Own       bool
		Indicated []bool
	}](data)
	if err != nil {
		return nil, err
	}
	if err := wantColumns(len(in), len(f.Value)); err != nil {
		return nil, err
	}
	in = b.settle(in)
	out := make([]column, len(in), 2*len(in))
	for j, c := range in {
		if !c.categorical {
			out[j] = numeric(filled(c, f.Value[j]))
			continue
		}
		levels, value := c.levels, int(f.Value[j])
		if f.Own {
			levels, value = append(slices.Clone(levels), "missing"), len(levels)
		}
		out[j] = column{categorical: true, levels: levels, e: when(call("<", c.read(), 0), value, c.read())}
	}
	for j, c := range in {
		if f.Indicated[j] {
			out = append(out, numeric(marker(c)))
		}
	}
	return out, nil
}

func oneHot(b *builder, data []byte, in []column) ([]column, error) {
	f, err := stored[struct {
		Features int
		Encoded  wire.Ints
		By       []*storedIndicators
	}](data)
	if err != nil {
		return nil, err
	}
	if err := wantColumns(len(in), f.Features); err != nil {
		return nil, err
	}
	in = b.settle(in)
	var out []column
	replaced := make([]bool, len(in))
	for k, j := range f.Encoded {
		out = append(out, b.indicators(in[j], f.By[k])...)
		replaced[j] = true
	}
	for j, c := range in {
		if !replaced[j] {
			out = append(out, c)
		}
	}
	return out, nil
}

// coded replaces every categorical column.
func coded[T any](b *builder, coders []*T, in []column, encode func(c column, with *T) []column) ([]column, error) {
	if err := wantColumns(len(in), len(coders)); err != nil {
		return nil, err
	}
	in = b.settle(in)
	var out []column
	for j, c := range in {
		switch {
		case c.categorical != (coders[j] != nil):
			return nil, errKind
		case !c.categorical:
			out = append(out, c)
		default:
			out = append(out, encode(c, coders[j])...)
		}
	}
	return out, nil
}

func ordinal(b *builder, data []byte, in []column) ([]column, error) {
	type ranks struct {
		Levels []string
		Rank   wire.Floats
	}
	f, err := stored[struct{ Coders []*ranks }](data)
	if err != nil {
		return nil, err
	}
	return coded(b, f.Coders, in, func(c column, r *ranks) []column {
		unknown, missing := r.Rank[len(r.Levels)], r.Rank[len(r.Levels)+1]
		return []column{numeric(b.table(c.read(), missing, byLevel(c, r.Levels, r.Rank, unknown)))}
	})
}

func counted(b *builder, data []byte, in []column) ([]column, error) {
	f, err := stored[struct{ Coders []*storedShares }](data)
	if err != nil {
		return nil, err
	}
	return coded(b, f.Coders, in, func(c column, s *storedShares) []column { return []column{b.share(c, s)} })
}

func targetMeans(b *builder, data []byte, in []column) ([]column, error) {
	f, err := stored[struct {
		Coded struct{ Coders []*storedMeans }
	}](data)
	if err != nil {
		return nil, err
	}
	return coded(b, f.Coded.Coders, in, b.means)
}

func rareLabels(b *builder, data []byte, in []column) ([]column, error) {
	type grouped struct {
		Levels []string
		Group  wire.Ints
		Rare   int32
		Names  []string
	}
	f, err := stored[struct{ Coders []*grouped }](data)
	if err != nil {
		return nil, err
	}
	return coded(b, f.Coders, in, func(c column, g *grouped) []column {
		codes := make([]int, len(c.levels))
		for l, name := range c.levels {
			codes[l] = int(g.Rare)
			if k := slices.Index(g.Levels, name); k >= 0 {
				codes[l] = int(g.Group[k])
			}
		}
		return []column{{categorical: true, levels: g.Names, e: b.recode(c.read(), -1, codes)}}
	})
}

// selected keeps some of the columns.
func selected(_ *builder, data []byte, in []column) ([]column, error) {
	f, err := stored[struct {
		Features int
		Keep     wire.Ints
	}](data)
	if err != nil {
		return nil, err
	}
	if err := wantColumns(len(in), f.Features); err != nil {
		return nil, err
	}
	out := make([]column, len(f.Keep))
	for i, j := range f.Keep {
		out[i] = in[j]
	}
	return out, nil
}
