package serve

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/lren-chuv/automl/serve/data"
	"github.com/lren-chuv/automl/serve/job"
	"github.com/lren-chuv/automl/serve/web"
	"github.com/lren-chuv/automl/serve/work"
)

// Config is what a service is made of. Limits that are zero are replaced by the defaults named.
type Config struct {
	Queue  *job.Queue
	Source *data.Source
	Worker *work.Worker
	Log    *slog.Logger
	Users  Users // nil lets everybody in
	Local  bool  // refuses names of the host other than the loopback's, behind which pages of other sites could hide

	Version    string
	Node       string        // name of this place, for the platform
	MainTable  string        // of the platform's queries that name none
	NoRows     bool          // methods whose models hold patients' rows are refused
	MaxUpload  int64         // bytes of a file; default 64 MiB
	MaxBudget  time.Duration // of one search; default 1 h
	MaxWatch   int           // event streams at a time; default 256
	WaitAnswer time.Duration // how long a request of the platform waits for its answer; default 170 s
	BodyTime   time.Duration // in which a body has to arrive, and a larger upload at 20 kB/s; default 20 s
	Pprof      bool
	Metrics    *Metrics // nil for none
	Page       fs.FS    // default the page of this program
}

// Server is the service's HTTP interface.
type Server struct {
	Config
	mux      *http.ServeMux
	watching chan struct{}
	jobs     chan struct{} // requests that wait for their answer
	closing  chan struct{} // closed when streams and waits have to end
}

// New returns the service's handler.
func New(c Config) *Server {
	if c.MaxUpload <= 0 {
		c.MaxUpload = 64 << 20
	}
	if c.MaxBudget <= 0 {
		c.MaxBudget = time.Hour
	}
	if c.MaxWatch <= 0 {
		c.MaxWatch = 256
	}
	if c.WaitAnswer <= 0 {
		c.WaitAnswer = 170 * time.Second
	}
	if c.BodyTime <= 0 {
		c.BodyTime = 20 * time.Second
	}
	if c.Page == nil {
		c.Page = web.Files
	}
	s := &Server{Config: c, mux: http.NewServeMux(), watching: make(chan struct{}, c.MaxWatch), jobs: make(chan struct{}, 512), closing: make(chan struct{})}
	for _, r := range s.routes() {
		s.mux.Handle(r.method+" "+r.path, s.handler(r))
	}
	s.mux.Handle("GET /", s.handler(route{path: "/", do: s.page}))
	return s
}

// Close ends streams and waits, so that the process can end. Jobs do not notice.
func (s *Server) Close() { close(s.closing) }

// route is one operation of the interface.
type route struct {
	method, path string
	do           func(w http.ResponseWriter, r *http.Request) error
	open         bool // to everybody
}

func (s *Server) routes() []route {
	out := []route{
		{"GET", "/healthz", s.health, true},
		{"GET", "/readyz", s.ready, true},
		{"GET", "/api/v1/openapi.json", s.openAPI, true},
		{"GET", "/api/v1/info", s.info, false},
		{"GET", "/api/v1/tables", s.tables, false},
		{"POST", "/api/v1/tables", s.upload, false},
		{"GET", "/api/v1/tables/{table}", s.table, false},
		{"DELETE", "/api/v1/tables/{table}", s.removeTable, false},
		{"GET", "/api/v1/experiments", s.experiments, false},
		{"POST", "/api/v1/experiments", s.submit, false},
		{"GET", "/api/v1/experiments/{id}", s.experiment, false},
		{"DELETE", "/api/v1/experiments/{id}", s.removeExperiment, false},
		{"POST", "/api/v1/experiments/{id}/cancel", s.cancel, false},
		{"POST", "/api/v1/experiments/{id}/finish", s.finish, false},
		{"GET", "/api/v1/experiments/{id}/events", s.events, false},
		{"GET", "/api/v1/experiments/{id}/report", s.file("report"), false},
		{"GET", "/api/v1/experiments/{id}/model", s.file("model"), false},
		{"GET", "/api/v1/experiments/{id}/pfa", s.file("pfa"), false},
		{"GET", "/api/v1/experiments/{id}/predictions", s.file("predictions"), false},
		{"GET", "/api/v1/experiments/{id}/output", s.file("output"), false},
		{"POST", "/mining/job", s.mine("job"), false},
		{"POST", "/mining/experiment", s.mine("experiment"), false},
		{"GET", "/mining/job/{id}", s.mined, false},
		{"GET", "/mining/algorithms", s.miningAlgorithms, false},
		{"GET", "/mining/methods", s.miningAlgorithms, false},
		{"GET", "/mining/list-methods", s.miningAlgorithms, false},
	}
	if s.Metrics != nil {
		out = append(out, route{"GET", "/metrics", s.scraped, false})
	}
	if s.Pprof {
		out = append(out, route{"GET", "/debug/pprof/{profile...}", s.profiles, false})
	}
	return out
}

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Problem is an error with the status that the client gets.
type problem struct {
	status int
	msg    string
}

func (p problem) Error() string { return p.msg }

