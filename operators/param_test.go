package operators

import (
	"math/rand/v2"
	"testing"
)

func TestParamText(t *testing.T) {
	words := []string{"sqrt", "None"}
	tests := []struct {
		p    Param
		text string
		want float64
		ok   bool
	}{
		{Param{Scale: Linear}, "0.5", 0.5, true},
		{Param{Scale: Linear}, "-1e-3", -0.001, true},
		{Param{Scale: Linear}, "nan", 0, false},
		{Param{Scale: Linear}, "inf", 0, false},
		{Param{Scale: Linear}, "-1e300", 0, false},
		{Param{Scale: Int}, "7", 7, true},
		{Param{Scale: Int}, "7.5", 0, false},
		{Param{Scale: Int, Choices: words}, "None", Word(1), true},
		{Param{Scale: Fraction}, "1.0", 1, true},
		{Param{Scale: Fraction}, "1", Count(1), true},
		{Param{Scale: Fraction}, "0", 0, false},
		{Param{Scale: Fraction}, "1.5", 0, false},
		{Param{Scale: Fraction, Choices: words}, "sqrt", Word(0), true},
		{Param{Scale: Choice, Choices: words}, "None", 1, true},
		{Param{Scale: Choice, Choices: words}, "x", 0, false},
		{Param{Scale: Bool}, "True", 1, true},
		{Param{Scale: Bool}, "false", 0, true},
		{Param{Scale: Bool}, "1", 0, false},
	}
	for _, tt := range tests {
		got, err := tt.p.Parse(tt.text)
		if (err == nil) != tt.ok || tt.ok && got != tt.want {
			t.Errorf("%v Parse(%q) = %v, %v", tt.p, tt.text, got, err)
			continue
		}
		if !tt.ok {
			continue
		}
		if back, err := tt.p.Parse(tt.p.Format(got)); err != nil || back != got {
			t.Errorf("%q: Format gives %q, which reads %v, %v", tt.text, tt.p.Format(got), back, err)
		}
	}
}

func TestRealsSurviveText(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 1000 {
		p := Param{Scale: Scale(rng.IntN(2))}
		v := rng.NormFloat64() * 1e3
		if got, err := p.Parse(p.Format(v)); err != nil || got != v {
			t.Fatalf("%v became %v, %v", v, got, err)
		}
		f, share := Param{Scale: Fraction}, 1-rng.Float64()
		if got, err := f.Parse(f.Format(share)); err != nil || got != share {
			t.Fatalf("share %v became %q = %v, %v", share, f.Format(share), got, err)
		}
	}
}

func TestResolve(t *testing.T) {
	for _, tt := range []struct {
		v    float64
		n    int
		want int
	}{{0.5, 10, 5}, {0.01, 10, 1}, {1, 10, 10}, {Count(3), 10, 3}, {Count(30), 10, 10}} {
		if got := Resolve(tt.v, tt.n); got != tt.want {
			t.Errorf("Resolve(%v, %d) = %d, want %d", tt.v, tt.n, got, tt.want)
		}
	}
}

func TestCanonicalRestsInactiveParameters(t *testing.T) {
	s := &Spec{Name: "L", Params: []Param{
		{Name: "penalty", Scale: Choice, Choices: []string{"l2", "elasticnet"}},
		{Name: "l1_ratio", Scale: Linear, Default: 0.5, When: &Condition{"penalty", []string{"elasticnet"}}},
	}}
	if got := s.Canonical([]float64{0, 0.9})[1]; got != 0.5 {
		t.Errorf("inactive l1_ratio is %v", got)
	}
	if got := s.Canonical([]float64{1, 0.9})[1]; got != 0.9 {
		t.Errorf("active l1_ratio is %v", got)
	}
}
