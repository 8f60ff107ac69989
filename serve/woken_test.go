package serve

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/lren-chuv/automl/mip"
	"github.com/lren-chuv/automl/serve/data"
)

// platform starts a service with a database of patients.
func platform(t *testing.T) func(method, path string, body any) (int, []byte) {
	t.Helper()
	d := database(t)
	patients(t, d)
	web, _, _ := start(t, func(c *Config) {
		c.MainTable = "cde_features_a"
		c.Source.Catalogue = &data.Catalogue{Database: d, MinCount: 10, MaxRows: 100_000, MaxBytes: 64 << 20, Meta: map[string]mip.Variable{
			"alzheimerbroadcategory": {Code: "alzheimerbroadcategory", Type: "polynominal", Enumeration: []string{"AD", "MCI", "CN"}}}}
	})
	return func(method, path string, body any) (int, []byte) { return ask(t, web, method, path, body) }
}

// A form is what a reader of the platform wants: a type by name, "?" behind those of fields that may be missing.
type form map[string]any

// check compares a value with its form, field by field.
func check(t *testing.T, path string, v, want any) {
	t.Helper()
	switch want := want.(type) {
	case form:
		object, ok := v.(map[string]any)
		if !ok {
			t.Errorf("%s is no object: %.100v", path, v)
			return
		}
		for name, w := range want {
			name, optional := strings.CutSuffix(name, "?")
			x, there := object[name]
			if !there {
				if !optional {
					t.Errorf("%s.%s is missing", path, name)
				}
				continue
			}
			check(t, path+"."+name, x, w)
		}
	case []any: // a list of values of one form
		list, ok := v.([]any)
		if !ok {
			t.Errorf("%s is no list: %.100v", path, v)
			return
		}
		for i, x := range list {
			check(t, fmt.Sprintf("%s[%d]", path, i), x, want[0])
		}
	case func(any) bool:
		if !want(v) {
			t.Errorf("%s: %.200v", path, v)
		}
	default:
		t.Fatalf("%s: no form", path)
	}
}

func isText(v any) bool    { s, ok := v.(string); return ok && s != "" }
func isNumber(v any) bool  { _, ok := v.(float64); return ok }
func isSeconds(v any) bool { f, ok := v.(float64); return ok && f > 1.5e9 && f == math.Trunc(f) }
func isShare(v any) bool   { f, ok := v.(float64); return ok && f >= 0 && f <= 1 }
func isOne(words ...string) func(any) bool {
	return func(v any) bool {
		for _, w := range words {
			if v == w {
				return true
			}
		}
		return false
	}
}

// uuid of 36 characters, as the platform makes them.
func isUUID(v any) bool { s, ok := v.(string); return ok && len(s) == 36 && strings.Count(s, "-") == 4 }

// queryResult is QueryResult of the readers of 2019, of which algorithm, data, error and query may be missing.
func queryResult(typ string, data any) form {
	return form{"jobId": isUUID, "node": isOne("here"), "dataProvenance": []any{form{"code": isText}}, "feedback": []any{form{"msg": isText, "severity": isOne("info", "warning")}},
		"timestamp": isSeconds, "type": isOne(typ), "data": data}
}

// document is what the platform reads of PFA.
func document(output string) form {
	return form{"name": isOne("kNN", "naive_bayes", "neural_network", "linear_model", "gradient_boosting"), "method": isOne("map"),
		"input":  form{"type": isOne("record"), "fields": []any{form{"name": isText, "type": func(v any) bool { return v != nil }}}},
		"output": isOne(output), "cells": form{}, "action": []any{func(v any) bool { return v != nil }}}
}

var regressionScore = form{"MSE": isNumber, "RMSE": isNumber, "R-squared": isNumber, "MAE": isNumber, "Explained variance": isNumber}

