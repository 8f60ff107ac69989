package dataset

import (
	"bytes"
	"fmt"
	"math"
	"unicode/utf8"
)

// mode says how the fields of a column are read.
type mode uint8

const (
	asNumber mode = iota
	asText
	skipped
)

// layout is what the parsers of all chunks of a file share.
type layout struct {
	file    string
	comma   byte
	names   []string
	modes   []mode
	missing missingTexts
}

// part is what one chunk of a CSV file holds. Where a column that was to be numbers holds other text, found says so
// and the column is incomplete.
type part struct {
	rows    int
	numbers [][]float64
	texts   []texts
	found   []bool
	lines   []int32 // line of every row, or nil if row i is on line first+i
	first   int
	latin1  int // line of the first text that is not UTF-8, 0 if all is
	err     error
}

// newPart makes room for all records that c can hold: each takes a line end and a separator before all but its first
// field.
func newPart(f *layout, c chunk) *part {
	p := len(f.names)
	rows := min(bytes.Count(c.data, []byte{'\n'})+1, len(c.data)/max(p, 2)+1)
	out := &part{first: c.line, numbers: make([][]float64, p), texts: make([]texts, p), found: make([]bool, p)}
	for j, m := range f.modes {
		switch m {
		case asNumber:
			out.numbers[j] = make([]float64, rows)
		case asText:
			out.texts[j].codes = make([]int32, rows)
		}
	}
	return out
}

// parse reads all records of a chunk.
func (f *layout) parse(c chunk) *part {
	out := newPart(f, c)
	in := fields{file: f.file, comma: f.comma, data: c.data, line: c.line}
	for in.more() {
		out.locate(in.line)
		if out.err = f.record(&in, out); out.err != nil {
			return out
		}
		out.rows++
	}
	return out
}

// locate notes on which line the next row begins.
func (p *part) locate(line int) {
	if p.lines == nil {
		if line == p.first+p.rows {
			return
		}
		for i := range p.rows {
			p.lines = append(p.lines, int32(p.first+i))
		}
	}
	p.lines = append(p.lines, int32(line))
}

func (f *layout) record(in *fields, out *part) error {
	line, last := in.line, len(f.names)-1
	for j := 0; ; j++ {
		if j > last {
			return f.ragged(in, line, j)
		}
		e, plain := f.plain(in, out, j)
		if !plain {
			text, after, err := in.next()
			if err != nil {
				return err
			}
			f.store(out, j, text, line)
			e = after
		}
		if e == nextRecord {
			if j < last {
				return f.miscounted(line, j+1)
			}
			return nil
		}
	}
}

// plain reads a field that is a number and nothing else, the common case; otherwise it leaves it to [fields.next].
func (f *layout) plain(in *fields, out *part, j int) (end, bool) {
	if f.modes[j] != asNumber || in.pos >= len(in.data) || f.missing.begins[in.data[in.pos]] {
		return 0, false
	}
	v, n := number(in.data[in.pos:])
	stop := in.pos + n
	if n == 0 || stop >= len(in.data) {
		return 0, false
	}
	switch in.data[stop] {
	case f.comma:
		in.pos = stop + 1
		out.numbers[j][out.rows] = v
		return nextField, true
	case '\n':
		in.pos = stop + 1
		in.line++
		out.numbers[j][out.rows] = v
		return nextRecord, true
	}
	return 0, false
}

func (f *layout) store(out *part, j int, text []byte, line int) {
	switch f.modes[j] {
	case asNumber:
		v := math.NaN()
		if !f.missing.has(text) {
			var ok bool
			if v, ok = parseNumber(text); !ok {
				out.found[j] = true
			}
		}
		out.numbers[j][out.rows] = v
	case asText:
		code := int32(-1)
		if !f.missing.has(text) {
			code = out.code(j, text, line)
		}
		out.texts[j].codes[out.rows] = code
	}
}

func (p *part) code(j int, text []byte, line int) int32 {
	t := &p.texts[j]
	if k, known := t.index[string(text)]; known {
		return k
	}
	if !utf8.Valid(text) {
		if p.latin1 == 0 {
			p.latin1 = line
		}
		text = latin1(text)
	}
	return t.add(string(text))
}

// ragged counts the fields of a record that has more than the header; j of them are read.
func (f *layout) ragged(in *fields, line, j int) error {
	for {
		_, e, err := in.next()
		if err != nil {
			return err
		}
		if j++; e == nextRecord {
			return f.miscounted(line, j)
		}
	}
}

func (f *layout) miscounted(line, fields int) error {
	return &DataError{File: f.file, Row: line, Msg: fmt.Sprintf("%d fields where the header has %d; put fields that contain %q in quotes", fields, len(f.names), f.comma)}
}

// missingTexts are the texts that stand for a missing value; the empty text always does.
type missingTexts struct {
	texts  map[string]bool
	begins [256]bool // bytes one of them begins with
}

func newMissing(list []string) missingTexts {
	m := missingTexts{texts: map[string]bool{"": true}}
	for _, text := range list {
		m.texts[text] = true
		if text != "" {
			m.begins[text[0]] = true
		}
	}
	return m
}

func (m *missingTexts) has(text []byte) bool {
	return len(text) == 0 || m.begins[text[0]] && m.texts[string(text)]
}
