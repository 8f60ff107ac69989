package gp

import (
	"cmp"
	"regexp"
	"runtime/metrics"
	"slices"
)

// numbers are what reasons of the same kind differ in.
var numbers = regexp.MustCompile(`[0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?`)

// counted returns the failures with one more for the given reason.
func counted(failures []Failure, reason string) []Failure {
	out := slices.Clone(failures)
	key := numbers.ReplaceAllString(reason, "#")
	at := slices.IndexFunc(out, func(f Failure) bool { return numbers.ReplaceAllString(f.Reason, "#") == key })
	if at < 0 {
		at, out = len(out), append(out, Failure{Reason: reason})
	}
	out[at].Count++
	slices.SortStableFunc(out, func(a, b Failure) int { return cmp.Compare(b.Count, a.Count) })
	return out
}

// heap is the memory that values take, those included that the collector has not yet found to be dead.
func heap() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(s)
	if s[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return s[0].Value.Uint64()
}
