package dataset

import (
	"bytes"
	"fmt"
	"io"
)

const (
	chunkBytes  = 512 << 10 // one unit of parallel work
	recordBytes = 16 << 20  // no record may be longer
)

// chunk is a run of whole records of a CSV file.
type chunk struct {
	no   int // position among the file's chunks
	data []byte
	line int // line of the file on which it begins
}

// chunks cuts a CSV file at line ends outside quotes. As every quote opens, closes or is doubled, a line end is outside
// quotes when the number of quotes before it is even.
type chunks struct {
	in    io.Reader
	file  string
	carry []byte // beginning of the next chunk
	line  int
	no    int
	size  int
	limit int64 // bytes still allowed
	ended bool
}

// next returns the next chunk, in buffer if that is large enough; io.EOF after the last.
func (c *chunks) next(buffer []byte) (chunk, error) {
	if c.ended && len(c.carry) == 0 {
		return chunk{}, io.EOF
	}
	buffer = append(buffer[:0], c.carry...)
	for size := c.size; ; size *= 2 {
		var err error
		if buffer, err = c.fill(buffer, size); err != nil {
			return chunk{}, err
		}
		cut := len(buffer)
		if !c.ended {
			cut = lastRecordEnd(buffer)
		}
		if cut > 0 {
			return c.take(buffer, cut)
		}
		if len(buffer) == 0 {
			return chunk{}, io.EOF
		}
		if len(buffer) >= recordBytes {
			return chunk{}, c.tooLong(buffer)
		}
	}
}

func (c *chunks) fill(buffer []byte, size int) ([]byte, error) {
	for len(buffer) < size && !c.ended {
		if cap(buffer) < size {
			buffer = append(make([]byte, 0, size), buffer...)
		}
		n, err := c.in.Read(buffer[len(buffer):size])
		buffer = buffer[:len(buffer)+n]
		c.limit -= int64(n)
		if c.limit < 0 {
			return nil, &DataError{File: c.file, Msg: "the file is larger than the limit for reading; raise it or take a sample of the rows"}
		}
		if err == io.EOF {
			c.ended = true
		} else if err != nil {
			return nil, damaged(c.file, err)
		}
	}
	return buffer, nil
}

func (c *chunks) take(buffer []byte, cut int) (chunk, error) {
	out := chunk{no: c.no, data: buffer[:cut], line: c.line}
	c.carry = append(c.carry[:0], buffer[cut:]...)
	if at := bytes.IndexByte(out.data, 0); at >= 0 {
		line := c.line + bytes.Count(out.data[:at], []byte{'\n'})
		return chunk{}, &DataError{File: c.file, Row: line, Msg: "a NUL byte: not a text file, or one in UTF-16; save it as CSV in UTF-8"}
	}
	c.line += bytes.Count(out.data, []byte{'\n'})
	c.no++
	return out, nil
}

func (c *chunks) tooLong(buffer []byte) error {
	msg := fmt.Sprintf("a record of more than %d MB: is this a CSV file with one record per line?", recordBytes>>20)
	if bytes.Count(buffer, []byte{'"'})%2 == 1 {
		msg = "a quote that is opened here, or soon after, is never closed"
	}
	return &DataError{File: c.file, Row: c.line, Msg: msg}
}

// lastRecordEnd returns the position behind the last line end outside quotes, 0 if there is none.
func lastRecordEnd(b []byte) int {
	quote := []byte{'"'}
	before := bytes.Count(b, quote)
	for end := len(b); ; {
		at := bytes.LastIndexByte(b[:end], '\n')
		if at < 0 {
			return 0
		}
		before -= bytes.Count(b[at:end], quote)
		if before%2 == 0 {
			return at + 1
		}
		end = at
	}
}
