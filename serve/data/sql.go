package data

import (
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// statement is one SELECT over a table of the catalogue. Names are those of the catalogue, quoted; values are bound.
type statement struct {
	sql  strings.Builder
	args []any
}

func (s *statement) bind(v any) string {
	s.args = append(s.args, v)
	return fmt.Sprintf("$%d", len(s.args))
}

// selecting reads the columns named of the rows that the filter selects, at most limit rows if that is positive.
func (t *relation) selecting(names []string, f *Filter, limit int) (*statement, error) {
	s := &statement{}
	quoted := make([]string, len(names))
	for i, name := range names {
		c := t.column(name)
		if c == nil {
			return nil, t.lacks(name)
		}
		quoted[i] = pgx.Identifier{c.name}.Sanitize()
	}
	s.sql.WriteString("SELECT " + strings.Join(quoted, ", ") + " FROM " + pgx.Identifier{t.schema, t.name}.Sanitize())
	if f != nil {
		s.sql.WriteString(" WHERE ")
		if err := s.where(t, f); err != nil {
			return nil, err
		}
	}
	if limit > 0 {
		s.sql.WriteString(" LIMIT " + s.bind(limit))
	}
	return s, nil
}

// where writes the filter as a condition. No text of the filter becomes text of the statement.
func (s *statement) where(t *relation, f *Filter) error {
	if !f.group() {
		c := t.column(f.column())
		if c == nil {
			return wrong("filters: there is no column %.60q in table %s", f.column(), t.name)
		}
		return s.rule(c, f)
	}
	if f.Not {
		s.sql.WriteString("NOT ")
	}
	op := " AND "
	if strings.EqualFold(f.Condition, "OR") {
		op = " OR "
	}
	s.sql.WriteString("(")
	for i, r := range f.Rules {
		if i > 0 {
			s.sql.WriteString(op)
		}
		if err := s.where(t, r); err != nil {
			return err
		}
	}
	if len(f.Rules) == 0 {
		s.sql.WriteString("TRUE")
	}
	s.sql.WriteString(")")
	return nil
}

var comparisons = map[string]string{"equal": "=", "not_equal": "<>", "less": "<", "greater": ">", "less_or_equal": "<=", "greater_or_equal": ">="}

// rule writes one comparison. Text is compared byte by byte, without the blanks that char(n) pads with, and the empty text counts
// as missing, so that tables of the database and files are filtered alike.
func (s *statement) rule(c *attribute, f *Filter) error {
	values, err := f.values(c.number())
	if err != nil {
		return err
	}
	name, kind := pgx.Identifier{c.name}.Sanitize(), "float8"
	x := name + "::float8"
	if c.number() {
		x = "NULLIF(NULLIF(NULLIF(" + x + ", 'NaN'), 'Infinity'), '-Infinity')" // read as missing
	} else {
		x, kind = "NULLIF(rtrim("+name+"::text, ' '), '') COLLATE \"C\"", "text"
	}
	bind := func(i int) string {
		if c.number() {
			return s.bind(values[i].number) + "::float8"
		}
		return s.bind(values[i].text) + "::text"
	}
	switch f.Operator {
	case "is_null", "is_empty":
		s.sql.WriteString("(" + x + ") IS NULL")
	case "is_not_null", "is_not_empty":
		s.sql.WriteString("(" + x + ") IS NOT NULL")
	case "in", "not_in":
		var list any
		if c.number() {
			numbers := make([]float64, len(values))
			for i, v := range values {
				numbers[i] = v.number
			}
			list = numbers
		} else {
			texts := make([]string, len(values))
			for i, v := range values {
				texts[i] = v.text
			}
			list = texts
		}
		how := " = ANY("
		if f.Operator == "not_in" {
			how = " <> ALL("
		}
		s.sql.WriteString(x + how + s.bind(list) + "::" + kind + "[])")
	case "between":
		fmt.Fprintf(&s.sql, "(%s >= %s AND %s <= %s)", x, bind(0), x, bind(1))
	case "not_between":
		fmt.Fprintf(&s.sql, "(%s < %s OR %s > %s)", x, bind(0), x, bind(1))
	case "begins_with", "not_begins_with":
		fmt.Fprintf(&s.sql, "%sstarts_with(%s, %s)", not(f.Operator), x, bind(0))
	case "contains", "not_contains":
		fmt.Fprintf(&s.sql, "%sstrpos(%s, %s) > 0", not(f.Operator), x, bind(0))
	case "ends_with", "not_ends_with":
		v := bind(0)
		fmt.Fprintf(&s.sql, "%sright(%s, length(%s)) = %s", not(f.Operator), x, v, v)
	default:
		s.sql.WriteString(x + " " + comparisons[f.Operator] + " " + bind(0))
	}
	return nil
}

func not(operator string) string {
	if strings.HasPrefix(operator, "not_") {
		return "NOT "
	}
	return ""
}
