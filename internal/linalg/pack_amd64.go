package linalg

// packRow copies the numbers of a row, a multiple of 8, less a shift to strips that are stride apart.
func packRow(out, row []float64, stride int, shift float64) {
	n := len(row) / strip
	if !hasAVX2 || n == 0 {
		packRowGo(out, row, stride, shift)
		return
	}
	_ = out[(n-1)*stride+strip-1]
	spreadRow(&out[0], &row[0], stride, n, shift)
}

// packAcross writes the first number of each of 8 rows of equal length less its shift, stride further the second, and so on.
func packAcross(out []float64, stride int, rows *[strip][]float64, shift *[strip]float64) {
	n := len(rows[0])
	if hasAVX2 && n >= 4 {
		body := n &^ 3
		var from [strip]*float64
		for k, r := range rows {
			_ = r[body-1]
			from[k] = &r[0]
		}
		_ = out[(body-1)*stride+strip-1]
		interleaveRows(&out[0], stride, &from, body/4, shift)
		for k := range rows {
			rows[k] = rows[k][body:]
		}
		if body == n {
			return
		}
		out = out[body*stride:]
	}
	packAcrossGo(out, stride, rows, shift)
}

func solveRows(x, l []float64, stride int) {
	n := len(x) / strip
	if !hasAVX2 || n == 0 {
		solveRowsGo(x, l, stride)
		return
	}
	_, _ = x[n*strip-1], l[(n-1)*stride+n-1]
	solveStrip(&x[0], &l[0], stride, n)
}
