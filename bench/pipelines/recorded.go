package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/lren-chuv/automl/dataset"
)

// recorded is a pipeline with what scikit-learn made of it.
type recorded struct {
	id, text   string
	score, std float64
	cpu        float64 // seconds of the whole cross-validation
	random     bool
}

// columns finds columns of a CSV file by name.
type columns map[string]int

func open(path string, names ...string) (*csv.Reader, columns, io.Closer, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, nil, err
	}
	r := csv.NewReader(file)
	head, err := r.Read()
	if err != nil {
		file.Close()
		return nil, nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	at := columns{}
	for _, name := range names {
		if at[name] = slices.Index(head, name); at[name] < 0 {
			file.Close()
			return nil, nil, nil, fmt.Errorf("%s: no column %s", path, name)
		}
	}
	return r, at, file, nil
}

func readRecorded(path string) ([]recorded, error) {
	r, at, file, err := open(path, "id", "pipeline", "cv_score", "cpu_seconds", "random", "score_std_over_seeds")
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var out []recorded
	for {
		fields, err := r.Read()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		one := recorded{id: fields[at["id"]], text: fields[at["pipeline"]], random: fields[at["random"]] == "true"}
		for _, f := range []struct {
			name string
			to   *float64
		}{{"cv_score", &one.score}, {"cpu_seconds", &one.cpu}, {"score_std_over_seeds", &one.std}} {
			if *f.to, err = strconv.ParseFloat(fields[at[f.name]], 64); err != nil {
				line, _ := r.FieldPos(0)
				return nil, fmt.Errorf("%s: line %d: %s: %w", path, line, f.name, err)
			}
		}
		out = append(out, one)
	}
}

// readTable reads a table and its folds.
func readTable(ctx context.Context, dir, name string) (dataset.Sample, *dataset.Folds, error) {
	table, err := dataset.Read(ctx, filepath.Join(dir, name+".csv"), dataset.ReadOptions{})
	if err != nil {
		return dataset.Sample{}, nil, err
	}
	s, _, err := table.Sample(dataset.SampleOptions{Target: "target"})
	if err != nil {
		return s, nil, err
	}
	path := filepath.Join(dir, name+".folds.csv")
	r, at, file, err := open(path, "row", "fold")
	if err != nil {
		return s, nil, err
	}
	defer file.Close()
	assignment := slices.Repeat([]int32{-1}, s.Rows())
	for {
		fields, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return s, nil, fmt.Errorf("%s: %w", path, err)
		}
		row, err := strconv.Atoi(fields[at["row"]])
		if err != nil || row < 0 || row >= s.Rows() {
			return s, nil, fmt.Errorf("%s: row %q is not one of the table's %d", path, fields[at["row"]], s.Rows())
		}
		fold, err := strconv.Atoi(fields[at["fold"]])
		if err != nil || fold < 0 {
			return s, nil, fmt.Errorf("%s: %q is not a fold", path, fields[at["fold"]])
		}
		assignment[row] = int32(fold)
	}
	if slices.Min(assignment) < 0 {
		return s, nil, fmt.Errorf("%s: row %d has no fold", path, slices.Index(assignment, -1))
	}
	folds, err := dataset.NewFolds(s, rand.New(rand.NewPCG(1, 0xf01d)), assignment)
	return s, folds, err
}
