package dataset

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
)

// csvReader reads a CSV file in chunks, which are parsed in parallel, each into columns of its own.
type csvReader struct {
	layout
	open      func() (io.ReadCloser, error)
	limit     int64
	asked     map[string]Type
	onlyTyped bool
	chunk     int // bytes per chunk
}

// read returns the raw columns. All columns are taken for numbers until a chunk proves otherwise: as nothing but the
// whole file decides that a column is text, and text must be kept to the letter, the file is then read once more. The
// first chunk, which nearly always finds all such columns, is parsed before the others.
func (r *csvReader) read(ctx context.Context) (*Table, error) {
	for range 2 {
		parts, err := r.pass(ctx)
		if err != nil {
			return nil, err
		}
		if r.learn(parts...) {
			continue
		}
		return r.assemble(parts)
	}
	return nil, &DataError{File: r.file, Msg: "the file changed while it was read; try again"}
}

// learn notes the columns that were found to be text and reports whether there are any.
func (r *csvReader) learn(parts ...*part) bool {
	more := false
	for _, p := range parts {
		for j, found := range p.found {
			if found {
				r.modes[j] = asText
				more = true
			}
		}
	}
	return more
}

func (r *csvReader) pass(ctx context.Context) ([]*part, error) {
	in, err := r.open()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	cs := &chunks{in: in, file: r.file, line: 1, size: r.chunk, limit: r.limit}
	first, err := r.begin(cs)
	if err != nil {
		return nil, err
	}
	head := r.parse(first)
	if head.err == nil && r.learn(head) {
		head = r.parse(first)
	}
	if head.err != nil {
		return nil, head.err
	}
	return r.rest(ctx, cs, head)
}

// begin reads the first chunk that is not blank and takes the header off it.
func (r *csvReader) begin(cs *chunks) (chunk, error) {
	c, err := cs.next(nil)
	c.data = bytes.TrimPrefix(c.data, []byte("\xef\xbb\xbf"))
	f := fields{file: r.file, data: c.data, line: 1}
	for err == nil && !f.more() {
		c, err = cs.next(nil)
		f.data, f.pos = c.data, 0
	}
	if err != nil && err != io.EOF {
		return chunk{}, err
	}
	cs.no = 1
	if r.comma == 0 {
		r.comma = guessComma(f.data[f.pos:])
	}
	f.comma = r.comma
	names, err := f.header()
	if err != nil {
		return chunk{}, err
	}
	if r.names == nil {
		r.names = names
		r.modes = make([]mode, len(names))
		for j, name := range names {
			r.modes[j] = r.modeOf(name)
		}
	} else if len(names) != len(r.names) {
		return chunk{}, &DataError{File: r.file, Msg: "the file changed while it was read; try again"}
	}
	return chunk{data: f.data[f.pos:], line: f.line}, nil
}

// modeOf says how to read a column whose type may have been given.
func (r *csvReader) modeOf(name string) mode {
	t, given := r.asked[name]
	switch {
	case !given && r.onlyTyped:
		return skipped
	case !given || t == Number:
		return asNumber
	case t.Used() || t == ID:
		return asText
	}
	return skipped
}

// guessComma finds the separator in the header line: a comma unless there is none but a semicolon or a tab.
func guessComma(data []byte) byte {
	line, _, _ := bytes.Cut(data, []byte{'\n'})
	for _, c := range []byte{',', ';', '\t'} {
		if bytes.IndexByte(line, c) >= 0 {
			return c
		}
	}
	return ','
}

// rest parses all chunks but the first in parallel.
func (r *csvReader) rest(ctx context.Context, cs *chunks, head *part) ([]*part, error) {
	workers := runtime.GOMAXPROCS(0)
	todo, free := make(chan chunk), make(chan []byte, 2*workers)
	w := &parts{list: []*part{head}}
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for c := range todo {
				w.put(c.no, r.parse(c))
				select {
				case free <- c.data[:0:cap(c.data)]:
				default:
				}
			}
		})
	}
	err := feed(ctx, cs, todo, free, w)
	close(todo)
	wg.Wait()
	for _, p := range w.list { // the first error in the file, whoever was faster
		if p != nil && p.err != nil {
			return nil, p.err
		}
	}
	return w.list, err
}

func feed(ctx context.Context, cs *chunks, todo chan<- chunk, free <-chan []byte, w *parts) error {
	for !w.hasFailed() {
		if err := ctx.Err(); err != nil {
			return err
		}
		var buffer []byte
		select {
		case buffer = <-free:
		default:
		}
		c, err := cs.next(buffer)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		todo <- c
	}
	return nil
}

// parts collects the parts of a file as they are finished.
type parts struct {
	mu     sync.Mutex
	list   []*part
	failed bool
}

func (w *parts) put(no int, p *part) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.list) <= no {
		w.list = append(w.list, nil)
	}
	w.list[no] = p
	w.failed = w.failed || p.err != nil
}

func (w *parts) hasFailed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failed
}

// assemble joins the parts column by column.
func (r *csvReader) assemble(list []*part) (*Table, error) {
	rows := 0
	for _, p := range list {
		rows += p.rows
	}
	t := &Table{File: r.file, rows: rows, first: 2, line: lineNumbers(list, rows)}
	for j, name := range r.names {
		switch r.modes[j] {
		case asNumber:
			values := make([]float64, 0, rows)
			for _, p := range list {
				values = append(values, p.numbers[j][:p.rows]...)
				p.numbers[j] = nil
			}
			t.cols = append(t.cols, NewNumeric(name, values))
		case asText:
			t.cols = append(t.cols, joinTexts(name, list, j, rows))
		case skipped:
			t.cols = append(t.cols, NewNumeric(name, nil))
		}
	}
	for _, p := range list {
		if p.latin1 > 0 {
			t.Warnings = append(t.Warnings, fmt.Sprintf("%s: line %d: text that is not UTF-8 is read as Latin-1 (ISO 8859-1)", r.file, p.latin1))
			break
		}
	}
	return t, nil
}

func joinTexts(name string, list []*part, j, rows int) *Column {
	all := texts{codes: make([]int32, 0, rows)}
	for _, p := range list {
		t := &p.texts[j]
		global := make([]int32, len(t.levels))
		for k, level := range t.levels {
			global[k] = all.add(level)
		}
		for _, k := range t.codes[:p.rows] {
			if k >= 0 {
				k = global[k]
			}
			all.codes = append(all.codes, k)
		}
		p.texts[j] = texts{}
	}
	return NewCategorical(name, all.codes, all.levels)
}

// lineNumbers returns the line of each row, nil if row i is on line i+2, right below the header.
func lineNumbers(list []*part, rows int) []int32 {
	row, regular := 0, true
	for _, p := range list {
		regular = regular && p.lines == nil && (p.rows == 0 || p.first == row+2)
		row += p.rows
	}
	if regular {
		return nil
	}
	lines := make([]int32, 0, rows)
	for _, p := range list {
		if p.lines != nil {
			lines = append(lines, p.lines...)
			continue
		}
		for i := range p.rows {
			lines = append(lines, int32(p.first+i))
		}
	}
	return lines
}

// trimExtension removes .gz or .zst and returns the extension before it, in lower case.
func trimExtension(path string) (extension, packed string) {
	path = strings.ToLower(path)
	for _, p := range []string{".gz", ".zst"} {
		if strings.HasSuffix(path, p) {
			path, packed = strings.TrimSuffix(path, p), p
		}
	}
	if at := strings.LastIndexByte(path, '.'); at >= 0 {
		extension = path[at:]
	}
	return extension, packed
}
