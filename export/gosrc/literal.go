package gosrc

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/export/form"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/pipeline"
)

// floats writes numbers as a Go expression: few as they are, many packed.
func floats(v []float64) string {
	if len(v) > 12 {
		b := make([]byte, 0, 8*len(v))
		for _, x := range v {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
		}
		return fmt.Sprintf("numbers(%q)", base64.StdEncoding.EncodeToString(b))
	}
	parts := make([]string, len(v))
	for i, x := range v {
		parts[i] = floatText(x)
	}
	return "[]float64{" + strings.Join(parts, ", ") + "}"
}

// ints writes integers likewise.
func ints(v []int32) string {
	if len(v) > 16 {
		b := make([]byte, 0, 4*len(v))
		for _, x := range v {
			b = binary.LittleEndian.AppendUint32(b, uint32(x))
		}
		return fmt.Sprintf("integers(%q)", base64.StdEncoding.EncodeToString(b))
	}
	return strings.Replace(fmt.Sprintf("%#v", append([]int32{}, v...)), "[]int32", "[]int32", 1)
}

// writer writes a fitted operator as a Go expression.
type writer func(f *file, m operators.Fitted, in *dataset.Frame) (string, error)

// writers says how each operator of the catalogue is written.
func writers() map[string]writer {
	out := map[string]writer{
		"OneHotEncoder": oneHot, "Normalizer": normalizer, "Binarizer": binarizer, "Winsorizer": winsorizer,
		"Log1pTransformer": shrinker, "SqrtTransformer": shrinker, "PolynomialFeatures": polynomial, "PowerTransformer": powers,
		"QuantileTransformer": quantiles, "KBinsDiscretizer": bins, "ZeroCount": zeros,
		"PCA": projection, "TruncatedSVD": projection, "FastICA": projection,
		"GaussianNB": gaussianNB, "LinearDiscriminantAnalysis": lda, "QuadraticDiscriminantAnalysis": qda,
		"AdaBoostRegressor": medians, "KNeighborsClassifier": votes, "KNeighborsRegressor": means,
		"SVC": svc, "SVR": svr, "KernelRidge": expansion, "GaussianProcessRegressor": expansion,
		"MLPClassifier": perceptron, "MLPRegressor": perceptron,
	}
	for kind, names := range map[*writer]string{
		ptr(tabulated): "TableVectorizer SimpleImputer CountEncoder HashingEncoder OrdinalEncoder RareLabelEncoder TargetEncoder StringEncoder " +
			"DropConstantFeatures DropEmptyFeatures DropDuplicateFeatures SelectFromModel ReliefF SURF SURFstar MultiSURF RFE VarianceThreshold " +
			"SelectKBest SelectPercentile SelectFwe SelectFpr SelectFdr",
		ptr(genotypes): "DominantEncoder RecessiveEncoder HeterosisEncoder UnderDominanceEncoder OverDominanceEncoder",
		ptr(scaler):    "StandardScaler MinMaxScaler MaxAbsScaler RobustScaler",
		ptr(line): "DummyRegressor BayesianRidge ARDRegression ElasticNet Lasso ElasticNetCV LassoCV PoissonRegressor GammaRegressor TweedieRegressor HuberRegressor Lars LassoLars " +
			"LassoLarsIC LassoLarsCV LinearRegression OrthogonalMatchingPursuit QuantileRegressor RANSACRegressor Ridge RidgeCV SGDRegressor " +
			"PassiveAggressiveRegressor LinearSVR TheilSenRegressor",
		ptr(planes): "DummyClassifier LogisticRegression RidgeClassifier SGDClassifier Perceptron PassiveAggressiveClassifier LinearSVC",
		ptr(counts): "BernoulliNB MultinomialNB ComplementNB",
		ptr(forest): "BaggingClassifier BaggingRegressor DecisionTreeClassifier DecisionTreeRegressor RandomForestClassifier RandomForestRegressor " +
			"ExtraTreesClassifier ExtraTreesRegressor",
		ptr(booster): "AdaBoostClassifier GradientBoostingClassifier GradientBoostingRegressor HistGradientBoostingClassifier HistGradientBoostingRegressor " +
			"LGBMClassifier LGBMRegressor XGBClassifier XGBRegressor",
	} {
		for _, name := range strings.Fields(names) {
			out[name] = *kind
		}
	}
	return out
}

func ptr(w writer) *writer { return &w }

