package linalg

import "testing"

// One workspace gives the products that Mul, TMul and MulT give, whatever it was used for before.
func TestWorkspace(t *testing.T) {
	var w Workspace
	for _, n := range [][3]int{{200, 7, 9}, {3, 150, 8}, {16, 8, 24}, {1, 1, 1}, {5, 300, 2}} {
		a, b := NewMatrix(n[0], n[1]), NewMatrix(n[1], n[2])
		for i := range a.Data {
			a.Data[i] = float64(i%11) - 5
		}
		for i := range b.Data {
			b.Data[i] = float64(i%7) - 3
		}
		got := NewMatrix(n[0], n[2])
		for i := range got.Data {
			got.Data[i] = 99
		}
		w.Mul(got, a, b)
		near(t, "Mul", got, Mul(a, b))
		w.TMul(got, a.T(), b)
		near(t, "TMul", got, Mul(a, b))
		w.MulT(got, a, b.T())
		near(t, "MulT", got, Mul(a, b))
	}
}
