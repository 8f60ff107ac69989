package dataset

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// sameNumber compares number with strconv.ParseFloat on a text that is all number or none.
func sameNumber(t *testing.T, text string) {
	t.Helper()
	want, err := strconv.ParseFloat(text, 64)
	isNumber := err == nil || err.(*strconv.NumError).Err == strconv.ErrRange
	if strings.ContainsAny(text, "xXpP_iInN") {
		isNumber = false // hexadecimal, underscores and names are no numbers to us here
	}
	got, n := number([]byte(text))
	if n != len(text) {
		n = 0
	}
	if isNumber != (n > 0) {
		t.Fatalf("%q: number says %v, strconv %v", text, n > 0, isNumber)
	}
	if isNumber && math.Float64bits(got) != math.Float64bits(want) {
		t.Fatalf("%q: %x, strconv %x", text, math.Float64bits(got), math.Float64bits(want))
	}
}

func TestNumberHasStrconvsBits(t *testing.T) {
	for _, text := range []string{"0", "-0", "+1", ".5", "5.", ".", "-", "+", "", "e5", "1e", "1e+", "1e5", "1E-5", "1e400", "-1e400", "1e-400",
		"9007199254740993", "18446744073709551616", "0.1", "1e22", "1e23", "123456789012345678e-22", "4.9e-324", "2.2250738585072011e-308",
		"1.7976931348623159e308", "00000000000000000000001", "0.00000000000000000000000000001", "1__0", "0x10", "1e99999999999999999999",
		"--1", "1-", "1.2.3", "1e5.0", "0e0", "8.5e-23"} {
		sameNumber(t, text)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200_000 {
		var text string
		switch v := math.Float64frombits(rng.Uint64()); rng.IntN(4) {
		case 0:
			text = strconv.FormatFloat(v, 'g', -1, 64)
		case 1:
			text = strconv.FormatFloat(rng.NormFloat64()*100, 'f', rng.IntN(20), 64)
		case 2:
			text = strconv.FormatInt(rng.Int64()>>rng.IntN(63), 10)
		default:
			text = strconv.FormatUint(rng.Uint64()>>rng.IntN(63), 10) + "e" + strconv.Itoa(rng.IntN(60)-30)
		}
		sameNumber(t, text)
	}
}

func FuzzNumber(f *testing.F) {
	for _, text := range []string{"1", "-1.5e-3", "1e400", "", "nan", "0x1p3", "1_000"} {
		f.Add(text)
	}
	f.Fuzz(sameNumber)
}

func TestFormatNumber(t *testing.T) {
	for v, want := range map[float64]string{0: "0", math.Copysign(0, -1): "0", 1: "1", -2.5: "-2.5", 1e6: "1000000", 1e20: "1e+20", 1e-7: "1e-07"} {
		if got := formatNumber(v); got != want {
			t.Errorf("%g: %q, want %q", v, got, want)
		}
	}
}