// Operators lists the operators that can be written as Go, by name.
func Operators() []string {
	var names []string
	for name := range writers() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (f *file) literal(s pipeline.FittedStep, in *dataset.Frame) (string, error) {
	w, known := writers()[s.Spec.Name]
	if !known {
		return "", fmt.Errorf("operator %s cannot be written as Go yet; train with pipelines that do without it", s.Spec.Name)
	}
	text, err := w(f, s.Model, in)
	if err != nil {
		return "", fmt.Errorf("operator %s: %w", s.Spec.Name, err)
	}
	return text, nil
}

func tabulated(f *file, m operators.Fitted, in *dataset.Frame) (string, error) {
	f.use("columns")
	return columnText(m, in, nil)
}

// columnText writes an operator that makes every output column of one input column.
func columnText(m operators.Fitted, in *dataset.Frame, keys [][]float64) (string, error) {
	lookups, err := form.Columnwise(m, in, keys)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("columns{\n")
	for _, l := range lookups {
		fmt.Fprintf(&b, "\t{from: %d", l.From)
		if l.Keys != nil {
			fmt.Fprintf(&b, ", keys: %s", floats(l.Keys))
		}
		if l.Values != nil {
			fmt.Fprintf(&b, ", values: %s", floats(l.Values))
		}
		if l.Pass {
			b.WriteString(", pass: true")
		} else if l.Others != 0 {
			fmt.Fprintf(&b, ", others: %s", floatText(l.Others))
		}
		if l.Missing != 0 {
			fmt.Fprintf(&b, ", missing: %s", floatText(l.Missing))
		}
		b.WriteString("},\n")
	}
	return b.String() + "}", nil
}

func genotypes(f *file, m operators.Fitted, in *dataset.Frame) (string, error) {
	f.use("columns")
	keys := make([][]float64, in.Cols())
	for j := range keys {
		keys[j] = []float64{0, 1, 2}
	}
	return columnText(m, in, keys)
}

func oneHot(f *file, m operators.Fitted, in *dataset.Frame) (string, error) {
	f.use("columns")
	v, err := form.Stored[struct {
		Encoded wire.Ints
		By      []*struct{ Values wire.Floats }
	}](m)
	if err != nil {
		return "", err
	}
	keys := make([][]float64, in.Cols())
	for k, j := range v.Encoded {
		keys[j] = v.By[k].Values
	}
	return columnText(m, in, keys)
}

func scaler(f *file, m operators.Fitted, _ *dataset.Frame) (string, error) {
	f.use("affine")
	v, err := form.Stored[struct {
		Clip         bool
		Shift, Scale wire.Floats
	}](m)
	return fmt.Sprintf("affine{%v, %s, %s}", v.Clip, floats(v.Shift), floats(v.Scale)), err
}

func winsorizer(f *file, m operators.Fitted, _ *dataset.Frame) (string, error) {
	f.use("limits")
	v, err := form.Stored[struct{ Low, High wire.Floats }](m)
	return fmt.Sprintf("limits{%s, %s}", floats(v.Low), floats(v.High)), err
}

func shrinker(f *file, m operators.Fitted, _ *dataset.Frame) (string, error) {
	f.use("shrink")
	v, err := form.Stored[struct{ Function struct{ Log bool } }](m)
	return fmt.Sprintf("shrink{%v}", v.Function.Log), err
}

func binarizer(f *file, m operators.Fitted, _ *dataset.Frame) (string, error) {
	f.use("binarize")
	v, err := form.Stored[struct{ Threshold float64 }](m)
	return fmt.Sprintf("binarize(%s)", floatText(v.Threshold)), err
}

func normalizer(f *file, m operators.Fitted, _ *dataset.Frame) (string, error) {
	f.use("unit")
	v, err := form.Stored[struct{ Norm string }](m)
	return fmt.Sprintf("unit(%q)", v.Norm), err
}

func polynomial(f *file, m operators.Fitted, _ *dataset.Frame) (string, error) {
	f.use("products")
	v, err := form.Stored[struct{ Factors, Ends wire.Ints }](m)
	return fmt.Sprintf("products{%s, %s}", ints(v.Factors), ints(v.Ends)), err
}

func powers(f *file, m operators.Fitted, _ *dataset.Frame) (string, error) {
	f.use("power")
	v, err := form.Stored[struct {
		BoxCox                bool
		Lambda, Shift, Factor wire.Floats
	}](m)
	return fmt.Sprintf("power{%v, %s, %s, %s}", v.BoxCox, floats(v.Lambda), floats(v.Shift), floats(v.Factor)), err
}

func quantiles(f *file, m operators.Fitted, _ *dataset.Frame) (string, error) {
	f.use("quantiles")
	v, err := form.Stored[struct {
		Normal    bool
		Quantiles []wire.Floats
	}](m)
	return fmt.Sprintf("quantiles{%v, %s}", v.Normal, table(v.Quantiles)), err
}

func bins(f *file, m operators.Fitted, _ *dataset.Frame) (string, error) {
	f.use("bins")
	v, err := form.Stored[struct {
		Ordinal bool
		Edges   []wire.Floats
	}](m)
	return fmt.Sprintf("bins{%v, %s}", v.Ordinal, table(v.Edges)), err
}

func table(rows []wire.Floats) string {
	var b strings.Builder
	b.WriteString("[][]float64{\n")
	for _, r := range rows {
		b.WriteString(floats(r) + ",\n")
	}
	return b.String() + "}"
}

func zeros(f *file, _ operators.Fitted, _ *dataset.Frame) (string, error) {
	f.use("zeros")
	return "zeros{}", nil
}

func projection(f *file, m operators.Fitted, _ *dataset.Frame) (string, error) {
	f.use("project")
	v, err := form.Stored[struct{ Mean, Axes wire.Floats }](m)
	return fmt.Sprintf("project{%s, %s}", floats(v.Mean), floats(v.Axes)), err
}
