package linalg

// packRows copies 8 numbers, from j on, of rows [lo, hi).
func packRows(out []float64, m Matrix, lo, hi, j int) {
	if !hasAVX2 || lo == hi {
		packRowsGo(out, m, lo, hi, j)
		return
	}
	_, _ = out[(hi-lo)*strip-1], m.Data[(hi-1)*m.Cols+j+strip-1]
	gatherRows(&out[0], &m.Data[lo*m.Cols+j], m.Cols, hi-lo)
}

// packSlices copies 8 numbers, from j on, of every slice, less its shift unless shift is nil.
func packSlices(out []float64, slices [][]float64, j int, shift []float64) {
	if !hasAVX2 || len(slices) == 0 {
		packSlicesGo(out, slices, j, shift)
		return
	}
	_ = out[len(slices)*strip-1]
	for _, s := range slices {
		_ = s[j+strip-1]
	}
	var less *float64
	if shift != nil {
		_ = shift[len(slices)-1]
		less = &shift[0]
	}
	gatherSlices(&out[0], &slices[0], j, len(slices), less)
}

// packAcross writes the first number of each of 8 rows of equal length less its shift, then the second, and so on.
func packAcross(out []float64, rows *[strip][]float64, shift *[strip]float64) {
	n := len(rows[0])
	if hasAVX2 && n >= 4 {
		body := n &^ 3
		var from [strip]*float64
		for k, r := range rows {
			_ = r[body-1]
			from[k] = &r[0]
		}
		_ = out[body*strip-1]
		interleaveRows(&out[0], &from, body/4, shift)
		for k := range rows {
			rows[k] = rows[k][body:]
		}
		out = out[body*strip:]
	}
	packAcrossGo(out, rows, shift)
}
