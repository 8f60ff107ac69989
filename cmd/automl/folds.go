package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/lren-chuv/automl/dataset"
)

// readFolds reads the fold of every one of n rows from a CSV file with the columns row (from 0, in the order of the
// table, those without a target included) and fold.
func readFolds(path string, n int) ([]int32, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	defer file.Close()
	r := csv.NewReader(file)
	bad := func(column, format string, args ...any) error {
		line, _ := r.FieldPos(0)
		return &dataset.DataError{File: path, Row: line, Column: column, Msg: fmt.Sprintf(format, args...)}
	}
	head, err := r.Read()
	if err != nil {
		return nil, unfoldable(path, err)
	}
	head[0] = strings.TrimPrefix(head[0], "\ufeff")
	rowAt, foldAt := slices.Index(head, "row"), slices.Index(head, "fold")
	if rowAt < 0 || foldAt < 0 {
		return nil, bad("", "the header must name the columns row and fold")
	}
	folds := slices.Repeat([]int32{-1}, n)
	for {
		fields, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, unfoldable(path, err)
		}
		row, err := strconv.Atoi(fields[rowAt])
		if err != nil || row < 0 || row >= n {
			return nil, bad("row", "%q is not the number of one of the table's %d rows, which count from 0", fields[rowAt], n)
		}
		fold, err := strconv.Atoi(fields[foldAt])
		if err != nil || fold < 0 || fold > math.MaxInt32 {
			return nil, bad("fold", "%q is not the number of a fold", fields[foldAt])
		}
		if folds[row] >= 0 {
			return nil, bad("row", "row %d stands twice", row)
		}
		folds[row] = int32(fold)
	}
	if row := slices.Index(folds, -1); row >= 0 {
		return nil, &dataset.DataError{File: path, Msg: fmt.Sprintf("row %d of the table's %d rows has no fold", row, n)}
	}
	return folds, nil
}

func unfoldable(path string, err error) error {
	bad := &dataset.DataError{File: path, Msg: "want CSV with the columns row and fold"}
	var parse *csv.ParseError
	switch {
	case errors.As(err, &parse):
		bad.Row, bad.Msg = parse.Line, fmt.Sprintf("%v; %s", parse.Err, bad.Msg)
	case err != io.EOF:
		return unreadable(path, err)
	}
	return bad
}
