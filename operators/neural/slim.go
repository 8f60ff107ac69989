package neural

import "github.com/lren-chuv/automl/internal/linalg"

// slim computes with the last layer where it has few outputs, for which the tiles of a matrix product are mostly padding: one vector of
// weights at a time.
type slim struct {
	across []float64 // outputs × inputs: the weights transposed
	rows   [slimmest][]float64
	column []float64 // an output, or its derivative, of each row
	line   []float64 // derivative by an output's weights
}

// slimmest is the largest number of outputs for which that pays.
const slimmest = 4

func (n *network) slim(l int) bool { return l > 0 && l+1 == n.layers() && n.outputs() <= slimmest }

// forward writes a·w + b to z. There has to be room in a for a multiple of four rows.
func (s *slim) forward(z, a []float64, w linalg.Matrix, b []float64) {
	k, rows := len(b), len(z)/len(b)
	if len(s.across) < len(w.Data) {
		s.across, s.column, s.line = make([]float64, len(w.Data)), make([]float64, len(a)/w.Rows), make([]float64, w.Rows)
		for o := range s.rows {
			s.rows[o] = s.across[min(o, k-1)*w.Rows:][:w.Rows]
		}
	}
	whole := (rows + 3) &^ 3
	for o := range k {
		for i := range s.rows[o] {
			s.rows[o][i] = w.Data[i*k+o]
		}
		out := s.column[:whole]
		matrix(a, whole, w.Rows).MulVec(out, s.rows[o])
		for i, v := range out[:rows] {
			z[i*k+o] = v + b[o]
		}
	}
}

// backward writes a'·delta to dw and the column sums of delta to db, after forward.
func (s *slim) backward(dw linalg.Matrix, db []float64, a, delta linalg.Matrix) {
	k := dw.Cols
	for o := range k {
		column, sum := s.column[:delta.Rows], 0.0
		for i := range column {
			column[i] = delta.Data[i*k+o]
			sum += column[i]
		}
		db[o] = sum
		a.TMulVec(s.line, column)
		for i, v := range s.line {
			dw.Data[i*k+o] = v
		}
	}
}

// outer writes delta·w', of k outputs, to out, after forward.
func (s *slim) outer(out, delta []float64, k int) {
	clear(out)
	var factors [slimmest]float64 // zeros for the outputs that there are not
	for i := 0; i*k < len(delta); i++ {
		copy(factors[:], delta[i*k:][:k])
		linalg.Combine(out[i*len(s.line):][:len(s.line)], factors[:], s.rows[:])
	}
}
