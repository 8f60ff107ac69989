//go:build unix

package linear

import (
	"context"
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/operatortest"
)

// BenchmarkFit fits every operator with its defaults on a small and a large table, as a search would: on a frame that
// others have been fitted on before. On a busy machine the CPU time is what can be compared.
func BenchmarkFit(b *testing.B) {
	for _, size := range [][2]int{{450, 30}, {10_000, 50}} {
		for _, spec := range all {
			for _, task := range []dataset.Task{dataset.Binary, dataset.Multiclass, dataset.Regression} {
				if !spec.Serves(task) {
					continue
				}
				s := operatortest.Table(spec, task, size[0], size[1], 1)
				s.W = nil
				op, err := spec.New(spec.Defaults())
				if err != nil {
					b.Fatal(err)
				}
				b.Run(fmt.Sprintf("%d×%d/%s/%s", size[0], size[1], spec.Name, task), func(b *testing.B) {
					start := cpu(b)
					for b.Loop() {
						if _, err := op.Fit(context.Background(), operators.NewEnv(1, 1), s); err != nil {
							b.Fatal(err)
						}
					}
					b.ReportMetric(float64(cpu(b)-start)/float64(b.N)/1e6, "cpu-ms/op")
				})
			}
		}
	}
}

// cpu is the processor time of this process so far.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
