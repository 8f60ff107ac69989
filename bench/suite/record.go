package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"strconv"
)

// record is one line of the file of scores.
type record struct {
	Tool, Table               string
	Fold                      int
	Metric                    string
	Score, CV                 float64
	Seconds, CPU              float64
	Evaluated, Pruned, Failed int
	Members                   int
	Pipeline, Err             string
}

var header = []string{"tool", "table", "fold", "metric", "score", "cv", "seconds", "cpu_seconds", "evaluated", "pruned", "failed", "members", "pipeline", "error"}

func (r record) line() []string {
	number := func(v float64) string {
		if math.IsNaN(v) {
			return ""
		}
		return strconv.FormatFloat(v, 'g', 8, 64)
	}
	return []string{r.Tool, r.Table, strconv.Itoa(r.Fold), r.Metric, number(r.Score), number(r.CV), number(r.Seconds), number(r.CPU),
		strconv.Itoa(r.Evaluated), strconv.Itoa(r.Pruned), strconv.Itoa(r.Failed), strconv.Itoa(r.Members), r.Pipeline, r.Err}
}

// readRecords reads what earlier runs wrote; a file that does not exist holds nothing.
func readRecords(path string) ([]record, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var out []record
	for i, l := range lines {
		if i == 0 {
			continue
		}
		if len(l) != len(header) {
			return nil, fmt.Errorf("%s: line %d has %d fields, want %d: is it a file of scores?", path, i+1, len(l), len(header))
		}
		out = append(out, record{Tool: l[0], Table: l[1], Fold: whole(l[2]), Metric: l[3], Score: real(l[4]), CV: real(l[5]), Seconds: real(l[6]),
			CPU: real(l[7]), Evaluated: whole(l[8]), Pruned: whole(l[9]), Failed: whole(l[10]), Members: whole(l[11]), Pipeline: l[12], Err: l[13]})
	}
	return out, nil
}

func whole(s string) int {
	n, _ := strconv.Atoi(s) // our own file: what is no number was not known
	return n
}

func real(s string) float64 {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return math.NaN()
	}
	return v
}

// appendRecord adds one line at once, so that a killed run leaves whole lines.
func appendRecord(path string, r record) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil {
		w := csv.NewWriter(f)
		if info.Size() == 0 {
			err = w.Write(header)
		}
		if err == nil {
			err = w.Write(r.line())
		}
		w.Flush()
		err = errors.Join(err, w.Error())
	}
	return errors.Join(err, f.Close())
}
