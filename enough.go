package automl

import (
	"context"
	"sync/atomic"

	"github.com/lren-chuv/automl/gp"
)

// ending ends a search whose user has had enough of it as if its limit were reached: not before there is something to keep, and not
// before everything that an earlier run has logged is folded in.
type ending struct {
	asked  <-chan struct{}
	known  int           // results logged by an earlier run
	folded int           // results so far; only the loop's goroutine counts
	ready  chan struct{} // closed when the search may end
	early  atomic.Bool   // it was ended
}

func newEnding(asked <-chan struct{}, known int) *ending {
	return &ending{asked: asked, known: known, ready: make(chan struct{})}
}

// add counts a result.
func (e *ending) add(ev gp.Event) {
	if e.folded++; e.folded < e.known || ev.Best == nil {
		return
	}
	select {
	case <-e.ready:
	default:
		close(e.ready)
	}
}

// watch calls end once the search was asked to end and may. It returns at the latest when ctx is done.
func (e *ending) watch(ctx context.Context, end func()) {
	if e.asked == nil {
		return
	}
	for _, c := range [2]<-chan struct{}{e.ready, e.asked} {
		select {
		case <-ctx.Done():
			return
		case <-c:
		}
	}
	e.early.Store(true)
	end()
}
