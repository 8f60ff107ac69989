// Package method is what an experiment can be done with: the search for the best model, and beside it the platform's other
// methods as baselines, each of them one that users could have chosen by hand.
package method

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
)

// Method is one way of answering a request.
type Method struct {
	Code        string
	Label       string
	Description string
	Predictive  bool // it makes a model; otherwise it describes the data
	Instances   bool // its model holds rows of the data
	Parameters  []Parameter
	Variable    []string // types of variables: real, integer, binominal, polynominal
	Covariables [2]int   // least and greatest number of co-variables; 0 for no limit
	Fit         func(ctx context.Context, in Input) (*Output, error)
}

// Parameter is one thing that users may set.
type Parameter struct {
	Code        string
	Label       string
	Description string
	Type        string // integer, number, string or enumeration
	Default     string
	Least, Most *float64
	Values      []string // of an enumeration
}

// Input is what a method is given.
type Input struct {
	Sample     dataset.Sample
	Schema     *dataset.Schema
	Covariable map[string]bool // names of columns that are no grouping; nil if all are
	Private    bool            // of patients: nothing may be kept that few rows have
	MinCount   int
	Parameters Values
	Options    automl.Options // what the service grants, and who observes
}

// Output is what a method found: a model, or a document of a shape that the platform knows.
type Output struct {
	Model *automl.Model
	// Derived says that the model was made elsewhere, of the columns of the sample rather than of those of the table.
	Derived bool
	Shape   string
	Data    json.RawMessage
}

// Values are parameters by lower-cased code. A value of the wrong form leaves the default.
type Values map[string]string

// Lower returns the values with lower-cased codes.
func Lower(v map[string]string) Values {
	out := Values{}
	for k, x := range v {
		out[strings.ToLower(k)] = x
	}
	return out
}

// Text returns the value of a code.
func (v Values) Text(code, otherwise string) string {
	return cmp.Or(strings.TrimSpace(v[code]), otherwise)
}

// Int returns the value of a code if it is a whole number within the bounds.
func (v Values) Int(code string, otherwise, least, most int) int {
	f, err := strconv.ParseFloat(strings.TrimSpace(v[code]), 64)
	if n := int(f); err == nil && float64(n) == f && n >= least && n <= most {
		return n
	}
	return otherwise
}

// Float returns the value of a code if it is a number within the bounds.
func (v Values) Float(code string, otherwise, least, most float64) float64 {
	if f, err := strconv.ParseFloat(strings.TrimSpace(v[code]), 64); err == nil && f >= least && f <= most {
		return f
	}
	return otherwise
}

// Unsuitable is the error for data that a method cannot take.
type Unsuitable struct{ Msg string }

func (e Unsuitable) Error() string { return e.Msg }

func unsuitable(format string, args ...any) error { return Unsuitable{fmt.Sprintf(format, args...)} }

// ByCode returns the method of a code, nil if there is none. Codes of older generations of the platform are understood.
func ByCode(code string) *Method {
	plain := strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(code))
	if plain == "tpot" || plain == "" {
		plain = map[string]string{"tpot": "automl"}[plain]
	}
	for _, m := range All() {
		if strings.ToLower(m.Code) == plain {
			return m
		}
	}
	return nil
}

// All lists the methods, the search first.
func All() []*Method {
	return []*Method{search, linearRegression, knn, naiveBayes, anova, statisticsSummary}
}

// Every kind of variable.
var anyVariable = []string{"real", "integer", "binominal", "polynominal"}

func bound(v float64) *float64 { return &v }
