package pipeline

import (
	"container/list"
	"context"
	"errors"
	"sync"

	"github.com/lren-chuv/automl/dataset"
)

// Cache keeps fitted prefixes of pipelines and what they made of the training and test rows of a fold, so that
// individuals that begin alike share the work. Values are immutable; the key holds everything a value depends on; the
// least recently used leave when the byte budget is full. Safe for concurrent use: who asks for what another is
// computing waits for it.
type Cache struct {
	budget int64

	mu      sync.Mutex
	entries map[prefixKey]*list.Element
	recent  list.List // of *prefixEntry, most recent first
	bytes   int64
	hits    int64
	misses  int64
}

type prefixKey struct {
	tree Hash
	part uint64 // which rows were trained on and which are predicted
	root bool
}

type prefixEntry struct {
	key   prefixKey
	done  chan struct{}
	value output
	err   error
	bytes int64
}

// NewCache returns a cache that holds at most about budget bytes.
func NewCache(budget int64) *Cache {
	return &Cache{budget: budget, entries: map[prefixKey]*list.Element{}}
}

// CacheStats counts what a cache was asked for and how often it knew.
type CacheStats struct {
	Hits, Misses int64
	Bytes        int64
}

// Stats returns the counts so far.
func (c *Cache) Stats() CacheStats {
	c.mu.Lock()
	defer c.mu.Unlock()
	return CacheStats{c.hits, c.misses, c.bytes}
}

// get returns the value of k, computed by make unless it is known. An error is not kept: when the one who computes runs
// out of its own time, those who wait compute for themselves.
func (c *Cache) get(ctx context.Context, k prefixKey, make func() (output, error)) (output, error) {
	for {
		c.mu.Lock()
		el, known := c.entries[k]
		if !known {
			c.misses++
			e := &prefixEntry{key: k, done: newDone()}
			el = c.recent.PushFront(e)
			c.entries[k] = el
			c.mu.Unlock()
			return c.fill(el, e, make)
		}
		c.recent.MoveToFront(el)
		e := el.Value.(*prefixEntry)
		c.mu.Unlock()
		select {
		case <-e.done:
		case <-ctx.Done():
			return output{}, ctx.Err()
		}
		if e.err == nil {
			c.mu.Lock()
			c.hits++
			c.mu.Unlock()
			return e.value, nil
		}
		if !errors.Is(e.err, context.Canceled) && !errors.Is(e.err, context.DeadlineExceeded) && !errors.Is(e.err, errPanicked) {
			return output{}, e.err
		}
	}
}

func newDone() chan struct{} { return make(chan struct{}) }

var errPanicked = errors.New("pipeline: the computation panicked")

func (c *Cache) fill(el *list.Element, e *prefixEntry, make func() (output, error)) (output, error) {
	e.err = errPanicked // what those who wait see if make panics
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if e.err != nil {
			delete(c.entries, e.key)
			c.recent.Remove(el)
		} else {
			e.bytes = e.value.bytes()
			c.bytes += e.bytes
			c.evict()
		}
		close(e.done)
	}()
	e.value, e.err = make()
	return e.value, e.err
}

// evict drops the least recently used finished entries until the budget holds.
func (c *Cache) evict() {
	for el := c.recent.Back(); el != nil && c.bytes > c.budget; {
		e, before := el.Value.(*prefixEntry), el.Prev()
		if e.bytes > 0 {
			c.bytes -= e.bytes
			delete(c.entries, e.key)
			c.recent.Remove(el)
		}
		el = before
	}
}

// output is what fitting a subtree gives: its fitted steps in postfix order, and what they make of the training rows
// (out of fold for predictors) and of the rows to predict.
type output struct {
	steps       []step
	train, test *dataset.Frame
}

// derivedShare allows for what will be derived from cached frames: a matrix, bins, sorted orders.
const derivedShare = 3

func (o output) bytes() int64 {
	n := int64(1024)
	for _, f := range []*dataset.Frame{o.train, o.test} {
		if f != nil {
			n += 256*int64(f.Cols()) + derivedShare*f.Bytes()
		}
	}
	return n
}
