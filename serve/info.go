package serve

import (
	_ "embed"
	"net/http"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/metrics"
	"github.com/lren-chuv/automl/serve/method"
)

//go:embed openapi.json
var openAPI []byte

func (s *Server) openAPI(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(openAPI)
	return nil
}

type kind struct {
	Code        string           `json:"code"`
	Label       string           `json:"label"`
	Description string           `json:"description"`
	Predictive  bool             `json:"predictive"`
	Variable    []string         `json:"variable"` // number or category
	Covariables [2]int           `json:"covariables"`
	Parameters  []shownParameter `json:"parameters"`
}

type shownParameter struct {
	Code        string   `json:"code"`
	Label       string   `json:"label"`
	Description string   `json:"description,omitempty"`
	Type        string   `json:"type"`
	Default     string   `json:"default,omitempty"`
	Min         *float64 `json:"min,omitempty"`
	Max         *float64 `json:"max,omitempty"`
	Values      []string `json:"values,omitempty"`
}

// info tells what the service can do and what its limits are.
func (s *Server) info(w http.ResponseWriter, r *http.Request) error {
	var kinds []kind
	for _, m := range method.All() {
		k := kind{Code: m.Code, Label: m.Label, Description: m.Description, Predictive: m.Predictive, Covariables: m.Covariables, Parameters: []shownParameter{}}
		for _, pair := range [][2]string{{"real", "number"}, {"polynominal", "category"}} {
			for _, v := range m.Variable {
				if v == pair[0] {
					k.Variable = append(k.Variable, pair[1])
				}
			}
		}
		for _, p := range m.Parameters {
			k.Parameters = append(k.Parameters, shownParameter{p.Code, p.Label, p.Description, p.Type, p.Default, p.Least, p.Most, p.Values})
		}
		kinds = append(kinds, k)
	}
	names := map[string][]string{}
	for _, task := range []dataset.Task{dataset.Binary, dataset.Multiclass, dataset.Regression} {
		for _, m := range metrics.All() {
			if m.Serves(task) {
				names[task.String()] = append(names[task.String()], m.Name)
			}
		}
	}
	counts, err := s.Queue.Counts(r.Context())
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, map[string]any{"version": s.Version, "node": s.Node, "database": s.Source.Catalogue != nil, "kinds": kinds, "metrics": names, "jobs": counts,
		"limits": map[string]any{"upload_bytes": s.MaxUpload, "budget_seconds": s.MaxBudget.Seconds(), "default_seconds": defaultBudget}})
	return nil
}
