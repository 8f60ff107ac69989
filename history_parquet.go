package automl

import (
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"
)

// historyRow is one pipeline of the search in a Parquet file, with the columns of [Model.WriteHistory].
type historyRow struct {
	ID        int32    `parquet:"id"`
	Parent1   *int32   `parquet:"parent1,optional"`
	Parent2   *int32   `parquet:"parent2,optional"`
	Origin    string   `parquet:"origin,dict"`
	Operators int32    `parquet:"operators"`
	Score     *float64 `parquet:"score,optional"`
	Std       *float64 `parquet:"std,optional"`
	At        *float64 `parquet:"at_seconds,optional"`
	Took      *float64 `parquet:"took_seconds,optional"`
	State     string   `parquet:"state,dict"`
	Front     bool     `parquet:"front"`
	Error     *string  `parquet:"error,optional,dict"`
	Pipeline  string   `parquet:"pipeline"`
}

// WriteHistoryParquet writes what WriteHistory does as a Parquet file (zstd): what is empty there is null here.
func (m *Model) WriteHistoryParquet(w io.Writer) error {
	if m.Record == nil {
		return errNoHistory
	}
	front := m.onFront()
	rows := make([]historyRow, len(m.Record.History))
	for i := range rows {
		e := &m.Record.History[i]
		rows[i] = historyRow{ID: int32(e.ID), Parent1: parentOf(e.Parents[0]), Parent2: parentOf(e.Parents[1]), Origin: e.Origin, Operators: int32(e.Steps),
			Score: present(e.Score, false), Std: present(e.Std, e.Err != ""), At: present(e.At, e.At == 0), Took: present(e.Took, e.Took == 0),
			State: e.state(), Front: front[e.Pipeline], Pipeline: e.Pipeline}
		if e.Err != "" {
			rows[i].Error = &e.Err
		}
	}
	out := parquet.NewGenericWriter[historyRow](w, parquet.Compression(&parquet.Zstd))
	if _, err := out.Write(rows); err != nil {
		return fmt.Errorf("history: %w", err)
	}
	if err := out.Close(); err != nil {
		return fmt.Errorf("history: %w", err)
	}
	return nil
}

func parentOf(id int) *int32 {
	if id < 0 {
		return nil
	}
	v := int32(id)
	return &v
}

// present is the number, nil where there is none.
func present(v float64, missing bool) *float64 {
	if missing || v != v {
		return nil
	}
	return &v
}
