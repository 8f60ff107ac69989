package cluster

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/pipeline"
)

// library keeps what a worker has fetched: samples and the problems posed on them, the most recently used few. Who asks
// for what another is fetching waits for it.
type library struct {
	worker *Worker

	mu       sync.Mutex
	samples  []*entry[dataset.Sample] // least recently used first
	problems []*entry[*problem]
}

// problem is what trees are evaluated by.
type problem struct {
	specs []*operators.Spec
	cv    *pipeline.CrossVal
}

const (
	keptProblems = 3 // a search and the two rounds of its rescoring
	keptSamples  = 2
)

type entry[T any] struct {
	name  string
	once  chan struct{} // holds one token: to fetch, or to look
	there bool
	value T
}

// find returns the entry of that name, a new one in place of the oldest if there is none. The caller holds the lock.
func find[T any](list *[]*entry[T], name string, most int) *entry[T] {
	i := slices.IndexFunc(*list, func(e *entry[T]) bool { return e.name == name })
	e := &entry[T]{name: name, once: make(chan struct{}, 1)}
	if i >= 0 {
		e = (*list)[i]
		*list = slices.Delete(*list, i, i+1)
	} else if len(*list) >= most {
		*list = slices.Delete(*list, 0, 1)
	}
	*list = append(*list, e)
	return e
}

// get returns the value, made by make unless it is there.
func (e *entry[T]) get(ctx context.Context, make func() (T, error)) (T, error) {
	select {
	case e.once <- struct{}{}:
	case <-ctx.Done():
		return e.value, ctx.Err()
	}
	defer func() { <-e.once }()
	if e.there {
		return e.value, nil
	}
	v, err := make()
	if err == nil {
		e.value, e.there = v, true
	}
	return v, err
}

// problem returns the problem called name, fetched unless it is known.
func (l *library) problem(ctx context.Context, name string) (*problem, error) {
	l.mu.Lock()
	e := find(&l.problems, name, keptProblems)
	l.mu.Unlock()
	return e.get(ctx, func() (*problem, error) {
		var d problemData
		if err := l.load(ctx, name, func(data []byte) error { return unpack(data, &d) }); err != nil {
			return nil, err
		}
		s, err := l.sample(ctx, d.Data)
		if err != nil {
			return nil, err
		}
		specs, err := d.specs()
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errStrange, err)
		}
		cv, err := d.crossVal(s, pipeline.NewCache(l.worker.Memory/keptProblems))
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errStrange, err)
		}
		return &problem{specs, cv}, nil
	})
}

func (l *library) sample(ctx context.Context, name string) (dataset.Sample, error) {
	l.mu.Lock()
	e := find(&l.samples, name[strings.LastIndexByte(name, '.')+1:], keptSamples) // by fingerprint, whichever search has brought it
	l.mu.Unlock()
	return e.get(ctx, func() (dataset.Sample, error) {
		var s dataset.Sample
		err := l.load(ctx, name, func(data []byte) (err error) {
			s, err = decodeSample(data)
			return err
		})
		return s, err
	})
}

// load fetches an object, whose digest NATS checks, and decodes it.
func (l *library) load(ctx context.Context, name string, decode func([]byte) error) error {
	started := time.Now()
	one, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	data, err := l.worker.link.data.GetBytes(one, name)
	if err != nil {
		return fmt.Errorf("object %s: %w", name, err)
	}
	l.worker.Stats.Received.Add(int64(len(data)))
	l.worker.Log.Info("fetched", "object", name, "bytes", len(data), "seconds", time.Since(started).Seconds())
	return decode(data)
}
