package dataset

import (
	"fmt"
	"strings"
)

// DataError says what makes a file unusable, where, and the way out. Its message is one line.
type DataError struct {
	File   string // path as given, or "" for data that were never in a file
	Row    int    // line of the file (record number in a Parquet file), counted from 1; 0 if no single row is to blame
	Column string // "" if no single column is to blame
	Msg    string // what is wrong and what to do about it
}

// Error names the file, the row and the column, as far as they are known, before the message.
func (e *DataError) Error() string {
	var b strings.Builder
	if e.File != "" {
		fmt.Fprintf(&b, "%s: ", e.File)
	}
	if e.Row > 0 {
		fmt.Fprintf(&b, "line %d: ", e.Row)
	}
	if e.Column != "" {
		fmt.Fprintf(&b, "column %q: ", e.Column)
	}
	return b.String() + e.Msg
}

// shown is text from a file made fit for a one-line message.
func shown(text string) string {
	const most = 40
	if len(text) > most {
		text = text[:most] + "…"
	}
	return fmt.Sprintf("%q", text)
}
