package data

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/whole"
)

// Uploads keeps tables that people send, each in a folder of its own.
type Uploads struct {
	Dir      string
	MaxBytes int64         // of a file after decompression
	Busy     chan struct{} // holds as many tables as are read at a time
}

const (
	dataFile  = "data"
	tableFile = "table.json"
)

var uploadID = regexp.MustCompile(`^u-[0-9a-f]{32}$`)

// extensions of files that are read.
var extensions = []string{".csv", ".tsv", ".csv.gz", ".tsv.gz", ".arff"}

func extensionOf(name string) string {
	name = strings.ToLower(name)
	best := ""
	for _, e := range extensions {
		if strings.HasSuffix(name, e) && len(e) > len(best) {
			best = e
		}
	}
	return best
}

// Add keeps what r holds, checks that it is a table and describes it.
func (u *Uploads) Add(ctx context.Context, name string, r io.Reader) (t *Table, err error) {
	name = filepath.Base(strings.ReplaceAll(strings.ToValidUTF8(name, ""), "\\", "/"))
	if name == "." || name == "/" || name == "" {
		name = "table.csv"
	}
	if len(name) > 120 {
		name = name[len(name)-120:]
	}
	ext := extensionOf(name)
	if ext == "" {
		return nil, wrong("%.60q: want a file of one of the types %s", name, strings.Join(extensions, ", "))
	}
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	id := "u-" + hex.EncodeToString(b)
	dir := filepath.Join(u.Dir, "."+id) // a dot until it is complete
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(dir)
		}
	}()
	size := int64(0)
	err = whole.Write(filepath.Join(dir, dataFile+ext), 0o600, func(w io.Writer) error {
		size, err = io.Copy(w, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	t = &Table{ID: id, Name: name, Source: "upload", Bytes: size, Created: time.Now().UTC()}
	if err := u.describe(ctx, t, filepath.Join(dir, dataFile+ext)); err != nil {
		return nil, err
	}
	about, err := json.Marshal(t)
	if err != nil {
		return nil, err
	}
	if err := whole.Write(filepath.Join(dir, tableFile), 0o600, whole.Data(about)); err != nil {
		return nil, err
	}
	return t, os.Rename(dir, filepath.Join(u.Dir, id))
}

// describe reads the table and tells what is in it.
func (u *Uploads) describe(ctx context.Context, t *Table, path string) error {
	table, err := u.read(ctx, path)
	if err != nil {
		return renamed(err, t.Name)
	}
	if table.Rows() == 0 {
		return wrong("%s: no rows below the header", t.Name)
	}
	n := table.Rows()
	t.Rows, t.Notes = &n, table.Warnings
	for _, f := range table.Fields {
		kind := map[dataset.Type]string{dataset.Number: "number", dataset.Boolean: "boolean", dataset.Date: "date", dataset.Category: "category",
			dataset.ID: "id", dataset.Constant: "constant"}[f.Type]
		t.Columns = append(t.Columns, describe(table.Column(f.Name), kind, 1))
	}
	return nil
}

// renamed shows people the name that they know.
func renamed(err error, name string) error {
	var bad *dataset.DataError
	if errors.As(err, &bad) {
		known := *bad
		known.File = name
		return &known
	}
	return err
}

func (u *Uploads) read(ctx context.Context, path string) (*dataset.Table, error) {
	if u.Busy != nil {
		select {
		case u.Busy <- struct{}{}:
			defer func() { <-u.Busy }()
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	return dataset.Read(ctx, path, dataset.ReadOptions{MaxBytes: u.MaxBytes})
}

// Get returns the description of a table.
func (u *Uploads) Get(id string) (*Table, error) {
	if !uploadID.MatchString(id) {
		return nil, ErrUnknown
	}
	data, err := os.ReadFile(filepath.Join(u.Dir, id, tableFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrUnknown
	}
	if err != nil {
		return nil, err
	}
	t := &Table{}
	return t, json.Unmarshal(data, t)
}

// List returns all tables without their columns, the newest first.
func (u *Uploads) List() ([]*Table, error) {
	entries, err := os.ReadDir(u.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var out []*Table
	for _, e := range entries {
		if t, err := u.Get(e.Name()); err == nil {
			t.Columns = nil
			out = append(out, t)
		}
	}
	slices.SortStableFunc(out, func(a, b *Table) int { return b.Created.Compare(a.Created) })
	return out, err
}

// Remove forgets a table.
func (u *Uploads) Remove(id string) error {
	if _, err := u.Get(id); err != nil {
		return err
	}
	return os.RemoveAll(filepath.Join(u.Dir, id))
}

// Clean removes what uploads that were cut off have left.
func (u *Uploads) Clean(before time.Time) {
	left, _ := filepath.Glob(filepath.Join(u.Dir, ".u-*"))
	for _, dir := range left {
		if info, err := os.Stat(dir); err == nil && info.ModTime().Before(before) {
			_ = os.RemoveAll(dir)
		}
	}
}

// table reads the whole table.
func (u *Uploads) table(ctx context.Context, id string) (*dataset.Table, *Table, error) {
	about, err := u.Get(id)
	if err != nil {
		return nil, nil, err
	}
	t, err := u.read(ctx, filepath.Join(u.Dir, id, dataFile+extensionOf(about.Name)))
	if err != nil {
		return nil, nil, renamed(err, about.Name)
	}
	t.File = about.Name
	return t, about, nil
}

// load makes the sample of a selection.
func (u *Uploads) load(ctx context.Context, sel *Selection) (*Sample, error) {
	part, err := u.part(ctx, sel, append([]string{sel.Variable}, sel.Features()...))
	if err != nil {
		return nil, err
	}
	task := map[string]string{"regression": "regression", "binary": "binary", "multiclass": "multiclass"}[sel.Task]
	s, schema, err := part.Sample(dataset.SampleOptions{Target: sel.Variable, Task: task})
	if err != nil {
		return nil, err
	}
	return &Sample{Sample: s, Schema: schema, LeftOut: append(slices.Clone(part.Warnings), schema.Warnings...)}, nil
}

// part is the columns named of the rows that the filter selects.
func (u *Uploads) part(ctx context.Context, sel *Selection, names []string) (*dataset.Table, error) {
	t, _, err := u.table(ctx, sel.Table)
	if err != nil {
		return nil, err
	}
	rows, err := sel.Filters.Rows(t.Rows(), t.Column)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, wrong("the filters select no row")
	}
	return t.Part(rows, names)
}
