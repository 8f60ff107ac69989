package kernel

import (
	"math"
	"math/bits"
)

// Packing says how the gradient, the hessian and the count of rows share one 64-bit word: gradient in the high bits,
// then hessian, then count. A sum of words is the word of the sums, as no field overflows into the next.
type Packing struct {
	GradientShift      uint
	HessianShift       uint
	HessianMask        int64
	CountMask          int64   // of the field that stands for the count: the count itself or the hessian
	GradientUnit       float64 // value of one step
	HessianUnit        float64
	counted, hessians  bool
	gradientMax, hBits float64
}

// enoughBits is the precision per row, of gradient and hessian together, below which the count gives way: rows are then
// counted by their share of the hessian, as LightGBM does.
const enoughBits = 24

// exactBits bounds the bits of sums, so that they are floats without rounding (and can be made floats by setting an
// exponent): the gradient field, with its sign, starts at bit 12 or above.
const exactBits = 51

// NewPacking lays out words for sums over up to rows rows whose gradients and hessians are at most gmax and hmax in
// size. With constant hessians (all equal hmax) the count stands for them.
func NewPacking(rows int, gmax, hmax float64, constant bool) Packing {
	n := bits.Len(uint(rows))
	p := Packing{counted: true, hessians: !constant}
	free := 63 - 2*n // bits of one row's gradient and hessian: sums grow by n bits
	h := 0
	if !constant {
		if free-n < enoughBits {
			p.counted = false
		}
		if p.counted {
			free -= n
		}
		h = min(free/2, 30)
	}
	g := min(free-h, exactBits-n)
	count := 0
	if p.counted {
		count = n
		p.CountMask = 1<<n - 1
	}
	p.HessianShift = uint(count)
	p.HessianMask = 1<<(h+n) - 1
	p.GradientShift = uint(max(count, 64-1-exactBits))
	if !constant {
		p.GradientShift = uint(max(count+h+n, 64-1-exactBits))
	}
	p.gradientMax = math.Exp2(float64(g)) - 1
	p.GradientUnit = unit(gmax, p.gradientMax)
	p.hBits = math.Exp2(float64(h)) - 1
	switch {
	case constant:
		p.HessianShift, p.HessianMask, p.HessianUnit = 0, p.CountMask, hmax
	default:
		p.HessianUnit = unit(hmax, p.hBits)
		if !p.counted {
			p.CountMask = p.HessianMask
		}
	}
	return p
}

func unit(largest, steps float64) float64 {
	if largest <= 0 {
		return 1
	}
	_, e := math.Frexp(largest / steps) // a power of two: whole weights stay exact
	return math.Ldexp(1, max(e, -1000))
}

// A Slope is the gradient and the hessian of a row. They stand together because they are read together, by row numbers.
type Slope struct{ G, H float64 }

// An Extent says how large gradients are in size, and between which bounds hessians lie, which are not negative.
type Extent struct{ G, Low, High float64 }

// And is the extent of both.
func (e Extent) And(o Extent) Extent {
	return Extent{max(e.G, o.G), min(e.Low, o.Low), max(e.High, o.High)}
}

// ExtentOf is the extent of the slopes of the rows, with NaN where one is NaN. Floats that are not negative are compared
// as whole numbers, in which order NaN is the largest.
func ExtentOf(rows []int32, slopes []Slope) Extent {
	x := bitExtent{low: sizeBits}
	for _, r := range rows {
		x.add(&slopes[r])
	}
	return x.extent()
}

// sizeBits are the bits of a float that say its size.
const sizeBits = 1<<63 - 1

// bitExtent is an extent as bits of floats.
type bitExtent struct{ g, low, high uint64 }

func (e *bitExtent) add(x *Slope) {
	h := math.Float64bits(x.H) & sizeBits
	e.g, e.low, e.high = max(e.g, math.Float64bits(x.G)&sizeBits), min(e.low, h), max(e.high, h)
}

func (e *bitExtent) extent() Extent {
	return Extent{math.Float64frombits(e.g), math.Float64frombits(e.low), math.Float64frombits(e.high)}
}

