package dataset

import (
	"math"
	"strconv"
	"strings"
	"unsafe"
)

// Powers of ten that are exact in float64.
var pow10 = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// number reads the decimal number at the start of b and returns it with its length in bytes, 0 if there is none.
// The result has the same bits as strconv.ParseFloat's; a number beyond the range of float64 is ±Inf.
//
// When mantissa and power of ten are both exact in float64, one multiplication or division rounds correctly
// (W. D. Clinger, "How to read floating point numbers accurately", PLDI 1990); strconv does the rest.
func number(b []byte) (value float64, length int) {
	i := 0
	negative := false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		negative = b[0] == '-'
		i = 1
	}
	first := i
	var mantissa uint64
	for ; i < len(b) && b[i]-'0' <= 9; i++ {
		mantissa = mantissa*10 + uint64(b[i]-'0')
	}
	digits, exponent := i-first, 0
	if i < len(b) && b[i] == '.' {
		i++
		point := i
		for ; i < len(b) && b[i]-'0' <= 9; i++ {
			mantissa = mantissa*10 + uint64(b[i]-'0')
		}
		exponent = point - i
		digits -= exponent
	}
	if digits == 0 {
		return 0, 0
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		e, n := decimalExponent(b[i+1:])
		if n == 0 {
			return 0, 0
		}
		i += 1 + n
		exponent += e
	}
	if digits > 19 || mantissa >= 1<<53 || exponent < -22 || exponent > 22 {
		value, _ = strconv.ParseFloat(unsafe.String(&b[0], i), 64) // of its errors only "out of range" is possible
		return value, i
	}
	value = float64(mantissa)
	if exponent < 0 {
		value /= pow10[-exponent]
	} else {
		value *= pow10[exponent]
	}
	if negative {
		value = -value
	}
	return value, i
}

// decimalExponent reads a signed integer; one that no float64 has is cut to ±100000.
func decimalExponent(b []byte) (value, length int) {
	i, sign := 0, 1
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		if b[0] == '-' {
			sign = -1
		}
		i = 1
	}
	first := i
	for ; i < len(b) && b[i]-'0' <= 9; i++ {
		value = min(value*10+int(b[i]-'0'), 100000)
	}
	if i == first {
		return 0, 0
	}
	return sign * value, i
}

// parseNumber reads a whole text as a number, also NaN and ±Inf by name.
func parseNumber(text []byte) (float64, bool) {
	if v, n := number(text); n > 0 {
		return v, n == len(text)
	}
	if len(text) < 3 || len(text) > len("-infinity") {
		return 0, false
	}
	switch strings.ToLower(string(text)) {
	case "nan":
		return math.NaN(), true
	case "inf", "+inf", "infinity", "+infinity":
		return math.Inf(1), true
	case "-inf", "-infinity":
		return math.Inf(-1), true
	}
	return 0, false
}

// formatNumber is the shortest text that reads back as v; integers are written without exponent.
func formatNumber(v float64) string {
	if math.Abs(v) < 1e15 && math.Abs(v) >= 1e-5 || v == 0 {
		return strconv.FormatFloat(v+0, 'f', -1, 64) // +0 turns -0 into 0
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}
