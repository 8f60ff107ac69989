package main

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// TestKilledSearch kills a search with a checkpoint by SIGKILL at random moments, from its start to the writing of the
// model, and has it go on, with another number of workers every time. Whenever one gets through, its model must be that of
// a run that nobody disturbed, byte for byte. AUTOML_KILLS is how often, on a larger search than without.
func TestKilledSearch(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED with -short: processes are killed and started again for some seconds")
	}
	table, limits := "iris.csv", []string{"--evaluations", "60", "--population", "15", "--config", "light"}
	kills, _ := strconv.Atoi(os.Getenv("AUTOML_KILLS"))
	if kills > 0 {
		table, limits = "breast_cancer.csv", []string{"--evaluations", "80", "--population", "20", "--config", "light"}
	} else {
		kills = 3
	}
	dir := t.TempDir()
	args := append([]string{"train", testdata(t, table), "--target", "target", "--seed", "7", "--quiet"}, limits...)
	begun := time.Now()
	mustRun(t, dir, append(args, "-o", "undisturbed")...)
	whole := time.Since(begun)
	rng := rand.New(rand.NewPCG(uint64(kills), 9))
	through, largest := 0, int64(0)
	for n := 0; n < kills; {
		workers := strconv.Itoa(1 + rng.IntN(3))
		c := process(t, dir, append(args, "-o", "killed", "--checkpoint", "log", "--resume", "--workers", workers)...)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- c.Wait() }()
		select {
		case <-time.After(time.Duration(rng.Float64() * 1.3 * float64(whole))):
			_ = c.Process.Kill()
			if <-done == nil { // it was faster
				break
			}
			n++
			if info, err := os.Stat(filepath.Join(dir, "log")); err == nil {
				if info.Size() < largest-4096 { // a record that was cut short may go, whole ones may not
					t.Errorf("the checkpoint has %d bytes, and had %d", info.Size(), largest)
				}
				largest = max(largest, info.Size())
			}
			continue
		case err := <-done:
			if err != nil {
				t.Fatalf("after %d kills: %v", n, err)
			}
		}
		through++
		sameFile(t, filepath.Join(dir, "undisturbed"), filepath.Join(dir, "killed"))
		for _, name := range []string{"killed", "log"} {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
		largest = 0
	}
	mustRun(t, dir, append(args, "-o", "killed", "--checkpoint", "log", "--resume")...)
	sameFile(t, filepath.Join(dir, "undisturbed"), filepath.Join(dir, "killed"))
	t.Logf("%d kills, %d searches of %v got through", kills, through+1, whole.Round(time.Millisecond))
}
