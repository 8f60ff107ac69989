package serve

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"time"

	"github.com/lren-chuv/automl/serve/data"
)

func (s *Server) tables(w http.ResponseWriter, r *http.Request) error {
	all, err := s.Source.Tables(r.Context())
	if err != nil && len(all) == 0 {
		return err
	}
	if all == nil {
		all = []*data.Table{}
	}
	out := map[string]any{"tables": all}
	if err != nil { // uploads are there all the same
		s.Log.Error("the database's tables cannot be listed", "reason", err.Error())
		out["warning"] = "the tables of the database cannot be listed at the moment"
	}
	answer(w, http.StatusOK, out)
	return nil
}

func (s *Server) table(w http.ResponseWriter, r *http.Request) error {
	t, err := s.Source.Table(r.Context(), r.PathValue("table"))
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, t)
	return nil
}

func (s *Server) removeTable(w http.ResponseWriter, r *http.Request) error {
	if err := s.Source.Uploads.Remove(r.PathValue("table")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// slowest is the rate at which an upload has to arrive on average, in bytes per second.
const slowest = 20_000

// upload takes a file: as the body, with its name in the address, or as the part "file" of a form.
func (s *Server) upload(w http.ResponseWriter, r *http.Request) error {
	if r.ContentLength > s.MaxUpload+1<<16 {
		return &http.MaxBytesError{Limit: s.MaxUpload}
	}
	control := http.NewResponseController(w)
	limit := s.BodyTime + time.Duration(s.MaxUpload/slowest)*time.Second
	if n := r.ContentLength; n > 0 {
		limit = s.BodyTime + time.Duration(n/slowest)*time.Second
	}
	_ = control.SetReadDeadline(time.Now().Add(limit))
	_ = control.SetWriteDeadline(time.Now().Add(limit + answerTime))
	name, from, err := uploaded(r)
	if err != nil {
		return err
	}
	t, err := s.Source.Uploads.Add(r.Context(), name, http.MaxBytesReader(w, io.NopCloser(from), s.MaxUpload))
	if err != nil {
		return err
	}
	s.Log.Info("uploaded", "table", t.ID, "rows", *t.Rows, "columns", len(t.Columns), "bytes", t.Bytes)
	w.Header().Set("Location", "/api/v1/tables/"+t.ID)
	answer(w, http.StatusCreated, t)
	return nil
}

// uploaded finds the file in a request.
func uploaded(r *http.Request) (name string, from io.Reader, err error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		kind = ""
	}
	switch kind {
	case "multipart/form-data":
		parts := multipart.NewReader(r.Body, params["boundary"])
		for {
			p, err := parts.NextPart()
			if errors.Is(err, io.EOF) {
				return "", nil, problem{http.StatusBadRequest, `the form has no part "file"`}
			}
			if err != nil {
				if status, _ := statusOf(err); status != http.StatusInternalServerError {
					return "", nil, err
				}
				return "", nil, problem{http.StatusBadRequest, "the form cannot be read"}
			}
			if p.FormName() == "file" {
				return p.FileName(), p, nil
			}
		}
	case "text/csv", "text/tab-separated-values", "application/octet-stream", "application/gzip", "text/plain", "application/csv":
		if name = r.URL.Query().Get("name"); name == "" {
			name = "table.csv"
		}
		if !strings.Contains(name, ".") {
			name += ".csv"
		}
		return name, r.Body, nil
	}
	return "", nil, problem{http.StatusUnsupportedMediaType, "want text/csv, or multipart/form-data with a part \"file\""}
}
