package dataset

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// ReadOptions says how to read a file. The zero value reads what [Read] describes.
type ReadOptions struct {
	Missing  []string        // texts of missing values beside the empty one; default: NA, N/A, NaN, nan, null, NULL, ?
	Types    map[string]Type // types by column name, for columns that should not be inferred
	Stdin    io.Reader       // what "-" reads; default: os.Stdin
	MaxBytes int64           // limit for the text after decompression and for the values of a Parquet file; default: 16 GiB
	NoTarget bool            // ReadAs leaves the target column unread

	onlyTyped bool // columns that Types does not name are not read
}

var defaultMissing = []string{"NA", "N/A", "NaN", "nan", "null", "NULL", "?"}

const defaultMaxBytes = 16 << 30

// Read reads a table with a header from a .csv, .tsv (both also .gz or .zst), .arff or .parquet file, or CSV from
// standard input if path is "-". Files with other names are taken for CSV. The separator of CSV is a comma, or a
// semicolon or tab if the header line holds no comma. Types are inferred from all rows. What is wrong with the data is
// a [*DataError].
func Read(ctx context.Context, path string, opt ReadOptions) (*Table, error) {
	t, err := readRaw(ctx, path, opt)
	if err != nil {
		return nil, err
	}
	for name := range opt.Types {
		if t.index(name) < 0 {
			return nil, t.unknown(name)
		}
	}
	if err := t.infer(opt.Types); err != nil {
		return nil, err
	}
	return t, nil
}

// readRaw reads the columns without judging what they mean.
func readRaw(ctx context.Context, path string, opt ReadOptions) (*Table, error) {
	if opt.Missing == nil {
		opt.Missing = defaultMissing
	}
	if opt.MaxBytes <= 0 {
		opt.MaxBytes = defaultMaxBytes
	}
	in := source{path: path}
	if err := in.keepStream(ctx, opt); err != nil {
		return nil, err
	}
	t, err := readFormat(ctx, in, opt)
	if err != nil {
		return nil, err
	}
	t.missing = opt.Missing
	return t, nil
}

func readFormat(ctx context.Context, in source, opt ReadOptions) (*Table, error) {
	extension, packed := ".csv", ""
	if in.kept == nil {
		extension, packed = trimExtension(in.path)
	}
	in.packed = packed
	switch extension {
	case ".parquet":
		return readParquet(ctx, in, opt)
	case ".arff":
		return readARFF(ctx, in, opt)
	}
	r := &csvReader{open: in.open, limit: opt.MaxBytes, asked: opt.Types, onlyTyped: opt.onlyTyped, chunk: chunkBytes}
	r.file, r.missing = in.path, newMissing(opt.Missing)
	if extension == ".tsv" {
		r.comma = '\t'
	}
	return r.read(ctx)
}

// source is a file, or what came from standard input, that can be opened more than once.
type source struct {
	path   string
	packed string // ".gz", ".zst" or ""
	kept   []byte
}

// keepStream keeps in memory what cannot be opened twice: standard input and pipes.
func (s *source) keepStream(ctx context.Context, opt ReadOptions) error {
	if s.path == "-" {
		s.path = "standard input"
		if opt.Stdin == nil {
			return s.keep(ctx, os.Stdin, opt)
		}
		return s.keep(ctx, opt.Stdin, opt)
	}
	if info, err := os.Stat(s.path); err != nil || info.Mode()&(fs.ModeNamedPipe|fs.ModeCharDevice) == 0 {
		return nil // openFile says what is wrong
	}
	f, err := s.openFile()
	if err != nil {
		return err
	}
	defer f.Close()
	return s.keep(ctx, f, opt)
}

// keep reads a stream to its end. A reader that waits for more cannot be interrupted; it is left behind when ctx is
// done.
func (s *source) keep(ctx context.Context, in io.Reader, opt ReadOptions) error {
	type content struct {
		data []byte
		err  error
	}
	read := make(chan content, 1)
	go func() {
		data, err := io.ReadAll(io.LimitReader(in, opt.MaxBytes+1)) // one more, for the reader to see that it is too much
		read <- content{data, err}
	}()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case c := <-read:
		if c.err != nil {
			return damaged(s.path, c.err)
		}
		s.kept = c.data
		return nil
	}
}

// open returns the decompressed content.
func (s source) open() (io.ReadCloser, error) {
	if s.kept != nil {
		return io.NopCloser(bytes.NewReader(s.kept)), nil
	}
	f, err := s.openFile()
	if err != nil {
		return nil, err
	}
	switch s.packed {
	case ".gz":
		z, err := gzip.NewReader(f)
		if err != nil {
			f.Close()
			return nil, damaged(s.path, err)
		}
		return &unpacked{z, func() error { z.Close(); return f.Close() }}, nil
	case ".zst":
		z, err := zstd.NewReader(f, zstd.WithDecoderMaxMemory(1<<30), zstd.WithDecoderConcurrency(1))
		if err != nil {
			f.Close()
			return nil, damaged(s.path, err)
		}
		return &unpacked{z, func() error { z.Close(); return f.Close() }}, nil
	}
	return f, nil
}

func (s source) openFile() (*os.File, error) {
	f, err := os.Open(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &DataError{File: s.path, Msg: "no such file"}
	}
	if err != nil {
		return nil, damaged(s.path, err)
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		f.Close()
		return nil, &DataError{File: s.path, Msg: "a directory: give one of the files in it"}
	}
	return f, nil
}

type unpacked struct {
	io.Reader
	close func() error
}

func (u *unpacked) Close() error { return u.close() }

// damaged wraps what the operating system or a decompressor says about a file.
func damaged(file string, err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return &DataError{File: file, Msg: fmt.Sprintf("cannot be read, damaged or cut short? (%s)", strings.Join(strings.Fields(err.Error()), " "))}
}
