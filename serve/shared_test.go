package serve

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/lren-chuv/automl/serve/data"
)

// What the platform's own k-nearest neighbours reach on its sample data is reached here: the folds differ, so that the scores are about
// the same.
func TestBaselinesOfThePlatform(t *testing.T) {
	shared := os.Getenv("AUTOML_SHARED")
	if shared == "" {
		fmt.Fprintf(os.Stderr, "SKIPPED for want of AUTOML_SHARED: %s\n", t.Name())
		t.Skip("AUTOML_SHARED names no folder")
	}
	d := database(t)
	execute(t, d, `CREATE TABLE sample_data (id int PRIMARY KEY, stress_before_test1 numeric, score_test1 numeric, iq numeric, cognitive_task2 numeric, practice_task2 numeric,
		response_time_task2 numeric, college_math numeric, score_math_course1 numeric, score_math_course2 numeric)`)
	file, err := os.Open(filepath.Join(shared, "mip", "data", "linreg_sample.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	conn, err := d.Connect(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.PgConn().CopyFrom(context.Background(), file, "COPY sample_data FROM STDIN WITH (FORMAT csv, HEADER)"); err != nil {
		t.Fatal(err)
	}
	web, _, _ := start(t, func(c *Config) {
		c.Source.Catalogue = &data.Catalogue{Database: d, MinCount: 10, MaxRows: 100_000, MaxBytes: 64 << 20}
	})
	status, out := ask(t, web, "POST", "/mining/experiment", `{"user":{"code":"a"},"variables":[{"code":"cognitive_task2"}],"covariables":[{"code":"score_test1"},{"code":"college_math"}],"covariablesMustExist":true,
		"grouping":[],"filters":"","targetTable":{"database":"features","dbSchema":"public","name":"sample_data"},"trainingDatasets":[],"testingDatasets":[],"validationDatasets":[],
		"algorithms":[{"code":"knn","parameters":[{"code":"k","value":"5"}]},{"code":"linearRegression","parameters":[]}],"validations":[{"code":"kfold","parameters":[{"code":"k","value":"2"}]}]}`)
	if status != 200 {
		t.Fatalf("%d %s", status, out)
	}
	var answer struct {
		Data []struct {
			Algorithm string
			Data      struct {
				Cells struct {
					Validations struct {
						Init []struct {
							Data struct{ Average map[string]json.RawMessage }
						}
					}
				}
			}
		}
	}
	if err := json.Unmarshal(out, &answer); err != nil {
		t.Fatal(err)
	}
	for _, a := range answer.Data {
		score := a.Data.Cells.Validations.Init[0].Data.Average
		var rmse float64
		if err := json.Unmarshal(score["RMSE"], &rmse); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: RMSE %.2f, R² %s", a.Algorithm, rmse, score["R-squared"])
		if a.Algorithm == "knn" && (rmse < 9.5 || rmse > 12) { // 10.95 there
			t.Errorf("knn: RMSE %g", rmse)
		}
	}
}
