package main

import (
	"testing"
	"time"

	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/linear"
	"github.com/lren-chuv/automl/operators/svm"
)

// TestFits: settings are drawn and fitted, the same ones each time; those of support vector machines, which once took
// seconds, are far from that even on a busy machine, since CPU time is counted.
func TestFits(t *testing.T) {
	s, err := read("../../testdata/breast_cancer.csv")
	if err != nil {
		t.Fatal(err)
	}
	if s.Rows() != foldRows {
		t.Errorf("%d rows", s.Rows())
	}
	for _, spec := range []*operators.Spec{linear.Ridge, linear.LogisticRegression, svm.SVC} {
		data := s
		if spec.Role == operators.Regressor {
			data = numeric(s)
		}
		a, b := fits(spec, data, 8, time.Minute), fits(spec, data, 8, time.Minute)
		for i := range a {
			if a[i].text != b[i].text || a[i].err != "" {
				t.Errorf("%s, then %s: %s", a[i].text, b[i].text, a[i].err)
			}
			if took := min(a[i].took, b[i].took); took > 1500*time.Millisecond {
				t.Errorf("%s took %v", a[i].text, took)
			}
		}
	}
}
