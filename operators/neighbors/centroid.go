package neighbors

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/internal/posterior"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// NearestCentroid assigns a row to the class with the nearest centre: the mean (euclidean) or the median (manhattan) of
// its rows, optionally shrunk towards the mean of all rows (Tibshirani et al. 2002, "nearest shrunken centroids").
//
// scikit-learn gives no probabilities here. Ours are those of classes of equal size and shape around their centres,
// normal for euclidean and Laplace for manhattan distances, with the scale estimated from the training rows.
var NearestCentroid = &operators.Spec{
	Name: "NearestCentroid", Doc: "class of the nearest class centre", Role: operators.Classifier,
	Params: []operators.Param{
		{Name: "metric", Scale: operators.Choice, Choices: []string{"euclidean", "manhattan"}},
		{Name: "shrink_threshold", Scale: operators.Log, Lo: 0.01, Hi: 10, Choices: []string{"None"}, Default: operators.Word(0)},
	},
	New: func(v []float64) (operators.Operator, error) {
		c := nearestCentroid{manhattan: v[0] == 1}
		if _, none := operators.IsWord(v[1]); !none {
			if c.shrink = v[1]; c.shrink < 0 {
				return nil, fmt.Errorf("nearest centroid: shrink_threshold %v is negative", v[1])
			}
		}
		return c, nil
	},
	Decode: operators.Decode[centroids],
}

type nearestCentroid struct {
	manhattan bool
	shrink    float64 // 0 is none
}

// Fit finds the centres.
func (c nearestCentroid) Fit(_ context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	classes, codes, err := posterior.Of(s.Y, nil)
	if err != nil {
		return nil, fmt.Errorf("nearest centroid: %w", err)
	}
	if s.X.Cols() == 0 {
		return nil, errors.New("nearest centroid: no columns")
	}
	f := &centroids{Classes: classes, Manhattan: c.manhattan, Centers: make([]float64, classes.Len()*s.X.Cols())}
	size := make([]float64, classes.Len())
	for _, k := range codes {
		size[k]++
	}
	for j := range s.X.Cols() {
		f.center(j, s.X, codes, size)
	}
	if c.shrink > 0 {
		if err := c.shrinkTowardsMean(f, s.X, codes); err != nil {
			return nil, err
		}
	}
	f.Scale = f.spread(s.X, codes)
	for _, v := range append(f.Centers, f.Scale) {
		if v-v != 0 {
			return nil, errors.New("nearest centroid: the values are too large")
		}
	}
	return f, nil
}

// centroids is a fitted NearestCentroid.
type centroids struct {
	Classes   posterior.Classes
	Manhattan bool
	Centers   wire.Floats // classes × columns
	Scale     float64     // variance (euclidean) or mean deviation (manhattan) of a coordinate around its centre
}

// Check reports what a decoded value cannot be.
func (f *centroids) Check() error {
	if err := f.Classes.Check(); err != nil {
		return err
	}
	if len(f.Centers) == 0 || len(f.Centers)%f.Classes.Len() != 0 || !(f.Scale >= 0 && f.Scale <= math.MaxFloat64) {
		return errors.New("neighbors: bad centres")
	}
	return nil
}

func (f *centroids) cols() int { return len(f.Centers) / f.Classes.Len() }

// center sets the centres' coordinate j, given the rows of each class.
func (f *centroids) center(j int, x *dataset.Frame, codes []int32, size []float64) {
	if !f.Manhattan {
		sums, classes := make([]float64, 4*len(size)), len(size) // four strands, which do not wait for each other
		for i, v := range x.Col(j).Float {
			sums[(i&3)*classes+int(codes[i])] += v
		}
		for k, n := range size {
			f.Centers[k*x.Cols()+j] = (sums[k] + sums[classes+k] + (sums[2*classes+k] + sums[3*classes+k])) / n
		}
		return
	}
	members := make([][]float64, f.Classes.Len())
	for i, v := range x.Col(j).Float {
		members[codes[i]] = append(members[codes[i]], v)
	}
	for k, m := range members {
		f.Centers[k*x.Cols()+j] = median(m)
	}
}

func mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

// median sorts v.
func median(v []float64) float64 {
	slices.Sort(v)
	n := len(v)
	return (v[(n-1)/2] + v[n/2]) / 2
}

