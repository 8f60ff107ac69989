package linear

import "github.com/lren-chuv/automl/operators"

const floatBytes = 8

// columnMemory estimates the memory of models that hold matrices of columns × columns beside a copy of the input.
func columnMemory(s operators.Shape, _ []float64) int64 {
	n, p := int64(s.Rows), int64(s.Cols)+1
	return floatBytes * (2*n*p + 4*p*p)
}

// spanMemory is columnMemory for models that work in the span of the rows where these are fewer than the columns.
func spanMemory(s operators.Shape, _ []float64) int64 {
	n, p := int64(s.Rows), int64(s.Cols)+1
	q := min(n+1, p)
	return floatBytes * (4*n*p + 4*q*q)
}

// logisticMemory adds the second derivatives of all classes together, which are needed for l1 penalties and few
// parameters.
func logisticMemory(s operators.Shape, values []float64) int64 {
	k := int64(max(1, s.Classes))
	if s.Classes == 2 {
		k = 1
	}
	if l1 := values[0] == 0 || values[0] == 2; l1 {
		p := int64(s.Cols) + 1
		return columnMemory(s, values) + floatBytes*4*k*k*p*p
	}
	q := min(min(int64(s.Rows), int64(s.Cols))+1, many)
	return spanMemory(s, values) + floatBytes*(2*k*k*q*q+int64(s.Rows)*k)
}
