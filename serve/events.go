package serve

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/lren-chuv/automl/serve/job"
)

// events streams what happens to an experiment (server-sent events, WHATWG HTML 9.2). Events that are written down have a number
// and are sent again from the one after Last-Event-ID, or after the parameter "after"; progress has none and is sent as it is.
func (s *Server) events(w http.ResponseWriter, r *http.Request) error {
	j, err := s.job(r)
	if err != nil {
		return err
	}
	after, again := 0, false
	for _, text := range [2]string{r.URL.Query().Get("after"), r.Header.Get("Last-Event-ID")} {
		if text == "" {
			continue
		}
		if after, err = strconv.Atoi(text); err != nil || after < 0 {
			return problem{http.StatusBadRequest, "the number of an event is wanted"}
		}
		again = true
	}
	if again && j.State.Ended() && after >= j.Events {
		w.WriteHeader(http.StatusNoContent) // tells the client not to come again
		return nil
	}
	select {
	case s.watching <- struct{}{}:
		defer func() { <-s.watching }()
	default:
		return problem{http.StatusServiceUnavailable, "too many watch at the moment"}
	}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	return s.stream(&stream{w, http.NewResponseController(w)}, r, j.ID, after)
}

// stream writes events; every write has its own deadline.
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

func (s *stream) send(text []byte) error {
	_ = s.control.SetWriteDeadline(time.Now().Add(10 * time.Second))
	if _, err := s.w.Write(text); err != nil {
		return err
	}
	return s.control.Flush()
}

const (
	lookEvery = 500 * time.Millisecond // for progress, and for what other processes write
	beatEvery = 15 * time.Second
)

func (s *Server) stream(to *stream, r *http.Request, id string, after int) error {
	if to.send([]byte("retry: 2000\n\n")) != nil {
		return nil
	}
	_ = to.control.SetReadDeadline(time.Time{})
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	said, last := time.Now(), []byte(nil)
	for {
		changed := s.Queue.Changed()
		events, j, err := s.Queue.Events(r.Context(), id, after)
		if err != nil {
			return nil // the client comes again
		}
		var b bytes.Buffer
		for _, e := range events {
			fmt.Fprintf(&b, "id: %d\nevent: %s\ndata: %s\n\n", e.Number, e.Type, e.Data)
			after = e.Number
		}
		if p, ok := s.Worker.Progress(id); ok && !j.State.Ended() {
			if data, err := json.Marshal(p); err == nil && !bytes.Equal(data, last) {
				fmt.Fprintf(&b, "event: progress\ndata: %s\n\n", data)
				last = data
			}
		}
		if b.Len() == 0 && time.Since(said) > beatEvery {
			b.WriteString(": still here\n\n")
		}
		if b.Len() > 0 {
			if to.send(b.Bytes()) != nil {
				return nil
			}
			said = time.Now()
		}
		if j.State.Ended() && after >= j.Events {
			return nil
		}
		if !s.wait(r, changed, tick, j) {
			return nil
		}
	}
}

// wait returns when there may be something new, false when the stream has to end. Other jobs' changes wake no stream more often
// than the tick does.
func (s *Server) wait(r *http.Request, changed <-chan struct{}, tick *time.Ticker, j *job.Job) bool {
	if j.State != job.Submitted {
		changed = nil
	}
	select {
	case <-r.Context().Done():
		return false
	case <-s.closing:
		return false
	case <-changed:
	case <-tick.C:
	}
	return true
}
