package kernel

// These are the steps of a softmax, or of any other sharing out, over as many rows at once as the processor holds: what is
// before and after exp. All slices are as long as the first.

// Largest raises a to b where that is larger.
func Largest(a, b []float64) {
	b = b[:len(a)]
	if wide && len(a) > 0 {
		largest8(&a[0], &b[0], len(a))
		return
	}
	for i, v := range b {
		a[i] = max(a[i], v)
	}
}

// Drop takes b away from a; nothing falls below floor.
func Drop(a, b []float64, floor float64) {
	b = b[:len(a)]
	if wide && len(a) > 0 {
		drop8(&a[0], &b[0], len(a), floor)
		return
	}
	for i, v := range b {
		a[i] = max(a[i]-v, floor)
	}
}

// Sums adds b to a.
func Sums(a, b []float64) {
	b = b[:len(a)]
	if wide && len(a) > 0 {
		plus8(&a[0], &b[0], len(a))
		return
	}
	for i, v := range b {
		a[i] += v
	}
}

// Inverse replaces a by 1/a.
func Inverse(a []float64) {
	if wide && len(a) > 0 {
		inverse8(&a[0], len(a))
		return
	}
	for i, v := range a {
		a[i] = 1 / v
	}
}

// Times multiplies a by b.
func Times(a, b []float64) {
	b = b[:len(a)]
	if wide && len(a) > 0 {
		times8(&a[0], &b[0], len(a))
		return
	}
	for i, v := range b {
		a[i] *= v
	}
}
