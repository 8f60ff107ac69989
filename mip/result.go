package mip

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Shapes of results that every generation of the platform understands.
const (
	ShapePFA   = "pfa_json"
	ShapeError = "text/plain+error"
)

// Result is one row of job_result: either data or an error.
type Result struct {
	Shape       string
	Data, Error string
}

// parameters is what the row remembers of the request. Metadata are left out on purpose.
func (s *Settings) parameters() string {
	out, _ := json.Marshal(map[string]any{
		"query": s.Query, "variables": strings.Join(s.Variables, ","),
		"covariables": append(append([]string{}, s.Covariables...), s.Grouping...), "model_parameters": s.Params,
	})
	return string(out)
}

// column is one column of the results' table and what goes there.
type resultColumn struct {
	name  string
	value any
}

func (s *Settings) columns(r Result, now time.Time) []resultColumn {
	return []resultColumn{
		{"job_id", s.JobID}, {"node", s.Node}, {"timestamp", now.UTC().Truncate(time.Microsecond)}, {"data", orNull(r.Data)}, {"error", orNull(r.Error)},
		{"shape", r.Shape}, {"function", s.Function}, {"parameters", s.parameters()}, {"result_name", ""}, {"result_title", nil},
	}
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// writeResult makes r the job's only row, in one transaction: a second run of the same job replaces what the first left.
// The columns are those that this generation of the table has.
func (s *Settings) writeResult(ctx context.Context, r Result) error {
	if s.JobID == "" {
		return fmt.Errorf("there is no JOB_ID, so the result cannot be stored")
	}
	conn, err := s.Out.connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	tx, err := conn.Begin(ctx)
	if err != nil {
		return fmt.Errorf("the %s refuses a transaction: %s", s.Out, reason(err))
	}
	defer tx.Rollback(context.WithoutCancel(ctx)) // has no effect once committed
	if err := s.replaceRow(ctx, tx, r); err != nil {
		return fmt.Errorf("the result cannot be stored in table %s of the %s: %w", s.ResultTable, s.Out, err)
	}
	return nil
}

func (s *Settings) replaceRow(ctx context.Context, tx pgx.Tx, r Result) error {
	lengths, err := s.probe(ctx, tx)
	if err != nil {
		return err
	}
	// Two runs of one job at the same time follow each other.
	if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock(hashtext($1))", s.JobID+" "+s.Node); err != nil {
		return fmt.Errorf("%s", reason(err))
	}
	name := pgx.Identifier(strings.Split(s.ResultTable, ".")).Sanitize()
	if _, err := tx.Exec(ctx, "DELETE FROM "+name+" WHERE job_id = $1 AND node = $2", s.JobID, s.Node); err != nil {
		return fmt.Errorf("%s", reason(err))
	}
	var names, places []string
	var args []any
	for _, c := range s.columns(r, time.Now()) {
		limit, exists := lengths[c.name]
		if !exists {
			continue
		}
		if text, ok := c.value.(string); ok && limit > 0 && len([]rune(text)) > limit {
			if c.name == "job_id" || c.name == "node" || c.name == "shape" {
				return fmt.Errorf("%s is longer than %d characters", c.name, limit)
			}
			c.value = string([]rune(text)[:limit])
		}
		args = append(args, c.value)
		names, places = append(names, pgx.Identifier{c.name}.Sanitize()), append(places, fmt.Sprintf("$%d", len(args)))
	}
	sql := "INSERT INTO " + name + " (" + strings.Join(names, ", ") + ") VALUES (" + strings.Join(places, ", ") + ")"
	if _, err := tx.Exec(ctx, sql, args...); err != nil {
		return fmt.Errorf("%s", reason(err))
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("%s", reason(err))
	}
	return nil
}

// probe returns the columns of the results' table with their greatest length, 0 for none.
func (s *Settings) probe(ctx context.Context, tx pgx.Tx) (map[string]int, error) {
	rows, err := tx.Query(ctx, `SELECT a.attname, CASE WHEN a.atttypmod > 4 AND t.typname IN ('varchar', 'bpchar') THEN a.atttypmod - 4 ELSE 0 END
		FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
		WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped`, s.ResultTable)
	if err != nil {
		return nil, fmt.Errorf("%s", reason(err))
	}
	lengths := map[string]int{}
	var name string
	var length int
	_, err = pgx.ForEachRow(rows, []any{&name, &length}, func() error {
		lengths[name] = length
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s", reason(err))
	}
	for _, needed := range []string{"job_id", "node", "data", "shape"} {
		if _, ok := lengths[needed]; !ok {
			return nil, fmt.Errorf("there is no such table, or it lacks the column %s", needed)
		}
	}
	return lengths, nil
}

// Clean removes secrets and line breaks beyond reason from a message.
func (s *Settings) Clean(message string) string {
	for _, secret := range []string{s.In.Password, s.Out.Password} {
		if len(secret) > 2 {
			message = strings.ReplaceAll(message, secret, "…")
		}
	}
	lines := slices.DeleteFunc(strings.Split(message, "\n"), func(l string) bool { return strings.TrimSpace(l) == "" })
	return strings.Join(lines, "\n")
}
