package dataset

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// arffReader reads Weka's attribute-relation file format, dense or sparse
// (https://waikato.github.io/weka-wiki/formats_and_processing/arff_stable/). Relational attributes and instance weights
// are not supported.
type arffReader struct {
	file    string
	missing missingTexts
	lineNo  int
	table   *Table
	columns []arffColumn
}

// arffColumn is an attribute with the values read so far.
type arffColumn struct {
	name    string
	numeric bool
	nominal []string // the declared values
	numbers []float64
	texts   texts
}

func readARFF(ctx context.Context, in source, opt ReadOptions) (*Table, error) {
	f, err := in.open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := &arffReader{file: in.path, missing: newMissing(opt.Missing), table: &Table{File: in.path}}
	limited := &io.LimitedReader{R: f, N: opt.MaxBytes + 1}
	lines := bufio.NewScanner(limited)
	lines.Buffer(make([]byte, 64<<10), recordBytes)
	data := false
	for lines.Scan() {
		r.lineNo++
		if r.lineNo%1000 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		text := bytes.TrimSpace(bytes.TrimPrefix(lines.Bytes(), []byte("\xef\xbb\xbf")))
		switch {
		case len(text) == 0 || text[0] == '%':
		case bytes.IndexByte(text, 0) >= 0:
			err = r.errorf("a NUL byte: not a text file, or one in UTF-16; save it as ARFF in UTF-8")
		case data:
			err = r.row(text)
		default:
			data, err = r.declare(text)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := r.complaint(lines.Err(), limited.N == 0, data); err != nil {
		return nil, err
	}
	return r.finish(), nil
}

// complaint is what is wrong once all lines are read, nil if nothing is.
func (r *arffReader) complaint(err error, tooLarge, data bool) error {
	switch {
	case tooLarge:
		return &DataError{File: r.file, Msg: "the file is larger than the limit for reading; raise it or take a sample of the rows"}
	case errors.Is(err, bufio.ErrTooLong):
		return &DataError{File: r.file, Row: r.lineNo + 1, Msg: fmt.Sprintf("a line of more than %d MB: is this an ARFF file?", recordBytes>>20)}
	case err != nil:
		return damaged(r.file, err)
	case !data:
		return &DataError{File: r.file, Msg: "there is no @data line: is this an ARFF file?"}
	}
	return nil
}

func (r *arffReader) errorf(format string, args ...any) error {
	return &DataError{File: r.file, Row: r.lineNo, Msg: fmt.Sprintf(format, args...)}
}

// declare reads a line above @data and reports whether it is @data.
func (r *arffReader) declare(text []byte) (data bool, err error) {
	word, rest, _ := bytes.Cut(bytes.ReplaceAll(text, []byte{'\t'}, []byte{' '}), []byte{' '})
	switch strings.ToLower(string(word)) {
	case "@relation":
		return false, nil
	case "@attribute":
		return false, r.attribute(bytes.TrimSpace(rest))
	case "@data":
		names := make([]string, len(r.columns))
		for j, c := range r.columns {
			names[j] = c.name
		}
		if len(names) == 0 {
			return true, r.errorf("no @attribute line stands before @data")
		}
		err := checkHeader(r.file, names)
		if bad, ok := err.(*DataError); ok {
			bad.Row = r.lineNo
		}
		return true, err
	}
	return false, r.errorf("%s: want @relation, @attribute or @data", shown(string(word)))
}

func (r *arffReader) attribute(text []byte) error {
	name, kind, err := r.token(text, " {")
	if err != nil {
		return err
	}
	c := arffColumn{name: name}
	kind = bytes.TrimSpace(kind)
	word, _, _ := bytes.Cut(kind, []byte{' '})
	switch strings.ToLower(string(word)) {
	case "numeric", "real", "integer":
		c.numeric = true
	case "string", "date":
	default:
		if len(kind) < 2 || kind[0] != '{' || kind[len(kind)-1] != '}' {
			return r.errorf("attribute %s: unknown type %s; want numeric, string, date or {value,value,…}", shown(name), shown(string(kind)))
		}
		values, err := r.values(kind[1 : len(kind)-1])
		if err != nil {
			return err
		}
		c.nominal = make([]string, len(values))
		for k, v := range values {
			c.nominal[k] = v.text
		}
	}
	r.columns = append(r.columns, c)
	return nil
}

// token reads text up to one of the separators, in single or double quotes or without, and returns what follows.
func (r *arffReader) token(b []byte, separators string) (text string, rest []byte, err error) {
	if len(b) == 0 || b[0] != '\'' && b[0] != '"' {
		at := bytes.IndexAny(b, separators)
		if at < 0 {
			at = len(b)
		}
		return utf8Text(bytes.TrimSpace(b[:at])), b[at:], nil
	}
	var out []byte
	for i := 1; i < len(b); i++ {
		switch {
		case b[i] == '\\' && i+1 < len(b):
			i++
			out = append(out, b[i])
		case b[i] == b[0]:
			return utf8Text(out), b[i+1:], nil
		default:
			out = append(out, b[i])
		}
	}
	return "", nil, r.errorf("a quote is opened but not closed")
}

func utf8Text(b []byte) string {
	if !utf8.Valid(b) {
		b = latin1(b)
	}
	return string(b)
}

type arffValue struct {
	text   string
	quoted bool // so that it is not missing, whatever it says
}

// values reads values with commas between them.
func (r *arffReader) values(b []byte) ([]arffValue, error) {
	var out []arffValue
	for {
		b = bytes.TrimLeft(b, " \t")
		quoted := len(b) > 0 && (b[0] == '\'' || b[0] == '"')
		text, rest, err := r.token(b, ",")
		if err != nil {
			return nil, err
		}
		out = append(out, arffValue{text, quoted})
		rest = bytes.TrimLeft(rest, " \t")
		if len(rest) == 0 {
			return out, nil
		}
		if rest[0] != ',' {
			return nil, r.errorf("text follows a quoted value; want a comma")
		}
		b = rest[1:]
	}
}

func (r *arffReader) row(text []byte) error {
	if text[0] == '{' {
		return r.sparse(text)
	}
	values, err := r.values(text)
	if err != nil {
		return err
	}
	if len(values) != len(r.columns) {
		return r.errorf("%d values for %d attributes", len(values), len(r.columns))
	}
	for j, v := range values {
		if err := r.add(j, v); err != nil {
			return err
		}
	}
	r.counted()
	return nil
}

func (r *arffReader) counted() {
	r.table.line = append(r.table.line, int32(r.lineNo))
	r.table.rows++
}

// sparse reads {index value, index value}; values not given are 0, the first one of a nominal attribute.
func (r *arffReader) sparse(text []byte) error {
	if text[len(text)-1] != '}' {
		return r.errorf("a sparse row must end with }")
	}
	if body := bytes.TrimSpace(text[1 : len(text)-1]); len(body) > 0 {
		if err := r.pairs(body); err != nil {
			return err
		}
	}
	r.counted()
	for j := range r.columns {
		if c := &r.columns[j]; c.len() < r.table.rows {
			if err := r.add(j, c.zero()); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *arffReader) pairs(body []byte) error {
	for len(body) > 0 {
		index, rest, _ := bytes.Cut(bytes.TrimLeft(body, " \t"), []byte{' '})
		j, err := strconv.Atoi(string(index))
		if err != nil || j < 0 || j >= len(r.columns) {
			return r.errorf("%s is not the number of an attribute (they count from 0)", shown(string(index)))
		}
		if r.columns[j].len() > r.table.rows {
			return r.errorf("attribute %d is given twice", j)
		}
		rest = bytes.TrimLeft(rest, " \t")
		quoted := len(rest) > 0 && (rest[0] == '\'' || rest[0] == '"')
		text, rest, err := r.token(rest, ",")
		if err != nil {
			return err
		}
		if err := r.add(j, arffValue{text, quoted}); err != nil {
			return err
		}
		rest = bytes.TrimLeft(rest, " \t")
		if len(rest) > 0 && rest[0] != ',' {
			return r.errorf("text follows a quoted value; want a comma")
		}
		body = bytes.TrimPrefix(rest, []byte{','})
	}
	return nil
}

func (c *arffColumn) len() int {
	if c.numeric {
		return len(c.numbers)
	}
	return len(c.texts.codes)
}

func (c *arffColumn) zero() arffValue {
	if len(c.nominal) > 0 {
		return arffValue{c.nominal[0], true}
	}
	return arffValue{"0", true}
}

// add appends a value to column j.
func (r *arffReader) add(j int, v arffValue) error {
	c := &r.columns[j]
	missing := !v.quoted && r.missing.has([]byte(v.text))
	if c.numeric {
		x, ok := math.NaN(), true
		if !missing {
			x, ok = parseNumber([]byte(v.text))
		}
		if !ok {
			return &DataError{File: r.file, Row: r.lineNo, Column: c.name, Msg: shown(v.text) + " is not a number"}
		}
		c.numbers = append(c.numbers, x)
		return nil
	}
	code := int32(-1)
	if !missing {
		known := len(c.texts.levels)
		code = c.texts.add(v.text)
		if int(code) == known && c.nominal != nil && !slices.Contains(c.nominal, v.text) {
			return &DataError{File: r.file, Row: r.lineNo, Column: c.name, Msg: shown(v.text) + " is none of the values that the attribute declares"}
		}
	}
	c.texts.codes = append(c.texts.codes, code)
	return nil
}

func (r *arffReader) finish() *Table {
	for _, c := range r.columns {
		if c.numeric {
			r.table.cols = append(r.table.cols, NewNumeric(c.name, c.numbers))
		} else {
			r.table.cols = append(r.table.cols, NewCategorical(c.name, c.texts.codes, c.texts.levels))
		}
	}
	return r.table
}
