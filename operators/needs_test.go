package operators

import "testing"

func TestNeeds(t *testing.T) {
	plain := &Spec{Name: "Plain"}
	if got := plain.Needs(Shape{1000, 10, 0}, nil); got != 4*8*1000*10 {
		t.Errorf("a small multiple of the input: %d", got)
	}
	own := &Spec{Name: "Own", Memory: func(s Shape, v []float64) int64 { return int64(s.Rows) * int64(v[0]) }}
	if got := own.Needs(Shape{1000, 10, 0}, []float64{3}); got != 3000 {
		t.Errorf("an estimate of its own: %d", got)
	}
	forest := &Spec{Name: "Forest", Params: []Param{
		{Name: "n_estimators", Scale: Int}, {Name: "max_depth", Scale: Int, Choices: []string{"None"}}, {Name: "min_samples_leaf", Scale: Int},
	}}
	shape := Shape{100_000, 10, 2}
	deep := forest.Needs(shape, []float64{100, Word(0), 1})
	for name, v := range map[string][]float64{"shallow": {100, 3, 1}, "few": {5, Word(0), 1}, "large leaves": {100, Word(0), 50}} {
		if got := forest.Needs(shape, v); got >= deep/5 {
			t.Errorf("%s trees need %d bytes, deep ones %d", name, got, deep)
		}
	}
	if deep < 100*100_000*16 {
		t.Errorf("a hundred trees of 100,000 nodes in %d bytes", deep)
	}
}
