package mip

import (
	"context"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"
)

// The interactive container was given two queries, one for the features and one for the target. Nothing but their order
// says which rows belong together, and SQL promises none.

var simpleSelect = regexp.MustCompile(`(?is)^\s*select\s+(.*?)\s+from\s+(.*?)\s*;?\s*$`)

// setOperations and nested selections make rows that two lists of columns cannot share.
var setOperations = regexp.MustCompile(`(?i)\b(union|except|intersect|select|distinct)\b|;`)

var orderBy = regexp.MustCompile(`(?is)\border\s+by\s+([^()]*?)\s*;?\s*$`)

// oneQuery puts two queries over the same rows together: their columns side by side, features first.
func oneQuery(features, targets string) (string, bool) {
	f, t := simpleSelect.FindStringSubmatch(features), simpleSelect.FindStringSubmatch(targets)
	if f == nil || t == nil {
		return "", false
	}
	for _, part := range []string{f[1], f[2], t[1], t[2]} {
		if setOperations.MatchString(part) || strings.Count(part, "(") != strings.Count(part, ")") || strings.Count(part, "'")%2 != 0 {
			return "", false
		}
	}
	if plain(f[2]) != plain(t[2]) {
		return "", false
	}
	return "SELECT " + f[1] + ", " + t[1] + " FROM " + f[2], true
}

// plain is a clause without the freedom of its blanks.
func plain(clause string) string { return strings.Join(strings.Fields(clause), " ") }

// pair reads features and targets so that row i of one belongs to row i of the other: by one query where that can be
// built, else by two in the same state of the database, which must then be in the same explicit order and of the same
// length. The last columns are those of the targets.
func pair(ctx context.Context, tx pgx.Tx, features, targets string, lim limits) (*table, int, error) {
	if sql, ok := oneQuery(features, targets); ok {
		t, err := query(ctx, tx, sql, lim)
		if err != nil {
			return nil, 0, err
		}
		n, err := width(ctx, tx, features)
		return t, n, err
	}
	f, t := orderBy.FindStringSubmatch(features), orderBy.FindStringSubmatch(targets)
	if f == nil || t == nil || plain(f[1]) != plain(t[1]) {
		return nil, 0, badData("The queries of features and targets read from different sources, so that nothing says which rows belong together. Give one query with all columns, or the same ORDER BY over unique values to both.")
	}
	x, err := query(ctx, tx, features, lim)
	if err != nil {
		return nil, 0, err
	}
	y, err := query(ctx, tx, targets, lim)
	if err != nil {
		return nil, 0, err
	}
	if x.rows != y.rows {
		return nil, 0, badData("The query of features returns %d rows, that of targets %d: they do not belong together.", x.rows, y.rows)
	}
	n := len(x.cols)
	x.cols = append(x.cols, y.cols...)
	return x, n, nil
}

// width is the number of columns of a query.
func width(ctx context.Context, tx pgx.Tx, sql string) (int, error) {
	d, err := tx.Conn().Prepare(ctx, "", sql)
	if err != nil {
		return 0, badData("The query fails: %s", reason(err))
	}
	return len(d.Fields), nil
}
