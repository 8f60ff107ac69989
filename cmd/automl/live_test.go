package main

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/lren-chuv/automl/gp"
	"github.com/lren-chuv/automl/metrics"
	"github.com/lren-chuv/automl/operators/catalog"
	"github.com/lren-chuv/automl/pipeline"
)

// shown is the state of a search that has seen everything there is to see.
func shown(t *testing.T) state {
	t.Helper()
	metric, err := metrics.ByName("log_loss")
	if err != nil {
		t.Fatal(err)
	}
	s := state{metric: metric, budget: time.Minute, evaluations: 1000, memory: 16 << 30}
	for i, text := range []string{"GaussianNB(input)", "LogisticRegression(StandardScaler(input), C=1)", "LogisticRegression(StandardScaler(SelectFwe(input, alpha=0.05)), C=0.5)"} {
		tree, err := pipeline.Parse(text, catalog.All())
		if err != nil {
			t.Fatal(err)
		}
		loss := 0.9 / float64(i+1)
		s.Best = &gp.Individual{Tree: tree, Result: pipeline.Result{Score: loss}, Cost: []float64{loss, float64(i + 1)}}
		s.Front = append(s.Front, s.Best)
		s.rises = append(s.rises, rise{time.Duration(i+1) * 5 * time.Second, loss})
		s.recent = append(s.recent, time.Duration(i+1)*5*time.Second)
	}
	s.Evaluated, s.Failed, s.Pruned, s.Duplicates, s.Generation = 250, 21, 100, 50, 3
	s.Failures = []gp.Failure{{Reason: "took longer than 6s", Count: 20}, {Reason: "fit X: \x1b[31mcolumn\nnaïve\r", Count: 1}}
	s.Prefixes = pipeline.CacheStats{Hits: 300, Misses: 100, Bytes: 123_456_789}
	s.Memory = 512_000_000
	return s
}

func TestPictureTellsAll(t *testing.T) {
	s := shown(t)
	got := ansi.Strip(s.draw(15*time.Second, 120, 40))
	for _, want := range []string{
		"25%", "15.0s of 1m0s", "250 of 1000 evaluations", "250 (16.7/s, now 0.3/s)", "100 given up early", "21 failed", "generation 3",
		"log_loss  0.3", "▁", "█", "front       3 operators  0.3", "1 operator   0.9 ", "failed        20  took longer than 6s", "1  fit X: column naïve",
		"512 MB of 17.2 GB", "prefixes known 75% of 400 (123 MB)", "pipelines known 17% of 300",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

// TestPictureFits draws on terminals of all sizes, at all stages of a search.
func TestPictureFits(t *testing.T) {
	full := shown(t)
	early := state{metric: full.metric, budget: time.Minute}
	for width := 1; width < 200; width += 17 {
		for height := 1; height < 45; height += 3 {
			for _, s := range []state{full, early} {
				lines := strings.Split(s.draw(12*time.Second, width, height), "\n")
				if len(lines) > max(1, height-2) {
					t.Fatalf("%d lines on %d rows", len(lines), height)
				}
				for _, l := range lines {
					if ansi.StringWidth(l) > max(1, width-1) {
						t.Fatalf("%d columns on %d: %q", ansi.StringWidth(l), width, l)
					}
				}
			}
		}
	}
}

func TestSparkline(t *testing.T) {
	inf := math.Inf(1)
	for want, losses := range map[string][]float64{
		"":       nil,
		"  ":     {inf, inf},
		"▄▄":     {2, 2},
		" ▁█":    {inf, 1, 0},
		"▁▁▂▇██": {1, 1, 0.5, 0.005, 0, 0}, // the last hundredth of the way is seen
		"▁█":     {-1, -2},
	} {
		if got := sparkline(losses); got != want {
			t.Errorf("%v: %q, want %q", losses, got, want)
		}
	}
}

func TestShareIsOfTheLimitReachedFirst(t *testing.T) {
	s := state{budget: time.Minute, evaluations: 100}
	s.Evaluated = 40
	if got := s.share(15 * time.Second); got != 0.4 {
		t.Errorf("%v", got)
	}
	if got := s.share(2 * time.Minute); got != 1 {
		t.Errorf("%v", got)
	}
}

func TestPrivateEventsTellNoValues(t *testing.T) {
	reason := "fit MultinomialNB: column \"age\" row 17: -2.5e+3 is negative"
	e := gp.Event{Individual: &gp.Individual{Result: pipeline.Result{Err: reason}}, Failures: []gp.Failure{{Reason: reason, Count: 1}}}
	got := withoutNumbers(e)
	for _, text := range []string{got.Individual.Result.Err, got.Failures[0].Reason} {
		if strings.ContainsAny(text, "0123456789") || !strings.Contains(text, "age") {
			t.Errorf("%q", text)
		}
	}
	if e.Individual.Result.Err != reason || e.Failures[0].Reason != reason {
		t.Error("the event itself was changed")
	}
}
