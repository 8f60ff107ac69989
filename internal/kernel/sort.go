package kernel

import (
	"cmp"
	"math"
	"slices"
)

// keyed is a row with its value in an order-preserving integer.
type keyed struct {
	key uint64
	row int32
}

// fewRows is the number of rows up to which comparing beats counting digits.
const fewRows = 256

// Ascending returns the row numbers by ascending value, NaN last; equal values, among them 0 and -0, keep their order.
func Ascending(values []float64) []int32 { return new(Ordering).Ascending(values) }

// An Ordering is memory for [Ascending], to be used again. The zero value works.
type Ordering struct {
	a, b  []keyed
	order []int32
}

// Ascending is the function of the same name; the result is valid until the next call.
func (o *Ordering) Ascending(values []float64) []int32 {
	if n := len(values); cap(o.a) < n {
		o.a, o.order = make([]keyed, n), make([]int32, n)
	}
	a := o.a[:len(values)]
	for i, v := range values {
		a[i] = keyed{sortKey(v), int32(i)}
	}
	if len(a) <= fewRows {
		slices.SortFunc(a, func(x, y keyed) int {
			if c := cmp.Compare(x.key, y.key); c != 0 {
				return c
			}
			return int(x.row - y.row)
		})
	} else {
		if cap(o.b) < len(a) {
			o.b = make([]keyed, len(a))
		}
		a = radix(a, o.b[:len(a)])
	}
	order := o.order[:len(a)]
	for i, x := range a {
		order[i] = x.row
	}
	return order
}

// sortKey maps floats to integers of the same order, NaN above all.
func sortKey(v float64) uint64 {
	if v != v {
		return math.MaxUint64
	}
	b := math.Float64bits(v + 0) // -0 + 0 is 0
	if b>>63 != 0 {
		return ^b
	}
	return b | 1<<63
}

// radix sorts by the upper halves of the keys, which seldom leaves rows whose keys differ side by side out of order, and
// these by the lower halves.
func radix(a, b []keyed) []keyed {
	a, b = digits(a, b, 4)
	for lo := 0; lo < len(a); {
		hi := lo + 1
		for hi < len(a) && a[hi].key>>32 == a[lo].key>>32 {
			hi++
		}
		if hi-lo > fewTies {
			if sorted, other := digits(a[lo:hi], b[lo:hi], 0); &other[0] == &a[lo] {
				copy(other, sorted)
			}
		} else {
			insert(a[lo:hi])
		}
		lo = hi
	}
	return a
}

// fewTies is the number of rows up to which inserting one after the other beats counting digits.
const fewTies = 32

func insert(a []keyed) {
	for i := 1; i < len(a); i++ {
		for j := i; j > 0 && a[j].key < a[j-1].key; j-- {
			a[j], a[j-1] = a[j-1], a[j]
		}
	}
}

// digits sorts a by four bytes of the key from the given one on, the lowest first, with b as scratch, and returns the
// sorted rows and the other slice; bytes that are the same everywhere are skipped.
func digits(a, b []keyed, from int) (sorted, other []keyed) {
	var count [4][256]int32
	shift := uint(8 * from)
	for _, x := range a {
		k := uint32(x.key >> shift)
		count[0][k&255]++
		count[1][k>>8&255]++
		count[2][k>>16&255]++
		count[3][k>>24]++
	}
	for d := range count {
		s := shift + uint(8*d)
		if count[d][a[0].key>>(s&63)&255] == int32(len(a)) {
			continue
		}
		at := int32(0)
		for k, n := range count[d] {
			count[d][k] = at
			at += n
		}
		for _, x := range a {
			k := x.key >> (s & 63) & 255
			b[count[d][k]] = x
			count[d][k]++
		}
		a, b = b, a
	}
	return a, b
}