// Pack writes the words of the rows and returns their sum.
func (p *Packing) Pack(rows []int32, slopes []Slope, words []int64) int64 {
	gs, hs := 1/p.GradientUnit, 1/p.HessianUnit
	one, total := int64(0), int64(0)
	if p.counted {
		one = 1
	}
	if !p.hessians {
		for _, r := range rows {
			w := round(slopes[r].G*gs)<<(p.GradientShift&63) + one
			words[r] = w
			total += w
		}
		return total
	}
	for _, r := range rows {
		x := &slopes[r]
		w := round(x.G*gs)<<(p.GradientShift&63) + round(x.H*hs)<<(p.HessianShift&63) + one
		words[r] = w
		total += w
	}
	return total
}

// A Ruler measures gradients and hessians in steps so small that their sums are as good as sums of floats, and whole
// numbers: in any order the same.
type Ruler struct{ unit, steps Slope }

// NewRuler is for sums over up to rows rows of slopes of the given extent.
func NewRuler(rows int, e Extent) Ruler {
	most := math.Exp2(float64(min(exactBits-1, 62-bits.Len(uint(rows))))) - 1
	u := Slope{unit(e.G, most), unit(e.High, most)}
	return Ruler{u, Slope{1 / u.G, 1 / u.H}}
}

// Sum adds up the slopes of the rows, in steps.
func (r *Ruler) Sum(rows []int32, slopes []Slope) (g, h int64) {
	gs, hs := r.steps.G, r.steps.H
	for _, i := range rows {
		x := &slopes[i]
		g += round(x.G * gs)
		h += round(x.H * hs)
	}
	return g, h
}

// Slope turns steps into numbers.
func (r *Ruler) Slope(g, h int64) Slope { return Slope{float64(g) * r.unit.G, float64(h) * r.unit.H} }

// PackAll writes the words of all rows.
func (p *Packing) PackAll(g, h []float64, words []int64) {
	gs, hs := 1/p.GradientUnit, 1/p.HessianUnit
	one := int64(0)
	if p.counted {
		one = 1
	}
	g, h = g[:len(words)], h[:len(words)]
	for r := range words {
		w := round(g[r]*gs)<<(p.GradientShift&63) + one
		if p.hessians {
			w += round(h[r]*hs) << (p.HessianShift & 63)
		}
		words[r] = w
	}
}

// PackRows is PackAll for some of the rows.
func (p *Packing) PackRows(g, h []float64, rows []int32, words []int64) {
	gs, hs := 1/p.GradientUnit, 1/p.HessianUnit
	one := int64(0)
	if p.counted {
		one = 1
	}
	if !p.hessians {
		for _, r := range rows {
			words[r] = round(g[r]*gs)<<(p.GradientShift&63) + one
		}
		return
	}
	for _, r := range rows {
		words[r] = round(g[r]*gs)<<(p.GradientShift&63) + round(h[r]*hs)<<(p.HessianShift&63) + one
	}
}

// round is the nearest whole number, the even one of two, for numbers below 2⁵¹ in size: added to 1.5·2⁵², a float has no
// bits for anything else. Units are powers of two, so that it does not matter whether a product is fused with the sum.
func round(x float64) int64 {
	const big = 3 << 51
	return int64(math.Float64bits(x+big)) - 0x4338000000000000
}

// Gradient is the sum of gradients in a word.
func (p *Packing) Gradient(w int64) float64 { return float64(w>>(p.GradientShift&63)) * p.GradientUnit }

// Hessian is the sum of hessians in a word.
func (p *Packing) Hessian(w int64) float64 {
	return float64(w>>(p.HessianShift&63)&p.HessianMask) * p.HessianUnit
}

// Counts returns the value of the count field that stands for so many of the rows that add up to total.
func (p *Packing) Counts(rows, of int, total int64) int64 {
	if p.counted {
		return int64(rows)
	}
	return int64(math.Ceil(float64(total&p.CountMask) * (float64(rows) - 0.5) / float64(max(1, of)) * (1 - 1e-9))) // rounded to whole rows
}
