package onnx

import (
	"math"
	"slices"
	"strings"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/export/form"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// adder adds a fitted operator to the graph and returns its output.
type adder func(g *graph, m operators.Fitted, in flow) (string, error)

// adders says how each operator of the catalogue is written.
func adders() map[string]adder {
	out := map[string]adder{
		"OneHotEncoder": oneHot, "Binarizer": binarizer, "Normalizer": normalizer, "Winsorizer": winsorizer, "Log1pTransformer": shrinker, "SqrtTransformer": shrinker,
		"PolynomialFeatures": polynomial, "PowerTransformer": powers, "ZeroCount": zeros,
		"PCA": projection, "TruncatedSVD": projection, "FastICA": projection,
		"GaussianNB": gaussianNB, "LinearDiscriminantAnalysis": lda, "QuadraticDiscriminantAnalysis": qda, "MLPClassifier": perceptron, "MLPRegressor": perceptron,
	}
	for _, group := range []struct {
		add   adder
		names string
	}{
		{columnwise, "TableVectorizer SimpleImputer CountEncoder HashingEncoder OrdinalEncoder RareLabelEncoder TargetEncoder StringEncoder DropConstantFeatures " +
			"DropEmptyFeatures DropDuplicateFeatures SelectFromModel ReliefF SURF SURFstar MultiSURF RFE VarianceThreshold SelectKBest SelectPercentile SelectFwe SelectFpr SelectFdr"},
		{genotypes, "DominantEncoder RecessiveEncoder HeterosisEncoder UnderDominanceEncoder OverDominanceEncoder"},
		{scaler, "StandardScaler MinMaxScaler MaxAbsScaler RobustScaler"},
		{line, "DummyRegressor BayesianRidge ARDRegression ElasticNet Lasso ElasticNetCV LassoCV PoissonRegressor GammaRegressor TweedieRegressor HuberRegressor Lars LassoLars LassoLarsIC " +
			"LassoLarsCV LinearRegression OrthogonalMatchingPursuit QuantileRegressor RANSACRegressor Ridge RidgeCV SGDRegressor PassiveAggressiveRegressor LinearSVR TheilSenRegressor"},
		{planes, "DummyClassifier LogisticRegression RidgeClassifier SGDClassifier Perceptron PassiveAggressiveClassifier LinearSVC"},
		{counts, "BernoulliNB MultinomialNB ComplementNB"},
		{forest, "BaggingClassifier BaggingRegressor DecisionTreeClassifier DecisionTreeRegressor RandomForestClassifier RandomForestRegressor ExtraTreesClassifier ExtraTreesRegressor"},
		{booster, "AdaBoostClassifier GradientBoostingClassifier GradientBoostingRegressor HistGradientBoostingClassifier HistGradientBoostingRegressor LGBMClassifier LGBMRegressor " +
			"XGBClassifier XGBRegressor"},
	} {
		for _, name := range strings.Fields(group.names) {
			out[name] = group.add
		}
	}
	return out
}

// Operators lists the operators that can be written as ONNX, by name.
func Operators() []string {
	var names []string
	for name := range adders() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func columnwise(g *graph, m operators.Fitted, in flow) (string, error) {
	return g.lookups(m, in, nil)
}

func genotypes(g *graph, m operators.Fitted, in flow) (string, error) {
	keys := make([][]float64, in.cols)
	for j := range keys {
		keys[j] = []float64{0, 1, 2}
	}
	return g.lookups(m, in, keys)
}

func oneHot(g *graph, m operators.Fitted, in flow) (string, error) {
	v, err := form.Stored[struct {
		Encoded wire.Ints
		By      []*struct{ Values wire.Floats }
	}](m)
	if err != nil {
		return "", err
	}
	keys := make([][]float64, in.cols)
	for k, j := range v.Encoded {
		keys[j] = v.By[k].Values
	}
	return g.lookups(m, in, keys)
}

// lookups adds an operator that makes every output column of one input column, run by run of columns of a kind.
func (g *graph) lookups(m operators.Fitted, in flow, keys [][]float64) (string, error) {
	all, err := form.Columnwise(m, in.frame, keys)
	if err != nil {
		return "", err
	}
	category := func(l form.Lookup) bool {
		return l.From >= 0 && in.frame.Col(l.From).Kind == dataset.Categorical
	}
	passes := func(l form.Lookup) bool { return l.From >= 0 && l.Pass && l.Keys == nil && !category(l) }
	var parts []matrix
	for len(all) > 0 {
		n := 1
		switch l := all[0]; {
		case passes(l):
			for n < len(all) && passes(all[n]) {
				n++
			}
			parts = append(parts, matrix{g.passed(in.name, all[:n]), n})
		case category(l):
			for n < len(all) && category(all[n]) && all[n].From == l.From {
				n++
			}
			parts = append(parts, matrix{g.tabled(in.name, all[:n]), n})
		default:
			parts = append(parts, matrix{g.keyed(in.name, l), 1})
		}
		all = all[n:]
	}
	return g.beside(parts...).name, nil
}

// passed are columns that pass, with missing values filled.
func (g *graph) passed(x string, ls []form.Lookup) string {
	js, fill, fills := make([]int64, len(ls)), make([]float64, len(ls)), false
	for i, l := range ls {
		js[i], fill[i] = int64(l.From), l.Missing
		fills = fills || !math.IsNaN(l.Missing)
	}
	out := g.columns(x, js)
	if fills {
		out = g.where(g.missing(out), g.row(fill), out)
	}
	return out
}

// tabled are columns that are looked up by the code of one category; the last line is for missing values.
func (g *graph) tabled(x string, ls []form.Lookup) string {
	levels := len(ls[0].Values)
	table := make([]float64, 0, (levels+1)*len(ls))
	for k := range levels + 1 {
		for _, l := range ls {
			if k < levels {
				table = append(table, l.Values[k])
			} else {
				table = append(table, l.Missing)
			}
		}
	}
	return g.op("Gather", []string{g.constant(table, levels+1, len(ls)), g.codes(x, ls[0].From, levels)}, named{"axis", int64(0)})
}

// codes are the codes of a category as integers; missing ones are the number of levels.
func (g *graph) codes(x string, from, levels int) string {
	code := g.op("Gather", []string{x, g.indices([]int64{int64(from)})}, named{"axis", int64(1)})
	filled := g.where(g.missing(code), g.constant([]float64{float64(levels)}), code)
	return g.op("Cast", []string{filled}, named{"to", int64(int64Type)})
}

// keyed is a column that depends on a number: on which of the keys it is, or on whether it is missing.
func (g *graph) keyed(x string, l form.Lookup) string {
	column := g.columns(x, []int64{int64(max(0, l.From))})
	if l.From < 0 {
		return g.where(g.missing(column), g.number(l.Others), g.number(l.Others))
	}
	base := g.number(l.Others)
	if l.Pass {
		base = column
	}
	if l.Keys != nil {
		hit := g.toDouble(g.compare("Equal", column, g.row(l.Keys)))
		got := g.matMul(hit, g.constant(l.Values, len(l.Values), 1))
		base = g.where(g.compare("Greater", g.sum(hit), g.number(0.5)), got, base)
	}
	return g.where(g.missing(column), g.number(l.Missing), base)
}

func scaler(g *graph, m operators.Fitted, in flow) (string, error) {
	v, err := form.Stored[struct {
		Clip         bool
		Shift, Scale wire.Floats
	}](m)
	out := g.div(g.sub(in.name, g.row(v.Shift)), g.row(v.Scale))
	if v.Clip {
		out = g.clip(out, g.number(0), g.number(1))
	}
	return out, err
}

// clip keeps values between two constants; missing ones stay.
func (g *graph) clip(x, low, high string) string {
	x = g.where(g.compare("Less", x, low), low, x)
	return g.where(g.compare("Greater", x, high), high, x)
}

func winsorizer(g *graph, m operators.Fitted, in flow) (string, error) {
	v, err := form.Stored[struct{ Low, High wire.Floats }](m)
	return g.clip(in.name, g.row(v.Low), g.row(v.High)), err
}

func shrinker(g *graph, m operators.Fitted, in flow) (string, error) {
	v, err := form.Stored[struct{ Function struct{ Log bool } }](m)
	size := g.op("Abs", []string{in.name})
	if v.Function.Log {
		size = g.op("Log", []string{g.add(size, g.number(1))})
	} else {
		size = g.op("Sqrt", []string{size})
	}
	return g.where(g.compare("Less", in.name, g.number(0)), g.op("Neg", []string{size}), size), err
}

func binarizer(g *graph, m operators.Fitted, in flow) (string, error) {
	v, err := form.Stored[struct{ Threshold float64 }](m)
	return g.toDouble(g.compare("Greater", in.name, g.number(v.Threshold))), err
}

func normalizer(g *graph, m operators.Fitted, in flow) (string, error) {
	v, err := form.Stored[struct{ Norm string }](m)
	size := g.op("Abs", []string{in.name})
	var norm string
	switch v.Norm {
	case "l1":
		norm = g.sum(size)
	case "l2":
		norm = g.op("Sqrt", []string{g.sum(g.mul(size, size))})
	default:
		norm = g.op("ReduceMax", []string{size}, named{"axes", []int64{1}}, named{"keepdims", int64(1)})
	}
	norm = g.where(g.compare("Equal", norm, g.number(0)), g.number(1), norm)
	return g.div(in.name, norm), err
}

func polynomial(g *graph, m operators.Fitted, in flow) (string, error) {
	v, err := form.Stored[struct{ Factors, Ends wire.Ints }](m)
	if err != nil {
		return "", err
	}
	degree, start := 1, int32(0)
	for _, end := range v.Ends {
		degree, start = max(degree, int(end-start)), end
	}
	one := g.where(g.missing(g.columns(in.name, []int64{0})), g.number(1), g.number(1))
	padded := g.beside(in.matrix, matrix{one, 1})
	out := ""
	for d := range degree {
		js := make([]int64, len(v.Ends))
		start = 0
		for k, end := range v.Ends {
			js[k] = int64(in.cols) // the column of ones
			if at := int(start) + d; at < int(end) {
				js[k] = int64(v.Factors[at])
			}
			start = end
		}
		factor := g.columns(padded.name, js)
		if out == "" {
			out = factor
		} else {
			out = g.mul(out, factor)
		}
	}
	return out, nil
}

func powers(g *graph, m operators.Fitted, in flow) (string, error) {
	v, err := form.Stored[struct {
		BoxCox                bool
		Lambda, Shift, Factor wire.Floats
	}](m)
	one, lambda := g.number(1), g.row(v.Lambda)
	negative := g.compare("Less", in.name, g.number(0))
	u := g.op("Log", []string{g.add(g.op("Abs", []string{in.name}), one)})
	if v.BoxCox {
		u = g.op("Log", []string{in.name})
	} else {
		lambda = g.where(negative, g.sub(g.number(2), lambda), lambda)
	}
	small := g.compare("Less", g.op("Abs", []string{lambda}), g.number(1e-12))
	y := g.div(g.sub(g.op("Exp", []string{g.mul(lambda, u)}), one), g.where(small, one, lambda))
	y = g.where(small, u, y)
	if !v.BoxCox {
		y = g.where(negative, g.op("Neg", []string{y}), y)
	}
	return g.div(g.sub(y, g.row(v.Shift)), g.row(v.Factor)), err
}

func zeros(g *graph, _ operators.Fitted, in flow) (string, error) {
	n := g.sum(g.toDouble(g.compare("Equal", in.name, g.number(0))))
	others := g.sub(g.number(float64(in.cols)), n)
	return g.beside(matrix{n, 1}, matrix{others, 1}, in.matrix).name, nil
}

func projection(g *graph, m operators.Fitted, in flow) (string, error) {
	v, err := form.Stored[struct{ Mean, Axes wire.Floats }](m)
	if err != nil {
		return "", err
	}
	return g.matMul(g.sub(in.name, g.row(v.Mean)), g.constant(v.Axes, in.cols, len(v.Axes)/in.cols)), nil
}
