package mip

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/export/pfa"
)

// Rows is what a statement returned, in the platform's types.
type Rows struct{ t *table }

// Select runs one statement with bound values in a read-only transaction. More than the given number of rows or bytes of text
// are an error for which [IsDataError] holds. The rows come in an order that does not depend on the database's.
func (d Database) Select(ctx context.Context, maxRows int, maxBytes int64, sql string, args ...any) (*Rows, error) {
	conn, err := d.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, fmt.Errorf("the %s refuses a transaction: %s", d, reason(err))
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	t, err := query(ctx, tx, sql, limits{maxRows, maxBytes}, args...)
	if err != nil {
		return nil, err
	}
	t.sort()
	return &Rows{t}, nil
}

// Len is the number of rows.
func (r *Rows) Len() int { return r.t.rows }

// Columns are the columns as they were read. Those of types that hold no features are empty of values.
func (r *Rows) Columns() []*dataset.Column {
	var out []*dataset.Column
	for _, c := range r.t.cols {
		if c.code != nil || c.number == nil {
			out = append(out, dataset.NewCategorical(c.name, c.code, c.levels))
		} else {
			out = append(out, dataset.NewNumeric(c.name, c.number))
		}
	}
	return out
}

// Learning says what to learn from rows.
type Learning struct {
	Target   string
	Features []string
	Meta     map[string]Variable // by lower-cased code; may lack any of them
	MinCount int                 // categories and classes of fewer rows are merged or dropped
	Task     string              // regression or classification; "" decides by metadata and the database's types
	Log      *slog.Logger
}

// Prepared is a sample made of rows, and how documents of PFA read its columns.
type Prepared struct {
	Sample  dataset.Sample
	Schema  *dataset.Schema
	Inputs  map[string]pfa.Input
	LeftOut []string // columns, categories and rows, for people
}

// Prepare picks the columns, decides what they are and drops what is of no use. Rows must not be used afterwards.
func (r *Rows) Prepare(l Learning) (*Prepared, error) {
	p, err := learning{target: l.Target, features: l.Features, meta: l.Meta, minCount: max(1, l.MinCount), task: l.Task, log: l.Log}.prepare(r.t)
	if err != nil {
		return nil, err
	}
	return &Prepared{p.sample, p.schema, p.inputs, p.dropped}, nil
}
