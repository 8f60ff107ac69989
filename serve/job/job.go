// Package job keeps jobs that no kill of the process loses or runs twice: a state machine per job, written down in a
// [store.Store] before and after every step, and leases that say which process works on it.
package job

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"time"
)

// State is how far a job has come.
type State string

// A job goes through these states in this order, and may fail from any of them but the last. A cancelled job has failed.
const (
	Submitted  State = "submitted"  // in the queue
	Training   State = "training"   // models are being made
	Waiting    State = "waiting"    // they are there; the job waits for its turn to be tested
	Testing    State = "testing"    // predictions and scores are being made
	Formatting State = "formatting" // report and answer are being written
	Done       State = "done"
	Failed     State = "failed"
)

var next = map[State][]State{
	Submitted: {Training, Failed}, Training: {Waiting, Failed}, Waiting: {Testing, Failed},
	Testing: {Formatting, Failed}, Formatting: {Done, Failed},
}

// Ended reports whether nothing will change any more.
func (s State) Ended() bool { return s == Done || s == Failed }

// Job is what is written down of one job. Values are snapshots; nothing in them changes.
type Job struct {
	ID        string          `json:"id"`
	Key       string          `json:"key,omitempty"` // by which whoever submitted it recognises it
	Spec      json.RawMessage `json:"spec"`          // what to do
	State     State           `json:"state"`
	Changes   []Change        `json:"changes"`
	Cancelled bool            `json:"cancelled,omitempty"` // someone asked for it
	Finish    bool            `json:"finish,omitempty"`    // someone asked for the end of the search; what it has found is kept
	Error     string          `json:"error,omitempty"`     // why it failed
	Result    json.RawMessage `json:"result,omitempty"`    // a summary
	Spent     float64         `json:"spent,omitempty"`     // seconds of training, of all processes that worked on it
	Events    int             `json:"events,omitempty"`    // number of the last event

	Owner   string    `json:"owner,omitempty"`   // the process that works on it
	Until   time.Time `json:"until,omitzero"`    // when its lease ends
	Claims  int       `json:"claims,omitempty"`  // how often it was claimed, ever
	Retries int       `json:"retries,omitempty"` // how often it was claimed in this state
}

// Change is when a state was entered.
type Change struct {
	State State     `json:"state"`
	At    time.Time `json:"at"`
}

// Entered is when the job entered a state, the zero time if it has not.
func (j *Job) Entered(s State) time.Time {
	for _, c := range j.Changes {
		if c.State == s {
			return c.At
		}
	}
	return time.Time{}
}

// Created is when the job was submitted.
func (j *Job) Created() time.Time { return j.Entered(Submitted) }

// enter changes the state.
func (j *Job) enter(s State, at time.Time) error {
	if !slices.Contains(next[j.State], s) {
		return errors.New("job: no way from " + string(j.State) + " to " + string(s))
	}
	j.State, j.Retries = s, 0
	j.Changes = append(slices.Clip(j.Changes), Change{s, at.UTC()})
	return nil
}

// Event is one thing that happened to a job, to be told in the order of the numbers.
type Event struct {
	Number int             `json:"number"` // from 1
	Type   string          `json:"type"`
	Data   json.RawMessage `json:"data"`
}

// ids makes version 7 UUIDs (RFC 9562): their order is that of their making.
type ids struct {
	mu   sync.Mutex
	last uint64 // milliseconds and a counter of 12 bits
}

func (g *ids) make(now time.Time) string {
	g.mu.Lock()
	g.last = max(g.last+1, uint64(now.UnixMilli())<<12)
	at := g.last
	g.mu.Unlock()
	var b [16]byte
	_, _ = rand.Read(b[8:]) // never fails
	binary.BigEndian.PutUint64(b[:8], at>>12<<16|0x7000|at&0xfff)
	b[8] = b[8]&0x3f | 0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