// handler guards an operation: who may ask, how long a body may take, what becomes of errors and panics, and one line in the log.
func (s *Server) handler(r route) http.Handler {
	guarded := http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		started := time.Now()
		rec := &recorder{ResponseWriter: w}
		control := http.NewResponseController(w)
		_ = control.SetReadDeadline(started.Add(s.BodyTime)) // operations that take longer extend these
		_ = control.SetWriteDeadline(started.Add(answerTime))
		header := w.Header()
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("X-Frame-Options", "SAMEORIGIN")
		header.Set("Cache-Control", "no-store")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		user := ""
		defer func() {
			if p := recover(); p != nil && p != http.ErrAbortHandler {
				s.Log.Error("panic", "path", r.path, "value", p, "stack", string(debug.Stack()))
				s.answerError(rec, req, errors.New("internal error"))
			}
			s.Metrics.request(r.method, r.path, rec.status, time.Since(started))
			s.Log.Info("request", "method", req.Method, "path", r.path, "status", rec.status, "ms", time.Since(started).Milliseconds(), "user", user, "job", req.PathValue("id"))
		}()
		if s.Local && !loopback(req.Host) {
			s.answerError(rec, req, problem{http.StatusForbidden, "this service answers to localhost only"})
			return
		}
		if !r.open {
			ok := false
			if user, ok = s.Users.allow(req); !ok {
				header.Set("WWW-Authenticate", `Basic realm="automl", charset="UTF-8"`)
				s.answerError(rec, req, problem{http.StatusUnauthorized, "name and password are wanted"})
				return
			}
			req = req.WithContext(context.WithValue(req.Context(), userKey{}, user))
		}
		if err := r.do(rec, req); err != nil {
			s.answerError(rec, req, err)
		}
	})
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`{"error":"requests from pages of other sites are refused"}` + "\n"))
	}))
	return protection.Handler(guarded)
}

type userKey struct{}

const (
	answerTime = 60 * time.Second
	maxBody    = 1 << 20 // of JSON
)

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(b)
}

// Unwrap lets [http.ResponseController] through.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// answerError says what went wrong, if nothing has been said yet. What is this service's own fault is told to the log only.
func (s *Server) answerError(w *recorder, req *http.Request, err error) {
	if w.status != 0 {
		return
	}
	status, msg := statusOf(err)
	if status == http.StatusInternalServerError {
		s.Log.Error("request failed", "path", req.URL.Path, "reason", err.Error())
		msg = "internal error; the log of the service says more"
	}
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
	}
	if status == http.StatusRequestEntityTooLarge || status == http.StatusRequestTimeout {
		w.Header().Set("Connection", "close") // what is left of the body is not read
	}
	answer(w, status, map[string]string{"error": msg})
}

func statusOf(err error) (int, string) {
	var p problem
	var tooLarge *http.MaxBytesError
	var slow net.Error
	switch {
	case errors.As(err, &p):
		return p.status, p.msg
	case errors.As(err, &tooLarge):
		return http.StatusRequestEntityTooLarge, "the body is too large"
	case errors.As(err, &slow) && slow.Timeout():
		return http.StatusRequestTimeout, "the body did not arrive in time"
	case data.IsWrong(err):
		return http.StatusBadRequest, err.Error()
	case errors.Is(err, data.ErrUnknown), errors.Is(err, job.ErrUnknown):
		return http.StatusNotFound, err.Error()
	case errors.Is(err, job.ErrFull):
		return http.StatusTooManyRequests, err.Error()
	case errors.Is(err, job.ErrRunning), errors.Is(err, job.ErrEnded), errors.Is(err, job.ErrEarly), errors.Is(err, job.ErrOtherKey):
		return http.StatusConflict, err.Error()
	case errors.Is(err, context.Canceled):
		return 499, "the client went away"
	}
	return http.StatusInternalServerError, err.Error()
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // a client that has gone needs no answer
}

// body reads a JSON body into v; strict refuses what v does not know.
func body(w http.ResponseWriter, r *http.Request, v any, strict bool) error {
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if !strings.EqualFold(strings.TrimSpace(kind), "application/json") {
		return problem{http.StatusUnsupportedMediaType, "want a body of the type application/json"}
	}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	if strict {
		d.DisallowUnknownFields()
	}
	err := d.Decode(v)
	var tooLarge *http.MaxBytesError
	var slow net.Error
	if errors.As(err, &tooLarge) || errors.As(err, &slow) {
		return err
	}
	if err == nil && d.More() {
		err = errors.New("something follows the object")
	}
	if err != nil {
		return problem{http.StatusBadRequest, "the body is not the JSON that is wanted: " + strings.TrimPrefix(err.Error(), "json: ")}
	}
	return nil
}

func (s *Server) health(w http.ResponseWriter, _ *http.Request) error {
	answer(w, http.StatusOK, map[string]string{"status": "ok"})
	return nil
}

// ready reports whether the store answers.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
	defer cancel()
	if _, err := s.Queue.Counts(ctx); err != nil {
		s.Log.Error("not ready", "reason", err.Error())
		return problem{http.StatusServiceUnavailable, "the store does not answer"}
	}
	answer(w, http.StatusOK, map[string]string{"status": "ready"})
	return nil
}

// policy lets the page run its own files and nothing else: no script or style in the page itself, and no text ever read as markup
// (trusted types). The report comes with a policy of its own.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; " +
	"form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

func (s *Server) page(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("Cross-Origin-Opener-Policy", "same-origin")
	w.Header().Set("Cache-Control", "no-cache")
	http.FileServerFS(s.Page).ServeHTTP(w, r)
	return nil
}
