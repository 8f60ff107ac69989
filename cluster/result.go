package cluster

import (
	"encoding/binary"
	"errors"
	"math"
	"time"

	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/pipeline"
)

// taskMessage is a batch of trees for one worker, resultMessage what became of them.
type taskMessage struct {
	Run     string
	Problem string // name of the problem in the object store
	Trees   []treeData
}

type resultMessage struct {
	Worker  string
	Results []resultData
}

// resultData is a result as it travels. Numbers go as bits, so that not a number and minus zero arrive as they were.
type resultData struct {
	Key    []byte // of the tree and its bar
	Score  wire.Floats
	Trials wire.Floats
	Folds  wire.Floats
	OOF    []byte // float32, column by column
	Cols   int
	Took   time.Duration
	Pruned bool
	Err    string
	Large  string // name in the object store of what is the same with OOF
	Fatal  string // the task cannot be evaluated by anyone: the search ends with this error
}

// hopeless is the answer to a task that nobody can evaluate.
func (r *resultMessage) hopeless(m *taskMessage, why error) *resultMessage {
	r.Results = nil
	for i := range m.Trees {
		k := m.Trees[i].key()
		r.Results = append(r.Results, resultData{Key: k[:], Fatal: why.Error()})
	}
	return r
}

func encodeResult(key []byte, r *pipeline.Result) resultData {
	d := resultData{Key: key, Score: wire.Floats{r.Score}, Trials: r.Trials, Folds: r.Folds, Cols: len(r.OOF), Took: r.Took, Pruned: r.Pruned, Err: r.Err}
	for _, column := range r.OOF {
		for _, v := range column {
			d.OOF = binary.LittleEndian.AppendUint32(d.OOF, math.Float32bits(v))
		}
	}
	return d
}

func (d *resultData) result() (pipeline.Result, error) {
	if len(d.Score) != 1 || d.Cols < 0 || d.Cols > 0 && len(d.OOF)%(4*d.Cols) != 0 || d.Cols == 0 && len(d.OOF) > 0 {
		return pipeline.Result{}, errors.New("cluster: a damaged result")
	}
	r := pipeline.Result{Score: d.Score[0], Trials: d.Trials, Folds: d.Folds, Took: d.Took, Pruned: d.Pruned, Err: d.Err}
	if d.Cols == 0 {
		return r, nil
	}
	rows := len(d.OOF) / 4 / d.Cols
	for j := range d.Cols {
		column := make([]float32, rows)
		for i := range column {
			column[i] = math.Float32frombits(binary.LittleEndian.Uint32(d.OOF[4*(j*rows+i):]))
		}
		r.OOF = append(r.OOF, column)
	}
	return r, nil
}
