package gp

import (
	"math"
	"math/rand/v2"
	"testing"
)

func at(id int, cost ...float64) *Individual { return &Individual{ID: id, Cost: cost} }

func TestSurvivorsRanksFrontsFirst(t *testing.T) {
	all := []*Individual{at(0, 3, 3), at(1, 1, 2), at(2, 2, 1), at(3, 2, 2), at(4, math.Inf(1), 1)}
	got := survivors(all, 3)
	if len(got) != 3 || got[0].front != 0 || got[1].front != 0 || got[2].ID != 3 {
		t.Errorf("survivors %+v", got)
	}
	for _, r := range survivors(all, 10) {
		if r.ID == 4 {
			t.Error("a failure survived")
		}
	}
}

// TestCrowding: of five points on a front the ends are infinitely lonely and the most isolated inner one the next.
func TestCrowding(t *testing.T) {
	all := []*Individual{at(0, 0, 10), at(1, 1, 9), at(2, 1.5, 8.5), at(3, 6, 4), at(4, 10, 0)}
	got := survivors(all, 5)
	order := []int{got[0].ID, got[1].ID, got[2].ID, got[3].ID, got[4].ID}
	if want := []int{0, 4, 3, 2, 1}; order[2] != want[2] || !math.IsInf(got[0].crowding, 1) || !math.IsInf(got[1].crowding, 1) {
		t.Errorf("order %v, want %v", order, want)
	}
	for _, r := range got {
		if r.crowding < 0 {
			t.Errorf("crowding of %d is %v", r.ID, r.crowding)
		}
	}
}

// slowFront counts dominating individuals one by one.
func slowFront(pool []ranked, i int) bool {
	for j := range pool {
		if dominates(pool[j].Cost, pool[i].Cost) {
			return false
		}
	}
	return true
}

func TestFrontsAgreeWithDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		pool := make([]ranked, 40)
		for i := range pool {
			pool[i] = ranked{Individual: at(i, float64(rng.IntN(8)), float64(rng.IntN(8)))}
		}
		fs := fronts(pool)
		n := 0
		for k, f := range fs {
			n += len(f)
			for _, i := range f {
				if (k == 0) != slowFront(pool, i) {
					t.Fatalf("%v is in front %d", pool[i].Cost, k)
				}
			}
		}
		if n != len(pool) {
			t.Fatalf("%d of %d individuals are in a front", n, len(pool))
		}
	}
}
