package serve

import (
	"github.com/lren-chuv/automl/serve/method"
)

// declared is the list of algorithms in the form of the platform's algorithms.json.
func (s *Server) declared() map[string]any {
	var algorithms []any
	for _, m := range method.All() {
		kind := "statistics"
		if m.Predictive {
			kind = "predictive_model"
		}
		variable := map[string]bool{"real": false, "integer": false, "binominal": false, "polynominal": false}
		for _, v := range m.Variable {
			variable[v] = true
		}
		most := any(nil)
		if m.Covariables[1] > 0 {
			most = m.Covariables[1]
		}
		parameters := []any{}
		for _, p := range m.Parameters {
			parameters = append(parameters, parameter(p))
		}
		algorithms = append(algorithms, map[string]any{
			"code": m.Code, "label": m.Label, "type": []string{kind}, "environment": "automl", "description": m.Description, "docker_image": "hbpmip/automl:" + s.Version,
			"parameters": parameters,
			"constraints": map[string]any{"variable": variable, "groupings": map[string]any{"min_count": 0, "max_count": nil},
				"covariables": map[string]any{"min_count": m.Covariables[0], "max_count": most}, "mixed": true},
		})
	}
	folds := map[string]any{"code": "k", "label": "Number of folds", "default_value": "5", "type": "int", "constraints": map[string]any{"min": 2, "max": mostFolds},
		"description": "into how many parts the rows are divided, each of which is predicted by a model of the others"}
	return map[string]any{
		"algorithms":  algorithms,
		"validations": []any{map[string]any{"code": "kfold", "label": "Random k-fold cross-validation", "parameters": []any{folds}}},
		"metrics":     declaredMetrics(),
	}
}

// parameter is a parameter in the platform's words.
func parameter(p method.Parameter) map[string]any {
	out := map[string]any{"code": p.Code, "label": p.Label, "description": p.Description, "default_value": p.Default}
	out["type"] = p.Type
	if p.Type == "integer" {
		out["type"] = "int"
	}
	if p.Values != nil {
		out["values"] = p.Values
	}
	if p.Least != nil || p.Most != nil {
		c := map[string]any{}
		if p.Least != nil {
			c["min"] = *p.Least
		}
		if p.Most != nil {
			c["max"] = *p.Most
		}
		out["constraints"] = c
	}
	return out
}

func declaredMetrics() map[string]any {
	list := func(names ...string) []any {
		var out []any
		for _, n := range names {
			out = append(out, map[string]string{"code": n, "label": n, "type": "numeric"})
		}
		return out
	}
	return map[string]any{
		"regression":                 list("MSE", "RMSE", "R-squared", "MAE", "Explained variance"),
		"binominal_classification":   list("Accuracy", "Recall", "Precision", "F1-score", "False positive rate"),
		"polynominal_classification": list("Accuracy", "Weighted recall", "Weighted precision", "Weighted F1-score", "Weighted false positive rate"),
	}
}
