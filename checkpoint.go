package automl

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/lren-chuv/automl/gp"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/pipeline"
)

// A checkpoint is an append-only log of the results of a search in the order in which they were folded in. As the search
// is a function of its settings and of these results, a later run that reads them goes through the same states and goes
// on where the log ends. Each record is a length, a CRC-32 and one msgpack value, written at once; a killed program
// leaves at most the last record incomplete, and that is cut off.
type checkpoint struct {
	file   *os.File
	known  []gp.Recorded // of earlier runs
	failed error         // the first error of add
	synced time.Time
}

const (
	checkpointMagic = "automl checkpoint 1\n"
	syncEvery       = 50 * time.Millisecond // a crash of the machine, not of the program, loses at most so much
	largestRecord   = 1 << 26
)

// searchKey is what the story of a search depends on besides the results; a log is of use only to a search with the
// same one.
type searchKey struct {
	Program, Data, Space, Metric string
	Seed                         uint64
	Population, Folds, Repeats   int
	Holdout                      float64
	Ordered                      bool
	Workers                      int // as they finish: how many trees are made ahead
	Use                          int
}

type storedResult struct {
	ID     int
	Hash   []byte
	Score  float64
	Trials wire.Floats
	Folds  wire.Floats
	Took   time.Duration
	Pruned bool
	Err    string
}

// openCheckpoint starts a log, or goes on with one if resume is set and there is one.
func openCheckpoint(path string, resume bool, key searchKey) (*checkpoint, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
	switch {
	case errors.Is(err, fs.ErrExist) && !resume:
		return nil, fmt.Errorf("checkpoint %s exists: resume from it, or remove it to start anew", path)
	case errors.Is(err, fs.ErrExist):
		if file, err = os.OpenFile(path, os.O_RDWR, 0o644); err != nil {
			return nil, err
		}
	case err != nil:
		return nil, err
	}
	c := &checkpoint{file: file}
	if err := c.begin(key); err != nil {
		return nil, errors.Join(fmt.Errorf("checkpoint %s: %w", path, err), file.Close())
	}
	return c, nil
}

// begin reads what is there and cuts off an incomplete end.
func (c *checkpoint) begin(key searchKey) error {
	data, err := io.ReadAll(c.file)
	if err != nil {
		return err
	}
	records, good := cutRecords(data)
	if len(records) == 0 {
		if good = 0; len(data) > 0 && !incompleteHead(data) {
			return errors.New("this is no checkpoint of automl: give another name")
		}
	} else if err := c.read(records, key); err != nil {
		return err
	}
	if err := c.file.Truncate(int64(good)); err != nil {
		return err
	}
	if _, err := c.file.Seek(int64(good), io.SeekStart); err != nil {
		return err
	}
	if good > 0 {
		return nil
	}
	if _, err := c.file.WriteString(checkpointMagic); err != nil {
		return err
	}
	return c.append(&key)
}

// incompleteHead reports whether data may be what a program that was killed at once has written.
func incompleteHead(data []byte) bool {
	n := min(len(data), len(checkpointMagic))
	return string(data[:n]) == checkpointMagic[:n]
}

// cutRecords returns the intact records of a log and where they end.
func cutRecords(data []byte) (records [][]byte, end int) {
	if len(data) < len(checkpointMagic) || string(data[:len(checkpointMagic)]) != checkpointMagic {
		return nil, 0
	}
	end = len(checkpointMagic)
	for len(data)-end >= 8 {
		n := int64(binary.LittleEndian.Uint32(data[end:]))
		if n > largestRecord || int64(len(data)-end-8) < n {
			break
		}
		body := data[end+8 : end+8+int(n)]
		if crc32.ChecksumIEEE(body) != binary.LittleEndian.Uint32(data[end+4:]) {
			break
		}
		records = append(records, body)
		end += 8 + int(n)
	}
	return records, end
}

