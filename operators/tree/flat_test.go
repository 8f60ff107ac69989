package tree

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"

	"github.com/lren-chuv/automl/operators"
)

// TestFlat: histograms without gaps give the trees that those with gaps and one column after the other give, to the bit.
func TestFlat(t *testing.T) {
	for _, spec := range []*operators.Spec{XGBClassifier, LGBMClassifier} {
		for _, with := range []map[string]float64{
			{"n_estimators": 6},
			{"n_estimators": 6, "subsample": 0.6, "subsample_freq": 1, "min_child_weight": 3},
			{"n_estimators": 6, "colsample_bytree": 0.7, "colsample_bynode": 0.6},
			{"n_estimators": 6, "reg_alpha": 0.5},
		} {
			for _, p := range []int{3, 19, 70} {
				var want []byte
				for _, threads := range []int{1, 2} {
					for _, form := range []string{"gaps", "spans", "flat"} {
						s := benchTable(300, p, 3, 0)
						v := spec.Defaults()
						for j, param := range spec.Params {
							if x, ok := with[param.Name]; ok {
								v[j] = x
							}
						}
						op, err := spec.New(v)
						if err != nil {
							t.Fatal(err)
						}
						table := tabulate(s.X, op.(booster).binning)
						if table.flat == nil {
							t.Fatal("the table is not flat")
						}
						switch form {
						case "gaps":
							table.flat, table.spans = nil, nil
						case "spans":
							table.flat, table.spans = nil, table.span()
						}
						env := operators.NewEnv(1, 1)
						env.Threads = threads
						f, err := op.Fit(context.Background(), env, s)
						if err != nil {
							t.Fatal(err)
						}
						got, err := json.Marshal(f)
						if err != nil {
							t.Fatal(err)
						}
						if want == nil {
							want = got
						} else if !bytes.Equal(got, want) {
							t.Fatalf("%s %v, %d columns, %d threads, %s: other trees", spec.Name, with, p, threads, form)
						}
					}
				}
			}
		}
	}
}