func classScore(gen mip.Generation) form {
	confusion := form{"labels": []any{isText}, "values": []any{[]any{isNumber}}}
	if gen == mip.Gen2017 {
		return form{"type": isOne("PolynomialClassificationScores"), "Confusion matrix": confusion, "Accuracy": isShare, "Weighted Recall": isShare, "Weighted Precision": isShare, "Weighted F1-score": isShare,
			"Weighted false positive rate": isShare}
	}
	return form{"type": isOne("PolynomialClassificationScore"), "Confusion matrix": confusion, "Accuracy": isShare, "Weighted recall": isShare, "Weighted precision": isShare, "Weighted F1-score": isShare,
		"Weighted false positive rate": isShare}
}

const query2019 = `{"user":{"code":"admin"},"variables":[{"code":"alzheimerbroadcategory"}],"covariables":[{"code":"lefthippocampus"},{"code":"RightHippocampus"},{"code":"not-there"}],
	"covariablesMustExist":false,"grouping":[],"filters":{"condition":"AND","rules":[{"id":"subjectageyears","field":"subjectageyears","type":"integer","input":"number","operator":"between","value":[52,88]}],"valid":true},
	"targetTable":{"database":"features","dbSchema":"public","name":"CDE_FEATURES_A"},%s}`

func TestMiningJob2019(t *testing.T) {
	call := platform(t)
	status, out := call("POST", "/mining/job", fmt.Sprintf(query2019, `"datasets":[{"code":"edsd"}],"algorithm":{"code":"automl","parameters":[{"code":"evaluations","value":"3"}]},"executionPlan":null`))
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, out)
	}
	v := decode[any](t, out)
	check(t, "job", v, queryResult("application/pfa+json", document("string")))
	check(t, "job", v, form{"algorithm": isOne("automl"), "query": form{"variables": []any{form{"code": isText}}}})
	m := v.(map[string]any)
	if _, ok := m["error"]; ok {
		t.Error("data and an error")
	}
	if p := m["dataProvenance"].([]any); len(p) != 1 || p[0].(map[string]any)["code"] != "edsd" {
		t.Errorf("provenance %v", p)
	}
	if f := m["feedback"].([]any); len(f) != 1 || !strings.Contains(f[0].(map[string]any)["msg"].(string), "not-there") {
		t.Errorf("feedback %v", f)
	}
	fields := m["data"].(map[string]any)["input"].(map[string]any)["fields"].([]any)
	if len(fields) != 2 || fields[0].(map[string]any)["name"] != "lefthippocampus" {
		t.Errorf("fields %v", fields)
	}
}

func TestMiningExperiment2019(t *testing.T) {
	call := platform(t)
	status, out := call("POST", "/mining/experiment", fmt.Sprintf(query2019, `"trainingDatasets":[{"code":"edsd"},{"code":"desd"}],"testingDatasets":[],"validationDatasets":[],
		"algorithms":[{"code":"knn","parameters":[{"code":"k","value":"5"}]},{"code":"naiveBayes","parameters":[]},{"code":"linearRegression","parameters":[]},{"code":"automl","parameters":[{"code":"evaluations","value":2}]}],
		"validations":[{"code":"kfold","parameters":[{"code":"k","value":"2"}]}]`))
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, out)
	}
	v := decode[any](t, out)
	spec := form{"code": isText, "parameters": []any{form{"code": isText, "value": func(any) bool { return true }}}}
	part := form{"jobId": isUUID, "node": isText, "timestamp": isSeconds, "type": isText, "algorithm": isText, "dataProvenance": []any{form{"code": isText}}, "feedback": []any{form{}}, "algorithmSpec": spec}
	check(t, "experiment", v, queryResult("application/vnd.hbp.mip.experiment.pfa+json", []any{part}))
	parts := v.(map[string]any)["data"].([]any)
	if len(parts) != 4 {
		t.Fatalf("%d parts", len(parts))
	}
	for i, code := range []string{"knn", "naiveBayes", "linearRegression", "automl"} {
		p := parts[i].(map[string]any)
		if p["algorithm"] != code {
			t.Errorf("part %d is of %v", i, p["algorithm"])
		}
		if code == "linearRegression" { // of classes
			check(t, code, p, form{"type": isOne("text/plain+error"), "error": isText})
			continue
		}
		check(t, code, p, form{"type": isOne("application/pfa+json"), "data": document("string")})
		score := classScore(mip.Gen2019)
		check(t, code, p["data"], form{"cells": form{"validations": form{"type": form{"type": isOne("array"), "items": isText}, "init": []any{
			form{"code": isOne("kfold"), "node": isOne("here"), "validationSpec": form{"code": isOne("kfold"), "parameters": []any{form{"code": isOne("k"), "value": isOne("2")}}},
				"data": form{"type": isOne("KFoldCrossValidationScore"), "average": score, "folds": form{"1": score, "2": score}}}}}}})
	}
}

