package data

import (
	"context"
	"io"
	"log/slog"
	"strings"

	"github.com/lren-chuv/automl/dataset"
)

var silent = slog.New(slog.NewTextHandler(io.Discard, nil))

// Source is all tables that there are.
type Source struct {
	Uploads   *Uploads
	Catalogue *Catalogue // nil without a database
}

// Tables lists the tables without their columns, uploads first.
func (s *Source) Tables(ctx context.Context) ([]*Table, error) {
	out, err := s.Uploads.List()
	if err != nil || s.Catalogue == nil {
		return out, err
	}
	found, err := s.Catalogue.relations(ctx, "")
	for _, r := range found {
		out = append(out, &Table{ID: r.id(), Name: r.name, Source: "database", Schema: r.schema})
	}
	return out, err
}

// Table describes a table.
func (s *Source) Table(ctx context.Context, id string) (*Table, error) {
	if strings.HasPrefix(id, "u-") || s.Catalogue == nil {
		return s.Uploads.Get(id)
	}
	r, err := s.Catalogue.relation(ctx, id)
	if err != nil {
		return nil, err
	}
	return s.Catalogue.describe(ctx, r)
}

// Find returns the id of a table of the database and the names of its columns; schema may be empty, and case does not matter.
func (s *Source) Find(ctx context.Context, schema, name string) (id string, columns []string, err error) {
	if s.Catalogue == nil {
		return "", nil, ErrUnknown
	}
	r, err := s.Catalogue.find(ctx, schema, name)
	if err != nil {
		return "", nil, err
	}
	for _, a := range r.columns {
		columns = append(columns, a.name)
	}
	return r.id(), columns, nil
}

// columns are the names of a table's columns, and whether each holds numbers.
func (s *Source) columns(ctx context.Context, id string) (map[string]bool, error) {
	out := map[string]bool{}
	if strings.HasPrefix(id, "u-") || s.Catalogue == nil {
		t, err := s.Uploads.Get(id)
		if err != nil {
			return nil, err
		}
		for _, c := range t.Columns {
			out[c.Name] = c.Type == "number"
		}
		return out, nil
	}
	r, err := s.Catalogue.relation(ctx, id)
	if err != nil {
		return nil, err
	}
	for i := range r.columns {
		out[r.columns[i].name] = r.columns[i].number()
	}
	return out, nil
}

// Check reports what is wrong with a selection before any row is read.
func (s *Source) Check(ctx context.Context, sel *Selection) error {
	columns, err := s.columns(ctx, sel.Table)
	if err != nil {
		return err
	}
	for _, name := range append([]string{sel.Variable}, sel.Features()...) {
		if _, ok := columns[name]; !ok {
			return wrong("the table has no column %.60q", name)
		}
	}
	bad := error(nil)
	sel.Filters.Columns(func(name string) {
		if _, ok := columns[name]; !ok && bad == nil {
			bad = wrong("filters: the table has no column %.60q", name)
		}
	})
	switch sel.Task {
	case "", "regression", "classification", "binary", "multiclass":
	default:
		return wrong("task %.40q: want regression or classification", sel.Task)
	}
	return bad
}

// Load reads the rows of a selection and makes the sample to learn from.
func (s *Source) Load(ctx context.Context, sel *Selection) (*Sample, error) {
	if strings.HasPrefix(sel.Table, "u-") || s.Catalogue == nil {
		return s.Uploads.load(ctx, sel)
	}
	return s.Catalogue.load(ctx, sel)
}

// Rows returns the rows of a selection as they were read, to be predicted.
func (s *Source) Rows(ctx context.Context, sel *Selection) (*dataset.Table, error) {
	names := append([]string{sel.Variable}, sel.Features()...)
	if strings.HasPrefix(sel.Table, "u-") || s.Catalogue == nil {
		return s.Uploads.part(ctx, sel, names)
	}
	rows, err := s.Catalogue.rows(ctx, sel)
	if err != nil {
		return nil, err
	}
	return dataset.NewTable(rows.Columns()...)
}

// Private reports whether a table is of patients, of whom nothing is told or kept that few have.
func (s *Source) Private(id string) bool { return !strings.HasPrefix(id, "u-") }

// Name is what people call a table.
func (s *Source) Name(ctx context.Context, id string) (string, error) {
	if !s.Private(id) || s.Catalogue == nil {
		t, err := s.Uploads.Get(id)
		if err != nil {
			return "", err
		}
		return t.Name, nil
	}
	r, err := s.Catalogue.relation(ctx, id)
	if err != nil {
		return "", err
	}
	return r.name, nil
}
