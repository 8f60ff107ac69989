package mip

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// kind is what a column of the database holds.
type kind uint8

const (
	number kind = iota
	text
	boolean
	date
	other // arrays, documents, bytes: no features
)

// values is one column as it was read: numbers, or codes of the texts that occur.
type values struct {
	name    string
	kind    kind
	integer bool // of an integer type of the database
	padded  bool // of type char(n)
	number  []float64
	code    []int32
	levels  []string
	index   map[string]int32
}

// table is what a query returned.
type table struct {
	cols  []*values
	rows  int
	bytes int64
}

// limits keep a query that returns too much from filling the memory.
type limits struct {
	rows  int
	bytes int64
}

// errTooMuch is returned where a limit is met.
var errTooMuch = errors.New("the query returns too much")

// column returns the column of a name, whatever its case, or nil.
func (t *table) column(name string) *values {
	for _, c := range t.cols {
		if strings.EqualFold(c.name, name) {
			return c
		}
	}
	return nil
}

func (t *table) names() []string {
	var out []string
	for _, c := range t.cols {
		out = append(out, c.name)
	}
	return out
}

// query runs one statement in tx, with args bound to its places, and reads its rows as they come.
func query(ctx context.Context, tx pgx.Tx, sql string, lim limits, args ...any) (t *table, err error) {
	ctx, stop := context.WithCancel(ctx)
	rows, err := tx.Query(ctx, sql, append([]any{pgx.QueryResultFormats{pgx.TextFormatCode}}, args...)...)
	if err != nil {
		stop()
		return nil, fmt.Errorf("the query fails: %s", reason(err))
	}
	defer func() {
		if err != nil {
			stop() // or closing would read the rest of what may be billions of rows
		}
		rows.Close()
		stop()
	}()
	t = &table{}
	for _, f := range rows.FieldDescriptions() {
		c := &values{name: f.Name, kind: kindOf(f.DataTypeOID), index: map[string]int32{}}
		c.integer = f.DataTypeOID == pgtype.Int2OID || f.DataTypeOID == pgtype.Int4OID || f.DataTypeOID == pgtype.Int8OID
		c.padded = f.DataTypeOID == pgtype.BPCharOID
		t.cols = append(t.cols, c)
	}
	for rows.Next() {
		for j, raw := range rows.RawValues() {
			if err := t.cols[j].add(raw, raw == nil); err != nil {
				return nil, err
			}
			t.bytes += int64(len(raw)) + 8
		}
		t.rows++
		if t.rows > lim.rows || t.bytes > lim.bytes {
			return nil, fmt.Errorf("%w: more than %d rows or %d MiB; restrict it, or raise max_rows", errTooMuch, lim.rows, lim.bytes>>20)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("the query fails: %s", reason(err))
	}
	return t, nil
}

func kindOf(oid uint32) kind {
	switch oid {
	case pgtype.Int2OID, pgtype.Int4OID, pgtype.Int8OID, pgtype.Float4OID, pgtype.Float8OID, pgtype.NumericOID:
		return number
	case pgtype.BoolOID:
		return boolean
	case pgtype.DateOID, pgtype.TimestampOID, pgtype.TimestamptzOID:
		return date
	case pgtype.ByteaOID, pgtype.JSONOID, pgtype.JSONBOID:
		return other
	}
	return text // text, varchar, char(n), enumerations, names
}

// add appends one value in the text form of the database.
func (c *values) add(raw []byte, null bool) error {
	switch c.kind {
	case number:
		v := math.NaN()
		if !null {
			var err error
			if v, err = strconv.ParseFloat(string(raw), 64); err != nil && !errors.Is(err, strconv.ErrRange) {
				return fmt.Errorf("column %q holds a number that cannot be read", c.name)
			}
			if math.IsInf(v, 0) {
				v = math.NaN()
			}
		}
		c.number = append(c.number, v)
	case date:
		v := math.NaN()
		if !null {
			if t, err := time.Parse("2006-01-02", string(raw[:min(10, len(raw))])); err == nil {
				v = float64(t.Unix() / 86400)
			}
		}
		c.number = append(c.number, v)
	case other:
		c.number = append(c.number, math.NaN())
	default:
		c.addText(string(raw), null)
	}
	return nil
}

func (c *values) addText(v string, null bool) {
	if c.kind == boolean {
		v = map[string]string{"t": "true", "f": "false"}[v]
	}
	v = strings.TrimRight(v, " ") // char(n) pads
	if null || v == "" {
		c.code = append(c.code, -1)
		return
	}
	k, known := c.index[v]
	if !known {
		k = int32(len(c.levels))
		c.index[v] = k
		c.levels = append(c.levels, v)
	}
	c.code = append(c.code, k)
}

// missing counts what is not there.
func (c *values) missing() int {
	n := 0
	for _, v := range c.number {
		if v != v {
			n++
		}
	}
	for _, k := range c.code {
		if k < 0 {
			n++
		}
	}
	return n
}

// sort brings the rows in an order that does not depend on how the database happened to return them.
func (t *table) sort() {
	order := make([]int, t.rows)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		for _, c := range t.cols {
			if d := c.compare(a, b); d != 0 {
				return d
			}
		}
		return 0
	})
	for _, c := range t.cols {
		c.number, c.code = permuted(c.number, order), permuted(c.code, order)
	}
}

