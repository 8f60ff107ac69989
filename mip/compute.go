package mip

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/export/pfa"
	"github.com/lren-chuv/automl/gp"
	"github.com/lren-chuv/automl/internal/whole"
)

// Job is one run of the container.
type Job struct {
	*Settings
	Log     *slog.Logger
	Started time.Time
}

// ErrReported is returned when a job failed and its error row, or file, says why.
var ErrReported = errors.New("the job failed")

// Compute reads the query's rows, searches, and stores the best model as one PFA document: exactly one row of
// job_result, or the output file. A failure is stored in the same way, and returned.
func (j *Job) Compute(ctx context.Context, mode string) error {
	doc, err := j.computed(ctx, mode)
	// Interrupted or not, what there is has to be stored.
	storing, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	if err == nil {
		if err = j.store(storing, Result{Shape: ShapePFA, Data: string(doc)}); err == nil {
			j.Log.Info("stored", "shape", ShapePFA, "bytes", len(doc), "seconds", j.seconds())
			return nil
		}
		err = fmt.Errorf("storing the result: %w", err)
	}
	message := j.Clean(err.Error())
	j.Log.Error("failed", "reason", message, "seconds", j.seconds())
	if serr := j.store(storing, Result{Shape: ShapeError, Error: message}); serr != nil {
		j.Log.Error("the failure cannot be stored either", "reason", j.Clean(serr.Error()))
		return fmt.Errorf("%w: %s; it cannot be stored: %s", ErrReported, message, j.Clean(serr.Error()))
	}
	return fmt.Errorf("%w: %s", ErrReported, message)
}

func (j *Job) seconds() float64 { return float64(time.Since(j.Started).Milliseconds()) / 1000 }

// store writes the row, or in file mode the output file (the error file for an error).
func (j *Job) store(ctx context.Context, r Result) error {
	if j.OutputFile == "" {
		return j.writeResult(ctx, r)
	}
	if r.Shape == ShapeError {
		return writeFile(j.OutputFile+".error", []byte(r.Error+"\n"))
	}
	return writeFile(j.OutputFile, []byte(r.Data))
}

// computed is the document.
func (j *Job) computed(ctx context.Context, mode string) (doc []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("internal error: %v", p)
		}
	}()
	switch mode {
	case "", "single":
	default:
		return nil, badData("The mode %q is not supported: a search cannot be put together from the results of several nodes. Run the algorithm on one node, without an execution plan.", mode)
	}
	if j.MetaError != nil {
		return nil, j.MetaError
	}
	p := params{j.Params, j.Log}
	opt := j.options(p, true)
	t, err := j.read(ctx, p)
	if err != nil {
		return nil, err
	}
	t.sort()
	l := learning{target: j.target(), features: j.features(), meta: j.Meta, minCount: p.int("min_count", DefaultMinCount, 1), task: p.text("task", ""), log: j.Log}
	data, err := l.prepare(t)
	if err != nil {
		return nil, err
	}
	m, err := j.search(ctx, data, opt)
	if err != nil {
		return nil, err
	}
	doc, omitted, err := pfa.Best(m, pfa.Options{
		Inputs: data.inputs, Nullable: p.bool("nullable", false), MaxBytes: p.int("max_bytes", defaultDocument, 1<<10), Metadata: j.about(ctx, m, data),
	})
	if err != nil {
		return nil, err
	}
	if omitted > 0 {
		j.Log.Info("pipelines left out of the document", "pipelines", omitted)
	}
	return doc, nil
}

// defaultDocument is the size that a document may have. The platform's engine interprets it: at this size a row takes it
// some tenths of a second.
const defaultDocument = 2 << 20

// about is what the document says of its making.
func (j *Job) about(ctx context.Context, m *automl.Model, data *prepared) map[string]string {
	out := map[string]string{"variable": data.sample.Y.Name, "covariables": strings.Join(j.features(), ","),
		"min_count": strconv.Itoa(data.minCount), "importance": importanceText(importance(context.WithoutCancel(ctx), m, data.sample))}
	if j.Image != "" {
		out["docker_image"] = j.Image
	}
	if len(data.dropped) > 0 {
		out["left_out"] = strings.Join(data.dropped, "; ")
	}
	return out
}

// read takes the rows from the database, or from a file in file mode.
func (j *Job) read(ctx context.Context, p params) (*table, error) {
	lim := limits{rows: p.int("max_rows", 2_000_000, 1), bytes: int64(p.int("max_mb", 0, 0)) << 20}
	if lim.bytes == 0 {
		lim.bytes = containerMemory() / 4
		if j.Memory > 0 {
			lim.bytes = min(lim.bytes, int64(j.Memory)<<20/4)
		}
	}
	start := time.Now()
	var t *table
	var err error
	switch {
	case j.InputFile != "":
		t, err = readCSV(j.InputFile, j.Separator, lim)
	case j.Query == "":
		return nil, badData("No query is given (PARAM_query).")
	default:
		t, err = j.readQuery(ctx, lim, j.Query)
	}
	if err != nil {
		return nil, err
	}
	j.Log.Info("read", "rows", t.rows, "columns", len(t.cols), "ms", time.Since(start).Milliseconds())
	return t, nil
}

func (j *Job) readQuery(ctx context.Context, lim limits, sql string) (t *table, err error) {
	err = j.reading(ctx, func(tx pgx.Tx) error {
		t, err = query(ctx, tx, sql, lim)
		return err
	})
	return t, err
}

// reading runs f in one read-only transaction that sees one state of the database.
func (j *Job) reading(ctx context.Context, f func(tx pgx.Tx) error) error {
	conn, err := j.In.connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return fmt.Errorf("the %s refuses a transaction: %s", j.In, reason(err))
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	return f(tx)
}

// search trains within what is left of the time.
func (j *Job) search(ctx context.Context, data *prepared, opt automl.Options) (*automl.Model, error) {
	opt.Schema = data.schema
	if opt.Time > 0 {
		if opt.Time -= time.Since(j.Started); opt.Time < time.Second/2 {
			return nil, fmt.Errorf("reading the data took all of the time; give more")
		}
	}
	if rows := data.sample.Rows(); opt.Folds > rows/2 {
		opt.Folds = max(2, rows/2)
	}
	j.Log.Info("search", "task", data.sample.Task().String(), "rows", data.sample.Rows(), "columns", data.sample.X.Cols(), "workers", opt.Workers, "time", opt.Time.String())
	first := true
	opt.Observe = func(e gp.Event) {
		if first { // how long everything before the search takes is what a container's start costs
			j.Log.Info("first result", "ms", time.Since(j.Started).Milliseconds(), "evaluation_ms", e.Individual.Result.Took.Milliseconds())
		}
		first = false
	}
	m, err := automl.Train(ctx, data.sample, opt)
	if err != nil {
		return nil, err
	}
	j.Log.Info("found", "metric", m.Metric, "score", m.Score.CV, "std", m.Score.Std, "evaluated", m.Search.Evaluated, "failed", m.Search.Failed,
		"pipelines", len(m.Members), "best", m.Best.Pipeline)
	return m, nil
}

// writeFile writes the whole file or nothing, in a folder that is made if it does not exist.
func writeFile(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	return whole.Write(path, 0o640, whole.Data(data))
}

func indented(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	return b.Bytes(), err
}
