//go:build !amd64

package kernel

func largest8(a, b *float64, n int) { panic("kernel: no assembly for this processor") }

func drop8(a, b *float64, n int, floor float64) { panic("kernel: no assembly for this processor") }

func plus8(a, b *float64, n int) { panic("kernel: no assembly for this processor") }

func inverse8(a *float64, n int) { panic("kernel: no assembly for this processor") }

func times8(a, b *float64, n int) { panic("kernel: no assembly for this processor") }