func permuted[T any](v []T, order []int) []T {
	if v == nil {
		return nil
	}
	out := make([]T, len(v))
	for i, k := range order {
		out[i] = v[k]
	}
	return out
}

func (c *values) compare(a, b int) int {
	if c.code == nil {
		return cmp.Compare(c.number[a], c.number[b]) // NaN comes first
	}
	x, y := c.code[a], c.code[b]
	if x < 0 || y < 0 || x == y {
		return cmp.Compare(x, y)
	}
	return cmp.Compare(c.levels[x], c.levels[y])
}

// readCSV reads the table of the file mode. A column is numeric if all of its values are.
func readCSV(path, separator string, lim limits) (*table, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("the input file cannot be read: %w", err)
	}
	defer file.Close()
	r := csv.NewReader(file)
	if sep := []rune(separator); len(sep) == 1 {
		r.Comma = sep[0]
	}
	r.ReuseRecord = true
	head, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("the input file has no header line: %w", err)
	}
	t := &table{}
	for _, name := range head {
		t.cols = append(t.cols, &values{name: strings.TrimPrefix(strings.TrimSpace(name), "\ufeff"), kind: text, index: map[string]int32{}})
	}
	for {
		record, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("the input file cannot be read: %w", err)
		}
		for j, v := range record {
			v = strings.TrimSpace(v)
			t.cols[j].addText(v, v == "NA" || v == "NaN" || v == "null" || v == "NULL")
			t.bytes += int64(len(v)) + 8
		}
		if t.rows++; t.rows > lim.rows || t.bytes > lim.bytes {
			return nil, fmt.Errorf("%w: more than %d rows or %d MiB", errTooMuch, lim.rows, lim.bytes>>20)
		}
	}
	for _, c := range t.cols {
		if _, ok := c.numbers(); ok && len(c.levels) > 0 {
			c.becomeNumber()
		}
	}
	return t, nil
}

// numbers reads the texts of the column as numbers, if all of them are.
func (c *values) numbers() ([]float64, bool) {
	of := make([]float64, len(c.levels))
	for k, level := range c.levels {
		v, err := strconv.ParseFloat(level, 64)
		if err != nil || math.IsInf(v, 0) || v != v {
			return nil, false
		}
		of[k] = v
	}
	return of, true
}

func (c *values) becomeNumber() bool {
	of, ok := c.numbers()
	if !ok {
		return false
	}
	c.number = make([]float64, len(c.code))
	c.integer = true
	for i, k := range c.code {
		c.number[i] = math.NaN()
		if k >= 0 {
			c.number[i] = of[k]
			c.integer = c.integer && of[k] == math.Trunc(of[k])
		}
	}
	c.kind, c.code, c.levels = number, nil, nil
	return true
}

// becomeText turns numbers that name categories into text.
func (c *values) becomeText() {
	old := c.number
	c.kind, c.number, c.index, c.levels = text, nil, map[string]int32{}, nil
	for _, v := range old {
		c.addText(strconv.FormatFloat(v, 'f', -1, 64), v != v)
	}
}
