package dataset

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// fields splits CSV text (RFC 4180) into fields. Blanks around a field, inside or outside quotes, are not part of it.
type fields struct {
	file    string
	comma   byte
	data    []byte
	pos     int
	line    int
	scratch []byte // the last quoted field without its quotes
}

// end says what follows a field.
type end uint8

const (
	nextField end = iota
	nextRecord
)

// more skips empty lines and reports whether a record follows.
func (f *fields) more() bool {
	for f.pos < len(f.data) {
		switch c := f.data[f.pos]; {
		case c == '\n':
			f.line++
		case c != '\r' || f.pos+1 < len(f.data) && f.data[f.pos+1] != '\n':
			return true
		}
		f.pos++
	}
	return false
}

// next returns the field that begins at the current position; it is valid until the call after.
func (f *fields) next() ([]byte, end, error) {
	start := f.pos
	for start < len(f.data) && f.blank(f.data[start]) {
		start++
	}
	if start < len(f.data) && f.data[start] == '"' {
		return f.quoted(start + 1)
	}
	stop := start
	for stop < len(f.data) && f.data[stop] != f.comma && f.data[stop] != '\n' {
		if f.data[stop] == '"' {
			return nil, 0, f.errorf(f.line, "a quote inside a field: put the whole field in quotes and double the quotes within")
		}
		stop++
	}
	text := f.data[start:stop]
	if f.ends(stop) && len(text) > 0 && text[len(text)-1] == '\r' {
		text = text[:len(text)-1]
	}
	return blank(text), f.finish(stop), nil
}

func (f *fields) quoted(start int) ([]byte, end, error) {
	opened := f.line
	f.scratch = f.scratch[:0]
	for {
		length := bytes.IndexByte(f.data[start:], '"')
		if length < 0 {
			return nil, 0, f.errorf(opened, "the quote that is opened here is never closed")
		}
		text := f.data[start : start+length]
		f.line += bytes.Count(text, []byte{'\n'})
		f.scratch = append(f.scratch, text...)
		start += length + 1
		if start == len(f.data) || f.data[start] != '"' {
			break
		}
		f.scratch = append(f.scratch, '"')
		start++
	}
	stop := start
	for stop < len(f.data) && f.blank(f.data[stop]) {
		stop++
	}
	if stop < len(f.data) && f.data[stop] == '\r' && f.ends(stop+1) {
		stop++
	}
	if !f.ends(stop) && f.data[stop] != f.comma {
		return nil, 0, f.errorf(opened, "text follows the quoted field that is opened here: a quote within quotes must be doubled")
	}
	if bytes.IndexByte(f.scratch, '\r') >= 0 {
		f.scratch = bytes.ReplaceAll(f.scratch, []byte("\r\n"), []byte("\n"))
	}
	return blank(f.scratch), f.finish(stop), nil
}

func (f *fields) blank(c byte) bool { return c == ' ' || c == '\t' && f.comma != '\t' }

// ends reports whether the record ends at position i.
func (f *fields) ends(i int) bool { return i >= len(f.data) || f.data[i] == '\n' }

// finish steps over what ends the field at position stop.
func (f *fields) finish(stop int) end {
	f.pos = stop + 1
	if stop >= len(f.data) {
		f.pos = len(f.data)
		return nextRecord
	}
	if f.data[stop] == '\n' {
		f.line++
		return nextRecord
	}
	return nextField
}

func (f *fields) errorf(line int, format string, args ...any) error {
	return &DataError{File: f.file, Row: line, Msg: fmt.Sprintf(format, args...)}
}

// header reads the first record as column names.
func (f *fields) header() ([]string, error) {
	var names []string
	if !f.more() {
		return nil, f.errorf(0, "the file is empty: a header line with the columns' names is needed")
	}
	for {
		text, e, err := f.next()
		if err != nil {
			return nil, err
		}
		if !utf8.Valid(text) {
			text = latin1(text)
		}
		names = append(names, string(text))
		if e == nextRecord {
			return names, checkHeader(f.file, names)
		}
	}
}
