package pfa

import "github.com/lren-chuv/automl/internal/wire"

// nearest keeps the training rows in a codebook and averages what the nearest of them have: the target, or one for their class. It is
// the platform's own form of the algorithm; only neighbours that count alike, by Euclidean distance, can be said.
func nearest(name string) convert {
	return func(b *builder, data []byte, in []column) ([]column, error) {
		f, err := stored[struct {
			Store struct {
				Rows                    wire.Floats
				Cols, Neighbors, Metric int
				P                       float64
			}
			ByDistance bool
			Classes    storedClasses
			Codes      wire.Ints
			Target     wire.Floats
		}](data)
		if err != nil {
			return nil, err
		}
		s := &f.Store
		if euclidean := s.Metric == 1 || s.Metric == 0 && s.P == 2; !euclidean || f.ByDistance {
			return nil, InexpressibleError{name}
		}
		if err := wantColumns(len(in), s.Cols); err != nil {
			return nil, err
		}
		outputs := max(1, len(f.Classes.Present))
		points := make([]any, len(f.Codes)+len(f.Target))
		for i := range points {
			y := make([]float64, outputs)
			if f.Target != nil {
				y[0] = f.Target[i]
			} else {
				y[f.Codes[i]] = 1
			}
			points[i] = map[string]any{"x": []float64(s.Rows[i*s.Cols : (i+1)*s.Cols]), "y": y}
		}
		point := b.fresh("Point")
		book := b.cell("codebook", arrayOf(map[string]any{"type": "record", "name": point, "fields": []any{
			map[string]any{"name": "x", "type": arrayOf("double")}, map[string]any{"name": "y", "type": arrayOf("double")}}}), points)
		x := b.vector(b.settle(in))
		distance := lambda([]any{param("a", arrayOf("double")), param("p", point)}, "double", call("metric.simpleEuclidean", "a", attr("p", key("x"))))
		near := b.let("near", call("model.neighbor.nearestK", s.Neighbors, x, wholeCell(book), distance))
		out := make([]column, outputs)
		for k := range out {
			out[k] = numeric(call("a.mean", call("a.map", near, lambda([]any{param("p", point)}, "double", attr("p", key("y"), k)))))
		}
		if f.Target != nil {
			return out, nil
		}
		return among(len(f.Classes.Levels), f.Classes.Present, out), nil
	}
}