// shrinkTowardsMean moves each coordinate of the centres towards the overall mean by the threshold times its standard
// error, and no further than the mean.
func (c nearestCentroid) shrinkTowardsMean(f *centroids, x *dataset.Frame, codes []int32) error {
	n, classes, p := x.Rows(), f.Classes.Len(), x.Cols()
	if classes < 2 || n <= classes {
		return errors.New("nearest centroid: shrinking needs two classes and more rows than classes")
	}
	size := make([]float64, classes)
	for _, k := range codes {
		size[k]++
	}
	s := make([]float64, p)
	for j := range p {
		for i, v := range x.Col(j).Float {
			d := v - f.Centers[int(codes[i])*p+j]
			s[j] += d * d
		}
		s[j] = math.Sqrt(s[j] / float64(n-classes))
	}
	offset := median(slices.Clone(s)) // keeps columns of little variance from dominating
	for j := range p {
		all := mean(x.Col(j).Float)
		for k := range classes {
			unit := math.Sqrt(1/size[k]-1/float64(n)) * (s[j] + offset)
			d := f.Centers[k*p+j] - all
			f.Centers[k*p+j] = all + math.Copysign(max(math.Abs(d)-c.shrink*unit, 0), d)
		}
	}
	return nil
}

// spread is the mean distance of a coordinate from its centre, squared if euclidean.
func (f *centroids) spread(x *dataset.Frame, codes []int32) float64 {
	sum, p, centers := [4]float64{}, x.Cols(), make([]float64, f.Classes.Len())
	for j := range p {
		for k := range centers {
			centers[k] = f.Centers[k*p+j]
		}
		for i, v := range x.Col(j).Float {
			d := math.Abs(v - centers[codes[i]])
			if !f.Manhattan {
				d *= d
			}
			sum[i&3] += d
		}
	}
	return (sum[0] + sum[1] + (sum[2] + sum[3])) / float64(x.Rows()*p)
}

// Apply returns the probability of each class; the class with the nearest centre has the largest.
func (f *centroids) Apply(ctx context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	if x.Cols() != f.cols() {
		return nil, fmt.Errorf("neighbors: %d columns, trained on %d", x.Cols(), f.cols())
	}
	if !f.Manhattan && f.Scale > 0 {
		return f.byProducts(ctx, x)
	}
	classes, p, m := f.Classes.Len(), x.Matrix(), metric{reduced: squared}
	unit := 2 * f.Scale
	if f.Manhattan {
		m.reduced, unit = manhattan, f.Scale
	}
	out := make([]float64, x.Rows()*classes)
	for i := range x.Rows() {
		row := out[i*classes:][:classes]
		m.reduced(p[i*x.Cols():][:x.Cols()], f.Centers, row)
		nearest := slices.Min(row)
		for k, d := range row {
			switch {
			case d == nearest:
				row[k] = 0
			default:
				row[k] = (nearest - d) / unit
			}
		}
		posterior.Softmax(row, nil)
	}
	return f.Classes.Frame(x.Rows(), out), ctx.Err()
}

// byProducts is Apply for Euclidean distances. What the squared distances of a row have in common does not count, so that
// their differences come from products with the centres, less the mean of these for the sake of accuracy.
func (f *centroids) byProducts(ctx context.Context, x *dataset.Frame) (*dataset.Frame, error) {
	classes := f.Classes.Len()
	at, middle := linalg.Of(classes, f.cols(), f.Centers).Clone(), make([]float64, f.cols())
	for k := range classes {
		linalg.AddScaled(middle, 1/float64(classes), at.Row(k))
	}
	for k := range classes {
		linalg.AddScaled(at.Row(k), -1, middle)
	}
	products, p := linalg.NewMatrix(classes, x.Rows()), make([][]float64, classes)
	if err := linalg.MulColumns(ctx, products, at, x.Floats(), middle); err != nil {
		return nil, err
	}
	for k := range p {
		p[k] = products.Row(k)
		half := linalg.SquaredNorm(at.Row(k)) / 2
		for i, v := range p[k] {
			p[k][i] = (v - half) / f.Scale
		}
	}
	posterior.SoftmaxColumns(p, nil)
	return f.Classes.Columns(x.Rows(), p), nil
}
