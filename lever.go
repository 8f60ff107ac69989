package automl

import (
	"fmt"
	"strings"
)

// Lever is a part of the search that can be switched off, to measure what it is worth. Levers combine by bitwise or.
type Lever uint16

const (
	Evolution   Lever = 1 << iota // children of good pipelines; without, random drawing from the same space
	Racing                        // giving up pipelines that are worse than the leaders on the same folds
	Pace                          // proposing slow pipelines more seldom
	Trials                        // trying pipelines on few rows first, on large tables
	Recipes                       // starting from pipelines that do well on many tables
	Rescoring                     // scoring finalists again on fresh folds
	Plain                         // the plain average of recipes as part of an ensemble, or what knows nothing where that does no worse
	Temperature                   // scaling the ensemble's probabilities
	Odds                          // favouring classes where labels are scored
	Niches                        // drawing some parents from the individuals with one predictor, whichever it is
	Credit                        // choosing variations by what they have achieved
	Restarts                      // starting from random trees again when nothing gets better any more
	Stacking                      // a second-level model of the finalists where it does better than the greedy ensemble
)

var leverNames = []string{"evolution", "racing", "pace", "trials", "recipes", "rescoring", "plain", "temperature", "odds", "niches", "credit", "restarts", "stacking"}

// Levers lists the names of all levers.
func Levers() []string { return append([]string(nil), leverNames...) }

// ParseLevers reads names of levers joined by commas; nothing is none.
func ParseLevers(text string) (Lever, error) {
	var out Lever
	for name := range strings.SplitSeq(text, ",") {
		if name == "" {
			continue
		}
		found := false
		for i, known := range leverNames {
			if known == name {
				out, found = out|1<<i, true
			}
		}
		if !found {
			return 0, fmt.Errorf("no lever is called %q: want some of %s", name, strings.Join(leverNames, ", "))
		}
	}
	return out, nil
}

// String names the levers, joined by commas.
func (l Lever) String() string {
	var names []string
	for i, name := range leverNames {
		if l>>i&1 == 1 {
			names = append(names, name)
		}
	}
	return strings.Join(names, ",")
}

func (o *Options) has(l Lever) bool { return o.Without&l == 0 }
