package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// number writes a value with four significant digits.
func number(v float64) string {
	switch a := math.Abs(v); {
	case math.IsNaN(v):
		return "–"
	case v == math.Trunc(v) && a < 1e7:
		return minus(strconv.FormatFloat(v, 'f', 0, 64))
	case a >= 1e6 || a < 1e-4:
		return minus(strconv.FormatFloat(v, 'g', 3, 64))
	}
	digits := 3 - int(math.Floor(math.Log10(math.Abs(v))))
	return minus(strconv.FormatFloat(v, 'f', max(0, min(digits, 4)), 64))
}

// plain writes a value with the digits it has.
func plain(v float64) string { return strconv.FormatFloat(v, 'g', 3, 64) }

func minus(s string) string { return strings.Replace(s, "-", "−", 1) }

// count groups thousands by narrow spaces.
func count(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "\u202f" + s[i:]
	}
	return s
}

func percent(v float64) string {
	switch {
	case math.IsNaN(v):
		return "–"
	case v == 0 || v == 1:
		return fmt.Sprintf("%.0f %%", 100*v)
	case v < 0.001:
		return "< 0.1 %"
	case v < 0.1 || v > 0.99:
		return fmt.Sprintf("%.1f %%", 100*v)
	}
	return fmt.Sprintf("%.0f %%", 100*v)
}

// seconds writes a duration for readers.
func seconds(v float64) string {
	switch {
	case v < 1:
		return fmt.Sprintf("%.0f ms", 1000*v)
	case v < 120:
		return fmt.Sprintf("%.1f s", v)
	case v < 7200:
		return fmt.Sprintf("%.0f min", v/60)
	}
	return fmt.Sprintf("%.1f h", v/3600)
}

// short cuts text to n letters.
func short(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

// plural is n and its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if strings.HasSuffix(noun, "s") {
		return count(n) + " " + noun + "es"
	}
	return count(n) + " " + noun + "s"
}
