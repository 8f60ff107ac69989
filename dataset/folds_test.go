package dataset

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// numbered is a sample whose feature is the row's number, so that rows can be followed.
func numbered(n, classes int) Sample {
	x, y, w, g := make([]float64, n), make([]int32, n), make([]float64, n), make([]int32, n)
	for i := range n {
		x[i], y[i], w[i], g[i] = float64(i), int32(i%classes), float64(i), int32(i/3)
	}
	return Sample{X: MustFrame(n, NewNumeric("x", x)), Y: NewCategorical("y", y, []string{"a", "b", "c"}[:classes]), W: w, Group: g}
}

func TestFoldsPartitionTheRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 100 {
		n := 4 + rng.IntN(60)
		k := 2 + rng.IntN(min(5, n-2))
		s := numbered(n, 2)
		folds, err := NewFolds(s, rng, KFold(n, k, rng), KFold(n, k, rng))
		if err != nil {
			t.Fatal(err)
		}
		if folds.Len() != 2*k {
			t.Fatalf("%d folds, want %d", folds.Len(), 2*k)
		}
		tested := make([]int, n)
		for f := range folds.Len() {
			train, test := folds.Fold(f)
			checkFold(t, train, test, folds.TestRows(f), n)
			for _, i := range folds.TestRows(f) {
				tested[i]++
			}
		}
		for i, times := range tested {
			if times != 2 {
				t.Fatalf("row %d is tested %d times in 2 repetitions", i, times)
			}
		}
	}
}

// checkFold checks that train and test are all n rows, each once, and whole.
func checkFold(t *testing.T, train, test Sample, rows []int32, n int) {
	t.Helper()
	seen := make([]bool, n)
	for _, part := range []Sample{train, test} {
		for i, x := range part.X.Col(0).Float {
			if seen[int(x)] {
				t.Fatalf("row %g is there twice", x)
			}
			seen[int(x)] = true
			if part.W[i] != x || part.Group[i] != int32(x)/3 || part.Y.Code[i] != int32(x)%int32(len(part.Y.Levels)) {
				t.Fatalf("row %g is torn apart", x)
			}
		}
	}
	if train.Rows()+test.Rows() != n || test.Rows() != len(rows) {
		t.Fatalf("%d + %d of %d rows", train.Rows(), test.Rows(), n)
	}
	for i, r := range rows {
		if test.X.Col(0).Float[i] != float64(r) {
			t.Fatalf("test row %d is said to be %d, is %g", i, r, test.X.Col(0).Float[i])
		}
	}
}

func TestFoldsAreSlicesOfOneLayout(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	folds, err := NewFolds(numbered(30, 2), rng, KFold(30, 3, rng))
	if err != nil {
		t.Fatal(err)
	}
	for k := range 3 {
		train, test := folds.Fold(k)
		if train.Y.memo != test.Y.memo || train.X.Col(0).lo != test.X.Col(0).lo+test.Rows() {
			t.Errorf("fold %d: training rows do not follow the test rows in one base column", k)
		}
		again, _ := folds.Fold(k)
		if again.X != train.X {
			t.Error("a fold is not the same frame every time")
		}
	}
}

// TestWindows: the two windows of a fold are the beginning and the end of its training part and share no row; a window
// and its rest are all rows; a window has the same number and the same frame for every fold that it belongs to.
func TestWindows(t *testing.T) {
	for k := 2; k <= 12; k++ {
		rng := rand.New(rand.NewPCG(uint64(k), 2))
		s := numbered(53, 2)
		folds, err := NewFolds(s, rng, KFold(53, k, rng), KFold(53, k, rng))
		if err != nil {
			t.Fatal(err)
		}
		known := map[int]*Frame{}
		for f := range folds.Len() {
			w := folds.Windows(f)
			if k == 2 || k == 4 {
				if w != nil {
					t.Errorf("%d folds have windows", k)
				}
				continue
			}
			train, test := folds.Fold(f)
			a, b := w[0].Train.Row, w[1].Train.Row
			if !slices.Equal(a, train.Row[:len(a)]) || !slices.Equal(b, train.Row[train.Rows()-len(b):]) || len(a)+len(b) > train.Rows() {
				t.Fatalf("%d folds: the windows of fold %d are not the ends of its training part", k, f)
			}
			after := append(slices.Clone(train.Row[len(a):]), test.Row...)
			before := append(slices.Clone(test.Row), train.Row[:train.Rows()-len(b)]...)
			if !slices.Equal(w[0].Rest.Row, after) || !slices.Equal(w[1].Rest.Row, before) {
				t.Fatalf("%d folds: what follows a window of fold %d is not the rest", k, f)
			}
			for _, v := range w {
				if known[v.ID] == nil {
					known[v.ID] = v.Train.X
				}
				if known[v.ID] != v.Train.X {
					t.Errorf("%d folds: window %d is two frames", k, v.ID)
				}
			}
		}
		if k != 2 && k != 4 && len(known) != 2*k {
			t.Errorf("%d folds: %d windows", k, len(known))
		}
	}
}

func TestHoldoutKeepsTestRowsApart(t *testing.T) {
	test := make([]bool, 20)
	for i := range 6 {
		test[3*i] = true
	}
	folds, err := Holdout(numbered(20, 2), rand.New(rand.NewPCG(1, 3)), test)
	if err != nil {
		t.Fatal(err)
	}
	a, b := folds.Fold(0)
	checkFold(t, a, b, folds.TestRows(0), 20)
	for _, r := range folds.TestRows(0) {
		if !test[r] {
			t.Errorf("row %d is tested", r)
		}
	}
	for _, one := range []bool{false, true} {
		if _, err := Holdout(numbered(4, 2), rand.New(rand.NewPCG(1, 3)), []bool{one, one, one, one}); err == nil {
			t.Error("a holdout of all or none is accepted")
		}
	}
}

