package neural

import "github.com/lren-chuv/automl/internal/linalg"

// slim computes with the last layer where it has few outputs, for which the tiles of a matrix product are mostly padding. Its
// inputs from live on are all zero, or have no weight.
type slim struct {
	across linalg.Matrix // slimmest × inputs: the weights transposed, and zeros for the outputs that there are not
	column []float64     // an output of each row
	line   []float64     // outputs × inputs: derivatives by the weights
}

// slimmest is the largest number of outputs for which that pays.
const slimmest = 4

func (n *network) slim(l int) bool { return l > 0 && l+1 == n.layers() && n.outputs() <= slimmest }

// take has the following calls compute with the weights w.
func (s *slim) take(w linalg.Matrix) {
	if s.across.Cols != w.Rows {
		s.across, s.line = linalg.NewMatrix(slimmest, w.Rows), make([]float64, len(w.Data))
	}
	for o := range w.Cols {
		row := s.across.Row(o)
		for i := range row {
			row[i] = w.Data[i*w.Cols+o]
		}
	}
}

// forward writes the products of the rows of a, and b more, to z. There has to be room in a for a multiple of four rows.
func (s *slim) forward(z, a, b []float64, live int) {
	k, in, rows := len(b), s.across.Cols, len(z)/len(b)
	if k > 2 { // then rather all outputs of a row than an output of four rows
		for i := range rows {
			var sums [slimmest]float64
			s.across.MulVecUpTo(sums[:], a[i*in:][:live])
			for o, v := range b {
				z[i*k+o] = sums[o] + v
			}
		}
		return
	}
	whole := (rows + 3) &^ 3
	if len(s.column) < whole {
		s.column = make([]float64, whole)
	}
	for o := range k {
		out := s.column[:whole]
		matrix(a, whole, in).MulVecUpTo(out, s.across.Row(o)[:live])
		for i, v := range out[:rows] {
			z[i*k+o] = v + b[o]
		}
	}
}

// backward writes a'·delta to dw and the column sums of delta to db.
func (s *slim) backward(work *linalg.Workspace, dw linalg.Matrix, db []float64, a, delta linalg.Matrix, live int) {
	k := dw.Cols
	clear(db)
	for i, d := range delta.Data {
		db[i%k] += d
	}
	line := matrix(s.line, k, dw.Rows)
	work.TMulUpTo(line, live, delta, a)
	for i := range live {
		for o := range k {
			dw.Data[i*k+o] = line.Data[o*dw.Rows+i]
		}
	}
	clear(dw.Data[live*k:])
}

// outer writes delta·w' to the first columns of out.
func (s *slim) outer(work *linalg.Workspace, out, delta linalg.Matrix, live int) {
	work.MulUpTo(out, live, delta, matrix(s.across.Data, delta.Cols, out.Cols))
}
