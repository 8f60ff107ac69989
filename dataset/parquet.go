package dataset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// readParquet reads the columns of a Parquet file; nested and repeated ones are left out with a warning. The library
// may panic on a damaged file, which is then an error like any other.
func readParquet(ctx context.Context, in source, opt ReadOptions) (t *Table, err error) {
	if in.packed != "" {
		return nil, &DataError{File: in.path, Msg: "a Parquet file is compressed within: unpack it first"}
	}
	f, err := in.openFile()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	defer func() {
		if p := recover(); p != nil {
			t, err = nil, damaged(in.path, fmt.Errorf("%v", p))
		}
	}()
	info, err := f.Stat()
	if err != nil {
		return nil, damaged(in.path, err)
	}
	file, err := parquet.OpenFile(f, info.Size(), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, damaged(in.path, err)
	}
	r := &parquetReader{file: file, path: in.path, missing: newMissing(opt.Missing)}
	if err := r.checkSize(info.Size(), opt.MaxBytes); err != nil {
		return nil, err
	}
	return r.read(ctx)
}

type parquetReader struct {
	file    *parquet.File
	path    string
	missing missingTexts
	buffer  [256]parquet.Value
}

// checkSize refuses a footer that promises more than the file can hold or the limit allows.
func (r *parquetReader) checkSize(size, limit int64) error {
	meta := r.file.Metadata()
	rows, columns := meta.NumRows, int64(len(r.file.Root().Columns()))
	if rows < 0 || rows > math.MaxInt32 || rows*max(columns, 1)*8 > limit {
		return &DataError{File: r.path, Msg: fmt.Sprintf("%d rows of %d columns are more than the limit for reading; raise it or take a sample of the rows", rows, columns)}
	}
	var total int64
	for _, g := range meta.RowGroups {
		if total += g.NumRows; g.NumRows < 0 || total > rows {
			return damaged(r.path, errors.New("its row groups do not add up"))
		}
		for _, c := range g.Columns {
			m := c.MetaData
			if m.TotalCompressedSize < 0 || m.TotalCompressedSize > size || m.TotalUncompressedSize < 0 || m.TotalUncompressedSize > limit {
				return damaged(r.path, errors.New("a column is larger than the file or the limit for reading"))
			}
		}
	}
	return nil
}

func (r *parquetReader) read(ctx context.Context) (*Table, error) {
	t := &Table{File: r.path, rows: int(r.file.NumRows()), first: 1}
	var names []string
	for _, c := range r.file.Root().Columns() {
		if !c.Leaf() || c.Repeated() {
			t.Warnings = append(t.Warnings, fmt.Sprintf("column %q is nested and left out", c.Name()))
			continue
		}
		raw, err := r.column(ctx, c, t.rows)
		if err != nil {
			return nil, err
		}
		t.cols = append(t.cols, raw)
		names = append(names, c.Name())
	}
	if len(t.cols) == 0 {
		return nil, &DataError{File: r.path, Msg: "no columns of plain values"}
	}
	err := checkHeader(r.path, names)
	if bad, ok := err.(*DataError); ok {
		bad.Row = 0
		return nil, bad
	}
	return t, nil
}

// column reads one column of all row groups.
func (r *parquetReader) column(ctx context.Context, c *parquet.Column, rows int) (*Column, error) {
	out := &parquetColumn{missing: &r.missing, asText: textOf(c), asNumber: numberOf(c)}
	for _, group := range r.file.RowGroups() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := r.pages(group.ColumnChunks()[c.Index()].Pages(), out, rows); err != nil {
			bad := damaged(r.path, err).(*DataError)
			bad.Column = c.Name()
			return nil, bad
		}
	}
	if out.len() != rows {
		return nil, damaged(r.path, fmt.Errorf("column %q holds %d values of %d", c.Name(), out.len(), rows))
	}
	if out.asText != nil {
		return NewCategorical(c.Name(), out.texts.codes, out.texts.levels), nil
	}
	return NewNumeric(c.Name(), out.numbers), nil
}

func (r *parquetReader) pages(pages parquet.Pages, out *parquetColumn, rows int) error {
	defer pages.Close()
	for {
		page, err := pages.ReadPage()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		err = r.values(page.Values(), out, rows)
		parquet.Release(page)
		if err != nil {
			return err
		}
	}
}

