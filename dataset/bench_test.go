package dataset

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// numbersCSV is a file of rows × columns numbers with so many digits behind the point.
func numbersCSV(rows, columns, digits int) string {
	rng := rand.New(rand.NewPCG(7, 8))
	var b []byte
	for j := range columns {
		b = append(b, ",x"[min(1, 1-min(j, 1)):]...)
		b = strconv.AppendInt(b, int64(j), 10)
	}
	for range rows {
		b = append(b, '\n')
		for j := range columns {
			if j > 0 {
				b = append(b, ',')
			}
			b = strconv.AppendFloat(b, 100*rng.NormFloat64(), 'f', digits, 64)
		}
	}
	return string(append(b, '\n'))
}

// BenchmarkCSV reads numbers and mixed text; B/number is what is allocated for each number, 8 of it the number itself.
func BenchmarkCSV(b *testing.B) {
	const rows, columns = 100_000, 20
	var mixed strings.Builder
	rng := rand.New(rand.NewPCG(9, 10))
	mixed.WriteString("id,site,x,y,smoker")
	for i := range 400_000 {
		fmt.Fprintf(&mixed, "\nP%d,site %d,%.3f,%d,yes", i, rng.IntN(20), rng.NormFloat64(), rng.IntN(100))
	}
	for _, c := range []struct{ name, text string }{
		{"3 decimals", numbersCSV(rows, columns, 3)},
		{"15 decimals", numbersCSV(rows, columns, 15)},
		{"mixed", mixed.String()},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.text)))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			numbers := 0
			for b.Loop() {
				r := &csvReader{limit: 1 << 30, chunk: chunkBytes, open: func() (io.ReadCloser, error) {
					return io.NopCloser(strings.NewReader(c.text)), nil
				}}
				r.missing = newMissing(defaultMissing)
				t, err := r.read(context.Background())
				if err != nil {
					b.Fatal(err)
				}
				numbers += t.Rows() * t.Cols()
			}
			runtime.ReadMemStats(&after)
			b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/float64(numbers), "B/number")
		})
	}
}

func BenchmarkFingerprint(b *testing.B) {
	values := make([]float64, 1_000_000)
	for i := range values {
		values[i] = float64(i)
	}
	b.SetBytes(8_000_000)
	for b.Loop() {
		MustFrame(len(values), NewNumeric("x", values)).Fingerprint()
	}
}

// TestMemoryOfNumbers: all that is allocated to read numbers is at most 2.5 times what they take, 8 bytes each.
func TestMemoryOfNumbers(t *testing.T) {
	const rows, columns = 50_000, 20
	for _, digits := range []int{1, 3, 15} {
		text := numbersCSV(rows, columns, digits)
		path := file(t, "n.csv", text)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		table, err := Read(context.Background(), path, ReadOptions{})
		runtime.ReadMemStats(&after)
		if err != nil {
			t.Fatal(err)
		}
		const buffers = 4 << 20 // whatever the size of the file
		if got := float64(after.TotalAlloc-before.TotalAlloc-buffers) / float64(table.Rows()*table.Cols()); got > 2.5*8 {
			t.Errorf("%d digits: %.1f bytes for each number", digits, got)
		}
	}
}
