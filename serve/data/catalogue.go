package data

import (
	"context"
	"encoding/base64"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/mip"
)

// Catalogue is the tables of a database that experiments may be about.
type Catalogue struct {
	Database mip.Database
	Schemas  []string                // whose tables are offered; default public
	Only     []string                // names of tables, if not all of the schemas
	Meta     map[string]mip.Variable // what is known of columns, by lower-cased name
	MaxRows  int
	MaxBytes int64
	MinCount int // nothing is told or learned of fewer rows
}

// relation is a table as the catalogue of the database has it.
type relation struct {
	schema, name string
	columns      []attribute
}

type attribute struct{ name, kind string }

func (a *attribute) number() bool {
	switch a.kind {
	case "smallint", "integer", "bigint", "numeric", "real", "double precision":
		return true
	}
	return false
}

func (t *relation) column(name string) *attribute {
	for i := range t.columns {
		if t.columns[i].name == name {
			return &t.columns[i]
		}
	}
	return nil
}

func (t *relation) lacks(name string) error {
	return wrong("table %s has no column %.60q", t.name, name)
}

// id names the relation in addresses.
func (t *relation) id() string {
	return "d-" + base64.RawURLEncoding.EncodeToString([]byte(t.schema+"\x00"+t.name))
}

// relations lists what the role may read, or only the one of an id.
func (c *Catalogue) relations(ctx context.Context, id string) ([]*relation, error) {
	schema, name := "", ""
	if id != "" {
		raw, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(id, "d-"))
		if err != nil {
			return nil, ErrUnknown
		}
		var ok bool
		if schema, name, ok = strings.Cut(string(raw), "\x00"); !ok || strings.ContainsRune(name, 0) {
			return nil, ErrUnknown
		}
	}
	conn, err := c.Database.Connect(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	rows, err := conn.Query(ctx, `SELECT n.nspname, r.relname, a.attname, format_type(a.atttypid, NULL)
		FROM pg_class r JOIN pg_namespace n ON n.oid = r.relnamespace JOIN pg_attribute a ON a.attrelid = r.oid
		WHERE r.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped
			AND n.nspname = ANY($1) AND ($2 = '' OR n.nspname = $2 AND r.relname = $3)
			AND has_schema_privilege(n.oid, 'USAGE') AND (has_table_privilege(r.oid, 'SELECT') OR has_column_privilege(r.oid, a.attnum, 'SELECT'))
		ORDER BY 1, 2, a.attnum`, c.schemas(), schema, name)
	if err != nil {
		return nil, err
	}
	var out []*relation
	var a attribute
	_, err = pgx.ForEachRow(rows, []any{&schema, &name, &a.name, &a.kind}, func() error {
		if len(c.Only) > 0 && !slices.Contains(c.Only, name) {
			return nil
		}
		if n := len(out); n == 0 || out[n-1].name != name || out[n-1].schema != schema {
			out = append(out, &relation{schema: schema, name: name})
		}
		out[len(out)-1].columns = append(out[len(out)-1].columns, a)
		return nil
	})
	return out, err
}

func (c *Catalogue) schemas() []string {
	if len(c.Schemas) == 0 {
		return []string{"public"}
	}
	return c.Schemas
}

func (c *Catalogue) relation(ctx context.Context, id string) (*relation, error) {
	found, err := c.relations(ctx, id)
	if err != nil {
		return nil, err
	}
	if len(found) != 1 {
		return nil, ErrUnknown
	}
	return found[0], nil
}

// find looks a table up by name, whatever its case; schema may be empty.
func (c *Catalogue) find(ctx context.Context, schema, name string) (*relation, error) {
	all, err := c.relations(ctx, "")
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		if strings.EqualFold(r.name, name) && (schema == "" || strings.EqualFold(r.schema, schema)) {
			return r, nil
		}
	}
	return nil, ErrUnknown
}

// describedRows is how many rows a description is made of.
const describedRows = 20_000

// describe looks at the first rows of the table.
func (c *Catalogue) describe(ctx context.Context, t *relation) (*Table, error) {
	out := &Table{ID: t.id(), Name: t.name, Source: "database", Schema: t.schema}
	names := make([]string, len(t.columns))
	for i, a := range t.columns {
		names[i] = a.name
	}
	s, err := t.selecting(names, nil, describedRows)
	if err != nil {
		return nil, err
	}
	rows, err := c.Database.Select(ctx, describedRows, c.MaxBytes, s.sql.String(), s.args...)
	if err != nil {
		return nil, err
	}
	n := rows.Len()
	out.Rows = &n
	if n == describedRows {
		out.Rows = nil
		out.Notes = []string{"described by its first 20,000 rows"}
	}
	for i, col := range rows.Columns() {
		out.Columns = append(out.Columns, c.column(col, t.columns[i].kind))
	}
	return out, nil
}

func (c *Catalogue) column(col *dataset.Column, sqlType string) Column {
	m := c.Meta[strings.ToLower(col.Name)]
	kind := "number"
	switch {
	case sqlType == "boolean":
		kind = "boolean"
	case sqlType == "date" || strings.HasPrefix(sqlType, "timestamp"):
		kind = "date"
	case sqlType == "bytea" || sqlType == "json" || sqlType == "jsonb" || strings.HasSuffix(sqlType, "[]"):
		kind = "other"
	case col.Kind == dataset.Categorical:
		kind = "category"
	}
	d := describe(col, kind, c.MinCount)
	if d.Missing < col.Len() && kind == "category" && d.Distinct > 20 && d.Distinct*20 >= 19*(col.Len()-d.Missing) {
		d.Type, d.Levels, d.Others = "id", nil, 0
	}
	if d.Missing == col.Len() {
		d.Type = "constant"
	}
	d.Label = m.Label
	if kind == "number" && m.Nominal() { // codes
		d.Type = "category"
		d.Min, d.Max, d.Mean, d.Std, d.Quantiles = nil, nil, nil, nil, nil
		for _, code := range m.Enumeration {
			d.Levels = append(d.Levels, Level{Value: code})
		}
	}
	return d
}

// rows reads what a selection is about.
func (c *Catalogue) rows(ctx context.Context, sel *Selection) (*mip.Rows, error) {
	t, err := c.relation(ctx, sel.Table)
	if err != nil {
		return nil, err
	}
	s, err := t.selecting(append([]string{sel.Variable}, sel.Features()...), sel.Filters, 0)
	if err != nil {
		return nil, err
	}
	return c.Database.Select(ctx, c.MaxRows, c.MaxBytes, s.sql.String(), s.args...)
}

// load makes the sample of a selection.
func (c *Catalogue) load(ctx context.Context, sel *Selection) (*Sample, error) {
	rows, err := c.rows(ctx, sel)
	if err != nil {
		return nil, err
	}
	p, err := rows.Prepare(mip.Learning{Target: sel.Variable, Features: sel.Features(), Meta: c.Meta, MinCount: c.MinCount, Task: sel.Task, Log: silent})
	if err != nil {
		return nil, err
	}
	return &Sample{Sample: p.Sample, Schema: p.Schema, Inputs: p.Inputs, LeftOut: p.LeftOut, Private: true}, nil
}
