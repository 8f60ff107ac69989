package kernel

// largest8 is [Largest] for n > 0 numbers, of which none is NaN.
//
//go:noescape
func largest8(a, b *float64, n int)

// drop8 is [Drop] for n > 0 numbers.
//
//go:noescape
func drop8(a, b *float64, n int, floor float64)

// plus8 is [Sums] for n > 0 numbers.
//
//go:noescape
func plus8(a, b *float64, n int)

// inverse8 is [Inverse] for n > 0 numbers.
//
//go:noescape
func inverse8(a *float64, n int)

// times8 is [Times] for n > 0 numbers.
//
//go:noescape
func times8(a, b *float64, n int)
