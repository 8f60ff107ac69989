package main

import (
	"fmt"
	"io"
	"math"
	"regexp"
	"strings"
)

// Verdicts.
const (
	agrees   = "agrees"
	stacked  = "stacked"
	differs  = "differs"
	failed   = "failed"
	unparsed = "unparsed"
)

// loose are the deterministic estimators whose recorded solver stops at a tolerance of its own.
var loose = regexp.MustCompile(`^(LinearSVC|LinearSVR|LogisticRegression|ElasticNetCV|SGD|Perceptron|PassiveAggressive)`)

// judge compares the first seed's score with the recorded one.
func (d *done) judge() (verdict, reason string) {
	switch {
	case d.unparsed:
		return unparsed, d.err
	case d.err != "":
		return failed, d.err
	case strings.Contains(d.text, "stack("):
		return stacked, ""
	case d.off() <= 1:
		return agrees, ""
	}
	for _, c := range choices {
		if c.match.MatchString(d.text) {
			return differs, c.reason
		}
	}
	if d.random && math.Abs(d.mean-d.score) <= 3*max(d.std, d.spread) {
		return differs, "chance: within three standard deviations over our seeds"
	}
	return differs, ""
}

// off is the difference between our score and the recorded one as a multiple of what it may be.
func (d *done) off() float64 {
	delta := math.Abs(d.ours - d.score)
	bound := 1e-6 * math.Abs(d.score)
	switch {
	case d.random:
		bound = max(bound, 3*d.std)
	case d.score == 0:
		bound = 1e-6
	case loose.MatchString(d.text):
		bound = 1e-3 * math.Abs(d.score)
	}
	return delta / bound
}

// choices are differences that have a reason; the first that matches counts. testdata/golden/README.md has them too.
var choices = []struct {
	match  *regexp.Regexp
	reason string
}{
	{regexp.MustCompile(`^Linear(SVC|SVR)\(.*dual=true`), "scikit-learn's solver gives up after 1000 passes; ours finds the optimum"},
	{regexp.MustCompile(`^(LinearSVC|LinearSVR|ElasticNetCV)\(.*tol=0\.0?1\b`), "scikit-learn's solver stops early at this tolerance; ours finds the optimum"},
	{regexp.MustCompile(`^LogisticRegression`), "scikit-learn's solver gives up after 100 iterations, on unscaled columns far from the optimum"},
	{regexp.MustCompile(`^MLP`), "chaotic: few steps decide, over scikit-learn's seeds too"},
	{regexp.MustCompile(`^DecisionTree`), "columns that split equally well: chance decides, in both"},
	{regexp.MustCompile(`(Tree|Boost|Forest|XGB)\w*\(.*Nystroem`), "scikit-learn's trees take values for equal that differ by less than 1e-7; ours do not"},
	{regexp.MustCompile(`^ExtraTrees\w*\(.*min_samples_leaf=(1\d|20)\b`), "where min_samples_leaf forbids the thresholds of max_features columns scikit-learn makes a leaf; ours tries more columns"},
}

type tally struct {
	all, parsed, evaluated, agreed, stacked, differ int
	ours, theirs, skipped                           float64
}

func (t *tally) add(d *done) {
	t.all++
	verdict, _ := d.judge()
	if verdict != unparsed {
		t.parsed++
	}
	if verdict == unparsed || verdict == failed {
		t.skipped += d.cpu
		return
	}
	t.evaluated++
	t.ours += d.cpuOurs
	t.theirs += d.cpu
	switch verdict {
	case agrees:
		t.agreed++
	case stacked:
		t.stacked++
	default:
		t.differ++
	}
}

func summarise(w io.Writer, tables []string, all []done) {
	fmt.Fprintln(w, "| table | pipelines | parsed | evaluated | stacked | agree | differ | CPU s ours | CPU s recorded | ratio | CPU s of failed |")
	fmt.Fprintln(w, "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
	var total tally
	for _, name := range tables {
		var t tally
		for i := range all {
			if all[i].table == name {
				t.add(&all[i])
				total.add(&all[i])
			}
		}
		t.print(w, name)
	}
	total.print(w, "all")
	fmt.Fprintln(w)
	for i := range all {
		d := &all[i]
		switch verdict, reason := d.judge(); verdict {
		case unparsed, failed:
			fmt.Fprintf(w, "%s %s %s: %s\n    %s\n", d.table, d.id, verdict, reason, d.text)
		case differs:
			fmt.Fprintf(w, "%s %s: ours %.10g (mean %.10g), recorded %.10g%s; %.3g of the bound%s\n    %s\n", d.table, d.id, d.ours, d.mean, d.score, d.scatter(), d.off(), because(reason), d.text)
		}
	}
}

func (d *done) scatter() string {
	if !d.random {
		return ""
	}
	return fmt.Sprintf(" ± %.3g (ours %.3g)", d.std, d.spread)
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return ": " + reason
}

func (t *tally) print(w io.Writer, name string) {
	fmt.Fprintf(w, "| %s | %d | %d | %d | %d | %d | %d | %.2f | %.2f | %.3f | %.2f |\n", name, t.all, t.parsed, t.evaluated, t.stacked, t.agreed, t.differ, t.ours, t.theirs, t.ours/t.theirs, t.skipped)
}
