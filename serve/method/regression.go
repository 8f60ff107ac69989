package method

import (
	"context"
	"encoding/json"
	"fmt"
	"math"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators/catalog"
)

var quantities = []string{"real", "integer"}

// shapeJSON is what the platform calls a document of no form of its own.
const shapeJSON = "application/json"

// number is a float of which JSON cannot say all: null for what is not finite.
type number float64

// MarshalJSON implements [json.Marshaler].
func (n number) MarshalJSON() ([]byte, error) {
	if v := float64(n); math.IsNaN(v) || math.IsInf(v, 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

// coefficient is a line of the table of a linear regression.
type coefficient struct {
	Coef number `json:"coef"`
	Err  number `json:"std_err"`
	T    number `json:"t"`
	P    number `json:"p"`
	Low  number `json:"low"` // of the 95 % confidence interval
	High number `json:"high"`
}

// regressionTable is what a linear regression finds.
type regressionTable struct {
	Variable     string                 `json:"variable"`
	Coefficients map[string]coefficient `json:"coefficients"`
	Order        []string               `json:"order"` // of the coefficients
	Rows         int                    `json:"rows"`
	DF           int                    `json:"df"` // of the residuals
	R2           number                 `json:"r2"`
	AdjustedR2   number                 `json:"adjusted_r2"`
	Sigma        number                 `json:"sigma"` // standard deviation of the residuals
	F            number                 `json:"f"`
	P            number                 `json:"p"` // of F
	LogLik       number                 `json:"log_likelihood"`
	AIC          number                 `json:"aic"`
	BIC          number                 `json:"bic"`
	Missing      int                    `json:"missing"` // rows left out, as a value is missing
	LeftOut      []string               `json:"left_out,omitempty"`
}

var linearRegression = &Method{
	Code: "linearRegression", Label: "Linear regression", Predictive: true, Variable: quantities, Covariables: [2]int{1, 0},
	Description: "Ordinary least squares with standard errors, t and p values; categories as indicators against their first one, rows with missing values left out.",
	Fit: func(ctx context.Context, in Input) (*Output, error) {
		if in.Sample.Y.Kind != dataset.Numeric {
			return nil, unsuitable("A linear regression wants a quantity as its variable; %s names categories.", in.Sample.Y.Name)
		}
		rows := complete(in.Sample.X, in.Sample.Y)
		y := in.Sample.Y.Gather(rows)
		ts, err := terms(in.Sample.X.Gather(rows))
		if err != nil {
			return nil, err
		}
		f := regress(y.Float, ts)
		if f.df < 1 {
			return nil, unsuitable("%d rows without missing values are too few for %d coefficients.", len(rows), len(f.coef))
		}
		if in.Private && f.df < in.MinCount {
			return nil, unsuitable("%d rows without missing values for %d coefficients: a model of patients wants %d more rows than coefficients.", len(rows), len(f.coef), in.MinCount)
		}
		data, err := json.Marshal(f.table(in.Sample.Y.Name, in.Sample.Rows()-len(rows)))
		if err != nil {
			return nil, err
		}
		model, err := single(ctx, in, "LinearRegression(input)")
		if err != nil {
			return nil, err
		}
		return &Output{Model: model, Shape: shapeJSON, Data: data}, nil
	},
}

func (f *fitted) table(variable string, missing int) *regressionTable {
	t := &regressionTable{Variable: variable, Coefficients: map[string]coefficient{}, Order: f.names, Rows: f.rows, DF: f.df, Missing: missing, LeftOut: f.left}
	df := float64(f.df)
	q := quantileT(0.05, df)
	for i, name := range f.names {
		ratio := f.coef[i] / f.err[i]
		t.Coefficients[name] = coefficient{number(f.coef[i]), number(f.err[i]), number(ratio), number(tailT(ratio, df)), number(f.coef[i] - q*f.err[i]), number(f.coef[i] + q*f.err[i])}
	}
	n, p := float64(f.rows), float64(len(f.coef)-1)
	r2 := 1 - f.rss/f.tss
	F := (f.tss - f.rss) / p / (f.rss / df)
	t.R2, t.AdjustedR2, t.Sigma = number(r2), number(1-(1-r2)*(n-1)/df), number(math.Sqrt(f.rss/df))
	t.F, t.P = number(F), number(tailF(F, p, df))
	ll := -n / 2 * (math.Log(2*math.Pi) + math.Log(f.rss/n) + 1)
	t.LogLik, t.AIC, t.BIC = number(ll), number(2*(p+1)-2*ll), number(math.Log(n)*(p+1)-2*ll)
	return t
}

var knn = &Method{
	Code: "knn", Label: "k-nearest neighbours", Predictive: true, Instances: true, Variable: anyVariable, Covariables: [2]int{1, 0},
	Description: "Predicts by the nearest rows in standardised co-variables. The model holds the rows that it learned from.",
	Parameters:  []Parameter{{Code: "k", Label: "k", Description: "number of neighbours", Type: "integer", Default: "5", Least: bound(1), Most: bound(200)}},
	Fit: func(ctx context.Context, in Input) (*Output, error) {
		k := min(in.Parameters.Int("k", in.Parameters.Int("n_neighbors", 5, 1, 200), 1, 200), max(1, in.Sample.Rows()/2))
		kind := "Regressor"
		if in.Sample.Y.Kind == dataset.Categorical {
			kind = "Classifier"
		}
		m, err := single(ctx, in, fmt.Sprintf("KNeighbors%s(StandardScaler(input), n_neighbors=%d)", kind, k))
		if err != nil {
			return nil, err
		}
		return &Output{Model: m}, nil
	},
}

var naiveBayes = &Method{
	Code: "naiveBayes", Label: "Naive Bayes", Predictive: true, Variable: []string{"binominal", "polynominal"}, Covariables: [2]int{1, 0},
	Description: "Classifies by normal distributions of every co-variable within the classes.",
	Fit: func(ctx context.Context, in Input) (*Output, error) {
		if in.Sample.Y.Kind != dataset.Categorical {
			return nil, unsuitable("Naive Bayes wants categories as its variable; %s is a quantity.", in.Sample.Y.Name)
		}
		m, err := single(ctx, in, "GaussianNB(input)")
		if err != nil {
			return nil, err
		}
		return &Output{Model: m}, nil
	},
}

// single makes a model of one pipeline, cross-validated like any other.
func single(ctx context.Context, in Input, pipeline string) (*automl.Model, error) {
	o := in.Options
	o.Time, o.Evaluations, o.Generations = 0, 1, 0
	o.Folds = min(5, max(2, in.Sample.Rows()/2))
	o.Start, o.Single, o.Schema = []string{pipeline}, true, in.Schema
	o.Operators = catalog.All()
	o.Checkpoint, o.Resume = "", false
	return automl.Train(ctx, in.Sample, o)
}