// read takes in the records of a log that was written by a search with the same key.
func (c *checkpoint) read(records [][]byte, key searchKey) error {
	var theirs searchKey
	if err := wire.Unmarshal(records[0], &theirs); err != nil {
		return err
	}
	if theirs != key {
		return fmt.Errorf("it belongs to another search (%s): use the same data and settings, or another file", difference(theirs, key))
	}
	for _, body := range records[1:] {
		var s storedResult
		if err := wire.Unmarshal(body, &s); err != nil {
			return err
		}
		r := gp.Recorded{ID: s.ID, Result: pipeline.Result{Score: s.Score, Trials: s.Trials, Folds: s.Folds, Took: s.Took, Pruned: s.Pruned, Err: s.Err}}
		if copy(r.Hash[:], s.Hash) != len(r.Hash) {
			return errors.New("a record has no tree")
		}
		c.known = append(c.known, r)
	}
	return nil
}

// difference names the first setting that differs.
func difference(a, b searchKey) string {
	for _, d := range []struct {
		name string
		a, b any
	}{
		{"program", a.Program, b.Program}, {"data", a.Data, b.Data}, {"search space", a.Space, b.Space}, {"metric", a.Metric, b.Metric},
		{"seed", a.Seed, b.Seed}, {"population", a.Population, b.Population}, {"folds", a.Folds, b.Folds}, {"repeats", a.Repeats, b.Repeats},
		{"holdout", a.Holdout, b.Holdout}, {"ordered", a.Ordered, b.Ordered}, {"workers", a.Workers, b.Workers},
		{"folds used", a.Use, b.Use},
	} {
		if d.a != d.b {
			return fmt.Sprintf("%s: %v there, %v here", d.name, d.a, d.b)
		}
	}
	return "unknown"
}

// add appends the result of an individual, unless an earlier run has.
func (c *checkpoint) add(e gp.Event) error {
	if c.file == nil || e.Evaluated <= len(c.known) {
		return nil
	}
	ind := e.Individual
	hash := ind.Tree.Hash()
	r := &ind.Result
	return c.append(&storedResult{ID: ind.ID, Hash: hash[:], Score: r.Score, Trials: r.Trials, Folds: r.Folds, Took: r.Took, Pruned: r.Pruned, Err: r.Err})
}

func (c *checkpoint) append(v any) error {
	body, err := wire.Marshal(v)
	if err != nil {
		return err
	}
	b := binary.LittleEndian.AppendUint32(make([]byte, 0, 8+len(body)), uint32(len(body)))
	b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(body))
	if _, err := c.file.Write(append(b, body...)); err != nil {
		return err
	}
	if time.Since(c.synced) < syncEvery {
		return nil
	}
	err = c.file.Sync()
	c.synced = time.Now()
	return err
}

func (c *checkpoint) close() error {
	if c.file == nil {
		return nil
	}
	return errors.Join(c.file.Sync(), c.file.Close())
}

// checkpoint opens the log of this search; without a file it keeps nothing.
func (r *run) checkpoint(g *pipeline.Grammar, start []pipeline.Tree) (*checkpoint, error) {
	if r.opt.Checkpoint == "" {
		return &checkpoint{}, nil
	}
	return openCheckpoint(r.opt.Checkpoint, r.opt.Resume, r.key(g, start))
}

// key describes this search.
func (r *run) key(g *pipeline.Grammar, start []pipeline.Tree) searchKey {
	h := sha256.New()
	for _, s := range slices.Concat(g.Predictors, g.Steps) {
		fmt.Fprintln(h, s.Name)
		for i := range s.Params {
			p := &s.Params[i]
			fmt.Fprintln(h, p.Name, p.Scale, p.Lo, p.Hi, p.Choices, p.Default, p.Fixed)
		}
	}
	for _, slot := range g.Template {
		for _, s := range slot {
			fmt.Fprintln(h, "slot", s.Name)
		}
	}
	for _, t := range start {
		fmt.Fprintln(h, t)
	}
	k := searchKey{
		Program: Version, Data: r.all.Fingerprint().String(), Space: hex.EncodeToString(h.Sum(nil)[:8]), Metric: r.opt.Metric, Seed: r.opt.Seed,
		Population: r.opt.Population, Folds: r.opt.Folds, Repeats: r.opt.Repeats, Holdout: r.opt.Holdout, Ordered: r.opt.ordered(), Use: r.cv.Used(),
	}
	if !k.Ordered {
		k.Workers = r.searchWorkers()
	}
	return k
}
