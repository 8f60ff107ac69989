package dataset

import "unicode/utf8"

// texts is a column of text while it is read: codes into the distinct values in the order they first appeared.
type texts struct {
	codes  []int32
	levels []string
	index  map[string]int32
}

// add returns the code of level, a new one if it was not seen before.
func (t *texts) add(level string) int32 {
	k, known := t.index[level]
	if !known {
		if t.index == nil {
			t.index = map[string]int32{}
		}
		k = int32(len(t.levels))
		t.index[level] = k
		t.levels = append(t.levels, level)
	}
	return k
}

// latin1 decodes ISO 8859-1, in which every byte is the code point of the same number.
func latin1(b []byte) []byte {
	out := make([]byte, 0, len(b)+8)
	for _, c := range b {
		out = utf8.AppendRune(out, rune(c))
	}
	return out
}

// blank trims spaces and tabs.
func blank(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	return b
}