func TestStratificationSpreadsEvenRareClasses(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 4))
	for range 100 {
		n, k := 20+rng.IntN(100), 2+rng.IntN(6)
		codes := make([]int32, n)
		for i := range codes {
			codes[i] = int32(min(2, rng.IntN(n)/(n/3+1)))
		}
		codes[0], codes[1] = 3, 3 // a class with fewer rows than folds
		y := NewCategorical("y", codes, []string{"a", "b", "c", "rare", "absent"})
		a := StratifiedKFold(y, k, rng)
		perFold, perClass := make([]int, k), map[int32][]int{}
		for i, f := range a {
			perFold[f]++
			if perClass[codes[i]] == nil {
				perClass[codes[i]] = make([]int, k)
			}
			perClass[codes[i]][f]++
		}
		for c, counts := range perClass {
			if slices.Max(counts)-slices.Min(counts) > 1 {
				t.Fatalf("class %d: %d rows per fold", c, counts)
			}
		}
		if slices.Max(perFold)-slices.Min(perFold) > 1 {
			t.Fatalf("folds of %d rows", perFold)
		}
	}
}

func TestGroupsStayTogether(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 5))
	for range 100 {
		groups := make([]int32, 30+rng.IntN(50))
		for i := range groups {
			groups[i] = int32(rng.IntN(12)) * 7
		}
		a, err := GroupKFold(groups, 3, rng)
		if err != nil {
			t.Fatal(err)
		}
		fold, used := map[int32]int32{}, map[int32]bool{}
		for i, g := range groups {
			if f, known := fold[g]; known && f != a[i] {
				t.Fatalf("group %d is split", g)
			}
			fold[g] = a[i]
			used[a[i]] = true
		}
		if len(used) != 3 {
			t.Fatal("a fold is empty")
		}
	}
	if _, err := GroupKFold([]int32{1, 1, 2}, 3, rng); err == nil {
		t.Error("2 groups fill 3 folds")
	}
}

func TestSplitFollowsTheSample(t *testing.T) {
	seed := func() *rand.Rand { return rand.New(rand.NewPCG(9, 9)) }
	s := numbered(30, 3)
	byGroup, err := Split(s, 5, seed())
	if err != nil {
		t.Fatal(err)
	}
	for i := range 30 {
		if byGroup[i] != byGroup[i/3*3] {
			t.Error("a group is split")
		}
	}
	s.Group = nil
	byClass, err := Split(s, 5, seed())
	if err != nil || !slices.Equal(byClass, StratifiedKFold(s.Y, 5, seed())) {
		t.Error("classification is not stratified", err)
	}
	s.Y = s.X.Col(0)
	plain, err := Split(s, 100, seed())
	if err != nil || slices.Max(plain) != 29 {
		t.Error("more folds than rows should become one row per fold", err)
	}
	if _, err := Split(s, 1, seed()); err == nil {
		t.Error("one fold is accepted")
	}
	if _, err := NewFolds(s, seed(), make([]int32, 29)); err == nil {
		t.Error("fold numbers for fewer rows are accepted")
	}
}

func TestSampleCheck(t *testing.T) {
	good := numbered(9, 3)
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	if good.Task() != Multiclass || numbered(4, 2).Task() != Binary || TaskOf(good.X.Col(0)) != Regression {
		t.Error("task is wrong")
	}
	for name, change := range map[string]func(*Sample){
		"short weights":   func(s *Sample) { s.W = s.W[:8] },
		"short groups":    func(s *Sample) { s.Group = s.Group[:8] },
		"short features":  func(s *Sample) { s.X = s.X.Slice(0, 8) },
		"negative weight": func(s *Sample) { s.W = slices.Repeat([]float64{-1}, 9) },
		"missing target":  func(s *Sample) { s.Y = NewCategorical("y", slices.Repeat([]int32{-1}, 9), nil) },
	} {
		bad := good
		change(&bad)
		if bad.Check() == nil {
			t.Errorf("%s passes", name)
		}
	}
}

// TestRowsRemember: every part of the folds knows where its rows stood, and InOrder puts them back.
func TestRowsRemember(t *testing.T) {
	const n = 50
	v := make([]float64, n)
	for i := range v {
		v[i] = float64(i)
	}
	s := Sample{X: MustFrame(n, NewNumeric("x", v)), Y: NewNumeric("y", v), W: v}
	rng := rand.New(rand.NewPCG(1, 2))
	f, err := NewFolds(s, rng, KFold(n, 3, rng))
	if err != nil {
		t.Fatal(err)
	}
	for k := range f.Len() {
		train, test := f.Fold(k)
		inner, err := NewFolds(train, rng, KFold(train.Rows(), 2, rng))
		if err != nil {
			t.Fatal(err)
		}
		half, _ := inner.Fold(0)
		for _, part := range []Sample{train, test, half} {
			if err := part.Check(); err != nil {
				t.Fatal(err)
			}
			for i, row := range part.Row {
				if part.X.Col(0).Float[i] != float64(row) {
					t.Fatalf("row %d of the table is remembered as %d", int(part.X.Col(0).Float[i]), row)
				}
			}
			o := part.InOrder()
			if !slices.IsSorted(o.Row) || !slices.IsSorted(o.X.Col(0).Float) || !slices.IsSorted(o.Y.Float) || !slices.IsSorted(o.W) {
				t.Fatal("the rows are not in order")
			}
			if part.InOrder().X != o.X {
				t.Error("the reordered features are made anew")
			}
		}
	}
}
