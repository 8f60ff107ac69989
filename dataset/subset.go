package dataset

// Column returns the column of that name as it was read: numbers, or texts with levels in the order of their first
// appearance. It is nil if there is none, or if it was not read because its type is ignore.
func (t *Table) Column(name string) *Column {
	at := t.index(name)
	if at < 0 || t.cols[at].Len() != t.rows {
		return nil
	}
	return t.cols[at]
}

// Line is the line of the file that row i stands on, or its number, from 1, in a table that was not read from text.
func (t *Table) Line(i int) int { return t.lineOf(i) }

// Part returns the table of the given rows and of the columns of the given names, in these orders; types are inferred anew
// within what is left. Rows keep the line numbers that messages name. A column that does not exist is a [*DataError].
func (t *Table) Part(rows []int32, names []string) (*Table, error) {
	out := &Table{File: t.File, rows: len(rows), missing: t.missing, line: make([]int32, len(rows))}
	for i, r := range rows {
		out.line[i] = int32(t.lineOf(int(r)))
	}
	for _, name := range names {
		c := t.Column(name)
		if c == nil {
			return nil, t.unknown(name)
		}
		out.cols = append(out.cols, trimmedLevels(c.Gather(rows)))
	}
	return out, out.infer(nil)
}

// trimmedLevels is the column without levels that no row has, in the order of their first appearance.
func trimmedLevels(c *Column) *Column {
	if c.Kind != Categorical {
		return c
	}
	to := make([]int32, len(c.Levels))
	for k := range to {
		to[k] = -1
	}
	codes, levels := make([]int32, len(c.Code)), []string(nil)
	for i, k := range c.Code {
		if codes[i] = k; k < 0 {
			continue
		}
		if to[k] < 0 {
			to[k] = int32(len(levels))
			levels = append(levels, c.Levels[k])
		}
		codes[i] = to[k]
	}
	return NewCategorical(c.Name, codes, levels)
}