// The query of 2017: no user, no table, filters an empty list, algorithms with names.
func TestMining2017(t *testing.T) {
	call := platform(t)
	const query = `{"variables":[{"code":"minimentalstate"}],"covariables":[{"code":"lefthippocampus"},{"code":"subjectageyears"}],"grouping":[],"filters":[],%s}`
	status, out := call("POST", "/mining/job", fmt.Sprintf(query, `"algorithm":{"code":"knn","name":"K-nearest neighbors","parameters":[{"code":"k","value":"5"}]}`))
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, out)
	}
	v := decode[any](t, out)
	// What the readers of job_result of 2017 know: job_id, node, timestamp, data, error, shape, function.
	check(t, "job", v, form{"jobId": isUUID, "node": isText, "timestamp": isSeconds, "shape": isOne("pfa_json"), "function": isOne("knn"), "algorithm": isOne("knn"), "data": document("double")})
	status, out = call("POST", "/mining/experiment", fmt.Sprintf(query, `"algorithms":[{"code":"knn","name":"k","parameters":[{"code":"k","value":"5"}]},{"code":"linear_regression","name":"lr","parameters":[]}],
		"validations":[{"code":"kfold","name":"kfold","parameters":[{"code":"k","value":"2"}]}]`))
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, out)
	}
	v = decode[any](t, out)
	cells := form{"validations": []any{form{"code": isOne("kfold"), "name": isText, "node": isText, "data": form{"type": isOne("KFoldCrossValidationScores"), "average": regressionScore, "folds": form{"0": regressionScore, "1": regressionScore}}}}}
	check(t, "experiment", v, form{"jobId": isUUID, "shape": isOne("pfa_experiment_json"), "data": []any{form{"code": isText, "name": isText, "shape": isOne("pfa_json"), "data": form{"cells": cells}}}})
	// A polynominal variable has the spelling of its time.
	status, out = call("POST", "/mining/experiment", strings.Replace(fmt.Sprintf(query, `"algorithms":[{"code":"naive_bayes","name":"nb","parameters":[]}],"validations":[{"code":"kfold","name":"kfold","parameters":[{"code":"k","value":"2"}]}]`),
		"minimentalstate", "alzheimerbroadcategory", 1))
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, out)
	}
	check(t, "classes", decode[any](t, out), form{"data": []any{form{"data": form{"cells": form{"validations": []any{form{"data": form{"average": classScore(mip.Gen2017)}}}}}}}})
}

func TestMiningStatistics(t *testing.T) {
	call := platform(t)
	const query = `{"user":{"code":"a"},"variables":[{"code":"minimentalstate"}],"covariables":[%s],"covariablesMustExist":true,"grouping":[{"code":"gender"}],"filters":"","algorithm":{"code":"%s","parameters":[]}}`
	for code, typ := range map[string]string{"anova": "application/json", "statisticsSummary": "application/vnd.dataresource+json", "linearRegression": "application/json"} {
		status, out := call("POST", "/mining/job", fmt.Sprintf(query, `{"code":"lefthippocampus"}`, code))
		if status != http.StatusOK {
			t.Errorf("%s: %d %s", code, status, out)
			continue
		}
		check(t, code, decode[any](t, out), queryResult(typ, form{}))
		switch code {
		case "linearRegression":
			one := form{"coef": isNumber, "std_err": isNumber, "t": isNumber, "p": isShare}
			check(t, code, decode[any](t, out), form{"data": form{"coefficients": form{"(Intercept)": one, "lefthippocampus": one, "gender[M]": one}}})
		case "anova":
			check(t, code, decode[any](t, out), form{"data": form{"table": form{"gender": form{"sum_sq": isNumber, "df": isNumber, "F": isNumber, "PR(>F)": isShare}}}})
		}
	}
}

