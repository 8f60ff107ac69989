// Clinic writes a made-up cohort of a memory clinic with columns of every type: run it as
//
//	go run ./testdata/clinic >testdata/clinic.csv
//
// The diagnosis depends on age, volumes, test score and site, so that there is something to learn; no row describes a
// real person.
package main

import (
	"bufio"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"time"
)

const (
	seed     = 20240517
	patients = 600
)

var (
	sites  = []string{"Lausanne", "Genève", "Zürich", "Milano"}
	header = "patient_id,sex,age,birth_date,visit,site,smoker,education_years,hippocampus_ml,ventricles_ml,mmse,apoe4,referral_code,study,diagnosis"
)

func main() {
	rng := rand.New(rand.NewPCG(seed, 0))
	out := bufio.NewWriter(os.Stdout)
	fmt.Fprintln(out, header)
	for i := range patients {
		fmt.Fprintln(out, patient(rng, i))
	}
	if err := out.Flush(); err != nil {
		fmt.Fprintln(os.Stderr, "clinic:", err)
		os.Exit(1)
	}
}

// patient returns one line of the table.
func patient(rng *rand.Rand, i int) string {
	visit := time.Date(2019, 1, 7, 8, 0, 0, 0, time.UTC).Add(time.Duration(rng.IntN(5*365*24*4)) * 15 * time.Minute)
	age := math.Round(math.Min(92, math.Max(45, 70+9*rng.NormFloat64())))
	birth := visit.AddDate(-int(age), 0, -rng.IntN(365))
	site := rng.IntN(len(sites))
	apoe4 := rng.IntN(10) / 5 * (1 + rng.IntN(5)/4)
	risk := 0.07*(age-70) + 0.9*float64(apoe4) + 0.8*rng.NormFloat64()
	hippocampus := 3.6 - 0.25*risk + 0.25*rng.NormFloat64()
	ventricles := 24 + 7*risk + 8*rng.ExpFloat64()
	mmse := math.Round(math.Min(30, math.Max(8, 28-1.6*risk-1.2*rng.ExpFloat64())))
	logit := 1.4*risk - 0.5 + 0.4*float64(site%2)
	diagnosis := "control"
	if rng.Float64() < 1/(1+math.Exp(-logit)) {
		diagnosis = "dementia"
	}
	line := fmt.Sprintf("P%04d,%s,%g,%s,%s,%s,%s,%s,%s,%.1f,%s,%d,%s,cohort-1,%s",
		1000+i, pick(rng, "f", "m"), age, birth.Format("02.01.2006"), visit.Format("2006-01-02 15:04:05"), sites[site],
		gap(rng, 0.10, pick(rng, "yes", "no")), gap(rng, 0.05, strconv.Itoa(6+rng.IntN(15))),
		gap(rng, 0.08, strconv.FormatFloat(hippocampus, 'f', 3, 64)), ventricles,
		gap(rng, 0.12, strconv.Itoa(int(mmse))), apoe4, code(rng), diagnosis)
	return line
}

func pick(rng *rand.Rand, values ...string) string { return values[rng.IntN(len(values))] }

// gap leaves a value out now and then.
func gap(rng *rand.Rand, share float64, value string) string {
	switch r := rng.Float64(); {
	case r < share/2:
		return ""
	case r < share:
		return "NA"
	}
	return value
}

// code is one of some 300 referral codes, a few of them frequent.
func code(rng *rand.Rand) string {
	n := int(300 * math.Pow(rng.Float64(), 2))
	return fmt.Sprintf("%c%02d.%d", 'A'+n/60, n%60, n%7)
}