func (r *parquetReader) values(in parquet.ValueReader, out *parquetColumn, rows int) error {
	for {
		n, err := in.ReadValues(r.buffer[:])
		if out.len()+n > rows {
			return errors.New("more values than rows")
		}
		for _, v := range r.buffer[:n] {
			out.add(v)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if n == 0 {
			return io.ErrNoProgress
		}
	}
}

// parquetColumn is a column while it is read: text if asText is there, else numbers.
type parquetColumn struct {
	missing  *missingTexts
	asText   func(parquet.Value) []byte
	asNumber func(parquet.Value) float64
	texts    texts
	numbers  []float64
}

func (c *parquetColumn) len() int { return len(c.numbers) + len(c.texts.codes) }

func (c *parquetColumn) add(v parquet.Value) {
	if c.asText == nil {
		x := math.NaN()
		if !v.IsNull() {
			x = c.asNumber(v)
		}
		c.numbers = append(c.numbers, x)
		return
	}
	code := int32(-1)
	if !v.IsNull() {
		if text := blank(c.asText(v)); !c.missing.has(text) {
			code = c.texts.add(utf8Text(text))
		}
	}
	c.texts.codes = append(c.texts.codes, code)
}

// numberOf returns how values of a numeric column are read; decimals are divided by their scale.
func numberOf(c *parquet.Column) func(parquet.Value) float64 {
	scale := 1.0
	if logical := c.Type().LogicalType(); logical != nil {
		if decimal, ok := logical.Value.(*format.DecimalType); ok {
			scale = math.Pow10(int(decimal.Scale))
		}
	}
	switch c.Type().Kind() {
	case parquet.Int32:
		return func(v parquet.Value) float64 { return float64(v.Int32()) / scale }
	case parquet.Int64:
		return func(v parquet.Value) float64 { return float64(v.Int64()) / scale }
	case parquet.Float:
		return func(v parquet.Value) float64 { return float64(v.Float()) }
	case parquet.ByteArray, parquet.FixedLenByteArray:
		return bigDecimal(scale)
	}
	return parquet.Value.Double
}

// textOf returns how values of a column are written as text, nil if they are numbers. Dates and times become text that
// is recognised as dates.
func textOf(c *parquet.Column) func(parquet.Value) []byte {
	var logical format.LogicalTypeValue
	if l := c.Type().LogicalType(); l != nil {
		logical = l.Value
	}
	switch kind := c.Type().Kind(); {
	case kind == parquet.Boolean:
		return func(v parquet.Value) []byte { return strconv.AppendBool(nil, v.Boolean()) }
	case kind == parquet.ByteArray || kind == parquet.FixedLenByteArray:
		if _, isNumber := logical.(*format.DecimalType); isNumber {
			return nil
		}
		return parquet.Value.ByteArray
	case kind == parquet.Int96:
		return func(v parquet.Value) []byte {
			const julian1970 = 2440588 // days are counted in Julian days, the rest of the day in nanoseconds
			i := v.Int96()
			nanos := int64(uint64(i[1])<<32 | uint64(i[0]))
			return instant(time.Unix((int64(i[2])-julian1970)*86400, nanos))
		}
	}
	switch l := logical.(type) {
	case *format.DateType:
		return func(v parquet.Value) []byte {
			return time.Unix(int64(v.Int32())*86400, 0).UTC().AppendFormat(nil, time.DateOnly)
		}
	case *format.TimestampType:
		switch l.Unit.Value.(type) {
		case *format.MilliSeconds:
			return func(v parquet.Value) []byte { return instant(time.UnixMilli(v.Int64())) }
		case *format.MicroSeconds:
			return func(v parquet.Value) []byte { return instant(time.UnixMicro(v.Int64())) }
		}
		return func(v parquet.Value) []byte { return instant(time.Unix(0, v.Int64())) }
	}
	return nil
}

// bigDecimal returns how a decimal is read that is stored as big-endian two's complement.
func bigDecimal(scale float64) func(parquet.Value) float64 {
	return func(v parquet.Value) float64 {
		x := 0.0
		for i, b := range v.ByteArray() {
			if i == 0 {
				x = float64(int8(b))
			} else {
				x = x*256 + float64(b)
			}
		}
		return x / scale
	}
}

func instant(t time.Time) []byte { return t.UTC().AppendFormat(nil, time.RFC3339Nano) }
