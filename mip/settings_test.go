package mip

import (
	"bytes"
	"log/slog"
	"reflect"
	"testing"
	"time"
)

func TestSettings(t *testing.T) {
	s := ParseEnvironment([]string{
		"JOB_ID=1", "PARAM_variables=a, b", "PARAM_covariables=c,,a,C", "PARAM_grouping=d",
		"PARAM_MODEL_k=1", "PARAM_MODEL_both=old", "MODEL_PARAM_both=new", "MODEL_PARAM_Folds=3",
		"IN_JDBC_URL=jdbc:postgresql://j:1/k?user=x", "IN_HOST=h", "IN_PASSWORD= blank ", "OUT_DB_HOST=o", "OUT_DB_NAME=n", "OUT_DB_PORT=5", "OUT_JDBC_USER=ju", "OUT_JDBC_PASSWORD=jp",
		"CHRONOS_RESOURCE_CPU=0.5", "CHRONOS_RESOURCE_MEM=512.0", "HOST=agent7",
	}).Settings()
	if s.target() != "a" || !reflect.DeepEqual(s.features(), []string{"c", "d"}) || s.Node != "local" || s.CPU != 0.5 || s.Memory != 512 {
		t.Errorf("%+v", s)
	}
	if want := map[string]string{"k": "1", "both": "new", "folds": "3"}; !reflect.DeepEqual(s.Params, want) {
		t.Errorf("%v", s.Params)
	}
	if want := (Database{Host: "h", Port: "1", Name: "k", User: "x", Password: " blank "}); s.In != want {
		t.Errorf("%+v", s.In)
	}
	if want := (Database{Host: "o", Port: "5", Name: "n", User: "ju", Password: "jp"}); s.Out != want {
		t.Errorf("%+v", s.Out)
	}
}

func TestParams(t *testing.T) {
	var log bytes.Buffer
	p := params{map[string]string{"i": "3.0", "low": "1", "bad": "many", "t": "1m30s", "s": "20", "b": "True", "long": "1e9"}, slog.New(slog.NewTextHandler(&log, nil))}
	if p.int("i", 5, 2) != 3 || p.int("low", 5, 2) != 5 || p.int("bad", 5, 2) != 5 || p.int("none", 5, 2) != 5 || p.float("bad", 0.5, 0, 1) != 0.5 {
		t.Error("whole numbers")
	}
	if p.seconds("t", 0) != 90*time.Second || p.seconds("s", 0) != 20*time.Second || p.seconds("long", time.Second) != time.Second || !p.bool("b", false) {
		t.Error("times")
	}
	if bytes.Contains(log.Bytes(), []byte("many")) {
		t.Error("a value in the log")
	}
}

func TestMeta(t *testing.T) {
	got, err := ParseMeta(`{"A":{"type":"polynominal","sql_type":"INT","enumerations":[{"code":0,"label":0},{"code":"x","label":"X"},{"code":1.5}]},"b":{},"c":{"type":"text","isCategorical":true},"d":{"type":"multinominal"}}`)
	if err != nil || !reflect.DeepEqual(got["a"].Enumeration, []string{"0", "x", "1.5"}) || got["a"].SQLType != "int" || !got["c"].Nominal() || !got["d"].Nominal() || got["b"].Nominal() || got["b"].Number() {
		t.Errorf("%+v, %v", got, err)
	}
	for _, empty := range []string{"", "{}", " "} {
		if m, err := ParseMeta(empty); err != nil || len(m) != 0 {
			t.Errorf("%q: %v, %v", empty, m, err)
		}
	}
	if _, err := ParseMeta("[]"); err == nil {
		t.Error("a list is no object")
	}
}
