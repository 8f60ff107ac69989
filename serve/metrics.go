package serve

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"github.com/lren-chuv/automl/serve/job"
)

// Metrics counts what the service does, for Prometheus. A nil Metrics counts nothing.
type Metrics struct{ set *metrics.Set }

// NewMetrics returns counters at zero.
func NewMetrics() *Metrics { return &Metrics{metrics.NewSet()} }

func (m *Metrics) request(method, path string, status int, took time.Duration) {
	if m == nil {
		return
	}
	m.set.GetOrCreateCounter(fmt.Sprintf("automl_http_requests_total{method=%q,path=%q,status=\"%d\"}", method, path, status)).Inc()
	m.set.GetOrCreatePrometheusHistogram(fmt.Sprintf("automl_http_request_seconds{path=%q}", path)).Update(took.Seconds())
}

func (m *Metrics) job(j job.Job, kind string, took time.Duration) {
	if m == nil {
		return
	}
	m.set.GetOrCreateCounter(fmt.Sprintf("automl_jobs_ended_total{state=%q,kind=%q}", j.State, kind)).Inc()
	m.set.GetOrCreatePrometheusHistogram(fmt.Sprintf("automl_job_seconds{kind=%q}", kind)).Update(took.Seconds())
}

// Do brings a job to its end and counts it.
func (c *Config) Do(ctx context.Context, h *job.Holder) error {
	began := time.Now()
	err := c.Worker.Do(ctx, h)
	j := h.Job()
	if err != nil && ctx.Err() == nil {
		j.State = job.Failed
	}
	if j.State.Ended() || errors.Is(context.Cause(ctx), job.ErrCancelled) {
		kind := "unknown"
		if spec, err := specOf(&j); err == nil && len(spec.Algorithms) > 0 {
			if kind = spec.Algorithms[0].Code; len(spec.Algorithms) > 1 {
				kind = "several"
			}
		}
		c.Metrics.job(j, kind, time.Since(began))
	}
	return err
}

// scraped answers GET /metrics.
func (s *Server) scraped(w http.ResponseWriter, r *http.Request) error {
	counts, err := s.Queue.Counts(r.Context())
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	for _, state := range []job.State{job.Submitted, job.Training, job.Waiting, job.Testing, job.Formatting} {
		fmt.Fprintf(w, "automl_jobs{state=%q} %d\n", state, counts[state])
	}
	fmt.Fprintf(w, "automl_event_streams %d\nautoml_evaluations_total %d\nautoml_info{version=%q} 1\n", len(s.watching), s.Worker.Evaluations(), s.Version)
	s.Metrics.set.WritePrometheus(w)
	metrics.WriteProcessMetrics(w)
	return nil
}

// profiles answers below /debug/pprof.
func (s *Server) profiles(w http.ResponseWriter, r *http.Request) error {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(10 * time.Minute)) // a profile takes as long as is asked for
	switch r.PathValue("profile") {
	case "cmdline": // it may hold passwords
		return problem{http.StatusNotFound, "there is no such profile"}
	case "profile":
		pprof.Profile(w, r)
	case "symbol":
		pprof.Symbol(w, r)
	case "trace":
		pprof.Trace(w, r)
	default:
		pprof.Index(w, r)
	}
	return nil
}