func TestMiningRefusals(t *testing.T) {
	call := platform(t)
	good := `{"user":{"code":"a"},"variables":[{"code":"minimentalstate"}],"covariables":[{"code":"lefthippocampus"}],"covariablesMustExist":true,"grouping":[],"filters":"","algorithm":{"code":"knn","parameters":[]}}`
	for why, change := range map[string][2]string{
		"no algorithm": {`"algorithm":{"code":"knn","parameters":[]}`, `"x":1`}, "unknown algorithm": {`"knn"`, `"tSNE"`}, "no variable": {`[{"code":"minimentalstate"}]`, `[]`},
		"unknown variable": {"minimentalstate", "x\\\"; DROP TABLE cde_features_a; --"}, "missing co-variable": {"lefthippocampus", "nothing"}, "bad filter": {`"filters":""`, `"filters":{"condition":"XOR","rules":[]}`},
		"unknown table": {`"grouping"`, `"targetTable":{"name":"pg_shadow","dbSchema":"pg_catalog"},"grouping"`}, "no list": {`"grouping":[]`, `"grouping":7`},
		"step": {`"parameters":[]}`, `"parameters":[],"step":"compute-global"}`},
	} {
		status, out := call("POST", "/mining/job", strings.Replace(good, change[0], change[1], 1))
		if status != http.StatusBadRequest || !strings.Contains(string(out), `"error"`) {
			t.Errorf("%s: %d %s", why, status, out)
		}
	}
	// What only the data tell is an answer with an error.
	status, out := call("POST", "/mining/job", strings.Replace(good, `"filters":""`, `"filters":{"field":"subjectageyears","operator":"greater","value":1000}`, 1))
	if status != http.StatusBadRequest {
		t.Errorf("no rows: %d", status)
	}
	check(t, "no rows", decode[any](t, out), form{"jobId": isUUID, "node": isText, "timestamp": isSeconds, "type": isOne("text/plain+error"), "error": isOne("No data left after removing NULL values, cannot fit model.")})
	// Nobody may select a few patients.
	for _, code := range []string{"knn", "statisticsSummary", "linearRegression"} {
		few := strings.Replace(strings.Replace(good, `"filters":""`, `"filters":{"field":"subjectcode","operator":"in","value":["S1","S2","S3","S4","S5"]}`, 1), `"knn"`, `"`+code+`"`, 1)
		if status, out = call("POST", "/mining/job", few); status != http.StatusBadRequest || !strings.Contains(string(out), "fewer than 10 patients") {
			t.Errorf("%s of a few: %d %s", code, status, out)
		}
	}
	if status, out = call("POST", "/mining/job", good); status != http.StatusOK {
		t.Errorf("afterwards: %d %s", status, out)
	}
}

func TestMiningAlgorithms(t *testing.T) {
	web, _, _ := start(t, nil)
	for _, path := range []string{"algorithms", "methods", "list-methods"} {
		status, out := ask(t, web, "GET", "/mining/"+path, nil)
		if status != 200 {
			t.Fatalf("%s: %d", path, status)
		}
		flag := func(v any) bool { _, ok := v.(bool); return ok }
		count := form{"min_count": isNumber}
		check(t, path, decode[any](t, out), form{"algorithms": []any{form{"code": isText, "label": isText, "type": []any{isOne("predictive_model", "statistics", "features_extraction")}, "environment": isText, "description": isText,
			"docker_image": isText, "parameters": []any{form{"code": isText, "label": isText, "type": isOne("int", "number", "string", "enumeration"), "default_value": func(v any) bool { _, ok := v.(string); return ok }}},
			"constraints": form{"variable": form{"real": flag, "integer": flag, "binominal": flag, "polynominal": flag}, "groupings": count, "covariables": count}}},
			"validations": []any{form{"code": isOne("kfold"), "label": isText, "parameters": []any{form{"code": isOne("k")}}}}})
		if n := len(decode[map[string]json.RawMessage](t, out)); n < 3 {
			t.Errorf("%d parts", n)
		}
	}
}
