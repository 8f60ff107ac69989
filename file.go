package automl

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/whole"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/catalog"
	"github.com/lren-chuv/automl/pipeline"
)

// A model file is a line that names the format and its version, a SHA-256 of the rest, and one msgpack value. It has the
// lowest version whose programs read it rightly: they ignore fields that they do not know.
const (
	fileMagic        = "automl model\n"
	plainVersion     = 1
	geometricVersion = 2 // Stack.Geometric changes predictions
)

type storedModel struct {
	Schema      *dataset.Schema
	Task        string
	Target      string
	Levels      []string
	Metric      string
	Members     []storedMember
	Temperature float64
	Odds        wire.Floats
	Stack       *Stack
	Best        Scored
	Front       []Scored
	Score       Score
	Search      Statistics
	Record      []byte // packed, see Record
}

type storedMember struct {
	Weight   float64
	Pipeline string
	Steps    []pipeline.Encoded
}

// Encode returns the bytes of the model file. They depend on the model alone.
func (m *Model) Encode() ([]byte, error) {
	s := storedModel{Schema: m.Schema, Task: m.Task, Target: m.Target, Levels: m.Levels, Metric: m.Metric, Temperature: m.Temperature, Odds: m.Odds, Stack: m.Stack,
		Best: m.Best, Front: m.Front, Score: m.Score, Search: m.Search}
	for _, member := range m.Members {
		steps, err := member.Fitted.Encode()
		if err != nil {
			return nil, err
		}
		s.Members = append(s.Members, storedMember{member.Weight, member.Pipeline, steps})
	}
	packed, err := m.Record.pack()
	if err != nil {
		return nil, err
	}
	s.Record = packed
	body, err := wire.Marshal(&s)
	if err != nil {
		return nil, err
	}
	version := uint32(plainVersion)
	if m.Geometric() {
		version = geometricVersion
	}
	var b bytes.Buffer
	b.WriteString(fileMagic)
	b.Write(binary.LittleEndian.AppendUint32(nil, version))
	sum := sha256.Sum256(body)
	b.Write(sum[:])
	b.Write(body)
	return b.Bytes(), nil
}

// Save writes the model file: either the whole of it or nothing.
func (m *Model) Save(path string) error {
	data, err := m.Encode()
	if err != nil {
		return err
	}
	return whole.Write(path, 0o644, whole.Data(data))
}

// Load reads a model file; more are the operators in it that are not in the catalogue.
func Load(path string, more ...*operators.Spec) (*Model, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	m, err := Decode(data, more...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// Decode reads what Encode wrote; more are the operators in it that are not in the catalogue. Truncated, damaged or hostile
// bytes give an error.
func Decode(data []byte, more ...*operators.Spec) (*Model, error) {
	const head = len(fileMagic) + 4 + sha256.Size
	if len(data) < head || string(data[:len(fileMagic)]) != fileMagic {
		return nil, errors.New("not a model file of automl, or cut short")
	}
	if v := binary.LittleEndian.Uint32(data[len(fileMagic):]); v != plainVersion && v != geometricVersion {
		return nil, fmt.Errorf("the model file has format version %d, this program reads versions %d and %d: use a program as new as the one that wrote it", v, plainVersion, geometricVersion)
	}
	body := data[head:]
	if sum := sha256.Sum256(body); !bytes.Equal(sum[:], data[head-sha256.Size:head]) {
		return nil, errors.New("the model file is damaged or cut short (its checksum is wrong)")
	}
	return decodeBody(body, more)
}

// decodeBody reads the msgpack value; hostile bytes with a right checksum get this far.
func decodeBody(body []byte, more []*operators.Spec) (*Model, error) {
	var s storedModel
	if err := wire.Unmarshal(body, &s); err != nil {
		return nil, err
	}
	m := &Model{Schema: s.Schema, Task: s.Task, Target: s.Target, Levels: s.Levels, Metric: s.Metric, Temperature: s.Temperature, Stack: s.Stack,
		Best: s.Best, Front: s.Front, Score: s.Score, Search: s.Search}
	if s.Schema == nil || len(s.Members) == 0 {
		return nil, errors.New("the model file lacks its schema or its pipelines")
	}
	if s.Temperature != 0 && !(s.Temperature >= 1/(2*maxTemperature) && s.Temperature <= 2*maxTemperature) {
		return nil, fmt.Errorf("the model file has temperature %v", s.Temperature)
	}
	if len(s.Odds) > 0 && (len(s.Odds) != len(s.Levels) || !(slices.Min(s.Odds) >= leastOdds && slices.Max(s.Odds) <= 1)) {
		return nil, fmt.Errorf("the model file has odds %v of %d classes", s.Odds, len(s.Levels))
	}
	if len(s.Odds) > 0 {
		m.Odds = s.Odds
	}
	if m.Geometric() && len(s.Levels) < 2 {
		return nil, errors.New("the model file has a geometric mean of what are no probabilities")
	}
	if err := s.Schema.Check(); err != nil {
		return nil, err
	}
	record, err := unpack(s.Record, len(s.Levels))
	if err != nil {
		return nil, err
	}
	m.Record = record
	total := 0.0
	known := append(catalog.Stored(), more...)
	for _, sm := range s.Members {
		if !(sm.Weight > 0 && sm.Weight <= 1) {
			return nil, fmt.Errorf("the model file has a pipeline of weight %v", sm.Weight)
		}
		total += sm.Weight
		f, err := pipeline.Decode(sm.Steps, known)
		if err != nil {
			return nil, err
		}
		m.Members = append(m.Members, Member{sm.Weight, sm.Pipeline, f})
	}
	if math.Abs(total-1) > 1e-6 {
		return nil, fmt.Errorf("the weights of the model file sum to %v", total)
	}
	return m, nil
}
