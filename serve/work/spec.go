// Package work does what jobs ask for: it reads the tables, trains, tests, and writes reports and answers, step by step, so that
// another process can go on where this one ended.
package work

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"github.com/lren-chuv/automl/internal/whole"
	"github.com/lren-chuv/automl/mip"
	"github.com/lren-chuv/automl/serve/data"
)

// Spec is what a job is to do.
type Spec struct {
	Name string `json:"name,omitempty"`
	data.Selection
	Algorithms []Algorithm `json:"algorithms"`
	Folds      int         `json:"folds,omitempty"` // of the validation of predictive algorithms, 0 for none
	Budget     Budget      `json:"budget,omitzero"`
	Metric     string      `json:"metric,omitempty"`
	Seed       uint64      `json:"seed,omitempty"`
	Private    bool        `json:"private,omitempty"`
	TableName  string      `json:"table_name,omitempty"`

	// Of requests in the platform's form: which one, the query to repeat in the answer, and what to tell the user.
	Origin     string          `json:"origin,omitempty"` // job or experiment
	Generation mip.Generation  `json:"generation,omitempty"`
	Query      json.RawMessage `json:"query,omitempty"`
	Feedback   []Feedback      `json:"feedback,omitempty"`
	Datasets   []string        `json:"datasets,omitempty"`
	Apart      []Apart         `json:"apart,omitempty"`
}

// Algorithm is a method with its parameters.
type Algorithm struct {
	Code       string            `json:"code"`
	Parameters map[string]string `json:"parameters,omitempty"`

	// As the platform asked for it.
	Name  string           `json:"name,omitempty"`
	Step  string           `json:"step,omitempty"`
	Asked []QueriedSetting `json:"asked,omitempty"`
}

// Budget limits a search.
type Budget struct {
	Seconds     float64 `json:"seconds,omitempty"`
	Evaluations int     `json:"evaluations,omitempty"`
}

// Files is the folder of one job.
type Files struct{ dir string }

// Names of files in the folder of one algorithm.
const (
	ModelFile       = "model.automl"
	ReportFile      = "report.html"
	PFAFile         = "model.pfa.json"
	PredictionsFile = "predictions.csv"
	OutputFile      = "output.json"
	SummaryFile     = "summary.json"
	checkpointFile  = "search.log"
)

var jobID = regexp.MustCompile(`^[0-9a-f-]{36}$`)

// FilesOf returns the folder of a job below dir.
func FilesOf(dir, id string) (Files, error) {
	if !jobID.MatchString(id) {
		return Files{}, fmt.Errorf("work: %q is no job", id)
	}
	return Files{filepath.Join(dir, id)}, nil
}

// Path names a file of algorithm a.
func (f Files) Path(a int, name string) string {
	return filepath.Join(f.dir, fmt.Sprintf("a%d", a), name)
}

// Has reports whether the file is there.
func (f Files) Has(a int, name string) bool {
	_, err := os.Stat(f.Path(a, name))
	return err == nil
}

func (f Files) write(a int, name string, data []byte) error {
	path := f.Path(a, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return whole.Write(path, 0o600, whole.Data(data))
}

// Read returns a file, nil if there is none.
func (f Files) Read(a int, name string) ([]byte, error) {
	data, err := os.ReadFile(f.Path(a, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

// Remove removes the folder.
func (f Files) Remove() error { return os.RemoveAll(f.dir) }

func (f Files) writeJSON(a int, name string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return f.write(a, name, data)
}
